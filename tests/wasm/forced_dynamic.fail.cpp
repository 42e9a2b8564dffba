// SPDX-License-Identifier: MIT

// flags: -DDYMOD_FORCE_DYNAMIC
// expect: dymod: WebAssembly cannot load libraries, so modules are static; remove DYMOD_FORCE_DYNAMIC

#include <dymod/dymod.hpp>
