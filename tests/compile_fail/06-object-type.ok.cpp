// SPDX-License-Identifier: MIT

// The passing twin: a function that returns the value.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int()))
