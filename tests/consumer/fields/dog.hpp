// SPDX-License-Identifier: MIT

// A module that calls another module.

#ifndef FIELDS_DOG_HPP
#define FIELDS_DOG_HPP

#include <dymod/dymod.hpp>

DYMOD(dog, (bark, int()))

#endif
