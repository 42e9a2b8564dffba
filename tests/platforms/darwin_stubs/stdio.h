// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <stddef.h>

extern "C" {
typedef struct __sFILE FILE;
int fclose(FILE*);
char* fgets(char*, int, FILE*);
FILE* fopen(const char*, const char*);
int snprintf(char*, size_t, const char*, ...);
}
