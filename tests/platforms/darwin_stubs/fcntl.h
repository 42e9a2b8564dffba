// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <sys/types.h>

extern "C" {
int fcntl(int, int, ...);
int open(const char*, int, ...);
}

#define O_RDONLY 0x0
#define O_RDWR 0x2
#define O_NONBLOCK 0x4
#define O_NOFOLLOW 0x100
#define O_CREAT 0x200
#define O_EXCL 0x800
#define O_CLOEXEC 0x1000000
