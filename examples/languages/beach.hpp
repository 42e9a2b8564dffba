// SPDX-License-Identifier: MIT

// What the program knows of the modules, which know nothing of dymod. Only the program includes it.

#ifndef BEACH_HPP
#define BEACH_HPP

#include <dymod/dymod.hpp>

#include "shore.h"

DYMOD_EXTERN_C(seals, (seals_say, const char*(const shore* here)))

#ifdef HAS_CRABS
DYMOD_EXTERN_C(crabs, (crabs_walk, void(shore* here)))
#endif

#endif
