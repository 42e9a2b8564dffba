// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

typedef int sigjmp_buf[49];

extern "C" {
int sigsetjmp(sigjmp_buf, int) __attribute__((returns_twice));
void siglongjmp(sigjmp_buf, int) __attribute__((noreturn));
}
