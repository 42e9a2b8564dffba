// SPDX-License-Identifier: MIT

// The one load lock of a process. Held while dymod looks and judges, never while foreign code runs
// (static constructors inside the opening of a library, hooks, event handlers): the system's loader
// has a lock of its own, and whoever holds that may come for this one. Known to be void in a forked
// child whose parent held it. Only first calls and reload() wait for it: short sleeps are good
// enough.

#ifndef DYMOD_DETAIL_STATE_LOCK_HPP
#define DYMOD_DETAIL_STATE_LOCK_HPP

#include <stdint.h>  // uint64_t

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/atomic.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// Process and thread in one number, so that a fork at any instant leaves what it is written to
/// whole. Never 0.
template <class Os> [[nodiscard]] uint64_t this_thread() noexcept {
  return static_cast<uint64_t>(Os::process_id()) << 32 | Os::thread_id();
}

/// Whether a number from this_thread() is of a thread that can still go on: a forked child has none
/// of its parent's.
template <class Os> [[nodiscard]] bool is_of_this_process(uint64_t thread) noexcept {
  return thread >> 32 == Os::process_id();
}

class load_lock {
 public:
  constexpr load_lock() noexcept = default;

  /// @returns whether this thread holds the lock now, and did not before
  template <class Os> [[nodiscard]] bool try_enter() noexcept {
    uint64_t holder = holder_.load_relaxed();
    if (holder != 0 && is_of_this_process<Os>(holder)) return false;
    return holder_.compare_exchange(holder, this_thread<Os>());
  }

  /// Waits, however long another thread takes to judge a build.
  /// @returns false if this thread holds the lock already: a signal handler interrupted a load
  template <class Os> [[nodiscard]] bool enter() noexcept {
    while (!try_enter<Os>()) {
      if (holder_.load_relaxed() == this_thread<Os>()) return false;
      Os::sleep_milliseconds(1);
    }
    return true;
  }

  /// Which thread, see this_thread(); 0: none.
  [[nodiscard]] uint64_t holder() const noexcept { return holder_.load_relaxed(); }

  template <class Os> void leave() noexcept {
    // In a child forked from inside a load the lock may have been found void and taken anew.
    if (holder_.load_relaxed() != this_thread<Os>()) return;
    holder_.store_release(0);
  }

 private:
  atomic<uint64_t> holder_{0};
};

}}  // namespace dymod::detail

#endif
