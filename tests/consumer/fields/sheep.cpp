// SPDX-License-Identifier: MIT

// The module that run.sh edits: it changes the 100 and the line marked `undefined`.

#include "sheep.hpp"

// g++ would give this variable to all generations together, were it not told otherwise; visible like the
// templates of the standard library, which are the ones that surprise.
__attribute__((visibility("default"))) inline int& start() {
  static int number = 100;
  return number;
}

int missing();

int sheep::update(int number) {
  // undefined: return missing();
  return start() + number;
}
