// SPDX-License-Identifier: MIT

// DYMOD_EXTERN_C takes functions and nothing else, too.
// expect: dymod: DYMOD takes functions

#include <dymod/dymod.hpp>

DYMOD_EXTERN_C(sheep, (count, int))
