// SPDX-License-Identifier: MIT

// The passing twin: switched off.
// flags: -DDYMOD_AUTO_RELOAD=0

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))
