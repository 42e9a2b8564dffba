// SPDX-License-Identifier: MIT

// The program: a day in the garden for each line of input. `sow` makes a flower with the newest
// code, `pull` destroys the oldest with the code that made it, and from `renew` on a reload puts
// new flowers in the place of all.

#include <cstdio>    // printf, fflush
#include <iostream>  // cin
#include <memory>    // unique_ptr
#include <string>    // string, getline
#include <vector>    // vector

#include "seeds.hpp"

int main() {
  std::string compost = "compost:";
  std::vector<std::unique_ptr<flower>> bed;
  std::vector<int> days;
  bool renews = false;
  std::string command;
  while (std::getline(std::cin, command)) {
    // Here nobody looks at a flower, and the hooks may destroy them all.
    if (seeds::reload() && renews) {
      std::printf("%u old generations are unloaded\n", seeds::library.unload_old());
    }
    if (command == "sow") bed.push_back(seeds::sow(0, compost));
    if (command == "pull" && !bed.empty()) bed.erase(bed.begin());
    if (command == "renew" && !renews) {
      renews = true;
      seeds::library.before_reload([&] {
        for (std::unique_ptr<flower>& each : bed) {
          days.push_back(each->days());
          each.reset();  // the old code
        }
        bed.clear();
      });
      seeds::library.after_reload([&] {
        for (const int each : days) bed.push_back(seeds::sow(each, compost));  // the new code
        days.clear();
      });
    }
    for (const std::unique_ptr<flower>& each : bed) {
      each->grow();
      std::printf("%s, ", each->look().c_str());
    }
    std::printf("%s\n", compost.c_str());
    std::fflush(stdout);
  }
  bed.clear();
  std::puts(compost.c_str());
}
