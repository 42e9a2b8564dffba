// SPDX-License-Identifier: MIT

// A module with a function `update`; sheep.hpp has one too.

#ifndef FIELDS_WOLF_HPP
#define FIELDS_WOLF_HPP

#include <dymod/dymod.hpp>

DYMOD(wolf, (update, int(int)), (legs, int()))

#endif
