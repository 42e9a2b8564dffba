// SPDX-License-Identifier: MIT

// The passing twin: a function that returns the reference.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int&()))
