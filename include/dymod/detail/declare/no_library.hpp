// SPDX-License-Identifier: MIT

// `reload` and `library` of a module whose code is linked right here: in static mode, and inside
// the module itself. No standard header.

#ifndef DYMOD_DETAIL_DECLARE_NO_LIBRARY_HPP
#define DYMOD_DETAIL_DECLARE_NO_LIBRARY_HPP

#include <dymod/detail/os/target.hpp>  // DYMOD_DETAIL_GONE, DYMOD_DETAIL_HIDDEN

namespace dymod::detail {

/// The handle of a module that is not loaded from anywhere. Static members: using it leaves no
/// object behind.
struct no_library {
  [[nodiscard]] DYMOD_DETAIL_GONE static constexpr unsigned generation() noexcept { return 0; }
  [[nodiscard]] DYMOD_DETAIL_GONE static constexpr const char* path() noexcept { return ""; }
};

}  // namespace dymod::detail

// reload() is not noexcept, because its type is the same in both modes.
// `inline`: a plain constexpr object would leave a byte in each object file of g++ -O0. Hidden: an
// inline variable that a module exports is shared by all its images.
#define DYMOD_DETAIL_NO_LIBRARY()                             \
  DYMOD_DETAIL_GONE constexpr bool reload() { return false; } \
  DYMOD_DETAIL_HIDDEN inline constexpr ::dymod::detail::no_library library{};

#endif
