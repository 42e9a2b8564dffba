// SPDX-License-Identifier: MIT

// What old system headers and careless code bases define. No include guard: included before each
// header of dymod, because the standard library takes some of these away again. `module` is
// object-like or, with DYMOD_TEST_MODULE_TAKES_ARGUMENTS, function-like.

#undef min
#undef max
#undef module
#undef interface
#undef small
#undef linux
#undef unix
#undef near
#undef far
#undef I
#undef U
#undef major
#undef minor

#define min(a, b) hostile macro min
#define max(a, b) hostile macro max
#define small char
#define interface struct
#define linux 1
#define unix 1
#define near
#define far
#define I hostile macro I
#define U hostile macro U
#define major(device) hostile macro major
#define minor(device) hostile macro minor
#ifdef DYMOD_TEST_MODULE_TAKES_ARGUMENTS
#define module(name) hostile macro module
#else
#define module hostile_module
#endif
