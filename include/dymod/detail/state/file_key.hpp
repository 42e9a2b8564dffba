// SPDX-License-Identifier: MIT

// What tells one build of a library from another without reading it.

#ifndef DYMOD_DETAIL_STATE_FILE_KEY_HPP
#define DYMOD_DETAIL_STATE_FILE_KEY_HPP

#include <stdint.h>  // int64_t, uint64_t

#include <dymod/detail/os/target.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// Two builds have different keys. Compared with `!=` only: an older file is news as well (a
/// checkout of an old branch, a backup put back). The inode alone is no version (ext4 hands a freed
/// one out again at once), and neither is mtime (cp -p restores it; ctime then differs).
struct file_key {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;     // bytes
  int64_t modified = 0;  // ns since 1970
  int64_t changed = 0;   // ns since 1970: of the inode, by anything

  /// When the file was last touched, as far as its stamps tell; ns since 1970.
  [[nodiscard]] int64_t touched() const noexcept { return modified > changed ? modified : changed; }
};

[[nodiscard]] inline bool operator==(const file_key& a, const file_key& b) noexcept {
  return a.modified == b.modified && a.changed == b.changed && a.inode == b.inode &&
         a.size == b.size && a.device == b.device;
}

[[nodiscard]] inline bool operator!=(const file_key& a, const file_key& b) noexcept {
  return !(a == b);
}

}}  // namespace dymod::detail

#endif
