// SPDX-License-Identifier: MIT

// Calls with a guard against crashes are left when code crashes (call/crash_guard.hpp): by a jump
// over all that runs inside. dymod's own work cannot be left like that, nor what runs within it:
// static constructors under the lock of the system's loader, hooks, event handlers.

#ifndef DYMOD_DETAIL_STATE_GUARDED_HPP
#define DYMOD_DETAIL_STATE_GUARDED_HPP

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/registry.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// While it lives no guarded call of this thread is left, but those that begin meanwhile.
class unguarded {
 public:
  explicit unguarded(const registry& known) noexcept {
    const guarded_threads* const threads = known.guarded.load_acquire();
    thread_ = threads != nullptr ? threads->find() : nullptr;
    if (thread_ == nullptr) return;
    innermost_ = thread_->innermost;
    thread_->innermost = nullptr;
  }
  unguarded(const unguarded&) = delete;
  unguarded& operator=(const unguarded&) = delete;
  ~unguarded() {
    if (thread_ != nullptr) thread_->innermost = innermost_;
  }

  /// The call that would be left without this; null: none.
  [[nodiscard]] const guarded_place* innermost() const noexcept { return innermost_; }

 private:
  guarded_thread* thread_;
  guarded_place* innermost_ = nullptr;
};

}}  // namespace dymod::detail

#endif
