// SPDX-License-Identifier: MIT

// A module with a function `update`; wolf.hpp has one too.

#ifndef FARM_SHEEP_HPP
#define FARM_SHEEP_HPP

#include <dymod/dymod.hpp>

DYMOD(sheep, (update, int(int)))

#endif
