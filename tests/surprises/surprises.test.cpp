// SPDX-License-Identifier: MIT

// What a module was built with that is no reason to refuse it, but will surprise: each time the
// surprise is shown to be real, the warning to come once, and the cure that it names to cure.

#include <link.h>
#include <signal.h>

#include <cstring>
#include <memory>
#include <string>

#include "support/catch.hpp"
#include "support/messages_page.hpp"
#include "support/workshop.hpp"

namespace {

using workshop::process;

const std::string declaration =
    "#include <dymod/dymod.hpp>\n"
    "DYMOD(sheep, (answer, int()))\n"
    "DYMOD(wolf, (answer, int()))\n";

// Calls the module that a line names, and tells what it heard of and what the answer is.
const std::string obedient_host = R"(
#include <cstdio>
#include <iostream>
#include <string>

int main() {
  dymod::set_event_handler([](const dymod::event& news, void*) {
    const bool warns = news.kind == dymod::event_kind::warning;
    if (!warns && news.kind != dymod::event_kind::rejected) return;
    std::printf("%s %s: %s\n", warns ? "warning" : "rejected", news.module, news.message);
  });
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("= %d\n", line == "wolf" ? wolf::answer() : sheep::answer());
    std::fflush(stdout);
  }
}
)";

// What a call answered, and all that was told meanwhile.
struct reply {
  int answer = 0;
  std::string told;
};

class pasture {
 public:
  /// @param more  source that host and modules have in common
  explicit pasture(const std::string& more = "") : common_(declaration + more) {}

  std::string operator/(const std::string& name) const { return folder_ / name; }

  // By the compiler's defaults, not by those of the other tests.
  void build(const std::string& name, const std::string& body, const std::string& flags = "") {
    workshop::build_module(name, common_ + body, folder_ / ("lib" + name + ".so"),
                           "-fvisibility=default " + flags);
  }

  void start(const std::string& flags = "") {
    workshop::build_program(common_ + obedient_host, folder_ / "host", flags);
    start_again();
  }

  void start_again() {
    host_.reset();
    host_ = std::make_unique<process>(std::vector<std::string>{folder_ / "host"});
  }

  reply call(const std::string& name = "sheep") {
    host_->say(name);
    reply heard;
    for (std::string line = host_->hear();; line = host_->hear()) {
      REQUIRE_FALSE(line.empty());
      if (line.compare(0, 2, "= ") == 0) {
        heard.answer = std::stoi(line.substr(2));
        return heard;
      }
      heard.told += line + "\n";
    }
  }

  // Like call(), expects one warning, and that docs/errors.md has it.
  reply call_with_warning(std::size_t entry, const std::string& name = "sheep") {
    reply heard = call(name);
    const std::vector<messages_page::entry> page = messages_page::entries("Warnings");
    REQUIRE(entry < page.size());
    const std::string start = "warning " + name + ": ";
    CAPTURE(page[entry].first, page[entry].last, heard.told);
    REQUIRE(heard.told.compare(0, start.size(), start) == 0);
    CHECK(page[entry].is(name,
                         heard.told.substr(start.size(), heard.told.size() - start.size() - 1)));
    return heard;
  }

  int end() { return host_->end(); }

 private:
  std::string common_;
  workshop::folder folder_;
  std::unique_ptr<process> host_;
};

// The entries of docs/errors.md, in its order.
enum warning : std::size_t {
  unique_symbols,
  static_thread_local,
  linked_module,
  library_itself,
  captured
};

std::string wool(int version) {
  return "inline int wool() { return " + std::to_string(version) + "; }\n";
}

}  // namespace

TEST_CASE("surprises: unique symbols", "[surprises]") {
  if (!DYMOD_TEST_COMPILER_IS_GNU) return;  // clang++ makes none
  const auto body = [](int version) {
    return "inline int grown = " + std::to_string(version) +
           ";\nint sheep::answer() { return grown; }\n";
  };
  pasture p;
  p.build("sheep", body(1), "-fgnu-unique");
  p.start();
  const reply first = p.call_with_warning(unique_symbols);
  CHECK(first.answer == 1);
  CHECK_THAT(first.told, contains("'grown' is one"));
  p.build("sheep", body(2), "-fgnu-unique");
  const reply second = p.call();
  CHECK(second.answer == 1);  // the surprise
  CHECK(second.told.empty());
  p.build("sheep", body(3), "-fno-gnu-unique");
  const reply cured = p.call();
  CHECK(cured.answer == 3);
  CHECK(cured.told.empty());
  p.build("sheep", body(4), "-fgnu-unique");
  CHECK(p.call_with_warning(unique_symbols).told == first.told);
}

TEST_CASE("surprises: thread-local objects of the model initial-exec", "[surprises]") {
  const auto body = [](int version) {
    return "thread_local int grown[256] = {" + std::to_string(version) +
           "};\nint sheep::answer() { return grown[0]; }\n";
  };
  const std::string flags = "-fno-gnu-unique -ftls-model=initial-exec";
  const std::string cured = "-Wl,-Bsymbolic";
  pasture p;
  p.build("sheep", body(1), DYMOD_TEST_COMPILER_IS_GNU ? flags : "-ftls-model=initial-exec");
  p.start();
  const reply first = p.call_with_warning(static_thread_local);
  CHECK(first.answer == 1);
  reply last = first;
  int version = 1;
  while (last.told == first.told || last.told.empty()) {
    REQUIRE(version < 20);
    REQUIRE(last.answer == version);
    ++version;
    p.build("sheep", body(version),
            DYMOD_TEST_COMPILER_IS_GNU ? flags : "-ftls-model=initial-exec");
    last = p.call();
  }
  CHECK(last.answer == version - 1);
  CHECK_THAT(last.told, contains("cannot allocate memory in static TLS block"));
  for (int more = 20; more < 26; ++more) {
    p.build("sheep", body(more), cured);
    const reply now = p.call();
    REQUIRE(now.answer == more);
    REQUIRE(now.told.empty());
  }
}

TEST_CASE("surprises: a module linked with another's library", "[surprises]") {
  const auto wolf = [](int version) {
    const std::string number = std::to_string(version);
    return "int bite() { return " + number + "; }\nint wolf::answer() { return " + number + "; }\n";
  };
  const std::string calls_itself = "int bite();\nint sheep::answer() { return bite(); }\n";
  const std::string calls_what_is_listed = "int sheep::answer() { return wolf::answer(); }\n";
  pasture p;
  const std::string links =
      "-Wl,--no-as-needed -L'" + (p / "") + "' -Wl,-rpath,'$ORIGIN' -Wl,-Bsymbolic -lwolf";
  p.build("wolf", wolf(1), "-Wl,-Bsymbolic");
  p.build("sheep", calls_itself, links);
  p.start();
  SECTION("the other is loaded") {
    CHECK(p.call("wolf").told.empty());
    const reply first = p.call_with_warning(linked_module);
    CHECK(first.answer == 1);
    CHECK_THAT(first.told, contains("'libwolf.so', the library of module 'wolf'"));
    p.build("wolf", wolf(2), "-Wl,-Bsymbolic");
    CHECK(p.call("wolf").answer == 2);
    CHECK(p.call().answer == 1);  // the surprise
    p.build("sheep", calls_what_is_listed, "-Wl,-Bsymbolic");
    const reply cured = p.call();
    CHECK(cured.answer == 2);
    CHECK(cured.told.empty());
    p.build("wolf", wolf(3), "-Wl,-Bsymbolic");
    CHECK(p.call().answer == 3);
  }
  SECTION("the other is loaded later") {
    CHECK(p.call().told.empty());
    CHECK(p.call_with_warning(library_itself, "wolf").answer == 1);
    workshop::run_ok(": >'" + (p / "libwolf.so") + "'");
    CHECK(p.call("wolf").answer == 1);  // of the copy
    CHECK(p.end() == 128 + SIGBUS);     // the surprise, in what ends with the program
  }
}

TEST_CASE("surprises: a program linked with the library", "[surprises]") {
  pasture p;
  std::string soname;
  SECTION("by its name") {}
  SECTION("by a name with a version") {
    soname = " -Wl,-soname,libsheep.so.1";
    workshop::run_ok("ln -s libsheep.so '" + (p / "libsheep.so.1") + "'");
  }
  p.build("sheep", "int sheep::answer() { return 1; }\n", "-Wl,-Bsymbolic" + soname);
  p.start("-Wl,--no-as-needed -L'" + (p / "") + "' -lsheep -Wl,-rpath,'$ORIGIN'");
  CHECK(p.call_with_warning(library_itself).answer == 1);
  p.build("sheep", "int sheep::answer() { return 2; }\n", "-Wl,-Bsymbolic" + soname);
  const reply second = p.call();
  CHECK(second.answer == 2);
  CHECK(second.told.empty());
  SECTION("the surprise") {
    p.start_again();
    CHECK(p.call().answer == 2);
    workshop::run_ok(": >'" + (p / "libsheep.so") + "'");
    CHECK(p.end() == 128 + SIGBUS);
  }
  SECTION("the cure") {
    p.start();
    const reply cured = p.call();
    CHECK(cured.answer == 2);
    CHECK(cured.told.empty());
    workshop::run_ok(": >'" + (p / "libsheep.so") + "'");
    CHECK(p.end() == 0);
  }
}

TEST_CASE("surprises: symbols of the program that capture the module's calls", "[surprises]") {
  pasture p;
  const auto build = [&p](int version, const std::string& flags) {
    p.build("sheep", wool(version) + "int sheep::answer() { return wool(); }\n", flags);
  };
  workshop::write_file(p / "farm.cpp", wool(1) + "int (*shorn)() = &wool;\n");
  const std::string farm = workshop::compiler() + "-fPIC '" + (p / "farm.cpp") + "' -o '";
  std::string owner = "the program";
  build(1, "");
  SECTION("linked with -rdynamic") {
    workshop::run_ok(farm + (p / "farm.o") + "' -c");
    p.start("-rdynamic '" + (p / "farm.o") + "'");
  }
  SECTION("in a library of the program") {
    owner = "'" + (p / "libfarm.so") + "'";
    workshop::run_ok(farm + (p / "libfarm.so") + "' -shared");
    p.start("-Wl,--no-as-needed -L'" + (p / "") + "' -lfarm -Wl,-rpath,'" + (p / "") + "'");
  }
  const reply first = p.call_with_warning(captured);
  CHECK(first.answer == 1);
  CHECK_THAT(first.told, contains("uses 'wool()' of " + owner + ", which"));
  build(2, "");
  const reply second = p.call();
  CHECK(second.answer == 1);  // the surprise
  CHECK(second.told.empty());
  build(3, "-Wl,-Bsymbolic");
  const reply cured = p.call();
  CHECK(cured.answer == 3);
  CHECK(cured.told.empty());
  build(4, "-fvisibility=hidden");
  CHECK(p.call().answer == 4);
  build(5, "");
  const reply again = p.call_with_warning(captured);
  CHECK(again.answer == 1);
  CHECK(again.told == first.told);
}

TEST_CASE("surprises: none in a program without -rdynamic", "[surprises]") {
  pasture p;
  workshop::write_file(p / "farm.cpp", wool(1) + "int (*shorn)() = &wool;\n");
  const std::string farm = workshop::compiler() + "-c '" + (p / "farm.cpp") + "' -o '";
  workshop::run_ok(farm + (p / "farm.o") + "'");
  p.build("sheep", wool(2) + "int sheep::answer() { return wool(); }\n");
  p.start("'" + (p / "farm.o") + "'");
  const reply first = p.call();
  CHECK(first.answer == 2);
  CHECK(first.told.empty());
}

TEST_CASE("surprises: none where program and module use the standard library alike",
          "[surprises]") {
  const std::string uses_much = R"(
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>
static int use(int number) {
  std::map<std::string, std::vector<int>> herds;
  herds["all"].push_back(number);
  auto shared = std::make_shared<std::map<std::string, std::vector<int>>>(herds);
  std::function<int(int)> one = [shared](int i) { return shared->at("all").at(std::size_t(i)); };
  std::ostringstream words;
  words << one(0) << std::string(3, 'x');
  try { static_cast<void>(one(1)); } catch (const std::out_of_range&) { return one(0); }
  return 0;
}
static int (*volatile used)(int) = &use;
)";
  pasture p(uses_much);
  p.build("sheep", "int sheep::answer() { return used(5); }\n");
  p.start("-rdynamic");
  const reply first = p.call();
  CHECK(first.answer == 5);
  CHECK(first.told.empty());
}

TEST_CASE("surprises: none where a static constructor has changed a first value", "[surprises]") {
  pasture p("int shear(int sheep);\n");
  workshop::write_file(p / "farm.cpp", "int shear(int sheep) { return sheep + 1; }\n");
  p.build("sheep",
          "int by_default(int sheep) { return sheep; }\n"
          "int (*work)(int) = by_default;\n"
          "static const bool changed = (work = shear, true);\n"
          "int sheep::answer() { return changed ? work(4) : 0; }\n");
  p.start("-rdynamic '" + (p / "farm.cpp") + "'");
  const reply first = p.call();
  CHECK(first.answer == 5);
  CHECK(first.told.empty());
}

TEST_CASE("surprises: a function of C is told of by its name", "[surprises]") {
  pasture p;  // 'f' is float in C++'s way to write types
  workshop::write_file(p / "farm.cpp", "extern \"C\" int f() { return 1; }\n");
  p.build("sheep", "extern \"C\" int f() { return 2; }\nint sheep::answer() { return f(); }\n");
  p.start("-rdynamic '" + (p / "farm.cpp") + "'");
  CHECK_THAT(p.call_with_warning(captured).told, contains("uses 'f' of the program"));
}

TEST_CASE("surprises: none in a module with a standard library of its own", "[surprises]") {
  pasture p("#include <iostream>\n#include <map>\n#include <sstream>\n");
  p.build("sheep",
          "struct animal { virtual ~animal() = default; };\n"
          "struct dog : virtual animal {};\n"
          "int sheep::answer() {\n"
          "  std::map<animal*, int> all;\n"
          "  all[new dog] = 6;\n"
          "  std::ostringstream words;\n"
          "  words << all.size();\n"
          "  return words.str() == \"1\" ? all.begin()->second : 0;\n"
          "}\n",
          "-static-libstdc++");
  p.start("-rdynamic");
  const reply first = p.call();
  CHECK(first.answer == 6);
  CHECK(first.told.empty());
}

TEST_CASE("surprises: section headers may be wrong in a library that works", "[surprises]") {
  pasture p;
  p.build("sheep", "int wool() { return 7; }\nint sheep::answer() { return wool(); }\n");
  std::string library = workshop::read_file(p / "libsheep.so");
  ElfW(Ehdr) header;
  std::memcpy(&header, library.data(), sizeof header);
  unsigned changed = 0;
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    char* const place = &library[header.e_shoff + i * sizeof(ElfW(Shdr))];
    ElfW(Shdr) section;
    std::memcpy(&section, place, sizeof section);
    if (section.sh_type != SHT_RELA && section.sh_type != SHT_REL) continue;
    // Every byte behind the table is taken for a relocation.
    section.sh_size = library.size() - section.sh_offset;
    std::memcpy(place, &section, sizeof section);
    ++changed;
  }
  REQUIRE(changed > 0);
  workshop::write_file(p / "libsheep.so", library);
  p.start();
  CHECK(p.call().answer == 7);
}
