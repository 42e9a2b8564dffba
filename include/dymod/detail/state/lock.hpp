// SPDX-License-Identifier: MIT

// The one load lock of a process: recursive for its thread (a module's constructor may call another
// module; a lock per module would deadlock against the loader's own), and known to be void in a
// forked child whose parent held it. Calls never take it, so waiting by short sleeps is good
// enough.

#ifndef DYMOD_DETAIL_STATE_LOCK_HPP
#define DYMOD_DETAIL_STATE_LOCK_HPP

#include <stdint.h>  // uint64_t

#include <atomic>  // atomic

#include <dymod/detail/os/target.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class load_lock {
 public:
  constexpr load_lock() noexcept = default;

  /// @returns whether this thread holds the lock now
  template <class Os> [[nodiscard]] bool try_enter() noexcept {
    const uint64_t me = myself<Os>();
    uint64_t holder = holder_.load(std::memory_order_relaxed);
    if (holder == me) {
      ++depth_;
      return true;
    }
    const bool inherited = holder != 0 && holder >> 32 != me >> 32;
    if (holder != 0 && !inherited) return false;
    if (!holder_.compare_exchange_strong(holder, me, std::memory_order_acquire)) return false;
    depth_ = 1;
    return true;
  }

  /// Waits, however long another thread takes to load.
  template <class Os> void enter() noexcept {
    while (!try_enter<Os>()) Os::sleep_milliseconds(1);
  }

  template <class Os> void leave() noexcept {
    // In a child forked from inside a load the lock may have been found void and taken anew.
    if (holder_.load(std::memory_order_relaxed) != myself<Os>()) return;
    if (--depth_ == 0) holder_.store(0, std::memory_order_release);
  }

  /// Process and thread that hold the lock, in one number; 0: nobody.
  [[nodiscard]] uint64_t holder() const noexcept { return holder_.load(std::memory_order_relaxed); }

  /// How often the thread that holds the lock has entered it.
  [[nodiscard]] unsigned depth() const noexcept { return depth_; }

 private:
  // Both in one word, so that a fork at any instant leaves it whole.
  template <class Os> [[nodiscard]] static uint64_t myself() noexcept {
    return static_cast<uint64_t>(Os::process_id()) << 32 | Os::thread_id();
  }

  std::atomic<uint64_t> holder_{0};
  unsigned depth_ = 0;  // written by the holder only
};

}}  // namespace dymod::detail

#endif
