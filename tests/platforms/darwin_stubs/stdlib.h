// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <stddef.h>

extern "C" {
[[noreturn]] void abort();
int atexit(void (*)());
void* calloc(size_t, size_t);
void free(void*);
char* getenv(const char*);
void* malloc(size_t);
void* realloc(void*, size_t);
unsigned long long strtoull(const char*, char**, int);

// Of libc++.
typedef struct {
  int quot, rem;
} div_t;
typedef struct {
  long quot, rem;
} ldiv_t;
typedef struct {
  long long quot, rem;
} lldiv_t;
int abs(int);
div_t div(int, int);
long labs(long);
ldiv_t ldiv(long, long);
long long llabs(long long);
lldiv_t lldiv(long long, long long);
int posix_memalign(void**, size_t, size_t);
}
