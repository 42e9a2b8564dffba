// SPDX-License-Identifier: MIT

// A translation unit of the host, compiled with one policy.

#include "shared.hpp"

answers ask_first() {
  sheep::reload();
  return {sheep::count(1) + static_cast<int>(sheep::library.generation()) * 0, sheep::shear(),
          &sheep::count};
}
