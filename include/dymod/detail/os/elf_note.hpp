// SPDX-License-Identifier: MIT

// What systems with ELF tell of the binaries of a process, and how those find each other: each that
// uses dymod carries a note, which says where in it `own_binary` is (state/process.hpp), as a
// distance from the note itself: good before the system has relocated anything. The note's type is
// the number of the layout of what is there, so that binaries built with different versions of
// dymod leave each other alone.
//
// The note is written by carry(), which whoever looks for notes or lists a caller calls first, and
// referred to from there, else --gc-sections drops it. One per translation unit, not in a COMDAT
// group: with a group some of lld's and mold's ways to optimise at link time lose the symbol
// (tried: bfd, gold, lld 14 and mold 1.10, with and without -flto, -flto=thin and --gc-sections).

#ifndef DYMOD_DETAIL_OS_ELF_NOTE_HPP
#define DYMOD_DETAIL_OS_ELF_NOTE_HPP

#include <dlfcn.h>   // dlinfo
#include <link.h>    // dl_iterate_phdr, link_map
#include <stddef.h>  // size_t
#include <stdint.h>  // int32_t, uint32_t, uintptr_t
#include <string.h>  // memcmp, memcpy, strcmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

extern const unsigned char own_note[] __asm__("dymod_note");

class elf_note {
 public:
  /// Puts the note into this binary.
  static void carry() noexcept {
    __asm__ volatile(
        ".ifndef dymod_note\n"
        ".pushsection .note.dymod,\"a\",%%note\n"
        ".weak dymod_note\n"
        ".hidden dymod_note\n"
        ".balign 4\n"
        "dymod_note:\n"
        ".long 6, 4, " DYMOD_DETAIL_QUOTE(DYMOD_DETAIL_BINARY_LAYOUT) "\n"
        ".asciz \"dymod\"\n"
        ".balign 4\n"
        ".long " DYMOD_DETAIL_BINARY_SYMBOL " - .\n"
        ".popsection\n"
        ".endif\n"
        :
        : "r"(own_note));
  }

  /// The first binary with a note, in the order in which the system loaded them.
  struct first {
    void* place = nullptr;  // that its note names
    text name;              // what the system knows it as; empty: it is the program
  };
  [[nodiscard]] static first find_first() noexcept {
    search wanted{nullptr, {}};
    static_cast<void>(::dl_iterate_phdr(&visit, &wanted));
    return static_cast<first&&>(wanted.found);
  }

  /// @returns what the note of a library that dlopen() opened names; null if it has none
  [[nodiscard]] static void* find_in(void* library) noexcept {
    const ::link_map* const map = map_of(library);
    if (map == nullptr) return nullptr;
    search wanted{map, {}};
    static_cast<void>(::dl_iterate_phdr(&visit, &wanted));
    return wanted.found.place;
  }

  /// Where the address 0 of a library's file is. Waits for nobody.
  /// @returns false if the system does not tell
  [[nodiscard]] static bool find_base(void* library, uintptr_t& base) noexcept {
    const ::link_map* const map = map_of(library);
    if (map == nullptr) return false;
    base = static_cast<uintptr_t>(map->l_addr);
    return true;
  }

  /// What the system knows the binary that holds the address as; nothing for the program. Waits for
  /// nobody.
  /// @returns false if no binary does
  static bool append_name(text& to, const void* address) noexcept {
    struct search {
      uintptr_t address;
      text& name;
    } wanted{reinterpret_cast<uintptr_t>(address), to};
    return ::dl_iterate_phdr(
               [](::dl_phdr_info* each, size_t, void* sought) noexcept {
                 const search& is = *static_cast<search*>(sought);
                 if (!holds(*each, is.address)) return 0;
                 is.name << each->dlpi_name;
                 return 1;
               },
               &wanted) != 0;
  }

  /// The binary that holds an address. For signal handlers: takes no memory.
  struct holder {
    bool is_program = false;
    void* place = nullptr;  // that its note names
    uintptr_t base = 0;     // where the address 0 of its file is
  };
  [[nodiscard]] static holder holder_of(const void* address) noexcept {
    struct search {
      uintptr_t address;
      holder found;
    } wanted{reinterpret_cast<uintptr_t>(address), {}};
    static_cast<void>(::dl_iterate_phdr(
        [](::dl_phdr_info* each, size_t, void* sought) noexcept {
          search& is = *static_cast<search*>(sought);
          if (!holds(*each, is.address)) return 0;
          is.found.is_program = each->dlpi_name[0] == '\0';
          is.found.place = place_in(*each);
          is.found.base = static_cast<uintptr_t>(each->dlpi_addr);
          return 1;
        },
        &wanted));
    return wanted.found;
  }

  /// Whether `matches(name)` is true for what the system knows a binary as. Waits for nobody.
  template <class Matches> [[nodiscard]] static bool any_name(Matches matches) noexcept {
    return ::dl_iterate_phdr(
               [](::dl_phdr_info* each, size_t, void* asked) noexcept {
                 return (*static_cast<Matches*>(asked))(each->dlpi_name) ? 1 : 0;
               },
               &matches) != 0;
  }

 private:
  // What the system's loader knows of a library; null: nothing. Waits for nobody.
  [[nodiscard]] static const ::link_map* map_of(void* library) noexcept {
    ::link_map* map = nullptr;
    return ::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map : nullptr;
  }

  [[nodiscard]] static bool holds(const ::dl_phdr_info& binary, uintptr_t address) noexcept {
    for (size_t i = 0; i < binary.dlpi_phnum; ++i) {
      const auto& segment = binary.dlpi_phdr[i];
      const auto start = static_cast<uintptr_t>(binary.dlpi_addr + segment.p_vaddr);
      if (segment.p_type == PT_LOAD && address - start < segment.p_memsz) return true;
    }
    return false;
  }

  struct search {
    const ::link_map* only;
    first found;
  };

  static int visit(::dl_phdr_info* each, size_t, void* sought) noexcept {
    search& wanted = *static_cast<search*>(sought);
    if (wanted.only != nullptr && (each->dlpi_addr != wanted.only->l_addr ||
                                   ::strcmp(each->dlpi_name, wanted.only->l_name) != 0)) {
      return 0;
    }
    wanted.found.place = place_in(*each);
    if (wanted.found.place == nullptr) return 0;
    wanted.found.name << each->dlpi_name;
    return 1;
  }

  [[nodiscard]] static void* place_in(const ::dl_phdr_info& binary) noexcept {
    void* place = nullptr;
    for (size_t i = 0; i < binary.dlpi_phnum && place == nullptr; ++i) {
      const auto& segment = binary.dlpi_phdr[i];
      if (segment.p_type == PT_NOTE) {
        place = find_between(start_of(binary, segment), segment.p_memsz);
      }
    }
    return place != nullptr ? find_mark(binary, place) : nullptr;
  }

  // Not only where the note leads: patchelf moves notes, and does not know what they are about.
  [[nodiscard]] static void* find_mark(const ::dl_phdr_info& binary, void* told) noexcept {
    const auto wanted = reinterpret_cast<uintptr_t>(told);
    for (size_t i = 0; i < binary.dlpi_phnum; ++i) {
      const uint64_t size = marked_size(binary.dlpi_phdr[i]);
      const auto start = reinterpret_cast<uintptr_t>(start_of(binary, binary.dlpi_phdr[i]));
      if (wanted - start < size && is_marked(static_cast<unsigned char*>(told))) return told;
    }
    for (size_t i = 0; i < binary.dlpi_phnum; ++i) {
      const uint64_t size = marked_size(binary.dlpi_phdr[i]);
      unsigned char* const start = start_of(binary, binary.dlpi_phdr[i]);
      const size_t aligned = alignof(void*) - reinterpret_cast<uintptr_t>(start) % alignof(void*);
      for (uint64_t at = aligned % alignof(void*); at < size; at += alignof(void*)) {
        if (is_marked(start + at)) return start + at;
      }
    }
    return nullptr;
  }

  // In how much of a segment's beginning a mark may begin.
  [[nodiscard]] static uint64_t marked_size(const ElfW(Phdr) & segment) noexcept {
    const bool may_hold = segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0;
    return may_hold && segment.p_filesz >= sizeof mark ? segment.p_filesz - sizeof mark + 1 : 0;
  }

  // AddressSanitizer would complain of what lies between variables.
  [[nodiscard]] __attribute__((no_sanitize("address"))) static bool is_marked(
      const unsigned char* at) noexcept {
    for (size_t i = 0; i < sizeof mark; ++i) {
      if (at[i] != static_cast<unsigned char>(mark[i])) return false;
    }
    return true;
  }

  static constexpr char mark[] = DYMOD_DETAIL_BINARY_MARK;

  [[nodiscard]] static unsigned char* start_of(const ::dl_phdr_info& binary,
                                               const ElfW(Phdr) & segment) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the system tells addresses as numbers
    return reinterpret_cast<unsigned char*>(binary.dlpi_addr + segment.p_vaddr);
  }

  // Looked for by its bytes, not from note to note: mold 1.10 puts notes of alignment 4 and 8 into
  // one segment, whose padding then tells nothing.
  [[nodiscard]] static void* find_between(unsigned char* at, uint64_t size) noexcept {
    struct {
      uint32_t name_size = 6;
      uint32_t content_size = 4;
      uint32_t type = DYMOD_DETAIL_BINARY_LAYOUT;
      char name[8] = "dymod";
    } const head;
    int32_t distance = 0;
    for (; size >= sizeof head + sizeof distance; at += 4, size -= 4) {
      if (::memcmp(at, &head, sizeof head) != 0) continue;
      ::memcpy(&distance, at + sizeof head, sizeof distance);
      return at + sizeof head + distance;
    }
    return nullptr;
  }
};

}}}  // namespace dymod::detail::os

#endif
