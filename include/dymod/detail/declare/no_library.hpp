// SPDX-License-Identifier: MIT

// `reload` and `library` of a module whose code is linked right here: in static mode, and inside
// the module itself. Includes nothing.

#ifndef DYMOD_DETAIL_DECLARE_NO_LIBRARY_HPP
#define DYMOD_DETAIL_DECLARE_NO_LIBRARY_HPP

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

#define DYMOD_DETAIL_NO_LIBRARY()                    \
  constexpr bool reload() noexcept { return false; } \
  [[maybe_unused]] constexpr ::dymod::detail::no_library library{};

#endif
