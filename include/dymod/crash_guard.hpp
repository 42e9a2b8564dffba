// SPDX-License-Identifier: MIT

// dymod::crash, for programs that guard their calls: where DYMOD_CRASH_GUARD is 1, a crash inside a
// module's function (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, a stack overflow) throws it, and the
// module goes back to the generation before. Linux and macOS; docs/crash-guard.md says what a guard
// cannot do. In static mode nothing is guarded, and nothing included.

#ifndef DYMOD_CRASH_GUARD_HPP
#define DYMOD_CRASH_GUARD_HPP

#include <dymod/dymod.hpp>

#if DYMOD_DETAIL_DYNAMIC()

#include <dymod/detail/call/crash.hpp>

#else

#pragma push_macro("module")
#undef module

namespace dymod { inline namespace static_mode {

/// Never thrown in static mode; here so that handlers compile.
struct crash {
  crash() = delete;
  virtual ~crash() = default;
  [[nodiscard]] virtual const char* what() const noexcept { return ""; }
  [[nodiscard]] const char* module() const noexcept { return ""; }
  [[nodiscard]] const char* function() const noexcept { return ""; }
  [[nodiscard]] int signal() const noexcept { return 0; }
  [[nodiscard]] unsigned generation() const noexcept { return 0; }
  [[nodiscard]] const void* address() const noexcept { return nullptr; }

  // See error, in detail/declare/static.hpp.
  template <class Base, class = decltype(static_cast<const Base*>(nullptr)->what())>
  operator const Base&() const noexcept {
    return *static_cast<const Base*>(static_cast<const void*>(this));
  }
};

}}  // namespace dymod::static_mode

#pragma pop_macro("module")

#endif

#endif
