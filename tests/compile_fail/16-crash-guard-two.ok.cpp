// SPDX-License-Identifier: MIT

// The passing twin: switched on.
// flags: -DDYMOD_CRASH_GUARD=1

#include <dymod/crash_guard.hpp>

DYMOD(sheep, (count, int(int)))

int count_if_it_can();
int count_if_it_can() {
  try {
    return sheep::count(1);
  } catch (const dymod::crash& crash) {
    return crash.signal();
  }
}
