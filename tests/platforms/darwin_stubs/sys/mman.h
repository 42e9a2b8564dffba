// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <sys/types.h>

extern "C" {
void* mmap(void*, size_t, int, int, int, off_t);
int mprotect(void*, size_t, int);
int munmap(void*, size_t);
}

#define PROT_NONE 0x0
#define PROT_READ 0x1
#define PROT_WRITE 0x2
#define MAP_PRIVATE 0x2
#define MAP_NORESERVE 0x40
#define MAP_ANON 0x1000
#define MAP_ANONYMOUS MAP_ANON
#define MAP_FAILED ((void*)-1)
