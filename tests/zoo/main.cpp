// SPDX-License-Identifier: MIT

// Loads every group's module, which compares both sides' descriptions, and prints how many kinds of
// types there are.

#include <cstdio>  // printf

#define ZOO_GROUPS(each) \
  each(members) each(classes) each(templates) each(incomplete) each(standard) each(unnamed)
#define ZOO_DECLARED(group) \
  void call_##group();      \
  unsigned count_##group();

ZOO_GROUPS(ZOO_DECLARED)

int main(int count, char**) {
  unsigned kinds = 0;
#define ZOO_ASKED(group)    \
  kinds += count_##group(); \
  if (count > 1) call_##group();
  ZOO_GROUPS(ZOO_ASKED)
  std::printf("%u kinds of types\n", kinds);
}
