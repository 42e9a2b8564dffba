// SPDX-License-Identifier: MIT

// The description: constant bytes without relocations that an image exports as
// dymod_description_<module>, read from the copy's file before it is opened. A row of
// null-terminated strings:
//
//     "dymod description" "1"            what this is, and the number of its format
//     "function" name                    one record per function
//     ""                                 the end
//
// A reader accepts its own format number and no other. Strings rather than numbers: no byte order,
// no padding, and `strings libsheep.so` shows it. One member per function: concatenating them all
// into one string takes quadratic time to compile (2.4 s for 256 functions).

#ifndef DYMOD_DETAIL_RELOAD_DESCRIPTION_HPP
#define DYMOD_DETAIL_RELOAD_DESCRIPTION_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // memchr, strcmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/bytes.hpp>

#define DYMOD_DETAIL_DESCRIPTION_FORMAT "1"
#define DYMOD_DETAIL_DESCRIPTION_HEAD "dymod description\0" DYMOD_DETAIL_DESCRIPTION_FORMAT
#define DYMOD_DETAIL_DESCRIPTION_RECORD(name) "function\0" #name

namespace dymod {
namespace detail {

/// What an image hands out once it is open: the C function dymod_module_<module>() returns it.
struct module_function {
  const char* name;
  void (*function)();
};

struct module_table {
  const module_function* functions;
  unsigned count;
};

}  // namespace detail

namespace detail DYMOD_DETAIL_HIDDEN {

/// Reads a description; any bytes are safe input.
class description {
 public:
  explicit description(bytes content) noexcept : rest_(content) {
    const char* head = next();
    format_ = head != nullptr && ::strcmp(head, "dymod description") == 0 ? next() : nullptr;
  }

  /// @returns the number of the format as text, null if this is no description at all
  [[nodiscard]] const char* format() const noexcept { return format_; }

  [[nodiscard]] bool readable() const noexcept {
    return format_ != nullptr && ::strcmp(format_, DYMOD_DETAIL_DESCRIPTION_FORMAT) == 0;
  }

  /// @returns the name of the next function, null at the end
  [[nodiscard]] const char* next_function() noexcept {
    const char* kind = next();
    return kind != nullptr && ::strcmp(kind, "function") == 0 ? next() : nullptr;
  }

 private:
  [[nodiscard]] const char* next() noexcept {
    if (rest_.size == 0) return nullptr;
    const void* end = ::memchr(rest_.data, '\0', static_cast<size_t>(rest_.size));
    if (end == nullptr) return nullptr;
    const char* start = reinterpret_cast<const char*>(rest_.data);
    const uint64_t used =
        static_cast<uint64_t>(static_cast<const unsigned char*>(end) - rest_.data) + 1;
    rest_.data += used;
    rest_.size -= used;
    return start;
  }

  bytes rest_;
  const char* format_ = nullptr;
};

}  // namespace DYMOD_DETAIL_HIDDEN
}  // namespace dymod

#endif
