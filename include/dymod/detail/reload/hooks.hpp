// SPDX-License-Identifier: MIT

// What the program wants run before and after a module's reload. Each hook runs on the thread that
// reloads, with no lock of dymod held; the module is marked as worked on meanwhile, so that no
// reload starts. A hook whose code is part of an image runs while that image is current, and goes
// when it is replaced.

#ifndef DYMOD_DETAIL_RELOAD_HOOKS_HPP
#define DYMOD_DETAIL_RELOAD_HOOKS_HPP

#include <stdint.h>  // uint64_t

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/records.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

// All functions but add() and remove() want the load lock held; those that run foreign code give it
// back meanwhile.
template <class Os> class hooks {
 public:
  explicit hooks(registry& known) noexcept : known_(known) {}

  /// @param code  an address in the binary that the hook's code is part of
  /// @returns the hook's number
  [[nodiscard]] uint64_t add(hook_entry& added, const void* code) noexcept {
    const typename Os::quiet undisturbed;
    const void* const registrar = reinterpret_cast<const void*>(added.run);
    const bool entered = known_.lock.template enter<Os>();
    const uint64_t number = ++known_.hooks_made;
    added.number = number;
    added.home = image_of<Os>(known_, code);
    added.registered_by = image_of<Os>(known_, registrar);
    const bool is_in_library = added.home == nullptr;
    const bool is_of_library = added.registered_by == nullptr;
    if (added.wants == nullptr && !is_of_library) added.of = added.registered_by->of;
    hook_entry** end = &known_.hooks;
    while (*end != nullptr) end = &(*end)->next;
    *end = &added;
    if (entered) known_.lock.template leave<Os>();
    if (is_in_library) Os::keep_library_of(code);
    if (is_of_library) Os::keep_library_of(registrar);
    return number;
  }

  /// Returns once the hook is not being run on another thread.
  void remove(uint64_t number) noexcept {
    const typename Os::quiet undisturbed;
    for (;;) {
      if (!known_.lock.template enter<Os>()) return;
      hook_entry* found = known_.hooks;
      while (found != nullptr && found->number != number) found = found->next;
      if (found != nullptr) found->removed = true;
      const bool runs = found != nullptr && is_running(*found);
      const bool by_itself = runs && found->run_by == this_thread<Os>();  // goes when it returns
      if (!runs) discard_removed();
      known_.lock.template leave<Os>();
      if (!runs || by_itself) return;
      Os::sleep_milliseconds(1);
    }
  }

  /// Whether the module has a hook to be run.
  [[nodiscard]] bool any(const record& of, bool before) const noexcept {
    for (const hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (each->of == &of && is_due(*each, before)) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_any_running() const noexcept {
    for (const hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (is_running(*each)) return true;
    }
    return false;
  }

  /// Runs the hooks of the modules that `takes`, those that were there when this began, in the
  /// order of their registration.
  /// @returns whether the lock was given back meanwhile
  template <class Takes> bool run(bool before, Takes takes) noexcept {
    const uint64_t last = known_.hooks_made;
    bool given_back = false;
    for (hook_entry* each = known_.hooks; each != nullptr && each->number <= last;
         each = each->next) {
      if (each->of == nullptr || !takes(*each->of) || !is_due(*each, before)) continue;
      given_back = true;
      each->run_by = this_thread<Os>();
      known_.lock.template leave<Os>();
      each->run(each);
      static_cast<void>(known_.lock.template enter<Os>());
      each->run_by = 0;
    }
    return discard_removed() || given_back;
  }

  /// Removes the hooks whose code is part of a generation that is not current any more, or that
  /// such a one registered.
  void remove_replaced() noexcept {
    for (hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (is_replaced(each->home) || is_replaced(each->registered_by)) each->removed = true;
    }
    discard_removed();
  }

  /// Removes the hooks whose code is part of an image.
  void remove_of(const image& home) noexcept {
    for (hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (each->home == &home || each->registered_by == &home) each->removed = true;
    }
    discard_removed();
  }

 private:
  [[nodiscard]] static bool is_running(const hook_entry& of) noexcept {
    return of.run_by != 0 && is_of_this_process<Os>(of.run_by);
  }

  [[nodiscard]] static bool is_due(const hook_entry& hook, bool before) noexcept {
    if (hook.before != before || hook.removed) return false;
    return is_current(hook.home) && is_current(hook.registered_by);
  }

  [[nodiscard]] static bool is_current(const image* home) noexcept {
    return home == nullptr || home == current_image(*home->of);
  }

  [[nodiscard]] static bool is_replaced(const image* home) noexcept {
    return home != nullptr && home->generation != 0 && !is_current(home);
  }

  // Those that are being destroyed stay listed, so that whoever else removes them waits.
  /// @returns whether the lock was given back meanwhile
  bool discard_removed() noexcept {
    hook_entry* gone = known_.hooks;
    bool given_back = false;
    while (gone != nullptr) {
      if (!gone->removed || is_running(*gone)) {
        gone = gone->next;
        continue;
      }
      void (*const destroy)(hook_entry*) = gone->destroy;
      gone->destroy = nullptr;
      gone->run_by = this_thread<Os>();
      known_.lock.template leave<Os>();
      if (destroy != nullptr) destroy(gone);  // else a forked child's parent was at it
      static_cast<void>(known_.lock.template enter<Os>());
      hook_entry** link = &known_.hooks;
      while (*link != gone) link = &(*link)->next;
      *link = gone->next;
      known_.lock.template leave<Os>();
      gone->release(gone);
      static_cast<void>(known_.lock.template enter<Os>());
      gone = known_.hooks;  // whatever happened to the list meanwhile
      given_back = true;
    }
    return given_back;
  }

  registry& known_;
};

}}  // namespace dymod::detail

#endif
