// SPDX-License-Identifier: MIT

// A module with a function `update`; sheep.hpp has one too.

#ifndef FARM_WOLF_HPP
#define FARM_WOLF_HPP

#include <dymod/dymod.hpp>

DYMOD(wolf, (update, int(int)), (legs, int()))

#endif
