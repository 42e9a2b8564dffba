// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <signal.h>

struct _STRUCT_MCONTEXT {
#if defined(__x86_64__)
  struct {
    uint64_t __rsp, __rip;
  } __ss;
#else
  struct {
    uint64_t __sp, __pc;
  } __ss;
#endif
};

typedef struct {
  int uc_onstack;
  sigset_t uc_sigmask;
  _STRUCT_MCONTEXT* uc_mcontext;
} ucontext_t;

#define arm_thread_state64_get_pc(state) ((state).__pc)
#define arm_thread_state64_get_sp(state) ((state).__sp)
