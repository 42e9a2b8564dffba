// SPDX-License-Identifier: MIT

// A module that calls another module.

#ifndef FARM_DOG_HPP
#define FARM_DOG_HPP

#include <dymod/dymod.hpp>

DYMOD(dog, (bark, int()))

#endif
