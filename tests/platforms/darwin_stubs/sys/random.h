// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <stddef.h>

extern "C" int getentropy(void*, size_t);
