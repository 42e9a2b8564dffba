// SPDX-License-Identifier: MIT

// A switch has two positions; a third one would be a misunderstanding.
// flags: -DDYMOD_AUTO_RELOAD=2
// expect: dymod: DYMOD_AUTO_RELOAD is 0 .* or 1

#include <dymod/dymod.hpp>
