// SPDX-License-Identifier: MIT

// The module `rabbit`: included by the program, by rabbit.cpp, and by the other module.

#ifndef RABBIT_HPP
#define RABBIT_HPP

#include <dymod/dymod.hpp>

#include "field.hpp"

DYMOD(rabbit, (move, void(field& here)), (is_hidden, bool(const field& here)))

#endif
