// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <sys/types.h>

extern "C" {
struct timespec {
  time_t tv_sec;
  long tv_nsec;
};
struct tm;
typedef enum {
  CLOCK_REALTIME = 0,
  CLOCK_MONOTONIC = 6,
  CLOCK_MONOTONIC_RAW = 4,
  CLOCK_MONOTONIC_RAW_APPROX = 5,
  CLOCK_UPTIME_RAW = 8,
  CLOCK_UPTIME_RAW_APPROX = 9,
  CLOCK_PROCESS_CPUTIME_ID = 12,
  CLOCK_THREAD_CPUTIME_ID = 16
} clockid_t;
int clock_gettime(clockid_t, timespec*);
int nanosleep(const timespec*, timespec*);
}
