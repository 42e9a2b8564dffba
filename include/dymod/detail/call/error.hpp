// SPDX-License-Identifier: MIT

// dymod::error of dynamic mode: what a call throws when no generation can be loaded at all.

#ifndef DYMOD_DETAIL_CALL_ERROR_HPP
#define DYMOD_DETAIL_CALL_ERROR_HPP

#include <stdlib.h>  // free, malloc

#include <atomic>     // atomic
#include <exception>  // exception
#include <new>        // placement new

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>
#include <dymod/event.hpp>

namespace dymod { inline namespace dynamic_mode {

/// Thrown by a call, or by reload(), while the module has no generation at all; the next call tries
/// again. Copies share one message, hence copying never fails. Safe to copy and to read on any
/// thread.
// Its functions are hidden, as all of dymod is; the class is not, so that one binary catches what
// another one throws.
class error : public std::exception {
 public:
  /// Lines: which module, which step, which library, why; how two sides differ, where they do; what
  /// to do. Null-terminated; lives as long as any copy of this object.
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* what() const noexcept override {
    return shared_ != nullptr && shared_->lines != nullptr
               ? shared_->lines
               : "dymod: no memory for an error message";
  }

  /// The step at which the load ended.
  [[nodiscard]] DYMOD_DETAIL_HIDDEN error_code code() const noexcept { return code_; }

  DYMOD_DETAIL_HIDDEN error(error_code code, detail::text&& line) noexcept : code_(code) {
    void* place = ::malloc(sizeof(shared_lines));
    if (place != nullptr) shared_ = ::new (place) shared_lines{line.release(), {1}};
  }

  DYMOD_DETAIL_HIDDEN error(const error& other) noexcept
      : std::exception(other), code_(other.code_), shared_(other.shared_) {
    if (shared_ != nullptr) shared_->owners.fetch_add(1, std::memory_order_relaxed);
  }

  DYMOD_DETAIL_HIDDEN error& operator=(const error& other) noexcept {
    error kept(other);
    shared_lines* const mine = shared_;
    shared_ = kept.shared_;
    kept.shared_ = mine;
    code_ = other.code_;
    return *this;
  }

  DYMOD_DETAIL_HIDDEN ~error() override {
    if (shared_ == nullptr || shared_->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    ::free(shared_->lines);
    ::free(shared_);
  }

 private:
  // No member of a hidden type: this class is for users, who derive from it and keep it in their
  // own.
  struct shared_lines {
    char* lines;
    std::atomic<unsigned> owners;
  };

  error_code code_;
  shared_lines* shared_ = nullptr;
};

}}  // namespace dymod::dynamic_mode

#endif
