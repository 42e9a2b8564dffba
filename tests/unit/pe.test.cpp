// SPDX-License-Identifier: MIT

// The reader of Windows' libraries, on three that are kept here (samples/pe) and bent afterwards:
// these are questions about bytes, asked on every system.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/pe.hpp>
#include <dymod/detail/reload/problem.hpp>

#include "support/catch.hpp"
#include "support/messages_page.hpp"
#include "support/needed.hpp"
#include "support/workshop.hpp"

using namespace dymod::detail;
using dymod::error_code;

namespace {

constexpr pe_target x86_64{8, 0x8664};

struct verdict {
  completeness answer;
  std::string why;
};

bytes view_of(const std::string& file) {
  return {reinterpret_cast<const unsigned char*>(file.data()), file.size()};
}

verdict judge(const std::string& file, const pe_target& target = x86_64) {
  text why;
  const completeness answer = pe(view_of(file)).check(target, why);
  return {answer, why.c_str()};
}

std::string sample(const std::string& name) {
  return workshop::read_file(DYMOD_TEST_SAMPLES "/pe/" + name + ".dll");
}

std::size_t header_of(const std::string& file) {
  return static_cast<std::size_t>(static_cast<unsigned char>(file[0x3c]));
}

// Lowest byte first, whatever this processor does.
std::uint32_t number_at(const std::string& file, std::size_t place) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(file[place + i]);
  }
  return number;
}

}  // namespace

TEST_CASE("pe: a finished library is complete", "[pe]") {
  CHECK(judge(sample("clang-x86-64")).answer == completeness::complete);
  CHECK(judge(sample("gnu-x86-64")).answer == completeness::complete);
  CHECK(judge(sample("gnu-i686"), {4, 0x14c}).answer == completeness::complete);
  // A processor that is not known by its number.
  CHECK(judge(sample("clang-x86-64"), {8, 0}).answer == completeness::complete);
}

TEST_CASE("pe: cut anywhere, it is incomplete", "[pe][failure]") {
  const std::string name = GENERATE("clang-x86-64", "gnu-x86-64");
  const std::string file = sample(name);
  CAPTURE(name);
  for (std::size_t size = 0; size < file.size(); ++size) {
    const verdict cut = judge(file.substr(0, size));
    CAPTURE(size, cut.why);
    REQUIRE(cut.answer == completeness::incomplete);
    REQUIRE_FALSE(cut.why.empty());
  }
}

TEST_CASE("pe: with zeros from anywhere on, it is incomplete while anything is lost",
          "[pe][failure]") {
  const std::string name = GENERATE("clang-x86-64", "gnu-x86-64");
  const std::string file = sample(name);
  CAPTURE(name);
  // What linkers put behind the last content fills its block.
  std::size_t content = file.size();
  while (file[content - 1] == '\0') --content;
  // Not in the middle of a number.
  for (std::size_t size = 0; size < content; size += 2) {
    std::string zeroed = file;
    std::memset(&zeroed[size], 0, zeroed.size() - size);
    const verdict cut = judge(zeroed);
    CAPTURE(size, content, cut.why);
    // The entries of the last table of relocations are not looked at.
    if (size < content - 4) REQUIRE(cut.answer == completeness::incomplete);
  }
}

TEST_CASE("pe: a library that needs no other is complete", "[pe]") {
  const std::string name = GENERATE("clang-x86-64", "gnu-x86-64");
  std::string file = sample(name);
  const std::size_t imports = header_of(file) + 24 + 112 + 8;
  const std::uint32_t address = number_at(file, imports);
  REQUIRE(address != 0);
  const char* const first = "KERNEL32.dll";
  const std::size_t at = file.find(first);
  REQUIRE(at != std::string::npos);
  file.replace(at, std::strlen(first), std::string(std::strlen(first), '\0'));
  REQUIRE(judge(file).answer == completeness::incomplete);
  SECTION("without a list") { file.replace(imports, 8, std::string(8, '\0')); }
  SECTION("with a list of nothing, as GNU ld writes it") {
    file.replace(imports + 4, 4, std::string("\x18\0\0\0", 4));
  }
  CHECK(judge(file).answer == completeness::complete);
}

TEST_CASE("pe: an image in memory without its headers has no sections", "[pe]") {
  std::string file = sample("clang-x86-64");
  void* const image = &file[0];
  REQUIRE(pe::find_section_in_memory(image, ".rdata") != nullptr);
  SECTION("wiped out") { file.replace(0, 0x400, std::string(0x400, '\0')); }
  SECTION("no magic") { file[0] = '\0'; }
  SECTION("no signature") { file[header_of(file)] = 'p'; }
  SECTION("no place") { file.replace(60, 4, std::string(4, '\0')); }
  CHECK(pe::find_section_in_memory(image, ".rdata") == nullptr);
}

TEST_CASE("pe: what will never be a library of this system is garbage", "[pe][failure]") {
  CHECK(judge("This is a text, and it is long enough for the head of a library, is it not? Yes.")
            .answer == completeness::garbage);
  CHECK(judge("#!").answer == completeness::garbage);
  CHECK(judge(std::string("\x7f"
                          "ELF") +
              std::string(100, '\1'))
            .answer == completeness::garbage);
  std::string old_program = sample("gnu-x86-64");
  old_program.replace(header_of(old_program), 2, "NE");
  CHECK(judge(old_program).answer == completeness::garbage);

  const verdict narrow = judge(sample("gnu-i686"));
  CHECK(narrow.answer == completeness::garbage);
  CHECK(narrow.why ==
        "is made for another processor (32 bits, PE machine 332; this program: 64 bits, PE machine "
        "34404)");
  CHECK(judge(sample("clang-x86-64"), {8, 0xaa64}).answer == completeness::garbage);

  std::string program = sample("gnu-x86-64");
  program[header_of(program) + 23] &= static_cast<char>(~0x20);  // not IMAGE_FILE_DLL
  CHECK(judge(program).answer == completeness::garbage);
  CHECK(judge(program).why == "is a PE file but not a library");
}

TEST_CASE("pe: finds what the library exports", "[pe]") {
  const std::string name = GENERATE("clang-x86-64", "gnu-x86-64", "gnu-i686");
  const std::string file = sample(name);
  CAPTURE(name);
  const pe image(view_of(file));
  bytes content;
  REQUIRE(image.find_symbol("dymod_description_sheep", content));
  description found(content);
  CHECK(std::string(found.format()) == "2");
  record_reader::record function;
  REQUIRE(found.next("function", function));
  CHECK(std::string(function.name) == "answer");
  CHECK_FALSE(found.next("function", function));

  uint64_t address = 0;
  CHECK(image.find_function("answer", address));
  CHECK(address != 0);
  CHECK(image.find_symbol("answer", content));
  CHECK_FALSE(image.find_function("dymod_description_sheep", address));
  for (const char* const absent : {"answe", "answers", "", "zebra", "dymod_description_shee"}) {
    CHECK_FALSE(image.find_symbol(absent, content));
  }
}

TEST_CASE("pe: tells which libraries are needed, whatever the case of their names", "[pe]") {
  const std::string file = sample("gnu-x86-64");
  const pe image(view_of(file));
  REQUIRE(needed_by(image, "kernel") != nullptr);
  CHECK(std::string(needed_by(image, "kernel")) == "KERNEL32.dll");
  CHECK(needed_by(image, "libclang_rt.asan") == nullptr);
  CHECK(image.needs_file("kernel32.DLL") != nullptr);
  CHECK(image.needs_file("kernel32") == nullptr);
  CHECK_FALSE(image.has_thread_local());
}

TEST_CASE("pe: two builds that differ in the name of the program database are the same", "[pe]") {
  const std::string file = sample("clang-x86-64");
  const pe image(view_of(file));
  pe::debug_file_name name;
  REQUIRE(image.find_debug_file(name));
  CHECK(std::string(reinterpret_cast<const char*>(name.characters)) ==
        "C:\\a folder of the build\\sheep.pdb");
  CHECK(file.compare(static_cast<std::size_t>(name.offset), 2, "C:") == 0);
  std::string copy = file;
  std::memset(&copy[static_cast<std::size_t>(name.offset)], 'x',
              static_cast<std::size_t>(name.size));
  CHECK(pe::is_same(view_of(file), view_of(copy)));
  CHECK(pe::fingerprint(view_of(file)) == pe::fingerprint(view_of(copy)));
  copy[static_cast<std::size_t>(name.offset) - 1] ^= 1;
  CHECK_FALSE(pe::is_same(view_of(file), view_of(copy)));
  copy = file;
  copy.back() ^= 1;
  CHECK_FALSE(pe::is_same(view_of(file), view_of(copy)));

  pe::debug_file_name none;
  const std::string other = sample("gnu-x86-64");
  CHECK_FALSE(pe(view_of(other)).find_debug_file(none));
  CHECK(pe::is_same(view_of(other), view_of(other)));
}

// docs/errors.md, entry by entry.
TEST_CASE("pe: the page of messages has its words", "[pe][failure]") {
  const std::string file = sample("clang-x86-64");
  const std::size_t header = header_of(file);
  const std::size_t sections = header + 24 + 0xf0;
  const auto with = [&](std::size_t at, const std::string& changed) {
    std::string bent = file;
    return bent.replace(at, changed.size(), changed);
  };
  const std::string zeros(0x400, '\0');
  const auto zeroed_after = [&](const char* last) {
    std::string bent = file;
    const std::size_t at = bent.rfind(last);
    REQUIRE(at != std::string::npos);
    return bent.replace(at, std::strlen(last), std::string(std::strlen(last), '\0'));
  };
  const std::size_t relocations = file.find(".reloc");
  REQUIRE(relocations != std::string::npos);
  const std::uint32_t offset = number_at(file, relocations + 20);
  const std::string made[] = {
      file.substr(0, 50),
      with(0, zeros),
      file.substr(0, header + 10),
      with(header + 4, zeros.substr(0, 20)),
      file.substr(0, sections + 50),
      with(sections + 12, zeros.substr(0, 4)),
      file.substr(0, file.size() - 0x200),
      zeroed_after("sheep.dll"),
      zeroed_after("KERNEL32.dll"),
      with(offset, zeros.substr(0, 16)),
      "This is a text, and it is long enough for the head of a library, is it not? Yes.",
      with(header + 4, "\x4c\x01"),
      with(header + 23, zeros.substr(0, 1)),
  };
  const std::vector<messages_page::entry> page = messages_page::entries("On Windows");
  const std::size_t count = sizeof made / sizeof *made;
  REQUIRE(page.size() == count + 1);  // the last one is the system's: tests/windows
  for (std::size_t i = 0; i < count; ++i) {
    const verdict told = judge(made[i]);
    problem why;
    why.set(told.answer == completeness::garbage ? error_code::not_a_library
                                                 : error_code::incomplete)
        << "'C:\\sheep.dll' " << told.why.c_str();
    CAPTURE(i, page[i].first, told.why);
    CHECK(page[i].is("sheep", why.message("sheep").c_str()));
  }
}

TEST_CASE("pe: any bytes are safe input", "[pe][failure]") {
  const std::string name = GENERATE("clang-x86-64", "gnu-x86-64");
  const std::string file = sample(name);
  std::mt19937 random(4711);
  unsigned complete = 0;
  for (int i = 0; i < 20000; ++i) {
    // A block of its own, of which AddressSanitizer knows the end.
    std::string bent = file.substr(0, i % 4 == 0 ? random() % file.size() : file.size());
    bent.shrink_to_fit();
    const unsigned changes = 1 + random() % 8;
    for (unsigned k = 0; k < changes && !bent.empty(); ++k) {
      // Mostly in the headers and the tables.
      const std::size_t at =
          random() % (k % 2 == 0 ? bent.size() : std::min(bent.size(), std::size_t{0x400}));
      const unsigned values[] = {0, 1, 0x7f, 0xff, static_cast<unsigned>(random())};
      bent[at] = static_cast<char>(values[random() % 5]);
    }
    pe image(view_of(bent));
    text why;
    const bool is_complete = image.check(x86_64, why) == completeness::complete;
    pe::debug_file_name debug;
    static_cast<void>(image.find_debug_file(debug));
    static_cast<void>(image.find_needed([](const char* each) { return each[0] == '\0'; }));
    if (!is_complete) continue;
    ++complete;
    bytes content;
    if (image.find_symbol("dymod_description_sheep", content) && content.size != 0) {
      REQUIRE(content.data >= view_of(bent).data);
      REQUIRE(content.data + content.size <= view_of(bent).data + bent.size());
      static_cast<void>(description(content).find("function", "answer"));
    }
    uint64_t address = 0;
    static_cast<void>(image.find_function("answer", address));
  }
  CHECK(complete > 100);
}
