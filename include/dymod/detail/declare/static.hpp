// SPDX-License-Identifier: MIT

// Static mode: DYMOD is a list of plain function declarations. What a program may say of a module
// in dynamic mode exists here too, says "nothing to reload" and leaves no byte in the program. No
// standard header, ever.

#ifndef DYMOD_DETAIL_DECLARE_STATIC_HPP
#define DYMOD_DETAIL_DECLARE_STATIC_HPP

#include <dymod/detail/declare/entry.hpp>
#include <dymod/detail/declare/for_each.hpp>
#include <dymod/detail/declare/function_type.hpp>
#include <dymod/detail/os/target.hpp>  // DYMOD_DETAIL_GONE
#include <dymod/event.hpp>

namespace dymod { inline namespace static_mode {

/// Whether modules declared in this translation unit are hot-swapped (true: debug) or linked
/// statically (false: release).
inline constexpr bool is_dynamic = false;

/// Never thrown in static mode; here so that handlers compile. What is virtual in dynamic mode is
/// virtual here, so that classes derived from it compile too.
struct error {
  error() = delete;
  virtual ~error() = default;
  [[nodiscard]] virtual const char* what() const noexcept { return ""; }
  [[nodiscard]] error_code code() const noexcept { return error_code::not_found; }

  // In dynamic mode the base is std::exception, whose header is not to be had here; code that hands
  // a caught error to a function taking that base compiles all the same. Only for types that have
  // what(), else a function overloaded for std::string would be ambiguous. No object ever exists.
  template <class Base, class = decltype(static_cast<const Base*>(nullptr)->what())>
  operator const Base&() const noexcept {
    return *static_cast<const Base*>(static_cast<const void*>(this));
  }
};

/// A hook that never runs.
// clang-format off
struct hook { DYMOD_DETAIL_GONE constexpr void remove() noexcept {} };
// clang-format on

/// Nothing is ever reloaded in static mode.
/// @returns false
DYMOD_DETAIL_GONE constexpr bool reload_all() noexcept { return false; }

/// Takes a handler that will never be called.
/// @returns no handler
DYMOD_DETAIL_GONE constexpr event_handler set_event_handler(event_function, void* = nullptr) {
  return event_handler{nullptr, nullptr};
}

/// The handle of a module that is linked right here. Static members: using it leaves no object
/// behind.
// Few lines, because release builds preprocess to as many.
// clang-format off
struct no_library {
  [[nodiscard]] DYMOD_DETAIL_GONE static constexpr unsigned generation() noexcept { return 0; }
  [[nodiscard]] DYMOD_DETAIL_GONE static constexpr const char* path() noexcept { return ""; }
  DYMOD_DETAIL_GONE static constexpr bool roll_back() noexcept { return false; }
  DYMOD_DETAIL_GONE static constexpr unsigned unload_old() noexcept { return 0; }
  template <class Function> DYMOD_DETAIL_GONE static constexpr hook before_reload(Function&&) { return {}; }
  template <class Function> DYMOD_DETAIL_GONE static constexpr hook after_reload(Function&&) { return {}; }
};
// clang-format on

}}  // namespace dymod::static_mode

// reload() is not noexcept, because its type is the same in both modes. The handle is `inline`: a
// plain constexpr object would leave a byte in each object file of g++ -O0.
#define DYMOD_DETAIL_NO_LIBRARY()                             \
  DYMOD_DETAIL_GONE constexpr bool reload() { return false; } \
  DYMOD_DETAIL_HIDDEN inline constexpr ::dymod::no_library library{};

#define DYMOD_DETAIL_STATIC_FUNCTION(name, ...) \
  DYMOD_DETAIL_CHECK_ENTRY(name)                \
  ::dymod::detail::function_type_t<__VA_ARGS__> name;

#define DYMOD_DETAIL_STATIC(module_name, ...)                      \
  namespace module_name {                                          \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_STATIC_FUNCTION, __VA_ARGS__) \
  DYMOD_DETAIL_NO_LIBRARY()                                        \
  }

#define DYMOD_DETAIL_STATIC_EXTERN_C(module_name, ...)             \
  namespace module_name {                                          \
  extern "C" {                                                     \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_STATIC_FUNCTION, __VA_ARGS__) \
  }                                                                \
  DYMOD_DETAIL_NO_LIBRARY()                                        \
  }

#endif
