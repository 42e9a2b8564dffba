// SPDX-License-Identifier: MIT

// Values that several threads read and write. Not std::atomic where the compiler offers the same
// itself: to include that is a third of what a file pays for dymod, and without optimisation each
// of its functions is a call, of which a call of a module has several.

#ifndef DYMOD_DETAIL_STATE_ATOMIC_HPP
#define DYMOD_DETAIL_STATE_ATOMIC_HPP

#include <dymod/detail/os/target.hpp>

#if defined(_MSC_VER) && !defined(__clang__)
#include <atomic>  // atomic
#endif

namespace dymod { namespace detail {

/// A pointer or an integer. The suffixes are the memory orders of the standard. Leaves nothing in a
/// binary, so that it may be a member of what several share.
template <class Value> class atomic {
 public:
  constexpr atomic() noexcept = default;
  DYMOD_DETAIL_GONE constexpr atomic(Value initial) noexcept : value_(initial) {}
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

#if defined(_MSC_VER) && !defined(__clang__)
  [[nodiscard]] Value load_relaxed() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] Value load_acquire() const noexcept {
    return value_.load(std::memory_order_acquire);
  }
  void store_relaxed(Value next) noexcept { value_.store(next, std::memory_order_relaxed); }
  void store_release(Value next) noexcept { value_.store(next, std::memory_order_release); }
  [[nodiscard]] bool compare_exchange(Value& expected, Value next) noexcept {
    return value_.compare_exchange_strong(expected, next, std::memory_order_acq_rel);
  }
  [[nodiscard]] Value exchange(Value next) noexcept {
    return value_.exchange(next, std::memory_order_acq_rel);
  }
  Value add_relaxed(Value more) noexcept {
    return value_.fetch_add(more, std::memory_order_relaxed);
  }
  [[nodiscard]] Value subtract(Value less) noexcept {
    return value_.fetch_sub(less, std::memory_order_acq_rel);
  }

 private:
  std::atomic<Value> value_{};
#else
  [[nodiscard]] DYMOD_DETAIL_GONE Value load_relaxed() const noexcept {
    return __atomic_load_n(&value_, __ATOMIC_RELAXED);
  }
  [[nodiscard]] DYMOD_DETAIL_GONE Value load_acquire() const noexcept {
    return __atomic_load_n(&value_, __ATOMIC_ACQUIRE);
  }
  DYMOD_DETAIL_GONE void store_relaxed(Value next) noexcept {
    __atomic_store_n(&value_, next, __ATOMIC_RELAXED);
  }
  DYMOD_DETAIL_GONE void store_release(Value next) noexcept {
    __atomic_store_n(&value_, next, __ATOMIC_RELEASE);
  }

  /// Acquires and releases.
  /// @param expected  on failure, what was found instead
  /// @returns whether `next` is the value now
  [[nodiscard]] DYMOD_DETAIL_GONE bool compare_exchange(Value& expected, Value next) noexcept {
    return __atomic_compare_exchange_n(&value_, &expected, next, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
  }

  /// Acquires and releases.
  /// @returns the value before
  [[nodiscard]] DYMOD_DETAIL_GONE Value exchange(Value next) noexcept {
    return __atomic_exchange_n(&value_, next, __ATOMIC_ACQ_REL);
  }

  /// @returns the value before
  DYMOD_DETAIL_GONE Value add_relaxed(Value more) noexcept {
    return __atomic_fetch_add(&value_, more, __ATOMIC_RELAXED);
  }

  /// Acquires and releases.
  /// @returns the value before
  [[nodiscard]] DYMOD_DETAIL_GONE Value subtract(Value less) noexcept {
    return __atomic_fetch_sub(&value_, less, __ATOMIC_ACQ_REL);
  }

 private:
  // 32-bit systems align less.
  alignas(sizeof(Value)) Value value_{};  // NOLINT(bugprone-sizeof-expression): also of a pointer
#endif
};

}}  // namespace dymod::detail

#endif
