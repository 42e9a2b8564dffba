// SPDX-License-Identifier: MIT

// On WebAssembly every build is static, also without NDEBUG.
// flags: -D__wasm__=1

#include <dymod/dymod.hpp>

static_assert(!dymod::is_dynamic, "nothing else is possible there");
