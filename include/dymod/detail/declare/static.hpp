// SPDX-License-Identifier: MIT

// Static mode: DYMOD is a list of plain function declarations. What a program may say of a module
// in dynamic mode exists here too, says "nothing to reload" and leaves no byte in the program. No
// standard header, ever.

#ifndef DYMOD_DETAIL_DECLARE_STATIC_HPP
#define DYMOD_DETAIL_DECLARE_STATIC_HPP

#include <dymod/detail/declare/entry.hpp>
#include <dymod/detail/declare/for_each.hpp>
#include <dymod/detail/declare/function_type.hpp>
#include <dymod/detail/declare/no_library.hpp>
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

/// Nothing is ever reloaded in static mode.
/// @returns false
DYMOD_DETAIL_GONE constexpr bool reload_all() noexcept { return false; }

/// Takes a handler that will never be called.
/// @returns no handler
DYMOD_DETAIL_GONE constexpr event_handler set_event_handler(event_function, void* = nullptr) {
  return event_handler{nullptr, nullptr};
}

}}  // namespace dymod::static_mode

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
