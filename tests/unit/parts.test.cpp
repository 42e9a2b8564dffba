// SPDX-License-Identifier: MIT

// The small parts: text, words for every error, the description's reader, the load lock, and the
// sweeping of copies that dead processes left.

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <dymod/detail/call/thunk.hpp>
#include <dymod/detail/os/os.hpp>
#include <dymod/detail/reload/copies.hpp>
#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/state/lock.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

using namespace dymod::detail;
using dymod::error_code;
using os::native;

TEST_CASE("text: grows, shortens and writes numbers", "[text]") {
  text line;
  CHECK(std::string(line.c_str()).empty());
  line << "generation " << 0u << " of " << 18446744073709551615ull;
  CHECK(std::string(line.c_str()) == "generation 0 of 18446744073709551615");
  line.shorten(10);
  CHECK(std::string(line.c_str()) == "generation");
  for (int i = 0; i < 1000; ++i) line << "x";
  CHECK(line.size() == 1010);
  text moved(static_cast<text&&>(line));
  CHECK(moved.size() == 1010);
  CHECK(line.empty());
}

TEST_CASE("problem: every error has words of its own, for what happened and for what to do",
          "[problem]") {
  std::set<std::string> whats;
  for (int code = 0; code <= static_cast<int>(error_code::out_of_memory); ++code) {
    problem why;
    why.set(static_cast<error_code>(code)) << "'/a/libsheep.so'";
    const std::string line = why.message("sheep", 7).c_str();
    CAPTURE(line);
    const step_words& words = words_for(static_cast<error_code>(code));
    CHECK(line.find(words.what) == 0);
    CHECK_THAT(line, contains(": '/a/libsheep.so'; generation 7 runs on\n    "));
    CHECK(line.find("<module>") == std::string::npos);
    CHECK(line.back() != '.');
    CHECK(whats.insert(words.what).second);
  }
}

TEST_CASE("problem: many differences are counted, each once", "[problem]") {
  differences found;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10; ++i) {
      text name("thing");
      name << static_cast<unsigned>(i);
      found.add(name, 0, text("the host"), text("small"), text("big"));
    }
  }
  problem why;
  CHECK_FALSE(found.tell("/a/libsheep.so", why, error_code::layout_mismatch));
  CHECK_THAT(why.detail.c_str(), contains("'thing6', 'thing7' and 2 more in '/a/libsheep.so'"));
  CHECK_THAT(why.sides.c_str(), contains("\n    thing7 in the library: big"));
}

TEST_CASE("description: reads what it knows and nothing else", "[description]") {
  const auto read = [](const std::string& content) {
    return description({reinterpret_cast<const unsigned char*>(content.data()), content.size()});
  };
  using namespace std::string_literals;
  const std::string whole = "dymod description\0" DYMOD_DETAIL_DESCRIPTION_FORMAT
                            "\0abi\0the weather\0fine\0"
                            "function\0one\0int()\0function\0two\0void()\0\0"s;
  SECTION("whole") {
    description all = read(whole);
    REQUIRE(all.readable());
    CHECK(std::string(all.find("abi", "the weather")) == "fine");
    CHECK(all.find("abi", "one") == nullptr);
    record_reader::record found;
    REQUIRE(all.next("function", found));
    CHECK(std::string(found.name) + found.value == "oneint()");
    REQUIRE(all.next("function", found));
    CHECK(std::string(found.name) + found.value == "twovoid()");
    CHECK_FALSE(all.next(found));
    CHECK_FALSE(all.next(found));
  }
  SECTION("behind the end there is nothing") {
    const std::string more = whole + "function\0three\0char()\0\0"s;
    description all = read(more);
    record_reader::record found;
    while (all.next("function", found)) CHECK(std::string(found.name) != "three");
    CHECK_FALSE(all.next(found));
    CHECK(all.find("function", "three") == nullptr);
  }
  SECTION("another format") {
    const std::string other =
        workshop::replaced(whole, "\0" DYMOD_DETAIL_DESCRIPTION_FORMAT "\0"s, "\0future\0"s);
    CHECK_FALSE(read(other).readable());
    CHECK(std::string(read(other).format()) == "future");
  }
  SECTION("something else") { CHECK(read("something else\0"s).format() == nullptr); }
  SECTION("cut anywhere: never a byte too far") {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::string cut(whole.data(), size);
      description part = read(cut);
      record_reader::record found;
      while (part.next("function", found)) CHECK(std::string(found.name).size() == 3);
    }
  }
}

TEST_CASE("lock: held once, by one thread", "[lock][threads]") {
  load_lock lock;
  REQUIRE(lock.try_enter<native>());
  CHECK_FALSE(lock.try_enter<native>());
  CHECK_FALSE(lock.enter<native>());  // as in a signal handler: waiting would never end
  bool entered = true;
  std::thread([&] { entered = lock.try_enter<native>(); }).join();
  CHECK_FALSE(entered);
  std::thread([&] { lock.leave<native>(); }).join();  // not its to give back
  std::thread([&] { entered = lock.try_enter<native>(); }).join();
  CHECK_FALSE(entered);
  lock.leave<native>();
  std::thread([&] {
    entered = lock.enter<native>();
    lock.leave<native>();
  }).join();
  CHECK(entered);
  CHECK(lock.try_enter<native>());
}

TEST_CASE("copies: names are fresh, and gone at the end", "[copies]") {
  const workshop::folder folder;
  const std::string library = folder / "libsheep.so";
  {
    registry known;
    copies<native> made(known);
    text first;
    text second;
    int error = 0;
    const auto one = made.create(library.c_str(), first, error);
    const auto two = made.create(library.c_str(), second, error);
    REQUIRE(one.is_open());
    REQUIRE(two.is_open());
    CHECK(std::string(first.c_str()) != second.c_str());
    CHECK_THAT(first.c_str(), contains(library + ".dymod-"));
    CHECK(workshop::has_mode(first.c_str(), "400"));
    made.keep(first.c_str());
    made.keep(second.c_str());
    CHECK(workshop::names_in(folder / "").size() == 3);
    made.remove_all();
  }
  CHECK(workshop::names_in(folder / "").empty());
}

TEST_CASE("copies: what dead processes left is removed, what the living have is not", "[copies]") {
  const workshop::folder folder;
  const auto plant = [&](const std::string& name) { workshop::write_file(folder / name, "x"); };
  // Its lock is held by this process, under another open file: as good as another process's.
  plant("dymod-1111111111111111.lock");
  plant("libsheep.so.dymod-1111111111111111-1");
  const native::file living = native::take_over((folder / "dymod-1111111111111111.lock").c_str());
  REQUIRE(living.is_open());
  // Nobody holds these.
  plant("dymod-2222222222222222.lock");
  plant("libsheep.so.dymod-2222222222222222-1");
  plant("libwolf.so.dymod-2222222222222222-12");
  plant("libsheep.so.dymod-3333333333333333-1");  // not even a lock
  // Not copies, however much they look like them.
  plant("libsheep.so");
  plant("libsheep.so.dymod-2222222222222222");
  plant("libsheep.so.dymod-2222222222222222-1.txt");
  plant("libsheep.so.dymod-222222222222222-1");
  plant("libsheep.so.dymod-zzzzzzzzzzzzzzzz-1");
  plant("dymod-2222222222222222.lock.txt");
  std::vector<std::string> expected = {"dymod-1111111111111111.lock",
                                       "dymod-2222222222222222.lock.txt",
                                       "libsheep.so",
                                       "libsheep.so.dymod-1111111111111111-1",
                                       "libsheep.so.dymod-222222222222222-1",
                                       "libsheep.so.dymod-2222222222222222",
                                       "libsheep.so.dymod-2222222222222222-1.txt",
                                       "libsheep.so.dymod-zzzzzzzzzzzzzzzz-1"};
  if (!workshop::on_windows) {
    workshop::run_ok("ln -s libsheep.so '" + (folder / "libcat.so.dymod-2222222222222222-1") + "'");
    workshop::run_ok("ln -s libsheep.so '" + (folder / "dymod-4444444444444444.lock") + "'");
    // Neither links nor pipes, on which opening would wait, nor directories.
    workshop::run_ok("cd '" + (folder / "") +
                     "' && ln -s dymod-2222222222222222.lock dymod-5555555555555555.lock && "
                     "mkfifo dymod-6666666666666666.lock libcat.so.dymod-6666666666666666-1 && "
                     "mkdir dymod-7777777777777777.lock libcat.so.dymod-7777777777777777-1");
    for (const char* const name :
         {"dymod-4444444444444444.lock", "dymod-5555555555555555.lock",
          "dymod-6666666666666666.lock", "dymod-7777777777777777.lock",
          "libcat.so.dymod-2222222222222222-1", "libcat.so.dymod-6666666666666666-1",
          "libcat.so.dymod-7777777777777777-1"}) {
      expected.emplace_back(name);
    }
    std::sort(expected.begin(), expected.end());
  }

  copies<native>::sweep((folder / "").append("/").c_str(), "0000000000000000");
  CHECK(workshop::names_in(folder / "") == expected);
}

TEST_CASE("error: copies share their message, which outlives the first", "[error]") {
  static_assert(std::is_nothrow_copy_constructible_v<dymod::error>);
  static_assert(std::is_nothrow_copy_assignable_v<dymod::error>);
  const dymod::error kept = [] {
    dymod::error first(error_code::not_found, text("first"));
    dymod::error second(error_code::incomplete, text("second"));
    second = first;
    return dymod::error(second);
  }();
  CHECK(std::string(kept.what()) == "first");
  CHECK(kept.code() == error_code::not_found);
}

#if !defined(_WIN32)

TEST_CASE("files: are seen, but not mapped, by a program for whose words they are too large",
          "[files][failure]") {
  // As are files with large inode numbers, which no test can make.
  const workshop::folder folder;
  const std::string path = folder / "libsheep.so";
  const uint64_t size = (uint64_t{1} << 32) + 1;
  workshop::run_ok("truncate -s " + std::to_string(size) + " '" + path + "'");
  file_key key;
  REQUIRE(native::look(path.c_str(), key));
  CHECK(key.size == size);
  CHECK(native::is_own_file(path.c_str()));
  const native::file opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_LARGEFILE));
  REQUIRE(opened.is_open());
  CHECK(native::is_still(path.c_str(), opened, key));
  CHECK(native::is_regular(opened));
  const native::view whole = native::map(opened);
  CHECK(whole.is_open() == (sizeof(void*) > 4));
}

TEST_CASE("lock: a forked child is not stuck behind its parent's threads", "[lock][threads]") {
  static load_lock lock;
  std::thread([] { REQUIRE(lock.try_enter<native>()); }).join();  // and never leaves
  CHECK_FALSE(lock.try_enter<native>());
  const pid_t child = ::fork();
  if (child == 0) {
    const bool entered = lock.try_enter<native>() && !lock.try_enter<native>();
    lock.leave<native>();
    ::_exit(entered && lock.try_enter<native>() ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("copies: a directory has one lock, whatever paths lead to it", "[copies]") {
  const workshop::folder folder;
  workshop::run_ok("mkdir '" + (folder / "farm") + "' && ln -s farm '" + (folder / "ranch") + "'");
  registry known;
  copies<native> made(known);
  int error = 0;
  for (const std::string place : {"farm", "ranch", "./farm", "farm"}) {
    const std::string library = folder / (place + "/libsheep.so");
    text path;
    REQUIRE(made.create(library.c_str(), path, error).is_open());
    CHECK_THAT(path.c_str(), contains(library + ".dymod-"));
  }
  CHECK(workshop::names_in(folder / "farm").size() == 4 + 1);
  made.remove_all();
  CHECK(workshop::names_in(folder / "farm").size() == 4);
}

TEST_CASE("copies: a descriptor that is the program's by now is not closed", "[copies]") {
  const workshop::folder folder;
  const std::string library = folder / "libsheep.so";
  registry known;
  copies<native> made(known);
  text path;
  int error = 0;
  REQUIRE(made.create(library.c_str(), path, error).is_open());
  // As a daemon does at its start.
  const int number = known.copy_directories->claim;
  REQUIRE(::close(number) == 0);
  workshop::write_file(folder / "log", "");
  REQUIRE(::open((folder / "log").c_str(), O_WRONLY | O_CLOEXEC) == number);
  SECTION("at the end") { made.remove_all(); }
  SECTION("in a directory that was cleared away") {
    workshop::run_ok("rm '" + (folder / "") + "'/dymod-*");
    REQUIRE(made.create(library.c_str(), path, error).is_open());
    made.remove_all();
  }
  CHECK(::write(number, "still here", 10) == 10);
  ::close(number);
}

#endif
