// SPDX-License-Identifier: MIT

// What to write instead in both modes: a constant need not survive.

#include <dymod/persistent.hpp>

constexpr int legs = 4;
static_assert(legs == 4, "");
DYMOD_PERSISTENT(int, counted, legs);
int use() { return counted; }
