// SPDX-License-Identifier: MIT

// The reader of macOS's libraries, on samples that a linker for Mach-O made (samples/macho/make.sh)
// and that are cut, bent and put together afterwards. No library of this kind can be opened here.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/macho.hpp>

#include "support/catch.hpp"
#include "support/needed.hpp"
#include "support/workshop.hpp"

using namespace dymod::detail;

namespace {

constexpr macho_target arm64{0x0100000c, false};
constexpr macho_target arm64e{0x0100000c, true};
constexpr macho_target x86_64{0x01000007, false};

bytes view_of(const std::string& file) {
  return {reinterpret_cast<const unsigned char*>(file.data()), file.size()};
}

struct verdict {
  completeness answer;
  std::string why;
};

verdict judge(const std::string& file, const macho_target& target) {
  text why;
  const completeness answer = macho(view_of(file)).check(target, why);
  return {answer, why.c_str()};
}

struct sample {
  std::string file;
  macho_target target;
};

std::string read_sample(const std::string& name) {
  return workshop::read_file(DYMOD_TEST_SAMPLES "/macho/" + name);
}

std::string big_endian(std::uint64_t value, unsigned size) {
  std::string result;
  for (unsigned i = size; i-- > 0;) result += static_cast<char>(value >> (i * 8));
  return result;
}

// What `lipo -create` makes of libraries, in their order.
std::string universal(const std::vector<sample>& all, bool wide = false) {
  const unsigned word_size = wide ? 8 : 4;
  std::string header = big_endian(wide ? 0xcafebabf : 0xcafebabe, 4) + big_endian(all.size(), 4);
  std::string content;
  const std::size_t alignment = 4096;
  for (const sample& each : all) {
    const std::size_t at = alignment + content.size();
    header += big_endian(each.target.processor, 4) +
              big_endian(each.target.signed_pointers ? 0x80000002 : 0, 4) +
              big_endian(at, word_size) + big_endian(each.file.size(), word_size) +
              big_endian(12, 4) + (wide ? big_endian(0, 4) : "");
    content += each.file;
    content.resize((content.size() + alignment - 1) / alignment * alignment);
  }
  content.resize(content.size() - alignment + (all.back().file.size() - 1) % alignment + 1);
  header.resize(alignment);
  return header + content;
}

sample take_sample() {
  const std::string which =
      GENERATE("arm64", "x86_64", "universal, first", "universal, second", "universal, wide");
  CAPTURE(which);
  const sample one{read_sample("sheep.arm64.dylib"), arm64};
  const sample other{read_sample("sheep.x86_64.bundle"), x86_64};
  if (which == "arm64") return one;
  if (which == "x86_64") return other;
  if (which == "universal, first") return {universal({other, one}), x86_64};
  return {universal({other, one}, which == "universal, wide"), arm64};
}

std::uint32_t half_word(const std::string& file, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(file[at + i]);
  return value;
}

void set_half_word(std::string& file, std::size_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) file[at + i] = static_cast<char>(value >> (i * 8));
}

// Where the first load command of a kind stands.
std::size_t find_command(const std::string& file, std::uint32_t kind) {
  std::size_t at = 32;
  for (std::uint32_t i = 0; i < half_word(file, 16); ++i) {
    if (half_word(file, at) == kind) return at;
    at += half_word(file, at + 4);
  }
  FAIL("no load command " << kind);
  return 0;
}

}  // namespace

TEST_CASE("macho: a finished library is complete", "[macho]") {
  const sample whole = take_sample();
  CHECK(judge(whole.file, whole.target).why.empty());
  CHECK(judge(whole.file, whole.target).answer == completeness::complete);
}

TEST_CASE("macho: a library cut anywhere is incomplete", "[macho][failure]") {
  const sample whole = take_sample();
  REQUIRE(judge(whole.file, whole.target).answer == completeness::complete);
  for (std::size_t size = 0; size < whole.file.size(); ++size) {
    const verdict cut = judge(whole.file.substr(0, size), whole.target);
    if (cut.answer != completeness::incomplete || cut.why.empty()) {
      FAIL("cut to " << size << " of " << whole.file.size() << " bytes: " << cut.why);
    }
  }
}

TEST_CASE("macho: a signed library whose end is not written yet is incomplete",
          "[macho][failure]") {
  std::string file = read_sample("sheep.arm64.dylib");
  const std::size_t signature = half_word(file, find_command(file, 0x1d) + 8);
  for (std::size_t at = signature + 1; at < file.size(); ++at) file[at] = '\0';
  for (std::size_t size = signature + 1; size-- > 0;) {
    file[size] = '\0';
    const verdict torn = judge(file, arm64);
    if (torn.answer != completeness::incomplete) FAIL("zeros from " << size << ": " << torn.why);
  }
}

TEST_CASE("macho: without the end of its tables a library that is not signed exports nothing",
          "[macho][failure]") {
  std::string file = read_sample("sheep.x86_64.bundle");
  const std::size_t trie = half_word(file, find_command(file, 0x80000022) + 40);
  for (std::size_t at = trie; at < file.size(); ++at) file[at] = '\0';
  macho image(view_of(file));
  text why;
  REQUIRE(image.check(x86_64, why) == completeness::complete);
  bytes content;
  CHECK_FALSE(image.find_symbol("dymod_description_sheep", content));
}

TEST_CASE("macho: what will never be a library of this system is garbage", "[macho][failure]") {
  std::string file = read_sample("sheep.arm64.dylib");
  std::string words = "does not begin like a shared library";
  SECTION("text") { file = "#!/bin/sh\necho hello\n"; }
  SECTION("an ELF file") { file.replace(0, 4, "\177ELF"); }
  SECTION("a compiled Java class") { file = big_endian(0xcafebabe00000034, 8) + file; }
  SECTION("32 bits") {
    file[0] = '\xce';
    words = "is made for another processor (32 bits, or big endian)";
  }
  SECTION("the other byte order") {
    file.replace(0, 4, "\xfe\xed\xfa\xcf");
    words = "is made for another processor (32 bits, or big endian)";
  }
  SECTION("an object file") {
    file[12] = 1;
    words = "is a Mach-O file but not a shared library";
  }
  SECTION("a program") {
    file[12] = 2;
    words = "is a Mach-O file but not a shared library";
  }
  SECTION("signed pointers") {
    file[8] = 2;
    words = "is made for another processor (arm64e; this program: arm64)";
  }
  SECTION("another processor") {
    file = read_sample("sheep.x86_64.bundle");
    words = "is made for another processor (x86_64; this program: arm64)";
  }
  SECTION("other processors") {
    file = universal({{read_sample("sheep.x86_64.bundle"), x86_64}, {file, arm64e}});
    words = "is made for other processors (x86_64, arm64e; this program: arm64)";
  }
  const verdict bent = judge(file, arm64);
  CHECK(bent.answer == completeness::garbage);
  CHECK(bent.why == words);
}

TEST_CASE("macho: finds the content of what the library exports", "[macho]") {
  const sample whole = take_sample();
  macho image(view_of(whole.file));
  text why;
  REQUIRE(image.check(whole.target, why) == completeness::complete);
  bytes content;
  REQUIRE(image.find_symbol("dymod_description_sheep", content));
  const description described(content);
  REQUIRE(described.format() != nullptr);
  const char* const type = described.find("function", "answer");
  REQUIRE(type != nullptr);
  CHECK(std::string(type) == "int()");
  CHECK(described.find("function", "shear") != nullptr);
  const char* const library = described.find("abi", "the standard library");
  REQUIRE(library != nullptr);
  CHECK(std::string(library) == "libc++");

  CHECK(image.find_symbol("dymod_module_sheep", content));
  CHECK_FALSE(image.find_symbol("dymod_module_shee", content));
  CHECK_FALSE(image.find_symbol("dymod_module_sheeps", content));
  CHECK_FALSE(image.find_symbol("dymod_", content));
  CHECK_FALSE(image.find_symbol("", content));
  // There, but hidden, under the name as it is and under C's.
  CHECK_FALSE(image.find_symbol("dymod_binary", content));
  CHECK_FALSE(image.find_symbol("_ZN5sheep6answerEv", content));
  // Named in the library, defined elsewhere.
  CHECK_FALSE(image.find_symbol("_tlv_bootstrap", content));
}

TEST_CASE("macho: needs no symbol table", "[macho]") {
  // `strip` takes it away; what the system looks in stays.
  std::string file = read_sample("sheep.arm64.dylib");
  const std::size_t at = find_command(file, 0x2);
  for (const std::size_t place : {8u, 12u, 16u, 20u}) set_half_word(file, at + place, 0);
  macho image(view_of(file));
  text why;
  REQUIRE(image.check(arm64, why) == completeness::complete);
  bytes content;
  CHECK(image.find_symbol("dymod_description_sheep", content));
}

TEST_CASE("macho: knows which libraries must be there first", "[macho]") {
  const std::string file = read_sample("sheep.x86_64.bundle");
  macho image(view_of(file));
  text why;
  REQUIRE(image.check(x86_64, why) == completeness::complete);
  const char* const needed = needed_by(image, "libclang_rt.asan");
  REQUIRE(needed != nullptr);
  CHECK(std::string(needed) == "@rpath/libclang_rt.asan_osx_dynamic.dylib");
  CHECK(needed_by(image, "@rpath") == nullptr);
  CHECK(needed_by(image, "libasan.so") == nullptr);
  CHECK(image.needs_file("libclang_rt.asan_osx_dynamic.dylib") == needed);
  CHECK(image.needs_file("libclang_rt") == needed);
  CHECK(image.needs_file("libclang_rt.asan") == nullptr);
}

TEST_CASE("macho: knows of thread-local objects", "[macho]") {
  for (const char* name : {"sheep.arm64.dylib", "sheep.x86_64.bundle"}) {
    const std::string file = read_sample(name);
    macho image(view_of(file));
    text why;
    REQUIRE(image.check(macho_target{0, false}, why) == completeness::complete);
    CHECK(image.has_thread_local());
    CHECK_FALSE(image.has_static_thread_local());
  }
}

TEST_CASE("macho: any byte may be anything", "[macho][failure]") {
  // Every byte of the headers and of the tables bent in four ways, two at a time; sanitizers make
  // this test bite.
  const sample whole = take_sample();
  const std::size_t size = whole.file.size();
  for (std::size_t at = 0; at < size; at += at < 2048 || at > size - 2048 ? 1u : 61u) {
    for (const int bend : {0x00, 0xff, 0x80, 0x7f}) {
      std::string bent = whole.file;
      bent[at] = static_cast<char>(bend);
      bent[(at * 7 + 3) % size] = static_cast<char>(at);
      macho image(view_of(bent));
      text why;
      if (image.check(whole.target, why) != completeness::complete) continue;
      bytes content;
      if (image.find_symbol("dymod_description_sheep", content) && content.size > 0) {
        CHECK(content.data >= view_of(bent).data);
        CHECK(content.data + content.size <= view_of(bent).data + bent.size());
        record_reader::record each;
        for (description described(content); described.next(each);) {
        }
      }
      static_cast<void>(needed_by(image, "libclang_rt.asan"));
      static_cast<void>(image.has_thread_local());
    }
  }
}
