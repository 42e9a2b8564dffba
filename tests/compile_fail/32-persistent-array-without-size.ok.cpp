// SPDX-License-Identifier: MIT

// What to write instead in both modes: the size.

#include <dymod/persistent.hpp>

DYMOD_PERSISTENT(int[2], legs, 4, 2);
DYMOD_PERSISTENT(char[6], name, "sheep");
DYMOD_PERSISTENT(const char* const[2], names, "sheep", "wolf");
int use() { return legs[0] + name[0] + names[0][0]; }
