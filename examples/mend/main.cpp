// SPDX-License-Identifier: MIT

// The program: has a sheep described for each line of input (press Enter). Its calls are guarded
// (CMakeLists.txt defines DYMOD_CRASH_GUARD=1): if the module crashes, the program says so and goes
// on with the code that ran before.

#include <cstdio>  // getchar, printf, fflush
#include <string>  // string

#include <dymod/crash_guard.hpp>

#include "shepherd.hpp"

namespace {

std::string describe(const animal& sheep) {
  try {
    return shepherd::describe(sheep);
  } catch (const dymod::crash& crash) {
    std::printf("%s() of generation %u has crashed.\n", crash.function(), crash.generation());
  }
  // The generation before, which knows nothing of what is new.
  try {
    return shepherd::describe(sheep);
  } catch (const dymod::crash&) {
    return std::string(sheep.name) + ": there is no older code; mend it, and build the module";
  }
}

}  // namespace

int main() {
  const animal flock[] = {{"Dolly", 6, &flock[1]}, {"Molly", 5, &flock[0]}, {"Polly", 1, nullptr}};
  unsigned next = 0;
  for (int key = std::getchar(); key != EOF; key = std::getchar()) {
    if (key != '\n') continue;
    std::printf("%s\n", describe(flock[next++ % 3]).c_str());
    std::fflush(stdout);
  }
}
