// SPDX-License-Identifier: MIT

// A function may return and take pointers to functions.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, auto(int (*)(int))->int (*)(int)))
