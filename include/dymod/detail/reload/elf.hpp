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

#include <stddef.h>  // size_t
#include <stdint.h>  // uint8_t, uint16_t, uint32_t, uint64_t
#include <string.h>  // memcmp, memcpy, strcmp, strlen, strncmp, strrchr

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
    const uint16_t one = 1;
    const bool lowest_first = *reinterpret_cast<const unsigned char*>(&one) == 1;
    swapped_ = big_endian_ == lowest_first;
  }

  /// Files with different ones are different builds. A linker that makes a build id writes it near
  /// the beginning.
  [[nodiscard]] static uint64_t fingerprint(bytes file) noexcept {
    return fingerprint_of_beginning(file, 4096);
  }

  /// Whether two files are the same build.
  [[nodiscard]] static bool is_same(bytes one, bytes other) noexcept {
    return one.size == other.size &&
           ::memcmp(one.data, other.data, static_cast<size_t>(one.size)) == 0;
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
    find_sections();
    if (hides_undefined_symbol()) {
      why << "lacks a hidden symbol, as what a failed link leaves does";
      return completeness::incomplete;
    }
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
    if (at == 0 || (byte(at + (wide_ ? 4 : 12)) & 15) != symbol_function) return false;
    address = word(at + (wide_ ? 8 : 4));
    return true;
  }

  /// Whether the name of a library begins so.
  [[nodiscard]] static bool begins_with(const char* name, const char* prefix) noexcept {
    return ::strncmp(name, prefix, ::strlen(prefix)) == 0;
  }

  /// The first needed library whose name `matches`; null if there is none. Call after check() only.
  template <class Matches> [[nodiscard]] const char* find_needed(Matches matches) const noexcept {
    const section strings = section_at(dynamic_.link);
    const char* found = nullptr;
    for_each_dynamic([&](uint64_t tag, uint64_t value) {
      const char* name = tag == tag_needed ? string_at(strings, value) : nullptr;
      if (name != nullptr && matches(name)) found = name;
      return found == nullptr;
    });
    return found;
  }

  /// Likewise: the one that is `file_name`, with or without a version behind it, in any directory.
  [[nodiscard]] const char* needs_file(const char* file_name) const noexcept {
    const size_t length = ::strlen(file_name);
    return find_needed([&](const char* name) {
      const char* slash = ::strrchr(name, '/');
      if (slash != nullptr) name = slash + 1;
      return ::strncmp(name, file_name, length) == 0 &&
             (name[length] == '\0' || name[length] == '.');
    });
  }

  /// A unique symbol (STB_GNU_UNIQUE) that this file defines: the system has one object for all
  /// libraries of the process that define it, and keeps its library for ever. Call after check()
  /// only.
  /// @param matters  asked with the name of each, until one does
  /// @returns its name; null if there is none
  template <class Matters> [[nodiscard]] const char* find_unique(Matters matters) const noexcept {
    const dynamic_symbols& symbols = symbols_;
    for (uint64_t i = 0; i < symbols.count; ++i) {
      if (binding_of(symbols, i) != binding_unique) continue;
      const symbol each = symbol_at(symbols, i);
      if (each.defined && each.name != nullptr && matters(each.name)) return each.name;
    }
    return nullptr;
  }

  /// Whether threads have objects of this library.
  [[nodiscard]] bool has_thread_local() const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      if (segment_at(i).type == segment_thread_local) return true;
    }
    return false;
  }

  /// Whether its thread-local objects need a place which the system has only little of, and never
  /// gives back (the models initial-exec and local-exec). Call after check() only.
  [[nodiscard]] bool has_static_thread_local() const noexcept {
    if (!has_thread_local()) return false;
    bool found = false;
    for_each_dynamic([&](uint64_t tag, uint64_t value) {
      found = found || (tag == tag_flags && (value & flag_static_thread_local) != 0);
      return !found;
    });
    // For AArch64 bfd does not say so: R_AARCH64_TLS_TPREL64.
    if (quarter_word(18) != 183) return found;
    for_each_relocation(symbols_, [&](const relocation& each) {
      found = found || each.type == 1030;
      return !found;
    });
    return found;
  }

  /// An entry of the library's global offset table, which only the system writes: with the address
  /// of something that this file defines, or of another binary's that has the same name.
  struct open_reference {
    uint64_t place;   // as the file counts
    uint64_t wanted;  // what it holds, also as the file counts, if the file's own is taken
    const char* name;
  };

  /// Calls `visit(const open_reference&)` for each of functions and objects, until it returns
  /// false. Call after check() only.
  template <class Visit> void for_each_open_reference(Visit visit) const noexcept {
    const dynamic_symbols& symbols = symbols_;
    segment within{};
    const unsigned machine = quarter_word(18);
    // Only that processor's pointers are looked for there.
    const segment offset_table = machine == machine_riscv ? find_offset_table() : segment{};
    const uint64_t word_size = wide_ ? 8 : 4;
    for_each_relocation(symbols, [&](const relocation& each) {
      if (each.symbol == 0 || each.symbol >= symbols.count) return true;
      if (!is_defined(symbols, each.symbol)) return true;
      // Others fill in an object's first value, and the library may have changed that since.
      const uint64_t place = word(each.at);
      const bool fills = fills_offset_table(machine, each.type) ||
                         (fills_pointer(each.type) && holds(offset_table, place, word_size));
      if (!fills) return true;
      const symbol named = symbol_at(symbols, each.symbol);
      const bool is_open = named.visibility == visibility_default &&
                           (named.binding == binding_global || named.binding == binding_weak);
      const bool has_address = named.type == symbol_function || named.type == symbol_object;
      if (!is_open || !has_address || named.name == nullptr) return true;
      // Section headers, which nobody else reads, may be wrong in a library that works.
      if (!holds(within, place, word_size)) within = find_loaded(place, word_size);
      if ((within.flags & may_read_and_write) != may_read_and_write) return true;
      return visit(open_reference{place, named.value, named.name});
    });
  }

 private:
  enum : uint32_t {
    section_null = 0,
    section_strtab = 3,
    section_rela = 4,
    section_dynamic = 6,
    section_note = 7,
    section_nobits = 8,
    section_rel = 9,
    section_dynsym = 11,
    segment_load = 1,
    segment_dynamic = 2,
    segment_thread_local = 7,
    may_read_and_write = 6,
    binding_global = 1,
    binding_weak = 2,
    binding_unique = 10,
    visibility_default = 0,
    visibility_internal = 1,
    visibility_hidden = 2,
    symbol_object = 1,
    symbol_function = 2,
    tag_needed = 1,
    tag_flags = 30,
    flag_static_thread_local = 0x10,
    type_shared = 3,
    note_build_id = 3,
    machine_riscv = 243
  };

  struct section {
    uint32_t name = 0;
    uint32_t type = 0;
    uint64_t offset = 0;
    uint64_t size = 0;
    uint32_t link = 0;
  };

  struct dynamic_symbols {
    uint64_t index;  // of the section
    uint64_t offset;
    uint64_t count;
    section names;
  };

  struct relocation {
    uint64_t at;  // its entry, whose first word is the place as the file counts
    uint64_t type;
    uint64_t symbol;  // its index
  };

  struct symbol {
    uint64_t type;
    uint64_t binding;
    uint64_t visibility;
    bool defined;
    uint64_t value;
    const char* name;  // null: not to be told
  };

  struct segment {
    uint32_t type;
    uint64_t offset;
    uint64_t address;
    uint64_t file_size;
    uint64_t memory_size;
    uint32_t flags;
  };

  [[nodiscard]] static const unsigned char* magic() noexcept {
    static constexpr unsigned char first_bytes[] = {0x7f, 'E', 'L', 'F'};
    return first_bytes;
  }

  [[nodiscard]] bool has_magic() const noexcept {
    return file_.size >= 6 && ::memcmp(file_.data, magic(), 4) == 0;
  }

  [[nodiscard]] uint64_t header_size() const noexcept { return wide_ ? 64 : 52; }

  // 0 where the file has none. Byte by byte takes three times as long, and big libraries have
  // 100,000 symbols.
  template <class Number> [[nodiscard]] Number number(uint64_t at) const noexcept {
    Number value = 0;
    if (!file_.holds(at, sizeof value)) return 0;
    ::memcpy(&value, file_.data + at, sizeof value);
    return swapped_ ? swap(value) : value;
  }

  template <class Number> [[nodiscard]] static Number swap(Number value) noexcept {
    Number swapped = 0;
    for (size_t i = 0; i < sizeof value; ++i) {
      swapped = static_cast<Number>(swapped << 8 | (value >> 8 * i & 0xff));
    }
    return swapped;
  }

  [[nodiscard]] unsigned byte(uint64_t at) const noexcept { return number<uint8_t>(at); }
  [[nodiscard]] uint16_t quarter_word(uint64_t at) const noexcept { return number<uint16_t>(at); }
  [[nodiscard]] uint32_t half_word(uint64_t at) const noexcept { return number<uint32_t>(at); }
  // A word of the file's class: 8 or 4 bytes.
  [[nodiscard]] uint64_t word(uint64_t at) const noexcept {
    return wide_ ? number<uint64_t>(at) : number<uint32_t>(at);
  }

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
    return {half_word(at),
            word(at + (wide_ ? 8 : 4)),
            word(at + (wide_ ? 16 : 8)),
            word(at + (wide_ ? 32 : 16)),
            word(at + (wide_ ? 40 : 20)),
            half_word(at + (wide_ ? 4 : 24))};
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

  [[nodiscard]] uint32_t type_of_section(uint64_t index) const noexcept {
    return half_word(section_table() + index * section_header_size() + 4);
  }

  // Index 0 means "none": what header 0 says is of no section, and nobody has checked it.
  [[nodiscard]] section section_at(uint64_t index) const noexcept {
    return index != 0 && index < section_count() ? header_at(index) : section{};
  }

  // Null-terminated; null if that cannot be relied on.
  [[nodiscard]] const char* string_at(const section& strings, uint64_t at) const noexcept {
    const bool is_table = strings.type == section_strtab && strings.size != 0 &&
                          file_.data[strings.offset + strings.size - 1] == '\0';
    if (!is_table || at >= strings.size) return nullptr;
    return reinterpret_cast<const char*>(file_.data + strings.offset + at);
  }

  // Until `visit(tag, value)` returns false.
  template <class Visit> void for_each_dynamic(Visit visit) const noexcept {
    const uint64_t entry_size = wide_ ? 16 : 8;
    for (uint64_t i = 0; i < dynamic_.size / entry_size; ++i) {
      const uint64_t at = dynamic_.offset + i * entry_size;
      const uint64_t tag = word(at);
      if (tag == 0 || !visit(tag, word(at + entry_size / 2))) return;
    }
  }

  // The first of each.
  void find_sections() noexcept {
    for (uint64_t i = section_count(); i-- > 1;) {
      const uint32_t type = type_of_section(i);
      if (type == section_dynamic) dynamic_ = header_at(i);
      if (type != section_dynsym) continue;
      const section table = header_at(i);
      symbols_ = {i, table.offset, table.size / symbol_size(), section_at(table.link)};
    }
  }

  // Those that the system carries out when it opens the library, until `visit(const relocation&)`
  // returns false.
  template <class Visit>
  void for_each_relocation(const dynamic_symbols& symbols, Visit visit) const noexcept {
    const uint64_t word_size = wide_ ? 8 : 4;
    const uint64_t sections = section_count();
    for (uint64_t i = 1; i < sections; ++i) {
      const uint32_t type = type_of_section(i);
      if (type != section_rela && type != section_rel) continue;
      const section table = header_at(i);
      if (table.link != symbols.index) continue;
      const uint64_t entry_size = word_size * (type == section_rela ? 3 : 2);
      for (uint64_t k = 0; k < table.size / entry_size; ++k) {
        const uint64_t at = table.offset + k * entry_size;
        const uint64_t info = word(at + word_size);
        const relocation each{at, info & (wide_ ? 0xffffffff : 0xff), info >> (wide_ ? 32 : 8)};
        if (!visit(each)) return;
      }
    }
  }

  [[nodiscard]] uint64_t symbol_size() const noexcept { return wide_ ? 24 : 16; }

  // Alone, since they are asked of each symbol of each library.
  [[nodiscard]] bool is_defined(const dynamic_symbols& in, uint64_t index) const noexcept {
    return quarter_word(in.offset + index * symbol_size() + (wide_ ? 6 : 14)) != 0;
  }
  [[nodiscard]] uint64_t visibility_of(const dynamic_symbols& in, uint64_t index) const noexcept {
    return byte(in.offset + index * symbol_size() + (wide_ ? 5 : 13)) & 3;
  }
  [[nodiscard]] uint64_t binding_of(const dynamic_symbols& in, uint64_t index) const noexcept {
    return byte(in.offset + index * symbol_size() + (wide_ ? 4 : 12)) >> 4;
  }

  [[nodiscard]] symbol symbol_at(const dynamic_symbols& in, uint64_t index) const noexcept {
    const uint64_t at = in.offset + index * symbol_size();
    return {byte(at + (wide_ ? 4 : 12)) & 15, binding_of(in, index),
            visibility_of(in, index),         is_defined(in, index),
            word(at + (wide_ ? 8 : 4)),       string_at(in.names, half_word(at))};
  }

  // Where a dynamic symbol that is defined here has its entry; 0: nowhere.
  [[nodiscard]] uint64_t find_entry(const char* name) const noexcept {
    const dynamic_symbols& symbols = symbols_;
    if (symbols.names.type != section_strtab) return 0;
    const size_t length = ::strlen(name) + 1;
    for (uint64_t i = 0; i < symbols.count; ++i) {
      const uint64_t at = symbols.offset + i * symbol_size();
      const uint64_t name_at = half_word(at);
      if (name_at > symbols.names.size || symbols.names.size - name_at < length) continue;
      if (::memcmp(file_.data + symbols.names.offset + name_at, name, length) != 0) continue;
      if (is_defined(symbols, i)) return at;
    }
    return 0;
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
    return {};
  }

  // bfd and gold write the build id last; until then everything else looks finished.
  [[nodiscard]] bool unfinished_build_id() const noexcept {
    const uint64_t count = section_count();
    for (uint64_t i = 1; i < count; ++i) {
      if (type_of_section(i) != section_note) continue;
      const section note = header_at(i);
      const uint64_t id = note.offset + 16;
      if (note.size < 17 || half_word(note.offset) != 4 ||
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

  // gold removes the output of a link that fails, but in the end: killed, it leaves a file that is
  // complete, build id and all. The system would open it, and bind that symbol to another's.
  [[nodiscard]] bool hides_undefined_symbol() const noexcept {
    const dynamic_symbols& symbols = symbols_;
    for (uint64_t i = 0; i < symbols.count; ++i) {
      const uint64_t visibility = visibility_of(symbols, i);
      if (visibility != visibility_internal && visibility != visibility_hidden) continue;
      const symbol each = symbol_at(symbols, i);
      if (!each.defined && each.binding == binding_global) return true;
    }
    return false;
  }

  // R_<machine>_GLOB_DAT and R_<machine>_JUMP_SLOT, which are next to each other in each ABI.
  [[nodiscard]] static bool fills_offset_table(unsigned machine, uint64_t type) noexcept {
    uint64_t first = 0;
    switch (machine) {
      case 3:                                // i386
      case 62: first = 6; break;             // x86-64
      case 21: first = 20; break;            // ppc64
      case 22: first = 10; break;            // s390
      case 40: first = 21; break;            // arm
      case 183: first = 1025; break;         // aarch64
      case machine_riscv: first = 4; break;  // JUMP_SLOT, and no 4 in libraries
      default: return false;
    }
    return type == first || type == first + 1;
  }

  // R_RISCV_32 and R_RISCV_64: that processor has no GLOB_DAT. Where it is tells an entry of the
  // table from an object's first value.
  [[nodiscard]] bool fills_pointer(uint64_t type) const noexcept { return type == (wide_ ? 2 : 1); }

  // The section .got as a piece of memory; an empty one if there is none of that name.
  [[nodiscard]] segment find_offset_table() const noexcept {
    const section names = section_at(names_index());
    const uint64_t count = section_count();
    for (uint64_t i = 1; i < count; ++i) {
      const section each = header_at(i);
      const char* const name = string_at(names, each.name);
      if (name == nullptr || ::strcmp(name, ".got") != 0) continue;
      segment result{};
      result.address = word(section_table() + i * section_header_size() + (wide_ ? 16 : 12));
      result.memory_size = each.size;
      return result;
    }
    return {};
  }

  // What the system maps these bytes from; a segment of another type if it does not.
  [[nodiscard]] segment find_loaded(uint64_t address, uint64_t size) const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      const segment current = segment_at(i);
      if (current.type == segment_load && holds(current, address, size)) return current;
    }
    return {};
  }

  [[nodiscard]] static bool holds(const segment& in, uint64_t address, uint64_t size) noexcept {
    const uint64_t inside = address - in.address;
    return address >= in.address && inside <= in.memory_size && size <= in.memory_size - inside;
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
  bool swapped_ = false;  // its byte order is not this processor's
  // From check():
  section dynamic_;
  dynamic_symbols symbols_{};
};

}}  // namespace dymod::detail

#endif
