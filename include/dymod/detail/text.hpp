// SPDX-License-Identifier: MIT

// Text that grows: messages and paths. Not std::string, whose header alone would cost every file
// that includes dymod 90 ms. Without memory it keeps what it has: a message cut short beats none.

#ifndef DYMOD_DETAIL_TEXT_HPP
#define DYMOD_DETAIL_TEXT_HPP

#include <stddef.h>  // size_t
#include <stdlib.h>  // free, realloc
#include <string.h>  // memcpy, strlen

#include <dymod/detail/os/target.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text {
 public:
  text() noexcept = default;
  explicit text(const char* start) noexcept { *this << start; }
  text(text&& other) noexcept { swap(other); }
  text& operator=(text&& other) noexcept {
    swap(other);
    return *this;
  }
  text(const text&) = delete;
  text& operator=(const text&) = delete;
  ~text() { ::free(characters_); }

  /// Null-terminated, never null, owned by this object until it changes.
  [[nodiscard]] const char* c_str() const noexcept { return characters_ ? characters_ : ""; }
  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Gives the characters away; the caller frees them with ::free(). Null if there are none.
  [[nodiscard]] char* release() noexcept {
    char* characters = characters_;
    characters_ = nullptr;
    size_ = 0;
    capacity_ = 0;
    return characters;
  }

  void shorten(size_t size) noexcept {
    if (size >= size_) return;
    size_ = size;
    characters_[size] = '\0';
  }

  text& append(const char* characters, size_t count) noexcept {
    if (count >= capacity_ - size_ && !grow(size_ + count + 1)) return *this;
    ::memcpy(characters_ + size_, characters, count);
    size_ += count;
    characters_[size_] = '\0';
    return *this;
  }

  text& operator<<(const char* characters) noexcept {
    return append(characters, ::strlen(characters));
  }

  text& operator<<(const text& other) noexcept { return append(other.c_str(), other.size()); }

  text& operator<<(unsigned long long number) noexcept {
    char digits[20];
    size_t first = sizeof digits;
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return append(digits + first, sizeof digits - first);
  }

  text& operator<<(unsigned long number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

  text& operator<<(unsigned number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

 private:
  [[nodiscard]] bool grow(size_t wanted) noexcept {
    const size_t capacity = wanted * 2;
    void* grown = ::realloc(characters_, capacity);
    if (grown == nullptr) return false;
    characters_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return true;
  }

  void swap(text& other) noexcept {
    char* const characters = characters_;
    const size_t size = size_;
    const size_t capacity = capacity_;
    characters_ = other.characters_;
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.characters_ = characters;
    other.size_ = size;
    other.capacity_ = capacity;
  }

  char* characters_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}}  // namespace dymod::detail

#endif
