// SPDX-License-Identifier: MIT

// PE images read as bytes: is the file complete, where is an exported symbol's content, which
// libraries does it need, which program database belongs to it. Both word sizes; PE is always
// little-endian, and so is every processor of it. Any bytes are safe input: every offset is checked
// before it is used. Names and numbers are those of Microsoft's "PE Format". No system header, no
// system call.

#ifndef DYMOD_DETAIL_RELOAD_PE_HPP
#define DYMOD_DETAIL_RELOAD_PE_HPP

#include <stdint.h>  // uint16_t, uint32_t, uint64_t
#include <string.h>  // memchr, memcmp, strcmp, strlen

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/bytes.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What an image must be made for to be opened by this process.
struct pe_target {
  unsigned word_size;  // bytes: 4 or 8
  unsigned machine;    // IMAGE_FILE_MACHINE_…; 0: not known, any will do
};

class pe {
 public:
  explicit pe(bytes file) noexcept : file_(file) {
    if (file.size >= 64 && has_magic()) header_ = half_word(60);
  }

  /// Files with different ones are different builds.
  [[nodiscard]] static uint64_t fingerprint(bytes file) noexcept { return file.size; }

  /// Whether two files are the same build. Copies have the names of their own program databases in
  /// them.
  [[nodiscard]] static bool is_same(bytes one, bytes other) noexcept {
    if (one.size != other.size) return false;
    debug_file_name name;
    if (!pe(one).find_debug_file(name)) name = debug_file_name{};
    const uint64_t behind = name.offset + name.size;
    return ::memcmp(one.data, other.data, static_cast<size_t>(name.offset)) == 0 &&
           ::memcmp(one.data + behind, other.data + behind,
                    static_cast<size_t>(one.size - behind)) == 0;
  }

  /// @param why  what is wrong, unless complete; a clause without a subject
  [[nodiscard]] completeness check(const pe_target& target, text& why) noexcept {
    if (file_.size >= 2 && !may_become(0, "MZ", 2)) return not_this(why);
    if (file_.size < 64) {
      why << "has only " << file_.size << " bytes";
      return completeness::incomplete;
    }
    if (!has_magic()) {
      why << "begins with zeros";
      return completeness::incomplete;
    }
    if (!file_.holds(header_, optional_header_at + 2) || header_ == 0) {
      why << "ends inside its PE header";
      return completeness::incomplete;
    }
    if (!may_become(header_, "PE\0", 4)) return not_this(why);
    if (file_.data[header_ + 1] == 0 || machine() == 0 || section_count() == 0 ||
        optional_header_size() == 0 || quarter_word(header_ + 22) == 0 ||
        quarter_word(optional_header()) == 0) {
      why << "has zeros in its PE header";
      return completeness::incomplete;
    }
    if (!made_for(target, why)) return completeness::garbage;
    return headers_inside(why) && sections_inside(why) && tables_filled(why)
               ? completeness::complete
               : completeness::incomplete;
  }

  /// Finds the bytes of a symbol that this file exports, up to the end of its section: the format
  /// does not know where they end. Call after check() only.
  [[nodiscard]] bool find_symbol(const char* name, bytes& content) const noexcept {
    uint64_t address = 0;
    if (!find_export(name, address)) return false;
    content = is_forwarded(address) ? bytes{} : content_from(address);
    return true;
  }

  /// Finds a function that this file exports. Call after check() only.
  /// @param address  of it, as the file counts
  /// @returns false, too, for what is another library's
  [[nodiscard]] bool find_function(const char* name, uint64_t& address) const noexcept {
    return find_export(name, address) && !is_forwarded(address) &&
           (section_holding(address).flags & section_executable) != 0;
  }

  /// Whether the name of a library begins so, in any case.
  [[nodiscard]] static bool begins_with(const char* name, const char* prefix) noexcept {
    for (size_t i = 0; prefix[i] != '\0'; ++i) {
      if (in_lower_case(name[i]) != in_lower_case(prefix[i])) return false;
    }
    return true;
  }

  /// The first needed library whose name `matches`; null if there is none. Any bytes will do.
  template <class Matches> [[nodiscard]] const char* find_needed(Matches matches) const noexcept {
    const directory imports = directory_at(directory_imports);
    for (uint64_t done = 0; done + 20 <= imports.size; done += 20) {
      const uint64_t name_at = half_word_at_address(imports.address + done + 12);
      if (name_at == 0) return nullptr;  // the end of the list
      const char* const name = string_at_address(name_at);
      if (name != nullptr && matches(name)) return name;
    }
    return nullptr;
  }

  /// Likewise: the one that is `file_name`.
  [[nodiscard]] const char* needs_file(const char* file_name) const noexcept {
    return find_needed([&](const char* name) {
      return begins_with(name, file_name) && ::strlen(name) == ::strlen(file_name);
    });
  }

  /// One object for all libraries of the process: there is no such thing here.
  template <class Matters> [[nodiscard]] const char* find_unique(Matters) const noexcept {
    return nullptr;
  }

  /// Whether threads have objects of this library.
  [[nodiscard]] bool has_thread_local() const noexcept {
    return directory_at(directory_thread_local).size != 0;
  }

  /// Every library gets a place for them.
  [[nodiscard]] bool has_static_thread_local() const noexcept { return false; }

  struct open_reference {
    uint64_t place;
    uint64_t wanted;
    const char* name;
  };

  /// Nobody takes the place of what a file defines: there are none.
  template <class Visit> void for_each_open_reference(Visit) const noexcept {}

  /// The name of the program database (PDB) that a debugger looks for.
  struct debug_file_name {
    const unsigned char* characters = nullptr;  // a null stands behind them
    uint64_t offset = 0;                        // in the file
    uint64_t size = 0;
  };

  [[nodiscard]] bool find_debug_file(debug_file_name& name) const noexcept {
    const directory debug = directory_at(directory_debug);
    for (uint64_t i = 0; i < debug.size / 28; ++i) {
      uint64_t entry = 0;
      if (!find_offset(debug.address + i * 28, 28, entry)) return false;
      const uint64_t size = half_word(entry + 16);
      const uint64_t offset = half_word(entry + 24);
      if (half_word(entry + 12) != debug_codeview || size <= 24 || !file_.holds(offset, size)) {
        continue;
      }
      // "RSDS", a GUID, a number, the name.
      const unsigned char* const characters = file_.data + offset + 24;
      const void* const end = ::memchr(characters, '\0', static_cast<size_t>(size - 24));
      if (::memcmp(file_.data + offset, "RSDS", 4) != 0 || end == nullptr) continue;
      name.characters = characters;
      name.offset = offset + 24;
      name.size = static_cast<uint64_t>(static_cast<const unsigned char*>(end) - characters);
      return true;
    }
    return false;
  }

  /// Where the section of that name (7 characters) of a loaded image begins; null if it has none.
  [[nodiscard]] static void* find_section_in_memory(void* image, const char* name) noexcept {
    auto* const base = static_cast<unsigned char*>(image);
    // The headers are in memory as they are in the file, whose length does not matter here.
    const pe loaded(bytes{base, ~uint64_t{0}});
    // Some that do not want to be read have wiped theirs out.
    if (loaded.header_ == 0 || ::memcmp(base + loaded.header_, "PE\0", 4) != 0) return nullptr;
    for (uint64_t i = 0; i < loaded.section_count(); ++i) {
      const uint64_t at = loaded.section_header(i);
      if (::memcmp(base + at, name, ::strlen(name) + 1) == 0) {
        return base + loaded.half_word(at + 12);
      }
    }
    return nullptr;
  }

 private:
  enum : uint32_t {
    optional_header_at = 24,  // behind the signature and the file header
    flag_library = 0x2000,
    magic_32 = 0x10b,
    magic_64 = 0x20b,
    directory_exports = 0,
    directory_imports = 1,
    directory_relocations = 5,
    directory_debug = 6,
    directory_thread_local = 9,
    section_executable = 0x20000000,
    debug_codeview = 2
  };

  struct section {
    uint64_t address;  // relative to the image
    uint64_t memory_size;
    uint64_t offset;
    uint64_t file_size;
    uint32_t flags;
  };

  struct directory {
    uint64_t address;
    uint64_t size;
  };

  [[nodiscard]] bool has_magic() const noexcept {
    return file_.size >= 2 && file_.data[0] == 'M' && file_.data[1] == 'Z';
  }

  // Whether these bytes are there, or zeros where they are not written yet.
  [[nodiscard]] bool may_become(uint64_t at, const char* wanted, unsigned count) const noexcept {
    for (unsigned i = 0; i < count; ++i) {
      const unsigned char found = file_.data[at + i];
      if (found != 0 && found != static_cast<unsigned char>(wanted[i])) return false;
    }
    return true;
  }

  [[nodiscard]] static completeness not_this(text& why) noexcept {
    why << "does not begin like a library";
    return completeness::garbage;
  }

  [[nodiscard]] uint64_t number(uint64_t at, unsigned size) const noexcept {
    uint64_t value = 0;
    if (!file_.holds(at, size)) return 0;
    for (unsigned i = 0; i < size; ++i) value = value << 8 | file_.data[at + size - 1 - i];
    return value;
  }
  [[nodiscard]] uint16_t quarter_word(uint64_t at) const noexcept {
    return static_cast<uint16_t>(number(at, 2));
  }
  [[nodiscard]] uint32_t half_word(uint64_t at) const noexcept {
    return static_cast<uint32_t>(number(at, 4));
  }

  [[nodiscard]] unsigned machine() const noexcept { return quarter_word(header_ + 4); }
  [[nodiscard]] uint64_t section_count() const noexcept { return quarter_word(header_ + 6); }
  [[nodiscard]] uint64_t optional_header_size() const noexcept {
    return quarter_word(header_ + 20);
  }
  [[nodiscard]] uint64_t optional_header() const noexcept { return header_ + optional_header_at; }
  [[nodiscard]] bool is_wide() const noexcept {
    return quarter_word(optional_header()) == magic_64;
  }

  [[nodiscard]] bool made_for(const pe_target& target, text& why) const noexcept {
    const unsigned magic = quarter_word(optional_header());
    const unsigned word_size = magic == magic_64 ? 8 : 4;
    if ((magic != magic_64 && magic != magic_32) || word_size != target.word_size ||
        (target.machine != 0 && machine() != target.machine)) {
      why << "is made for another processor (" << word_size * 8 << " bits, PE machine " << machine()
          << "; this program: " << target.word_size * 8 << " bits, PE machine " << target.machine
          << ")";
      return false;
    }
    if ((quarter_word(header_ + 22) & flag_library) == 0) {
      why << "is a PE file but not a library";
      return false;
    }
    return true;
  }

  [[nodiscard]] uint64_t section_header(uint64_t index) const noexcept {
    return optional_header() + optional_header_size() + index * 40;
  }

  [[nodiscard]] section section_at(uint64_t index) const noexcept {
    const uint64_t at = section_header(index);
    return {half_word(at + 12), half_word(at + 8), half_word(at + 20), half_word(at + 16),
            half_word(at + 36)};
  }

  // Of no section: one of no size.
  [[nodiscard]] section section_holding(uint64_t address) const noexcept {
    for (uint64_t i = 0; i < section_count(); ++i) {
      const section current = section_at(i);
      const uint64_t size = current.memory_size != 0 ? current.memory_size : current.file_size;
      if (address >= current.address && address - current.address < size) return current;
    }
    return section{};
  }

  // The bytes at an address, up to the end of what the file has of its section.
  [[nodiscard]] bytes content_from(uint64_t address) const noexcept {
    const section in = section_holding(address);
    const uint64_t inside = address - in.address;
    if (inside >= in.file_size || !file_.holds(in.offset, in.file_size)) return {};
    return {file_.data + in.offset + inside, in.file_size - inside};
  }

  [[nodiscard]] bool find_offset(uint64_t address, uint64_t size, uint64_t& offset) const noexcept {
    const bytes content = content_from(address);
    if (content.data == nullptr || content.size < size) return false;
    offset = static_cast<uint64_t>(content.data - file_.data);
    return true;
  }

  [[nodiscard]] uint32_t half_word_at_address(uint64_t address) const noexcept {
    uint64_t offset = 0;
    return find_offset(address, 4, offset) ? half_word(offset) : 0;
  }

  // Null-terminated; null if that cannot be relied on.
  [[nodiscard]] const char* string_at_address(uint64_t address) const noexcept {
    const bytes content = content_from(address);
    if (content.data == nullptr ||
        ::memchr(content.data, '\0', static_cast<size_t>(content.size)) == nullptr) {
      return nullptr;
    }
    return reinterpret_cast<const char*>(content.data);
  }

  [[nodiscard]] directory directory_at(unsigned index) const noexcept {
    const uint64_t count = half_word(optional_header() + (is_wide() ? 108 : 92));
    const uint64_t at = (is_wide() ? 112 : 96) + uint64_t{index} * 8;
    if (index >= count || at + 8 > optional_header_size()) return {};
    return {half_word(optional_header() + at), half_word(optional_header() + at + 4)};
  }

  [[nodiscard]] bool headers_inside(text& why) const noexcept {
    if (file_.holds(section_header(0), section_count() * 40) &&
        file_.holds(0, half_word(optional_header() + 60))) {
      return true;
    }
    why << "ends before its section headers";
    return false;
  }

  [[nodiscard]] bool sections_inside(text& why) const noexcept {
    for (uint64_t i = 0; i < section_count(); ++i) {
      const section current = section_at(i);
      if (current.address == 0) {
        why << "has a broken section " << i;
        return false;
      }
      if (current.file_size != 0 && !file_.holds(current.offset, current.file_size)) {
        why << "ends inside its section " << i;
        return false;
      }
    }
    return true;
  }

  // What linkers write all over the file, zeros where it was not written: the lists of exported
  // names and of needed libraries, and the relocations, which stand behind all other content.
  [[nodiscard]] bool tables_filled(text& why) const noexcept {
    const directory exports = directory_at(directory_exports);
    const directory imports = directory_at(directory_imports);
    const char* const own_name =
        exports.size != 0 ? string_at_address(half_word_at_address(exports.address + 12)) : "?";
    if (own_name == nullptr || own_name[0] == '\0') {
      why << "has no list of what it exports";
      return false;
    }
    // GNU ld's list of nothing has an entry, too, the last one, and nothing but zeros in it.
    const char* const needed =
        imports.size >= 40 ? string_at_address(half_word_at_address(imports.address + 12)) : "?";
    if (needed == nullptr || needed[0] == '\0') {
      why << "has no list of what it needs";
      return false;
    }
    const directory relocations = directory_at(directory_relocations);
    // One section has them all: there are many.
    const bytes blocks = content_from(relocations.address);
    for (uint64_t done = 0; done < relocations.size;) {
      uint64_t size = 0;
      if (blocks.holds(done, 8)) {
        size = half_word(static_cast<uint64_t>(blocks.data - file_.data) + done + 4);
      }
      if (size < 8 || size % 4 != 0) {
        why << "has relocations of no length";
        return false;
      }
      done += size;
    }
    return true;
  }

  // Whether the address is that of another library's name and symbol.
  [[nodiscard]] bool is_forwarded(uint64_t address) const noexcept {
    const directory exports = directory_at(directory_exports);
    return address >= exports.address && address - exports.address < exports.size;
  }

  [[nodiscard]] bool find_export(const char* name, uint64_t& address) const noexcept {
    const uint64_t exports = directory_at(directory_exports).address;
    uint64_t at = 0;
    if (exports == 0 || !find_offset(exports, 40, at)) return false;
    const uint64_t function_count = half_word(at + 20);
    const uint64_t name_count = half_word(at + 24);
    const uint64_t functions = half_word(at + 28);
    const uint64_t names = half_word(at + 32);
    const uint64_t ordinals = half_word(at + 36);
    // Sorted, in files that are what they say they are.
    uint64_t first = 0;
    uint64_t behind = name_count;
    while (first < behind) {
      const uint64_t middle = first + (behind - first) / 2;
      const char* const found = string_at_address(half_word_at_address(names + middle * 4));
      if (found == nullptr) return false;
      const int order = ::strcmp(name, found);
      if (order == 0) {
        uint64_t ordinal = 0;
        if (!find_offset(ordinals + middle * 2, 2, ordinal)) return false;
        const uint64_t index = quarter_word(ordinal);
        if (index >= function_count) return false;
        address = half_word_at_address(functions + index * 4);
        return address != 0;
      }
      if (order < 0) {
        behind = middle;
      } else {
        first = middle + 1;
      }
    }
    return false;
  }

  [[nodiscard]] static char in_lower_case(char character) noexcept {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  }

  bytes file_;
  uint64_t header_ = 0;  // where the PE header begins
};

}}  // namespace dymod::detail

#endif
