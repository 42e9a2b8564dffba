// SPDX-License-Identifier: MIT

// Difference between the modes: C variadic arguments cannot be handed on, so debug refuses them.
// expect: dymod: a function with C variadic arguments \(\.\.\.\) cannot be handed on

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int, ...)))
