// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

extern "C" int flock(int, int);

#define LOCK_EX 0x2
#define LOCK_NB 0x4
#define LOCK_UN 0x8
