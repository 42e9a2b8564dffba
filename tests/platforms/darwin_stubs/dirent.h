// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <sys/types.h>

extern "C" {
struct dirent {
  uint64_t d_ino;
  uint64_t d_seekoff;
  uint16_t d_reclen;
  uint16_t d_namlen;
  uint8_t d_type;
  char d_name[1024];
};
typedef struct _dirdesc DIR;
DIR* opendir(const char*);
dirent* readdir(DIR*);
int closedir(DIR*);
}
