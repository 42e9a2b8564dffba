// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <sys/types.h>

#define SIGILL 4
#define SIGABRT 6
#define SIGFPE 8
#define SIGBUS 10
#define SIGSEGV 11
#define SIGURG 16

#define SA_ONSTACK 0x0001
#define SA_RESETHAND 0x0004
#define SA_NODEFER 0x0010
#define SA_SIGINFO 0x0040

#define SIG_BLOCK 1
#define SIG_UNBLOCK 2
#define SIG_SETMASK 3

#define SI_USER 0x10001
#define SI_QUEUE 0x10002

#define SS_DISABLE 0x0004

typedef uint32_t sigset_t;

typedef struct {
  int si_signo;
  int si_errno;
  int si_code;
  pid_t si_pid;
  uid_t si_uid;
  int si_status;
  void* si_addr;
} siginfo_t;

struct sigaction {
  union {
    void (*handler)(int);
    void (*action)(int, siginfo_t*, void*);
  } of;
  sigset_t sa_mask;
  int sa_flags;
};
#define sa_handler of.handler
#define sa_sigaction of.action

#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)

typedef struct {
  void* ss_sp;
  size_t ss_size;
  int ss_flags;
} stack_t;

extern "C" {
int pthread_sigmask(int, const sigset_t*, sigset_t*);
int raise(int);
int sigaction(int, const struct sigaction*, struct sigaction*);
int sigaddset(sigset_t*, int);
int sigaltstack(const stack_t*, stack_t*);
int sigemptyset(sigset_t*);
}
