// SPDX-License-Identifier: MIT

// A module with a function `update`; wolf.hpp has one too.

#ifndef FIELDS_SHEEP_HPP
#define FIELDS_SHEEP_HPP

#include <dymod/dymod.hpp>

DYMOD(sheep, (update, int(int)))

#endif
