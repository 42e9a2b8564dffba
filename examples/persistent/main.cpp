// SPDX-License-Identifier: MIT

// One wing beat for each line of input, until its end.

#include <cstdio>

#include "birds.hpp"

int main() {
  while (std::getchar() != EOF) {
    std::puts(birds::fly());
    std::fflush(stdout);
  }
}
