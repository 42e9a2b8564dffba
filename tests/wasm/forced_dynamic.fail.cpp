// SPDX-License-Identifier: MIT

// flags: -DDYMOD_FORCE_DYNAMIC
// expect: dymod: WebAssembly cannot load libraries

#include <dymod/dymod.hpp>
