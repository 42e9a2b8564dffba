// SPDX-License-Identifier: MIT

// A running host and everything that builds, tools and accidents do to its library: the rows of the
// table "when things go wrong" and what users met in other hot-reloading tools. Real libraries,
// real tools, the default policy: every call looks.

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dymod/detail/reload/runtime.hpp>
#include <dymod/dymod.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

DYMOD(sheep, (answer, int()), (call_back, int(int (*function)())), (itself, auto()->int (*)()))
DYMOD(wolf, (answer, int()))

// The same list of functions, told to look once an hour.
#undef DYMOD_CHECK_INTERVAL_MS
#define DYMOD_CHECK_INTERVAL_MS 3600000
DYMOD(cat, (answer, int()))

namespace {

using dymod::event_kind;

std::string source(const std::string& module_name, int answer, const std::string& more = "") {
  return "#include <dymod/dymod.hpp>\n"
         "DYMOD(" +
         module_name + ", (answer, int())" +
         (module_name == "sheep"
              ? ", (call_back, int(int (*function)())), (itself, auto() -> int (*)())"
              : "") +
         ")\n" + more + "int " + module_name + "::answer() { return " + std::to_string(answer) +
         "; }\n" +
         (module_name == "sheep"
              ? "int sheep::call_back(int (*function)()) { return function(); }\n"
                "int (*sheep::itself())() { return &sheep::answer; }\n"
              : "");
}

struct heard_event {
  event_kind kind;
  std::string module_name;
  unsigned generation;
  std::string message;
};

// A host in a folder of its own, with an ear for events.
struct host {
  host() {
    before = dymod::set_event_handler(
        [](const dymod::event& news, void* user) {
          host& heard = *static_cast<host*>(user);
          const std::lock_guard<std::mutex> alone(heard.hearing);
          heard.events.push_back(
              {news.kind, dymod::detail::module_of(news), news.generation, news.message});
        },
        this);
  }
  ~host() { dymod::set_event_handler(before.function, before.user); }

  std::string library(const std::string& name = "sheep") const {
    return folder / ("lib" + name + ".so");
  }

  void build(int answer, const std::string& more = "", const std::string& flags = "") {
    workshop::build_module("sheep", source("sheep", answer, more), library(), flags);
  }

  // Builds beside the library, for the test to put in its place.
  std::string build_aside(int answer) {
    const std::string aside = folder / ("aside" + std::to_string(answer) + ".so");
    workshop::build_module("sheep", source("sheep", answer), aside);
    return aside;
  }

  std::vector<heard_event> rejections() const {
    std::vector<heard_event> found;
    for (const heard_event& each : events) {
      if (each.kind == event_kind::rejected) found.push_back(each);
    }
    return found;
  }

  // Many calls that answer the old way; at most one message.
  void runs_on(int answer) {
    for (int i = 0; i < 100; ++i) REQUIRE(sheep::answer() == answer);
  }

  workshop::current_folder folder;
  // Sections of one test share the process: its first build is the next generation, not always the
  // first.
  const unsigned first = sheep::library.generation() + 1;
  std::mutex hearing;  // two threads may have news at once
  std::vector<heard_event> events;
  dymod::event_handler before;
};

}  // namespace

TEST_CASE("reload: a library renamed into place is taken at the very next call", "[reload]") {
  host h;
  h.build(1);
  CHECK(sheep::answer() == 1);
  for (int version = 2; version < 10; ++version) {
    h.build(version);
    REQUIRE(sheep::answer() == version);
  }
  CHECK(sheep::library.generation() == 9);
}

TEST_CASE("reload: a build is taken however it gets there", "[reload]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  const std::string two = h.build_aside(2);
  SECTION("mv") { workshop::run_ok("mv '" + two + "' '" + h.library() + "'"); }
  SECTION("cp: in place") { workshop::run_ok("cp '" + two + "' '" + h.library() + "'"); }
  SECTION("cp -p: an old time") {
    workshop::set_modified(two, 1000000000000000000);
    workshop::run_ok("cp -p '" + two + "' '" + h.library() + "'");
  }
  SECTION("install") { workshop::run_ok("install '" + two + "' '" + h.library() + "'"); }
  SECTION("dd in small blocks") {
    workshop::run_ok("dd if='" + two + "' of='" + h.library() + "' bs=512");
  }
  SECTION("a link that changes its target") {
    workshop::run_ok("ln -sf '" + two + "' '" + h.library() + "'");
  }
  SECTION("deleted, missed for a while, put back") {
    workshop::run_ok("rm '" + h.library() + "'");
    h.runs_on(1);
    workshop::run_ok("mv '" + two + "' '" + h.library() + "'");
  }
  workshop::wait_until([] { return sheep::answer() == 2; });
  CHECK(h.rejections().empty());
  CHECK(sheep::library.generation() == h.first + 1);
}

TEST_CASE("reload: an older file is news as well", "[reload]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  const std::string two = h.build_aside(2);
  workshop::set_modified(two, 1000000000000000000);
  workshop::put_in_place(two, h.library());
  CHECK(sheep::answer() == 2);
}

TEST_CASE("reload: the same bytes are no news", "[reload]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  workshop::run_ok("touch '" + h.library() + "'");
  h.runs_on(1);
  workshop::run_ok("cp '" + h.library() + "' copy && mv copy '" + h.library() + "'");
  h.runs_on(1);
  CHECK(sheep::library.generation() == 1);
  CHECK(h.events.size() == 1);
  CHECK_FALSE(sheep::reload());
}

TEST_CASE("reload: a missing library is no news", "[reload][failure]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  workshop::run_ok("rm '" + h.library() + "'");
  h.runs_on(1);
  CHECK_FALSE(sheep::reload());
  CHECK(h.events.size() == 1);
}

TEST_CASE("reload: a library half written is waited for, and taken once it is whole",
          "[reload][failure]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  const std::string whole = workshop::read_file(h.build_aside(2));
  SECTION("by a writer who has it open") {
    FILE* writer = std::fopen(h.library().c_str(), "wb");
    REQUIRE(writer != nullptr);
    h.runs_on(1);
    std::fwrite(whole.data(), 1, whole.size() / 2, writer);
    std::fflush(writer);
    h.runs_on(1);
    std::fwrite(whole.data() + whole.size() / 2, 1, whole.size() - whole.size() / 2, writer);
    std::fflush(writer);
    h.runs_on(1);  // complete, but somebody may write on
    std::fclose(writer);
    CHECK(sheep::answer() == 2);
  }
  SECTION("by one who went away in the middle") {
    workshop::write_file(h.library(), whole.substr(0, whole.size() / 2));
    h.runs_on(1);
    workshop::write_file(h.library(), whole);
    CHECK(sheep::answer() == 2);
  }
  SECTION("an empty file") {
    workshop::write_file(h.library(), "");
    h.runs_on(1);
    workshop::write_file(h.library(), whole);
    CHECK(sheep::answer() == 2);
  }
  CHECK(h.rejections().empty());
}

TEST_CASE("reload: a library cut for good is refused once, in words", "[reload][failure][slow]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  const std::string whole = workshop::read_file(h.library());
  // Only the end: with pages of 64 KB a small library is segments for the most part.
  workshop::write_file(h.library(), whole.substr(0, whole.size() - 100));
  workshop::wait_until([&] { return sheep::answer() != 1 || !h.rejections().empty(); });
  h.runs_on(1);
  REQUIRE(h.rejections().size() == 1);
  CHECK_THAT(
      h.rejections()[0].message,
      contains("incomplete library: '/proc/self/cwd/libsheep.so' ends before its section "
               "headers; generation 1 runs on\n    the build was interrupted, or the section "
               "headers were stripped: build the module again"));
}

TEST_CASE("reload: what will not do is refused once per file, and the host runs on",
          "[reload][failure]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  std::string words;
  SECTION("garbage") {
    workshop::write_file(h.library(), "garbage");
    words = "not a library of this system: '/proc/self/cwd/libsheep.so' does not begin like";
  }
  SECTION("for another processor") {
    std::string foreign = workshop::read_file(h.library());
    foreign[18] = static_cast<char>(foreign[18] + 1);
    workshop::write_file(h.library(), foreign);
    words = "is made for another processor";
  }
  SECTION("a directory") {
    workshop::run_ok("rm '" + h.library() + "' && mkdir '" + h.library() + "'");
    words = "is not a file";
  }
  SECTION("a pipe") {
    workshop::run_ok("rm '" + h.library() + "' && mkfifo '" + h.library() + "'");
    words = "is not a file";
  }
  SECTION("a function missing") {
    workshop::build_module("sheep",
                           "#include <dymod/dymod.hpp>\nDYMOD(sheep, (answer, int()))\n"
                           "int sheep::answer() { return 2; }\n",
                           h.library());
    words = "libsheep.so' does not define 'call_back', 'itself', which the host declares";
  }
  SECTION("a symbol missing") {
    h.build(2, "extern int nowhere(); int use() { return nowhere(); }\n");
    words = "undefined symbol: _Z7nowherev";
  }
  SECTION("built in static mode") {
    h.build(2, "", "-DNDEBUG");
    words = "not built as this module";
  }
  SECTION("built with a sanitizer whose runtime would end the process") {
    const std::string sanitizer =
        DYMOD_TEST_COMPILER_IS_GNU ? "-fsanitize=address" : "-fsanitize=address -shared-libasan";
    const std::string probe = workshop::compiler() + sanitizer + " -shared -fPIC -x c++ /dev/null";
    if (workshop::run(probe + " -o '" + h.folder / "probe.so" + "'").status != 0) {
      WARN("this compiler's sanitizer runtime is not installed");
      return;
    }
    h.build(2, "", sanitizer);
    words = "needs the sanitizer runtime";
  }
  h.runs_on(1);
  REQUIRE(h.rejections().size() == 1);
  CAPTURE(h.rejections()[0].message);
  CHECK_THAT(h.rejections()[0].message, contains(words));
  CHECK_THAT(h.rejections()[0].message,
             contains("; generation " + std::to_string(h.first) + " runs on"));
  CHECK(h.rejections()[0].generation == h.first);
  CHECK_FALSE(sheep::reload());
  CHECK(h.rejections().size() == 1);

  // A refused build costs nothing: one copy, that of generation 1, and one lock.
  std::size_t copies = 0;
  for (const std::string& name : workshop::names_in(h.folder / "")) {
    copies += name.find("dymod-") != std::string::npos;
  }
  CHECK(copies == 2);

  workshop::run_ok("rm -rf '" + h.library() + "'");
  h.build(3);
  CHECK(sheep::answer() == 3);
}

TEST_CASE("reload: a build that needs a library which is not there yet is taken when it is",
          "[reload][failure]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  const std::string wool = h.folder / "libwool.so";
  workshop::write_file("wool.cpp", "int wool() { return 2; }\n");
  workshop::run_ok(workshop::compiler() + "-shared -fPIC wool.cpp -o libwool.so");
  workshop::build_module(
      "sheep", workshop::replaced(source("sheep", 0, "int wool();\n"), "return 0", "return wool()"),
      h.folder / "next.so", "-L. -Wl,--no-as-needed -lwool -Wl,-rpath,'$ORIGIN'");
  workshop::put_in_place(wool, h.folder / "elsewhere.so");
  workshop::put_in_place(h.folder / "next.so", h.library());
  h.runs_on(1);
  REQUIRE(h.rejections().size() == 1);
  CHECK_THAT(h.rejections()[0].message, contains("libwool.so: cannot open shared object file"));
  workshop::put_in_place(h.folder / "elsewhere.so", wool);
  workshop::wait_until([] { return sheep::answer() == 2; });
  CHECK(h.rejections().size() == 1);
}

TEST_CASE("reload: no constructor of a refused build runs", "[reload][failure]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  workshop::build_module(
      "sheep",
      "#include <dymod/dymod.hpp>\n#include <cstdio>\nDYMOD(sheep, (answer, int()))\n"
      "static bool made = std::fopen(\"constructor-ran\", \"w\") != nullptr;\n"
      "int sheep::answer() { return made; }\n",
      h.library());
  h.runs_on(1);
  CHECK(h.rejections().size() == 1);
  CHECK_FALSE(workshop::exists("constructor-ran"));
}

TEST_CASE("reload: nothing could ever be loaded: an error, and the next call tries again",
          "[reload][failure]") {
  host h;
  try {
    static_cast<void>(sheep::answer());
    FAIL("no error");
  } catch (const std::exception& caught) {
    const auto* const error = dynamic_cast<const dymod::error*>(&caught);
    REQUIRE(error != nullptr);
    CHECK(error->code() == dymod::error_code::not_found);
    CHECK_THAT(
        error->what(),
        contains("dymod: sheep: no library: there is no file '/proc/self/cwd/libsheep.so', nor '"));
    CHECK_THAT(error->what(), contains("\n    build the module"));
  }
  CHECK_THROWS_AS(sheep::reload(), dymod::error);
  CHECK(sheep::library.generation() == 0);
  CHECK(h.events.empty());
  workshop::write_file(h.library(), "garbage");
  CHECK_THROWS_AS(sheep::answer(), dymod::error);
  h.build(1);
  CHECK(sheep::answer() == 1);
}

TEST_CASE("reload: a constructor of the new build that calls the module gets the old one",
          "[reload]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  // The host's function is found by its address: the program does not export it.
  static int heard = 0;
  static bool reloaded = true;
  ::setenv("DYMOD_TEST_FUNCTION",
           std::to_string(reinterpret_cast<unsigned long long>(static_cast<void (*)()>([] {
             heard = sheep::answer();
             reloaded = sheep::reload() || dymod::reload_all();
           }))).c_str(),
           1);
  h.build(2,
          "#include <cstdlib>\n"
          "static const int called = [] { reinterpret_cast<void (*)()>("
          "std::strtoull(std::getenv(\"DYMOD_TEST_FUNCTION\"), nullptr, 10))(); return 0; }();\n");
  CHECK(sheep::answer() == 2);
  CHECK(heard == 1);
  CHECK_FALSE(reloaded);
}

TEST_CASE("reload: a constructor that calls the module during its first load is told so",
          "[reload][failure]") {
  host h;
  static std::string heard;
  ::setenv("DYMOD_TEST_FUNCTION",
           std::to_string(reinterpret_cast<unsigned long long>(static_cast<void (*)()>([] {
             try {
               static_cast<void>(sheep::answer());
             } catch (const dymod::error& error) {
               heard = error.what();
               if (error.code() != dymod::error_code::entered_again) heard = "another code";
             }
           }))).c_str(),
           1);
  h.build(1,
          "#include <cstdlib>\n"
          "static const int called = [] { reinterpret_cast<void (*)()>("
          "std::strtoull(std::getenv(\"DYMOD_TEST_FUNCTION\"), nullptr, 10))(); return 0; }();\n");
  CHECK(sheep::answer() == 1);
  CHECK_THAT(heard, contains("called during its own first load"));
}

TEST_CASE("reload: a module that calls the host, which calls the module, while a build waits",
          "[reload]") {
  host h;
  h.build(1);
  static host* current = nullptr;
  current = &h;
  CHECK(sheep::call_back([] { return sheep::answer(); }) == 1);
  CHECK(sheep::call_back([] {
          current->build(2);
          return sheep::answer();
        }) == 2);
}

TEST_CASE("reload: event handlers may call modules and reload them", "[reload]") {
  host h;
  h.build(1);
  static int heard = 0;
  const dymod::event_handler before = dymod::set_event_handler(
      [](const dymod::event&, void* user) {
        CHECK_FALSE(sheep::reload());
        heard = sheep::answer() + *static_cast<int*>(user);
      },
      &heard);
  CHECK(before.function != nullptr);
  CHECK(sheep::answer() == 1);
  CHECK(heard == 1);
  const dymod::event_handler mine = dymod::set_event_handler(before.function, before.user);
  CHECK(mine.user == &heard);
}

TEST_CASE("reload: modules are told apart, functions of one name too", "[reload]") {
  host h;
  h.build(1);
  workshop::build_module("wolf", source("wolf", 100), h.library("wolf"));
  CHECK(sheep::answer() == 1);
  CHECK(wolf::answer() == 100);
  h.build(2);
  CHECK(wolf::answer() == 100);
  CHECK(sheep::answer() == 2);
  CHECK(wolf::library.generation() == 1);
}

TEST_CASE("reload: reload_all publishes all changed modules or none", "[reload]") {
  host h;
  h.build(1);
  workshop::build_module("cat", source("cat", 100), h.library("cat"));
  REQUIRE(sheep::answer() == 1);
  REQUIRE(cat::answer() == 100);
  h.events.clear();

  workshop::build_module("cat", source("cat", 200), h.library("cat"));
  workshop::write_file(h.library(), "garbage");
  for (int frame = 0; frame < 10; ++frame) CHECK_FALSE(dymod::reload_all());
  CHECK(cat::answer() == 100);
  CHECK(sheep::answer() == 1);
  REQUIRE(h.events.size() == 1);
  CHECK(h.events[0].module_name == "sheep");

  std::remove(h.library().c_str());
  h.build(3);
  CHECK(dymod::reload_all());
  CHECK(cat::answer() == 200);
  CHECK(sheep::answer() == 3);
  CHECK(cat::library.generation() == 2);  // proved once, not once a frame
  CHECK_FALSE(dymod::reload_all());
}

TEST_CASE("reload: with an interval, calls do not look before it is over", "[reload]") {
  host h;
  workshop::build_module("cat", source("cat", 1), h.library("cat"));
  REQUIRE(cat::answer() == 1);
  REQUIRE(cat::answer() == 1);
  workshop::build_module("cat", source("cat", 2), h.library("cat"));
  for (int i = 0; i < 100; ++i) REQUIRE(cat::answer() == 1);
  CHECK(cat::reload());
  CHECK(cat::answer() == 2);
}

TEST_CASE("reload: a call leaves errno as it was", "[reload]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  const auto call = [](int answer) {
    errno = 4711;
    const bool right = sheep::answer() == answer;
    const bool kept = errno == 4711;
    CHECK(right);
    CHECK(kept);
  };
  call(1);
  h.build(2);
  call(2);
  std::remove(h.library().c_str());
  call(2);
  workshop::write_file(h.library(), "garbage");
  call(2);
}

TEST_CASE("reload: each generation has its own statics", "[reload]") {
  host h;
  const auto counting = [](int step) {
    return "inline int counter = 0;\n"
           "inline int next() { static int calls = 0; return calls += " +
           std::to_string(step) + "; }\n#define COUNT (++counter * 1000 + next())\n";
  };
  const std::string flags = std::string(DYMOD_TEST_COMPILER_IS_GNU ? "-fno-gnu-unique" : "");
  const auto build = [&](int step) {
    workshop::build_module(
        "sheep", workshop::replaced(source("sheep", 0, counting(step)), "return 0", "return COUNT"),
        h.library(), flags + " -fvisibility=default");
  };
  build(1);
  CHECK(sheep::answer() == 1001);
  CHECK(sheep::answer() == 2002);
  build(5);
  CHECK(sheep::answer() == 1005);
}

TEST_CASE("reload: a function's address taken inside the module stays with its generation",
          "[reload]") {
  host h;
  h.build(1);
  int (*const inside)() = sheep::itself();
  int (*const outside)() = &sheep::answer;
  CHECK(inside != outside);
  h.build(2);
  CHECK(outside() == 2);
  CHECK(inside() == 1);
  CHECK(sheep::itself()() == 2);
}

TEST_CASE("reload: old code stays: its literals, its functions, its threads", "[reload][threads]") {
  host h;
  h.build(1);
  REQUIRE(sheep::answer() == 1);
  static std::atomic<bool> inside{false};
  static std::atomic<bool> go_on{false};
  std::thread old_frame([] {
    CHECK(sheep::call_back([] {
            inside = true;
            while (!go_on) std::this_thread::yield();
            return 7;
          }) == 7);
  });
  workshop::wait_until([] { return inside.load(); });
  h.build(2);
  CHECK(sheep::answer() == 2);
  h.build(3);
  CHECK(sheep::answer() == 3);
  go_on = true;  // and returns into generation 1
  old_frame.join();
}

TEST_CASE("reload: a library in a directory that cannot be written to", "[reload][failure]") {
  host h;
  // Read-only by being mounted so: root may write wherever mode bits forbid it.
  if (::geteuid() != 0 || ::mkdir("mounted", 0755) != 0 ||
      ::mount("none", "mounted", "tmpfs", 0, nullptr) != 0) {
    WARN("not allowed to mount a file system: skipped");
    return;
  }
  h.build(1);
  workshop::run_ok("cp '" + h.library() + "' mounted/ && rm '" + h.library() + "'");
  unsigned long flags = 0;
  SECTION("read-only") { flags = MS_RDONLY; }
  SECTION("noexec") { flags = MS_NOEXEC; }
  REQUIRE(::mount("none", "mounted", nullptr, MS_REMOUNT | flags, nullptr) == 0);
  workshop::run_ok("ln -s mounted/libsheep.so '" + h.library() + "'");
  REQUIRE(::chdir("mounted") == 0);
  CHECK(sheep::answer() == 1);
  CHECK(workshop::names_in(".").size() == (flags == MS_RDONLY ? 1 : 2));
  REQUIRE(::chdir("..") == 0);
  REQUIRE(::umount2("mounted", MNT_DETACH) == 0);
}

TEST_CASE("reload: a full disk is told once, and the build is taken when there is room",
          "[reload][failure][slow]") {
  host h;
  if (::geteuid() != 0 || ::mkdir("mounted", 0755) != 0 ||
      ::mount("none", "mounted", "tmpfs", 0, "size=1M") != 0) {
    WARN("not allowed to mount a file system: skipped");
    return;
  }
  REQUIRE(::chdir("mounted") == 0);
  h.build(1);
  workshop::run_ok("mv '" + h.library() + "' libsheep.so");
  REQUIRE(sheep::answer() == 1);
  h.build(2);
  workshop::run_ok("mv '" + h.library() + "' . && head -c 2M /dev/zero > filler || true");
  h.runs_on(1);
  REQUIRE(h.rejections().size() == 1);
  CHECK_THAT(h.rejections()[0].message, contains("No space left on device"));
  REQUIRE(std::remove("filler") == 0);
  workshop::wait_until([] { return sheep::answer() == 2; });
  CHECK(h.rejections().size() == 1);
  REQUIRE(::chdir("..") == 0);
  REQUIRE(::umount2("mounted", MNT_DETACH) == 0);
}

TEST_CASE("reload: clean builds take no more files", "[reload]") {
  host h;
  workshop::run_ok("mkdir build");
  workshop::run_ok("ln -s build/libsheep.so libsheep.so");
  REQUIRE(::chdir("build") == 0);
  const auto open_files = [] { return workshop::names_in("/proc/self/fd").size(); };
  std::size_t after_first = 0;
  for (int version = 1; version <= 6; ++version) {
    REQUIRE(::chdir("..") == 0);
    workshop::run_ok("rm -rf build && mkdir build");
    REQUIRE(::chdir("build") == 0);
    workshop::build_module("sheep", source("sheep", version), h.folder / "build/libsheep.so");
    REQUIRE(sheep::answer() == version);
    if (version == 1) after_first = open_files();
  }
  CHECK(open_files() == after_first);
  REQUIRE(::chdir("..") == 0);
}
