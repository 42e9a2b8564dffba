// SPDX-License-Identifier: MIT

// Modules of one function, which costs next to nothing: what is measured is the way to it.

#ifndef DYMOD_BENCHMARKS_CALL_ADDERS_HPP
#define DYMOD_BENCHMARKS_CALL_ADDERS_HPP

#include <dymod/dymod.hpp>

DYMOD(short_path, (add, int(int a, int b)))            // /tmp/<random>/libshort_path.so
DYMOD(deep_path, (add, int(int a, int b)))             // eight components
DYMOD_EXTERN_C(c_symbols, (c_add, int(int a, int b)))  // a library that knows nothing of dymod

#endif
