// SPDX-License-Identifier: MIT

// The program of edit_to_live.py: tells each new answer of its module, and when it had it.

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "edited.hpp"

int main() {
  dymod::set_event_handler([](const dymod::event&, void*) {});
  for (int told = -1; getppid() != 1;) {
    const int answer = edited::answer();
    if (answer != told) {
      const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
      std::printf("%d %.6f\n", answer, now.count());
      std::fflush(stdout);
      told = answer;
    }
    usleep(200);
  }
}
