// SPDX-License-Identifier: MIT

// One declaration for the translation units of the link test, which choose different policies.

#ifndef DYMOD_TEST_HYGIENE_LINK_SHARED_HPP
#define DYMOD_TEST_HYGIENE_LINK_SHARED_HPP

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)), (shear, int() noexcept))

using count_pointer = int (*)(int);

struct answers {
  int count;
  int shear;
  count_pointer pointer;
};

answers ask_first();
answers ask_second();

#endif
