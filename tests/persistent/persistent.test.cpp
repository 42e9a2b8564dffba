// SPDX-License-Identifier: MIT

// Variables of modules that survive reloads: modules are edited and rebuilt by the real compiler
// and opened by the test's own process, built with the sanitizer that the test itself is built
// with.

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dymod/dymod.hpp>
#include <dymod/persistent.hpp>

#include "support/catch.hpp"
#include "support/messages_page.hpp"
#include "support/workshop.hpp"

namespace farm {
struct weather;  // only modules know more
struct fence {
  int posts;
};
}  // namespace farm
DYMOD(sheep, (ask, int(int what)))
DYMOD(wolf, (ask, int(int what)))
DYMOD(meadow, (ask, int(int what)), (forecast, farm::weather*(farm::weather* w)))
DYMOD(grass, (ask, int(int what)), (mend, void(farm::fence* f)))

namespace {

using dymod::event_kind;

const std::string prelude = R"(
#include <cstdlib>
#include <dymod/dymod.hpp>
#include <dymod/persistent.hpp>
DYMOD(sheep, (ask, int(int what)))
DYMOD(wolf, (ask, int(int what)))
// The test's function is found by its address: the program does not export it.
[[maybe_unused]] static int act(int with) {
  const unsigned long long at = std::strtoull(std::getenv("DYMOD_TEST_ACT"), nullptr, 10);
  return reinterpret_cast<int (*)(int)>(at)(with);
}
)";

struct heard_event {
  event_kind kind;
  std::string message;
};

class host {
 public:
  host() {
    before_ = dymod::set_event_handler(
        [](const dymod::event& news, void* user) {
          host& self = *static_cast<host*>(user);
          const std::lock_guard<std::mutex> held(self.events_lock_);
          self.events_.push_back({news.kind, news.message});
        },
        this);
    made = 0;
    let_do([](int with) { return made += with; });
  }
  ~host() { dymod::set_event_handler(before_.function, before_.user); }
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  static void let_do(int (*act)(int)) {
    workshop::set_environment("DYMOD_TEST_ACT",
                              std::to_string(reinterpret_cast<unsigned long long>(act)));
  }

  /// Rebuilds a module from that source, whose path is always the same.
  static void build(const std::string& name, const std::string& source,
                    const std::string& more_files = "") {
    const std::string flags = DYMOD_TEST_COMPILER_IS_GNU ? " -fno-gnu-unique " : " ";
    workshop::write_file(name + ".cpp", source);
    workshop::run_ok(workshop::compiler() + DYMOD_TEST_LIBRARY " -D" + name + "_EXPORTS" + flags +
                     workshop::sanitizer() + name + ".cpp " + more_files +
                     " -o next.new " DYMOD_TEST_LINK);
    workshop::put_in_place("next.new", workshop::library_name(name));
  }

  static void sheep_is(const std::string& source) { build("sheep", prelude + source); }

  std::vector<std::string> told(event_kind kind) {
    const std::lock_guard<std::mutex> held(events_lock_);
    std::vector<std::string> found;
    for (const heard_event& each : events_) {
      if (each.kind == kind) found.push_back(each.message);
    }
    return found;
  }

  /// The one warning that there was, which docs/errors.md has.
  std::string warning(std::size_t entry) {
    const std::vector<std::string> all = told(event_kind::warning);
    CAPTURE(all);
    REQUIRE(all.size() == 1);
    return words(all[0], entry);
  }

  std::string words(const std::string& message, std::size_t entry) {
    const std::vector<messages_page::entry> page =
        messages_page::entries("Warnings of variables that survive");
    REQUIRE(entry < page.size());
    CAPTURE(page[entry].first, page[entry].last);
    CHECK(page[entry].is("sheep", message));
    return message;
  }

  bool is_quiet() {
    const std::vector<std::string> warnings = told(event_kind::warning);
    const std::vector<std::string> rejections = told(event_kind::rejected);
    CAPTURE(warnings, rejections);
    CHECK(warnings.empty());
    CHECK(rejections.empty());
    return warnings.empty() && rejections.empty();
  }

  static std::atomic<int> made;

 private:
  workshop::current_folder folder_;
  std::mutex events_lock_;
  std::vector<heard_event> events_;
  dymod::event_handler before_;
};

std::atomic<int> host::made{0};

// The entries of docs/errors.md, in its order.
enum warning_entry : std::size_t { begins_anew, there_twice, keeps_code };

const std::string two_counters = R"(
namespace { DYMOD_PERSISTENT(int, total, act(1)); }
int sheep::ask(int what) {
  DYMOD_PERSISTENT(long, calls, act(100) * 0 + what);
  total += 1;
  return what == 0 ? number() + total : static_cast<int>(++calls);
}
)";

}  // namespace

TEST_CASE("persistent: ten generations have one variable, initialised once", "[persistent]") {
  host h;
  h.sheep_is(workshop::number_function + two_counters);
  const std::string first = workshop::read_file(workshop::library_name("sheep"));
  for (int generation = 1; generation <= 10; ++generation) {
    CHECK(sheep::ask(40) == 40 + generation);
    CHECK(sheep::ask(0) == generation - 1 + 1 + 2 * generation);
    CHECK(sheep::library.generation() == static_cast<unsigned>(generation));
    workshop::write_file("next", workshop::numbered(first, generation));
    workshop::put_in_place("next", workshop::library_name("sheep"));
  }
  CHECK(h.made == 101);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: types of all kinds, everywhere", "[persistent]") {
  host h;
  const std::string source = R"(
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>
DYMOD_PERSISTENT((std::map<std::string, int>), scores); DYMOD_PERSISTENT(std::string, one_line, "a");
DYMOD_PERSISTENT(std::mutex, lock);
DYMOD_PERSISTENT(std::atomic<int>, atom, 1);
DYMOD_PERSISTENT(const int, nine, 9);
DYMOD_PERSISTENT(int[2][2], numbers, {1, 2}, {3, 4});
DYMOD_PERSISTENT(std::string[2], words, "a", "b");
DYMOD_PERSISTENT(int*, pointer, nullptr);
struct alignas(128) wide { char letter; };
DYMOD_PERSISTENT(wide, one, {'a'});
DYMOD_PERSISTENT(wide[2], some);
struct picky { explicit picky(int n) : number(n) {} picky(const picky&) = delete; int number; };
enum class color : unsigned char { brown, white };
extern "C" int plain_c() { DYMOD_PERSISTENT(picky, calls, 0); return ++calls.number; }
template <class Type> int& count() { DYMOD_PERSISTENT(int, counter, sizeof(Type)); return counter; }
template <class Type> struct box {
  template <class Other> int count() const { DYMOD_PERSISTENT(int, counter); return ++counter; }
  static int& shared(Type start) { DYMOD_PERSISTENT(Type, counter, start); return counter; }
};
static int again = 0;
int sheep::ask(int what) {
  const std::lock_guard<std::mutex> held(lock);
  static_cast<void>(again);
  const auto in_lambda = [&] { DYMOD_PERSISTENT(int, counter, 7); return ++counter; };
  const int start = what;
  switch (what) {
    case 0: return ++scores["wool"];
    case 1: return ++atom;
    case 2: return nine;
    case 3: return ++numbers[1][1];
    case 4: words[1] += "c"; return static_cast<int>(words[1].size());
    case 5: pointer = pointer == nullptr ? &count<short>() : pointer; return ++*pointer;
    case 6: return ++one.letter;
    case 7: return plain_c();
    case 8: return ++count<char>();
    case 9: return ++count<int>();
    case 10: return box<char>().count<int>();
    case 11: return box<int>().count<int>() + 10 * box<int>().count<long>();
    case 12: return ++box<int>::shared(start);
    case 13: return in_lambda();
    case 14: { DYMOD_PERSISTENT(color, coat, color::white); return static_cast<int>(coat); }
    case 15: one_line += "a"; return static_cast<int>(one_line.size());
    case 16: return ++some[1].letter;
    default: return reinterpret_cast<unsigned long long>(&one) % 128 != 0 || reinterpret_cast<unsigned long long>(&some) % 128 != 0;
  }
}
)";
  h.sheep_is(source);
  const std::vector<int> first = {1, 2, 9, 5, 2, 3, 'b', 1, 2, 5, 1, 11, 13, 8, 1, 2, 1, 0};
  const std::vector<int> second = {2, 3, 9, 6, 3, 4, 'c', 2, 3, 6, 2, 22, 14, 9, 1, 3, 2, 0};
  std::vector<int> heard;
  for (int what = 0; what < static_cast<int>(first.size()); ++what)
    heard.push_back(sheep::ask(what));
  CHECK(heard == first);
  h.sheep_is("\n\n" + workshop::replaced(source, "again = 0", "again = 1"));
  heard.clear();
  for (int what = 0; what < static_cast<int>(first.size()); ++what)
    heard.push_back(sheep::ask(what));
  CHECK(heard == second);
  CHECK(sheep::library.generation() == 2);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: a header's inline function has one, its own variables one per source file",
          "[persistent]") {
  host h;
  workshop::write_file("count.hpp", prelude + R"(
inline int count() { DYMOD_PERSISTENT(int, all_counted); return ++all_counted; }
namespace farm { DYMOD_PERSISTENT(int, counted_here); }
int count_in_other();
)");
  workshop::write_file("other.cpp",
                       "#include \"count.hpp\"\n"
                       "int count_in_other() { return 10 * count() + "
                       "1000 * ++farm::counted_here; }\n");
  const std::string source =
      "#include \"count.hpp\"\n"
      "int sheep::ask(int what) { return what == 0 ? count() + 1000 * ++farm::counted_here "
      ": count_in_other(); }\n";
  h.build("sheep", source, "other.cpp");
  CHECK(sheep::ask(0) == 1001);
  CHECK(sheep::ask(1) == 1020);
  CHECK(sheep::ask(1) == 2030);
  h.build("sheep", source + "int more;\n", "other.cpp");
  CHECK(sheep::ask(0) == 2004);
  CHECK(sheep::ask(1) == 3050);
  CHECK(sheep::library.generation() == 2);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: in a generic lambda, whatever other lambdas there are", "[persistent]") {
  host h;
  const std::string source = R"(
int sheep::ask(int what) {
  const auto count = [](auto) {
    DYMOD_PERSISTENT(int, calls);
    return ++calls;
  };
  return count(what);
}
)";
  h.sheep_is(source);
  CHECK(sheep::ask(0) == 1);
  h.sheep_is("[[maybe_unused]] static const auto more = [](auto a, auto b) { return a + b; };\n" +
             source);
  CHECK(sheep::ask(0) == 2);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: another name, function or file is another variable", "[persistent]") {
  host h;
  const auto source = [](const std::string& function, const std::string& name) {
    return "static int " + function + " { DYMOD_PERSISTENT(int, " + name + "); return ++" + name +
           "; }\nint sheep::ask(int) { return count(1); }\n";
  };
  h.sheep_is(source("count(int)", "number"));
  CHECK(sheep::ask(0) == 1);
  h.sheep_is(source("count(int)", "digit"));
  CHECK(sheep::ask(0) == 1);
  h.sheep_is(source("count(long)", "number"));
  CHECK(sheep::ask(0) == 1);
  h.sheep_is("#line 1 \"lamb.cpp\"\n" + source("count(int)", "number"));
  CHECK(sheep::ask(0) == 1);
  h.sheep_is("\n" + source("count(int)", "number"));
  CHECK(sheep::ask(0) == 2);
  CHECK(sheep::library.generation() == 5);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: each module has its own", "[persistent]") {
  host h;
  const std::string source =
      "#line 1 \"animal.cpp\"\nDYMOD_PERSISTENT(int, calls);\n"
      "int ANIMAL::ask(int) { return ++calls; }\n";
  for (int generation = 0; generation < 2; ++generation) {
    const std::string edit(static_cast<size_t>(generation), '\n');
    for (const char* name : {"sheep", "wolf"}) {
      h.build(name, prelude + edit + workshop::replaced(source, "ANIMAL", name) + "int edit" +
                        std::to_string(generation) + ";");
    }
    CHECK(sheep::ask(0) == 2 * generation + 1);
    CHECK(sheep::ask(0) == 2 * generation + 2);
    CHECK(wolf::ask(0) == generation + 1);
  }
  CHECK(wolf::library.generation() == 2);
  CHECK(h.is_quiet());
}

// --- types that change

namespace {

const std::string herd_1 = R"(
struct herd { int number; };
DYMOD_PERSISTENT(herd, pasture, 5);
int sheep::ask(int) { return ++pasture.number; }
)";

const std::string herd_2 = R"(
struct herd { int number; float wool; };
)";

const std::string uses_herd_2 = R"(
int sheep::ask(int what) { return what == 0 ? ++pasture.number : static_cast<int>(pasture.wool); }
)";

}  // namespace

TEST_CASE("persistent: a type that has changed: a new object, and what differs", "[persistent]") {
  host h;
  h.sheep_is(herd_1);
  CHECK(sheep::ask(0) == 6);
  h.sheep_is(herd_2 + "DYMOD_PERSISTENT(herd, pasture, 50, 2.0F);" + uses_herd_2);
  CHECK(sheep::ask(0) == 51);
  CHECK(h.warning(begins_anew) ==
        "'pasture' in 'sheep.cpp' begins anew: its type has changed\n"
        "    herd in generation 1:  size 4, alignment 4, fields int\n"
        "    herd in the new build: size 8, alignment 4, fields int, float\n"
        "    to carry its value over keep the old type under another name, and name a function "
        "from that to the new one in DYMOD_PERSISTENT_FROM");
  h.sheep_is(herd_2 + "\nDYMOD_PERSISTENT(herd, pasture, 50, 2.0F);" + uses_herd_2 + "int more;");
  CHECK(sheep::ask(0) == 52);
  CHECK(h.told(event_kind::warning).size() == 1);
  CHECK(sheep::library.generation() == 3);
}

TEST_CASE("persistent: another type, in a function, in words", "[persistent]") {
  host h;
  const std::string source =
      "#include <string>\n#include <vector>\n"
      "int sheep::ask(int what) { DYMOD_PERSISTENT(TYPE, numbers, VALUE); return what + "
      "static_cast<int>(numbers.size()); }";
  const auto with = [&](const std::string& type, const std::string& value) {
    return workshop::replaced(workshop::replaced(source, "TYPE", type), "VALUE", value);
  };
  h.sheep_is(with("std::vector<std::string>", "\"a\", \"b\", \"c\""));
  CHECK(sheep::ask(0) == 3);
  h.sheep_is(with("std::vector<int>", "1"));
  CHECK(sheep::ask(0) == 1);
  CHECK(h.warning(begins_anew) ==
        "'numbers' of sheep::ask(int) in 'sheep.cpp' begins anew: its type has changed\n"
        "    numbers in generation 1:  std::vector<std::string, std::allocator<std::string>>\n"
        "    numbers in the new build: std::vector<int, std::allocator<int>>\n"
        "    to carry its value over keep the old type under another name, and name a function "
        "from that to the new one in DYMOD_PERSISTENT_FROM");
}

TEST_CASE("persistent: a struct inside a container that has changed is seen", "[persistent]") {
  host h;
  const std::string source =
      "#include <vector>\nstruct lamb { int age; };\nDYMOD_PERSISTENT(std::vector<lamb>, lambs, "
      "lamb{});\nint sheep::ask(int) { lambs.push_back(lamb()); return "
      "static_cast<int>(lambs.size()); }\n";
  h.sheep_is(source);
  CHECK(sheep::ask(0) == 2);
  h.sheep_is(workshop::replaced(source, "int age;", "int age; double wool;"));
  CHECK(sheep::ask(0) == 2);
  CHECK_THAT(h.warning(begins_anew),
             contains("lamb in generation 1:  size 4, alignment 4, fields int\n"
                      "    lamb in the new build: size 16, alignment 8, fields int, double\n"));
}

TEST_CASE("persistent: what a function knows to make of the old object", "[persistent]") {
  host h;
  h.sheep_is(R"(
struct herd { int number; };
DYMOD_PERSISTENT(herd, taken, 1);
DYMOD_PERSISTENT(herd, looked_at, 2);
DYMOD_PERSISTENT(herd, emptied, 3);
DYMOD_PERSISTENT(const herd, moved, 4);
int sheep::ask(int) { return taken.number + looked_at.number + emptied.number + moved.number; }
)");
  CHECK(sheep::ask(0) == 10);
  const std::string source = R"(
struct herd_1 { int number; };
struct herd { int number; float wool; };
static herd from_value(herd_1 old) { return {old.number + 10, 0.5F}; }
static herd from_constant(const herd_1& old) noexcept { return {old.number + 10, 0.5F}; }
herd from_reference(herd_1& old) { return {old.number + 10, 0.5F}; }
namespace { const herd from_movable(herd_1&& old) { return {old.number + 10, 0.5F}; } }
DYMOD_PERSISTENT_FROM(from_value, herd, taken, 1);
DYMOD_PERSISTENT_FROM(from_constant, herd, looked_at, 2);
DYMOD_PERSISTENT_FROM(from_reference, herd, emptied, 3);
DYMOD_PERSISTENT_FROM(from_movable, const herd, moved, 4);
int sheep::ask(int) {
  return taken.number++ + looked_at.number++ + emptied.number++ + moved.number +
         static_cast<int>(100 * (taken.wool + looked_at.wool + emptied.wool + moved.wool));
}
)";
  h.sheep_is(source);
  CHECK(sheep::ask(0) == 250);
  h.sheep_is(source + "int more;");
  CHECK(sheep::ask(0) == 253);
  CHECK(sheep::library.generation() == 3);
  CHECK(h.is_quiet());
}

namespace {

const std::string third_herd = R"(
struct herd_1 { int number; };
struct herd_2 { int number; float wool; };
struct herd { double number; };
static herd from_1(const herd_1& old) { return {old.number + 100.0}; }
static herd from_2(const herd_2& old) { return {old.number + 200.0}; }
DYMOD_PERSISTENT_FROM((from_2, from_1), herd, pasture, 50);
int sheep::ask(int) { return static_cast<int>(++pasture.number); }
)";

}  // namespace

TEST_CASE("persistent: a list of functions, from the first version to the third", "[persistent]") {
  host h;
  h.sheep_is(herd_1);
  CHECK(sheep::ask(0) == 6);
  h.sheep_is(third_herd);
  CHECK(sheep::ask(0) == 107);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: a list of functions, from version to version", "[persistent]") {
  host h;
  h.sheep_is(herd_1);
  CHECK(sheep::ask(0) == 6);
  h.sheep_is(herd_2 +
             "struct herd_1 { int number; };\n"
             "static herd from_1(herd_1 old) { return {old.number, 9.0F}; }\n"
             "DYMOD_PERSISTENT_FROM((from_1), herd, pasture);" +
             uses_herd_2);
  CHECK(sheep::ask(0) == 7);
  h.sheep_is(third_herd);
  CHECK(sheep::ask(0) == 208);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: neither moved nor copied, and taken out of the old object", "[persistent]") {
  host h;
  h.sheep_is(R"(
#include <memory>
struct pen { std::unique_ptr<int> sheep; pen() : sheep(new int(7)) {} pen(const pen&) = delete; };
int sheep::ask(int) { DYMOD_PERSISTENT(pen, all_pens); return ++*all_pens.sheep; }
)");
  CHECK(sheep::ask(0) == 8);
  h.sheep_is(R"(
#include <memory>
struct pen_1 { std::unique_ptr<int> sheep; pen_1() : sheep(new int(7)) {} pen_1(const pen_1&) = delete; };
struct pen {
  int lambs = 2;
  std::unique_ptr<int> sheep;
  explicit pen(pen_1&& old) : sheep(std::move(old.sheep)) {}
  pen() = default;
  pen(const pen&) = delete;
};
static pen rebuild(pen_1&& old) { return pen(std::move(old)); }
int sheep::ask(int) { DYMOD_PERSISTENT_FROM(rebuild, pen, all_pens); return 10 * ++*all_pens.sheep + all_pens.lambs; }
)");
  CHECK(sheep::ask(0) == 92);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: a function from something else is no help", "[persistent]") {
  host h;
  h.sheep_is(herd_1);
  CHECK(sheep::ask(0) == 6);
  h.sheep_is("struct other { short number; };\n" + herd_2 +
             "static herd grow(other old) { return {old.number, 1.0F}; }\n"
             "DYMOD_PERSISTENT_FROM(grow, herd, pasture, 50, 2.0F);" +
             uses_herd_2);
  CHECK(sheep::ask(0) == 51);
  CHECK_THAT(h.warning(begins_anew), contains("'pasture' in 'sheep.cpp' begins anew"));
}

// --- what goes wrong

TEST_CASE("persistent: a constructor that throws is tried again", "[persistent]") {
  host h;
  h.let_do([](int with) {
    ++host::made;
    if (host::made < 3) throw std::string("not yet");
    return with;
  });
  const std::string source = R"(
#include <string>
struct egg { int number; explicit egg(int given) : number(act(given)) {} };
int sheep::ask(int what) {
  try {
    if (what == 0) { DYMOD_PERSISTENT(egg, laid, 7); return ++laid.number; }
    DYMOD_PERSISTENT(int, bought, act(what));
    return ++bought;
  } catch (const std::string&) {
    return -1;
  }
}
)";
  h.sheep_is(source);
  const int what = GENERATE(0, 7);
  host::made = 0;
  CHECK(sheep::ask(what) == -1);
  CHECK(sheep::ask(what) == -1);
  CHECK(sheep::ask(what) == 8);
  h.sheep_is(source + "int more;");
  CHECK(sheep::ask(what) == 9);
  CHECK(host::made == 3);
  CHECK(h.is_quiet());
}

#if !defined(_WIN32)  // linkers for Windows do not let a library have its own
TEST_CASE("persistent: without memory for it the next who comes by tries again", "[persistent]") {
  host h;
  const std::string source = R"(
#include <new>
static bool is_full = false;
struct wool { int number = 7; };
void* operator new(std::size_t size) {
  if (is_full) throw std::bad_alloc();
  return std::malloc(size);
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
int sheep::ask(int what) {
  is_full = what != 0;
  try {
    DYMOD_PERSISTENT(wool, only);
    return only.number++;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
)";
  h.build("sheep", prelude + source, "-Wl,-Bsymbolic");
  CHECK(sheep::ask(1) == -1);
  CHECK(sheep::ask(1) == -1);
  const auto elsewhere = [](int what) {
    int answer = 0;
    std::thread([&] { answer = sheep::ask(what); }).join();
    return answer;
  };
  CHECK(elsewhere(1) == -1);
  CHECK(elsewhere(0) == 7);
  CHECK(sheep::ask(1) == 8);
  h.build("sheep", prelude + source + "int more;", "-Wl,-Bsymbolic");
  CHECK(sheep::ask(1) == 9);
  CHECK(h.is_quiet());
}
#endif

TEST_CASE("persistent: two variables of one name", "[persistent]") {
  host h;
  const std::string source = R"(
int sheep::ask(int what) {
  if (what == 0) { DYMOD_PERSISTENT(int, number, 10); return ++number; }
  DYMOD_PERSISTENT(int, number, 20);
  return ++number;
}
)";
  h.sheep_is(source);
  CHECK(sheep::ask(0) == 11);
  CHECK(h.is_quiet());
  CHECK(sheep::ask(1) == 21);
  CHECK(sheep::ask(1) == 22);
  CHECK(h.warning(there_twice) ==
        "'number' of sheep::ask(int) in 'sheep.cpp' is there twice: this one begins anew in each "
        "generation\n"
        "    give one of the two variables another name");
  h.sheep_is(source + "int more;");
  CHECK(sheep::ask(0) == 12);
  CHECK(sheep::ask(1) == 21);
}

TEST_CASE("persistent: objects that keep the code of an old generation are told of once",
          "[persistent]") {
  const std::vector<std::string> types = {"std::function<int()>",
                                          "std::vector<int (*)()>",
                                          "std::map<int, std::shared_ptr<int>>",
                                          "animal",
                                          "std::vector<animal*>",
                                          "std::unique_ptr<animal>[2]",
                                          "int (animal::*)()",
                                          "std::any",
                                          "std::array<animal, 2>"};
  std::string source =
      "#include <any>\n#include <array>\n#include <functional>\n#include <map>\n#include "
      "<memory>\n#include <vector>\n"
      "struct animal { virtual ~animal() = default; int bleat() { return 1; } };\n";
  for (std::size_t i = 0; i < types.size(); ++i) {
    source += "DYMOD_PERSISTENT((" + types[i] + "), held_" + std::to_string(i) + ");\n";
  }
  host h;
  const auto generation = [&](int number) {
    h.sheep_is(source + "int sheep::ask(int) { return " + std::to_string(number) + "; }\n");
    CHECK(sheep::ask(0) == number);
    return h.told(event_kind::warning);
  };
  CHECK(generation(1).empty());
  CHECK(generation(2).size() == types.size());
  const std::vector<std::string> told = generation(3);
  REQUIRE(told.size() == types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    CAPTURE(types[i]);
    CHECK(h.words(told[i], keeps_code) ==
          "'held_" + std::to_string(i) +
              "' in 'sheep.cpp' keeps the code of generation 1: virtual functions, std::function "
              "and pointers to functions stay what they were\n"
              "    keep plain data in it, and make such objects anew from that");
  }
}

TEST_CASE("persistent: plain data is not told of", "[persistent]") {
  host h;
  const std::string source =
      "#include <map>\n#include <memory>\n#include <optional>\n#include <string>\n"
      "#include <vector>\nstruct animal { int age; int bleat() { return 1; } };\n"
      "DYMOD_PERSISTENT((std::map<std::string, std::vector<std::unique_ptr<animal>>>), "
      "all_of_them);\n"
      "DYMOD_PERSISTENT(std::optional<animal*>, found);\n"
      "int sheep::ask(int what) { static_cast<void>(all_of_them); static_cast<void>(found); return "
      "what; }\n";
  h.sheep_is(source);
  CHECK(sheep::ask(1) == 1);
  h.sheep_is(source + "int more;");
  CHECK(sheep::ask(2) == 2);
  CHECK(h.is_quiet());
}

// --- builds that are refused, unloaded, loaded for the first time

TEST_CASE("persistent: builds that are refused leave it alone", "[persistent]") {
  host h;
  const std::string declaration =
      "#include <dymod/dymod.hpp>\n#include <dymod/persistent.hpp>\n"
      "namespace farm { struct weather; }\n"
      "DYMOD(meadow, (ask, int(int what)), (forecast, farm::weather*(farm::weather* w)))\n";
  const std::string functions =
      "int meadow::ask(int) { return ++all_grass.blades; }\n"
      "farm::weather* meadow::forecast(farm::weather* w) { return w; }\n";
  const std::string first = declaration +
                            "namespace farm { struct weather { int sun; }; }\n"
                            "struct grass { int blades; };\nDYMOD_PERSISTENT(grass, all_grass);\n" +
                            functions;
  h.build("meadow", first);
  CHECK(meadow::ask(0) == 1);
  // Refused for another type of its own, which is seen once the build is open: the constructors of
  // its variables have run.
  const std::string refused =
      declaration +
      "namespace farm { struct weather { long long sun; }; }\nstruct grass_1 { int blades; };\n"
      "struct grass { int blades; int roots; };\n"
      "static grass grow(const grass_1& old) { return {old.blades + 100, 1}; }\n"
      "DYMOD_PERSISTENT_FROM(grow, grass, all_grass);\n" +
      functions;
  h.build("meadow", refused);
  CHECK(meadow::ask(0) == 2);
  CHECK(h.told(event_kind::rejected).size() == 1);
  CHECK(meadow::library.generation() == 1);
  // From the current generation's object, not from that of the refused build.
  h.build("meadow", workshop::replaced(refused, "long long sun", "int sun"));
  CHECK(meadow::ask(0) == 103);
  CHECK(meadow::library.generation() == 2);
  CHECK(h.told(event_kind::warning).empty());
}

TEST_CASE("persistent: generations that are unloaded leave what they made", "[persistent]") {
  host h;
  const std::string source = R"(
#include <map>
#include <string>
DYMOD_PERSISTENT((std::map<std::string, int>), scores);
int sheep::ask(int what) {
  if (what == 1) { DYMOD_PERSISTENT(std::string, rarely, "a"); rarely += "a"; return static_cast<int>(rarely.size()); }
  return ++scores["a name that is too long to be kept inside of the string itself"];
}
)";
  h.sheep_is(source);
  CHECK(sheep::ask(0) == 1);
  CHECK(sheep::ask(1) == 2);
  for (int generation = 2; generation < 5; ++generation) {
    h.sheep_is(source + "int more" + std::to_string(generation) + ";");
    CHECK(sheep::ask(0) == generation);
    const bool unloads = sheep::library.unload_old() == 1;
    CHECK((unloads || workshop::on_windows));
  }
  CHECK(sheep::ask(1) == 3);  // no generation that is still loaded has come by it
  CHECK(h.told(event_kind::rejected).empty());
}

TEST_CASE("persistent: a first load that fails leaves nothing to be found", "[persistent]") {
  host h;
  // Refused for what is seen once the build is open.
  const std::string source = prelude + R"(
namespace farm { struct fence; }
DYMOD(grass, (ask, int(int what)), (mend, void(farm::fence* f)))
namespace farm { struct fence { double posts; }; }
DYMOD_PERSISTENT(int, calls, act(1));
int grass::ask(int) { return ++calls; }
void grass::mend(farm::fence*) {}
)";
  h.build("grass", source);
  CHECK_THROWS_WITH(grass::ask(0), contains("layout changed"));
  CHECK(host::made == 1);
  h.build("grass", workshop::replaced(source, "double posts", "int posts"));
  CHECK(grass::ask(0) == 3);
  CHECK(host::made == 2);
  CHECK(h.is_quiet());
}

// --- threads, and a constructor that calls back

namespace {

std::atomic<int> constructors_begun{0};
std::atomic<bool> constructors_may_end{false};

const std::string slow_source = R"(
struct slow { int number; slow() : number(act(5)) {} };
int sheep::ask(int what) {
  if (what == 0) return 0;
  DYMOD_PERSISTENT(slow, one);
  return one.number;
}
)";

}  // namespace

TEST_CASE("persistent: two generations on two threads, one object", "[persistent]") {
  host h;
  constructors_begun = 0;
  constructors_may_end = false;
  h.let_do([](int with) {
    ++constructors_begun;
    while (!constructors_may_end) std::this_thread::yield();
    return with;
  });
  h.sheep_is(slow_source);
  CHECK(sheep::ask(0) == 0);
  std::atomic<int> first{0};
  std::atomic<int> second{0};
  std::thread one([&] { first = sheep::ask(1); });
  while (constructors_begun == 0) std::this_thread::yield();
  h.sheep_is(slow_source + "int more;");
  CHECK(sheep::ask(0) == 0);
  CHECK(sheep::library.generation() == 2);
  std::atomic<bool> about_to_ask{false};
  std::thread other([&] {
    about_to_ask = true;
    second = sheep::ask(1);
  });
  while (!about_to_ask) std::this_thread::yield();
  for (int i = 0; i < 10000; ++i) std::this_thread::yield();  // for it to make one of its own
  constructors_may_end = true;
  one.join();
  other.join();
  CHECK(first == 5);
  CHECK(second == 5);
  CHECK(constructors_begun == 1);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: many threads come by it first, in generation after generation",
          "[persistent]") {
  host h;
  h.let_do([](int with) { return ++host::made + with - 1; });
  const std::string source = R"(
#include <atomic>
struct counter { std::atomic<int> number; counter() : number(act(0)) {} };
int sheep::ask(int what) {
  if (what == 0) { DYMOD_PERSISTENT(counter, first); return ++first.number; }
  if (what == 1) { DYMOD_PERSISTENT(counter, second); return ++second.number; }
  DYMOD_PERSISTENT(counter, third);
  return ++third.number;
}
)";
  constexpr int threads = 4;
  int asked = 0;
  for (int generation = 0; generation < 4; ++generation) {
    h.sheep_is(source + "int more" + std::to_string(generation) + ";");
    CHECK((generation == 0 || sheep::reload()));
    std::atomic<int> ready{0};
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        ++ready;
        while (ready < threads) std::this_thread::yield();
        for (int what = 0; what < 3; ++what) sheep::ask(what);
      });
    }
    for (std::thread& each : all) each.join();
    asked += threads;
  }
  CHECK(sheep::ask(0) + sheep::ask(1) + sheep::ask(2) == 3 * (asked + 1) + 0 + 1 + 2);
  CHECK(host::made == 3);
  CHECK(h.is_quiet());
}

TEST_CASE("persistent: a constructor may call the next generation", "[persistent]") {
  static host* here = nullptr;
  host h;
  here = &h;
  h.let_do([](int with) {
    if (++host::made == 1) {
      here->sheep_is(slow_source + "int more;");
      return sheep::reload() ? 10 * sheep::ask(1) : -1;
    }
    return with;
  });
  h.sheep_is(slow_source);
  CHECK(sheep::ask(0) == 0);
  CHECK(sheep::ask(1) == 50);
  CHECK(sheep::library.generation() == 2);
  CHECK(sheep::ask(1) == 5);  // one of its own
  CHECK(host::made == 2);
  h.sheep_is(slow_source + "int still_more;");
  CHECK(sheep::ask(1) == 50);
  CHECK(h.is_quiet());
}

// --- in the program itself

namespace {
DYMOD_PERSISTENT(std::vector<std::string>, of_the_program, "a", "b");
struct first_kind {
  int number;
};
int from_first_kind(first_kind old) { return old.number; }
}  // namespace

TEST_CASE("persistent: in the program it is a variable like any other", "[persistent]") {
  CHECK(of_the_program.size() == 2);
  for (int i = 1; i < 4; ++i) {
    DYMOD_PERSISTENT_FROM(from_first_kind, int, calls, i - 1);
    CHECK(++calls == i);
  }
  DYMOD_PERSISTENT(const char*, word, "wool");
  CHECK(std::string(word) == "wool");
}
