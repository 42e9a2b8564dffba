// SPDX-License-Identifier: MIT

// What program and module share: no state, and no type of the birds.

#ifndef BIRDS_HPP
#define BIRDS_HPP

#include <dymod/dymod.hpp>

DYMOD(birds, (fly, const char*()))

#endif
