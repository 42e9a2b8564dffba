// SPDX-License-Identifier: MIT

// The completeness check and the symbol lookup, on libraries made by the real compiler and cut,
// zeroed and bent afterwards. Nothing is opened here: these are questions about bytes.

#include <link.h>  // ElfW

#include <cstddef>
#include <cstring>
#include <string>

#include <dymod/detail/os/os.hpp>
#include <dymod/detail/reload/elf.hpp>

#include "support/catch.hpp"
#include "support/needed.hpp"
#include "support/workshop.hpp"

using namespace dymod::detail;

namespace {

bytes view_of(const std::string& file) {
  return {reinterpret_cast<const unsigned char*>(file.data()), file.size()};
}

struct verdict {
  completeness answer;
  std::string why;
};

verdict judge(const std::string& file) {
  text why;
  const completeness answer = elf(view_of(file)).check(os::native::target(), why);
  return {answer, why.c_str()};
}

std::string library(const std::string& flags = "") {
  const workshop::folder folder;
  workshop::build_module("sheep",
                         "#include <dymod/dymod.hpp>\nDYMOD(sheep, (answer, int()))\n"
                         "int sheep::answer() { return 42; }\n",
                         folder / "libsheep.so", flags);
  return workshop::read_file(folder / "libsheep.so");
}

}  // namespace

TEST_CASE("elf: a finished library is complete", "[elf]") {
  const std::string flags = GENERATE("", "-s", "-fuse-ld=gold", "-fuse-ld=lld", "-fuse-ld=mold");
  CAPTURE(flags);
  // Linkers that are not installed, or not for this processor, cannot be tried.
  if (workshop::run(workshop::compiler() + flags + " -Wl,--version").status != 0) return;
  const verdict whole = judge(library(flags));
  CHECK(whole.answer == completeness::complete);
  CHECK(whole.why.empty());
}

TEST_CASE("elf: a library cut anywhere is incomplete", "[elf][failure]") {
  const std::string whole = library();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const verdict cut = judge(whole.substr(0, size));
    if (cut.answer != completeness::incomplete || cut.why.empty()) {
      FAIL("cut to " << size << " of " << whole.size() << " bytes: " << cut.why);
    }
  }
}

TEST_CASE("elf: a library whose end is not written yet is incomplete", "[elf][failure]") {
  std::string file = library();
  // The last header is that of the section names. Nobody reads its last 24 bytes (link, info,
  // alignment, entry size); the 8 before are its size.
  const std::size_t tail = 32;
  file.replace(file.size() - tail, tail, tail, '\0');
  for (std::size_t size = file.size() - tail; size-- > 0;) {
    file[size] = '\0';
    const verdict torn = judge(file);
    if (torn.answer != completeness::incomplete) FAIL("zeros from " << size << ": " << torn.why);
  }
}

TEST_CASE("elf: a build id of zeros means that the linker is not done", "[elf][failure]") {
  std::string file = library("-Wl,--build-id=0x00000000000000000000000000000000");
  CHECK(judge(file).answer == completeness::incomplete);
  CHECK_THAT(judge(file).why, contains("build id of zeros"));
  CHECK(judge(library("-Wl,--build-id=0x00000000000000000000000000000001")).answer ==
        completeness::complete);
  CHECK(judge(library("-Wl,--build-id=none")).answer == completeness::complete);
}

TEST_CASE("elf: a hidden symbol that is nowhere means that the link failed", "[elf][failure]") {
  // What gold leaves when it is killed before it removes the output of such a link.
  std::string file = library();
  REQUIRE(judge(file).answer == completeness::complete);
  ElfW(Ehdr) header;
  std::memcpy(&header, file.data(), sizeof header);
  unsigned hidden = 0;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    ElfW(Shdr) section;
    std::memcpy(&section, &file[header.e_shoff + i * sizeof section], sizeof section);
    if (section.sh_type != SHT_DYNSYM) continue;
    for (std::size_t at = sizeof(ElfW(Sym)); at < section.sh_size; at += sizeof(ElfW(Sym))) {
      ElfW(Sym) symbol;
      std::memcpy(&symbol, &file[section.sh_offset + at], sizeof symbol);
      if (symbol.st_shndx != SHN_UNDEF) continue;
      symbol.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE);
      symbol.st_other = STV_HIDDEN;
      std::memcpy(&file[section.sh_offset + at], &symbol, sizeof symbol);
      ++hidden;
    }
  }
  REQUIRE(hidden > 0);
  CHECK(judge(file).answer == completeness::incomplete);
  CHECK_THAT(judge(file).why, contains("lacks a hidden symbol"));
}

TEST_CASE("elf: what will never be a library of this system is garbage", "[elf][failure]") {
  std::string file = library();
  SECTION("text") { file = "#!/bin/sh\necho hello\n"; }
  SECTION("another word size") { file[4] = static_cast<char>(3 - file[4]); }
  SECTION("another byte order") { file[5] = static_cast<char>(3 - file[5]); }
  SECTION("another processor") { file[18] = static_cast<char>(file[18] + 1); }
  SECTION("an object file") { file[16] = 1; }
  const verdict bent = judge(file);
  CHECK(bent.answer == completeness::garbage);
  CHECK_FALSE(bent.why.empty());
}

TEST_CASE("elf: says which processor a library is made for", "[elf][failure]") {
  std::string file = library();
  CAPTURE(judge(file).why);
  REQUIRE(judge(file).answer == completeness::complete);
  const elf_target here = os::native::target();
  REQUIRE(here.machine != 0);
  const std::string words = std::to_string(here.word_size * 8) + " bits, " +
                            (here.big_endian ? "big" : "little") + " endian, ELF machine ";
  const uint16_t other = 4711;
  std::memcpy(&file[18], &other, sizeof other);
  CHECK_THAT(judge(file).why,
             contains(words + "4711; this program: " + words + std::to_string(here.machine) + ")"));
}

TEST_CASE("elf: finds the content of what the library defines", "[elf]") {
  const std::string file = library();
  elf image(view_of(file));
  text why;
  REQUIRE(image.check(os::native::target(), why) == completeness::complete);
  bytes content;
  REQUIRE(image.find_symbol("dymod_description_sheep", content));
  REQUIRE(content.size > 17);
  CHECK(std::memcmp(content.data, "dymod description", 18) == 0);
  CHECK(image.find_symbol("dymod_module_sheep", content));
  CHECK_FALSE(image.find_symbol("dymod_module_shee", content));
  CHECK_FALSE(image.find_symbol("dymod_module_sheeps", content));
  // Named in the library, defined elsewhere.
  CHECK_FALSE(image.find_symbol("__cxa_finalize", content));
}

TEST_CASE("elf: knows which libraries must be there first", "[elf]") {
  const std::string file = library("-Wl,--no-as-needed -lm");
  elf image(view_of(file));
  text why;
  REQUIRE(image.check(os::native::target(), why) == completeness::complete);
  CHECK(needed_by(image, "libm.so"));
  CHECK_FALSE(needed_by(image, "libasan.so"));
}

TEST_CASE("elf: header 0 is of no section, whatever it says", "[elf][failure]") {
  // Found by tests/fuzz: a table without strings names section 0, and that was read unchecked.
  std::string file = library("-Wl,--no-as-needed -lm");
  ElfW(Ehdr) header;
  std::memcpy(&header, file.data(), sizeof header);
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    char* const at = &file[header.e_shoff + i * sizeof(ElfW(Shdr))];
    ElfW(Shdr) section;
    std::memcpy(&section, at, sizeof section);
    if (i == 0) {
      section.sh_type = SHT_STRTAB;
      section.sh_offset = static_cast<ElfW(Off)>(-1) / 2;
      section.sh_size = 4096;
    }
    if (section.sh_type == SHT_DYNSYM || section.sh_type == SHT_DYNAMIC) section.sh_link = 0;
    std::memcpy(at, &section, sizeof section);
  }
  elf image(view_of(file));
  text why;
  REQUIRE(image.check(os::native::target(), why) == completeness::complete);
  bytes content;
  CHECK_FALSE(image.find_symbol("dymod_description_sheep", content));
  CHECK(needed_by(image, "libm.so") == nullptr);
}

TEST_CASE("elf: a name that does not end in the file is not told", "[elf][failure]") {
  // Found by tests/fuzz: the name of a unique symbol was once read up to wherever a null came.
  std::string file = library();
  ElfW(Ehdr) header;
  std::memcpy(&header, file.data(), sizeof header);
  const auto place_of = [&](std::size_t index) {
    return &file[header.e_shoff + index * sizeof(ElfW(Shdr))];
  };
  const std::string names(4096, 'n');
  for (unsigned i = 1; i < header.e_shnum; ++i) {
    ElfW(Shdr) symbols;
    std::memcpy(&symbols, place_of(i), sizeof symbols);
    if (symbols.sh_type != SHT_DYNSYM) continue;
    // The last symbol, of this library's own.
    const std::size_t at = symbols.sh_offset + symbols.sh_size - sizeof(ElfW(Sym));
    file[at + offsetof(ElfW(Sym), st_info)] = static_cast<char>(STB_GNU_UNIQUE << 4 | STT_OBJECT);
    ElfW(Shdr) strings;
    std::memcpy(&strings, place_of(symbols.sh_link), sizeof strings);
    strings.sh_offset = file.size();
    strings.sh_size = names.size();
    std::memcpy(place_of(symbols.sh_link), &strings, sizeof strings);
  }
  file += names;
  elf image(view_of(file));
  text why;
  REQUIRE(image.check(os::native::target(), why) == completeness::complete);
  CHECK(image.find_unique([](const char*) { return true; }) == nullptr);
}

TEST_CASE("elf: any byte may be anything", "[elf][failure]") {
  // Every byte of the headers and of the tables bent in three ways; sanitizers make this test bite.
  const std::string whole = library();
  for (std::size_t at = 0; at < whole.size();
       at += at < 1024 || at > whole.size() - 4096 ? 1u : 61u) {
    for (const int bend : {0x00, 0xff, 0x80}) {
      std::string bent = whole;
      bent[at] = static_cast<char>(bend);
      elf image(view_of(bent));
      text why;
      if (image.check(os::native::target(), why) != completeness::complete) continue;
      bytes content;
      if (image.find_symbol("dymod_description_sheep", content) && content.size > 0) {
        CHECK(content.data >= view_of(bent).data);
        CHECK(content.data + content.size <= view_of(bent).data + bent.size());
      }
      static_cast<void>(needed_by(image, "libasan.so"));
    }
  }
}
