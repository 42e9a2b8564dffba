// SPDX-License-Identifier: MIT

// The module: it keeps its birds itself. Edit it, the struct as well, and rebuild it while the
// program runs; demo.sh does so.

#include "birds.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <dymod/persistent.hpp>

namespace {

constexpr std::size_t width = 24;

struct bird {
  std::size_t place;
  std::size_t speed;
};

DYMOD_PERSISTENT(std::vector<bird>, swarm, bird{0, 1}, bird{6, 2});

char picture([[maybe_unused]] const bird& one) { return 'v'; }

}  // namespace

const char* birds::fly() {
  DYMOD_PERSISTENT(int, beats);
  DYMOD_PERSISTENT(std::string, sky);
  sky.assign(width, '.');
  for (bird& each : swarm) {
    each.place = (each.place + each.speed) % width;
    sky[each.place] = picture(each);
  }
  sky += " " + std::to_string(++beats);
  return sky.c_str();
}
