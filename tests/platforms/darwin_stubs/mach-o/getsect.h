// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <mach-o/loader.h>

extern "C" uint8_t* getsectiondata(const mach_header_64*, const char*, const char*, unsigned long*);
