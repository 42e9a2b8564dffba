// SPDX-License-Identifier: MIT

// Which of the two is meant? Nobody can know.
// flags: -DDYMOD_FORCE_STATIC -DDYMOD_FORCE_DYNAMIC
// expect: dymod: DYMOD_FORCE_STATIC and DYMOD_FORCE_DYNAMIC are both defined; define one of them

#include <dymod/dymod.hpp>
