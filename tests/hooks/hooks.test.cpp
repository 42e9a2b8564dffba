// SPDX-License-Identifier: MIT

// What a program has run around its reloads, and generations that it unloads. The modules are
// opened by the test's own process, built with the sanitizer that the test itself is built with.

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dymod/detail/reload/runtime.hpp>
#include <dymod/dymod.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

// clang-format off
namespace farm {
struct fence { int posts; };
struct weather;  // only modules know more
}  // namespace farm
DYMOD(sheep, (answer, int()), (ask, int()), (itself, auto() -> int (*)()))
DYMOD(wolf, (answer, int()), (ask, int()))
DYMOD(cat, (answer, int()))
DYMOD(meadow, (answer, int()), (forecast, farm::weather*(farm::weather* w)),
      (mend, void(farm::fence& f)))
// clang-format on

namespace {

using dymod::event_kind;
using dymod::detail::os::native;

const std::string can_be_unloaded = DYMOD_TEST_COMPILER_IS_GNU ? " -fno-gnu-unique " : " ";

// MinGW's libraries look as if all had thread-local objects.
const std::string open_elsewhere =
    workshop::on_windows ? "" : "something else in the program has it open";

// What modules note, in order.
std::mutex notes_lock;
std::string notes;

void note(const char* words) {
  const std::lock_guard<std::mutex> held(notes_lock);
  notes += words;
}

std::string take_notes() {
  const std::lock_guard<std::mutex> held(notes_lock);
  return std::exchange(notes, "");
}

const std::map<std::string, std::string> declarations = {
    {"sheep", "DYMOD(sheep, (answer, int()), (ask, int()), (itself, auto() -> int (*)()))\n"},
    {"wolf", "DYMOD(wolf, (answer, int()), (ask, int()))\n"},
    {"cat", "DYMOD(cat, (answer, int()))\n"},
    {"meadow",
     "namespace farm { struct fence { int posts; }; struct weather; }\n"
     "DYMOD(meadow, (answer, int()), (forecast, farm::weather*(farm::weather* w)), "
     "(mend, void(farm::fence& f)))\n"},
};

// number() is what a build answers. The test's functions are found by their addresses: the program
// does not export them.
const std::string prelude = workshop::number_function + std::string(R"(
#include <cstdlib>
#include <cstdio>
static void note(const char* words) {
  const unsigned long long at = std::strtoull(std::getenv("DYMOD_TEST_NOTE"), nullptr, 10);
  reinterpret_cast<void (*)(const char*)>(at)(words);
}
static void note_number(const char* words) {
  char line[64];
  std::snprintf(line, sizeof line, "%s %d, ", words, number());
  note(line);
}
static void do_it() {
  const unsigned long long at = std::strtoull(std::getenv("DYMOD_TEST_ACT"), nullptr, 10);
  reinterpret_cast<void (*)()>(at)();
}
)");

const std::string answers_number = "{ return number(); }\n";

// `others`: modules that it calls. `more`: stands before its functions. `asked`: what ask() does.
std::string source(const std::string& name, const std::string& others, const std::string& more,
                   const std::string& asked) {
  std::string text = "#include <dymod/dymod.hpp>\n" + declarations.at(name);
  for (const auto& each : declarations) {
    if (others.find(each.first) != std::string::npos) text += each.second;
  }
  text += prelude + more + "int " + name + "::answer() " + answers_number;
  if (name == "sheep") text += "int (*sheep::itself())() { return &sheep::ask; }\n";
  if (name == "sheep" || name == "wolf") text += "int " + name + "::ask() " + asked + "\n";
  if (name == "meadow") {
    text +=
        "farm::weather* meadow::forecast(farm::weather* w) { return w; }\n"
        "void meadow::mend(farm::fence&) {}\n";
  }
  return text;
}

struct heard_event {
  event_kind kind;
  std::string module_name;
  std::string message;
};

// What one module is built from.
struct recipe {
  std::string others = "";
  std::string more = "";
  std::string asked = answers_number;
  std::string flags = "";
  std::vector<std::pair<std::string, std::string>> edits = {};
};

class host {
 public:
  host() {
    before_ = dymod::set_event_handler(
        [](const dymod::event& news, void* user) {
          host& self = *static_cast<host*>(user);
          const std::lock_guard<std::mutex> held(self.events_lock_);
          self.events_.push_back({news.kind, dymod::detail::module_of(news), news.message});
        },
        this);
    workshop::set_environment("DYMOD_TEST_NOTE", address_of(&note));
    static_cast<void>(take_notes());
  }
  ~host() {
    for (dymod::hook& each : hooks_) each.remove();
    dymod::set_event_handler(before_.function, before_.user);
  }
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Removes the hook at the end of the test.
  dymod::hook keep(dymod::hook added) {
    hooks_.push_back(added);
    return added;
  }

  /// Has a module answer with a number. Each recipe is compiled once.
  void put(const std::string& name, int number, const recipe& from = {}) {
    workshop::write_file("next", made(name, number, from));
    workshop::put_in_place("next", folder_ / workshop::library_name(name));
  }

  /// The bytes of such a build.
  std::string made(const std::string& name, int number, const recipe& from = {}) {
    std::string text = source(name, from.others, from.more, from.asked);
    for (const auto& each : from.edits) text = workshop::replaced(text, each.first, each.second);
    std::string& library = compiled_[name + from.flags + text];
    if (library.empty()) {
      workshop::build_module(
          name, text, folder_ / "base",
          workshop::sanitizer() + (from.flags.empty() ? can_be_unloaded : from.flags));
      library = workshop::read_file("base");
    }
    return workshop::numbered(library, number);
  }

  /// What do_it() in modules does.
  static void let_do(void (*act)()) {
    workshop::set_environment("DYMOD_TEST_ACT", address_of(act));
  }

  std::vector<std::string> told(event_kind kind) {
    const std::lock_guard<std::mutex> held(events_lock_);
    std::vector<std::string> found;
    for (const heard_event& each : events_) {
      if (each.kind == kind) found.push_back(each.module_name + ": " + each.message);
    }
    return found;
  }

  /// Names of the copies of a module that are on disk.
  std::vector<std::string> copies(const std::string& name) const {
    std::vector<std::string> found;
    for (const std::string& each : workshop::names_in(folder_ / "")) {
      if (each.find(workshop::library_name(name) + ".dymod-") == 0) found.push_back(each);
    }
    return found;
  }

  /// How many of those are in memory.
  unsigned mapped(const std::string& name) const {
    const std::vector<std::string> all = workshop::binaries_in_memory();
    unsigned found = 0;
    for (const std::string& each : copies(name)) {
      found += std::find(all.begin(), all.end(), each) != all.end();
    }
    return found;
  }

  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  template <class Function> static std::string address_of(Function* function) {
    return std::to_string(reinterpret_cast<unsigned long long>(function));
  }

  workshop::current_folder folder_;
  std::map<std::string, std::string> compiled_;
  std::vector<dymod::hook> hooks_;
  std::mutex events_lock_;
  std::vector<heard_event> events_;
  dymod::event_handler before_;
};

// How many images of a module's copies the system has, whether the files are there or not.
unsigned images_in_memory(const std::string& name) {
  const std::vector<std::string> all = workshop::binaries_in_memory();
  const std::string head = workshop::library_name(name) + ".dymod-";
  return static_cast<unsigned>(std::count_if(
      all.begin(), all.end(), [&](const std::string& each) { return each.find(head) == 0; }));
}

// Counts what becomes of an object that a hook has captured.
class captured {
 public:
  explicit captured(std::atomic<int>& destroyed) : destroyed_(destroyed) {}
  ~captured() { ++destroyed_; }
  captured(const captured&) = delete;
  captured& operator=(const captured&) = delete;

 private:
  std::atomic<int>& destroyed_;
};

// How many hooks dymod has, and how many of them were removed and still run.
struct listed {
  int hooks = 0;
  int removed = 0;
};
listed hooks_listed() {
  dymod::detail::registry& known = dymod::detail::process_registry();
  listed found;
  if (!known.lock.enter<dymod::detail::os::native>()) return found;
  for (const auto* each = known.hooks; each != nullptr; each = each->next) {
    ++found.hooks;
    found.removed += each->removed;
  }
  known.lock.leave<dymod::detail::os::native>();
  return found;
}
bool removal_waits() { return hooks_listed().removed > 0; }

// A source whose static constructor registers hooks of the module itself.
const recipe hooks_itself = {
    "",
    "static const bool registered = (sheep::library.before_reload([] { note_number(\"before\"); "
    "}), "
    "sheep::library.after_reload([] { note_number(\"after\"); }), true);\n"};

}  // namespace

// --- hooks: when, and in which order

TEST_CASE("hooks: before runs the old code, after the new, each in the order of registration",
          "[hooks]") {
  host h;
  std::string seen;
  const auto seeing = [&](const char* name) {
    return [&seen, name] {
      seen += name + std::to_string(sheep::answer()) + "/" +
              std::to_string(sheep::library.generation()) + " ";
    };
  };
  h.keep(sheep::library.after_reload(seeing("a")));  // before the first load
  h.keep(sheep::library.before_reload(seeing("b")));
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  CHECK(seen.empty());
  h.keep(sheep::library.before_reload(seeing("c")));
  h.keep(sheep::library.after_reload(seeing("d")));
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(seen == "b1/1 c1/1 a2/2 d2/2 ");
  h.put("sheep", 3);
  CHECK(sheep::reload());
  CHECK(seen == "b1/1 c1/1 a2/2 d2/2 b2/2 c2/2 a3/3 d3/3 ");
  seen.clear();
  CHECK_FALSE(sheep::reload());
  CHECK_FALSE(dymod::reload_all());
  CHECK(seen.empty());
}

TEST_CASE("hooks: with the first build that is refused none run, with the next all do", "[hooks]") {
  host h;
  std::string seen;
  h.keep(sheep::library.before_reload([&] { seen += "before "; }));
  h.keep(sheep::library.after_reload([&] { seen += "after "; }));
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  workshop::write_file(workshop::library_name("sheep"), "garbage");
  CHECK(sheep::answer() == 1);
  CHECK_FALSE(sheep::reload());
  CHECK(seen.empty());
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(seen == "before after ");
}

TEST_CASE("hooks: several modules: all before, then all new, then all after", "[hooks]") {
  host h;
  std::vector<std::string> seen;
  const auto seeing = [&](const char* name) {
    return [&seen, name] {
      seen.push_back(name + std::to_string(sheep::answer()) + std::to_string(wolf::answer()));
    };
  };
  h.put("sheep", 1);
  h.put("wolf", 1);
  REQUIRE(sheep::answer() + wolf::answer() == 2);
  h.keep(wolf::library.after_reload(seeing("after wolf ")));
  h.keep(sheep::library.after_reload(seeing("after sheep ")));
  h.keep(sheep::library.before_reload(seeing("before sheep ")));
  h.keep(wolf::library.before_reload(seeing("before wolf ")));
  h.put("sheep", 2);
  h.put("wolf", 2);
  CHECK(dymod::reload_all());
  // In the order of their registration, whatever the modules.
  CHECK(seen == std::vector<std::string>{"before sheep 11", "before wolf 11", "after wolf 22",
                                         "after sheep 22"});
  seen.clear();
  h.put("wolf", 3);
  CHECK(dymod::reload_all());
  CHECK(seen == std::vector<std::string>{"before wolf 22", "after wolf 23"});
}

TEST_CASE("hooks: one that registers another has it run the next time", "[hooks]") {
  host h;
  std::string seen;
  bool first = true;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.keep(sheep::library.before_reload([&] {
    seen += "outer-before ";
    if (first) h.keep(sheep::library.before_reload([&] { seen += "inner-before "; }));
  }));
  h.keep(sheep::library.after_reload([&] {
    seen += "outer-after ";
    if (std::exchange(first, false)) {
      h.keep(sheep::library.after_reload([&] { seen += "inner-after "; }));
    }
  }));
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(seen == "outer-before outer-after ");
  seen.clear();
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  CHECK(seen == "outer-before inner-before outer-after inner-after ");
}

TEST_CASE("hooks: one of a module that registers another does not have it run at once", "[hooks]") {
  host h;
  const recipe registering{
      "",
      "static void inner() { note_number(\"inner\"); }\n"
      "static const bool registered = (sheep::library.before_reload([] { note_number(\"before\"); "
      "sheep::library.before_reload(&inner); sheep::library.after_reload(&inner); }), "
      "sheep::library.after_reload([] { note_number(\"after\"); "
      "sheep::library.after_reload(&inner); }), true);\n"};
  for (int version = 1; version < 4; ++version) {
    h.put("sheep", version, registering);
    REQUIRE(sheep::answer() == version);
  }
  CHECK(take_notes() == "before 1, after 2, before 2, after 3, ");
}

// --- hooks: removing

TEST_CASE("hooks: a handle removes its hook, once or twice, as do its copies", "[hooks]") {
  host h;
  std::string seen;
  std::atomic<int> destroyed{0};
  const auto adding = [&](const char* name) {
    return sheep::library.before_reload(
        [&seen, name, object = std::make_unique<captured>(destroyed)] { seen += name; });
  };
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  dymod::hook none;
  none.remove();
  dymod::hook a = adding("a");
  dymod::hook b = adding("b");
  dymod::hook c = adding("c");
  h.keep(a);
  h.keep(c);
  CHECK(destroyed == 0);
  b.remove();
  CHECK(destroyed == 1);
  b.remove();
  none.remove();
  CHECK(destroyed == 1);
  dymod::hook copy = c;
  copy.remove();
  CHECK(destroyed == 2);
  c.remove();
  CHECK(destroyed == 2);
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(seen == "a");
  none = a;
  none.remove();
  CHECK(destroyed == 3);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  CHECK(seen == "a");
}

TEST_CASE("hooks: one that removes itself runs to its end and is destroyed then", "[hooks]") {
  host h;
  std::atomic<int> destroyed{0};
  int runs = 0;
  int destroyed_inside = 0;
  dymod::hook self;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  const auto remover = [&, object = std::make_shared<captured>(destroyed)] {
    ++runs;
    self.remove();
    self.remove();
    destroyed_inside += destroyed;
  };
  SECTION("before") { self = sheep::library.before_reload(std::move(remover)); }
  SECTION("after") { self = sheep::library.after_reload(std::move(remover)); }
  const int of_others = destroyed;
  const int version = static_cast<int>(sheep::library.generation()) + 1;
  h.put("sheep", 100 + version);
  CHECK(sheep::answer() == 100 + version);
  h.put("sheep", 200 + version);
  CHECK(sheep::answer() == 200 + version);
  CHECK(runs == 1);
  CHECK(destroyed_inside == of_others);
}

TEST_CASE("hooks: what a hook has captured is destroyed once, after its last run", "[hooks]") {
  host h;
  std::atomic<int> destroyed{0};
  int destroyed_inside = 0;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  dymod::hook other = h.keep(sheep::library.before_reload([] {}));
  dymod::hook self;
  self = h.keep(sheep::library.after_reload([&, object = std::make_unique<captured>(destroyed)] {
    self.remove();
    other.remove();
    destroyed_inside = destroyed;
  }));
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(destroyed_inside == 0);
  CHECK(destroyed == 1);
  self.remove();
  CHECK(destroyed == 1);
}

TEST_CASE("hooks: one removes another, which has run or is still to run", "[hooks]") {
  host h;
  std::string seen;
  std::atomic<int> destroyed{0};
  std::vector<int> destroyed_then;
  dymod::hook earlier;
  dymod::hook later;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  const auto adding = [&](const char* name) {
    return h.keep(sheep::library.before_reload(
        [&seen, name, object = std::make_unique<captured>(destroyed)] { seen += name; }));
  };
  earlier = adding("earlier ");
  h.keep(sheep::library.before_reload([&] {
    seen += "remover ";
    earlier.remove();
    destroyed_then.push_back(destroyed);
    later.remove();
    destroyed_then.push_back(destroyed);
  }));
  later = adding("later ");
  h.keep(sheep::library.before_reload([&] { seen += "last "; }));
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(seen == "earlier remover last ");
  CHECK(destroyed_then == std::vector<int>{1, 2});
}

TEST_CASE("hooks: who removes a hook that runs on another thread waits for its end",
          "[hooks][threads]") {
  host h;
  std::atomic<int> destroyed{0};
  std::atomic<bool> inside{false};
  std::atomic<bool> at_the_end{false};
  std::atomic<int> destroyed_then{0};
  std::atomic<bool> was_at_the_end{false};
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  dymod::hook slow =
      h.keep(sheep::library.before_reload([&, object = std::make_unique<captured>(destroyed)] {
        inside = true;
        workshop::wait_until(&removal_waits);
        destroyed_then += 10 * destroyed;
        at_the_end = true;
      }));
  std::thread remover([&] {
    workshop::wait_until([&] { return inside.load(); });
    slow.remove();
    was_at_the_end = at_the_end.load();
    destroyed_then += destroyed;
  });
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  remover.join();
  CHECK(was_at_the_end);
  CHECK(destroyed_then == 1);
  CHECK(destroyed == 1);
}

TEST_CASE("hooks: who removes a hook waits until what it captured is destroyed",
          "[hooks][threads]") {
  host h;
  // Takes its time, and looks whether anybody takes it for gone meanwhile.
  struct slowly_destroyed {
    std::atomic<bool>& begun;
    std::atomic<bool>& returned;
    std::atomic<bool>& too_early;
    ~slowly_destroyed() {
      begun = true;
      const std::clock_t end = std::clock() + CLOCKS_PER_SEC / 10;
      while (std::clock() < end && !returned) std::this_thread::yield();
      too_early = returned.load();
    }
  };
  std::atomic<bool> inside{false};
  std::atomic<bool> begun{false};
  std::atomic<bool> returned{false};
  std::atomic<bool> too_early{true};
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  std::unique_ptr<slowly_destroyed> object(new slowly_destroyed{begun, returned, too_early});
  SECTION("the hook runs when it is removed") {
    dymod::hook slow = sheep::library.before_reload([&, object = std::move(object)] {
      inside = true;
      workshop::wait_until(&removal_waits);
    });
    std::thread remover([&] {
      workshop::wait_until([&] { return inside.load(); });
      slow.remove();
      returned = true;
    });
    const int version = static_cast<int>(sheep::library.generation()) + 100;
    h.put("sheep", version);
    CHECK(sheep::answer() == version);
    remover.join();
  }
  SECTION("two threads remove it") {
    dymod::hook idle = sheep::library.before_reload([object = std::move(object)] {});
    std::thread remover([&] { idle.remove(); });
    workshop::wait_until([&] { return begun.load(); });
    idle.remove();
    returned = true;
    remover.join();
  }
  CHECK_FALSE(too_early);
}

// --- hooks: what may be done inside

TEST_CASE("hooks: no reload starts inside one, and what waits is taken at the next call",
          "[hooks]") {
  host h;
  h.put("sheep", 1);
  h.put("wolf", 1);
  REQUIRE(sheep::answer() + wolf::answer() == 2);
  const bool before = GENERATE(true, false);
  const int base = before ? 0 : 10;
  if (!before) {
    h.put("sheep", base + 1);
    h.put("wolf", base + 1);
    REQUIRE(sheep::answer() + wolf::answer() == 2 * base + 2);
  }
  std::vector<int> answers;
  int reloads = 0;
  int runs = 0;
  const auto inside = [&] {
    if (runs++ > 0) return;
    h.put("sheep", base + 3);
    h.put("wolf", base + 2);
    answers.push_back(sheep::answer() - base);
    answers.push_back(wolf::answer() - base);
    reloads += sheep::reload() + wolf::reload() + dymod::reload_all();
    answers.push_back(sheep::answer() - base);
    answers.push_back(wolf::answer() - base);
    answers.push_back(static_cast<int>(sheep::library.unload_old()));
  };
  h.keep(before ? sheep::library.before_reload(inside) : sheep::library.after_reload(inside));
  h.put("sheep", base + 2);
  const int current = before ? 1 : 2;
  CHECK(sheep::answer() == base + 2);
  CHECK(runs == 1);
  CHECK(answers == std::vector<int>{current, 1, current, 1, 0});
  CHECK(reloads == 0);
  CHECK(wolf::answer() == base + 2);
  CHECK(sheep::answer() == base + 3);
  CHECK(runs == 2);
}

TEST_CASE("hooks: while one runs, other threads go on and are not held up", "[hooks][threads]") {
  host h;
  h.put("sheep", 1);
  h.put("wolf", 1);
  REQUIRE(sheep::answer() + wolf::answer() == 2);
  std::vector<int> answers;
  bool first = true;
  const auto inside = [&] {
    if (first) {
      h.put("sheep", 3);  // nobody takes it now
      h.put("wolf", 2);
    }
    first = false;
    std::thread caller([&] {
      for (int i = 0; i < 50; ++i) {
        answers.push_back(sheep::answer());
        answers.push_back(wolf::answer());
      }
    });
    caller.join();
  };
  dymod::hook before = h.keep(sheep::library.before_reload(inside));
  dymod::hook after = h.keep(sheep::library.after_reload(inside));
  h.put("sheep", 2);
  CHECK(sheep::reload());
  before.remove();
  after.remove();
  REQUIRE(answers.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) {
    const int of_sheep = i < 100 ? 1 : 2;
    REQUIRE(answers[i] == (i % 2 == 0 ? of_sheep : 1));
  }
  CHECK(sheep::answer() == 3);
  CHECK(wolf::answer() == 2);
}

TEST_CASE("hooks: reload() on another thread waits for the end of a hook", "[hooks][threads]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  std::atomic<bool> hooks_over{false};
  std::atomic<bool> asked{false};
  std::atomic<bool> came_after{false};
  std::atomic<bool> reloaded{false};
  std::thread other;
  bool first = true;
  h.keep(sheep::library.before_reload([&] {
    if (!std::exchange(first, false)) return;
    h.put("sheep", 3);
    other = std::thread([&] {
      asked = true;
      reloaded = sheep::reload();
      came_after = hooks_over.load();
    });
    workshop::wait_until([&] { return asked.load(); });
  }));
  bool first_after = true;
  h.keep(sheep::library.after_reload([&] {
    if (std::exchange(first_after, false)) hooks_over = true;
  }));
  h.put("sheep", 2);
  CHECK(sheep::reload());
  other.join();
  CHECK(came_after);
  CHECK(sheep::answer() == 3);
  CHECK(sheep::library.generation() == 3);
  CHECK(reloaded);
}

TEST_CASE("hooks: one may load another module for the first time", "[hooks]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("wolf", 7);
  h.put("cat", 8);
  std::string seen;
  h.keep(sheep::library.before_reload([&] {
    seen += "before " + std::to_string(sheep::answer()) + std::to_string(wolf::answer()) +
            std::to_string(sheep::answer()) + " ";
  }));
  h.keep(sheep::library.before_reload(
      [&] { seen += "then " + std::to_string(sheep::answer()) + " "; }));
  h.keep(sheep::library.after_reload([&] {
    seen += "after " + std::to_string(sheep::answer()) + std::to_string(cat::answer()) + " ";
  }));
  h.keep(sheep::library.after_reload(
      [&] { seen += "then " + std::to_string(sheep::answer()) + " "; }));
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(seen == "before 171 then 1 after 28 then 2 ");
  CHECK(sheep::library.generation() == 2);
  CHECK(h.told(event_kind::loaded).size() == 3);
  CHECK(h.told(event_kind::reloaded).size() == 1);
  seen.clear();
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  CHECK(seen == "before 272 then 2 after 38 then 3 ");
}

TEST_CASE("hooks: while one runs, another thread may load another module, and call this one",
          "[hooks][threads]") {
  host h;
  h.put("sheep", 1);
  // A binary of its own, which calls sheep for the first time while the hook runs.
  h.put("wolf", 7, {"sheep", "", "{ return sheep::answer() * 10 + number(); }"});
  REQUIRE(sheep::answer() == 1);
  std::string seen;
  const auto on_another_thread = [](int (*function)()) {
    int answer = 0;
    std::thread other([&] { answer = function(); });
    other.join();
    return std::to_string(answer) + " ";
  };
  h.keep(sheep::library.before_reload(
      [&] { seen += on_another_thread(&wolf::ask) + on_another_thread(&sheep::answer); }));
  h.keep(sheep::library.before_reload([&] { seen += "then "; }));
  h.put("cat", 8);
  h.keep(sheep::library.after_reload(
      [&] { seen += on_another_thread(&cat::answer) + on_another_thread(&wolf::ask); }));
  h.keep(sheep::library.after_reload([&] { seen += "then "; }));
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(seen == "17 1 then 8 27 then ");
  CHECK(wolf::ask() == 27);
  CHECK(sheep::library.generation() == 2);
}

TEST_CASE("hooks: an event handler adds and removes them", "[hooks]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  struct ears {
    dymod::hook old;
    dymod::hook added;
    int runs = 0;
    int old_runs = 0;
  } ears;
  ears.old = h.keep(sheep::library.before_reload([&] { ++ears.old_runs; }));
  const dymod::event_handler before = dymod::set_event_handler(
      [](const dymod::event& news, void* user) {
        auto& own = *static_cast<struct ears*>(user);
        own.old.remove();
        own.added.remove();
        if (news.generation < 4) {
          own.added = sheep::library.after_reload([&own] { ++own.runs; });
        }
      },
      &ears);
  for (int version = 2; version < 7; ++version) {
    h.put("sheep", version);
    CHECK(sheep::answer() == version);
  }
  dymod::set_event_handler(before.function, before.user);
  CHECK(ears.old_runs == 1);
  CHECK(ears.runs == 2);  // in the reloads to 3 and 4
}

// --- hooks: of all kinds

namespace {
int counted_runs = 0;
void count_run() { ++counted_runs; }
struct counter {
  int* runs;
  int step;
  void operator()() { *runs += step++; }
};
}  // namespace

TEST_CASE("hooks: anything will do that can be called without arguments", "[hooks]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  int moved = 0;
  int changed = 0;
  int stepped = 0;
  int wrapped = 0;
  const counter constant_counter{&stepped, 1};
  const std::function<void()> wrapper = [&] { ++wrapped; };
  h.keep(sheep::library.before_reload([&moved, one = std::make_unique<int>(1)] { moved += *one; }));
  h.keep(sheep::library.before_reload([&changed, n = 0]() mutable { changed = ++n; }));
  h.keep(sheep::library.before_reload(&count_run));
  h.keep(sheep::library.after_reload(count_run));
  h.keep(sheep::library.after_reload(constant_counter));
  h.keep(sheep::library.after_reload(wrapper));
  h.keep(sheep::library.after_reload([&] { return wrapped; }));  // its result is nobody's
  counted_runs = 0;
  for (int version = 2; version < 5; ++version) {
    h.put("sheep", version);
    REQUIRE(sheep::answer() == version);
  }
  CHECK(moved == 3);
  CHECK(changed == 3);
  CHECK(counted_runs == 6);
  CHECK(stepped == 1 + 2 + 3);
  CHECK(wrapped == 3);
}

TEST_CASE("hooks: a module's function is always the newest, its address that of one generation",
          "[hooks]") {
  host h;
  const recipe noting{"", "", "{ note_number(\"ask\"); return 0; }"};
  h.put("sheep", 1, noting);
  h.keep(sheep::library.before_reload(sheep::ask));
  h.keep(sheep::library.after_reload(sheep::ask));
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2, noting);
  CHECK(sheep::answer() == 2);
  CHECK(take_notes() == "ask 1, ask 2, ");
  h.keep(sheep::library.before_reload(sheep::itself()));
  h.keep(sheep::library.after_reload(sheep::itself()));  // gone before it would run
  h.put("sheep", 3, noting);
  CHECK(sheep::answer() == 3);
  CHECK(take_notes() == "ask 2, ask 2, ask 3, ");
  h.put("sheep", 4, noting);
  CHECK(sheep::answer() == 4);
  CHECK(take_notes() == "ask 3, ask 4, ");
}

// --- hooks: of modules

TEST_CASE("hooks: a module's own do not pile up over its reloads", "[hooks]") {
  host h;
  h.put("sheep", 1, hooks_itself);
  REQUIRE(sheep::answer() == 1);
  CHECK(take_notes().empty());
  for (int version = 2; version < 22; ++version) {
    h.put("sheep", version, hooks_itself);
    REQUIRE(sheep::answer() == version);
    CHECK(take_notes() ==
          "before " + std::to_string(version - 1) + ", after " + std::to_string(version) + ", ");
  }
  CHECK(hooks_listed().hooks == 2);
  h.put("sheep", 22);
  REQUIRE(sheep::answer() == 22);
  CHECK(take_notes() == "before 21, ");
  h.put("sheep", 23);
  REQUIRE(sheep::answer() == 23);
  CHECK(take_notes().empty());
}

TEST_CASE("hooks: those of a module on another do not pile up, and none is lost", "[hooks]") {
  host h;
  const recipe watching{
      "sheep",
      "static const bool registered = (sheep::library.before_reload([] { note_number(\"before\"); "
      "}), sheep::library.after_reload([] { note_number(\"after\"); }), true);\n",
      "{ return sheep::answer(); }"};
  h.put("sheep", 1);
  h.put("wolf", 1, watching);
  REQUIRE(sheep::answer() == 1);
  REQUIRE(wolf::answer() == 1);
  int version = 1;
  SECTION("of one that calls it") { REQUIRE(wolf::ask() == 1); }
  SECTION("of one that has never called it") {}
  for (version = 2; version < 7; ++version) {
    h.put("wolf", version, watching);
    REQUIRE(wolf::answer() == version);
  }
  CHECK(take_notes().empty());
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(take_notes() == "before 6, after 6, ");
  CHECK(wolf::ask() == 2);
  h.put("sheep", 1);
  CHECK(sheep::answer() == 1);
  CHECK(take_notes() == "before 6, after 6, ");
  h.put("wolf", 1);
  CHECK(wolf::answer() == 1);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  CHECK(take_notes().empty());
}

TEST_CASE("hooks: one that a module registers with code of the program goes with the module",
          "[hooks]") {
  host h;
  static int runs = 0;
  host::let_do([] { ++runs; });
  const std::string function =
      "reinterpret_cast<void (*)()>(std::strtoull(std::getenv(\"DYMOD_TEST_ACT\"), nullptr, 10))";
  const recipe handing_on{"sheep", "",
                          "{ sheep::library.after_reload(" + function +
                              "); wolf::library.before_reload(" + function + "); return 0; }"};
  h.put("sheep", 1);
  h.put("wolf", 1, handing_on);
  REQUIRE(sheep::answer() == 1);
  REQUIRE(wolf::ask() == 0);
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(runs == 1);
  h.put("wolf", 2, handing_on);
  CHECK(wolf::answer() == 2);
  CHECK(runs == 2);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  CHECK(runs == 2);
  CHECK(wolf::library.unload_old() == 1);
  h.put("wolf", 3, handing_on);
  CHECK(wolf::answer() == 3);
  CHECK(runs == 2);
}

namespace {

// A module that completes, behind its DYMOD, a type of which the host knows the name.
recipe forecasting(const std::string& fields, bool takes_care = false) {
  recipe made;
  made.more =
      "namespace farm { struct weather { " + fields +
      " }; }\n"
      "static const bool registered = (note_number(\"made\"), " +
      (takes_care ? "meadow::library.before_reload([] { note_number(\"before\"); }), " : "") +
      "meadow::library.after_reload([] { note_number(\"after\"); }), true);\n";
  return made;
}

}  // namespace

TEST_CASE("hooks: those of a build refused after it was opened run once it is published",
          "[hooks][failure]") {
  host h;
  h.put("meadow", 1, forecasting("float rain;"));
  REQUIRE(meadow::answer() == 1);
  CHECK(take_notes() == "made 1, ");
  h.put("meadow", 2, forecasting("double rain;", true));
  CHECK(meadow::answer() == 1);
  REQUIRE(h.told(event_kind::rejected).size() == 1);
  CHECK(take_notes() == "made 2, ");
  h.put("meadow", 3, forecasting("float rain;"));
  CHECK(meadow::answer() == 3);
  CHECK(take_notes() == "made 3, after 3, ");
  h.keep(meadow::library.before_reload([] { note("care, "); }));
  h.put("meadow", 2, forecasting("double rain;", true));
  CHECK(meadow::answer() == 2);
  CHECK(take_notes() == "care, after 2, ");  // opened once
  h.put("meadow", 4, forecasting("double rain;", true));
  CHECK(meadow::answer() == 4);
  CHECK(take_notes() == "made 4, before 2, care, after 4, ");
}

TEST_CASE("hooks: layouts of two generations are compared unless a hook takes care",
          "[hooks][failure]") {
  host h;
  const recipe quiet{"", "namespace farm { struct weather { float rain; }; }\n"};
  const recipe changed{"", "namespace farm { struct weather { double rain; }; }\n"};
  recipe other_fence = changed;
  other_fence.edits = {{"int posts;", "float posts;"}};
  h.put("meadow", 1, quiet);
  REQUIRE(meadow::answer() == 1);
  h.keep(meadow::library.after_reload([] {}));  // takes care of nothing
  h.put("meadow", 2, changed);
  CHECK(meadow::answer() == 1);
  REQUIRE(h.told(event_kind::rejected).size() == 1);
  CHECK_THAT(h.told(event_kind::rejected)[0], contains("layout changed: 'farm::weather'"));
  dymod::hook takes_care = h.keep(meadow::library.before_reload([] {}));
  h.put("meadow", 3, changed);
  CHECK(meadow::answer() == 3);
  h.put("meadow", 4, quiet);
  CHECK(meadow::answer() == 4);
  h.put("meadow", 5, other_fence);  // the host knows it otherwise
  CHECK(meadow::answer() == 4);
  REQUIRE(h.told(event_kind::rejected).size() == 2);
  CHECK_THAT(h.told(event_kind::rejected)[1], contains("layout changed: 'farm::fence' (field 1)"));
  takes_care.remove();
  h.put("meadow", 6, changed);
  CHECK(meadow::answer() == 4);
  REQUIRE(h.told(event_kind::rejected).size() == 3);
  CHECK_THAT(h.told(event_kind::rejected)[2], contains("layout changed: 'farm::weather'"));
  h.put("meadow", 7, quiet);
  CHECK(meadow::answer() == 7);
}

namespace {

// @param asked  what the plugin returns when it has registered its hooks
void plugs_hooks(const std::string& asked) {
  host h;
  h.put("sheep", 1);
  workshop::build_module("plugin",
                         "#include <dymod/dymod.hpp>\n" + declarations.at("sheep") + prelude +
                             "extern \"C\" int plug() {\n"
                             "  sheep::library.before_reload([] { note(\"before \"); });\n"
                             "  sheep::library.after_reload([] { note(\"after \"); });\n"
                             "  return " +
                             asked + ";\n}\n",
                         h / workshop::library_name("plugin"),
                         workshop::sanitizer() + can_be_unloaded + "-fvisibility=default");
  void* const plugin = native::open_library((h / workshop::library_name("plugin")).c_str());
  REQUIRE(plugin != nullptr);
  CHECK(reinterpret_cast<int (*)()>(native::symbol(plugin, "plug"))() == 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(take_notes() == "before after ");
  native::close_library(plugin);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  CHECK(take_notes() == "before after ");
}

}  // namespace

TEST_CASE("hooks: a plugin's stay when it is closed", "[hooks]") { plugs_hooks("sheep::answer()"); }

TEST_CASE("hooks: those of a plugin that never calls the module run as well", "[hooks]") {
  plugs_hooks("1");
}

#if !defined(_WIN32)

// --- hooks: forked children

namespace {

// @returns the exit code of a forked child that does this
int in_a_child(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = -1;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("hooks: a forked child has its own, and runs them in its own reloads", "[hooks]") {
  host h;
  std::string seen;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  dymod::hook removed =
      h.keep(sheep::library.before_reload([&] { seen += "b" + std::to_string(sheep::answer()); }));
  h.keep(sheep::library.after_reload([&] { seen += "a" + std::to_string(sheep::answer()); }));
  h.put("sheep", 2);
  CHECK(in_a_child([&] {
          if (sheep::answer() != 2 || seen != "b1a2") return 1;
          removed.remove();
          h.put("sheep", 3);
          return sheep::answer() == 3 && seen == "b1a2a3" ? 7 : 2;
        }) == 7);
  CHECK(seen.empty());
  CHECK(sheep::answer() == 3);
  CHECK(seen == "b1a3");
}

TEST_CASE("hooks: a child forked inside one, or while one runs, is not stuck", "[hooks][threads]") {
  host h;
  h.put("sheep", 1);
  h.put("wolf", 1);
  REQUIRE(sheep::answer() + wolf::answer() == 2);
  std::atomic<bool> inside{false};
  std::atomic<bool> go_on{false};
  const bool in_the_hook = GENERATE(true, false);
  const int base = in_the_hook ? 1 : 2;
  int ended = -1;
  dymod::hook forking;
  const auto child = [&] {
    ::alarm(60);
    forking.remove();  // nobody runs it in this process
    h.put("wolf", base + 1);
    if (!in_the_hook && wolf::answer() != base + 1) return 1;
    return sheep::library.generation() == sheep::library.generation() && sheep::answer() >= base
               ? 7
               : 2;
  };
  forking = sheep::library.before_reload([&] {
    inside = true;
    if (in_the_hook) ended = in_a_child(child);
    if (!in_the_hook) workshop::wait_until([&] { return go_on.load(); });
  });
  h.put("sheep", base + 1);
  std::thread reloading([&] { static_cast<void>(sheep::reload()); });
  if (!in_the_hook) {
    workshop::wait_until([&] { return inside.load(); });
    ended = in_a_child(child);
    go_on = true;
  }
  reloading.join();
  forking.remove();
  CHECK(ended == 7);
  CHECK(sheep::answer() == base + 1);
}

#endif

// --- unload

TEST_CASE("unload: all generations but the current one, from memory and from disk", "[unload]") {
  host h;
  CHECK(sheep::library.unload_old() == 0);  // nothing was loaded yet
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  CHECK(sheep::library.unload_old() == 0);
  for (int version = 2; version < 7; ++version) {
    h.put("sheep", version);
    REQUIRE(sheep::answer() == version);
  }
  CHECK(h.copies("sheep").size() == 6);
  CHECK(images_in_memory("sheep") == 6);
  CHECK(sheep::library.unload_old() == 5);
  CHECK(h.copies("sheep").size() == 1);
  CHECK(images_in_memory("sheep") == 1);
  CHECK(h.mapped("sheep") == 1);
  CHECK(sheep::answer() == 6);
  CHECK(sheep::library.unload_old() == 0);
  h.put("sheep", 7);
  CHECK(sheep::answer() == 7);
  CHECK(sheep::library.generation() == 7);
  CHECK(sheep::library.unload_old() == 1);
  CHECK(sheep::answer() == 7);
  CHECK(images_in_memory("sheep") == 1);
  CHECK(h.told(event_kind::warning).empty());
}

TEST_CASE("unload: static destructors run, once, and may call modules", "[unload]") {
  host h;
  const recipe ending{"sheep",
                      "static struct ends { ~ends() { if (number() < 3) { char line[32]; "
                      "std::snprintf(line, sizeof line, \"end %d, sheep %d, \", number(), "
                      "sheep::answer()); note(line); do_it(); } } } end;\n",
                      "{ return sheep::answer(); }"};
  h.put("sheep", 5);
  for (int version = 1; version < 4; ++version) {
    h.put("wolf", version, ending);
    REQUIRE(wolf::answer() == version);
    REQUIRE(wolf::ask() == 5);
  }
  h.put("sheep", 6);
  REQUIRE(sheep::answer() == 6);
  // With the lock free: other threads go on. On Windows none starts or ends meanwhile.
  static std::atomic<int> free_locks{0};
  static const auto enter = [] { free_locks += 1 + hooks_listed().hooks; };
  host::let_do([] { workshop::on_windows ? enter() : std::thread(enter).join(); });
  CHECK(wolf::library.unload_old() == 2);
  CHECK(free_locks == 2);
  const std::string ends = take_notes();
  CHECK_THAT(ends, contains("end 1, sheep 6, "));
  CHECK_THAT(ends, contains("end 2, sheep 6, "));
  h.put("sheep", 7);
  CHECK(wolf::ask() == 7);
}

#if !defined(_WIN32)

TEST_CASE("unload: with unique symbols generations stay, and the cure is named",
          "[unload][failure]") {
  if (!DYMOD_TEST_COMPILER_IS_GNU) return;  // clang++ makes none
  host h;
  const recipe unique{"", "inline int wool = 0;\n", "{ return ++wool; }",
                      "-fgnu-unique -fvisibility=default"};
  for (int version = 1; version < 7; ++version) {
    h.put("sheep", version, unique);
    REQUIRE(sheep::answer() == version);
  }
  CHECK(sheep::ask() == 1);
  REQUIRE(h.told(event_kind::warning).size() == 1);  // of the first build
  const unsigned unloaded = sheep::library.unload_old();
  CHECK(unloaded == 4);
  const std::vector<std::string> told = h.told(event_kind::warning);
  REQUIRE(told.size() == 2);
  CHECK_THAT(
      told[1],
      contains("sheep: generation 1 stays loaded: it has unique symbols ('wool'): build it with "
               "-fno-gnu-unique"));
  CHECK(images_in_memory("sheep") == 2);
  CHECK(h.copies("sheep").size() == 2);
  CHECK(sheep::ask() == 2);  // it is generation 1's
  CHECK(sheep::library.unload_old() == 0);
  CHECK(h.told(event_kind::warning).size() == 2);
}

TEST_CASE("unload: thread-local objects of a living thread keep their generation",
          "[unload][threads]") {
  host h;
  const recipe local{"sheep",
                     "struct ends { int alive = 1; ~ends() { char line[32]; std::snprintf(line, "
                     "sizeof line, \"end %d, sheep %d, \", number(), sheep::answer()); "
                     "note(line); } };\nthread_local ends end;\n",
                     "{ return end.alive * sheep::answer(); }"};
  h.put("sheep", 5);
  h.put("wolf", 1, local);
  REQUIRE(sheep::answer() == 5);
  std::atomic<bool> made{false};
  std::atomic<bool> go_on{false};
  std::thread living([&] {
    made = wolf::ask() == 5;
    workshop::wait_until([&] { return go_on.load(); });
  });
  workshop::wait_until([&] { return made.load(); });
  h.put("wolf", 2, local);
  REQUIRE(wolf::answer() == 2);
  CHECK(wolf::library.unload_old() == 0);
  const std::vector<std::string> told = h.told(event_kind::warning);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], contains("wolf: generation 1 stays loaded: it has thread-local objects, "
                               "which live until their threads end"));
  CHECK(images_in_memory("wolf") == 2);
  for (int version = 6; version < 9; ++version) {
    h.put("sheep", version);
    REQUIRE(sheep::answer() == version);
  }
  go_on = true;
  living.join();
  CHECK(take_notes() == "end 1, sheep 8, ");
  CHECK(wolf::ask() == 8);
}

#endif

TEST_CASE("unload: what somebody else has open stays", "[unload]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  void* const other = native::open_library((h / h.copies("sheep").at(0)).c_str());
  REQUIRE(other != nullptr);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  h.put("sheep", 3);
  REQUIRE(sheep::answer() == 3);
  CHECK(sheep::library.unload_old() == 1);
  const std::vector<std::string> told = h.told(event_kind::warning);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], contains("sheep: generation 1 stays loaded: " + open_elsewhere));
  CHECK(images_in_memory("sheep") == 2);
  CHECK(h.copies("sheep").size() == 2);
  native::close_library(other);
  CHECK(images_in_memory("sheep") == 1);
  h.put("sheep", 4);
  CHECK(sheep::answer() == 4);
  CHECK(sheep::library.unload_old() == 1);
}

TEST_CASE("unload: the generation of the event handler stays while it is the handler", "[unload]") {
  host h;
  const recipe hearing{"",
                       "static void hear(const dymod::event& news, void*) { if (news.kind == "
                       "dymod::event_kind::warning) { note(news.message); note(\"; \"); } }\n",
                       "{ dymod::set_event_handler(&hear); return number(); }"};
  h.put("sheep", 1, hearing);
  const dymod::event_handler before = dymod::set_event_handler(nullptr);
  REQUIRE(sheep::ask() == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  h.put("sheep", 3);
  REQUIRE(sheep::answer() == 3);
  CHECK(sheep::library.unload_old() == 1);
  CHECK(take_notes() == "generation 1 stays loaded: the event handler is part of it; ");
  CHECK(images_in_memory("sheep") == 2);
  dymod::set_event_handler(before.function, before.user);
  CHECK(sheep::library.unload_old() == 1);
  CHECK(images_in_memory("sheep") == 1);
  CHECK(h.told(event_kind::warning).empty());
}

TEST_CASE("unload: nothing inside a hook or a load", "[unload]") {
  host h;
  static unsigned unloaded = 0;
  static unsigned in_memory = 0;
  host::let_do([] {
    unloaded += sheep::library.unload_old();
    in_memory = images_in_memory("sheep");
  });
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2, {"", "static const bool done = (do_it(), true);\n"});
  REQUIRE(sheep::answer() == 2);
  CHECK(unloaded == 0);
  CHECK(in_memory == 2);
  h.keep(sheep::library.before_reload([] { unloaded += sheep::library.unload_old(); }));
  h.keep(sheep::library.after_reload([] { unloaded += sheep::library.unload_old(); }));
  h.put("sheep", 3);
  REQUIRE(sheep::answer() == 3);
  CHECK(unloaded == 0);
  CHECK(sheep::library.unload_old() == 2);
}

TEST_CASE("unload: by the module's own code", "[unload]") {
  host h;
  const recipe own{"", "",
                   "{ return static_cast<int>(sheep::library.unload_old() * 10 + "
                   "sheep::library.generation()); }"};
  for (int version = 1; version < 4; ++version) {
    h.put("sheep", version, own);
    REQUIRE(sheep::answer() == version);
  }
  CHECK(sheep::ask() == 23);
  CHECK(images_in_memory("sheep") == 1);
  h.put("sheep", 4, own);
  CHECK(sheep::ask() == 14);
}

TEST_CASE("unload: hooks go with the generation that they are part of", "[unload]") {
  host h;
  const recipe asking{"", "", "{ note_number(\"ask\"); return 0; }"};
  h.put("sheep", 1, asking);
  REQUIRE(sheep::answer() == 1);
  h.put("wolf", 1);
  REQUIRE(wolf::answer() == 1);
  int (*const old)() = sheep::itself();
  h.put("sheep", 2, asking);
  REQUIRE(sheep::answer() == 2);
  // Of code that is not current: never run, and gone before that code is.
  h.keep(wolf::library.before_reload(old));
  h.keep(wolf::library.after_reload(old));
  CHECK(hooks_listed().hooks == 2);
  CHECK(sheep::library.unload_old() == 1);
  CHECK(hooks_listed().hooks == 0);
  h.put("wolf", 2);
  CHECK(wolf::answer() == 2);
  CHECK(take_notes().empty());
}

TEST_CASE("unload: builds that were opened and refused", "[unload][failure]") {
  host h;
  h.put("meadow", 1, forecasting("float rain;"));
  REQUIRE(meadow::answer() == 1);
  h.put("meadow", 2, forecasting("double rain;", true));
  CHECK(meadow::answer() == 1);
  CHECK(images_in_memory("meadow") == 2);
  CHECK(meadow::library.unload_old() == 1);
  CHECK(images_in_memory("meadow") == 1);
  CHECK(h.copies("meadow").size() == 1);
  CHECK(take_notes() == "made 1, made 2, ");
  dymod::hook takes_care = h.keep(meadow::library.before_reload([] {}));
  CHECK(meadow::reload());
  CHECK(meadow::answer() == 2);
  CHECK(take_notes() == "made 2, after 2, ");
  CHECK(h.told(event_kind::warning).empty());

  h.put("meadow", 3, forecasting("float rain;", true));
  CHECK(meadow::answer() == 3);
  takes_care.remove();
  h.put("meadow", 4, forecasting("float rain;"));
  CHECK(meadow::answer() == 4);
  h.put("meadow", 5, forecasting("double rain;"));
  CHECK(meadow::answer() == 4);
  const std::string newest = h.copies("meadow").back();
  void* const other = native::open_library((h / newest).c_str());
  REQUIRE(other != nullptr);
  CHECK(meadow::library.unload_old() == 3);
  REQUIRE(h.told(event_kind::warning).size() == 1);
  CHECK_THAT(h.told(event_kind::warning)[0],
             contains("meadow: a refused build stays loaded: " + open_elsewhere));
  native::close_library(other);
}

TEST_CASE("unload: modules that call others are forgotten there", "[unload]") {
  host h;
  const recipe calling{"sheep cat", "", "{ return sheep::answer() * 100 + cat::answer(); }"};
  h.put("sheep", 1);
  h.put("cat", 1);
  for (int version = 1; version < 6; ++version) {
    h.put("wolf", version, calling);
    REQUIRE(wolf::ask() == 101);
  }
  REQUIRE(sheep::answer() == 1);
  CHECK(wolf::library.unload_old() == 4);
  for (int version = 2; version < 5; ++version) {
    h.put("sheep", version);
    h.put("cat", version + 1);
    CHECK(wolf::ask() == version * 100 + version + 1);
    CHECK(sheep::answer() == version);
    h.put("wolf", version + 10, calling);
    CHECK(wolf::ask() == version * 100 + version + 1);
    CHECK(wolf::library.unload_old() == 1);
    CHECK(sheep::library.unload_old() == 1);
    CHECK(cat::library.unload_old() == 1);
  }
  CHECK(cat::answer() == 5);
}

#if !defined(_WIN32)

TEST_CASE("unload: a program's exit removes what is left, whoever had it in mind", "[unload]") {
  const workshop::folder folder;
  const auto copies_on_disk = [&] {
    std::size_t found = 0;
    for (const std::string& name : workshop::names_in(folder / "")) {
      found += name.find("dymod-") != std::string::npos;
    }
    return found;
  };
  const auto build = [&](const std::string& name, int number, const std::string& others) {
    workshop::build_module(
        name,
        workshop::replaced(source(name, others, "",
                                  others.empty() ? answers_number : "{ return sheep::answer(); }"),
                           "number 00000", "number 0000" + std::to_string(number)),
        folder / workshop::library_name(name), can_be_unloaded);
  };
  // The first time, somebody has no memory for what is to be done at exit: the module that is
  // loaded next has it done.
  const std::string forgetful =
      "extern \"C\" int __cxa_atexit(void (*)(void*), void*, void*);\nextern void* __dso_handle;\n"
      "extern \"C\" int atexit(void (*function)()) {\n"
      "  static int calls = 0;\n"
      "  if (calls++ == 0) return 1;\n"
      "  return __cxa_atexit(reinterpret_cast<void (*)(void*)>(function), nullptr, "
      "&__dso_handle);\n}\n";
  const bool forgets = GENERATE(false, true);
  workshop::build_program("#include <dymod/dymod.hpp>\n" + declarations.at("wolf") +
                              "#include <cstdio>\n" + (forgets ? forgetful : "") +
                              "int main() {\n"
                              "  dymod::set_event_handler([](const dymod::event&, void*) {});\n"
                              "  char line[9];\n"
                              "  while (std::fgets(line, sizeof line, stdin)) {\n"
                              "    if (line[0] == 'c') std::printf(\"%d\\n\", wolf::answer());\n"
                              "    if (line[0] == 'a') std::printf(\"%d\\n\", wolf::ask());\n"
                              "    if (line[0] == 'u') std::printf(\"%u\\n\", "
                              "wolf::library.unload_old());\n"
                              "    std::fflush(stdout);\n  }\n  return 3;\n}\n",
                          folder / "host");
  build("sheep", 5, "");
  build("wolf", 1, "sheep");
  // With its copy removed at once, a build so young as to be looked at again would pass for news.
  workshop::wait_until([&] {
    dymod::detail::file_key key;
    return native::look((folder / workshop::library_name("wolf")).c_str(), key) &&
           native::file_clock() - key.touched() > 50000000;
  });
  workshop::process program({folder / "host"});
  program.say("call");
  REQUIRE(program.hear() == "1");
  program.say("ask");
  REQUIRE(program.hear() == "5");
  build("wolf", 2, "sheep");
  program.say("call");
  REQUIRE(program.hear() == "2");
  const std::size_t before = copies_on_disk();
  CHECK(before == (forgets ? 3 : 4));  // two or three copies and a lock
  program.say("unload");
  REQUIRE(program.hear() == "1");
  CHECK(copies_on_disk() == 3);
  program.say("ask");
  CHECK(program.hear() == "5");
  CHECK(program.end() == 3);
  CHECK(copies_on_disk() == 0);
}

#endif

// --- all at once

TEST_CASE("hooks: two modules that call each other, in many threads, hooks that come and go",
          "[hooks][threads]") {
  host h;
  const recipe sheep_asks{"wolf", "", "{ return number() * 1000 + wolf::answer(); }"};
  const recipe wolf_asks{"sheep", "", "{ return number() * 1000 + sheep::answer(); }"};
  constexpr int last = 31;
  std::vector<std::string> flock;
  std::vector<std::string> pack;
  for (int version = 0; version <= last; ++version) {
    flock.push_back(h.made("sheep", version, sheep_asks));
    pack.push_back(h.made("wolf", version, wolf_asks));
  }
  const auto put = [&](const std::string& name, const std::string& content) {
    workshop::write_file("next-" + name, content);
    workshop::put_in_place("next-" + name, workshop::library_name(name));
  };
  put("sheep", flock[1]);
  put("wolf", pack[1]);
  REQUIRE(sheep::ask() == 1001);
  REQUIRE(wolf::ask() == 1001);
  std::atomic<int> newest{1};  // a build of this number may be there
  std::atomic<int> wrong{0};
  std::atomic<int> at_work{0};
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      int seen = 0;
      int seen_there = 0;
      ++at_work;
      while (!over) {
        const int answer = i % 2 == 0 ? sheep::ask() : wolf::ask();
        const int here = answer / 1000;
        const int there = answer % 1000;
        // Never back, never nonsense.
        if (here < seen || there < seen_there || here > newest || there > newest) ++wrong;
        seen = here;
        seen_there = there;
      }
    });
  }
  std::atomic<int> before_runs{0};
  std::atomic<int> after_runs{0};
  threads.emplace_back([&] {
    ++at_work;
    while (!over) {
      std::atomic<int> destroyed{0};
      dymod::hook before = sheep::library.before_reload([&] { ++before_runs; });
      dymod::hook after = wolf::library.after_reload(
          [&, object = std::make_unique<captured>(destroyed)] { ++after_runs; });
      std::this_thread::yield();
      before.remove();
      after.remove();
      if (destroyed != 1) ++wrong;
    }
  });
  int kept_runs = 0;  // hooks of one module never run at the same time
  h.keep(sheep::library.before_reload([&] { ++kept_runs; }));
  workshop::wait_until([&] { return at_work == 5; });
  for (int version = 2; version <= last; ++version) {
    newest = version;
    put("sheep", flock[static_cast<std::size_t>(version)]);
    put("wolf", pack[static_cast<std::size_t>(version)]);
    workshop::wait_until([&] {
      return static_cast<int>(sheep::library.generation()) == version &&
             static_cast<int>(wolf::library.generation()) == version;
    });
  }
  over = true;
  for (std::thread& each : threads) each.join();
  CHECK(wrong == 0);
  CHECK(kept_runs == last - 1);
  CHECK(sheep::ask() == last * 1001);
  CHECK(wolf::ask() == last * 1001);
  CHECK(h.told(event_kind::rejected).empty());
  CHECK(sheep::library.unload_old() == last - 1);
  CHECK(wolf::library.unload_old() == last - 1);
  CHECK(sheep::ask() == last * 1001);
}
