// SPDX-License-Identifier: MIT

// The module. To break it while the program runs, put this line where its place is, and rebuild the
// target `shepherd`:
//
//     words += std::string(", beside ") + sheep.companion->name;
//
// Polly has no companion.

#include "shepherd.hpp"

std::string shepherd::describe(const animal& sheep) {
  std::string words = sheep.name;
  words += ", " + std::to_string(sheep.years);
  // here
  return words;
}
