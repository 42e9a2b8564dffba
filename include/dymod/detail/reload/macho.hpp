// SPDX-License-Identifier: MIT

// Mach-O images read as bytes: is the file complete, where is a symbol's content, which libraries
// does it need. What macOS opens: 64 bits, lowest byte first, alone or in a universal file. Any
// bytes are safe input: every offset is checked before it is used. Names and numbers are those of
// <mach-o/loader.h>, <mach-o/fat.h> and <mach/machine.h>. No system header, no system call.
//
// Symbols are looked for in the export trie, as the system does: `strip` may take the symbol table
// away. A UUID of zeros (LC_UUID) says nothing: Apple's linker and lld write a file under another
// name and rename it, and tools that want the same bytes from each build put zeros there.

#ifndef DYMOD_DETAIL_RELOAD_MACHO_HPP
#define DYMOD_DETAIL_RELOAD_MACHO_HPP

#include <stdint.h>  // uint32_t, uint64_t
#include <string.h>  // memchr, memcmp, strlen, strncmp, strrchr

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/bytes.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What an image must be made for to be opened by this process.
struct macho_target {
  uint32_t processor;    // cputype; 0: not known, any will do
  bool signed_pointers;  // arm64e, which is another processor to arm64
};

class macho {
 public:
  explicit macho(bytes file) noexcept : file_(file), image_(file) {}

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
  [[nodiscard]] completeness check(const macho_target& target, text& why) noexcept {
    if (file_.size < 4) {
      why << "has only " << file_.size << " bytes";
      return completeness::incomplete;
    }
    image_ = file_;
    if (begins_like(file_, universal_magic) || begins_like(file_, wide_universal_magic)) {
      const completeness chosen = choose_image(target, why);
      if (chosen != completeness::complete) return chosen;
    }
    return check_image(target, why);
  }

  /// Finds the bytes of a symbol that this file exports. Call after check() only. The file does not
  /// tell how many are the symbol's.
  /// @param content  from the symbol to the end of its section; no bytes for a symbol without
  /// @returns whether the symbol is defined here
  [[nodiscard]] bool find_symbol(const char* name, bytes& content) const noexcept {
    exported found;
    if (!find_export(name, found)) return false;
    content = found.is_absolute ? bytes{} : content_at(base_address() + found.place);
    return true;
  }

  /// Never: the system is asked. Its dlsym() waits for nobody, unlike that of systems with ELF.
  [[nodiscard]] bool find_function(const char*, uint64_t&) const noexcept { return false; }

  /// Whether the name of a library begins so.
  [[nodiscard]] static bool begins_with(const char* name, const char* prefix) noexcept {
    return ::strncmp(name, prefix, ::strlen(prefix)) == 0;
  }

  /// The first needed library whose file's name `matches`; null if there is none. Call after
  /// check() only.
  template <class Matches> [[nodiscard]] const char* find_needed(Matches matches) const noexcept {
    const char* found = nullptr;
    for_each_command([&](const command& each) {
      switch (each.kind) {
        case command_needs:
        case command_needs_weakly:
        case command_needs_lazily:
        case command_needs_and_exports:
        case command_needs_upward: break;
        default: return true;
      }
      const uint64_t at = half_word_of(each, 8);
      if (at >= each.size) return true;
      const char* const name = reinterpret_cast<const char*>(image_.data + each.at + at);
      if (::memchr(name, '\0', static_cast<size_t>(each.size - at)) == nullptr) return true;
      const char* const slash = ::strrchr(name, '/');
      if (matches(slash != nullptr ? slash + 1 : name)) found = name;
      return found == nullptr;
    });
    return found;
  }

  /// Likewise: the one that is `file_name`, with or without a version behind it, in any directory.
  [[nodiscard]] const char* needs_file(const char* file_name) const noexcept {
    const size_t length = ::strlen(file_name);
    return find_needed([&](const char* name) {
      return ::strncmp(name, file_name, length) == 0 &&
             (name[length] == '\0' || name[length] == '.');
    });
  }

  /// None: there is nothing like STB_GNU_UNIQUE. Of equal weak definitions that binaries export the
  /// system takes one for all, but none of a library opened with RTLD_LOCAL, as images are.
  template <class Matters> [[nodiscard]] const char* find_unique(Matters) const noexcept {
    return nullptr;
  }

  /// Whether threads have objects of this library. Call after check() only.
  [[nodiscard]] bool has_thread_local() const noexcept {
    bool found = false;
    for_each_section([&](const section& each) {
      found =
          found || (each.type >= section_thread_local && each.type <= section_thread_local_last);
    });
    return found;
  }

  /// The system gets the place for thread-local objects when a thread first uses them.
  [[nodiscard]] bool has_static_thread_local() const noexcept { return false; }

  struct open_reference {
    uint64_t place;
    uint64_t wanted;
    const char* name;
  };

  /// None: a symbol comes with the library that it is to be found in.
  template <class Visit> void for_each_open_reference(Visit) const noexcept {}

 private:
  enum : uint32_t {
    image_magic = 0xcffaedfe,  // in the order in which the bytes stand
    narrow_magic = 0xcefaedfe,
    big_endian_magic = 0xfeedfacf,
    narrow_big_endian_magic = 0xfeedface,
    universal_magic = 0xcafebabe,
    wide_universal_magic = 0xcafebabf,
    processor_x86_64 = 0x01000007,
    processor_arm64 = 0x0100000c,
    model_mask = 0x00ffffff,
    model_any = 0,
    model_arm64e = 2,
    type_library = 6,  // MH_DYLIB
    type_bundle = 8,
    command_symbols = 0x2,
    command_dynamic_symbols = 0xb,
    command_needs = 0xc,
    command_needs_weakly = 0x80000018,
    command_segment = 0x19,
    command_signature = 0x1d,
    command_split_info = 0x1e,
    command_needs_and_exports = 0x8000001f,
    command_needs_lazily = 0x20,
    command_dyld_info = 0x22,
    command_dyld_info_only = 0x80000022,
    command_needs_upward = 0x80000023,
    command_function_starts = 0x26,
    command_data_in_code = 0x29,
    command_exports = 0x80000033,
    command_fixups = 0x80000034,
    section_zeros = 0x1,
    section_many_zeros = 0xc,
    section_thread_local = 0x11,
    section_thread_local_zeros = 0x12,
    section_thread_local_last = 0x15,
    export_is_absolute = 0x2,
    export_is_elsewhere = 0x8
  };

  static constexpr uint64_t header_size = 32;

  struct command {
    uint64_t at;
    uint32_t kind;
    uint64_t size;
  };

  struct section {
    uint64_t address;
    uint64_t size;
    uint64_t offset;
    uint32_t type;
  };

  struct exported {
    uint64_t place = 0;  // from the image's beginning
    bool is_absolute = false;
  };

  [[nodiscard]] static bool begins_like(bytes file, uint32_t magic) noexcept {
    return file.size >= 4 && big_endian(file, 0, 4) == magic;
  }

  // Whether the first bytes can still become the magic, once what is zero is written.
  [[nodiscard]] static bool may_begin_like(bytes file, uint32_t magic) noexcept {
    for (unsigned i = 0; i < 4; ++i) {
      if (file.data[i] != 0 && file.data[i] != (magic >> (24 - i * 8) & 0xff)) return false;
    }
    return true;
  }

  // --- numbers: 0 outside of the image

  [[nodiscard]] uint64_t number(uint64_t at, unsigned size) const noexcept {
    uint64_t value = 0;
    if (!image_.holds(at, size)) return 0;
    for (unsigned i = size; i-- > 0;) value = value << 8 | image_.data[at + i];
    return value;
  }

  [[nodiscard]] uint32_t half_word(uint64_t at) const noexcept {
    return static_cast<uint32_t>(number(at, 4));
  }
  [[nodiscard]] uint64_t word(uint64_t at) const noexcept { return number(at, 8); }

  // The headers of universal files and of signatures have the highest byte first.
  [[nodiscard]] static uint64_t big_endian(bytes in, uint64_t at, unsigned size) noexcept {
    uint64_t value = 0;
    if (!in.holds(at, size)) return 0;
    for (unsigned i = 0; i < size; ++i) value = value << 8 | in.data[at + i];
    return value;
  }

  // --- the processor

  [[nodiscard]] static bool suits(const macho_target& target, uint32_t processor,
                                  uint32_t model) noexcept {
    if (target.processor == 0) return true;
    const bool signed_pointers =
        processor == processor_arm64 && (model & model_mask) == model_arm64e;
    return processor == target.processor && signed_pointers == target.signed_pointers;
  }

  static text& append_processor(text& to, uint32_t processor, uint32_t model) noexcept {
    if (processor == processor_x86_64) return to << "x86_64";
    if (processor == processor_arm64) {
      return to << ((model & model_mask) == model_arm64e ? "arm64e" : "arm64");
    }
    return to << "Mach-O processor " << processor;
  }

  static void append_target(text& to, const macho_target& target) noexcept {
    append_processor(to << "; this program: ", target.processor,
                     target.signed_pointers ? model_arm64e : model_any)
        << ")";
  }

  // --- universal files

  [[nodiscard]] completeness choose_image(const macho_target& target, text& why) noexcept {
    const bool wide = begins_like(file_, wide_universal_magic);
    const uint64_t entry_size = wide ? 32 : 20;
    if (file_.size < 8) {
      why << "ends inside its universal header";
      return completeness::incomplete;
    }
    const uint64_t count = big_endian(file_, 4, 4);
    if (count == 0) {
      why << "has zeros in its universal header";
      return completeness::incomplete;
    }
    // A compiled Java class begins like that, with its version in this place: 45 and more.
    if (count > 30) {
      why << "does not begin like a shared library";
      return completeness::garbage;
    }
    if (!file_.holds(8, count * entry_size)) {
      why << "ends inside its universal header";
      return completeness::incomplete;
    }
    bytes chosen;
    text others;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t at = 8 + i * entry_size;
      const auto processor = static_cast<uint32_t>(big_endian(file_, at, 4));
      const auto model = static_cast<uint32_t>(big_endian(file_, at + 4, 4));
      const uint64_t offset = big_endian(file_, at + 8, wide ? 8 : 4);
      const uint64_t size = big_endian(file_, at + (wide ? 16 : 12), wide ? 8 : 4);
      if (processor == 0 || size == 0) {
        why << "has zeros in its universal header";
        return completeness::incomplete;
      }
      if (!file_.holds(offset, size)) {
        why << "ends inside its image " << i;
        return completeness::incomplete;
      }
      append_processor(others << (others.empty() ? "" : ", "), processor, model);
      if (chosen.data == nullptr && suits(target, processor, model)) {
        chosen = bytes{file_.data + offset, size};
      }
    }
    if (chosen.data == nullptr) {
      append_target(why << "is made for other processors (" << others, target);
      return completeness::garbage;
    }
    image_ = chosen;
    return completeness::complete;
  }

  // --- one image

  [[nodiscard]] completeness check_image(const macho_target& target, text& why) const noexcept {
    if (!begins_like(image_, image_magic)) return judge_beginning(why);
    if (image_.size < header_size) {
      why << "ends inside its Mach-O header";
      return completeness::incomplete;
    }
    const uint32_t processor = half_word(4);
    const uint32_t model = half_word(8);
    const uint32_t type = half_word(12);
    if (processor == 0 || type == 0 || command_count() == 0) {
      why << "has zeros in its Mach-O header";
      return completeness::incomplete;
    }
    if (!suits(target, processor, model)) {
      append_processor(why << "is made for another processor (", processor, model);
      append_target(why, target);
      return completeness::garbage;
    }
    if (type != type_library && type != type_bundle) {
      why << "is a Mach-O file but not a shared library";
      return completeness::garbage;
    }
    const bool whole = commands_inside(why) && segments_inside(why) && tables_inside(why);
    return whole && has_signature(why) ? completeness::complete : completeness::incomplete;
  }

  [[nodiscard]] completeness judge_beginning(text& why) const noexcept {
    if (image_.size < 4) {  // of a universal file
      why << "has only " << image_.size << " bytes";
      return completeness::incomplete;
    }
    if (begins_like(image_, narrow_magic) || begins_like(image_, big_endian_magic) ||
        begins_like(image_, narrow_big_endian_magic)) {
      why << "is made for another processor (32 bits, or big endian)";
      return completeness::garbage;
    }
    if (may_begin_like(image_, image_magic) || may_begin_like(image_, universal_magic)) {
      why << "begins with zeros";
      return completeness::incomplete;
    }
    why << "does not begin like a shared library";
    return completeness::garbage;
  }

  [[nodiscard]] uint32_t command_count() const noexcept { return half_word(16); }

  // The system wants all of them to be inside: 8 bytes or more each, and no more than the header
  // says together.
  [[nodiscard]] bool commands_inside(text& why) const noexcept {
    const uint64_t end = header_size + half_word(20);
    if (!image_.holds(0, end)) {
      why << "ends before its load commands do";
      return false;
    }
    uint64_t at = header_size;
    for (uint32_t i = 0; i < command_count(); ++i) {
      const uint64_t size = half_word(at + 4);
      if (end - at < 8 || size < 8 || size > end - at) {
        why << "has a broken load command " << i;
        return false;
      }
      at += size;
    }
    return true;
  }

  // Until `visit(command)` returns false. After commands_inside() only.
  template <class Visit> void for_each_command(Visit visit) const noexcept {
    uint64_t at = header_size;
    for (uint32_t i = 0; i < command_count(); ++i) {
      const command each{at, half_word(at), half_word(at + 4)};
      if (!visit(each)) return;
      at += each.size;
    }
  }

  // A number of a command; 0 if the command is too short for it.
  [[nodiscard]] uint32_t half_word_of(const command& in, uint64_t at) const noexcept {
    return at + 4 <= in.size ? half_word(in.at + at) : 0;
  }
  [[nodiscard]] uint64_t word_of(const command& in, uint64_t at) const noexcept {
    return at + 8 <= in.size ? word(in.at + at) : 0;
  }

  // --- segments and their sections

  static constexpr uint64_t segment_size = 72;
  static constexpr uint64_t section_size = 80;

  [[nodiscard]] bool segments_inside(text& why) const noexcept {
    const char* flaw = nullptr;
    bool found_link_edit = false;
    for_each_command([&](const command& each) {
      if (each.kind != command_segment) return true;
      const uint64_t sections = half_word_of(each, 64);
      if (each.size < segment_size || sections > (each.size - segment_size) / section_size) {
        flaw = "has a broken segment";
      } else if (!image_.holds(word_of(each, 40), word_of(each, 48))) {
        flaw = "ends inside a segment";
      }
      const char* const name = reinterpret_cast<const char*>(image_.data + each.at + 8);
      if (flaw == nullptr && ::strncmp(name, "__LINKEDIT", 11) == 0) found_link_edit = true;
      return flaw == nullptr;
    });
    for_each_section([&](const section& each) {
      if (flaw == nullptr && has_content(each) && !image_.holds(each.offset, each.size)) {
        flaw = "ends inside a section";
      }
    });
    if (flaw == nullptr && !found_link_edit) flaw = "has no segment __LINKEDIT";
    if (flaw != nullptr) why << flaw;
    return flaw == nullptr;
  }

  template <class Visit> void for_each_section(Visit visit) const noexcept {
    for_each_command([&](const command& each) {
      if (each.kind != command_segment) return true;
      const uint64_t count = half_word_of(each, 64);
      for (uint64_t i = 0; i < count && segment_size + (i + 1) * section_size <= each.size; ++i) {
        const uint64_t at = segment_size + i * section_size;
        visit(section{word_of(each, at + 32), word_of(each, at + 40), half_word_of(each, at + 48),
                      half_word_of(each, at + 64) & 0xff});
      }
      return true;
    });
  }

  [[nodiscard]] static bool has_content(const section& of) noexcept {
    return of.type != section_zeros && of.type != section_many_zeros &&
           of.type != section_thread_local_zeros;
  }

  // Where the file's beginning is to be: the address of the segment that has it.
  [[nodiscard]] uint64_t base_address() const noexcept {
    uint64_t base = 0;
    for_each_command([&](const command& each) {
      const bool found =
          each.kind == command_segment && word_of(each, 40) == 0 && word_of(each, 48) != 0;
      if (found) base = word_of(each, 24);
      return !found;
    });
    return base;
  }

  [[nodiscard]] bytes content_at(uint64_t address) const noexcept {
    bytes content;
    for_each_section([&](const section& each) {
      const uint64_t inside = address - each.address;
      if (!has_content(each) || address < each.address || inside >= each.size) return;
      content = bytes{image_.data + each.offset + inside, each.size - inside};
    });
    return content;
  }

  // --- what is in the segment __LINKEDIT

  [[nodiscard]] bool tables_inside(text& why) const noexcept {
    bool inside = true;
    for_each_command([&](const command& each) {
      const auto holds = [&](uint64_t place, uint64_t entry_size) {
        return image_.holds(half_word_of(each, place), half_word_of(each, place + 4) * entry_size);
      };
      switch (each.kind) {
        case command_symbols: inside = holds(8, 16) && holds(16, 1); break;
        // Indirect symbols and two kinds of relocations; the others are of older systems.
        case command_dynamic_symbols: inside = holds(56, 4) && holds(64, 8) && holds(72, 8); break;
        case command_dyld_info:
        case command_dyld_info_only:
          inside = holds(8, 1) && holds(16, 1) && holds(24, 1) && holds(32, 1) && holds(40, 1);
          break;
        case command_signature:
        case command_split_info:
        case command_function_starts:
        case command_data_in_code:
        case command_exports:
        case command_fixups: inside = holds(8, 1); break;
        default: break;
      }
      return inside;
    });
    if (!inside) why << "ends inside what its segment __LINKEDIT holds";
    return inside;
  }

  // It stands at the end of the file, where a writer that goes from the beginning to the end comes
  // last. The system ends a process that runs code which is not as the signature says.
  [[nodiscard]] bool has_signature(text& why) const noexcept {
    bool whole = true;
    for_each_command([&](const command& each) {
      if (each.kind != command_signature) return true;
      const uint64_t at = half_word_of(each, 8);
      const uint64_t size = half_word_of(each, 12);
      whole = big_endian(image_, at, 4) == 0xfade0cc0 && big_endian(image_, at + 4, 4) <= size;
      return false;
    });
    if (!whole) why << "has no signature yet where its headers say";
    return whole;
  }

  // --- the export trie: from node to node by the beginnings of names

  [[nodiscard]] bytes exports() const noexcept {
    bytes found;
    for_each_command([&](const command& each) {
      uint64_t place = 0;
      if (each.kind == command_exports) place = 8;
      if (each.kind == command_dyld_info || each.kind == command_dyld_info_only) place = 40;
      const uint64_t size = place != 0 ? half_word_of(each, place + 4) : 0;
      if (size != 0) found = bytes{image_.data + half_word_of(each, place), size};
      return size == 0;
    });
    return found;
  }

  // A number of any length (ULEB128): 7 bits in a byte, the lowest first. 0 behind the end.
  [[nodiscard]] static uint64_t next_number(bytes& rest) noexcept {
    uint64_t value = 0;
    unsigned shift = 0;
    while (rest.size > 0) {
      const unsigned char each = *rest.data;
      rest = from(rest, 1);
      if (shift < 64) value |= static_cast<uint64_t>(each & 0x7f) << shift;
      shift += 7;
      if (each < 0x80) break;
    }
    return value;
  }

  // The rest of some bytes; nothing if there are not so many.
  [[nodiscard]] static bytes from(bytes all, uint64_t at) noexcept {
    return all.holds(at, 0) ? bytes{all.data + at, all.size - at} : bytes{};
  }

  [[nodiscard]] bool find_export(const char* name, exported& found) const noexcept {
    const bytes trie = exports();
    const uint64_t length = ::strlen(name) + 1;  // with the underscore in front of each C name
    bytes node = trie;
    for (uint64_t passed = 0; passed < length;) {
      const uint64_t step = follow(trie, node, name, passed);
      if (step == 0) return false;
      passed += step;
    }
    // A node of no length leads on only.
    if (next_number(node) == 0) return false;
    const uint64_t flags = next_number(node);
    if ((flags & export_is_elsewhere) != 0) return false;
    found.place = next_number(node);
    found.is_absolute = (flags & export_is_absolute) != 0;
    return true;
  }

  // Goes on to the child with the next characters of a name.
  /// @returns how many characters that are; 0: no child has them
  [[nodiscard]] static uint64_t follow(bytes trie, bytes& node, const char* name,
                                       uint64_t passed) noexcept {
    const uint64_t own_size = next_number(node);
    bytes rest = from(node, own_size);
    if (rest.size == 0) return 0;
    const unsigned children = *rest.data;
    rest = from(rest, 1);
    for (unsigned i = 0; i < children && rest.size > 0; ++i) {
      const auto* const edge = rest.data;
      const void* const end = ::memchr(edge, '\0', static_cast<size_t>(rest.size));
      if (end == nullptr) return 0;
      const auto count = static_cast<uint64_t>(static_cast<const unsigned char*>(end) - edge);
      rest = from(rest, count + 1);
      const uint64_t child = next_number(rest);
      if (count == 0 || !is_part(name, passed, edge, count)) continue;
      node = from(trie, child);
      return count;
    }
    return 0;
  }

  // Characters that are no null end a comparison at the end of a name, at the latest.
  [[nodiscard]] static bool is_part(const char* name, uint64_t at, const unsigned char* characters,
                                    uint64_t count) noexcept {
    for (uint64_t i = 0; i < count; ++i) {
      const char expected = at + i == 0 ? '_' : name[at + i - 1];
      if (characters[i] != static_cast<unsigned char>(expected)) return false;
    }
    return true;
  }

  bytes file_;
  bytes image_;  // the file, or the part of a universal file that is for this processor
};

}}  // namespace dymod::detail

#endif
