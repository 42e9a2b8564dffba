// SPDX-License-Identifier: MIT

// `reload` and `library` of a module whose code is linked right here: in static mode, and inside
// the module itself. No standard header.

#ifndef DYMOD_DETAIL_DECLARE_NO_LIBRARY_HPP
#define DYMOD_DETAIL_DECLARE_NO_LIBRARY_HPP

#include <dymod/detail/os/target.hpp>  // DYMOD_DETAIL_HIDDEN

namespace dymod {
namespace detail {

/// The handle of a module that is not loaded from anywhere. Static members: using it leaves no
/// object behind.
struct no_library {
  [[nodiscard]] static constexpr unsigned generation() noexcept { return 0; }
  [[nodiscard]] static constexpr const char* path() noexcept { return ""; }
};

}  // namespace detail
}  // namespace dymod

// `inline`: a plain constexpr object would leave a byte in each object file of g++ -O0. Hidden: an
// inline variable that a module exports is shared by all its images.
#define DYMOD_DETAIL_NO_LIBRARY()                    \
  constexpr bool reload() noexcept { return false; } \
  DYMOD_DETAIL_HIDDEN inline constexpr ::dymod::detail::no_library library{};

#endif
