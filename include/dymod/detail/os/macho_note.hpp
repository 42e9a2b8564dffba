// SPDX-License-Identifier: MIT

// The same for macOS as elf_note.hpp for systems with ELF. The note is in a section of its own, as
// the number of the layout and the distance from there to `own_binary`. Linkers keep it, whether or
// not anything refers to it (no_dead_strip).
//
// What is asked here waits, if at all, for libraries that are being mapped, and never for static
// constructors: dyld has a lock for each, as published since macOS 12. It reports a library by its
// path without symbolic links, whatever the path was that it was opened by.

#ifndef DYMOD_DETAIL_OS_MACHO_NOTE_HPP
#define DYMOD_DETAIL_OS_MACHO_NOTE_HPP

#include <dlfcn.h>           // dladdr, dlclose, dlopen
#include <mach-o/dyld.h>     // _dyld_get_image_header, _dyld_image_count
#include <mach-o/getsect.h>  // getsectiondata
#include <mach-o/loader.h>   // mach_header_64, MH_EXECUTE
#include <stdint.h>          // int32_t, uint32_t, uintptr_t
#include <string.h>          // memcpy

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

class macho_note {
 public:
  /// Puts the note into this binary.
  static void carry() noexcept {
    __asm__ volatile(
        ".ifndef dymod_note\n"
        ".pushsection __DATA,__dymod,regular,no_dead_strip\n"
        ".balign 4\n"
        "dymod_note:\n"
        ".long " DYMOD_DETAIL_QUOTE(DYMOD_DETAIL_BINARY_LAYOUT) "\n"
        ".long " DYMOD_DETAIL_BINARY_SYMBOL " - .\n"
        ".popsection\n"
        ".endif\n");
  }

  /// The first binary with a note, in the order in which the system loaded them.
  struct first {
    void* place = nullptr;  // that its note names
    text name;              // what the system knows it as; empty: it is the program
  };
  [[nodiscard]] static first find_first() noexcept {
    first found;
    const uint32_t count = ::_dyld_image_count();
    for (uint32_t i = 0; i < count && found.place == nullptr; ++i) {
      const ::Dl_info each = binary_at(i);
      found.place = find_in(each);
      if (found.place != nullptr) append_name(found.name, each);
    }
    return found;
  }

  /// @returns what the note of a library that dlopen() opened names; null if it has none
  [[nodiscard]] static void* find_in(void* library) noexcept {
    // A handle says nothing, but is the same each time; the last libraries are the likely ones.
    for (uint32_t i = ::_dyld_image_count(); i-- > 0;) {
      const ::Dl_info each = binary_at(i);
      if (each.dli_fname == nullptr) continue;
      void* const same = ::dlopen(each.dli_fname, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
      if (same != nullptr) ::dlclose(same);
      if (same == library) return find_in(each);
    }
    return nullptr;
  }

  /// Not told. Only find_function() of an image and relocations of ELF need it.
  [[nodiscard]] static bool find_base(void*, uintptr_t&) noexcept { return false; }

  /// What the system knows the binary that holds the address as; nothing for the program.
  /// @returns false if no binary does
  static bool append_name(text& to, const void* address) noexcept {
    ::Dl_info found;
    if (::dladdr(address, &found) == 0) return false;
    append_name(to, found);
    return true;
  }

  /// The binary that holds an address. For signal handlers: takes no memory.
  struct holder {
    bool is_program = false;
    void* place = nullptr;  // that its note names
    uintptr_t base = 0;     // where the address 0 of its file is; 0: not told
  };
  [[nodiscard]] static holder holder_of(const void* address) noexcept {
    holder found;
    ::Dl_info binary;
    if (::dladdr(address, &binary) == 0 || binary.dli_fbase == nullptr) return found;
    const auto* const header = static_cast<const ::mach_header_64*>(binary.dli_fbase);
    found.is_program = header->filetype == MH_EXECUTE;
    found.place = find_in(binary);
    return found;
  }

  /// Whether `matches(name)` is true for what the system knows a binary as.
  template <class Matches> [[nodiscard]] static bool any_name(Matches matches) noexcept {
    const uint32_t count = ::_dyld_image_count();
    for (uint32_t i = 0; i < count; ++i) {
      const char* const name = binary_at(i).dli_fname;
      if (name != nullptr && matches(name)) return true;
    }
    return false;
  }

 private:
  // Header and path in one answer: when a library is unloaded all behind it get other numbers.
  // Nothing of one that is gone.
  [[nodiscard]] static ::Dl_info binary_at(uint32_t number) noexcept {
    ::Dl_info found{};
    const ::mach_header* const header = ::_dyld_get_image_header(number);
    if (header == nullptr || ::dladdr(header, &found) == 0) found = ::Dl_info{};
    return found;
  }

  [[nodiscard]] static void* find_in(const ::Dl_info& binary) noexcept {
    if (binary.dli_fbase == nullptr) return nullptr;
    unsigned long size = 0;
    const auto* const header = static_cast<const ::mach_header_64*>(binary.dli_fbase);
    unsigned char* at = ::getsectiondata(header, "__DATA", "__dymod", &size);
    struct {
      uint32_t layout;
      int32_t distance;
    } note;
    for (; at != nullptr && size >= sizeof note; at += sizeof note, size -= sizeof note) {
      ::memcpy(&note, at, sizeof note);
      if (note.layout == DYMOD_DETAIL_BINARY_LAYOUT) return at + 4 + note.distance;
    }
    return nullptr;
  }

  static void append_name(text& to, const ::Dl_info& binary) noexcept {
    const auto* const header = static_cast<const ::mach_header_64*>(binary.dli_fbase);
    if (header->filetype != MH_EXECUTE) to << binary.dli_fname;
  }
};

}}}  // namespace dymod::detail::os

#endif
