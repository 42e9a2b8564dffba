// SPDX-License-Identifier: MIT

// flags: -DDYMOD_SEPARATE_RUNTIME=1

#include <dymod/dymod.hpp>
