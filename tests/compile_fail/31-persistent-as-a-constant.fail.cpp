// SPDX-License-Identifier: MIT

// Difference between the modes: in debug the variable is a reference to an object that is found at
// run time, also if it is constant.
// expect: (not usable in a constant expression|not an integral constant)

#include <dymod/persistent.hpp>

DYMOD_PERSISTENT(const int, legs, 4);
static_assert(legs == 4, "");
