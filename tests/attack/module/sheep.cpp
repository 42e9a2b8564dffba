// SPDX-License-Identifier: MIT

#include "sheep.hpp"

#include "parts.hpp"

int sheep::prove() {
  int (*const checks[])() = {parts::code, parts::data, parts::constants, parts::pointers,
                             parts::threads};
  int number = 0;
  int stamp = 0;
  for (const auto check : checks) {
    ++number;
    const int found = check();
    if (number == 1) stamp = found;
    if (found <= 0 || found != stamp) return -number;
  }
  return stamp;
}
