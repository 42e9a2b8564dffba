// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#include <sched.h>
#include <sys/types.h>
#include <time.h>

extern "C" {
typedef struct _opaque_pthread_t* pthread_t;
int pthread_setcancelstate(int, int*);
int pthread_threadid_np(pthread_t, uint64_t*);
}

#define PTHREAD_CANCEL_ENABLE 0x1
#define PTHREAD_CANCEL_DISABLE 0x0

// Of libc++.
extern "C" {
struct _opaque_pthread {
  long opaque;
};
typedef _opaque_pthread pthread_attr_t, pthread_cond_t, pthread_condattr_t, pthread_mutex_t,
    pthread_mutexattr_t, pthread_once_t;
typedef unsigned long pthread_key_t;
int pthread_cond_broadcast(pthread_cond_t*);
int pthread_cond_destroy(pthread_cond_t*);
int pthread_cond_signal(pthread_cond_t*);
int pthread_cond_timedwait(pthread_cond_t*, pthread_mutex_t*, const timespec*);
int pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*);
int pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int pthread_detach(pthread_t);
int pthread_equal(pthread_t, pthread_t);
void* pthread_getspecific(pthread_key_t);
int pthread_join(pthread_t, void**);
int pthread_key_create(pthread_key_t*, void (*)(void*));
int pthread_mutex_destroy(pthread_mutex_t*);
int pthread_mutex_init(pthread_mutex_t*, const pthread_mutexattr_t*);
int pthread_mutex_lock(pthread_mutex_t*);
int pthread_mutex_trylock(pthread_mutex_t*);
int pthread_mutex_unlock(pthread_mutex_t*);
int pthread_mutexattr_destroy(pthread_mutexattr_t*);
int pthread_mutexattr_init(pthread_mutexattr_t*);
int pthread_mutexattr_settype(pthread_mutexattr_t*, int);
int pthread_once(pthread_once_t*, void (*)());
pthread_t pthread_self();
int pthread_setspecific(pthread_key_t, const void*);
}

#define PTHREAD_MUTEX_RECURSIVE 2
#define PTHREAD_COND_INITIALIZER \
  { 0 }
#define PTHREAD_MUTEX_INITIALIZER \
  { 0 }
#define PTHREAD_ONCE_INIT \
  { 0 }
