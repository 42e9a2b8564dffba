// SPDX-License-Identifier: MIT

// A switch has two positions; a third one would be a misunderstanding.
// flags: -DDYMOD_CRASH_GUARD=2
// expect: dymod: DYMOD_CRASH_GUARD is 0 .* or 1

#include <dymod/dymod.hpp>
