// SPDX-License-Identifier: MIT

// Calls that are guarded: what crashes in a module is an exception, and the generation before is
// current again. What crashes elsewhere goes to whoever handled it before. The modules are opened
// by the test's own process, built with the sanitizer that the test itself is built with.

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <dymod/crash_guard.hpp>

#include "support/catch.hpp"
#include "support/messages_page.hpp"
#include "support/workshop.hpp"

#include "crashes.hpp"
#include "sheep.hpp"

// not_guarded.cpp
int crash_not_guarded(int how);
int catch_in_module(int how);

namespace {

using dymod::event_kind;

const std::string can_be_unloaded = DYMOD_TEST_COMPILER_IS_GNU ? "-O0 -fno-gnu-unique" : "-O0";

// What the system tells of an access to the address 16.
#if defined(__s390x__)
constexpr std::uintptr_t address_16 = 0;  // of the page
const std::string at_address_16 = "SIGSEGV at address 0x0";
#else
constexpr std::uintptr_t address_16 = 16;
const std::string at_address_16 = "SIGSEGV at address 0x10";
#endif

constexpr int guarded_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

// What a module is built from. number() is what a build answers.
const std::string prelude =
    "#include <cerrno>\n#include <stdexcept>\n"
    "#include <dymod/crash_guard.hpp>\n"
    "#include <crashes.hpp>\n#include <sheep.hpp>\n" +
    std::string(workshop::number_function);

const std::map<std::string, std::string> sources = {
    {"sheep", R"(
int sheep::answer() { return number(); }
int sheep::crash(int how) { return crashes::crash(how) + number(); }
int sheep::quiet(int how) noexcept { return crashes::crash(how) + number(); }
int sheep::ask(int (*what)(int), int given) { return what(given) + number(); }
int sheep::ask_and_crash(void (*what)(), int how) {
  what();
  return crashes::crash(how) + number();
}
std::string sheep::greet(std::string name, int how) {
  const std::string greeting = "Hello, " + name;
  crashes::crash(how);
  return greeting;
}
int sheep::fail(int given) { throw std::runtime_error(std::to_string(given)); }
int sheep::set_errno(int given) {
  errno = given;
  return number();
}
)"},
    {"wolf", R"(
int wolf::answer() { return number(); }
int wolf::crash(int how) { return crashes::crash(how) + number(); }
int wolf::through(int how, int& destroyed) {
  struct counts {
    ~counts() { ++count; }
    int& count;
  };
  const counts one{destroyed};
  return sheep::crash(how) + number();
}
int wolf::caught(int how) {
  try {
    return sheep::crash(how);
  } catch (const dymod::crash& crash) {
    return -crash.signal();
  }
}
)"},
    {"meadow", R"(
struct herd {
  int sheep = 1;
};
herd* meadow::make() {
  static herd one;
  return &one;
}
int meadow::answer(herd* all) { return all->sheep + number(); }
int meadow::crash(int how) { return crashes::crash(how) + number(); }
)"},
    {"grass", R"(
int grass::grass_answer() { return number(); }
int grass::grass_crash(int how) { return crashes::crash(how) + number(); }
)"},
};

struct recipe {
  std::string flags = "-O0";
  std::vector<std::pair<std::string, std::string>> edits = {};
};

struct heard_event {
  event_kind kind;
  std::string module_name;
  unsigned generation;
  std::string message;
};

class host {
 public:
  // Catch's own handlers are not what a program has.
  host() {
    for (const int each : guarded_signals) ::signal(each, SIG_DFL);
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
    before_ = dymod::set_event_handler(
        [](const dymod::event& news, void* user) {
          host& self = *static_cast<host*>(user);
          const std::lock_guard<std::mutex> held(self.events_lock_);
          self.events_.push_back({news.kind, news.module, news.generation, news.message});
        },
        this);
  }
  ~host() { dymod::set_event_handler(before_.function, before_.user); }
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Has a module answer with a number. Each recipe is compiled once.
  void put(const std::string& name, int number, const recipe& from = {}) {
    std::string text = sources.at(name);
    for (const auto& each : from.edits) text = workshop::replaced(text, each.first, each.second);
    std::string& library = compiled_[name + from.flags + text];
    if (library.empty()) {
      workshop::build_module(name, prelude + text, folder_ / "base",
                             "-I '" DYMOD_TEST_CRASHES
                             "' -DDYMOD_CRASH_GUARD=1 "
                             "-Wno-infinite-recursion " +
                                 workshop::sanitizer() + from.flags);
      library = workshop::read_file("base");
    }
    workshop::write_file("next", workshop::numbered(library, number));
    workshop::put_in_place("next", library_of(name));
  }

  std::string library_of(const std::string& name) const {
    return folder_ / workshop::library_name(name);
  }

  std::vector<std::string> told(event_kind kind) {
    const std::lock_guard<std::mutex> held(events_lock_);
    std::vector<std::string> found;
    for (const heard_event& each : events_) {
      if (each.kind == kind) found.push_back(each.module_name + ": " + each.message);
    }
    return found;
  }

  std::vector<heard_event> events() {
    const std::lock_guard<std::mutex> held(events_lock_);
    return events_;
  }

  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  workshop::current_folder folder_;
  std::map<std::string, std::string> compiled_;
  std::mutex events_lock_;
  std::vector<heard_event> events_;
  dymod::event_handler before_;
};

template <class Function> std::optional<dymod::crash> crash_of(Function function) {
  try {
    static_cast<void>(function());
  } catch (const dymod::crash& caught) {
    return caught;
  }
  return std::nullopt;
}

template <class Function> dymod::crash must_crash(Function function) {
  std::optional<dymod::crash> caught = crash_of(function);
  if (!caught) throw std::runtime_error("no crash");
  return *caught;
}

/// Runs a function in a forked child, whose stderr goes to a file. @returns what waitpid() says
template <class Function> int in_child(Function function, const std::string& errors = "/dev/null") {
  const pid_t child = ::fork();
  if (child == 0) {
    const int file = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(file, 2);
    int code = 99;
    try {
      code = function();
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

bool ended_by(int signal, int status) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }
bool ended_well(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

// What the program handles by itself.
struct handled {
  int signal = 0;
  void* address = nullptr;
  int times = 0;
  bool on_own_stack = false;
};
volatile sig_atomic_t times_handled = 0;
handled last_handled;
sigjmp_buf way_out;

void handle_with_words(int signal, siginfo_t* info, void*) {
  last_handled.signal = signal;
  last_handled.address = info->si_addr;
  times_handled = times_handled + 1;
  ::siglongjmp(way_out, 1);
}
void handle(int signal) {
  last_handled.signal = signal;
  times_handled = times_handled + 1;
  ::siglongjmp(way_out, 1);
}
void count_only(int signal) {
  last_handled.signal = signal;
  times_handled = times_handled + 1;
}

struct sigaction install(int signal, void (*words)(int, siginfo_t*, void*), int flags = 0) {
  struct sigaction mine = {};
  struct sigaction before = {};
  mine.sa_sigaction = words;
  mine.sa_flags = flags | SA_SIGINFO;
  ::sigemptyset(&mine.sa_mask);
  ::sigaction(signal, &mine, &before);
  return before;
}
struct sigaction install(int signal, void (*plain)(int), int flags = 0) {
  struct sigaction mine = {};
  struct sigaction before = {};
  mine.sa_handler = plain;
  mine.sa_flags = flags;
  ::sigemptyset(&mine.sa_mask);
  ::sigaction(signal, &mine, &before);
  return before;
}

/// Whether the program's handler was reached by a function, and jumped back here.
template <class Function> bool reaches_handler(Function function) {
  if (sigsetjmp(way_out, 1) != 0) return true;
  function();
  return false;
}

int crash_in_host(int how) { return crashes::crash(how); }

const char* name_of(int signal) {
  return signal == SIGSEGV   ? "SIGSEGV"
         : signal == SIGBUS  ? "SIGBUS"
         : signal == SIGFPE  ? "SIGFPE"
         : signal == SIGILL  ? "SIGILL"
         : signal == SIGABRT ? "SIGABRT"
                             : "?";
}

// What each way ends in. 0: processors differ.
constexpr struct {
  int how;
  int signal;
} ways[] = {
    {crashes::null_read, SIGSEGV},
    {crashes::write_at_16, SIGSEGV},
#if defined(__x86_64__) || defined(__i386__)
    {crashes::division, SIGFPE},
    {crashes::trap, SIGILL},
#endif
    {crashes::illegal_instruction, SIGILL},
    {crashes::bus_error, SIGBUS},
    {crashes::aborts, SIGABRT},
    {crashes::terminates, SIGABRT},
    {crashes::overflow, SIGSEGV},
    {crashes::jump_to_null, SIGSEGV},
    {crashes::in_sort, SIGSEGV},
    {crashes::in_strlen, SIGSEGV},
};

}  // namespace

// --- crash: what it tells

TEST_CASE("crash: each way is an exception, and the generation before is current again",
          "[crash]") {
  host h;
  unsigned newest = 1;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  for (const char* flags : {"-O0", "-O2", "-O2 -fno-omit-frame-pointer -fno-plt"}) {
    for (const auto& each : ways) {
      CAPTURE(flags, each.how);
      h.put("sheep", static_cast<int>(++newest), {flags});
      const dymod::crash crash = must_crash([&] { return sheep::crash(each.how); });
      CHECK(std::string(name_of(crash.signal())) == name_of(each.signal));
      CHECK(crash.generation() == newest);
      CHECK(std::string(crash.module()) == "sheep");
      CHECK(std::string(crash.function()) == "crash");
      CHECK_THAT(crash.what(), contains("'crash' crashed: " + std::string(name_of(each.signal))));
      CHECK_THAT(crash.what(), contains("in generation " + std::to_string(newest)));
      CHECK(sheep::library.generation() == 1);
      CHECK(sheep::answer() == 1);
    }
  }
  CHECK(h.told(event_kind::crashed).size() == newest - 1);
  h.put("sheep", 4711);
  CHECK(sheep::answer() == 4711);
  CHECK(sheep::library.generation() == newest + 1);
}

TEST_CASE("crash: the address is the memory's, or the instruction's", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  int next = 2;
  const auto address_of = [&](int how) {
    h.put("sheep", next++);
    return must_crash([&] { return sheep::crash(how); }).address();
  };
  CHECK(address_of(crashes::null_read) == nullptr);
  CHECK(reinterpret_cast<std::uintptr_t>(address_of(crashes::write_at_16)) == address_16);
  CHECK(address_of(crashes::aborts) == nullptr);
  CHECK(address_of(crashes::bus_error) != nullptr);
  int here = 0;
  const auto distance = reinterpret_cast<std::uintptr_t>(&here) -
                        reinterpret_cast<std::uintptr_t>(address_of(crashes::overflow));
  CHECK(distance < std::uintptr_t{1} << 30);
#if defined(__x86_64__) || defined(__i386__)
  for (const int how : {crashes::division, crashes::illegal_instruction, crashes::trap}) {
    Dl_info found = {};
    REQUIRE(::dladdr(const_cast<void*>(address_of(how)), &found) != 0);
    CHECK_THAT(found.dli_fname, contains("libsheep.so.dymod-"));
  }
#endif
}

TEST_CASE("crash: is an exception of its own, copied without failing", "[crash]") {
  static_assert(std::is_base_of_v<std::exception, dymod::crash>);
  static_assert(!std::is_base_of_v<dymod::error, dymod::crash>);
  static_assert(std::is_nothrow_copy_constructible_v<dymod::crash>);
  static_assert(std::is_nothrow_copy_assignable_v<dymod::crash>);
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  std::exception_ptr kept;
  try {
    static_cast<void>(sheep::crash(crashes::null_read));
  } catch (const std::exception& caught) {
    kept = std::current_exception();
    CHECK(dynamic_cast<const dymod::error*>(&caught) == nullptr);
  }
  dymod::crash other = must_crash([&] {
    h.put("sheep", 3);
    return sheep::crash(crashes::aborts);
  });
  try {
    std::rethrow_exception(kept);
  } catch (const dymod::crash& caught) {
    const std::string words = caught.what();
    CHECK(caught.signal() == SIGSEGV);
    other = caught;
    CHECK(other.what() == words);
    CHECK(other.signal() == SIGSEGV);
    CHECK(other.generation() == 2);
  }
}

TEST_CASE("crash: the event says what happened and what to do", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  const dymod::crash crash = must_crash([] { return sheep::crash(crashes::write_at_16); });
  const std::vector<heard_event> heard = h.events();
  REQUIRE(heard.size() == 3);  // loaded, reloaded, crashed
  CHECK(heard[2].kind == event_kind::crashed);
  CHECK(heard[2].module_name == "sheep");
  CHECK(heard[2].generation == 1);
  CHECK_THAT(heard[2].message, contains("'crash' crashed: " + at_address_16 +
                                        " in generation 2; generation 1 is "
                                        "current again\n    instruction 0x"));
  CHECK_THAT(heard[2].message, contains("libsheep.so.dymod-"));
  CHECK_THAT(heard[2].message, contains("\n    mend what was wrong with it, and build the module"));
  CHECK_THAT(crash.what(), contains("dymod: sheep: 'crash' crashed: " + at_address_16 +
                                    " in generation 2\n"
                                    "    instruction 0x"));
}

TEST_CASE("crash: the page of messages has what is told, entry by entry", "[crash]") {
  host h;
  static std::atomic<int> step;
  step = 0;
  int number = 0;
  const auto next = [&] {
    h.put("sheep", ++number);
    REQUIRE(sheep::answer() == number);
  };
  const auto crash = [] {
    return std::string(must_crash([] { return sheep::crash(crashes::write_at_16); }).what());
  };

  next();
  next();
  const std::string thrown = crash();
  crash();
  const std::string refused = must_crash([] { return sheep::answer(); }).what();
  next();
  std::thread old([] {
    must_crash([] {
      return sheep::ask_and_crash(
          [] {
            step = 1;
            workshop::wait_until([] { return step == 2; });
          },
          crashes::null_read);
    });
  });
  workshop::wait_until([] { return step == 1; });
  next();
  step = 2;
  old.join();
  h.put("wolf", 1);
  REQUIRE(wolf::answer() == 1);
  next();
  dymod::hook crashing = wolf::library.before_reload([&] { crash(); });
  h.put("wolf", 2);
  REQUIRE(wolf::answer() == 2);
  crashing.remove();
  REQUIRE(sheep::answer() == number - 1);
  h.put("sheep", number);
  REQUIRE(sheep::answer() == number - 1);

  std::vector<std::string> messages;
  for (const heard_event& each : h.events()) {
    if (each.kind == event_kind::crashed || each.kind == event_kind::rejected) {
      // What is told of a refusal ends in the generation that runs on.
      const std::string words = "; generation 4 runs on";
      const std::size_t at =
          each.kind == event_kind::rejected ? each.message.find(words) : std::string::npos;
      messages.push_back(each.message);
      if (at != std::string::npos) messages.back().erase(at, words.size());
    }
  }
  const std::size_t prefix = std::string("dymod: sheep: ").size();
  messages.push_back(thrown.substr(prefix));
  messages.push_back(refused.substr(prefix));
  const std::vector<messages_page::entry> page = messages_page::entries("Crashes");
  REQUIRE(page.size() == messages.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    CAPTURE(page[i].first, messages[i]);
    CHECK(page[i].is("sheep", messages[i]));
  }
}

// --- crash: which generation is current then

TEST_CASE("crash: the build that crashed stays away until there is another", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(sheep::answer() == 1);
  CHECK_FALSE(sheep::reload());
  CHECK_FALSE(dymod::reload_all());
  CHECK(sheep::answer() == 1);
  workshop::run_ok("touch '" + h.library_of("sheep") + "'");
  CHECK(sheep::answer() == 1);
  CHECK_FALSE(sheep::reload());
  CHECK_FALSE(dymod::reload_all());
  h.put("sheep", 2);  // the same bytes in another file
  CHECK(sheep::answer() == 1);
  CHECK_FALSE(sheep::reload());
  CHECK_FALSE(dymod::reload_all());
  CHECK(sheep::answer() == 1);
  CHECK(sheep::library.generation() == 1);
  CHECK(h.told(event_kind::crashed).size() == 1);
  CHECK(h.told(event_kind::reloaded).size() == 1);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  CHECK(sheep::library.generation() == 3);
  // From there on it goes back to what was current before.
  h.put("sheep", 4);
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(sheep::answer() == 3);
  CHECK(sheep::library.generation() == 3);
}

TEST_CASE("crash: the build that crashed stays away after it was unloaded", "[crash]") {
  host h;
  h.put("sheep", 1, {can_be_unloaded});
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2, {can_be_unloaded});
  must_crash([] { return sheep::crash(crashes::null_read); });
  const unsigned unloaded = sheep::library.unload_old();
  CHECK((unloaded == 1 || !h.told(event_kind::warning).empty()));
  CHECK_FALSE(sheep::reload());
  workshop::run_ok("touch '" + h.library_of("sheep") + "'");
  CHECK_FALSE(sheep::reload());
  CHECK(sheep::answer() == 1);
  CHECK(sheep::library.generation() == 1);
  h.put("sheep", 3, {can_be_unloaded});
  CHECK(sheep::answer() == 3);
}

TEST_CASE("crash: the build that crashed is not told of again, whatever was refused before it",
          "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  workshop::write_file("next", "garbage");
  workshop::put_in_place("next", h.library_of("sheep"));
  // Until its stamp is old enough for dymod to rely on.
  workshop::wait_until([] {
    REQUIRE(sheep::answer() == 1);
    const auto* const known = dymod::detail::process_registry().records.load_acquire();
    return known->published.load_acquire()->refused != dymod::detail::file_key{};
  });
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  must_crash([] { return sheep::crash(crashes::null_read); });
  for (int i = 0; i < 3; ++i) CHECK(sheep::answer() == 1);
  CHECK(h.told(event_kind::rejected).size() == 1);  // the garbage
}

TEST_CASE("crash: in the first generation calls throw until there is a new build", "[crash]") {
  host h;
  h.put("sheep", 1);
  const dymod::crash first = must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(first.generation() == 1);
  CHECK_THAT(h.told(event_kind::crashed).at(0),
             contains("'crash' crashed: SIGSEGV at address 0x0 in generation 1, and none before it "
                      "can take over: calls throw until a new build comes\n"));
  for (int i = 0; i < 3; ++i) {
    const dymod::crash again = must_crash([] { return sheep::answer(); });
    CHECK(std::string(again.module()) == "sheep");
    CHECK(again.generation() == 1);
    CHECK(again.signal() == SIGSEGV);
    CHECK_THAT(again.what(), contains("dymod: sheep: 'answer' is not called: 'crash' crashed "
                                      "(SIGSEGV at address 0x0) in generation 1"));
  }
  CHECK_FALSE(sheep::reload());
  CHECK_FALSE(dymod::reload_all());
  workshop::run_ok("touch '" + h.library_of("sheep") + "'");
  must_crash([] { return sheep::answer(); });
  CHECK(h.told(event_kind::crashed).size() == 1);
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(sheep::library.generation() == 2);
}

TEST_CASE("crash: one generation after the other crashes", "[crash]") {
  host h;
  for (int i = 1; i <= 3; ++i) {
    h.put("sheep", i);
    REQUIRE(sheep::answer() == i);
  }
  for (unsigned i = 3; i >= 1; --i) {
    CHECK(sheep::library.generation() == i);
    CHECK(must_crash([] { return sheep::crash(crashes::null_read); }).generation() == i);
  }
  must_crash([] { return sheep::answer(); });
  CHECK(h.told(event_kind::crashed).size() == 3);
  h.put("sheep", 4);
  CHECK(sheep::answer() == 4);
  CHECK(sheep::library.generation() == 4);
  // What has crashed is never gone back to.
  must_crash([] { return sheep::crash(crashes::null_read); });
  must_crash([] { return sheep::answer(); });
}

TEST_CASE("crash: old code that still runs leaves the newer generation alone", "[crash]") {
  host h;
  static std::atomic<int> step;
  step = 0;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  unsigned generation = 0;
  std::thread old([&] {
    generation = must_crash([] {
                   return sheep::ask_and_crash(
                       [] {
                         step = 1;
                         workshop::wait_until([] { return step == 2; });
                       },
                       crashes::null_read);
                 }).generation();
  });
  workshop::wait_until([] { return step == 1; });
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  step = 2;
  old.join();
  CHECK(generation == 1);
  CHECK(sheep::answer() == 2);
  CHECK(sheep::library.generation() == 2);
  CHECK(sheep::crash(crashes::none) == 2);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
  // Generation 2 is sound, generation 1 is not.
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(sheep::answer() == 2);
  must_crash([] { return sheep::crash(crashes::null_read); });
  must_crash([] { return sheep::answer(); });
}

TEST_CASE("crash: layouts that only the module knows keep it from going back", "[crash]") {
  host h;
  h.put("meadow", 1);
  herd* all = meadow::make();
  REQUIRE(meadow::answer(all) == 2);
  dymod::hook knows = meadow::library.before_reload([] {});
  h.put("meadow", 2, {"-O0", {{"int sheep = 1;", "int sheep = 1, lambs = 1;"}}});
  all = meadow::make();
  REQUIRE(meadow::answer(all) == 3);
  REQUIRE(meadow::library.generation() == 2);
  must_crash([] { return meadow::crash(crashes::null_read); });
  must_crash([&] { return meadow::answer(all); });
  h.put("meadow", 3, {"-O0", {{"int sheep = 1;", "int sheep = 1, lambs = 1;"}}});
  CHECK(meadow::answer(all) == 4);
  knows.remove();
}

// --- crash: calls inside calls

TEST_CASE("crash: a module's call of a module that crashes passes through as an exception",
          "[crash]") {
  host h;
  for (const char* flags : {"-O0", "-O2"}) {
    h.put("wolf", 1, {flags});
    h.put("sheep", 1, {flags});
    int destroyed = 0;
    REQUIRE(wolf::through(crashes::none, destroyed) == 2);
    REQUIRE(destroyed == 1);
    const unsigned wolf_before = wolf::library.generation();
    const unsigned sheep_before = sheep::library.generation();
    h.put("sheep", 2, {flags});
    const dymod::crash crash =
        must_crash([&] { return wolf::through(crashes::null_read, destroyed); });
    CHECK(std::string(crash.module()) == "sheep");
    CHECK(destroyed == 2);
    CHECK(wolf::library.generation() == wolf_before);
    CHECK(sheep::library.generation() == sheep_before);
    h.put("sheep", 3, {flags});
    CHECK(wolf::caught(crashes::aborts) == -SIGABRT);
    CHECK(wolf::library.generation() == wolf_before);
    CHECK(sheep::library.generation() == sheep_before);
    CHECK(sheep::answer() == 1);
    h.put("sheep", 4, {flags});  // the file is another one in the next round, too
    CHECK(wolf::through(crashes::none, destroyed) == 5);
    // The outer one crashes after the inner one has returned.
    h.put("wolf", 2, {flags});
    CHECK(std::string(must_crash([&] { return wolf::crash(crashes::overflow); }).module()) ==
          "wolf");
    CHECK(wolf::answer() == 1);
  }
}

TEST_CASE("crash: who crashes is told also where a module's own calls are not guarded", "[crash]") {
  host h;
  h.put("wolf", 1, {"-O0 -UDYMOD_CRASH_GUARD"});
  h.put("sheep", 1, {"-O0 -DDYMOD_TEST_ONLY_SHEEP"});
  int destroyed = 0;
  REQUIRE(wolf::through(crashes::none, destroyed) == 2);
  h.put("sheep", 2, {"-O0 -DDYMOD_TEST_ONLY_SHEEP"});
  const dymod::crash crash =
      must_crash([&] { return wolf::through(crashes::null_read, destroyed); });
  CHECK(std::string(crash.module()) == "sheep");
  CHECK(crash.generation() == 2);
  CHECK(wolf::answer() == 1);
  CHECK(sheep::answer() == 1);
}

TEST_CASE("crash: the image that handles crashes stays when old ones are unloaded", "[crash]") {
  host h;
  h.put("sheep", 1, {can_be_unloaded + " -DDYMOD_TEST_ONLY_SHEEP"});
  h.put("wolf", 1, {can_be_unloaded});
  REQUIRE(catch_in_module(crashes::none) == 1);
  h.put("wolf", 2, {can_be_unloaded});
  h.put("sheep", 2, {can_be_unloaded + " -DDYMOD_TEST_ONLY_SHEEP"});
  CHECK(catch_in_module(crashes::none) == 2);
  CHECK(wolf::library.unload_old() == 0);
  CHECK(h.told(event_kind::warning) ==
        std::vector<std::string>{
            "wolf: generation 1 stays loaded: the handler of crashes is part of it"});
  CHECK(catch_in_module(crashes::null_read) == -SIGSEGV);
  CHECK(sheep::library.generation() == 1);
}

TEST_CASE("crash: plain symbols of C are guarded as well", "[crash]") {
  host h;
  h.put("grass", 1);
  REQUIRE(grass::grass_answer() == 1);
  h.put("grass", 2);
  const dymod::crash crash = must_crash([] { return grass::grass_crash(crashes::aborts); });
  CHECK(std::string(crash.module()) == "grass");
  CHECK(std::string(crash.function()) == "grass_crash");
  CHECK(grass::grass_answer() == 1);
}

TEST_CASE("crash: exceptions, strings by value and errno pass as they do unguarded", "[crash]") {
  host h;
  h.put("sheep", 1);
  CHECK(sheep::greet("Dolly with a name that does not fit into the string itself", 0) ==
        "Hello, Dolly with a name that does not fit into the string itself");
  CHECK_THROWS_WITH(sheep::fail(17), "17");
  CHECK(sheep::set_errno(33) == 1);
  CHECK(errno == 33);
  h.put("sheep", 2);
  // A longer one would be lost with its memory, as all that has a destructor.
  must_crash([] { return sheep::greet("Dolly", crashes::null_read); });
  CHECK(sheep::greet(std::string(100, 'x'), 0) == "Hello, " + std::string(100, 'x'));
  // Exceptions work afterwards, also where the module died of one.
  h.put("sheep", 3);
  must_crash([] { return sheep::crash(crashes::terminates); });
  CHECK_THROWS_WITH(sheep::fail(18), "18");
  CHECK_THROWS_WITH(throw std::runtime_error("19"), "19");
}

TEST_CASE("crash: a crash inside a hook's call is the caller's, and the reload goes on",
          "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  int crashes_seen = 0;
  std::vector<unsigned> generations;
  dymod::hook before = sheep::library.before_reload([&] {
    generations.push_back(sheep::library.generation());
    crashes_seen += crash_of([] { return sheep::crash(crashes::null_read); }).has_value();
  });
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(crashes_seen == 1);
  CHECK(generations == std::vector<unsigned>{1});
  before.remove();
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
}

TEST_CASE("crash: a crash inside a hook of roll_back() is told of", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  static int runs;
  runs = 0;
  dymod::hook before = sheep::library.before_reload([&] {
    ++runs;
    must_crash([] { return sheep::crash(crashes::null_read); });
    must_crash([] { return sheep::crash(crashes::null_read); });
    CHECK(sheep::answer() == 2);
    CHECK_FALSE(sheep::library.roll_back());
  });
  CHECK(sheep::library.roll_back());
  CHECK(runs == 1);
  before.remove();
  CHECK(sheep::answer() == 1);
  const std::vector<std::string> told = h.told(event_kind::crashed);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], contains("in generation 2, during a load or a hook: it stays current until "
                               "that is over\n"));
}

TEST_CASE("crash: a crash inside a hook of another module counts when that is over", "[crash]") {
  host h;
  h.put("wolf", 1);
  h.put("sheep", 1);
  REQUIRE(sheep::answer() + wolf::answer() == 2);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  int answered = 0;
  dymod::hook before = wolf::library.before_reload([&] {
    must_crash([] { return sheep::crash(crashes::null_read); });
    answered = sheep::answer();
  });
  h.put("wolf", 2);
  CHECK(wolf::answer() == 2);
  before.remove();
  CHECK(answered == 2);
  CHECK(sheep::answer() == 1);
  CHECK(sheep::library.generation() == 1);
  const std::vector<std::string> told = h.told(event_kind::crashed);
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[1], contains("generation 2 has crashed; generation 1 is current again"));
}

TEST_CASE("crash: hooks of the build that mends it may still call what crashed", "[crash]") {
  host h;
  h.put("sheep", 1);
  must_crash([] { return sheep::crash(crashes::null_read); });
  must_crash([] { return sheep::answer(); });
  int saved = 0;
  int restored = 0;
  dymod::hook before = sheep::library.before_reload([&] { saved = sheep::answer(); });
  dymod::hook after = sheep::library.after_reload([&] { restored = sheep::answer(); });
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  CHECK(saved == 1);
  CHECK(restored == 2);
  before.remove();
  after.remove();
}

TEST_CASE("crash: no hook runs when a generation is left by a crash", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  int runs = 0;
  dymod::hook before = sheep::library.before_reload([&] { ++runs; });
  dymod::hook after = sheep::library.after_reload([&] { ++runs; });
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(sheep::answer() == 1);
  CHECK(runs == 0);
  before.remove();
  after.remove();
}

// --- crash: what is not the module's

TEST_CASE("crash: what the program itself does goes to its own handler", "[crash]") {
  host h;
  install(SIGSEGV, &handle_with_words, SA_ONSTACK);
  install(SIGABRT, &handle, SA_ONSTACK);
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  // In a callback of the module.
  CHECK(reaches_handler([] { return sheep::ask(&crash_in_host, crashes::write_at_16); }));
  CHECK(last_handled.signal == SIGSEGV);
  CHECK(reinterpret_cast<std::uintptr_t>(last_handled.address) == address_16);
  CHECK(sheep::library.generation() == 2);
  // The jump has left a call that is guarded; with none, and after another.
  CHECK(reaches_handler([] { crash_in_host(crashes::null_read); }));
  CHECK(last_handled.address == nullptr);
  CHECK(sheep::answer() == 2);
  CHECK(reaches_handler([] { crash_in_host(crashes::null_read); }));
  // Modules are guarded as before.
  CHECK(must_crash([] { return sheep::crash(crashes::null_read); }).generation() == 2);
  CHECK(reaches_handler([] { crash_in_host(crashes::null_read); }));
  CHECK(times_handled == 4);
  CHECK(sheep::answer() == 1);
  CHECK(h.told(event_kind::crashed).size() == 1);
}

TEST_CASE("crash: the program's jump out of a module leaves no guard behind", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  for (int i = 0; i < 100; ++i) {
    CHECK(reaches_handler(
        [] { return sheep::ask_and_crash([] { ::siglongjmp(way_out, 1); }, crashes::none); }));
  }
  CHECK(ended_by(SIGSEGV, in_child([] { return crash_in_host(crashes::null_read); })));
  h.put("sheep", 2);
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(sheep::answer() == 1);
}

// Fills the stack below, then crashes in the C library.
int crash_below(int depth) {
  volatile char block[1000];
  for (volatile char& each : block) each = static_cast<char>(depth);
  const int done = depth == 0 ? crash_in_host(crashes::in_strlen) : crash_below(depth - 1);
  return done + block[999];
}

TEST_CASE("crash: what lies where a guarded call was, before a jump out of it, is no guard",
          "[crash]") {
  host h;
  install(SIGSEGV, &handle, SA_ONSTACK);
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  for (int i = 0; i < 3; ++i) {
    CHECK(reaches_handler(
        [] { return sheep::ask_and_crash([] { ::siglongjmp(way_out, 1); }, crashes::none); }));
    CHECK(times_handled == i);
    CHECK(reaches_handler([] { crash_below(20); }));
    CHECK(times_handled == i + 1);
  }
  CHECK(sheep::answer() == 1);
  CHECK(sheep::library.generation() == 1);
  CHECK(h.told(event_kind::crashed).empty());
}

TEST_CASE("crash: exceptions leave no guard behind", "[crash]") {
  host h;
  h.put("sheep", 1);
  for (int i = 0; i < 1000; ++i) CHECK_THROWS_AS(sheep::fail(i), std::runtime_error);
  CHECK(ended_by(SIGSEGV, in_child([] { return crash_in_host(crashes::null_read); })));
  CHECK(ended_by(SIGABRT, in_child([] { return crash_in_host(crashes::aborts); })));
}

TEST_CASE("crash: without a handler the program ends by the signal it would end by", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  for (const auto& each : ways) {
    CAPTURE(each.how);
    const int status = in_child([&] {
      static_cast<void>(sheep::answer());
      return crash_in_host(each.how);
    });
    CHECK(ended_by(each.signal, status));
  }
}

TEST_CASE("crash: handlers of all kinds are called as the system would call them", "[crash]") {
  host h;
  // Each in a child, where handlers are installed before the first guarded call.
  h.put("sheep", 1);
  const auto in_program = [](auto prepare, auto test) {
    return in_child([&] {
      prepare();
      static_cast<void>(sheep::answer());
      return test();
    });
  };
  SECTION("with words") {
    CHECK(ended_well(in_program([] { install(SIGSEGV, &handle_with_words); },
                                [] {
                                  if (!reaches_handler([] { crash_in_host(crashes::write_at_16); }))
                                    return 1;
                                  return last_handled.address == reinterpret_cast<void*>(address_16)
                                             ? 0
                                             : 2;
                                })));
  }
  SECTION("plain") {
    CHECK(ended_well(in_program([] { install(SIGSEGV, &handle); },
                                [] {
                                  for (int i = 0; i < 3; ++i) {
                                    if (!reaches_handler([] { crash_in_host(crashes::null_read); }))
                                      return 1;
                                  }
                                  return 0;
                                })));
  }
  SECTION("once") {
    CHECK(ended_by(SIGSEGV,
                   in_program([] { install(SIGSEGV, &handle, static_cast<int>(SA_RESETHAND)); },
                              [] {
                                if (!reaches_handler([] { crash_in_host(crashes::null_read); }))
                                  return 1;
                                return crash_in_host(crashes::null_read);
                              })));
  }
  SECTION("ignored, of itself") {
    CHECK(ended_by(SIGSEGV, in_program([] { ::signal(SIGSEGV, SIG_IGN); },
                                       [] { return crash_in_host(crashes::null_read); })));
  }
  SECTION("ignored, sent") {
    CHECK(ended_well(in_program([] { ::signal(SIGSEGV, SIG_IGN); },
                                [] { return ::kill(::getpid(), SIGSEGV); })));
  }
  SECTION("default, sent") {
    CHECK(ended_by(SIGSEGV, in_program([] {},
                                       [] {
                                         ::kill(::getpid(), SIGSEGV);
                                         return 0;
                                       })));
  }
  SECTION("abort, ignored") {
    CHECK(ended_by(SIGABRT, in_program([] { ::signal(SIGABRT, SIG_IGN); },
                                       [] { return crash_in_host(crashes::aborts); })));
  }
  SECTION("with a mask") {
    CHECK(ended_well(in_program(
        [] {
          struct sigaction mine = {};
          mine.sa_handler = [](int) {
            sigset_t now;
            ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
            last_handled.on_own_stack = ::sigismember(&now, SIGUSR1) == 1;
            ::siglongjmp(way_out, 1);
          };
          ::sigemptyset(&mine.sa_mask);
          ::sigaddset(&mine.sa_mask, SIGUSR1);
          ::sigaction(SIGSEGV, &mine, nullptr);
        },
        [] {
          if (!reaches_handler([] { crash_in_host(crashes::null_read); })) return 1;
          return last_handled.on_own_stack ? 0 : 2;
        })));
  }
}

TEST_CASE("crash: a signal that somebody sends is no crash", "[crash]") {
  host h;
  install(SIGABRT, &count_only);  // not SIGSEGV, which qemu takes for a crash of its own
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2, {"-O0", {{"int sheep::answer() {", R"(
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
int sheep::answer() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::kill(::getppid(), SIGABRT);
    ::_exit(0);
  }
  while (::waitpid(child, nullptr, 0) < 0) {}
)"}}});
  CHECK(sheep::answer() == 2);
  CHECK(times_handled == 1);
  CHECK(sheep::library.generation() == 2);
}

TEST_CASE("crash: a thread that the module has started is not guarded", "[crash][threads]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2, {"-O0 -pthread", {{"int sheep::answer() {", R"(
#include <thread>
int sheep::answer() {
  std::thread([] { crashes::crash(crashes::null_read); }).join();
)"}}});
  CHECK(ended_by(SIGSEGV, in_child([] { return sheep::answer(); })));
}

TEST_CASE("crash: a handler that the program installs later has its way", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  const struct sigaction before = install(SIGSEGV, &handle);
  CHECK(reaches_handler([] { return sheep::crash(crashes::null_read); }));
  CHECK(reaches_handler([] { crash_in_host(crashes::null_read); }));
  CHECK(sheep::library.generation() == 1);
  // What it has found there it can put back.
  ::sigaction(SIGSEGV, &before, nullptr);
  h.put("sheep", 2);
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(sheep::answer() == 1);
}

TEST_CASE("crash: a translation unit that does not guard does not", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  CHECK(crash_not_guarded(crashes::none) == 2);
  CHECK(ended_by(SIGSEGV, in_child([] { return crash_not_guarded(crashes::null_read); })));
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(crash_not_guarded(crashes::none) == 1);
  CHECK(ended_by(SIGABRT, in_child([] { return crash_not_guarded(crashes::aborts); })));
}

TEST_CASE("crash: a function that must not throw ends the program with the message", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::quiet(crashes::none) == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::quiet(crashes::none) == 2);
  const int status = in_child(
      [] {
        dymod::set_event_handler(nullptr);
        return sheep::quiet(crashes::write_at_16);
      },
      h / "errors");
  CHECK(ended_by(SIGABRT, status));
  CHECK_THAT(workshop::read_file("errors"),
             contains("dymod: sheep: 'quiet' crashed: " + at_address_16 + " in generation 2"));
}

TEST_CASE("crash: a forked child has crashes of its own", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  const int status = in_child([] {
    const bool crashed = crash_of([] { return sheep::crash(crashes::overflow); }).has_value();
    return crashed && sheep::answer() == 1 ? 0 : 1;
  });
  CHECK(ended_well(status));
  CHECK(sheep::answer() == 2);
  must_crash([] { return sheep::crash(crashes::null_read); });
  CHECK(sheep::answer() == 1);
}

TEST_CASE("crash: a callback of the program's that crashes ends the program", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  // Where the C library crashes, or nothing, nobody knows who called it.
  constexpr int known[] = {crashes::null_read, crashes::write_at_16, crashes::illegal_instruction,
                           crashes::bus_error, crashes::overflow,    crashes::in_sort};
  for (const int how : known) {
    CAPTURE(how);
    const int status = in_child([&] { return sheep::ask(&crash_in_host, how); });
    CHECK(ended_by(how == crashes::bus_error             ? SIGBUS
                   : how == crashes::illegal_instruction ? SIGILL
                                                         : SIGSEGV,
                   status));
  }
}

TEST_CASE("crash: a hook may wait for a thread that crashes", "[crash][threads]") {
  host h;
  static std::atomic<int> step;
  step = 0;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  std::thread worker([] {
    must_crash([] {
      return sheep::ask_and_crash(
          [] {
            step = 1;
            workshop::wait_until([] { return step == 2; });
          },
          crashes::null_read);
    });
    step = 3;
  });
  workshop::wait_until([] { return step == 1; });
  dymod::hook rests = sheep::library.before_reload([] {
    step = 2;
    workshop::wait_until([] { return step == 3; });
  });
  h.put("sheep", 2);
  CHECK(sheep::answer() == 2);
  worker.join();
  rests.remove();
  CHECK(sheep::answer() == 2);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
}

// --- crash: threads, stacks and masks

TEST_CASE("crash: eight threads and two modules crash at once, each has its exception",
          "[crash][threads]") {
  host h;
  for (int round = 1; round <= 5; ++round) {
    h.put("sheep", round);
    h.put("wolf", round);
    REQUIRE(sheep::answer() == round);
    REQUIRE(wolf::answer() == round);
    std::atomic<int> waiting{0};
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        ++waiting;
        workshop::wait_until([&] { return waiting == 8; });
        const std::optional<dymod::crash> crash = crash_of([&] {
          const int how = i % 4 < 2 ? crashes::null_read : crashes::aborts;
          return i % 2 == 0 ? sheep::crash(how) : wolf::crash(how);
        });
        right += crash && std::string(crash->module()) == (i % 2 == 0 ? "sheep" : "wolf");
      });
    }
    for (std::thread& each : threads) each.join();
    CHECK(right == 8);
  }
  h.put("sheep", 100);
  h.put("wolf", 100);
  CHECK(sheep::answer() + wolf::answer() == 200);
}

TEST_CASE("crash: several threads run out of stack", "[crash][threads]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  std::atomic<int> caught{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int again = 0; again < 2; ++again) {
        caught += crash_of([] { return sheep::crash(crashes::overflow); }).has_value();
      }
    });
  }
  for (std::thread& each : threads) each.join();
  CHECK(caught == 8);
  h.put("sheep", 3);
  CHECK(sheep::answer() == 3);
}

TEST_CASE("crash: a thread's own signal stack stays", "[crash][threads]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  std::thread([] {
    std::vector<char> memory(1 << 14);
    stack_t mine = {};
    mine.ss_sp = memory.data();
    mine.ss_size = memory.size();
    REQUIRE(::sigaltstack(&mine, nullptr) == 0);
    must_crash([] { return sheep::crash(crashes::overflow); });
    stack_t now = {};
    ::sigaltstack(nullptr, &now);
    CHECK(now.ss_sp == mine.ss_sp);
    CHECK(now.ss_size == mine.ss_size);
    CHECK(now.ss_flags == 0);
    mine.ss_flags = SS_DISABLE;
    ::sigaltstack(&mine, nullptr);
  }).join();
  CHECK(sheep::answer() == 1);
}

TEST_CASE("crash: signal stacks go with their threads", "[crash][threads]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  // Threads leave some of their own.
  const auto run_threads = [](bool guarded) {
    for (int i = 0; i < 200; ++i) {
      std::thread([guarded] {
        if (guarded) static_cast<void>(sheep::answer());
      }).join();
    }
  };
  const auto mappings = [] {
    const std::string all = workshop::read_file("/proc/self/maps");
    return std::count(all.begin(), all.end(), '\n');
  };
  const auto at_first = mappings();
  run_threads(false);
  const auto then = mappings();
  run_threads(true);
  CHECK(mappings() - then < then - at_first + 100);  // two for each stack
}

TEST_CASE("crash: the signal mask is what it was", "[crash]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  int number = 2;
  for (const auto& each : ways) {
    for (const bool blocks : {false, true}) {
      CAPTURE(each.how, blocks);
      ::pthread_sigmask(blocks ? SIG_BLOCK : SIG_UNBLOCK, &blocked, nullptr);
      h.put("sheep", number++);
      must_crash([&] { return sheep::crash(each.how); });
      sigset_t now;
      ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
      CHECK(::sigismember(&now, SIGUSR1) == (blocks ? 1 : 0));
      for (const int signal : guarded_signals) CHECK(::sigismember(&now, signal) == 0);
      CHECK(::sigismember(&now, SIGUSR2) == 0);
      stack_t stack = {};
      ::sigaltstack(nullptr, &stack);
      CHECK((stack.ss_flags & SS_ONSTACK) == 0);
    }
  }
}

// --- roll_back: by hand

TEST_CASE("roll_back: by hand goes to the generation before", "[roll_back]") {
  host h;
  CHECK_FALSE(sheep::library.roll_back());
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  CHECK_FALSE(sheep::library.roll_back());
  for (int i = 2; i <= 3; ++i) {
    h.put("sheep", i);
    REQUIRE(sheep::answer() == i);
  }
  CHECK(sheep::library.roll_back());
  CHECK(sheep::answer() == 2);
  CHECK(sheep::library.generation() == 2);
  CHECK_FALSE(sheep::reload());
  CHECK_FALSE(dymod::reload_all());
  workshop::run_ok("touch '" + h.library_of("sheep") + "'");
  CHECK(sheep::answer() == 2);
  CHECK(sheep::library.roll_back());
  CHECK(sheep::answer() == 1);
  CHECK_FALSE(sheep::library.roll_back());
  CHECK(sheep::answer() == 1);
  const std::vector<std::string> told = h.told(event_kind::rolled_back);
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[0], contains("generation 2 is current again: roll_back() has left generation 3"));
  CHECK_THAT(told[1], contains("generation 1 is current again: roll_back() has left generation 2"));
  h.put("sheep", 4);
  CHECK(sheep::answer() == 4);
  CHECK(sheep::library.generation() == 4);
  CHECK(sheep::library.roll_back());
  CHECK(sheep::answer() == 1);
  CHECK(h.told(event_kind::crashed).empty());
}

TEST_CASE("roll_back: reload() says why the build that was left is not taken again",
          "[roll_back]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  REQUIRE(sheep::library.roll_back());
  CHECK_FALSE(sheep::reload());
  const std::vector<std::string> told = h.told(event_kind::rejected);
  REQUIRE(told.size() <= 1);
  if (!told.empty()) CHECK_THAT(told[0], contains("not taken again"));
}

TEST_CASE("roll_back: hooks run as at a reload, and inside them it is false", "[roll_back]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2);
  REQUIRE(sheep::answer() == 2);
  std::string seen;
  dymod::hook before = sheep::library.before_reload([&] {
    seen += "before " + std::to_string(sheep::answer());
    seen += sheep::library.roll_back() ? " true " : " false ";
  });
  dymod::hook after = sheep::library.after_reload([&] {
    seen += "after " + std::to_string(sheep::answer());
    seen += sheep::library.roll_back() ? " true " : " false ";
  });
  CHECK(sheep::library.roll_back());
  CHECK(seen == "before 2 false after 1 false ");
  before.remove();
  after.remove();
}

TEST_CASE("roll_back: hooks of the older generation's own do not come back", "[roll_back]") {
  host h;
  const recipe hooked{
      "-O0",
      {{"int sheep::answer() {",
        "#include <fstream>\n"
        "[[maybe_unused]] static const auto own = sheep::library.before_reload([] {\n"
        "  std::ofstream(\"hooked\", std::ios::app) << number();\n"
        "});\n"
        "int sheep::answer() {"}}};
  h.put("sheep", 1, hooked);
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2, hooked);
  REQUIRE(sheep::answer() == 2);
  CHECK(workshop::read_file("hooked") == "1");
  REQUIRE(sheep::library.roll_back());
  CHECK(workshop::read_file("hooked") == "12");
  h.put("sheep", 3, hooked);
  REQUIRE(sheep::answer() == 3);
  CHECK(workshop::read_file("hooked") == "12");
}

TEST_CASE("roll_back: not to what was unloaded", "[roll_back]") {
  host h;
  h.put("sheep", 1, {can_be_unloaded});
  REQUIRE(sheep::answer() == 1);
  h.put("sheep", 2, {can_be_unloaded});
  REQUIRE(sheep::answer() == 2);
  if (sheep::library.unload_old() == 1) {
    CHECK_FALSE(sheep::library.roll_back());
    CHECK(sheep::answer() == 2);
    must_crash([] { return sheep::crash(crashes::null_read); });
    must_crash([] { return sheep::answer(); });
  }
}

TEST_CASE("roll_back: while other threads call", "[roll_back][threads]") {
  host h;
  h.put("sheep", 1);
  REQUIRE(sheep::answer() == 1);
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!over) wrong += sheep::answer() < 1;
    });
  }
  for (int number = 2; number < 50; ++number) {
    h.put("sheep", number);
    static_cast<void>(sheep::reload());
    CHECK(sheep::library.roll_back());
    CHECK(sheep::answer() == 1);
  }
  over = true;
  for (std::thread& each : threads) each.join();
  CHECK(wrong == 0);
}
