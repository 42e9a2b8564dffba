// SPDX-License-Identifier: MIT

// A library of the real compiler and linker for the fuzzer to begin with.

#include <dymod/dymod.hpp>

struct herd {
  int sheep;
  int goats;
};

DYMOD(sheep, (shear, void(herd& all)), (count, unsigned(const herd& all, const char* name)))

void sheep::shear(herd& all) { all.sheep = 0; }
unsigned sheep::count(const herd& all, const char*) { return static_cast<unsigned>(all.sheep); }
