// SPDX-License-Identifier: MIT

// `sheep::library` in dynamic mode: what the program may ask of a module beyond calling it, and
// what it may have done around a reload.

#ifndef DYMOD_DETAIL_CALL_LIBRARY_HPP
#define DYMOD_DETAIL_CALL_LIBRARY_HPP

#include <stdint.h>  // uint64_t

#include <type_traits>  // is_function, is_pointer, remove_pointer

#include <dymod/detail/call/runtime.hpp>
#include <dymod/detail/call/thunk.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/registry.hpp>

namespace dymod {
namespace detail DYMOD_DETAIL_HIDDEN {

template <class Function> struct hook_of : hook_entry {
  union {
    Function function;  // destroyed by itself: what it does then is foreign code
  };

  hook_of(caller* module_wanted, bool runs_before, Function&& given)
      : hook_entry{}, function(static_cast<Function&&>(given)) {
    wants = module_wanted;
    before = runs_before;
    run = &run_this;
    destroy = &destroy_this;
    release = &release_this;
  }
  hook_of(const hook_of&) = delete;
  hook_of& operator=(const hook_of&) = delete;
  ~hook_of() {}  // NOLINT(modernize-use-equals-default): of a union there is no default

  static void run_this(hook_entry* self) noexcept { static_cast<hook_of*>(self)->function(); }
  static void destroy_this(hook_entry* self) noexcept {
    static_cast<hook_of*>(self)->function.~Function();
  }
  static void release_this(hook_entry* self) noexcept { delete static_cast<hook_of*>(self); }

  // A function may be another binary's than the one that registers it.
  [[nodiscard]] const void* code() const noexcept {
    if constexpr (std::is_pointer_v<Function>) {
      static_assert(std::is_function_v<std::remove_pointer_t<Function>>,
                    "dymod: a hook is something that can be called without arguments");
      return reinterpret_cast<const void*>(function);
    } else {
      return reinterpret_cast<const void*>(&run_this);
    }
  }
};

template <class Function>
[[nodiscard]] uint64_t add_hook(caller* wants, bool before, Function&& function) {
  auto* const added = new hook_of<Function>(wants, before, static_cast<Function&&>(function));
  return native_runtime::add_hook(*added, added->code());
}

// Who asks for a module: the program, or another binary, that calls it.
template <class Module> struct asker_of {
  [[nodiscard]] static caller* wants() noexcept { return &caller_of<Module>::instance; }

  // Perhaps only other binaries have called it.
  [[nodiscard]] static record* find() noexcept {
    record* const found = wants()->found.load_acquire();
    return found != nullptr ? found : native_runtime::find_loaded(*wants());
  }

  [[nodiscard]] static const char* expected_path() noexcept {
    return native_runtime::expected_path(*wants());
  }
};

// Code of the module itself. `Tag` is the module's.
template <class Tag> struct own {};
template <class Tag> struct asker_of<own<Tag>> {
  [[nodiscard]] static caller* wants() noexcept { return nullptr; }
  [[nodiscard]] static record* find() noexcept { return native_runtime::find_own(); }
  [[nodiscard]] static const char* expected_path() noexcept { return ""; }
};

}  // namespace DYMOD_DETAIL_HIDDEN

inline namespace dynamic_mode {

/// What before_reload() and after_reload() return. Copies stand for the same hook; destroying them
/// does nothing. Any thread.
class hook {
 public:
  /// Of no hook.
  constexpr hook() noexcept = default;

  /// For dymod itself.
  /// @param number  which hook; 0: none
  DYMOD_DETAIL_HIDDEN explicit hook(uint64_t number) noexcept : number_(number) {}

  /// The hook will not be run any more, and what was given is destroyed. Waits while the hook is
  /// run on another thread; called by the hook itself it returns at once. Twice is fine.
  DYMOD_DETAIL_HIDDEN void remove() noexcept {
    if (number_ != 0) detail::native_runtime::remove_hook(number_);
  }

 private:
  uint64_t number_ = 0;
};

/// A module's handle, `sheep::library`. All functions may be called on any thread, at any time;
/// none of them loads the module. Inside the module itself it says the same; hooks that a module
/// registers for itself, as from a static constructor, go with their generation.
/// @tparam Module  dymod's own
template <class Module> struct library_handle {
  /// Which generation is current. Greater after a reload, smaller after going back.
  /// @returns its number: 1, 2, …; 0 before the first load
  [[nodiscard]] unsigned generation() const noexcept {
    const detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr ? detail::generation_of(*known) : 0;
  }

  /// Which library is watched.
  /// @returns its absolute path; before the first load: where it is expected, or "" inside the
  ///          module. Null-terminated, valid for ever
  [[nodiscard]] const char* path() const noexcept {
    const detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr ? known->path : detail::asker_of<Module>::expected_path();
  }

  /// Has a function called before each reload of this module, from the second generation on: once
  /// the new build is opened and found to fit, while the old one is current. All calls of modules
  /// in it run the old code, and no reload starts. It says that the program takes care of the
  /// objects that the generations hand to each other: their layouts are then not compared.
  /// Several are called in the order of their registration, on the thread that reloads, with no
  /// lock of dymod held.
  /// @param function  called without arguments; must not throw. If its code is part of a module, or
  ///                  a module registers it, it is removed when that is reloaded
  /// @returns what removes it
  /// @throws std::bad_alloc  or what moving `function` throws; nothing is registered then
  template <class Function> hook before_reload(Function function) const {
    return hook(detail::add_hook(detail::asker_of<Module>::wants(), true,
                                 static_cast<Function&&>(function)));
  }

  /// The same, after each reload: calls run the new code. Called, too, if the reload failed after
  /// before_reload(), for lack of memory.
  /// @param function  as for before_reload()
  /// @returns what removes it
  /// @throws std::bad_alloc  as before_reload()
  template <class Function> hook after_reload(Function function) const {
    return hook(detail::add_hook(detail::asker_of<Module>::wants(), false,
                                 static_cast<Function&&>(function)));
  }

  /// Makes an older generation current again, for a program that finds the new one wanting: the
  /// newest that is still loaded and fits. The build that is left is not taken again; the next one
  /// is, with a number that no generation had. Hooks run as around a reload. Waits for another
  /// thread's load or hooks.
  /// @returns whether there was one; false inside a load or a hook
  // NOLINTNEXTLINE(modernize-use-nodiscard): generation() tells as well
  bool roll_back() const noexcept {
    detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr && detail::native_runtime::roll_back(*known);
  }

  /// Unloads all generations but the current one, and gives back memory and copies. For a program
  /// that knows that nothing of them is in use: no thread or frame of their code, no object,
  /// callback or string of theirs. What the system keeps all the same, an event of the kind
  /// `warning` tells, with the reason.
  /// @returns how many were unloaded; 0 inside a load or a hook
  // NOLINTNEXTLINE(modernize-use-nodiscard): the number is for those who wonder
  unsigned unload_old() const noexcept {
    detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr ? detail::native_runtime::unload_old(*known) : 0;
  }
};

}  // namespace dynamic_mode
}  // namespace dymod

#endif
