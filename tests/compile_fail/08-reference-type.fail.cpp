// SPDX-License-Identifier: MIT

// A reference to a function is not a function, and a reference to an int still less.
// expect: dymod: DYMOD takes functions

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int&))
