// SPDX-License-Identifier: MIT

// Guarded calls that crash in the middle of a variable's constructor: nobody waits for what nobody
// ends. And generations that a program goes back to.

#include <signal.h>

#include <string>
#include <thread>

#include <dymod/crash_guard.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

DYMOD(sheep, (ask, int(int what)))

namespace {

const std::string prelude =
    "#include <stdlib.h>\n#include <dymod/dymod.hpp>\n#include <dymod/persistent.hpp>\n"
    "DYMOD(sheep, (ask, int(int what)))\n";

class host {
 public:
  // Catch's own handlers are not what a program has.
  host() {
    for (const int each : {SIGSEGV, SIGILL, SIGABRT}) ::signal(each, SIG_DFL);
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }

  static void build(const std::string& source) {
    workshop::write_file("sheep.cpp", prelude + source);
    workshop::run_ok(workshop::compiler() + DYMOD_TEST_LIBRARY " -Dsheep_EXPORTS " +
                     workshop::sanitizer() + " sheep.cpp -o next.new " DYMOD_TEST_LINK);
    workshop::put_in_place("next.new", workshop::library_name("sheep"));
  }

 private:
  workshop::current_folder folder_;
};

const std::string egg = R"(
struct egg {
  int number = 7;
  explicit egg(int what) { if (what == CRASHES) ::abort(); }
};
int sheep::ask(int what) {
  if (what == 0) return 0;
  DYMOD_PERSISTENT(egg, laid, what);
  return ++laid.number;
}
)";

}  // namespace

TEST_CASE("persistent: a constructor that crashes is not waited for", "[persistent]") {
  host h;
  h.build(workshop::replaced(egg, "CRASHES", "-1"));
  CHECK(sheep::ask(0) == 0);
  h.build(workshop::replaced(egg, "CRASHES", "1"));
  CHECK(sheep::ask(0) == 0);
  CHECK(sheep::library.generation() == 2);
  CHECK_THROWS_AS(sheep::ask(1), dymod::crash);
  CHECK(sheep::library.generation() == 1);
  int laid = 0;
  std::thread([&laid] { laid = sheep::ask(1); }).join();
  CHECK(laid == 8);
  h.build(workshop::replaced(egg, "CRASHES", "-2"));
  CHECK(sheep::ask(1) == 9);
  CHECK(sheep::library.generation() == 3);
}

TEST_CASE("persistent: what another generation was made of is there when it comes back",
          "[persistent]") {
  host h;
  const std::string first = R"(
struct herd { int sheep; };
DYMOD_PERSISTENT(herd, pasture, 1);
DYMOD_PERSISTENT(int, calls);
int sheep::ask(int) { return 100 * ++calls + ++pasture.sheep; }
)";
  const std::string second = R"(
struct herd_1 { int sheep; };
struct herd { int sheep; int lambs; };
static herd from_1(const herd_1& old) { return {old.sheep + 10, 0}; }
DYMOD_PERSISTENT_FROM(from_1, herd, pasture, 1);
DYMOD_PERSISTENT(int, calls);
int sheep::ask(int) { return 100 * ++calls + ++pasture.sheep; }
)";
  h.build(first);
  CHECK(sheep::ask(0) == 102);
  h.build(second);
  CHECK(sheep::ask(0) == 213);
  CHECK(sheep::ask(0) == 314);
  CHECK(sheep::library.roll_back());
  CHECK(sheep::library.generation() == 1);
  CHECK(sheep::ask(0) == 403);
  h.build(second + "int more;");
  CHECK(sheep::ask(0) == 514);  // from the generation that was current
  CHECK(sheep::library.generation() == 3);
}

TEST_CASE("persistent: what a generation made that was left is not what the next one gets",
          "[persistent]") {
  host h;
  const std::string first = R"(
struct herd { int sheep; };
int sheep::ask(int) {
  DYMOD_PERSISTENT(herd, pasture, 1);
  return ++pasture.sheep;
}
)";
  const std::string second = R"(
struct herd_1 { int sheep; };
struct herd { int sheep; int lambs; };
static herd from_1(const herd_1& old) { return {old.sheep + 10, 0}; }
int sheep::ask(int what) {
  DYMOD_PERSISTENT_FROM(from_1, herd, pasture, 1);
  if (what == CRASHES) ::abort();
  return ++pasture.sheep;
}
)";
  h.build(first);
  CHECK(sheep::ask(0) == 2);
  h.build(workshop::replaced(second, "CRASHES", "1"));
  CHECK(sheep::ask(0) == 13);
  CHECK_THROWS_AS(sheep::ask(1), dymod::crash);
  for (int count = 3; count <= 20; ++count) CHECK(sheep::ask(0) == count);
  h.build(workshop::replaced(second, "CRASHES", "2"));
  CHECK(sheep::ask(0) == 31);
  CHECK(sheep::library.generation() == 3);
  // Generations go on from one another, whatever was left between.
  h.build(workshop::replaced(second, "CRASHES", "3"));
  CHECK(sheep::ask(0) == 32);
  CHECK(sheep::ask(0) == 33);
  CHECK(sheep::library.roll_back());
  sheep::library.unload_old();  // what it may do depends on the compiler
  h.build(workshop::replaced(second, "CRASHES", "4"));
  CHECK(sheep::ask(0) == 34);
  CHECK(sheep::library.generation() == 5);
}
