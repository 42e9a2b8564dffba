// SPDX-License-Identifier: MIT

// Text that several objects share: what the exceptions of dymod say.

#ifndef DYMOD_DETAIL_CALL_SHARED_TEXT_HPP
#define DYMOD_DETAIL_CALL_SHARED_TEXT_HPP

#include <stdlib.h>  // free, malloc

#include <new>  // placement new

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/atomic.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { inline namespace dynamic_mode {

/// Copies share one text, hence copying never fails. Safe to copy and to read on any thread.
// Its functions are hidden, as all of dymod is; the class is not: it is a member of exceptions,
// which one binary throws and another one catches. For the same reason it has no member of a hidden
// type.
class shared_text {
 public:
  DYMOD_DETAIL_HIDDEN explicit shared_text(detail::text&& given) noexcept {
    void* place = ::malloc(sizeof(shared_characters));
    if (place != nullptr) shared_ = ::new (place) shared_characters{given.release(), {1}};
  }

  DYMOD_DETAIL_HIDDEN shared_text(const shared_text& other) noexcept : shared_(other.shared_) {
    if (shared_ != nullptr) shared_->owners.add_relaxed(1);
  }

  DYMOD_DETAIL_HIDDEN shared_text& operator=(const shared_text& other) noexcept {
    shared_text kept(other);
    shared_characters* const mine = shared_;
    shared_ = kept.shared_;
    kept.shared_ = mine;
    return *this;
  }

  DYMOD_DETAIL_HIDDEN ~shared_text() {
    if (shared_ == nullptr || shared_->owners.subtract(1) != 1) return;
    ::free(shared_->characters);
    ::free(shared_);
  }

  /// Null-terminated; lives as long as any copy. Null if there was no memory for it.
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* c_str() const noexcept {
    return shared_ != nullptr ? shared_->characters : nullptr;
  }

 private:
  struct shared_characters {
    char* characters;
    detail::atomic<unsigned> owners;
  };

  shared_characters* shared_ = nullptr;
};

}}  // namespace dymod::dynamic_mode

#endif
