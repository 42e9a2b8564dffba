// SPDX-License-Identifier: MIT

// flags: -DDYMOD_SEPARATE_RUNTIME=2
// expect: dymod: DYMOD_SEPARATE_RUNTIME is 0 .* or 1

#include <dymod/dymod.hpp>
