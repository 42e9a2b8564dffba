// SPDX-License-Identifier: MIT

// A file system of one's own: small, read-only, or without inodes, as a test needs it.

#ifndef DYMOD_TESTS_SUPPORT_MOUNTED_HPP
#define DYMOD_TESTS_SUPPORT_MOUNTED_HPP

#include <sys/mount.h>
#include <sys/stat.h>

#include <string>

#include "support/catch.hpp"

namespace workshop {

/// A tmpfs on a new directory, while the object lives.
class mounted {
 public:
  /// @param options  of tmpfs: "size=256k", say
  explicit mounted(const std::string& path, const std::string& options = "") : path_(path) {
    there_ = ::mkdir(path.c_str(), 0755) == 0 &&
             ::mount("none", path.c_str(), "tmpfs", 0, options.c_str()) == 0;
    if (!there_) WARN("not allowed to mount a file system: skipped");
  }
  ~mounted() {
    if (there_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  mounted(const mounted&) = delete;
  mounted& operator=(const mounted&) = delete;

  /// False where a test is not allowed to mount.
  [[nodiscard]] bool is_there() const { return there_; }

  /// @param flags  MS_RDONLY, MS_NOEXEC; 0: none
  void change(unsigned long flags, const std::string& options = "") const {
    REQUIRE(::mount("none", path_.c_str(), nullptr, MS_REMOUNT | flags, options.c_str()) == 0);
  }

  [[nodiscard]] std::string operator/(const std::string& name) const {
    return name.empty() ? path_ : path_ + "/" + name;
  }

 private:
  std::string path_;
  bool there_ = false;
};

}  // namespace workshop

#endif
