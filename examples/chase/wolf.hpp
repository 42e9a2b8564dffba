// SPDX-License-Identifier: MIT

// The module `wolf`: included by the program, by wolf.cpp, and by the other module.

#ifndef WOLF_HPP
#define WOLF_HPP

#include <dymod/dymod.hpp>

#include "field.hpp"

DYMOD(wolf, (move, void(field& here)), (is_near, bool(const field& here)))

#endif
