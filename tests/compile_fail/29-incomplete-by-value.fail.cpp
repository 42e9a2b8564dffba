// SPDX-License-Identifier: MIT

// Difference between the modes: debug calls the function, so a type that goes in or comes out by
// value must be complete where the module is declared; a declaration does without.
// expect: incomplete

#include <dymod/dymod.hpp>

struct herd;

DYMOD(sheep, (sell, herd(herd)))
