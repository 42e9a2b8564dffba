// SPDX-License-Identifier: MIT

// A module that needs other sources, an ordinary library, a definition and C++20.

#include "wolf.hpp"

#include "answers.hpp"

#ifndef WOLF_SECRET
#error "the module's own definition is not there"
#endif

static_assert(__cplusplus > 201703L, "the module's language standard is not there");

int teeth();
int tail();

int wolf::update(int number) { return answer() + teeth() + tail() + number; }

int wolf::legs() { return WOLF_LEGS; }
