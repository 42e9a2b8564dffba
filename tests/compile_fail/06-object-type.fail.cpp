// SPDX-License-Identifier: MIT

// A module has functions, no variables.
// expect: dymod: DYMOD takes functions

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int))
