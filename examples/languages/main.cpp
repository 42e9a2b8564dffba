// SPDX-License-Identifier: MIT

// The program: a wave for each line of input (press Enter), until its end.

#include <cstdio>  // getchar, printf, fflush

#include "beach.hpp"

int main() {
  shore here = {};
  while (std::getchar() != EOF) {
    ++here.waves;
    std::printf("wave %d: %s", here.waves, seals::seals_say(&here));
#ifdef HAS_CRABS
    crabs::crabs_walk(&here);
    std::printf(", crab at %d", here.crab);
#endif
    std::printf("\n");
    std::fflush(stdout);
  }
}
