// SPDX-License-Identifier: MIT

// Writes what the fuzzer begins with: small libraries of both word sizes and both byte orders, and
// of macOS, for which there need be no compiler here, and a description. Each is held to be good
// before it is written: a fuzzer whose seeds are refused at the door finds nothing behind it.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/elf.hpp>
#include <dymod/detail/reload/macho.hpp>

#include "../support/needed.hpp"

using namespace dymod::detail;

namespace {

constexpr char all_records[] = DYMOD_DETAIL_DESCRIPTION_HEAD
    "\0"
    "function\0shear\0void(\1herd\2&)\0"
    "layout\0\1herd\2\0size 8, alignment 4\0"
    "function\0name\0"
    "\1std::basic_string\2<char, \1std::char_traits\2<char>, \1std::allocator\2<char>>(int)\0";

const std::string records(all_records, sizeof all_records);

/// ELF's numbers: `quarter`, `half` and `word` are those of the class. Names and numbers are those
/// of the System V ABI.
struct elf_writer {
  bool wide;
  bool big_endian;
  bool many_sections;  // as with more than 65,279 of them: their count stands in section 0

  [[nodiscard]] std::string number(std::uint64_t value, unsigned size) const {
    std::string result;
    for (unsigned i = 0; i < size; ++i) {
      const unsigned place = big_endian ? size - 1 - i : i;
      result += static_cast<char>(value >> (place * 8));
    }
    return result;
  }
  [[nodiscard]] std::string quarter(std::uint64_t value) const { return number(value, 2); }
  [[nodiscard]] std::string half(std::uint64_t value) const { return number(value, 4); }
  [[nodiscard]] std::string word(std::uint64_t value) const { return number(value, wide ? 8 : 4); }

  [[nodiscard]] std::string symbol(std::uint64_t name, char info, std::uint64_t section,
                                   std::uint64_t address, std::uint64_t size) const {
    const std::string kind{info, '\0'};
    return wide ? half(name) + kind + quarter(section) + word(address) + word(size)
                : half(name) + word(address) + word(size) + kind + quarter(section);
  }

  [[nodiscard]] std::string segment(std::uint64_t type, std::uint64_t offset, std::uint64_t address,
                                    std::uint64_t size) const {
    const std::string places = word(offset) + word(address) + word(address);
    const std::string sizes = word(size) + word(size);
    const std::string flags = half(4);
    return half(type) + (wide ? flags + places + sizes : places + sizes + flags) + word(8);
  }

  [[nodiscard]] std::string section(std::uint64_t name, std::uint64_t type, std::uint64_t offset,
                                    std::uint64_t size, std::uint64_t link) const {
    return half(name) + half(type) + word(0) + word(0) + word(offset) + word(size) + half(link) +
           half(0) + word(1) + word(0);
  }

  [[nodiscard]] std::string library() const {
    constexpr std::uint64_t base = 0x1000;  // where the file's beginning is to stand in memory
    const std::uint64_t header_size = wide ? 64 : 52;
    const std::uint64_t segment_size = wide ? 56 : 32;
    const std::uint64_t section_size = wide ? 64 : 40;
    const std::uint64_t symbol_size = wide ? 24 : 16;
    const std::string strings(
        "\0libasan.so.8\0libm.so.6\0dymod_module_sheep\0dymod_description_sheep\0", 67);
    const std::string names("\0.name\0", 7);

    // One behind the other, in this order.
    const std::uint64_t description_at = header_size + 2 * segment_size;
    const std::uint64_t symbols_at = description_at + records.size();
    const std::uint64_t symbols_size = 3 * symbol_size;
    const char object = many_sections ? '\x11' : '\xa1';  // global, or unique: kept by the system
    const char function = '\x12';
    const std::uint64_t dynamic_at = symbols_at + symbols_size;
    const std::string dynamic = word(1) + word(strings.find("libm")) + word(1) +
                                word(strings.find("libasan")) + word(0) + word(0);
    const std::string note = half(4) + half(4) + half(3) + std::string("GNU\0\0\0\0\1", 8);
    const std::uint64_t names_at = dynamic_at + dynamic.size();
    const std::uint64_t sections_at = names_at + names.size();
    const std::uint64_t count = 8;
    const std::uint64_t names_index = 7;
    // One of the two at the end of the file, so that a step too far is one out of the file.
    const std::uint64_t last_at = sections_at + (count + 1) * section_size;
    const std::uint64_t strings_at = last_at + (many_sections ? 0 : note.size());
    const std::uint64_t note_at = last_at + (many_sections ? strings.size() : 0);

    return std::string("\177ELF") + (wide ? '\2' : '\1') + (big_endian ? '\2' : '\1') + '\1' +
           std::string(9, '\0') + quarter(3) + quarter(wide ? 62 : 3) + half(1) + word(0) +
           word(header_size) + word(sections_at) + half(0) + quarter(header_size) +
           quarter(segment_size) + quarter(2) + quarter(section_size) +
           quarter(many_sections ? 0 : count) + quarter(many_sections ? 0xffff : names_index) +
           segment(1, 0, base, sections_at) +
           segment(2, dynamic_at, base + dynamic_at, dynamic.size()) + records +
           symbol(0, 0, 0, 0, 0) +
           symbol(strings.find("dymod_d"), object, 1, base + description_at, records.size()) +
           symbol(strings.find("dymod_m"), function, 2, base, 4) + dynamic + names +
           // Header 0 is of no section, and another stands behind the last that is counted: both
           // tell of strings far outside of the file. But for the two numbers, who believes them is
           // caught as soon as a section names them.
           section(0, 3, 0x7fffff00, many_sections ? count : 0xff,
                   many_sections ? names_index : 0) +
           section(1, 1, description_at, records.size(), 0) +
           section(1, 8, 0x7fffff00, 0xff, 0) +  // takes no room in the file
           section(1, 3, strings_at, strings.size(), 0) +
           section(1, 11, symbols_at, symbols_size, 3) +
           section(1, 6, dynamic_at, dynamic.size(), 3) + section(1, 7, note_at, note.size(), 0) +
           section(1, 3, names_at, names.size(), 0) + section(1, 3, 0x7fffff00, 0xff, 0) +
           (many_sections ? strings + note : note + strings);
  }
};

/// Mach-O's numbers, of 64 bits and the lowest byte first. Names and numbers are those of
/// <mach-o/loader.h>.
struct macho_writer {
  bool arm64;  // with the export trie in a command of its own, and a signature

  [[nodiscard]] static std::string number(std::uint64_t value, unsigned size, bool big = false) {
    std::string result;
    for (unsigned i = 0; i < size; ++i) {
      result += static_cast<char>(value >> ((big ? size - 1 - i : i) * 8));
    }
    return result;
  }
  [[nodiscard]] static std::string half(std::uint64_t value) { return number(value, 4); }
  [[nodiscard]] static std::string word(std::uint64_t value) { return number(value, 8); }

  [[nodiscard]] static std::string command(std::uint64_t kind, std::string content) {
    content.resize((content.size() + 7) / 8 * 8);
    return half(kind) + half(content.size() + 8) + content;
  }

  [[nodiscard]] static std::string name(std::string characters) {
    characters.resize(16);
    return characters;
  }

  [[nodiscard]] static std::string segment(const std::string& named, std::uint64_t address,
                                           std::uint64_t offset, std::uint64_t size,
                                           const std::string& sections) {
    return command(0x19, name(named) + word(address) + word(size) + word(offset) + word(size) +
                             half(5) + half(5) + half(sections.size() / 80) + half(0) + sections);
  }

  [[nodiscard]] static std::string section(const std::string& named, std::uint64_t address,
                                           std::uint64_t offset, std::uint64_t size,
                                           std::uint64_t type) {
    return name(named) + name("__TEXT") + word(address) + word(size) + half(offset) + half(0) +
           half(0) + half(0) + half(type) + half(0) + half(0) + half(0);
  }

  // Two symbols, whose names part behind the first characters.
  [[nodiscard]] static std::string trie(std::uint64_t description_at) {
    const auto uleb = [](std::uint64_t value) {
      return std::string{static_cast<char>((value & 0x7f) | 0x80), static_cast<char>(value >> 7)};
    };
    const auto leaf = [&](std::uint64_t at) {
      return std::string("\3\4", 2) + uleb(at) + std::string(1, '\0');  // 3 bytes: weak, address
    };
    const std::string root = std::string("\0\1_dymod_\0\x0b", 11);
    const std::string edges[] = {std::string("description_sheep\0", 18),
                                 std::string("module_sheep\0", 13)};
    const std::size_t first = root.size() + 2 + edges[0].size() + 1 + edges[1].size() + 1;
    const std::string leaves = leaf(description_at);
    return root + std::string("\0\2", 2) + edges[0] + static_cast<char>(first) + edges[1] +
           static_cast<char>(first + leaves.size()) + leaves + leaf(32);
  }

  [[nodiscard]] std::string library() const {
    constexpr std::uint64_t base = 0x100000;
    // Twice: what stands where is known once the commands have their size.
    std::string commands;
    for (int i = 0; i < 2; ++i) {
      const std::uint64_t description_at = 32 + commands.size();
      const std::uint64_t trie_at = description_at + records.size();
      const std::string exported = trie(description_at);
      const std::uint64_t symbols_at = trie_at + exported.size();
      const std::uint64_t signature_at = symbols_at + 16;
      const std::uint64_t end = signature_at + (arm64 ? 12 : 0);
      commands =
          segment("__TEXT", base, 0, trie_at,
                  section("__const", base + description_at, description_at, records.size(), 0) +
                      section("__thread_bss", base, 0x7fffff00, 0xff, 0x12)) +
          segment("__LINKEDIT", base + 0x4000, trie_at, end - trie_at, "") +
          command(0x2, half(symbols_at) + half(1) + half(symbols_at) + half(16)) +
          command(0xb, std::string(72, '\0')) +
          command(0xc, half(24) + half(0) + half(0) + half(0) +
                           std::string("@rpath/libclang_rt.asan.dylib\0", 30));
      if (arm64) {
        commands += command(0x80000033, half(trie_at) + half(exported.size())) +
                    command(0x1d, half(signature_at) + half(12));
      } else {
        commands +=
            command(0x80000022, std::string(32, '\0') + half(trie_at) + half(exported.size()));
      }
      const std::string content =
          records + exported + std::string(16, '\0') +
          (arm64 ? number(0xfade0cc0, 4, true) + number(12, 4, true) + number(0, 4, true) : "");
      if (i == 1) return header(commands) + commands + content;
    }
    return "";
  }

  [[nodiscard]] std::string header(const std::string& commands) const {
    return half(0xfeedfacf) + half(processor()) + half(0) + half(arm64 ? 6 : 8) +
           half(arm64 ? 7 : 6) + half(commands.size()) + half(0) + half(0);
  }

  [[nodiscard]] std::uint32_t processor() const { return arm64 ? 0x0100000c : 0x01000007; }

  // With an image for another processor in front.
  [[nodiscard]] std::string universal() const {
    const std::string one = library();
    const macho_writer other{!arm64};
    const std::string first = other.library();
    const std::uint64_t at = 8 + 2 * 20;
    return number(0xcafebabe, 4, true) + number(2, 4, true) + number(other.processor(), 4, true) +
           number(0, 4) + number(at, 4, true) + number(first.size(), 4, true) + number(0, 4) +
           number(processor(), 4, true) + number(0, 4) + number(at + first.size(), 4, true) +
           number(one.size(), 4, true) + number(0, 4) + first + one;
  }
};

bytes view_of(const std::string& file) {
  return {reinterpret_cast<const unsigned char*>(file.data()), file.size()};
}

void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "a seed is no good: %s\n", what.c_str());
  std::exit(1);
}

template <class Image, class Target>
void require_good(const std::string& file, const Target& target, const char* runtime) {
  Image image(view_of(file));
  text why;
  require(image.check(target, why) == completeness::complete, why.c_str());
  bytes content;
  require(image.find_symbol("dymod_description_sheep", content), "no symbol");
  const description described(content);
  require(described.readable(), "no description");
  require(described.find("layout", "\1herd\2") != nullptr, "no layout");
  require(needed_by(image, runtime) != nullptr, "no needed library");
}

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace

// image.seeds <directory>
int main(int count, char** arguments) {
  if (count != 2) return 1;
  const std::string directory = arguments[1];
  for (const bool wide : {false, true}) {
    for (const bool big_endian : {false, true}) {
      for (const bool many_sections : {false, true}) {
        const std::string file = elf_writer{wide, big_endian, many_sections}.library();
        const elf_target target{wide ? 8u : 4u, big_endian, wide ? 62u : 3u};
        require_good<elf>(file, target, "libasan.so.8");
        const std::string name = std::string(wide ? "64-" : "32-") +
                                 (big_endian ? "big" : "little") + (many_sections ? "-many" : "");
        write(directory + "/" + name, file);
        if (!many_sections) {
          // Its last string does not end, which is the name of a symbol.
          write(directory + "/" + name + "-endless", file.substr(0, file.size() - 1) + 'p');
          continue;
        }
        // With a build id of zeros at the very end, whose length is then a step from too long.
        const std::string unfinished = file.substr(0, file.size() - 1) + '\0';
        text why;
        require(elf(view_of(unfinished)).check(target, why) == completeness::incomplete, "its id");
        write(directory + "/" + name + "-unfinished", unfinished);
      }
    }
  }
  for (const bool arm64 : {false, true}) {
    const macho_writer writer{arm64};
    const macho_target target{writer.processor(), false};
    const std::string name = arm64 ? "macho-arm64" : "macho-x86_64";
    require_good<macho>(writer.library(), target, "libclang_rt.asan");
    require_good<macho>(writer.universal(), target, "libclang_rt.asan");
    write(directory + "/" + name, writer.library());
    write(directory + "/" + name + "-universal", writer.universal());
  }
  write(directory + "/description", records);
}
