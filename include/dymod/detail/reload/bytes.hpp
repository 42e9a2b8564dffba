// SPDX-License-Identifier: MIT

// A piece of a file in memory, and what the check of an image format answers about it.

#ifndef DYMOD_DETAIL_RELOAD_BYTES_HPP
#define DYMOD_DETAIL_RELOAD_BYTES_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // memcpy

#include <dymod/detail/os/target.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct bytes {
  const unsigned char* data = nullptr;
  uint64_t size = 0;

  /// Whether `count` bytes at `offset` are inside; right for any two numbers.
  [[nodiscard]] bool holds(uint64_t offset, uint64_t count) const noexcept {
    return offset <= size && count <= size - offset;
  }
};

enum class completeness : unsigned char {
  complete,
  incomplete,  // the beginning of a library, or not yet that
  garbage      // never to become a library of this system and processor
};

/// A number that tells most files from others of the same size: FNV-1a, by words.
[[nodiscard]] inline uint64_t fingerprint_of_beginning(bytes file, uint64_t size) noexcept {
  const uint64_t end = file.size < size ? file.size : size;
  uint64_t sum = file.size ^ uint64_t { 14695981039346656037u };
  for (uint64_t at = 0; at + sizeof sum <= end; at += sizeof sum) {
    uint64_t word = 0;
    ::memcpy(&word, file.data + at, sizeof word);
    sum = (sum ^ word) * uint64_t{1099511628211u};
  }
  return sum;
}

}}  // namespace dymod::detail

#endif
