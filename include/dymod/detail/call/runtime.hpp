// SPDX-License-Identifier: MIT

// The door between calls and all that happens seldom: what a file that calls modules needs of the
// rest of dymod, declared. The rest (reload/, os/) is most of the cost of compiling a file: it is
// included, too, unless DYMOD_SEPARATE_RUNTIME says that another file of the program or library is
// compiled from it. dymod's CMake target does that (cmake/runtime.cpp).

#ifndef DYMOD_DETAIL_CALL_RUNTIME_HPP
#define DYMOD_DETAIL_CALL_RUNTIME_HPP

#include <stdint.h>  // uint64_t

#include <dymod/config.hpp>
#include <dymod/detail/os/native.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/event.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text;

// A template because those may be declared in one file and instantiated in another, which need not
// be the only one: linkers take any.
/// @tparam Os  the platform
template <class Os> struct runtime {
  /// Makes known what this binary wants of a module. From a static constructor.
  static void list(caller& wants) noexcept;

  /// The first call of a binary. The caller throws: this may be compiled without exceptions.
  /// @param code   what went wrong, on failure
  /// @param lines  the same, in words
  /// @returns null on failure
  [[nodiscard]] static record* load_first(caller& wants, error_code& code, text& lines) noexcept;

  /// The same; failure ends the process, with a message.
  [[nodiscard]] static record& load_first_or_end(caller& wants) noexcept;

  /// What a call does: looks whether there is a new build, and takes it if it will do. One
  /// function, because kernels leave the processor without a notion of where the functions return
  /// to that asked for the file: each costs as much as the rest of a call.
  /// @returns what is current now; null before the first load
  [[nodiscard]] static const snapshot* look(caller& wants) noexcept;

  /// The same, once the interval since the last look of this binary is over; then it begins anew.
  /// @param interval  ms
  [[nodiscard]] static const snapshot* look_at_intervals(caller& wants, unsigned interval) noexcept;

  // See class basic_loader.
  static bool reload(record& known) noexcept;
  static bool reload_all() noexcept;
  static bool roll_back(record& known) noexcept;
  static unsigned unload_old(record& known) noexcept;
  [[nodiscard]] static record* find_loaded(caller& wants) noexcept;
  [[nodiscard]] static const char* expected_path(caller& wants) noexcept;

  /// The module whose image this code is part of; null: none, or one that is only being opened.
  [[nodiscard]] static record* find_own() noexcept;

  // See class hooks.
  [[nodiscard]] static uint64_t add_hook(hook_entry& added, const void* code) noexcept;
  static void remove_hook(uint64_t number) noexcept;

  /// See dymod::set_event_handler().
  static event_handler set_event_handler(event_function function, void* user) noexcept;

  // For guarded calls, see class basic_loader.
  [[nodiscard]] static bool may_run_broken() noexcept;
  [[nodiscard]] static image* image_at(const void* address) noexcept;
  static void leave_crashed(image& in, const crash_report& report, const text& place) noexcept;
};

using native_runtime = runtime<os::native>;

}}  // namespace dymod::detail

#if DYMOD_SEPARATE_RUNTIME
extern template struct dymod::detail::runtime<dymod::detail::os::native>;
#else
#include <dymod/detail/reload/runtime.hpp>
#endif

#endif
