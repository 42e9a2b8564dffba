// SPDX-License-Identifier: MIT

// dymod::error of dynamic mode: what a call throws when no generation can be loaded at all.

#ifndef DYMOD_DETAIL_CALL_ERROR_HPP
#define DYMOD_DETAIL_CALL_ERROR_HPP

#include <exception>  // exception

#include <dymod/detail/call/shared_text.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>
#include <dymod/event.hpp>

namespace dymod { inline namespace dynamic_mode {

/// Thrown by a call, or by reload(), while the module has no generation at all; the next call tries
/// again. Never thrown in static mode. Copies share one message, hence copying never fails. Safe to
/// copy and to read on any thread.
// Its functions are hidden, as all of dymod is; the class is not, so that one binary catches what
// another one throws.
class error : public std::exception {
 public:
  /// The message.
  /// @returns lines: which module, which step, which library, why; how two sides differ, where they
  ///          do; what to do. Null-terminated, never null; lives as long as any copy of this object
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* what() const noexcept override {
    const char* const lines = lines_.c_str();
    return lines != nullptr ? lines : "dymod: no memory for an error message";
  }

  /// The step at which the load ended.
  /// @returns it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN error_code code() const noexcept { return code_; }

  /// For dymod itself.
  /// @param code   the step
  /// @param lines  the message
  DYMOD_DETAIL_HIDDEN error(error_code code, detail::text&& lines) noexcept
      : code_(code), lines_(static_cast<detail::text&&>(lines)) {}

  // Not the implicit ones, which are no more hidden than the class.

  /// Shares the message.
  /// @param other  what is copied
  DYMOD_DETAIL_HIDDEN error(const error& other) noexcept = default;
  /// Shares the message.
  /// @param other  what is copied
  /// @returns this object
  DYMOD_DETAIL_HIDDEN error& operator=(const error& other) noexcept = default;
  DYMOD_DETAIL_HIDDEN ~error() override = default;

 private:
  error_code code_;
  shared_text lines_;
};

}}  // namespace dymod::dynamic_mode

#endif
