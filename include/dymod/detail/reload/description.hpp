// SPDX-License-Identifier: MIT

// The description: constant bytes without relocations that an image exports as
// dymod_description_<module>, read from the copy's file before it is opened. Null-terminated
// strings, first two that say what this is, then records of three:
//
// clang-format off
//     "dymod description" "2"                        what this is, and the number of its format
//     "compiler" "name" "g++ 12"                     see declare/abi.hpp
//     "abi" "the standard library" "libstdc++"       one record for each thing that must agree
//     "function" "count_sheep" "const char*(int)"    one for each function, with its type (declare/type_text.hpp)
//     "layout" "herd" "size 8, alignment 4"          behind it: for each type it mentions (declare/layout.hpp)
//     "fields" "herd" "if"                           behind that: its fields, if known (declare/shape.hpp)
//     ""                                             the end
// clang-format on
//
// A reader accepts its own format number and no other. Strings rather than numbers: no byte order,
// no padding, and `strings libsheep.so` shows them. One member per function: concatenating them all
// into one string takes quadratic time to compile (2.4 s for 256 functions).

#ifndef DYMOD_DETAIL_RELOAD_DESCRIPTION_HPP
#define DYMOD_DETAIL_RELOAD_DESCRIPTION_HPP

#include <stddef.h>  // size_t
#include <stdint.h>  // uint64_t
#include <string.h>  // memchr, strcmp, strlen

#include <dymod/detail/declare/abi.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/bytes.hpp>

// What follows the description, down to module_table, is part of the format.
#define DYMOD_DETAIL_DESCRIPTION_FORMAT "2"
#define DYMOD_DETAIL_DESCRIPTION_HEAD \
  "dymod description\0" DYMOD_DETAIL_DESCRIPTION_FORMAT "\0" DYMOD_DETAIL_ABI_RECORDS
#define DYMOD_DETAIL_DESCRIPTION_RECORD(name) "function\0" #name

namespace dymod {
namespace detail {

/// What one translation unit of an image knows of its types. One object each, made by a static
/// constructor.
struct module_unit {
  const void* description;                // as where DYMOD stands
  unsigned long size;                     // of it, bytes
  const char* (*const* later_layouts)();  // for each function, what is known at the unit's end;
                                          // null: nothing more
  const module_unit* next;

  template <size_t Count>
  DYMOD_DETAIL_HIDDEN module_unit(const void* content, unsigned long content_size,
                                  const char* (*const (&later)[Count])(),
                                  const module_unit*& first_unit) noexcept
      : description(content), size(content_size), later_layouts(later), next(first_unit) {
    first_unit = this;
  }
};

struct module_function {
  const char* name;
  void (*function)();
};

/// What an image hands out once it is open: the C function dymod_module_<module>() returns it.
struct module_table {
  const module_function* functions;
  unsigned count;
  const module_unit* const* units;
};

}  // namespace detail

namespace detail DYMOD_DETAIL_HIDDEN {

/// Of records that an empty string ends, without that.
[[nodiscard]] inline size_t size_of_records(const char* records) noexcept {
  const char* end = records;
  while (*end != '\0') end += ::strlen(end) + 1;
  return static_cast<size_t>(end - records);
}

/// Reads records, up to an empty string or the end; any bytes are safe input.
class record_reader {
 public:
  explicit record_reader(bytes content) noexcept : rest_(content) {}
  /// Records that an empty string ends.
  explicit record_reader(const char* records) noexcept
      : rest_{reinterpret_cast<const unsigned char*>(records), size_of_records(records)} {}

  struct record {
    const char* kind;
    const char* name;
    const char* value;
  };

  /// @returns false at the end, from then on
  [[nodiscard]] bool next(record& found) noexcept {
    found.kind = next_string();
    if (found.kind == nullptr || found.kind[0] == '\0') {
      rest_ = bytes{};  // the end: what stands behind it is no record
      return false;
    }
    found.name = next_string();
    found.value = next_string();
    return found.value != nullptr;
  }

  /// Goes on to the next record of that kind.
  [[nodiscard]] bool next(const char* kind, record& found) noexcept {
    while (next(found)) {
      if (::strcmp(found.kind, kind) == 0) return true;
    }
    return false;
  }

  /// Looks among all records that follow.
  /// @returns the value of the record; null if there is none
  [[nodiscard]] const char* find(const char* kind, const char* name) const noexcept {
    record_reader rest(*this);
    record found;
    while (rest.next(kind, found)) {
      if (::strcmp(found.name, name) == 0) return found.value;
    }
    return nullptr;
  }

 protected:
  /// @returns null if no null ends it
  [[nodiscard]] const char* next_string() noexcept {
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

 private:
  bytes rest_;
};

/// The records of a description, and what stands before them.
class description : public record_reader {
 public:
  explicit description(bytes content) noexcept : record_reader(content) {
    const char* head = next_string();
    format_ = head != nullptr && ::strcmp(head, "dymod description") == 0 ? next_string() : nullptr;
  }

  /// @returns the number of the format as text, null if this is no description at all
  [[nodiscard]] const char* format() const noexcept { return format_; }

  [[nodiscard]] bool readable() const noexcept {
    return format_ != nullptr && ::strcmp(format_, DYMOD_DETAIL_DESCRIPTION_FORMAT) == 0;
  }

 private:
  const char* format_ = nullptr;
};

}  // namespace DYMOD_DETAIL_HIDDEN
}  // namespace dymod

#endif
