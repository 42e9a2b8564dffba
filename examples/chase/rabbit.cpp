// SPDX-License-Identifier: MIT

// One module, which calls the other.

#include "rabbit.hpp"

#include "wolf.hpp"

void rabbit::move(field& here) {
  if (wolf::is_near(here)) here.rabbit += 3;  // how far it hops
}

bool rabbit::is_hidden(const field&) {
  return false;  // has it found its burrow?
}
