// SPDX-License-Identifier: MIT

// What to write instead in both modes: the size.

#include <dymod/persistent.hpp>

DYMOD_PERSISTENT(int[2], legs, 4, 2);
DYMOD_PERSISTENT(char[6], letters, "sheep");
DYMOD_PERSISTENT(const char* const[2], some_words, "sheep", "wolf");
int use() { return legs[0] + letters[0] + some_words[0][0]; }
