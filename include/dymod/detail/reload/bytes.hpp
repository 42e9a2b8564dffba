// SPDX-License-Identifier: MIT

// A piece of a file in memory, and what the check of an image format answers about it.

#ifndef DYMOD_DETAIL_RELOAD_BYTES_HPP
#define DYMOD_DETAIL_RELOAD_BYTES_HPP

#include <stdint.h>  // uint64_t

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

}}  // namespace dymod::detail

#endif
