// SPDX-License-Identifier: MIT

// Each step of a reload, made to fail by an injected platform: a derived one whose calls a test can
// replace. Libraries are real; time is not: sleeping moves the clock, so nothing here waits.

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dymod/detail/os/os.hpp>
#include <dymod/detail/reload/loader.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

#include "scene.hpp"

using namespace scenes;

TEST_CASE("steps: a build that fits becomes the next generation", "[steps]") {
  scene s;
  s.with_new_build();
  s.call();
  CHECK(s.answer() == 2);
  CHECK(s.copies_there().size() == 2);
  REQUIRE(s.events.size() == 1);
  CHECK(s.events[0].kind == event_kind::reloaded);
  CHECK(s.events[0].generation == 2);
}

TEST_CASE("steps: check: a file that cannot be asked for is no news", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.look = [] { return injected::fails(errors::absent); };
  s.call();
  CHECK(s.answer() == 1);
  CHECK(s.events.empty());
  CHECK(injected::fault.calls["open"] == 0);
}

TEST_CASE("steps: check: nothing is opened while the key is known", "[steps]") {
  scene s;
  s.build(1);
  REQUIRE(s.load());
  injected::fault.file_now = injected::native::file_clock() + 1000000000;  // old enough
  s.call();  // a young file is compared once more
  injected::fault.calls.clear();
  s.call();
  CHECK(injected::fault.calls["open"] == 0);
  CHECK(injected::fault.calls["copy"] == 0);
}

TEST_CASE("steps: check: a file seen too young is compared once more, later", "[steps]") {
  scene s;
  s.build(1);
  file_key key;
  REQUIRE(os::native::look(library_path.c_str(), key));
  injected::fault.file_now = key.touched() + 1000000;
  REQUIRE(s.load());
  CHECK(s.found->published.load_acquire()->young);
  s.call();  // still young: no look at the bytes
  CHECK(injected::fault.calls["copy"] == 1);

  SECTION("the same bytes: no reload") {
    injected::fault.file_now = key.touched() + 30000000;
    s.call();
    CHECK(injected::fault.calls["copy"] == 2);
    CHECK_FALSE(s.found->published.load_acquire()->young);
    CHECK(dymod::detail::generation_of(*s.found) == 1);
  }
  SECTION("other bytes under the same key, as within one tick of an old kernel's clock: a reload") {
    s.build(2);
    REQUIRE(os::native::look(library_path.c_str(), key));
    static snapshot same;
    same = *s.found->published.load_acquire();
    same.previous = s.found->published.load_acquire();
    same.key = key;
    s.found->published.store_release(&same);
    injected::fault.file_now = key.touched() + 30000000;
    s.call();
    CHECK(s.answer() == 2);
  }
}

TEST_CASE("steps: settled: a file that somebody writes is left alone", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.writing = [] { return injected::writers::some; };
  for (int i = 0; i < 3; ++i) s.call();
  CHECK(s.events.empty());
  injected::fault.now += 2000000000;
  for (int i = 0; i < 3; ++i) s.call();
  CHECK(s.answer() == 1);
  REQUIRE(s.events.size() == 1);
  CHECK_THAT(
      s.events[0].message,
      contains("not finished: '" + library_path +
               "' is still being written; generation 1 runs on\n    wait for the build to end"));
  CHECK(injected::fault.calls["copy"] == 0);
  CHECK(injected::fault.sleeps == 0);

  injected::fault.writing = [] { return injected::writers::none; };
  s.call();
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: settled: without word of writers, 50 ms of quiet are waited for", "[steps]") {
  scene s;
  s.with_new_build();
  injected::fault.writing = [] { return injected::writers::unknown; };
  file_key key;
  REQUIRE(os::native::look(library_path.c_str(), key));

  SECTION("by the file's stamps") {
    injected::fault.file_now = key.touched() + 49000000;
    s.call();
    CHECK(s.answer() == 1);
    injected::fault.file_now = key.touched() + 50000000;
    s.call();
    CHECK(s.answer() == 2);
  }
  SECTION("by our own clock, if the stamps come from one that is ahead") {
    injected::fault.file_now = key.touched() - 3600000000000;
    s.call();
    CHECK(s.answer() == 1);
    injected::fault.now += 50000000;
    s.call();
    CHECK(s.answer() == 2);
  }
}

TEST_CASE("steps: copy: a library that cannot be read is refused in words", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.open = [] { return injected::fails(errors::denied); };
  s.expect_refusal("copy failed: '" + library_path + "': " + errors::words(errors::denied));
  injected::fault.open = [] { return true; };
  injected::fault.now += 2000000000;
  s.call();
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: copy: a library that vanishes before it is opened is no news",
          "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.open = [] { return injected::fails(errors::absent); };
  s.call();
  CHECK(s.answer() == 1);
  CHECK(s.events.empty());
}

TEST_CASE("steps: copy: a build that another replaces while it is copied slowly is not told of",
          "[steps]") {
  scene s;
  s.with_new_build();
  injected::fault.after_copy = [&s] {
    injected::fault.now += 3000000000;
    s.build(3);
  };
  s.call();
  CHECK(s.answer() == 1);
  CHECK(s.events.empty());
  s.call();
  CHECK(s.answer() == 3);
}

TEST_CASE("steps: copy: without a place beside the library another one is found",
          "[steps][failure]") {
  workshop::folder temporary;
  {
    scene s;
    s.build(1);
    const workshop::temporary_directory named(temporary / "");
    SECTION("not writable") {
      injected::fault.create = [] {
        return ++injected::fault.calls["create"] == 1 ? injected::fails(errors::read_only) : true;
      };
    }
    SECTION("noexec") {
      injected::fault.execute = [] { return false; };
    }
    REQUIRE(s.load());
    CHECK(s.answer() == 1);
    CHECK(s.copies_there().empty());
    const auto made = workshop::names_in(temporary / "");
    REQUIRE(made.size() == 1);
    CHECK(workshop::has_mode(temporary / made[0], "700"));
  }
  CHECK((workshop::names_in(temporary / "").empty() || workshop::on_windows));
}

TEST_CASE("steps: copy: no place at all is refused in words", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.create = [] { return injected::fails(errors::full); };
  s.expect_refusal(errors::words(errors::full));
}

TEST_CASE("steps: copy: a full disk is refused in words, and tried again later",
          "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.copy = [] { return injected::fails(errors::full); };
  s.expect_refusal(errors::words(errors::full));
  CHECK(injected::fault.calls["copy"] == 1);
  injected::fault.copy = [] { return true; };
  s.call();
  CHECK(s.answer() == 1);  // not at every call
  injected::fault.now += 1000000000;
  s.call();
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: copy: a library that changes meanwhile is left for later", "[steps][failure]") {
  scene s;
  s.with_new_build();
  SECTION("replaced") {
    injected::fault.after_copy = [&] { s.build(3); };
  }
  SECTION("written to") {
    injected::fault.after_copy = [&] {
      workshop::run_ok("touch -m -d '2001-01-01' '" + library_path + "'");
    };
  }
  SECTION("gone") {
    injected::fault.after_copy = [&] {
      std::rename(library_path.c_str(), (library_path + ".away").c_str());
    };
  }
  SECTION("being written by now") {
    injected::fault.writing = [] {
      return ++injected::fault.calls["writing"] == 2 ? injected::writers::some
                                                     : injected::writers::none;
    };
  }
  s.call();
  CHECK(s.answer() == 1);
  CHECK(s.events.empty());
  CHECK(s.copies_there().size() == 1);
  if (workshop::exists(library_path + ".away")) {
    workshop::put_in_place(library_path + ".away", library_path);
  }
  s.call();
  CHECK(s.answer() != 1);
}

TEST_CASE("steps: complete: a copy that cannot be read is refused in words", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.map = [] { return injected::fails(errors::no_memory); };
  s.expect_refusal(errors::words(errors::no_memory));
}

TEST_CASE("steps: complete: an unfinished library is looked at ever less often, and told of once",
          "[steps][failure]") {
  scene s;
  s.with_new_build();
  const std::string whole = workshop::read_file(library_path);
  workshop::write_file(library_path, whole.substr(0, whole.size() / 2));
  const uint64_t start = injected::fault.now;
  std::vector<uint64_t> looks;
  std::size_t told_at = 0;
  for (int i = 0; i < 500; ++i) {
    const int before = injected::fault.calls["copy"];
    s.call();
    const uint64_t passed = (injected::fault.now - start) / 1000000;
    if (injected::fault.calls["copy"] != before) looks.push_back(passed);
    if (!s.events.empty() && told_at == 0) told_at = static_cast<std::size_t>(passed);
    injected::fault.now += 10000000;
  }
  CHECK(s.answer() == 1);
  // After 100 ms, 200 ms more, …; from then on once a second, also for files that mapped writers
  // finish.
  CHECK(looks == std::vector<uint64_t>{0, 100, 300, 600, 1000, 1500, 2100, 2800, 3600, 4500});
  CHECK(told_at == 2100);
  REQUIRE(s.events.size() == 1);
  CHECK(s.events[0].kind == event_kind::rejected);
  CHECK_THAT(s.events[0].message, contains("incomplete library: '" + library_path + "' ends "));

  workshop::write_file(library_path, whole);
  s.call();
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: same: a touch is no reload", "[steps]") {
  scene s;
  s.build(1);
  REQUIRE(s.load());
  s.events.clear();
  workshop::set_modified(library_path, 1000000000000000000);
  const unsigned before = dymod::detail::generation_of(*s.found);
  s.call();
  CHECK(dymod::detail::generation_of(*s.found) == before);
  CHECK(s.events.empty());
  CHECK(s.copies_there().size() == 1);
  CHECK(s.found->published.load_acquire()->key.modified == 1000000000000000000);
}

TEST_CASE("steps: same: without its own copy a reload is the safe answer", "[steps][failure]") {
  scene s;
  s.build(1);
  REQUIRE(s.load());
  const std::string copy = s.found->published.load_acquire()->current->copy;
  REQUIRE(std::rename(copy.c_str(), (copy + ".away").c_str()) == 0);
  workshop::set_modified(library_path, 1000000000000000000);
  s.call();
  CHECK(dymod::detail::generation_of(*s.found) == 2);
}

TEST_CASE("steps: fits: what the host declares must be there", "[steps][failure]") {
  scene s;
  s.with_new_build();
  SECTION("a function is missing") {
    workshop::build_module("sheep",
                           "#include <dymod/dymod.hpp>\nDYMOD(sheep, (question, int()))\n"
                           "int sheep::question() { return 2; }\n",
                           library_path);
    s.expect_refusal("function missing: '" + library_path +
                     "' does not define 'answer', which the host declares; generation 1 runs on\n"
                     "    rebuild host and module from the same header");
  }
  SECTION("no description: not a module") {
    workshop::build_module("sheep", "int answer() { return 2; }", library_path);
    s.expect_refusal("not built as this module: '" + library_path +
                     "' has no description of module 'sheep'");
  }
  SECTION("no description: built in static mode") {
    workshop::build_module("sheep", source(2), library_path, "-DNDEBUG");
    s.expect_refusal("with sheep_EXPORTS defined");
  }
  SECTION("a description in another format") {
    workshop::build_module("sheep", source(2), library_path);
    const std::string head("dymod description\0" DYMOD_DETAIL_DESCRIPTION_FORMAT, 19);
    std::string image = workshop::read_file(library_path);
    for (std::size_t at = 0; (at = image.find(head, at)) != std::string::npos; at += head.size()) {
      image[at + 18] = 'z';
    }
    workshop::write_file(library_path + ".new", image);
    workshop::put_in_place(library_path + ".new", library_path);
    s.expect_refusal("built with another version of dymod: 'the format' in '" + library_path +
                     "'; generation 1 runs on\n"
                     "    the format in the host:    " DYMOD_DETAIL_DESCRIPTION_FORMAT
                     "\n    the format in the library: z\n");
  }
  CHECK(injected::fault.calls["open_library"] == 0);
}

TEST_CASE("steps: fits: more functions and another order are fine", "[steps]") {
  scene s;
  s.with_new_build();
  workshop::build_module("sheep",
                         "#include <dymod/dymod.hpp>\n"
                         "DYMOD(sheep, (question, int()), (answer, int()))\n"
                         "int sheep::question() { return 6; }\nint sheep::answer() { return 2; }\n",
                         library_path);
  s.call();
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: open: the system's own words are told", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.open_library = [] { return false; };
  s.expect_refusal("the system refuses to open it: '" + library_path +
                   "': " + errors::words_for_no_library());
  CHECK(injected::fault.calls["open_library"] == 1);

  SECTION("reload() judges a refused library again, and does not repeat itself") {
    CHECK_FALSE(s.loader.reload(*s.found));
    CHECK(injected::fault.calls["open_library"] == 2);
    CHECK(s.events.size() == 1);
    injected::fault.open_library = [] { return true; };
    CHECK(s.loader.reload(*s.found));
    CHECK(s.answer() == 2);
  }
  SECTION("a call tries again, ever less often: what was in the way may be gone") {
    injected::fault.now += 999999999;
    s.call();
    CHECK(injected::fault.calls["open_library"] == 1);
    injected::fault.now += 1;
    s.call();
    CHECK(injected::fault.calls["open_library"] == 2);
    for (int waited = 1; waited < 100; ++waited) {
      injected::fault.now += 1000000000;
      s.call();
    }
    CHECK(injected::fault.calls["open_library"] == 14);  // in s: 0 1 2 4 8 16 26 36 … 96
    CHECK(s.events.size() == 1);
    CHECK(s.copies_there().size() == 1);
    injected::fault.open_library = [] { return true; };
    injected::fault.now += 10000000000;
    s.call();
    CHECK(s.answer() == 2);
  }
  SECTION("a call looks at the next build at once") {
    injected::fault.open_library = [] { return true; };
    s.build(3);
    s.call();
    CHECK(s.answer() == 3);
  }
  SECTION("the build of the current generation put back is no news") {
    s.build(1);
    s.call();
    CHECK(dymod::detail::generation_of(*s.found) == 1);
    CHECK(s.events.size() == 1);
  }
}

TEST_CASE("steps: open: without room for an image that is what is told", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.open_library = [] { return false; };
  injected::fault.room = [] { return false; };
  s.expect_refusal("no memory for it: '" + library_path +
                   "': no address space or no mappings left for another image (" +
                   errors::words_for_no_library());
  injected::fault.open_library = [] { return true; };
  injected::fault.now += 1000000000;
  s.call();
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: publish: a table that lacks a function is refused", "[steps][failure]") {
  scene s;
  s.with_new_build();
  injected::fault.symbol = [] { return false; };
  for (int i = 0; i < 5; ++i) s.call();
  CHECK(s.answer() == 1);
  REQUIRE(s.events.size() == 1);
  CHECK_THAT(s.events[0].message, contains("does not define 'answer', which the host declares"));
}

TEST_CASE("steps: reload waits for a library that is being written, 2 s at most", "[steps]") {
  scene s;
  s.with_new_build();
  injected::fault.writing = [] { return injected::writers::some; };
  const uint64_t start = injected::fault.now;
  SECTION("in vain") {
    CHECK_FALSE(s.loader.reload(*s.found));
    CHECK(injected::fault.now - start >= 2000000000);
    CHECK(injected::fault.now - start < 2100000000);
  }
  SECTION("with success") {
    injected::fault.writing = [start] {
      return injected::fault.now - start < 1000000000 ? injected::writers::some
                                                      : injected::writers::none;
    };
    CHECK(s.loader.reload(*s.found));
    CHECK(s.answer() == 2);
  }
}

TEST_CASE("steps: reload waits for a thread that is slow to go on once its build is open",
          "[steps][threads]") {
  scene s;
  s.with_new_build();
  std::atomic<bool> opened{false};
  std::atomic<bool> go_on{false};
  std::atomic<bool> over{false};
  injected::fault.symbol = [&] {
    opened = true;
    workshop::wait_until([&] { return go_on.load(); });
    return true;
  };
  std::thread slow([&] {
    s.call();
    over = true;
  });
  workshop::wait_until([&] { return opened.load(); });
  // Both look at the clock, which one of them at a time may move.
  injected::fault.while_sleeping = [&] {
    if (injected::fault.sleeps != 2100) return;
    go_on = true;
    workshop::wait_until([&] { return over.load(); });
  };
  const bool reloaded = basic_loader<injected>(s.known).reload(*s.found);
  go_on = true;
  slow.join();
  CHECK(reloaded);
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: first load: each step that fails is told with its code", "[steps][failure]") {
  scene s;
  SECTION("no library") {
    CHECK_FALSE(s.load());
    CHECK(s.why.code == error_code::not_found);
    CHECK_THAT(s.why.message("sheep").c_str(), contains("there is no file '" + library_path + "'"));
    CHECK(injected::fault.sleeps == 0);
  }
  SECTION("being written for more than 2 s") {
    s.build(1);
    injected::fault.writing = [] { return injected::writers::some; };
    CHECK_FALSE(s.load());
    CHECK(s.why.code == error_code::being_written);
    CHECK(injected::fault.sleeps >= 390);
  }
  SECTION("incomplete") {
    workshop::write_file(library_path, "");
    CHECK_FALSE(s.load());
    CHECK(s.why.code == error_code::incomplete);
  }
  SECTION("garbage") {
    workshop::write_file(library_path, "not a library");
    CHECK_FALSE(s.load());
    CHECK(s.why.code == error_code::not_a_library);
    CHECK(injected::fault.sleeps == 0);
  }
  SECTION("a directory") {
    workshop::run_ok("mkdir '" + library_path + "'");
    CHECK_FALSE(s.load());
    CHECK(s.why.code == error_code::not_a_library);
  }
  SECTION("copy") {
    s.build(1);
    injected::fault.copy = [] { return injected::fails(errors::bad_device); };
    CHECK_FALSE(s.load());
    CHECK(s.why.code == error_code::copy_failed);
    CHECK_THAT(s.why.message("sheep").c_str(), contains(errors::words(errors::bad_device)));
  }
  SECTION("open") {
    s.build(1);
    injected::fault.open_library = [] { return false; };
    CHECK_FALSE(s.load());
    CHECK(s.why.code == error_code::open_failed);
  }
  CHECK(s.events.empty());  // the caller is told; nobody is told twice
  CHECK(s.copies_there().empty());

  workshop::run_ok("rm -rf '" + library_path + "'");
  injected::fault = injected::faults();
  s.build(1);
  REQUIRE(s.load());
  CHECK(s.answer() == 1);
}

TEST_CASE("steps: first load: waits for a build that is under way", "[steps]") {
  scene s;
  s.build(1);
  injected::fault.writing = [] {
    return injected::fault.now < 500000000 ? injected::writers::some : injected::writers::none;
  };
  REQUIRE(s.load());
  CHECK(s.answer() == 1);
}

TEST_CASE("steps: a second caller of a loaded module gets the same generation", "[steps]") {
  scene s;
  s.build(1);
  REQUIRE(s.load());
  static const char* const other_names[] = {"answer"};
  static const char* const more_names[] = {"answer", "question"};

  SECTION("that asks for what is there") {
    caller& other = new_caller(other_names);
    problem other_why;
    record* found = s.loader.load_first(other, other_why);
    REQUIRE(found == s.found);
    CHECK(other.number == 1);
    const snapshot* now = found->published.load_acquire();
    CHECK(now->functions[0][0] == now->functions[1][0]);
    CHECK(dymod::detail::generation_of(*found) == 1);

    s.build(2);
    s.call();
    now = found->published.load_acquire();
    CHECK(reinterpret_cast<int (*)()>(now->functions[0][0])() == 2);
    CHECK(reinterpret_cast<int (*)()>(now->functions[1][0])() == 2);
  }
  SECTION("that asks for more: it is told, and the first one is not disturbed") {
    caller& other = new_caller(more_names);
    problem other_why;
    CHECK(s.loader.load_first(other, other_why) == nullptr);
    CHECK(other_why.code == error_code::missing_function);
    s.build(2);
    s.call();
    CHECK(s.answer() == 2);
  }
}

TEST_CASE("steps: a second caller while the library is away gets what is loaded", "[steps]") {
  scene s;
  s.build(1);
  REQUIRE(s.load());
  // As linkers do that remove the old file before they write the new one.
  REQUIRE(std::rename(library_path.c_str(), (library_path + ".away").c_str()) == 0);
  static const char* const other_names[] = {"answer"};
  caller& other = new_caller(other_names);
  REQUIRE(s.loader.load_first(other, s.why) == s.found);
  const snapshot* now = s.found->published.load_acquire();
  CHECK(reinterpret_cast<int (*)()>(now->functions[other.number][0])() == 1);
}

TEST_CASE("steps: what a call does on the way leaves errno alone", "[steps]") {
  scene s;
  s.with_new_build();
  injected::fault.open = [] { return injected::fails(errors::denied); };
  errno = 4711;
  s.call();
  CHECK(errno == 4711);
}

TEST_CASE("steps: copy: a private directory that is swept away at its birth is made again",
          "[steps][failure]") {
  workshop::folder temporary;
  scene s;
  s.build(1);
  const workshop::temporary_directory named(temporary / "");
  injected::fault.execute = [] { return false; };
  // What another process's sweep does between the making of the directory and that of the lock in
  // it.
  injected::fault.before_claim = [&](const char* lock) {
    const std::string path = workshop::with_slashes(lock);
    if (path.find(temporary / "") == 0 && ++injected::fault.calls["swept"] <= 3) {
      workshop::run_ok("rmdir '" + path.substr(0, path.rfind('/')) + "'");
    }
  };
  REQUIRE(s.load());
  CHECK(injected::fault.calls["swept"] == 4);
}

TEST_CASE("steps: copy: names that somebody has taken in advance are not used",
          "[steps][failure]") {
  workshop::folder temporary;
  scene s;
  s.build(1);
  const workshop::temporary_directory named(temporary / "");
  const std::string token = "0000000000000007";
  injected::fault.random = [] {
    return uint64_t{7} + (++injected::fault.calls["random"] > 2 ? 1 : 0);  // guessed twice
  };
  SECTION("a private directory") {
    const std::string planted = temporary / ("dymod-" + token);
    workshop::run_ok("mkdir -m 777 '" + planted + "' && touch '" + planted + "/trap'");
    injected::fault.execute = [] { return false; };
    REQUIRE(s.load());
    CHECK(workshop::names_in(planted) == std::vector<std::string>{"trap"});
    CHECK(workshop::names_in(temporary / "dymod-0000000000000008").size() == 2);
  }
  if (!workshop::on_windows) {
    SECTION("a private directory, by a link") {
      workshop::run_ok("cd '" + (temporary / "") +
                       "' && mkdir -m 777 theirs && ln -s theirs dymod-" + token);
      injected::fault.execute = [] { return false; };
      REQUIRE(s.load());
      CHECK(workshop::names_in(temporary / "theirs").empty());
      CHECK(workshop::names_in(temporary / "dymod-0000000000000008").size() == 2);
    }
  }
  SECTION("a few numbers of copies") {
    for (int number = 1; number <= 20; ++number) {
      workshop::run_ok("ln -s nowhere '" + library_path + ".dymod-" + token + "-" +
                       std::to_string(number) + "'");
    }
    REQUIRE(s.load());
    CHECK(std::string(s.found->images->copy) == library_path + ".dymod-" + token + "-21");
    CHECK(workshop::names_in(temporary / "").empty());
  }
  SECTION("all numbers of copies") {
    injected::fault.create = [] {
      const bool is_private = injected::fault.calls["random"] > 1;
      return is_private || injected::fails(errors::taken);
    };
    REQUIRE(s.load());
    CHECK(workshop::names_in(temporary / "").size() == 1);
  }
  SECTION("all names of private directories") {
    injected::fault.random = [] { return 7; };
    workshop::run_ok("mkdir '" + (temporary / ("dymod-" + token)) + "'");
    injected::fault.execute = [] { return false; };
    CHECK_FALSE(s.load());
    CHECK_THAT(s.why.message("sheep").c_str(), contains(errors::words(errors::taken_directory)));
  }
}

TEST_CASE("steps: copy: a private directory that somebody has cleared away is made again",
          "[steps][failure]") {
  workshop::folder temporary;
  scene s;
  const workshop::temporary_directory named(temporary / "");
  injected::fault.execute = [] { return false; };
  s.with_new_build();
  workshop::run_ok("rm -r '" + (temporary / "") + "'/*");
  s.call();
  CHECK(s.answer() == 2);
  CHECK(workshop::names_in(temporary / "").size() == 1);
}

TEST_CASE("steps: open: a copy is opened only if it is what was judged", "[steps][failure]") {
  scene s;
  s.with_new_build();
  // What somebody does in the moment between the two; it would answer 66.
  const std::string theirs = s.folder / "theirs.so";
  workshop::build_module("sheep", source(66), theirs);
  const auto copy = [&] {
    for (const std::string& name : s.copies_there()) {
      if (name.substr(name.size() - 2) != "-1") return s.folder / name;
    }
    return std::string();
  };
  std::function<void()> change;
  SECTION("another file is put in its place") {
    change = [&] { workshop::put_in_place(theirs, copy()); };
  }
  if (!workshop::on_windows) {
    SECTION("a link is put in its place") {
      change = [&] { workshop::run_ok("ln -sf '" + theirs + "' '" + copy() + "'"); };
    }
    SECTION("a link to the very file is put in its place") {
      change = [&] {
        workshop::run_ok("cd '" + (s.folder / "") + "' && ln '" + copy() +
                         "' kept && ln -sf kept '" + copy() + "'");
      };
    }
    SECTION("it is written to") {
      change = [&] { workshop::run_ok("cat '" + theirs + "' > '" + copy() + "'"); };
    }
  }
  injected::fault.map = [&] {
    if (injected::fault.calls["map"]++ == 0) change();  // the one that is judged
    return true;
  };
  for (int i = 0; i < 5; ++i) s.call();
  CHECK(s.answer() == 1);
  CHECK(injected::fault.calls["open_library"] == 0);
  REQUIRE(s.events.size() == 1);
  CHECK_THAT(s.events[0].message,
             contains("copy failed: '" + library_path + "' to '" + library_path + ".dymod-"));
  CHECK_THAT(s.events[0].message,
             contains("': somebody has changed the copy; generation 1 runs on\n"));
  injected::fault.now += 1000000000;
  s.call();
  CHECK(s.answer() == 2);
  CHECK(s.events.size() == 2);
}

TEST_CASE("steps: open: a copy that is cleared away is made again, without a word",
          "[steps][failure]") {
  scene s;
  s.with_new_build();
  const auto clear_away = [] { workshop::run_ok("rm -f '" + library_path + "'.dymod-*-2"); };
  SECTION("before it is opened") {
    injected::fault.map = [&] {
      clear_away();
      return true;
    };
  }
  SECTION("while it is opened") { injected::fault.while_opening = clear_away; }
  s.call();
  CHECK(s.answer() == 1);
  s.call();
  CHECK(s.answer() == 2);
  REQUIRE(s.events.size() == 1);
  CHECK(s.events[0].kind == event_kind::reloaded);
}

TEST_CASE("steps: check: a refused build is looked at once more while it is young", "[steps]") {
  scene s;
  s.with_new_build();
  file_key key;
  injected::fault.open_library = [] { return false; };
  SECTION("within the tick of an old kernel's clock") {
    REQUIRE(os::native::look(library_path.c_str(), key));
    injected::fault.file_now = key.touched() + 1000000;
  }
  SECTION("within two seconds, where stamps are whole seconds") {
    workshop::set_modified(library_path, 2000000000000000000);
    REQUIRE(os::native::look(library_path.c_str(), key));
    if (key.changed % 1000000000 != 0) return;  // this file system has finer stamps: nothing to see
    injected::fault.file_now = key.touched() + 1000000000;
  }
  for (int i = 0; i < 5; ++i) s.call();
  CHECK(injected::fault.calls["open_library"] == 1);
  // Other bytes by now, which the key does not show.
  injected::fault.open_library = [] { return true; };
  injected::fault.file_now += 3000000000;
  injected::fault.now += 3000000000;
  s.call();
  CHECK(s.answer() == 2);
  CHECK(s.events.size() == 2);
}

namespace {

// A second module beside the scene's: built, loaded, and found to be old enough.
struct wolf {
  explicit wolf(scene& of) : s(of) {
    path = s.folder / workshop::library_name("wolf");
    build(1);
    static const char* const wolf_names[] = {"answer"};
    static auto& all = *new std::list<caller>;
    found = s.loader.load_first(
        all.emplace_back("wolf", wolf_names, types, 1u, false, [] { return path.c_str(); }), s.why);
  }

  void build(int answer) {
    workshop::build_module("wolf",
                           "#include <dymod/dymod.hpp>\nDYMOD(wolf, (answer, int()))\n"
                           "int wolf::answer() { return " +
                               std::to_string(answer) + "; }\n",
                           path);
  }

  static std::string path;
  scene& s;
  record* found;
};
std::string wolf::path;

}  // namespace

TEST_CASE("steps: reload_all goes on after a refused build was accepted by hand", "[steps]") {
  scene s;
  s.with_new_build();
  wolf other(s);
  REQUIRE(other.found != nullptr);
  injected::fault.file_now = injected::native::file_clock() + 10000000000;  // nothing is young
  injected::fault.open_library = [] { return false; };
  s.call();
  injected::fault.open_library = [] { return true; };
  CHECK(s.loader.reload(*s.found));
  CHECK(s.answer() == 2);
  other.build(2);
  CHECK(s.loader.reload_all());
  CHECK(dymod::detail::generation_of(*other.found) == 2);
}

TEST_CASE("steps: reload_all publishes what is there, not what was proved before", "[steps]") {
  scene s;
  // The library is a link that is turned to another build and back again.
  workshop::build_module("sheep", source(1), s.folder / "one.so");
  workshop::build_module("sheep", source(2), s.folder / "two.so");
  const auto turn_to = [&](const std::string& build) {
    workshop::run_ok("ln -s " + build + " '" + library_path + ".new' && mv '" + library_path +
                     ".new' '" + library_path + "'");
  };
  turn_to("one.so");
  injected::fault.file_now = injected::native::file_clock() + 10000000000;
  REQUIRE(s.load());
  wolf other(s);
  REQUIRE(other.found != nullptr);
  workshop::write_file(wolf::path + ".new", "garbage");
  workshop::put_in_place(wolf::path + ".new", wolf::path);
  turn_to("two.so");
  CHECK_FALSE(s.loader.reload_all());  // proved, and held back by the other
  CHECK(s.answer() == 1);
  turn_to("one.so");
  CHECK_FALSE(s.loader.reload_all());
  other.build(2);
  CHECK(s.loader.reload_all());
  CHECK(dymod::detail::generation_of(*other.found) == 2);
  CHECK(s.answer() == 1);
  CHECK(dymod::detail::generation_of(*s.found) == 1);
}

TEST_CASE("steps: reload_all judges again for a caller that came after the proof",
          "[steps][failure]") {
  scene s;
  const auto build = [](const std::string& question) {
    workshop::build_module("sheep",
                           "#include <dymod/dymod.hpp>\n"
                           "DYMOD(sheep, (answer, int()), (question, " +
                               question + "()))\nint sheep::answer() { return 1; }\n" + question +
                               " sheep::question() { return {}; }\n",
                           library_path);
  };
  build("int");
  REQUIRE(s.load());
  wolf other(s);
  REQUIRE(other.found != nullptr);
  injected::fault.file_now = injected::native::file_clock() + 10000000000;  // nothing is young
  workshop::write_file(wolf::path + ".new", "garbage");
  workshop::put_in_place(wolf::path + ".new", wolf::path);
  build("double");
  CHECK_FALSE(s.loader.reload_all());  // proved, and held back by the other
  static const char* const question_name[] = {"question"};
  problem other_why;
  REQUIRE(s.loader.load_first(new_caller(question_name), other_why) == s.found);
  other.build(2);
  CHECK_FALSE(s.loader.reload_all());
  CHECK(dymod::detail::generation_of(*s.found) == 1);
}

TEST_CASE("steps: reload_all forgets a build that could not be opened", "[steps][failure]") {
  scene s;
  s.with_new_build();
  file_key key;
  REQUIRE(injected::native::look(library_path.c_str(), key));
  injected::fault.file_now = key.touched();  // so young that it is looked at again
  injected::fault.open_library = [] { return false; };
  CHECK_FALSE(s.loader.reload_all());
  CHECK(s.answer() == 1);
  injected::fault.open_library = [] { return true; };
  injected::fault.now += 1000000000;
  CHECK(s.loader.reload_all());
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: nobody waits behind one who waits for a build", "[steps]") {
  scene s;
  bool held = false;
  injected::fault.while_sleeping = [&] {
    held = held || !s.known.lock.try_enter<injected>();
    s.known.lock.leave<injected>();
  };
  injected::fault.writing = [] { return injected::writers::some; };
  s.build(1);
  SECTION("in a first load") { CHECK_FALSE(s.load()); }
  SECTION("in reload()") {
    injected::fault.writing = [] { return injected::writers::none; };
    REQUIRE(s.load());
    s.build(2);
    injected::fault.writing = [] { return injected::writers::some; };
    CHECK_FALSE(s.loader.reload(*s.found));
  }
  CHECK(injected::fault.sleeps > 100);
  CHECK_FALSE(held);
}

TEST_CASE("steps: events tell the time from noticing the build", "[steps]") {
  scene s;
  s.build(1);
  injected::fault.writing = [] {
    return injected::fault.now < 500000000 ? injected::writers::some : injected::writers::none;
  };
  REQUIRE(s.load());
  REQUIRE(s.events.size() == 1);
  CHECK(s.events[0].seconds >= 0.49);
  CHECK(s.events[0].seconds < 0.52);
}

TEST_CASE("steps: a caller that wants what only the newest build has gets that build", "[steps]") {
  scene s;
  s.build(1);
  REQUIRE(s.load());
  static const char* const more_names[] = {"answer", "question"};
  caller& other = new_caller(more_names);
  workshop::build_module("sheep",
                         "#include <dymod/dymod.hpp>\n"
                         "DYMOD(sheep, (answer, int()), (question, int()))\n"
                         "int sheep::answer() { return 2; }\nint sheep::question() { return 6; }\n",
                         library_path);
  REQUIRE(s.loader.load_first(other, s.why) == s.found);
  const snapshot* now = s.found->published.load_acquire();
  CHECK(reinterpret_cast<int (*)()>(now->functions[other.number][1])() == 6);
  CHECK(s.answer() == 2);
}

TEST_CASE("steps: a constructor of a new build that calls through another binary gets the old one",
          "[steps]") {
  scene s;
  s.with_new_build();
  static const char* const other_names[] = {"answer"};
  caller& other = new_caller(other_names);
  int heard = 0;
  injected::fault.while_opening = [&] {
    problem why;
    if (record* found = s.loader.load_first(other, why)) {
      const snapshot* now = found->published.load_acquire();
      heard = reinterpret_cast<int (*)()>(now->functions[other.number][0])();
    }
  };
  s.call();
  CHECK(heard == 1);
  CHECK(s.answer() == 2);
  const snapshot* now = s.found->published.load_acquire();
  CHECK(reinterpret_cast<int (*)()>(now->functions[other.number][0])() == 2);
}
