// SPDX-License-Identifier: MIT

// The module. Change the line of text while the program runs, rebuild the target `sheep`, and the
// program goes on with the new one.

#include "sheep.hpp"

#include <cstdio>  // snprintf

const char* sheep::count_sheep(herd& all, float seconds) {
  all.counted += 1;
  all.seconds += seconds;
  static char line[80];
  std::snprintf(line, sizeof line,
                "%u sheep jumped over the fence",  // change this text
                static_cast<unsigned>(all.counted));
  return line;
}
