// SPDX-License-Identifier: MIT

// A call in dynamic mode: thunk::call looks for a new build as the policy says, loads the current
// snapshot once, and jumps. A thunk is one line that calls into dymod::detail, so that a debugger
// told `skip -rfu ^dymod::detail::` steps from the call into the module's function.

#ifndef DYMOD_DETAIL_CALL_THUNK_HPP
#define DYMOD_DETAIL_CALL_THUNK_HPP

#include <type_traits>  // is_constructible

#include <dymod/config.hpp>
#include <dymod/detail/call/error.hpp>
#include <dymod/detail/call/runtime.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod {

/// What the translation unit that calls has chosen. A template argument of the thunk, so that
/// translation units with different choices live in one program.
/// @tparam AutoReload  whether calls look for a new build
/// @tparam Interval    at most one look in so many ms; 0: at every call
/// @tparam Throws      whether a load that fails throws dymod::error; else it ends the process
template <bool AutoReload, unsigned Interval, bool Throws> struct policy {
  static constexpr bool auto_reload = AutoReload;
  static constexpr unsigned interval = Interval;
  static constexpr bool throws = Throws;
  using without_exceptions = policy<AutoReload, Interval, false>;
};

namespace detail DYMOD_DETAIL_HIDDEN {

template <class Module> struct caller_of { static caller instance; };

// Trivially destroyed and constant-initialised: there before the first static constructor and after
// the last destructor.
template <class Module>
caller caller_of<Module>::instance{Module::name(),  Module::names(),     Module::types(),
                                   Module::count(), Module::is_extern_c, &Module::library_path};

// One in each translation unit with the declaration: what an image wants of other modules is known
// once it is open, before it has called them.
template <class Module> struct listed_caller {
  listed_caller() noexcept { native_runtime::list(caller_of<Module>::instance); }
};

template <bool Throws> [[nodiscard]] record& load_first(caller& wants) noexcept(!Throws) {
#if DYMOD_DETAIL_EXCEPTIONS()
  if constexpr (Throws) {
    error_code code{};
    text lines;
    record* const loaded = native_runtime::load_first(wants, code, lines);
    if (loaded == nullptr) throw error(code, static_cast<text&&>(lines));
    return *loaded;
  }
#endif
  return native_runtime::load_first_or_end(wants);
}

/// @returns null before the first load
template <class Policy>
[[nodiscard]] DYMOD_DETAIL_GONE const snapshot* look(caller& wants) noexcept {
  if constexpr (!Policy::auto_reload) {
    const record* const known = wants.found.load_acquire();
    return known != nullptr ? known->published.load_acquire() : nullptr;
  } else if constexpr (Policy::interval == 0) {
    return native_runtime::look(wants);
  } else {
    return native_runtime::look_at_intervals(wants, Policy::interval);
  }
}

// Others may have loaded the module long ago: this is a call like any other.
template <class Policy>
[[nodiscard]] const snapshot* look_first(caller& wants) noexcept(!Policy::throws) {
  static_cast<void>(load_first<Policy::throws>(wants));
  return look<Policy>(wants);
}

/// The whole of what a call costs beyond the call: one stat, as the policy says, and one pointer.
template <class Module, class Policy>
[[nodiscard]] DYMOD_DETAIL_GONE const snapshot* current_snapshot() noexcept(!Policy::throws) {
  caller& wants = caller_of<Module>::instance;
  const snapshot* const now = look<Policy>(wants);
  return now != nullptr ? now : look_first<Policy>(wants);
}

template <class Module, class Policy>
[[nodiscard]] DYMOD_DETAIL_SHORT_CUT function_pointer
current_function(unsigned index) noexcept(!Policy::throws) {
  const snapshot* const now = current_snapshot<Module, Policy>();
  return now->functions[caller_of<Module>::instance.number][index];
}

template <class Module, unsigned Index, class Policy, class Type>
[[nodiscard]] DYMOD_DETAIL_GONE Type* current() noexcept(!Policy::throws) {
  return reinterpret_cast<Type*>(current_function<Module, Policy>(Index));
}

// Asks nothing of what a reference refers to, here and in pass: it may be a template that
// cannot be instantiated (std::optional of an incomplete type).
template <class Argument>
inline constexpr bool can_be_handed_on = std::is_constructible_v<Argument, Argument&&>;
template <class Argument> inline constexpr bool can_be_handed_on<Argument&> = true;
template <class Argument> inline constexpr bool can_be_handed_on<Argument&&> = true;

template <class... Arguments> constexpr bool check_arguments() noexcept {
  static_assert((can_be_handed_on<Arguments> && ...),
                "dymod: a parameter of this function can be neither moved nor copied, which debug "
                "mode must do "
                "on the way into the module; take it by reference");
  return true;
}

template <class Argument> struct pass {
  DYMOD_DETAIL_GONE static constexpr Argument&& on(Argument& argument) noexcept {
    return static_cast<Argument&&>(argument);
  }
};
template <class Argument> struct pass<Argument&> {
  DYMOD_DETAIL_GONE static constexpr Argument& on(Argument& argument) noexcept { return argument; }
};

}  // namespace DYMOD_DETAIL_HIDDEN

inline namespace dynamic_mode {

/// Whether modules declared in this translation unit are hot-swapped (true: debug) or linked
/// statically (false: release).
inline constexpr bool is_dynamic = true;

template <class Module, unsigned Index, class Policy, class Type> struct thunk;

// The call is one line, through which a debugger goes in one step.
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN thunk<Module, Index, Policy, Result(Arguments...)> {
  using type = Result(Arguments...);
  static Result call(Arguments... given) {
    static_assert(detail::check_arguments<Arguments...>());
    return detail::current<Module, Index, Policy, type>()(detail::pass<Arguments>::on(given)...);
  }
};

// A function that must not throw ends the process with the message when it cannot be loaded.
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN thunk<Module, Index, Policy, Result(Arguments...) noexcept> {
  using type = Result(Arguments...) noexcept;
  using quiet = typename Policy::without_exceptions;
  static Result call(Arguments... given) noexcept {
    static_assert(detail::check_arguments<Arguments...>());
    return detail::current<Module, Index, quiet, type>()(detail::pass<Arguments>::on(given)...);
  }
};

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct thunk<Module, Index, Policy, Result(Arguments..., ...)> {
  static_assert(Module::is_extern_c && !Module::is_extern_c,
                "dymod: a function with C variadic arguments (...) cannot be handed on to a "
                "module; give it a "
                "parameter pack's worth of overloads, a va_list or a container");
  static Result call(Arguments..., ...);
};

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct thunk<Module, Index, Policy, Result(Arguments..., ...) noexcept>
    : thunk<Module, Index, Policy, Result(Arguments..., ...)> {};

template <class Module, class Policy> struct DYMOD_DETAIL_HIDDEN module_functions {
  /// Looks now, whatever the policy; waits for a reload in progress on another thread, and 2 s at
  /// most for a library that is not finished; judges a refused library again. The first load like a
  /// call.
  /// @returns whether the generation on return is greater than on entry; false inside a hook or a
  ///          static constructor of a module, but for a first load
  /// @throws dymod::error  at the first call of this binary only, if nothing can be loaded or what
  ///                       others have loaded does not fit
  static bool reload() {
    detail::caller& wants = detail::caller_of<Module>::instance;
    detail::record* known = wants.found.load_acquire();
    if (known == nullptr) {
      // Perhaps loaded, by others.
      const detail::record* const others = detail::native_runtime::find_loaded(wants);
      const unsigned before = others != nullptr ? detail::generation_of(*others) : 0;
      known = &detail::load_first<Policy::throws>(wants);
      if (detail::generation_of(*known) > before) return true;
    }
    return detail::native_runtime::reload(*known);
  }
};

/// For a safe point, such as the top of a frame: opens and proves the new builds of all loaded
/// modules first; if one is refused, or not finished, none is published; else all before_reload()
/// hooks run, all modules are published, one after the other, and all after_reload() hooks run.
/// Waits only for another thread's load or hooks. Any thread.
/// @returns whether anything changed; false inside a hook or a static constructor of a module
DYMOD_DETAIL_HIDDEN inline bool reload_all() noexcept {
  return detail::native_runtime::reload_all();
}

/// Sets who hears of events in this process; `nullptr` restores the default, which writes to
/// stderr. Any thread, any time; an event under way on another thread may still reach the old
/// handler.
/// @param function  called with each event; nullptr: the default
/// @param user      handed to `function` with each event
/// @returns         the handler before
DYMOD_DETAIL_HIDDEN inline event_handler set_event_handler(event_function function,
                                                           void* user = nullptr) noexcept {
  return detail::native_runtime::set_event_handler(function, user);
}

}  // namespace dynamic_mode
}  // namespace dymod

#endif
