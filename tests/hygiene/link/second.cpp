// SPDX-License-Identifier: MIT

// A translation unit of the host, compiled with another policy; and main.

#include "shared.hpp"

answers ask_second() {
  sheep::reload();
  return {sheep::count(2) + static_cast<int>(sheep::library.generation()) * 0, sheep::shear(),
          &sheep::count};
}

int main() {
  const answers first = ask_first();
  const answers second = ask_second();
  if (first.count != 11 || second.count != 12 || first.shear != 5 || second.shear != 5) return 1;
  // Different policies are different thunks; in static mode there is one function.
  return (first.pointer == second.pointer) == dymod::is_dynamic ? 2 : 0;
}
