// SPDX-License-Identifier: MIT

// Many threads call, reload and unload at once. On two processors 32 threads are more than can run:
// each is stopped anywhere, for long. Modules are built with the sanitizer of the test itself.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <dymod/detail/state/events.hpp>
#include <dymod/dymod.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

// What a build answers: its number, times four, and the number of the function.
DYMOD(sheep, (one, int()), (two, int()), (three, int()), (stay, int(std::atomic<long>& alive)))

// Calls do not look for new builds: only reload() and reload_all() do.
#undef DYMOD_AUTO_RELOAD
#define DYMOD_AUTO_RELOAD 0
DYMOD(wolf, (one, int()))
DYMOD(cat, (one, int()))

namespace {

using dymod::event_kind;

// Sanitizers make everything many times slower: with them less of it has to be enough.
const bool is_slow = workshop::sanitizer() != " ";

// The more threads share the processors, the longer until each has had its turn.
int builds_for(std::size_t threads) {
  return (is_slow ? 40 : 300) / (threads < 8 ? 1 : threads < 32 ? 2 : 4);
}

const std::string preamble = "#include <atomic>\n#include <cstdlib>\n#include <dymod/dymod.hpp>\n";

const std::map<std::string, std::string> sources = {
    {"sheep",
     "DYMOD(sheep, (one, int()), (two, int()), (three, int()),\n"
     "      (stay, int(std::atomic<long>& alive)))\n"
     "int sheep::one() { return number() * 4 + 1; }\n"
     "int sheep::two() { return number() * 4 + 2; }\n"
     "int sheep::three() { return number() * 4 + 3; }\n"
     "struct guest {\n"
     "  std::atomic<long>* alive = nullptr;\n"
     "  ~guest() { if (alive != nullptr) --*alive; }\n"
     "};\n"
     "thread_local guest mine;\n"
     "int sheep::stay(std::atomic<long>& alive) {\n"
     "  if (mine.alive == nullptr) ++alive;\n"
     "  mine.alive = &alive;\n"
     "  return number() * 4;\n"
     "}\n"},
    {"wolf", "DYMOD(wolf, (one, int()))\nint wolf::one() { return number() * 4 + 1; }\n"},
    {"cat", "DYMOD(cat, (one, int()))\nint cat::one() { return number() * 4 + 1; }\n"}};

// A static constructor that calls a function of the test, whose address is in the environment: the
// program does not export it.
const std::string calls_the_test =
    "static const int constructed = [] {\n"
    "  const unsigned long long at = std::strtoull(std::getenv(\"DYMOD_TEST_ACT\"), nullptr, 10);\n"
    "  reinterpret_cast<void (*)(int)>(at)(number());\n"
    "  return 0;\n"
    "}();\n";

class host {
 public:
  host() {
    before_ = dymod::set_event_handler(
        [](const dymod::event& news, void* user) {
          host& self = *static_cast<host*>(user);
          const std::lock_guard<std::mutex> held(self.lock_);
          const std::string name = dymod::detail::module_of(news);
          if (news.kind == event_kind::loaded || news.kind == event_kind::reloaded) {
            ++self.announced_[name][news.generation];
          } else {
            self.complaints_ += name + ": " + news.message + "\n";
          }
        },
        this);
  }
  ~host() { dymod::set_event_handler(before_.function, before_.user); }
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Puts a build of a module with that number in place.
  void put(const std::string& name, int number, const std::string& more = "") {
    const std::string source = preamble + workshop::number_function + sources.at(name) + more;
    std::string& library = compiled()[source];
    if (library.empty()) {
      workshop::build_module(name, source, folder_ / "base.so", workshop::sanitizer());
      library = workshop::read_file(folder_ / "base.so");
    }
    workshop::write_file(folder_ / "next.so", workshop::numbered(library, number));
    workshop::put_in_place(folder_ / "next.so", folder_ / ("lib" + name + ".so"));
  }

  /// Whether generations `first` to `last` of a module, and no others, were announced, each once,
  /// and nothing was complained of.
  void check_announced(const std::string& name, unsigned first, unsigned last) {
    // The thread that reloads tells of it a little later.
    workshop::wait_until([&] {
      const std::lock_guard<std::mutex> held(lock_);
      return announced_[name].size() >= last - first + 1;
    });
    const std::lock_guard<std::mutex> held(lock_);
    CHECK(complaints_ == "");
    CHECK(announced_[name].size() == last - first + 1);
    for (const auto& each : announced_[name]) {
      CAPTURE(name, each.first);
      CHECK(each.first >= first);
      CHECK(each.first <= last);
      CHECK(each.second == 1);
    }
  }

 private:
  // Each source is compiled once, whatever the number of sections.
  static std::map<std::string, std::string>& compiled() {
    static std::map<std::string, std::string> libraries;
    return libraries;
  }

  workshop::current_folder folder_;
  std::mutex lock_;
  std::map<std::string, std::map<unsigned, int>> announced_;
  std::string complaints_;
  dymod::event_handler before_;
};

// Threads that take step after step until they are told to stop.
class crew {
 public:
  crew(std::size_t count, const std::function<void(std::size_t)>& step) : steps_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      threads_.emplace_back([this, i, step] {
        for (; !over_; ++steps_[i]) step(i);
      });
    }
  }
  ~crew() { stop(); }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  void stop() {
    over_ = true;
    for (std::thread& each : threads_) each.join();
    threads_.clear();
  }

  /// Waits until each of the other threads has taken as many steps more.
  void wait_for_steps(long count) const {
    std::vector<long> before;
    for (const std::atomic<long>& each : steps_) before.push_back(each);
    workshop::wait_until([&] {
      for (std::size_t i = 0; i < steps_.size(); ++i) {
        const bool is_me = threads_[i].get_id() == std::this_thread::get_id();
        if (!is_me && steps_[i] < before[i] + count) return false;
      }
      return true;
    });
  }

 private:
  std::atomic<bool> over_{false};
  std::vector<std::atomic<long>> steps_;
  std::vector<std::thread> threads_;
};

void rest() { std::this_thread::sleep_for(std::chrono::microseconds(100)); }

// What one thread has been answered. Answers never go back, and are never nonsense.
class witness {
 public:
  /// @param newest  asked after the answer was given: a build of this number may be there
  void hear(int answer, int function, const std::atomic<int>& newest) {
    const int build = answer / 4;
    if (answer % 4 != function || build < seen_ || build > newest) ++wrong_;
    seen_ = build;
  }
  [[nodiscard]] int seen() const { return seen_; }
  [[nodiscard]] int wrong() const { return wrong_; }

 private:
  std::atomic<int> seen_{0};
  std::atomic<int> wrong_{0};
};

using witnesses = std::vector<witness>;

bool all_have_seen(const witnesses& callers, int build) {
  for (const witness& each : callers) {
    if (each.seen() != build) return false;
  }
  return true;
}

int wrong_answers(const witnesses& callers) {
  int sum = 0;
  for (const witness& each : callers) sum += each.wrong();
  return sum;
}

// For calls_the_test.
void let_act(void (*act)(int number)) {
  ::setenv("DYMOD_TEST_ACT", std::to_string(reinterpret_cast<unsigned long long>(act)).c_str(), 1);
}

}  // namespace

TEST_CASE("threads: callers go forward through hundreds of reloads and all reach the last",
          "[threads]") {
  const std::size_t count = GENERATE(2u, 8u, 32u);
  CAPTURE(count);
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::one() == 5);
  const unsigned first = sheep::library.generation();
  std::atomic<int> newest{1};
  witnesses heard(count);
  crew callers(count, [&](std::size_t i) {
    heard[i].hear(sheep::one(), 1, newest);
    heard[i].hear(sheep::two(), 2, newest);
    heard[i].hear(sheep::three(), 3, newest);
  });
  callers.wait_for_steps(1);
  const int reloads = builds_for(count);
  for (int build = 2; build <= reloads; ++build) {
    newest = build;
    h.put("sheep", build);
    workshop::wait_until(
        [&] { return sheep::library.generation() == first + static_cast<unsigned>(build) - 1; });
  }
  // And faster than anybody can follow.
  const int last = reloads + 100;
  for (int build = reloads + 1; build <= last; ++build) {
    newest = build;
    h.put("sheep", build);
  }
  workshop::wait_until([&] { return all_have_seen(heard, last); });
  callers.stop();
  CHECK(wrong_answers(heard) == 0);
  CHECK(sheep::library.generation() > first + static_cast<unsigned>(reloads) - 1);
  h.check_announced("sheep", first, sheep::library.generation());
}

TEST_CASE("threads: first calls of two modules from many threads load each once", "[threads]") {
  const workshop::folder folder;
  const std::string text = preamble + workshop::number_function;
  for (const std::string name : {"sheep", "wolf"}) {
    workshop::build_module(name, text + sources.at(name), folder / ("lib" + name + ".so"),
                           workshop::sanitizer());
  }
  workshop::build_program(preamble +
                              R"(
#include <cstdio>
#include <thread>
#include <vector>
DYMOD(sheep, (one, int()), (two, int()))
DYMOD(wolf, (one, int()))
static std::atomic<int> events{0};
static std::atomic<int> right{0};
static std::atomic<int> ready{0};
int main(int, char** words) {
  dymod::set_event_handler([](const dymod::event& news, void*) {
    if (news.kind == dymod::event_kind::loaded) ++events; else std::puts(news.message);
  });
  const int count = std::atoi(words[1]);
  std::vector<std::thread> callers;
  for (int i = 0; i < count; ++i) {
    callers.emplace_back([i, count] {
      ++ready;
      while (ready < count) std::this_thread::yield();
      if (i % 2 == 0 && sheep::one() == 1) ++right;
      if (wolf::one() == 1) ++right;
      if (i % 2 == 1 && sheep::two() == 2) ++right;
    });
  }
  for (std::thread& each : callers) each.join();
  std::printf("%d right, %d events, generations %u and %u\n", right.load(), events.load(),
              sheep::library.generation(), wolf::library.generation());
}
)",
                          folder / "host", workshop::sanitizer());
  for (const int count : {2, 8, 32}) {
    CAPTURE(count);
    const std::string words = std::to_string(2 * count) + " right, 2 events, generations 1 and 1\n";
    for (int run = 0; run < (is_slow ? 6 : 40); ++run) {
      const workshop::result done =
          workshop::run("'" + (folder / "host") + "' " + std::to_string(count));
      REQUIRE(done.output == words);
      REQUIRE(done.status == 0);
    }
  }
}

TEST_CASE("threads: who asks for a reload has the new build, and it is loaded once", "[threads]") {
  // Which of the eight threads that ask at once say reload(), and which reload_all().
  const std::size_t all_from = GENERATE(8u, 4u, 0u);
  CAPTURE(all_from);
  host h;
  h.put("sheep", 1);
  h.put("wolf", 1);
  REQUIRE(sheep::reload() + wolf::reload() == 2);
  const unsigned first = wolf::library.generation();
  std::atomic<int> newest{1};
  std::atomic<int> asked{1};  // for this one, by all
  std::atomic<int> answered{0};
  std::atomic<int> changes{0};
  std::atomic<int> left_behind{0};
  std::atomic<int> too_many{0};
  witnesses heard(4);
  crew callers(4, [&](std::size_t i) {
    heard[i].hear(wolf::one(), 1, newest);
    static_cast<void>(sheep::one());  // whose builds calls take, in the midst of it
  });
  std::vector<int> done(8, 1);
  crew askers(8, [&](std::size_t i) {
    if (done[i] == asked) return rest();
    done[i] = asked;
    const unsigned wanted = first + static_cast<unsigned>(done[i]) - 1;
    const bool had_it = wolf::library.generation() == wanted;
    const bool by_name = i < all_from;
    const bool changed = by_name ? wolf::reload() : dymod::reload_all();
    if (wolf::library.generation() != wanted || wolf::one() != done[i] * 4 + 1) ++left_behind;
    // reload_all() may have found news of the other module.
    if (by_name && changed && had_it) ++too_many;
    if (changed) ++changes;
    ++answered;
  });
  const int last = builds_for(8) / 2;
  for (int build = 2; build <= last; ++build) {
    newest = build;
    answered = 0;
    changes = 0;
    h.put("wolf", build);
    h.put("sheep", build);
    asked = build;
    workshop::wait_until([&] { return answered == 8; });
    CHECK(changes >= 1);
    if (all_from == 0) CHECK(changes == 1);  // what one has changed is no news to the others
  }
  askers.stop();
  workshop::wait_until([&] { return all_have_seen(heard, last); });
  callers.stop();
  CHECK(left_behind == 0);
  CHECK(too_many == 0);
  CHECK(wrong_answers(heard) == 0);
  h.check_announced("wolf", first, first + static_cast<unsigned>(last) - 1);
}

namespace {

// What the static constructors of the next test need.
struct {
  const crew* callers = nullptr;
  const witnesses* heard = nullptr;
  std::atomic<int> waited{0};
  std::atomic<int> wrong{0};
} scene;

// Of a build with that number, while it is opened.
void wait_for_a_thousand_calls(int number) {
  try {
    scene.callers->wait_for_steps(1000);
    ++scene.waited;
  } catch (const std::runtime_error&) {
    ++scene.wrong;
  }
  for (const witness& each : *scene.heard) scene.wrong += each.seen() == number;
}

}  // namespace

TEST_CASE("threads: no call waits for another thread's reload", "[threads]") {
  const std::size_t count = GENERATE(2u, 8u, 32u);
  CAPTURE(count);
  host h;
  for (const std::string name : {"sheep", "wolf", "cat"}) h.put(name, 1);
  REQUIRE(sheep::reload() + wolf::reload() + cat::reload() == 3);
  const unsigned first = sheep::library.generation();
  const unsigned first_cat = cat::library.generation();
  // A step calls each module once.
  std::atomic<int> newest{1};
  witnesses heard(3 * count);
  crew callers(count, [&](std::size_t i) {
    heard[3 * i].hear(sheep::one(), 1, newest);
    heard[3 * i + 1].hear(wolf::one(), 1, newest);
    heard[3 * i + 2].hear(cat::one(), 1, newest);
  });
  callers.wait_for_steps(1);
  scene.callers = &callers;
  scene.heard = &heard;
  scene.waited = 0;
  scene.wrong = 0;
  let_act(&wait_for_a_thousand_calls);

  newest = 2;  // taken by one of the callers, on whom the others do not wait
  h.put("sheep", 2, calls_the_test);
  workshop::wait_until([&] { return sheep::library.generation() == first + 1; });
  CHECK(scene.waited == 1);

  newest = 3;
  h.put("wolf", 3, calls_the_test);
  CHECK(wolf::reload());
  CHECK(scene.waited == 2);

  newest = 4;
  h.put("wolf", 4, calls_the_test);
  h.put("cat", 4, calls_the_test);
  CHECK(dymod::reload_all());
  CHECK(scene.waited == 4);

  callers.wait_for_steps(1);
  callers.stop();
  CHECK(scene.wrong == 0);
  CHECK(wrong_answers(heard) == 0);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(heard[3 * i].seen() == 2);
    CHECK(heard[3 * i + 1].seen() == 4);
    CHECK(heard[3 * i + 2].seen() == 4);
  }
  h.check_announced("sheep", first, first + 1);
  h.check_announced("cat", first_cat, first_cat + 1);
}

TEST_CASE("threads: old generations are unloaded while others call and reload", "[threads]") {
  const std::size_t count = GENERATE(2u, 8u, 32u);
  CAPTURE(count);
  host h;
  h.put("sheep", 1);
  h.put("wolf", 1);
  REQUIRE(sheep::reload() + wolf::reload() == 2);
  static_cast<void>(sheep::library.unload_old());
  const unsigned first = sheep::library.generation();
  std::atomic<int> newest{1};
  witnesses heard(count);
  crew callers(count, [&](std::size_t i) {
    heard[i].hear(sheep::one(), 1, newest);
    heard[i].hear(sheep::three(), 3, newest);
  });
  std::atomic<int> asked{1};
  witnesses heard_of_wolf(2);
  crew reloaders(2, [&](std::size_t i) {
    if (heard_of_wolf[i].seen() == asked) return rest();
    static_cast<void>(i == 0 ? wolf::reload() : dymod::reload_all());
    heard_of_wolf[i].hear(wolf::one(), 1, newest);
  });
  const int last = builds_for(count) / 3;
  for (int build = 2; build <= last; ++build) {
    newest = build;
    h.put("sheep", build);
    // Whoever has seen the new one is out of the one before for good.
    workshop::wait_until([&] { return all_have_seen(heard, build); });
    h.put("wolf", build);
    asked = build;
    REQUIRE(sheep::library.unload_old() == 1);
  }
  workshop::wait_until([&] { return all_have_seen(heard_of_wolf, last); });
  reloaders.stop();
  callers.stop();
  CHECK(wrong_answers(heard) == 0);
  CHECK(wrong_answers(heard_of_wolf) == 0);
  h.check_announced("sheep", first, first + static_cast<unsigned>(last) - 1);
}

TEST_CASE("threads: some that start and end during reloads, with thread-local objects of modules",
          "[threads]") {
  const std::size_t count = GENERATE(2u, 8u, 32u);
  CAPTURE(count);
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::reload());
  static_cast<void>(sheep::library.unload_old());
  const unsigned first = sheep::library.generation();
  std::atomic<int> newest{1};
  std::atomic<long> alive{0};
  std::atomic<long> crossed{0};
  std::atomic<bool> over{false};
  witnesses heard(count);
  crew starters(count, [&](std::size_t i) {
    std::thread([&, i] {
      heard[i].hear(sheep::stay(alive), 0, newest);
      const int seen = heard[i].seen();
      // Every other thread has objects of several generations.
      while (i % 2 == 0 && heard[i].seen() == seen && !over) {
        heard[i].hear(sheep::stay(alive), 0, newest);
      }
      crossed += heard[i].seen() != seen;
    }).join();
  });
  int last = 1;
  while (last < builds_for(count) / 3 || crossed < last / 2) {
    newest = ++last;
    h.put("sheep", last);
    workshop::wait_until([&] { return all_have_seen(heard, last); });
  }
  over = true;
  starters.stop();
  CHECK(wrong_answers(heard) == 0);
  CHECK(alive == 0);
  h.check_announced("sheep", first, first + static_cast<unsigned>(last) - 1);
  CHECK(sheep::library.unload_old() == static_cast<unsigned>(last) - 1);
}
