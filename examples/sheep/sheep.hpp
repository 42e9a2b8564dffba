// SPDX-License-Identifier: MIT

// What host (main.cpp) and module (sheep.cpp) share: the state, which belongs to the host and so
// survives every reload, and a module `sheep` of one function. In a debug build the module is
// hot-swapped, in a release build linked statically.

#ifndef SHEEP_HPP
#define SHEEP_HPP

#include <dymod/dymod.hpp>

#include <cstdint>  // uint32_t

struct herd {
  std::uint32_t counted = 0;
  float seconds = 0;
};

DYMOD(sheep, (count_sheep, const char*(herd& all, float seconds)))

#endif
