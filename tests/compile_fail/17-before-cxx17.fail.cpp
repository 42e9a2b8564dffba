// SPDX-License-Identifier: MIT

// Some compilers mean C++14 when they are told nothing.
// flags: -std=c++14
// expect: dymod: needs C\+\+17: compile with -std=c\+\+17

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))
