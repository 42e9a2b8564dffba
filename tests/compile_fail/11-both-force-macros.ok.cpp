// SPDX-License-Identifier: MIT

// One of the two overrides NDEBUG.
// flags: -DDYMOD_FORCE_STATIC

#include <dymod/dymod.hpp>

static_assert(!dymod::is_dynamic, "DYMOD_FORCE_STATIC, whatever NDEBUG says");
