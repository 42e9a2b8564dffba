// SPDX-License-Identifier: MIT

// The passing twin: a hundred milliseconds.
// flags: -DDYMOD_CHECK_INTERVAL_MS=100

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))
