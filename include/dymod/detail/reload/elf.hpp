// SPDX-License-Identifier: MIT

// ELF images read as bytes: is the file complete, where is a symbol's content, which libraries does
// it need. Both word sizes and both byte orders. Any bytes are safe input: every offset is checked
// before it is used. Names and numbers are those of the System V ABI, chapters 4 and 5. No system
// header, no system call.
//
// The checks are those that left no crash among all truncations and zeroed tails of libraries from
// four linkers; random damage inside a file cannot be seen by structure.

#ifndef DYMOD_DETAIL_RELOAD_ELF_HPP
#define DYMOD_DETAIL_RELOAD_ELF_HPP

#include <stdint.h>  // uint16_t, uint32_t, uint64_t
#include <string.h>  // memcmp, strlen

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/bytes.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What an image must be made for to be opened by this process.
struct elf_target {
  unsigned word_size;  // bytes: 4 or 8
  bool big_endian;
  unsigned machine;  // e_machine; 0: not known, any will do
};

class elf {
 public:
  explicit elf(bytes file) noexcept : file_(file) {
    if (!has_magic()) return;
    wide_ = file.data[4] == 2;
    big_endian_ = file.data[5] == 2;
  }

  /// @param why  what is wrong, unless complete; a clause without a subject
  [[nodiscard]] completeness check(const elf_target& target, text& why) noexcept {
    if (file_.size < 6) {
      why << "has only " << file_.size << " bytes";
      return completeness::incomplete;
    }
    if (!has_magic()) {
      for (unsigned i = 0; i < 4; ++i) {
        if (file_.data[i] == 0 || file_.data[i] == magic()[i]) continue;
        why << "does not begin like a shared library";
        return completeness::garbage;
      }
      why << "begins with zeros";
      return completeness::incomplete;
    }
    if (file_.size < header_size()) {
      why << "ends inside its ELF header";
      return completeness::incomplete;
    }
    if (file_.data[4] == 0 || file_.data[5] == 0 || quarter_word(16) == 0 ||
        quarter_word(18) == 0) {
      why << "has zeros in its ELF header";
      return completeness::incomplete;
    }
    if (!made_for(target, why)) return completeness::garbage;
    if (!segments_inside(why) || !sections_inside(why)) return completeness::incomplete;
    if (unfinished_build_id()) {
      why << "has a build id of zeros, which linkers fill in last";
      return completeness::incomplete;
    }
    return completeness::complete;
  }

  /// Finds the bytes of a dynamic symbol that this file defines. Call after check() only.
  /// @param content  the bytes, inside the file; no bytes for a symbol without content
  /// @returns whether the symbol is defined here
  [[nodiscard]] bool find_symbol(const char* name, bytes& content) const noexcept {
    const uint64_t at = find_entry(name);
    if (at == 0) return false;
    content = content_at(word(at + (wide_ ? 8 : 4)), word(at + (wide_ ? 16 : 8)));
    return true;
  }

  /// Finds a function that this file defines. Call after check() only.
  /// @param address  of it, as the file counts
  /// @returns false, too, for what is a function only after the system has asked it (STT_GNU_IFUNC)
  [[nodiscard]] bool find_function(const char* name, uint64_t& address) const noexcept {
    const uint64_t at = find_entry(name);
    if (at == 0 || (number(at + (wide_ ? 4 : 12), 1) & 15) != symbol_function) return false;
    address = word(at + (wide_ ? 8 : 4));
    return true;
  }

  /// The name of a needed library that begins with `prefix`; null if there is none.
  /// Null-terminated: the file's string tables end in a null.
  [[nodiscard]] const char* needs(const char* prefix) const noexcept {
    const section table = find_section(section_dynamic);
    const section names = section_at(table.link);
    const uint64_t entry_size = wide_ ? 16 : 8;
    const uint64_t length = ::strlen(prefix);
    if (names.type != section_strtab || names.size == 0 ||
        file_.data[names.offset + names.size - 1] != '\0') {
      return nullptr;
    }
    for (uint64_t at = table.offset; at + entry_size <= table.offset + table.size;
         at += entry_size) {
      const uint64_t tag = word(at);
      if (tag == 0) return nullptr;
      const uint64_t name_at = word(at + entry_size / 2);
      if (tag == tag_needed && name_at < names.size && names.size - name_at >= length &&
          ::memcmp(file_.data + names.offset + name_at, prefix, length) == 0) {
        return reinterpret_cast<const char*>(file_.data + names.offset + name_at);
      }
    }
    return nullptr;
  }

  /// Whether the file itself makes the system keep the library after it was closed. Call after
  /// check() only.
  /// @param why  what does, and what to do about it
  [[nodiscard]] bool is_kept_by_system(text& why) const noexcept {
    const section table = find_section(section_dynsym);
    const section names = section_at(table.link);
    const uint64_t entry_size = wide_ ? 24 : 16;
    for (uint64_t at = table.offset; at + entry_size <= table.offset + table.size;
         at += entry_size) {
      const uint64_t binding = number(at + (wide_ ? 4 : 12), 1) >> 4;
      if (binding != binding_unique || quarter_word(at + (wide_ ? 6 : 14)) == 0) continue;
      const uint64_t name_at = half_word(at);
      why << "it has unique symbols";
      if (names.type == section_strtab && name_at < names.size) {
        why << " ('" << reinterpret_cast<const char*>(file_.data + names.offset + name_at) << "')";
      }
      why << ": build it with -fno-gnu-unique";
      return true;
    }
    for (uint64_t i = 0; i < segment_count(); ++i) {
      if (segment_at(i).type != segment_thread_local) continue;
      why << "it has thread-local objects, which live until their threads end";
      return true;
    }
    return false;
  }

 private:
  enum : uint32_t {
    section_null = 0,
    section_strtab = 3,
    section_dynamic = 6,
    section_note = 7,
    section_nobits = 8,
    section_dynsym = 11,
    segment_load = 1,
    segment_dynamic = 2,
    segment_thread_local = 7,
    binding_unique = 10,
    symbol_function = 2,
    tag_needed = 1,
    type_shared = 3,
    note_build_id = 3
  };

  struct section {
    uint32_t name = 0;
    uint32_t type = 0;
    uint64_t offset = 0;
    uint64_t size = 0;
    uint32_t link = 0;
  };

  struct segment {
    uint32_t type;
    uint64_t offset;
    uint64_t address;
    uint64_t file_size;
  };

  [[nodiscard]] static const unsigned char* magic() noexcept {
    static constexpr unsigned char first_bytes[] = {0x7f, 'E', 'L', 'F'};
    return first_bytes;
  }

  [[nodiscard]] bool has_magic() const noexcept {
    return file_.size >= 6 && ::memcmp(file_.data, magic(), 4) == 0;
  }

  [[nodiscard]] uint64_t header_size() const noexcept { return wide_ ? 64 : 52; }

  [[nodiscard]] uint64_t number(uint64_t at, unsigned size) const noexcept {
    uint64_t value = 0;
    if (!file_.holds(at, size)) return 0;
    for (unsigned i = 0; i < size; ++i) {
      value = value << 8 | file_.data[at + (big_endian_ ? i : size - 1 - i)];
    }
    return value;
  }

  [[nodiscard]] uint16_t quarter_word(uint64_t at) const noexcept {
    return static_cast<uint16_t>(number(at, 2));
  }
  [[nodiscard]] uint32_t half_word(uint64_t at) const noexcept {
    return static_cast<uint32_t>(number(at, 4));
  }
  // A word of the file's class: 8 or 4 bytes.
  [[nodiscard]] uint64_t word(uint64_t at) const noexcept { return number(at, wide_ ? 8 : 4); }

  [[nodiscard]] bool made_for(const elf_target& target, text& why) const noexcept {
    const unsigned word_size = wide_ ? 8 : 4;
    const unsigned machine = quarter_word(18);
    if (word_size != target.word_size || big_endian_ != target.big_endian ||
        (target.machine != 0 && machine != target.machine)) {
      why << "is made for another processor (" << word_size * 8 << " bits, "
          << (big_endian_ ? "big" : "little") << " endian, ELF machine " << machine
          << "; this program: " << target.word_size * 8 << " bits, "
          << (target.big_endian ? "big" : "little") << " endian, ELF machine " << target.machine
          << ")";
      return false;
    }
    if (quarter_word(16) != type_shared) {
      why << "is an ELF file but not a shared library";
      return false;
    }
    return true;
  }

  [[nodiscard]] uint64_t segment_count() const noexcept { return quarter_word(wide_ ? 56 : 44); }

  [[nodiscard]] segment segment_at(uint64_t index) const noexcept {
    const uint64_t at = word(wide_ ? 32 : 28) + index * (wide_ ? 56 : 32);
    return {half_word(at), word(at + (wide_ ? 8 : 4)), word(at + (wide_ ? 16 : 8)),
            word(at + (wide_ ? 32 : 16))};
  }

  [[nodiscard]] bool segments_inside(text& why) const noexcept {
    const uint64_t count = segment_count();
    if (!file_.holds(word(wide_ ? 32 : 28), count * (wide_ ? 56 : 32))) {
      why << "ends before its program headers";
      return false;
    }
    for (uint64_t i = 0; i < count; ++i) {
      const segment current = segment_at(i);
      if (!file_.holds(current.offset, current.file_size)) {
        why << "ends inside its segment " << i;
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] uint64_t section_table() const noexcept { return word(wide_ ? 40 : 32); }
  [[nodiscard]] uint64_t section_header_size() const noexcept { return wide_ ? 64 : 40; }

  // More than 65,279 sections: the count stands in section 0's size, as the index of the names in
  // its link.
  [[nodiscard]] uint64_t section_count() const noexcept {
    const uint64_t count = quarter_word(wide_ ? 60 : 48);
    return count != 0 || section_table() == 0 ? count : header_at(0).size;
  }

  [[nodiscard]] uint64_t names_index() const noexcept {
    const uint64_t index = quarter_word(wide_ ? 62 : 50);
    return index != 0xffff ? index : header_at(0).link;
  }

  [[nodiscard]] section header_at(uint64_t index) const noexcept {
    const uint64_t at = section_table() + index * section_header_size();
    section result;
    result.name = half_word(at);
    result.type = half_word(at + 4);
    result.offset = word(at + (wide_ ? 24 : 16));
    result.size = word(at + (wide_ ? 32 : 20));
    result.link = half_word(at + (wide_ ? 40 : 24));
    return result;
  }

  // Index 0 means "none": what header 0 says is of no section, and nobody has checked it.
  [[nodiscard]] section section_at(uint64_t index) const noexcept {
    return index != 0 && index < section_count() ? header_at(index) : section{};
  }

  // Where a dynamic symbol that is defined here has its entry; 0: nowhere.
  [[nodiscard]] uint64_t find_entry(const char* name) const noexcept {
    const section table = find_section(section_dynsym);
    const section names = section_at(table.link);
    const uint64_t entry_size = wide_ ? 24 : 16;
    if (table.size == 0 || names.type != section_strtab) return 0;
    const uint64_t length = ::strlen(name) + 1;
    for (uint64_t at = table.offset; at + entry_size <= table.offset + table.size;
         at += entry_size) {
      const uint64_t name_at = half_word(at);
      if (name_at > names.size || names.size - name_at < length) continue;
      if (::memcmp(file_.data + names.offset + name_at, name, length) != 0) continue;
      if (quarter_word(at + (wide_ ? 6 : 14)) != 0) return at;
    }
    return 0;
  }

  [[nodiscard]] section find_section(uint32_t type) const noexcept {
    const uint64_t count = section_count();
    for (uint64_t i = 1; i < count; ++i) {
      const section current = header_at(i);
      if (current.type == type) return current;
    }
    return section{};
  }

  [[nodiscard]] bool sections_inside(text& why) const noexcept {
    if (section_table() == 0) {
      why << "has no section headers";
      return false;
    }
    const uint64_t count = section_count();
    if (count == 0 || count > file_.size / section_header_size() ||
        !file_.holds(section_table(), count * section_header_size())) {
      why << "ends before its section headers";
      return false;
    }
    const section names = section_at(names_index());
    if (names.type != section_strtab || names.size == 0 || !file_.holds(names.offset, names.size) ||
        file_.data[names.offset + names.size - 1] != '\0') {
      why << "has no section names";
      return false;
    }
    const segment dynamic = find_dynamic_segment();
    bool found_dynamic = false;
    for (uint64_t i = 1; i < count; ++i) {
      const section current = header_at(i);
      const bool inside =
          current.type == section_nobits || file_.holds(current.offset, current.size);
      if (current.type == section_null || current.name >= names.size || !inside) {
        why << "has a broken section " << i;
        return false;
      }
      if (current.type == section_dynamic) {
        found_dynamic = dynamic.type == segment_dynamic && current.offset == dynamic.offset;
      }
    }
    if (!found_dynamic) why << "has no dynamic section where its headers say";
    return found_dynamic;
  }

  [[nodiscard]] segment find_dynamic_segment() const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      const segment current = segment_at(i);
      if (current.type == segment_dynamic) return current;
    }
    return {0, 0, 0, 0};
  }

  // bfd and gold write the build id last; until then everything else looks finished.
  [[nodiscard]] bool unfinished_build_id() const noexcept {
    const uint64_t count = section_count();
    for (uint64_t i = 1; i < count; ++i) {
      const section note = header_at(i);
      const uint64_t id = note.offset + 16;
      if (note.type != section_note || note.size < 17 || half_word(note.offset) != 4 ||
          half_word(note.offset + 8) != note_build_id ||
          ::memcmp(file_.data + note.offset + 12, "GNU", 4) != 0) {
        continue;
      }
      const uint64_t length = half_word(note.offset + 4);
      if (length == 0 || length > note.size - 16) continue;
      for (uint64_t k = 0; k < length; ++k) {
        if (file_.data[id + k] != 0) return false;
      }
      return true;
    }
    return false;
  }

  [[nodiscard]] bytes content_at(uint64_t address, uint64_t size) const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      const segment current = segment_at(i);
      if (current.type != segment_load || address < current.address) continue;
      const uint64_t inside = address - current.address;
      if (inside > current.file_size || size > current.file_size - inside) continue;
      return {file_.data + current.offset + inside, size};
    }
    return {};
  }

  bytes file_;
  bool wide_ = false;
  bool big_endian_ = false;
};

}}  // namespace dymod::detail

#endif
