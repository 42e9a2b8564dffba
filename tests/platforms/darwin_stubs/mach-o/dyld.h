// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <mach-o/loader.h>
#include <stdint.h>

extern "C" {
uint32_t _dyld_image_count();
const mach_header* _dyld_get_image_header(uint32_t);
intptr_t _dyld_get_image_vmaddr_slide(uint32_t);
const char* _dyld_get_image_name(uint32_t);
}
