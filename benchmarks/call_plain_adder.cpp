// SPDX-License-Identifier: MIT

// The same function without dymod: linked into the program for the direct call, and in the library
// c_symbols for the function pointer and DYMOD_EXTERN_C.

extern "C" int c_add(int a, int b);
extern "C" int c_add(int a, int b) { return a + b; }
