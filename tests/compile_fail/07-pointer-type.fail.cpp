// SPDX-License-Identifier: MIT

// A pointer to a function is a variable.
// expect: dymod: DYMOD takes functions

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int (*)(int)))
