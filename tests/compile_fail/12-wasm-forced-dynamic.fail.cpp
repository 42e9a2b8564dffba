// SPDX-License-Identifier: MIT

// WebAssembly has nothing to load libraries with. (The macro of its compilers stands in for it.)
// flags: -D__wasm__=1 -DDYMOD_FORCE_DYNAMIC
// expect: dymod: WebAssembly cannot load libraries

#include <dymod/dymod.hpp>
