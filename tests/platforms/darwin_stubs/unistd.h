// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <sys/types.h>

extern "C" {
int close(int);
uid_t geteuid();
pid_t getpid();
int issetugid();
off_t lseek(int, off_t, int);
ssize_t pread(int, void*, size_t, off_t);
ssize_t read(int, void*, size_t);
int rmdir(const char*);
long sysconf(int);
int unlink(const char*);
ssize_t write(int, const void*, size_t);
}

#define SEEK_SET 0
#define STDERR_FILENO 2
#define _SC_PAGESIZE 29
