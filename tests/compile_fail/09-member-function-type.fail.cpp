// SPDX-License-Identifier: MIT

// A function type with a qualifier belongs to a member function.
// expect: dymod: DYMOD takes functions

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int) const))
