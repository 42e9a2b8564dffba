// SPDX-License-Identifier: MIT

// Writes what the fuzzer begins with: small libraries of both word sizes and both byte orders, for
// which there need be no compiler here, and a description. Each is held to be good before it is
// written: a fuzzer whose seeds are refused at the door finds nothing behind it.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/elf.hpp>

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

bytes view_of(const std::string& file) {
  return {reinterpret_cast<const unsigned char*>(file.data()), file.size()};
}

void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "a seed is no good: %s\n", what.c_str());
  std::exit(1);
}

void require_good(const std::string& file, const elf_target& target) {
  elf image(view_of(file));
  text why;
  require(image.check(target, why) == completeness::complete, why.c_str());
  bytes content;
  require(image.find_symbol("dymod_description_sheep", content), "no symbol");
  const description described(content);
  require(described.readable(), "no description");
  require(described.find("layout", "\1herd\2") != nullptr, "no layout");
  const char* needed = image.needs("libasan.so");
  require(needed != nullptr && std::strcmp(needed, "libasan.so.8") == 0, "no needed library");
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
        require_good(file, target);
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
  write(directory + "/description", records);
}
