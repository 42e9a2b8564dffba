// SPDX-License-Identifier: MIT

// The host: counts sheep, one a second, until it is stopped. Says at its start what to change to
// see it react.
//
//   sheep_host [number of sheep, 0: no end] [milliseconds from one to the next]

#include "sheep.hpp"

#include <chrono>   // duration, milliseconds
#include <cstdio>   // printf, fflush
#include <cstdlib>  // strtoul
#include <thread>   // sleep_for

#ifndef SHEEP_REBUILD_COMMAND  // built by hand; CMakeLists.txt knows better
#define SHEEP_SOURCE_FILE "sheep.cpp"
#define SHEEP_REBUILD_COMMAND "the second g++ command of dymod's README"
#endif

int main(int argc, char** argv) {
  const unsigned long count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0;
  const std::chrono::milliseconds pause{argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1000};

  if constexpr (dymod::is_dynamic) {
    std::printf(
        "Debug build: the module is hot-swapped. While this runs, change the text in\n"
        "    %s\n"
        "and, in another terminal, rebuild the module:\n"
        "    %s\n\n",
        SHEEP_SOURCE_FILE, SHEEP_REBUILD_COMMAND);
  } else {
    std::printf(
        "Release build: the module is a part of the program. To change it while the\n"
        "program runs, build with -DCMAKE_BUILD_TYPE=Debug.\n\n");
  }
  std::fflush(stdout);

  herd all;
  while (count == 0 || all.counted < count) {
    std::printf("%s\n", sheep::count_sheep(all, std::chrono::duration<float>(pause).count()));
    std::fflush(stdout);  // the line is to be seen now, in a file or a pipe too
    std::this_thread::sleep_for(pause);
  }
}
