// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <stddef.h>

// Of libc++.
typedef int wint_t;
typedef union {
  char characters[128];
  long long alignment;
} mbstate_t;
extern "C" {
wchar_t* wcschr(const wchar_t*, wchar_t);
wchar_t* wcspbrk(const wchar_t*, const wchar_t*);
wchar_t* wcsrchr(const wchar_t*, wchar_t);
wchar_t* wcsstr(const wchar_t*, const wchar_t*);
wchar_t* wmemchr(const wchar_t*, wchar_t, size_t);
}
