// SPDX-License-Identifier: MIT

// flags: -std=c++17

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))
