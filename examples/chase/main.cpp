// SPDX-License-Identifier: MIT

// The program: a move of both animals for each line of input (press Enter), and an onlooker on a
// thread of its own. Change one of the modules and rebuild it in between: the other one calls the
// new code as the program does.

#include <atomic>  // atomic
#include <cstdio>  // getchar, printf, fflush
#include <thread>  // thread

#include "field.hpp"
#include "rabbit.hpp"
#include "wolf.hpp"

int main() {
  std::atomic<bool> over{false};
  std::thread onlooker([&over] {
    const field seen;
    while (!over) {
      static_cast<void>(wolf::is_near(seen));
      static_cast<void>(rabbit::is_hidden(seen));
    }
  });

  field here;
  for (int key = std::getchar(); key != EOF; key = std::getchar()) {
    if (key != '\n') continue;
    wolf::move(here);
    rabbit::move(here);
    std::printf("wolf %d, rabbit %d\n", here.wolf, here.rabbit);
    std::fflush(stdout);
  }
  over = true;
  onlooker.join();
}
