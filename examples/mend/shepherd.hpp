// SPDX-License-Identifier: MIT

// What program (main.cpp) and module (shepherd.cpp) share: the sheep, which belong to the program
// and outlive every crash of the module, and a module `shepherd` of one function.

#ifndef SHEPHERD_HPP
#define SHEPHERD_HPP

#include <dymod/dymod.hpp>

#include <string>  // string

struct animal {
  const char* name;
  int years;
  const animal* companion;  // nullptr: none
};

DYMOD(shepherd, (describe, std::string(const animal& sheep)))

#endif
