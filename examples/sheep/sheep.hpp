// SPDX-License-Identifier: MIT

// The declaration that host (main.cpp) and module (sheep.cpp) share: a module `sheep` of one
// function. In a debug build it is hot-swapped, in a release build linked statically.

#ifndef SHEEP_HPP
#define SHEEP_HPP

#include <dymod/dymod.hpp>

#include <cstdint>  // uint32_t

DYMOD(sheep, (count_sheep, const char*(std::uint32_t sheep)))

#endif
