// SPDX-License-Identifier: MIT

// dymod::crash of dynamic mode: what a guarded call throws when the module's function crashes.

#ifndef DYMOD_DETAIL_CALL_CRASH_HPP
#define DYMOD_DETAIL_CALL_CRASH_HPP

#include <exception>  // exception

#include <dymod/detail/call/shared_text.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>

// `module` is a macro of some older code bases; it is the right name for the function all the same.
#pragma push_macro("module")
#undef module

namespace dymod { inline namespace dynamic_mode {

/// Thrown by a guarded call (DYMOD_CRASH_GUARD=1) in which code of the module crashed, and, as long
/// as nothing older can take over, by all later ones until a new build comes. No dymod::error: that
/// says that a module could not be loaded. Never thrown in static mode. Copying never fails; safe
/// on any thread.
// Hidden and not: as dymod::error.
class crash : public std::exception {
 public:
  /// The message.
  /// @returns lines: which module, which function, what happened, where, and what to do.
  ///          Null-terminated, never null; lives, as all strings here, as long as any copy of this
  ///          object
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* what() const noexcept override {
    const char* const lines = lines_.c_str();
    return lines != nullptr ? lines : "dymod: a crash, and no memory for words about it";
  }

  /// Whose code crashed.
  /// @returns the name, as given to DYMOD, of the call's module, unless it was a callback of
  ///          another one; "" if there was no memory for it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* module() const noexcept {
    return name_or_nothing(module_);
  }

  /// The function that was called when it crashed.
  /// @returns its name, as given to DYMOD; of a call that found the module broken the function of
  ///          that crash; "" if there was no memory for it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* function() const noexcept {
    return name_or_nothing(function_);
  }

  /// How it crashed.
  /// @returns SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT
  [[nodiscard]] DYMOD_DETAIL_HIDDEN int signal() const noexcept { return signal_; }

  /// Which generation crashed.
  /// @returns its number: 1, 2, …
  [[nodiscard]] DYMOD_DETAIL_HIDDEN unsigned generation() const noexcept { return generation_; }

  /// Where it crashed.
  /// @returns what the system tells: the memory that was accessed (SIGSEGV, SIGBUS), the
  ///          instruction (SIGFPE, SIGILL), null (SIGABRT)
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const void* address() const noexcept { return address_; }

  /// For dymod itself.
  /// @param lines          the message
  /// @param module_name    whose code crashed
  /// @param function_name  what was called
  /// @param signal_number  how
  /// @param generation     which of its generations
  /// @param address        where
  DYMOD_DETAIL_HIDDEN crash(detail::text&& lines, const char* module_name,
                            const char* function_name, int signal_number, unsigned generation,
                            const void* address) noexcept
      : lines_(static_cast<detail::text&&>(lines)),
        module_(detail::text(module_name)),
        function_(detail::text(function_name)),
        address_(address),
        signal_(signal_number),
        generation_(generation) {}

  /// Shares the strings.
  /// @param other  what is copied
  DYMOD_DETAIL_HIDDEN crash(const crash& other) noexcept = default;
  /// Shares the strings.
  /// @param other  what is copied
  /// @returns this object
  DYMOD_DETAIL_HIDDEN crash& operator=(const crash& other) noexcept = default;
  DYMOD_DETAIL_HIDDEN ~crash() override = default;

 private:
  [[nodiscard]] DYMOD_DETAIL_HIDDEN static const char* name_or_nothing(
      const shared_text& name) noexcept {
    return name.c_str() != nullptr ? name.c_str() : "";
  }

  shared_text lines_;
  shared_text module_;
  shared_text function_;
  const void* address_;
  int signal_;
  unsigned generation_;
};

}}  // namespace dymod::dynamic_mode

#pragma pop_macro("module")

#endif
