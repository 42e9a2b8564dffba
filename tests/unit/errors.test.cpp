// SPDX-License-Identifier: MIT

// docs/errors.md, entry by entry: each is provoked, and says what the page says.

#include <link.h>  // ElfW
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/messages_page.hpp"
#include "support/workshop.hpp"

#include "scene.hpp"

using namespace scenes;

namespace {

const std::string& built(int answer) {
  static std::map<int, std::string> made;
  std::string& content = made[answer];
  if (content.empty()) {
    const workshop::folder folder;
    workshop::build_module("sheep", source(answer), folder / "libsheep.so");
    content = workshop::read_file(folder / "libsheep.so");
  }
  return content;
}

void put(const std::string& content) {
  workshop::write_file(library_path + ".new", content);
  workshop::put_in_place(library_path + ".new", library_path);
}

// What is told of a library that is there when generation 1 runs.
std::string told_of(const std::function<void()>& put_there) {
  scene s;
  put(built(1));
  REQUIRE(s.load());
  s.events.clear();
  put_there();
  s.call();
  injected::fault.now += 2000000000;
  s.call();
  injected::fault = injected::faults();
  REQUIRE(s.events.size() == 1);
  CHECK(s.answer() == 1);
  return s.events[0].message;
}

std::string told_of_content(const std::string& content) {
  return told_of([&] { put(content); });
}

std::string told_of_source(const std::string& code, const std::string& flags = "") {
  return told_of([&] { workshop::build_module("sheep", code, library_path, flags); });
}

// The build that roll_back() has left, in another file.
std::string told_of_what_was_left() {
  scene s;
  put(built(1));
  REQUIRE(s.load());
  put(built(2));
  s.call();
  REQUIRE(s.answer() == 2);
  REQUIRE(s.loader.roll_back(*s.found));
  s.events.clear();
  put(built(2));
  s.call();
  REQUIRE(s.events.size() == 1);
  CHECK(s.answer() == 1);
  return s.events[0].message;
}

// What the first call is told.
std::string told_first(const std::function<void(scene&)>& prepare) {
  scene s;
  prepare(s);
  CHECK_FALSE(s.load());
  injected::fault = injected::faults();
  return s.why.message("sheep").c_str();
}

// The library with other bytes at a place.
std::string bent(std::size_t at, const std::string& bytes) {
  return std::string(built(2)).replace(at, bytes.size(), bytes);
}

template <class Header> Header header_at(std::size_t at) {
  Header header;
  std::memcpy(&header, built(2).data() + at, sizeof header);
  return header;
}

template <class Number> std::string bytes_of(Number number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

// Behind the end of any file.
const std::string far_away = bytes_of(static_cast<ElfW(Off)>(-1) / 4);

std::size_t place_of_section(std::size_t index) {
  return header_at<ElfW(Ehdr)>(0).e_shoff + index * sizeof(ElfW(Shdr));
}

// The first section of that type.
std::size_t place_of_section_of_type(uint32_t type) {
  for (std::size_t i = 1; i < header_at<ElfW(Ehdr)>(0).e_shnum; ++i) {
    const std::size_t place = place_of_section(i);
    if (header_at<ElfW(Shdr)>(place).sh_type == type) return place;
  }
  FAIL("no such section");
  return 0;
}

std::string with_section_type(std::size_t place, uint32_t type) {
  return bent(place + offsetof(ElfW(Shdr), sh_type), bytes_of(type));
}

std::string without_build_id() {
  const std::string head = bytes_of(uint32_t{4}) + bytes_of(uint32_t{20}) +
                           bytes_of(uint32_t{NT_GNU_BUILD_ID}) + std::string("GNU", 4);
  const std::size_t at = built(2).find(head);
  REQUIRE(at != std::string::npos);
  return bent(at + head.size(), std::string(20, '\0'));
}

// Its first symbol that it takes from elsewhere, as one that is its own.
std::string with_lost_symbol() {
  const auto symbols = header_at<ElfW(Shdr)>(place_of_section_of_type(SHT_DYNSYM));
  std::size_t at = symbols.sh_offset + sizeof(ElfW(Sym));
  while (header_at<ElfW(Sym)>(at).st_shndx != SHN_UNDEF) at += sizeof(ElfW(Sym));
  REQUIRE(at < symbols.sh_offset + symbols.sh_size);
  return bent(at + offsetof(ElfW(Sym), st_info), {STB_GLOBAL << 4, STV_HIDDEN});
}

std::string with_format(char format) {
  const std::string head("dymod description\0", 18);
  std::string content = built(2);
  for (std::size_t at = 0; (at = content.find(head, at)) != std::string::npos; at += head.size()) {
    content[at + head.size()] = format;
  }
  return content;
}

std::string other_sanitizer() {
#if defined(__SANITIZE_THREAD__)
  return "address";
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return "address";
#endif
#endif
  return "thread";
}

// A module with a struct, and a program that knows it as `struct herd { int sheep; };`, or not.
std::string told_of_herd(const std::string& definition, bool host_knows = true) {
  static const char* const types_without[] = {"int(\1herd\2&)\0"};
  static const char* const types_with_herd[] = {
      "int(\1herd\2&)\0layout\0\1herd\2\0size 4, alignment 4\0fields\0\1herd\2\0i\0"};
  const auto build = [](const std::string& herd) {
    workshop::build_module("sheep",
                           "#include <dymod/dymod.hpp>\n" + herd +
                               "DYMOD(sheep, (answer, int(herd& all)))\n"
                               "int sheep::answer(herd&) { return 1; }\n",
                           library_path);
  };
  scene s;
  s.wants.types = host_knows ? types_with_herd : types_without;
  build("struct herd { int sheep; };\n");
  REQUIRE(s.load());
  s.events.clear();
  build(definition);
  s.call();
  REQUIRE(s.events.size() == 1);
  return s.events[0].message;
}

// What is told of a library that is there when generation 1 runs and is called by another module.
std::string told_of_wish(const std::string& text) {
  static record wolf{};
  static image runs{};
  static snapshot published{};
  wolf.name = "wolf";
  wolf.path = "/nowhere/libwolf.so";
  runs.of = &wolf;
  runs.generation = 1;
  published.current = &runs;
  wolf.published.store_release(&published);
  scene s;
  s.wants.home = &runs;
  put(built(1));
  REQUIRE(s.load());
  s.events.clear();
  workshop::build_module("sheep", text, library_path);
  s.call();
  REQUIRE(s.events.size() == 1);
  return s.events[0].message;
}

std::string told_in_a_signal_handler() {
  scene s;
  REQUIRE(s.known.lock.try_enter<injected>());
  CHECK_FALSE(s.load());
  s.known.lock.leave<injected>();
  return s.why.message("sheep").c_str();
}

std::string told_inside_a_load() {
  scene s;
  put(built(1));
  caller& other = new_caller(names);
  problem other_why;
  injected::fault.while_opening = [&] { CHECK(s.loader.load_first(other, other_why) == nullptr); };
  REQUIRE(s.load());
  injected::fault = injected::faults();
  return other_why.message("sheep").c_str();
}

std::string told_without_room() {
  scene s;
  put(built(1));
  injected::fault.open_library = [] { return false; };
  injected::fault.room = [] { return false; };
  CHECK_FALSE(s.load());
  return s.why.message("sheep").c_str();
}

// No test can take the memory away and expect the rest to work.
std::string told_without_memory() {
  problem why;
  why.set(error_code::out_of_memory) << "'/a/libsheep.so'";
  return why.message("sheep").c_str();
}

}  // namespace

TEST_CASE("errors: what the page says is what a program says", "[errors][failure]") {
  const std::size_t segments = header_at<ElfW(Ehdr)>(0).e_phoff;
  const ElfW(Off) none = 0;
  const std::vector<std::string> messages = {
      told_first([](scene&) {}),
      told_first([](scene& s) { s.wants.library_path = [] { return "/nowhere/libsheep.so"; }; }),
      told_of([] {
        put(built(2));
        injected::fault.writing = [] { return injected::writers::some; };
      }),
      told_first([](scene&) {
        put(built(2));
        injected::fault.copy = [] {
          workshop::set_modified(library_path, injected::native::file_clock());
          return true;
        };
      }),
      told_first([](scene&) {
        put(built(2));
        injected::fault.map = [] {
          workshop::run_ok("rm -f '" + library_path + "'.dymod-*");
          return true;
        };
      }),
      told_of([] {
        put(built(2));
        injected::fault.open = [] { return injected::fails(EACCES); };
      }),
      told_of([] {
        put(built(2));
        injected::fault.copy = [] { return injected::fails(ENOSPC); };
      }),
      told_of([] {
        put(built(2));
        injected::fault.map = [] {
          workshop::run_ok("touch '" + library_path + "'.dymod-*-[!1]");
          return true;
        };
      }),
      told_of_content(""),
      told_of_content("\x7f"
                      "EL"),
      told_of_content(std::string(5000, '\0')),
      told_of_content(built(2).substr(0, 40)),
      told_of_content(bent(16, bytes_of(uint32_t{0}))),
      told_of_content(bent(offsetof(ElfW(Ehdr), e_phoff), far_away)),
      told_of_content(bent(segments + offsetof(ElfW(Phdr), p_filesz), far_away)),
      told_of_content(bent(offsetof(ElfW(Ehdr), e_shoff), bytes_of(none))),
      told_of_content(built(2).substr(0, built(2).size() - sizeof(ElfW(Shdr)))),
      told_of_content(bent(offsetof(ElfW(Ehdr), e_shstrndx), bytes_of(uint16_t{0}))),
      told_of_content(with_section_type(place_of_section(1), SHT_NULL)),
      told_of_content(with_section_type(place_of_section_of_type(SHT_DYNAMIC), SHT_PROGBITS)),
      told_of_content(with_lost_symbol()),
      told_of_content(without_build_id()),
      told_of([] {
        REQUIRE(std::remove(library_path.c_str()) == 0);
        REQUIRE(::mkdir(library_path.c_str(), 0755) == 0);
      }),
      told_of_content("garbage"),
      told_of_content(bent(16, bytes_of(uint16_t{1}))),
      told_of_content(bent(18, bytes_of(uint16_t{4711}))),
      told_of_source("int answer() { return 2; }"),
      told_of_content(with_format('z')),
      told_of_source(source(2), "-D_GLIBCXX_USE_CXX11_ABI=0"),
      told_of_source("#include <dymod/dymod.hpp>\nDYMOD(sheep, (question, int()))\n"
                     "int sheep::question() { return 2; }\n"),
      told_of_source("#include <dymod/dymod.hpp>\nDYMOD(sheep, (answer, long()))\n"
                     "long sheep::answer() { return 2; }\n"),
      told_of_herd("class herd { int sheep; int goats; };\n"),
      told_of_herd("struct herd { float sheep; };\n"),
      told_of_herd("struct herd { float sheep; };\n", false),
      told_of_wish("#include <dymod/dymod.hpp>\nDYMOD(sheep, (question, int()))\n"
                   "int sheep::question() { return 2; }\n"),
      told_of_wish("#include <dymod/dymod.hpp>\nDYMOD(sheep, (answer, long()))\n"
                   "long sheep::answer() { return 2; }\n"),
      told_of([] {
        // A stand-in: not every compiler has the real one for every processor.
        const workshop::folder folder;
        const std::string runtime = "lib" + std::string(1, other_sanitizer()[0]) + "san.so";
        workshop::run_ok(workshop::compiler() + "-shared -fPIC -x c++ /dev/null -Wl,-soname=" +
                         runtime + " -o '" + (folder / runtime) + "'");
        workshop::build_module("sheep", source(2), library_path,
                               "-Wl,--no-as-needed '" + (folder / runtime) + "'");
      }),
      told_of_source(source(2) + "int nowhere();\nint now = nowhere();\n"),
      told_inside_a_load(),
      told_in_a_signal_handler(),
      told_without_room(),
      told_without_memory(),
      told_of_what_was_left()};

  const std::vector<messages_page::entry> page = messages_page::entries("Messages");
  REQUIRE(page.size() == messages.size());
  std::set<std::string> codes;
  for (std::size_t i = 0; i < page.size(); ++i) {
    CAPTURE(page[i].first, messages[i]);
    CHECK(page[i].is("sheep", messages[i]));
    codes.insert(page[i].first.substr(0, page[i].first.find(':')));
  }
  for (const step_words& each : all_step_words) {
    CAPTURE(each.what);
    CHECK(codes.count(each.what) == 1);
  }
}
