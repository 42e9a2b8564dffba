// SPDX-License-Identifier: MIT

// What to write instead in both modes: a list.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(const int* numbers, int size)))
