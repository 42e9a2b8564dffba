// SPDX-License-Identifier: MIT

// What stands between three things that were not made for each other: clang's MSVC target, Wine's C
// and Windows headers, and the C++ headers of MinGW's g++. Included before everything else.

#ifndef DYMOD_TESTS_PLATFORMS_MSVC_SHIM_SHIM_H
#define DYMOD_TESTS_PLATFORMS_MSVC_SHIM_SHIM_H

// g++ defines these; libstdc++ asks.
#define __STRICT_ANSI__ 1
#define __GCC_ATOMIC_BOOL_LOCK_FREE 2
#define __GCC_ATOMIC_CHAR_LOCK_FREE 2
#define __GCC_ATOMIC_CHAR8_T_LOCK_FREE 2
#define __GCC_ATOMIC_CHAR16_T_LOCK_FREE 2
#define __GCC_ATOMIC_CHAR32_T_LOCK_FREE 2
#define __GCC_ATOMIC_WCHAR_T_LOCK_FREE 2
#define __GCC_ATOMIC_SHORT_LOCK_FREE 2
#define __GCC_ATOMIC_INT_LOCK_FREE 2
#define __GCC_ATOMIC_LONG_LOCK_FREE 2
#define __GCC_ATOMIC_LLONG_LOCK_FREE 2
#define __GCC_ATOMIC_POINTER_LOCK_FREE 2
#define __GCC_ATOMIC_TEST_AND_SET_TRUEVAL 1

// Wine's Windows headers: wchar_t for WCHAR; and functions that clang has built in.
#define WINE_UNICODE_NATIVE
#define _InterlockedCompareExchange128 dymod_shim_compare_exchange_128
#if defined(__i386__)
#define _InterlockedAnd64 dymod_shim_and_64
#define _InterlockedCompareExchangePointer dymod_shim_compare_exchange_pointer
#define _InterlockedDecrement64 dymod_shim_decrement_64
#define _InterlockedExchangeAdd64 dymod_shim_exchange_add_64
#define _InterlockedExchangePointer dymod_shim_exchange_pointer
#define _InterlockedIncrement64 dymod_shim_increment_64
#define _InterlockedOr64 dymod_shim_or_64
#define _InterlockedXor64 dymod_shim_xor_64

// For this processor Wine's div() has another type.
#undef __i386__
#include <stdlib.h>
#define __i386__ 1
#endif

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

// Wine's C headers do not declare them.
extern "C" {
int fwide(FILE*, int);
int mbsinit(const mbstate_t*);
int vfscanf(FILE*, const char*, va_list);
int vfwscanf(FILE*, const wchar_t*, va_list);
int vscanf(const char*, va_list);
int vsscanf(const char*, const char*, va_list);
int vswscanf(const wchar_t*, const wchar_t*, va_list);
int vwscanf(const wchar_t*, va_list);
long double wcstold(const wchar_t*, wchar_t**);
}

#endif
