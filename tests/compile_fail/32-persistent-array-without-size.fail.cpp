// SPDX-License-Identifier: MIT

// Difference between the modes: in debug the type of the variable is wanted before there is an
// object of it.
// expect: dymod: a persistent array says its size

#include <dymod/persistent.hpp>

DYMOD_PERSISTENT(int[], legs, 4, 2);
int use() { return legs[0]; }
