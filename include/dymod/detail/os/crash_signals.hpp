// SPDX-License-Identifier: MIT

// Crashes on POSIX systems: the signals that they are, and the way back to the innermost guarded
// call of the thread. One binary of the process handles them for all (state/registry.hpp:
// guarded_threads). Only for programs that guard calls: nobody else includes it.
//
// The handler jumps; it never throws: what a compiler knows not to throw, a plain memory access,
// has no way out for exceptions (tried: with g++ and clang++ -O2 std::terminate, whatever the
// frames).

#ifndef DYMOD_DETAIL_OS_CRASH_SIGNALS_HPP
#define DYMOD_DETAIL_OS_CRASH_SIGNALS_HPP

#include <errno.h>     // errno
#include <pthread.h>   // pthread_getspecific, pthread_key_create, pthread_sigmask
#include <setjmp.h>    // siglongjmp, sigjmp_buf
#include <signal.h>    // sigaction, sigaltstack, SIGABRT
#include <stddef.h>    // size_t
#include <stdint.h>    // uintptr_t
#include <stdio.h>     // snprintf
#include <stdlib.h>    // calloc, free
#include <sys/mman.h>  // mmap, mprotect
#include <unistd.h>    // getpid, sysconf
#if defined(__APPLE__)
#include <sys/ucontext.h>  // ucontext_t
#else
#include <ucontext.h>  // REG_RIP, ucontext_t
#endif

#include <dymod/detail/os/os.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What the system tells of a crash.
struct crash_signal {
  int number;
  const void* address;      // see dymod::crash::address()
  const void* instruction;  // null: not known
  ::sigset_t mask;          // of the thread, there
};

/// A guarded call, on the stack of the thread. Of one layout in all binaries of a process.
struct guarded_place {
  ::sigjmp_buf back;  // to where the call can be left
  guarded_place* outer;
  uintptr_t proof;  // that this is one: places of calls that were left by a jump of the program's
                    // are overwritten
  crash_signal crash;

  DYMOD_DETAIL_GONE void begin(guarded_thread& on) noexcept {
    outer = on.innermost;
    if (outer != nullptr) outer = find_living(outer, reinterpret_cast<uintptr_t>(this));
    proof = expected_proof();
    on.innermost = this;
  }

  /// The innermost whose call has not been left, seen from a place further in. Stacks grow
  /// downwards.
  // AddressSanitizer is not to look at it: other frames may lie there now.
  [[nodiscard]] __attribute__((no_sanitize_address)) static guarded_place* find_living(
      guarded_place* at, uintptr_t further_in) noexcept {
    while (at != nullptr && at->proof == at->expected_proof()) {
      if (reinterpret_cast<uintptr_t>(at) >= further_in) return at;
      at = at->outer;
    }
    return nullptr;
  }

 private:
  [[nodiscard]] __attribute__((no_sanitize_address)) DYMOD_DETAIL_GONE uintptr_t
  expected_proof() const noexcept {
    return ~(reinterpret_cast<uintptr_t>(this) ^ (reinterpret_cast<uintptr_t>(outer) << 1));
  }
};

namespace os {

class crash_signals {
 public:
  /// Handles the signals from now on, for the whole process. Once.
  /// @param is_guarded  whether a crash of this instruction may leave the call; runs inside the
  ///                    handler
  /// @returns null if the system refuses
  [[nodiscard]] static const guarded_threads* handle(
      bool (*is_guarded)(const void* instruction)) noexcept {
    own.is_guarded = is_guarded;
    if (::pthread_key_create(&own.key, &release) != 0) return nullptr;
    for (int i = 0; i < count; ++i) {
      struct ::sigaction wanted {};
      wanted.sa_sigaction = &on_signal;
      wanted.sa_flags = SA_SIGINFO | SA_ONSTACK;
      static_cast<void>(::sigemptyset(&wanted.sa_mask));
      static_cast<void>(::sigaction(numbers[i], &wanted, &own.before[i]));
    }
    static guarded_threads threads{};
    threads = guarded_threads{static_cast<unsigned long>(own.key), &find, &prepare};
    return &threads;
  }

  /// What guarded_threads::find gives, 1 ns sooner.
  [[nodiscard]] DYMOD_DETAIL_GONE static guarded_thread* this_thread(
      const guarded_threads& among) noexcept {
    const auto key = static_cast<::pthread_key_t>(among.key);
    return static_cast<guarded_thread*>(::pthread_getspecific(key));
  }

  /// After a jump out of the handler: the signal is still blocked; under ThreadSanitizer all are.
  /// (sigsetjmp() could restore the mask, at 90 ns for each call that does not crash.)
  static void go_on_after(const crash_signal& crash) noexcept {
    ::pthread_sigmask(SIG_SETMASK, &crash.mask, nullptr);
  }

  /// "SIGSEGV at address 0x10"
  static void append_crash(text& to, const crash_signal& crash) noexcept {
    static constexpr const char* names[] = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT"};
    to << names[index_of(crash.number)];
    if (crash.number == SIGSEGV || crash.number == SIGBUS) {
      append_number(to << " at address ", reinterpret_cast<uintptr_t>(crash.address));
    }
  }

  /// "instruction 0x1139 of '/home/me/libsheep.so'": as addr2line, gdb and objdump count.
  static void append_place(text& to, const crash_signal& crash) noexcept {
    const auto address = reinterpret_cast<uintptr_t>(crash.instruction);
    text name;
    if (address == 0 || !native::append_binary_name(name, crash.instruction) || name.empty()) {
      return;
    }
    append_number(to << "instruction ", address - native::note::holder_of(crash.instruction).base);
    to << " of '" << name << "'";
  }

 private:
  static constexpr int count = 5;
  static constexpr int numbers[count] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  static constexpr size_t stack_size = 65536;

  struct state {
    ::pthread_key_t key;
    bool (*is_guarded)(const void* instruction);
    struct ::sigaction before[count];
  };
  static inline state own{};

  // Where code of the thread was.
  struct position {
    uintptr_t instruction;  // 0: not known
    uintptr_t stack;        // likewise
  };

  [[nodiscard]] static int index_of(int number) noexcept {
    int i = 0;
    while (numbers[i] != number) ++i;
    return i;
  }

  static void append_number(text& to, uintptr_t number) noexcept {
    char digits[32];
    static_cast<void>(
        ::snprintf(digits, sizeof digits, "0x%llx", static_cast<unsigned long long>(number)));
    to << digits;
  }

  // --- threads

  // Not thread_local: the first use of such an object of an opened library takes memory, which a
  // signal handler must not.
  [[nodiscard]] static guarded_thread* find() noexcept {
    return static_cast<guarded_thread*>(::pthread_getspecific(own.key));
  }

  [[nodiscard]] static guarded_thread* prepare() noexcept {
    auto* const made = static_cast<guarded_thread*>(::calloc(1, sizeof(guarded_thread)));
    if (made == nullptr) return nullptr;
    if (::pthread_setspecific(own.key, made) != 0) {
      ::free(made);
      return nullptr;
    }
    ::stack_t now{};
    if (::sigaltstack(nullptr, &now) == 0 && (now.ss_flags & SS_DISABLE) != 0) take_stack(*made);
    return made;
  }

  // When the stack has overflowed there is no room for a handler on it. Below it a page that cannot
  // be written, as below any stack.
  static void take_stack(guarded_thread& of) noexcept {
    const size_t page = page_size();
    void* const memory = ::mmap(nullptr, page + stack_size, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    static_cast<void>(::mprotect(memory, page, PROT_NONE));
    ::stack_t wanted{};
    wanted.ss_sp = static_cast<char*>(memory) + page;
    wanted.ss_size = stack_size;
    if (::sigaltstack(&wanted, nullptr) == 0) {
      of.stack = memory;
    } else {
      ::munmap(memory, page + stack_size);
    }
  }

  // At the end of a thread.
  static void release(void* ended) noexcept {
    auto* const thread = static_cast<guarded_thread*>(ended);
    if (thread->stack != nullptr) {
      const size_t page = page_size();
      ::stack_t now{};
      const bool known = ::sigaltstack(nullptr, &now) == 0;
      if (known && now.ss_sp == static_cast<char*>(thread->stack) + page) {
        ::stack_t none{};
        none.ss_flags = SS_DISABLE;
        none.ss_size = stack_size;  // macOS looks at it all the same
        static_cast<void>(::sigaltstack(&none, nullptr));
      }
      ::munmap(thread->stack, page + stack_size);
    }
    ::free(thread);
  }

  [[nodiscard]] static size_t page_size() noexcept {
    return static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  }

  // --- the handler

  static void on_signal(int number, ::siginfo_t* told, void* context) noexcept {
    const int error = errno;
    const position at = position_in(context);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the system tells it as a number
    const auto* const instruction = reinterpret_cast<const void*>(at.instruction);
    guarded_thread* const thread = find();
    guarded_place* place = thread != nullptr ? thread->innermost : nullptr;
    place = guarded_place::find_living(place, at.stack);
    if (place != nullptr && is_crash(*told) && own.is_guarded(instruction)) {
      thread->innermost = place->outer;
      place->crash = crash_signal{number, is_sent(*told) ? nullptr : told->si_addr, instruction,
                                  static_cast<const ::ucontext_t*>(context)->uc_sigmask};
      ::siglongjmp(place->back, 1);
    }
    errno = error;
    pass_on(number, told, context);
  }

  [[nodiscard]] static bool is_sent(const ::siginfo_t& told) noexcept {
#if defined(__linux__)
    return told.si_code <= 0;  // SI_USER, SI_TKILL, SI_QUEUE, …
#else
    return told.si_code == SI_USER || told.si_code == SI_QUEUE || told.si_code == 0;
#endif
  }

  // abort() and raise() send the signal; what another process sends is no crash.
  [[nodiscard]] static bool is_crash(const ::siginfo_t& told) noexcept {
    return !is_sent(told) || told.si_pid == ::getpid();
  }

  // To whoever handled the signal before.
  static void pass_on(int number, ::siginfo_t* told, void* context) noexcept {
    struct ::sigaction& before = own.before[index_of(number)];
    const struct ::sigaction known = before;
    const bool with_details = (known.sa_flags & SA_SIGINFO) != 0;
    const bool is_default = !with_details && known.sa_handler == SIG_DFL;
    const bool is_ignored = !with_details && known.sa_handler == SIG_IGN;
    if (is_ignored && is_sent(*told)) return;
    if (is_default || is_ignored) {
      // Ends the process: a fault comes again, where it was, and is not handled any more.
      struct ::sigaction ends {};
      ends.sa_handler = SIG_DFL;
      static_cast<void>(::sigemptyset(&ends.sa_mask));
      static_cast<void>(::sigaction(number, &ends, nullptr));
      if (is_sent(*told)) static_cast<void>(::raise(number));
      return;
    }
#if defined(SA_RESETHAND)
    if ((known.sa_flags & static_cast<int>(SA_RESETHAND)) != 0) {
      before.sa_flags = 0;
      before.sa_handler = SIG_DFL;
    }
#endif
    ::sigset_t mask;
    ::sigset_t blocked = known.sa_mask;
    if ((known.sa_flags & SA_NODEFER) == 0) static_cast<void>(::sigaddset(&blocked, number));
    ::pthread_sigmask(SIG_BLOCK, &blocked, &mask);
    if ((known.sa_flags & SA_NODEFER) != 0) unblock(number);
    if (with_details) {
      known.sa_sigaction(number, told, context);
    } else {
      known.sa_handler(number);
    }
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  }

  static void unblock(int number) noexcept {
    ::sigset_t only;
    static_cast<void>(::sigemptyset(&only));
    static_cast<void>(::sigaddset(&only, number));
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  }

  [[nodiscard]] static position position_in(const void* context) noexcept {
    const auto& registers = static_cast<const ::ucontext_t*>(context)->uc_mcontext;
#if defined(__APPLE__) && defined(__x86_64__)
    return {as_number(registers->__ss.__rip), as_number(registers->__ss.__rsp)};
#elif defined(__APPLE__) && defined(__aarch64__)
    return {as_number(arm_thread_state64_get_pc(registers->__ss)),
            as_number(arm_thread_state64_get_sp(registers->__ss))};
#elif defined(__linux__) && defined(__x86_64__)
    return {as_number(registers.gregs[REG_RIP]), as_number(registers.gregs[REG_RSP])};
#elif defined(__linux__) && defined(__i386__)
    return {as_number(registers.gregs[REG_EIP]), as_number(registers.gregs[REG_ESP])};
#elif defined(__linux__) && defined(__aarch64__)
    return {as_number(registers.pc), as_number(registers.sp)};
#elif defined(__linux__) && defined(__arm__)
    return {as_number(registers.arm_pc), as_number(registers.arm_sp)};
#elif defined(__linux__) && defined(__riscv)
    return {as_number(registers.__gregs[REG_PC]), as_number(registers.__gregs[REG_SP])};
#elif defined(__linux__) && defined(__s390x__)
    return {as_number(registers.psw.addr), as_number(registers.gregs[15])};
#else
    static_cast<void>(registers);
    return {0, 0};
#endif
  }

  template <class Number> [[nodiscard]] static uintptr_t as_number(Number value) noexcept {
    return static_cast<uintptr_t>(value);
  }
};

}  // namespace os
}}  // namespace dymod::detail

#endif
