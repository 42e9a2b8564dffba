// SPDX-License-Identifier: MIT

// What the hosts under attack call.

#ifndef DYMOD_TESTS_ATTACK_MODULE_SHEEP_HPP
#define DYMOD_TESTS_ATTACK_MODULE_SHEEP_HPP

#include <dymod/dymod.hpp>

/// prove: looks at every page of its library. @returns the build's stamp, 1 or greater, if all of
/// one build is there; else minus the number of the part that is not, as module/parts.hpp counts
DYMOD(sheep, (prove, int()))

#endif
