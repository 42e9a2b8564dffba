// SPDX-License-Identifier: MIT

// Whole programs with guarded calls, built while the test runs: with all warnings, with the checks
// of _FORTIFY_SOURCE, without exceptions, and ended by the system if they crash by themselves.

#include <signal.h>

#include <string>

#include "support/catch.hpp"
#include "support/workshop.hpp"

namespace {

const std::string header = R"(
#include <memory>
#include <string>
#include <vector>
#include <dymod/crash_guard.hpp>
struct big { double numbers[20]; };
DYMOD(sheep,
      (answer, int()),
      (crash, int(int how)),
      (quiet, int(int how) noexcept),
      (greet, std::string(std::string name, int how)),
      (shear, std::unique_ptr<int>(std::unique_ptr<int> wool, int how)),
      (weigh, big(big one, double by, const std::string& name, int& count, int how)),
      (view, const std::string&(const std::string& text, int how)),
      (nothing, void(std::vector<std::string> all, int how)))
)";

const std::string module_source = header + R"(
#include <cstdlib>
#include <utility>
static int break_it(int how) {
  if (how == 1) {
    volatile int* volatile nowhere = nullptr;
    return *nowhere;
  }
  if (how == 2) std::abort();
  return 7;
}
int sheep::answer() { return 7; }
int sheep::crash(int how) { return break_it(how); }
int sheep::quiet(int how) noexcept { return break_it(how); }
std::string sheep::greet(std::string name, int how) { return std::to_string(break_it(how)) + name; }
std::unique_ptr<int> sheep::shear(std::unique_ptr<int> wool, int how) {
  *wool += break_it(how);
  return wool;
}
big sheep::weigh(big one, double by, const std::string& name, int& count, int how) {
  one.numbers[0] += by + static_cast<double>(name.size());
  count += break_it(how);
  return one;
}
const std::string& sheep::view(const std::string& text, int how) {
  break_it(how);
  return text;
}
void sheep::nothing(std::vector<std::string>, int how) { break_it(how); }
)";

// Every kind of parameter and result, in a function with variables that live across calls.
const std::string everything = header + R"(
#include <cstdio>
#include <cstdlib>
static int failures = 0;
static void check(bool right, int line) {
  if (!right) {
    std::printf("line %d\n", line);
    ++failures;
  }
}
#define CHECK(what) check(what, __LINE__)
template <class Function> static bool crashes(Function function) {
  try {
    function();
  } catch (const dymod::crash&) {
    return true;
  }
  return false;
}
// The first generation crashes once; calls throw from then on.
int main(int, char** words) {
  dymod::set_event_handler([](const dymod::event&, void*) {});
  const int which = words[1][0] - '0';
  const std::string name(60, 'x');
  const auto how = [which](int function) { return function == which ? 1 + which % 2 : 0; };
  int count = 0;
  int caught = 0;
  big one = {};
  std::vector<std::string> all(3, name);
  CHECK(sheep::quiet(0) == 7);
  caught += crashes([&] { CHECK(sheep::greet(name, how(0)) == "7" + name); });
  caught += crashes([&] { CHECK(*sheep::shear(std::make_unique<int>(3), how(1)) == 10); });
  caught += crashes([&] {
    one = sheep::weigh(one, 2.5, name, count, how(2));
    CHECK(one.numbers[0] > 62.4 && count == 7);
  });
  caught += crashes([&] { CHECK(&sheep::view(name, how(3)) == &name); });
  caught += crashes([&] { sheep::nothing(all, how(4)); });
  CHECK(all.size() == 3 && all[2] == name);
  CHECK(caught == 5 - which);
  return failures;
}
)";

const std::string all_warnings =
    "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wundef "
    "-Werror ";

// A program that calls as it is told: "crash 1", "quiet 2", "self 1".
const std::string obedient = header + R"(
#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int, char** words) {
  const int how = std::atoi(words[2]);
  if (sheep::answer() != 7) return 1;
  if (std::strcmp(words[1], "crash") == 0) return sheep::crash(how);
  if (std::strcmp(words[1], "quiet") == 0) return sheep::quiet(how);
  volatile int* volatile nowhere = nullptr;
  if (how == 1) return *nowhere;
  std::abort();
}
)";

}  // namespace

TEST_CASE("crash programs: compile without a warning, and work at every level", "[crash]") {
  const workshop::folder here;
  workshop::build_module("sheep", module_source, here / "libsheep.so");
  for (const char* flags :
       {"-O0", "-O1 -D_FORTIFY_SOURCE=2", "-O2 -D_FORTIFY_SOURCE=2", "-O3", "-O2 -std=c++20"}) {
    CAPTURE(flags);
    const std::string others = DYMOD_TEST_COMPILER_IS_GNU ? "-Wclobbered " : "";
    workshop::build_program(everything, here / "farm",
                            all_warnings + others + "-DDYMOD_CRASH_GUARD=1 " + flags);
    for (int which = 0; which <= 5; ++which) {  // 5: none
      const workshop::result done =
          workshop::run("'" + here / "farm" + "' " + std::to_string(which));
      CHECK(done.output.empty());
      CHECK(done.status == 0);
    }
  }
}

TEST_CASE("crash programs: without exceptions the message, then the end", "[crash]") {
  const workshop::folder here;
  workshop::build_module("sheep", module_source, here / "libsheep.so");
  for (const char* flags : {"-fno-exceptions", "-fno-exceptions -O2", "-fno-rtti"}) {
    CAPTURE(flags);
    workshop::build_program(obedient, here / "farm",
                            all_warnings + "-DDYMOD_CRASH_GUARD=1 " + flags);
    const std::string program = "'" + here / "farm" + "' ";
    const workshop::result crashed = workshop::run(program + "crash 1");
    CHECK(crashed.status == 128 + SIGABRT);
    CHECK_THAT(crashed.output,
               contains("dymod: sheep: 'crash' crashed: SIGSEGV at address 0x0 in generation 1"));
    const workshop::result quiet = workshop::run(program + "quiet 2");
    CHECK(quiet.status == 128 + SIGABRT);
    CHECK_THAT(quiet.output, contains("dymod: sheep: 'quiet' crashed: SIGABRT"));
    CHECK(workshop::run(program + "self 1").status == 128 + SIGSEGV);
    CHECK(workshop::run(program + "self 2").status == 128 + SIGABRT);
    CHECK(workshop::run(program + "crash 0").status == 7);
  }
}

TEST_CASE("crash programs: unless they ask for it, nothing is guarded", "[crash]") {
  const workshop::folder here;
  workshop::build_module("sheep", module_source, here / "libsheep.so");
  for (const char* flags : {"", "-DDYMOD_CRASH_GUARD=0"}) {
    workshop::build_program(obedient, here / "farm", all_warnings + flags);
    CHECK(workshop::run("'" + here / "farm" + "' crash 1").status == 128 + SIGSEGV);
    const std::string symbols = workshop::run_ok("nm '" + here / "farm" + "'");
    CHECK_THAT(symbols, !contains("sigaltstack"));
    CHECK_THAT(symbols, !contains("sigaction"));
  }
}
