// SPDX-License-Identifier: MIT

// The other module, which calls the first.

#include "wolf.hpp"

#include "rabbit.hpp"

void wolf::move(field& here) {
  if (!rabbit::is_hidden(here)) here.wolf += 2;  // how far it runs
}

bool wolf::is_near(const field& here) {
  return here.rabbit - here.wolf < 4;  // how well the rabbit sees
}
