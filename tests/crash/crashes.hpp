// SPDX-License-Identifier: MIT

// The ways to crash that the tests know: in modules, and in the program itself. Sanitizers do not
// look at them, or they would end the process before the system has had its say.

#ifndef DYMOD_TESTS_CRASH_CRASHES_HPP
#define DYMOD_TESTS_CRASH_CRASHES_HPP

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace crashes {

enum way : int {
  none,
  null_read,
  write_at_16,
  division,
  illegal_instruction,
  trap,
  bus_error,
  aborts,
  terminates,
  overflow,
  jump_to_null,
  in_sort,
  in_strlen,
  number_of_ways
};

#define DYMOD_TEST_UNWATCHED \
  __attribute__((noinline, no_sanitize("undefined", "address", "thread")))

template <class Value> DYMOD_TEST_UNWATCHED Value hidden(Value value) {
  volatile Value seen = value;
  return seen;
}

DYMOD_TEST_UNWATCHED inline int read_from(volatile int* place) { return *place; }
DYMOD_TEST_UNWATCHED inline void write_to(volatile int* place) { *place = 1; }
DYMOD_TEST_UNWATCHED inline int divide(int by) { return 1000 / by; }

DYMOD_TEST_UNWATCHED inline int go_deeper(int depth) {
  volatile char block[1000];
  block[depth % 1000] = 1;
  return depth == hidden(-1) ? 0 : go_deeper(depth + 1) + block[depth % 999];
}

DYMOD_TEST_UNWATCHED inline int length_of(const char* text) {
  return static_cast<int>(hidden<std::size_t (*)(const char*)>(&std::strlen)(text));
}

inline int compare_and_crash(const void*, const void*) {
  return read_from(hidden<volatile int*>(nullptr));
}

inline int read_behind_end() {
  std::FILE* const empty = std::tmpfile();
  void* const page = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, ::fileno(empty), 0);
  return read_from(static_cast<volatile int*>(page));
}

[[noreturn]] inline void throw_one() { throw 1; }
[[noreturn]] inline void throw_from_noexcept() noexcept { throw_one(); }

inline int crash(int how) {
  int numbers[3] = {3, 1, 2};
  switch (how) {
    case null_read: return read_from(hidden<volatile int*>(nullptr));
    case write_at_16: write_to(hidden(reinterpret_cast<volatile int*>(16))); break;
    case division: return divide(hidden(0));
    case illegal_instruction:
#if defined(__x86_64__) || defined(__i386__)
      asm volatile("ud2");
#elif defined(__thumb__)
      asm volatile(".inst.n 0xde00");
#elif defined(__arm__)
      asm volatile(".inst 0xe7f000f0");
#else
      asm volatile(".long 0");
#endif
      break;
    case trap: __builtin_trap();
    case bus_error: return read_behind_end();
    case aborts: std::abort();
    case terminates: throw_from_noexcept();
    case overflow: return go_deeper(0);
    case jump_to_null: hidden<void (*)()>(nullptr)(); break;
    case in_sort: std::qsort(numbers, 3, sizeof(int), &compare_and_crash); break;
    case in_strlen: return length_of(hidden<const char*>(nullptr));
    default: break;
  }
  return 0;
}

}  // namespace crashes

#endif
