// SPDX-License-Identifier: MIT

// The state, in C. It belongs to the program; the modules get it by pointer. crabs.rs says it once
// more, in Rust: that both say the same nobody can check.

#ifndef SHORE_H
#define SHORE_H

#include <stdint.h>

struct shore {
  int32_t waves;
  int32_t crab;  // metres from the rock
};

#endif
