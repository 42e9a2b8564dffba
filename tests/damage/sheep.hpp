// SPDX-License-Identifier: MIT

// What the program (damage.cpp) and the module (sheep.cpp) share.

#ifndef DYMOD_TESTS_DAMAGE_SHEEP_HPP
#define DYMOD_TESTS_DAMAGE_SHEEP_HPP

#include <functional>  // function
#include <string>      // string

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int more)), (name, std::string(int number)), (shear, int(int number)),
      (wake, int()), (visit, int(const std::function<int(int)>& each)))

#endif
