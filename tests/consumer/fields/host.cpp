// SPDX-License-Identifier: MIT

// Prints the answers of all modules on one line. With the name of a file: goes on, a line for each change,
// until that file exists, for five minutes at most.

#include "sheep.hpp"
#include "wolf.hpp"

#ifdef FIELDS_HAS_DOG
#include "dog.hpp"
#endif

#include <chrono>   // milliseconds
#include <cstdio>   // snprintf, puts, fopen
#include <cstring>  // strcmp, strcpy
#include <thread>   // sleep_for

#ifdef WOLF_SECRET
#error "the module's own definition reached the host"
#endif

static_assert(WOLF_LEGS == 4, "what the module declares PUBLIC did not reach the host");

namespace {

struct line {
  char text[120];
};

line answers() {
  line now{};
  std::snprintf(now.text, sizeof now.text, "%s sheep %d wolf %d legs %d",
                dymod::is_dynamic ? "dynamic" : "static", sheep::update(1), wolf::update(1),
                wolf::legs());
#ifdef FIELDS_HAS_DOG
  const std::size_t length = std::strlen(now.text);
  std::snprintf(now.text + length, sizeof now.text - length, " dog %d", dog::bark());
#endif
  return now;
}

bool exists(const char* path) {
  std::FILE* file = std::fopen(path, "r");
  if (file) std::fclose(file);
  return file != nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  line last = answers();
  std::puts(last.text);
  std::fflush(stdout);
  for (int i = 0; argc > 1 && i < 30000 && !exists(argv[1]); ++i) {
    const line now = answers();
    if (std::strcmp(now.text, last.text) != 0) {
      std::puts(now.text);
      std::fflush(stdout);
    }
    last = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}
