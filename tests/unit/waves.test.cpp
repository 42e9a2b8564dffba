// SPDX-License-Identifier: MIT

// Modules that call modules, what runs around a reload, and the old generations: with the injected
// platform where something is to go wrong at one moment. The registry is the process's, so that the
// code of the images and the test speak of the same modules.

#if !defined(_WIN32)
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include <dymod/detail/call/library.hpp>
#include <dymod/detail/os/os.hpp>
#include <dymod/detail/reload/loader.hpp>
#include <dymod/detail/state/process.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

#include "scene.hpp"

using namespace scenes;

namespace {

// What the host declares of one module.
template <int Place> struct declared {
  static inline std::string path;
  static caller& made(const char* name, const char* const* functions, unsigned count,
                      bool extern_c = false) {
    static auto& all = *new std::list<caller>;
    return all.emplace_back(name, functions, types, count, extern_c, [] { return path.c_str(); });
  }
};

const char* const run_name[] = {"run"};
const char* const f_name[] = {"f"};

// "ping", whose code calls "pong"; "wolf" has nothing to do with them.
struct meadow {
  meadow() {
    injected::fault = injected::faults();
    injected::fault.file_now = injected::native::file_clock() + 10000000000;  // nothing is young
    declared<0>::path = folder / workshop::library_name("ping");
    declared<1>::path = folder / workshop::library_name("pong");
    declared<2>::path = folder / workshop::library_name("wolf");
    handler.handler = {[](const dymod::event& news, void* user) {
                         static_cast<meadow*>(user)->events.push_back(
                             {news.kind, news.generation, news.message, news.seconds});
                       },
                       this};
    known.handler.store_release(&handler);
  }
  ~meadow() { copies<injected>(known).remove_all(); }

  // pong_list: as ping knows it
  void build_ping(const std::string& pong_list, const std::string& answer,
                  const std::string& more = "", const std::string& flags = "") {
    workshop::build_module("ping",
                           "#include <dymod/dymod.hpp>\nDYMOD(ping, (run, int()))\n" + pong_list +
                               "\n" + more + "int ping::run() { return " + answer + "; }\n",
                           declared<0>::path, flags);
  }
  void build_pong(const std::string& pong_list, const std::string& bodies) {
    workshop::build_module("pong", "#include <dymod/dymod.hpp>\n" + pong_list + "\n" + bodies,
                           declared<1>::path);
  }
  void build_wolf(const std::string& answer) {
    workshop::build_module(
        "wolf",
        "#include <dymod/dymod.hpp>\nDYMOD(wolf, (run, int()))\nint wolf::run() { return " +
            answer + "; }\n",
        declared<2>::path);
  }

  record* load(caller& wants) { return loader.load_first(wants, why); }
  void call(record* of) {
    dymod::detail::file_key key;
    if (injected::look(of->path, key)) static_cast<void>(loader.catch_up(*of, key));
  }
  static int answer(const record* of, const caller& wants, unsigned index = 0) {
    return reinterpret_cast<int (*)()>(
        of->published.load_acquire()->functions[wants.number][index])();
  }
  unsigned generation(const record* of) { return dymod::detail::generation_of(*of); }
  template <class Function> static void before(caller& wants, Function function) {
    static_cast<void>(add_hook(&wants, true, static_cast<Function&&>(function)));
  }
  template <class Function> static void after(caller& wants, Function function) {
    static_cast<void>(add_hook(&wants, false, static_cast<Function&&>(function)));
  }

  workshop::folder folder;
  registry& known = process_registry();
  basic_loader<injected> loader{known};
  caller& ping_wanted = declared<0>::made("ping", run_name, 1);
  caller& pong_wanted = declared<1>::made("pong", f_name, 1);
  caller& wolf_wanted = declared<2>::made("wolf", run_name, 1);
  handler_choice handler{};
  std::vector<heard_event> events;
  problem why;
};

// As C++ source.
std::string address_of(void (*function)()) {
  return std::to_string(reinterpret_cast<std::uintptr_t>(function)) + "u";
}

const std::string pong_f = "DYMOD(pong, (f, int()))";
const std::string pong_f_g = "DYMOD(pong, (f, int()), (g, int()))";
const std::string body_f = "int pong::f() { return 1; }\n";
const std::string body_f_g = body_f + "int pong::g() { return 2; }\n";

}  // namespace

TEST_CASE("waves: a build refused for another module's sake is taken once that one is built",
          "[waves]") {
  meadow s;
  s.build_ping(pong_f, "pong::f()");
  s.build_pong(pong_f, body_f);
  record* const ping = s.load(s.ping_wanted);
  REQUIRE(ping != nullptr);
  REQUIRE(s.answer(ping, s.ping_wanted) == 1);
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);

  SECTION("a function more, ping first") {
    s.build_ping(pong_f_g, "pong::g()");
    s.call(ping);
    CHECK(s.generation(ping) == 1);
    s.build_pong(pong_f_g, body_f_g);
    s.call(pong);
    s.call(ping);
    CHECK(s.generation(ping) == 2);
    CHECK(s.answer(ping, s.ping_wanted) == 2);
  }
  SECTION("a function less, pong first") {
    s.build_ping(pong_f_g, "pong::f()");
    s.build_pong(pong_f_g, body_f_g);
    s.call(pong);
    s.call(ping);
    REQUIRE(s.generation(ping) == 2);
    s.build_pong(pong_f, body_f);
    s.call(pong);
    CHECK(s.generation(pong) == 2);
    s.build_ping(pong_f, "pong::f() + 5");
    s.call(ping);
    CHECK(s.answer(ping, s.ping_wanted) == 6);
    s.call(pong);
    CHECK(s.generation(pong) == 3);
  }
  CHECK(s.generation(pong) > 1);
}

TEST_CASE("waves: a build refused for another module's sake is told of once", "[waves]") {
  meadow s;
  s.build_ping(pong_f, "pong::f()");
  s.build_pong(pong_f, body_f);
  s.build_wolf("1");
  record* const ping = s.load(s.ping_wanted);
  REQUIRE(ping != nullptr);
  REQUIRE(s.answer(ping, s.ping_wanted) == 1);
  record* const wolf = s.load(s.wolf_wanted);
  REQUIRE(wolf != nullptr);
  s.build_ping(pong_f_g, "pong::g()");
  s.call(ping);
  s.events.clear();
  s.build_wolf("2");
  s.call(wolf);
  s.call(ping);
  REQUIRE(s.events.size() == 1);
  CHECK(s.events[0].kind == event_kind::reloaded);
}

TEST_CASE("waves: a module may be loaded for the first time while another's hooks run",
          "[waves][hooks]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  s.build_wolf("1");
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  unsigned runs = 0;
  unsigned during = 0;
  const auto load_wolf = [&] {
    problem why;
    REQUIRE(basic_loader<injected>(s.known).load_first(s.wolf_wanted, why) != nullptr);
  };
  SECTION("by the hook") {
    s.before(s.pong_wanted, [&] {
      if (++runs > 3) return;
      load_wolf();
      during = s.generation(pong);
    });
  }
  SECTION("on another thread") {
    s.before(s.pong_wanted, [&] {
      if (++runs > 3) return;
      std::thread(load_wolf).join();
      during = s.generation(pong);
    });
  }
  unsigned runs_after = 0;
  s.after(s.pong_wanted, [&] { ++runs_after; });
  for (int i = 2; i < 4; ++i) {
    s.build_pong(pong_f, "int pong::f() { return " + std::to_string(i) + "; }\n");
    s.call(pong);
    CHECK(runs == static_cast<unsigned>(i) - 1);
    CHECK(during == static_cast<unsigned>(i) - 1);
    CHECK(runs_after == runs);
    CHECK(s.answer(pong, s.pong_wanted) == i);
  }
}

TEST_CASE("waves: an extern \"C\" module may drop what only replaced code wants", "[waves]") {
  meadow s;
  const auto build_c = [](const std::string& name) {
    workshop::build_module(
        "pong",
        "extern \"C\" __attribute__((visibility(\"default\"))) int " + name + "() { return 4; }\n",
        declared<1>::path);
  };
  const auto list = [](const std::string& name) {
    return "DYMOD_EXTERN_C(pong, (" + name + ", int()))";
  };
  s.build_ping(list("old_one"), "pong::old_one()");
  build_c("old_one");
  record* const ping = s.load(s.ping_wanted);
  REQUIRE(ping != nullptr);
  REQUIRE(s.answer(ping, s.ping_wanted) == 4);
  SECTION("pong first") {
    record* const pong = s.known.records.load_acquire();
    REQUIRE(std::strcmp(pong->name, "pong") == 0);
    build_c("new_one");
    s.events.clear();
    s.call(pong);
    REQUIRE(s.events.size() == 1);
    CHECK_THAT(s.events[0].message,
               contains("does not define 'old_one', which module 'ping' declares"));
    CHECK_THAT(s.events[0].message, contains("build module 'ping' as well"));
    SECTION("whose function is called") {
      s.build_ping(list("new_one"), "1 + pong::new_one()");
      s.call(ping);
    }
    SECTION("which calls nothing any more") {
      s.build_ping("", "5");
      s.call(ping);
      s.call(pong);
    }
    CHECK(s.generation(pong) == 2);
  }
  SECTION("ping first") {
    s.build_ping(list("new_one"), "1 + pong::new_one()");
    s.events.clear();
    s.call(ping);
    CHECK(s.generation(ping) == 1);
    REQUIRE(s.events.size() == 1);
    CHECK_THAT(s.events[0].message,
               contains("does not define 'new_one', which module 'ping' declares"));
    CHECK_THAT(s.events[0].message, contains("build module 'pong' as well"));
    build_c("new_one");
    s.call(ping);  // not looked at again for its own sake
    s.call(s.known.records.load_acquire());
    s.call(ping);
  }
  CHECK(s.generation(ping) == 2);
  CHECK(s.answer(ping, s.ping_wanted) == 5);
}

TEST_CASE("waves: a build is judged before it is opened, whoever may come along", "[waves]") {
  meadow s;
  s.build_ping(pong_f, "pong::f()");
  s.build_pong(pong_f, body_f);
  record* const ping = s.load(s.ping_wanted);
  REQUIRE(ping != nullptr);
  REQUIRE(s.answer(ping, s.ping_wanted) == 1);
  record* const pong = s.known.records.load_acquire();
  REQUIRE(std::strcmp(pong->name, "pong") == 0);
  s.build_ping(pong_f, "pong::f() + 1");
  workshop::build_module("pong", "int nothing;\n", declared<1>::path);
  s.events.clear();
  injected::fault.calls.clear();
  s.call(pong);
  CHECK(injected::fault.calls["open_library"] == 0);
  REQUIRE(s.events.size() == 1);
  CHECK_THAT(s.events[0].message, contains("no description"));
}

TEST_CASE("waves: what generations share is compared, whoever comes along", "[waves]") {
  meadow s;
  const std::string list =
      "namespace farm { struct state; }\n"
      "DYMOD(pong, (make, farm::state*()), (f, int(farm::state*)))";
  const auto build_pong = [&](const std::string& field) {
    s.build_pong("namespace farm { struct state { " + field + " value; }; }\n" + list,
                 "farm::state* pong::make() { return new farm::state{}; }\n"
                 "int pong::f(farm::state*) { return 1; }\n");
  };
  s.build_ping(list, "pong::f(pong::make())");
  build_pong("int");
  record* const ping = s.load(s.ping_wanted);
  REQUIRE(ping != nullptr);
  REQUIRE(s.answer(ping, s.ping_wanted) == 1);
  record* const pong = s.known.records.load_acquire();
  REQUIRE(std::strcmp(pong->name, "pong") == 0);
  build_pong("float");
  s.build_ping(list, "1 + pong::f(pong::make())");
  s.call(pong);
  CHECK(s.generation(pong) == 1);
  CHECK_THAT(s.events.back().message, contains("layout changed"));
  CHECK_THAT(s.events.back().message, contains("farm::state in generation 1:"));
  CHECK_THAT(s.events.back().message, !contains("as well"));
}

TEST_CASE("waves: replaced code that calls a module for the first time is asked what it wants",
          "[waves][failure]") {
  meadow s;
  s.build_ping(pong_f, "pong::f()");
  record* const ping = s.load(s.ping_wanted);
  REQUIRE(ping != nullptr);
  // The address of the first generation's function, which has not called pong yet.
  const auto first = reinterpret_cast<int (*)()>(
      ping->published.load_acquire()->functions[s.ping_wanted.number][0]);
  s.build_ping("", "7");
  s.call(ping);
  REQUIRE(s.generation(ping) == 2);
  s.build_pong("DYMOD(pong, (f, long()))", "long pong::f() { return 1; }\n");
  // Thrown in the module; see docs/limits.md.
#if defined(_LIBCPP_VERSION)
  CHECK_THROWS_AS(first(), std::exception);
#else
  CHECK_THROWS_AS(first(), dymod::error);
#endif
  s.build_pong(pong_f, body_f);
  CHECK(first() == 1);
}

TEST_CASE("waves: who wants something else keeps no build from the others", "[waves]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  static const char* const h_name[] = {"h"};
  s.build_pong(pong_f, "int pong::f() { return 2; }\n");
  CHECK(s.load(declared<1>::made("pong", h_name, 1)) == nullptr);
  CHECK(s.why.code == error_code::missing_function);
  s.call(pong);
  CHECK(s.answer(pong, s.pong_wanted) == 2);
}

TEST_CASE("waves: a hook of a binary that does not call the module runs", "[waves][hooks]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  unsigned runs = 0;
  caller& silent = declared<1>::made("pong", f_name, 1);
  s.after(silent, [&] { ++runs; });
  s.build_pong(pong_f, "int pong::f() { return 2; }\n");
  s.call(pong);
  CHECK(s.generation(pong) == 2);
  CHECK(runs == 1);
}

TEST_CASE("waves: a library that has registered a hook stays loaded", "[waves][hooks]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  workshop::build_module("plugin",
                         "#include <dymod/dymod.hpp>\n" + pong_f +
                             "\nextern \"C\" __attribute__((visibility(\"default\"))) void "
                             "listen(int* runs) {\n"
                             "  pong::library.after_reload([runs] { ++*runs; });\n}\n",
                         s.folder / workshop::library_name("plugin"), "-DDYMOD_AUTO_RELOAD=0");
  void* const plugin =
      os::native::open_library((s.folder / workshop::library_name("plugin")).c_str());
  REQUIRE(plugin != nullptr);
  static int runs = 0;
  reinterpret_cast<void (*)(int*)>(os::native::symbol(plugin, "listen"))(&runs);
  os::native::close_library(plugin);
  s.build_pong(pong_f, "int pong::f() { return 2; }\n");
  s.call(pong);
  CHECK(s.generation(pong) == 2);
  CHECK(runs == 1);
}

namespace {

unsigned runs_of_function = 0;
void count_run() { ++runs_of_function; }

}  // namespace

TEST_CASE("waves: a hook that a module registers goes with it, whosever function it calls",
          "[waves][hooks]") {
  meadow s;
  const std::string address = address_of(&count_run);
  s.build_pong(pong_f,
               "const auto hook = pong::library.after_reload(reinterpret_cast<void (*)()>(" +
                   address + "));\nint pong::f() { return 1; }\n");
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  s.build_pong(pong_f,
               "const auto hook = pong::library.before_reload(reinterpret_cast<void (*)()>(" +
                   address + "));\nint pong::f() { return 2; }\n");
  s.call(pong);
  REQUIRE(s.generation(pong) == 2);
  CHECK(runs_of_function == 0);  // one was replaced, the other only begins
  s.build_pong(pong_f, "int pong::f() { return 3; }\n");
  s.call(pong);
  CHECK(s.generation(pong) == 3);
  CHECK(runs_of_function == 1);
  CHECK(s.known.hooks == nullptr);
}

namespace {

// What a library of the program's own does in a static constructor, with the lock of the system's
// loader.
std::function<void()> in_constructor;
void construct() { in_constructor(); }

void open_library_of_program(const meadow& s) {
  const std::string address = address_of(&construct);
  workshop::build_module(
      "plugin", "const int value = (reinterpret_cast<void (*)()>(" + address + ")(), 1);\n",
      s.folder / workshop::library_name("plugin"));
  REQUIRE(os::native::open_library((s.folder / workshop::library_name("plugin")).c_str()) !=
          nullptr);
}

}  // namespace

TEST_CASE("waves: nobody waits for the system's loader with the load lock", "[waves]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  std::atomic<bool> opening{false};
  std::atomic<bool> naming{false};
  bool free = true;
  std::thread other([&] {
    workshop::wait_until([&] { return opening.load(); });
    injected::fault.while_naming = [&] { naming = true; };
    static_cast<void>(s.load(s.pong_wanted));
  });
  in_constructor = [&] {
    opening = true;
    workshop::wait_until([&] { return naming.load(); });
    // What a call of a module would wait for.
    try {
      workshop::wait_until([&] { return s.known.lock.try_enter<os::native>(); });
      s.known.lock.leave<os::native>();
    } catch (const std::exception&) {
      free = false;
    }
  };
  open_library_of_program(s);
  other.join();
  CHECK(free);
  CHECK(s.pong_wanted.found.load_acquire() != nullptr);
}

TEST_CASE("waves: a library being opened calls a module that another thread is opening",
          "[waves]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  std::atomic<bool> in_plugin{false};
  std::atomic<bool> opening{false};
  caller& other_wanted = declared<1>::made("pong", f_name, 1);
  injected::fault.while_opening = [&] { opening = true; };
  std::thread other([&] {
    workshop::wait_until([&] { return in_plugin.load(); });
    static_cast<void>(s.load(s.pong_wanted));
  });
  in_constructor = [&] {
    in_plugin = true;
    workshop::wait_until([&] { return opening.load(); });
    problem why;
    basic_loader<injected> here(s.known);
    CHECK_FALSE(here.reload_all());
    CHECK(here.load_first(other_wanted, why) != nullptr);
  };
  open_library_of_program(s);
  other.join();
  record* const pong = s.pong_wanted.found.load_acquire();
  REQUIRE(pong != nullptr);
  CHECK(other_wanted.found.load_acquire() == pong);
  CHECK(s.generation(pong) == 1);
  CHECK(s.answer(pong, s.pong_wanted) == 1);
  CHECK(s.answer(pong, other_wanted) == 1);
}

TEST_CASE("waves: code of an old generation that the system keeps may still call modules",
          "[waves]") {
  meadow s;
  const std::string pin =
      "#include <windows.h>\nstatic HMODULE kept;\nstatic const int pinned = GetModuleHandleExW(\n"
      "    GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,\n"
      "    reinterpret_cast<const wchar_t*>(&kept), &kept);\n";
  s.build_ping(pong_f, "pong::f()", workshop::on_windows ? pin : "",
               workshop::on_windows ? "" : "-Wl,-z,nodelete");
  s.build_pong(pong_f, body_f);
  record* const ping = s.load(s.ping_wanted);
  REQUIRE(ping != nullptr);
  REQUIRE(s.answer(ping, s.ping_wanted) == 1);
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  // As its static destructors do when the process ends.
  const auto first = reinterpret_cast<int (*)()>(
      ping->published.load_acquire()->functions[s.ping_wanted.number][0]);
  s.build_ping("", "7");
  s.call(ping);
  REQUIRE(s.generation(ping) == 2);
  s.events.clear();
  CHECK(s.loader.unload_old(*ping) == 0);
  REQUIRE(s.events.size() == 1);
  CHECK(s.events[0].kind == event_kind::warning);
  // Others take the places in the tables.
  static const char* const g_name[] = {"g"};
  s.build_pong(pong_f_g, body_f_g);
  s.call(pong);
  REQUIRE(s.load(declared<1>::made("pong", g_name, 1)) == pong);
  REQUIRE(s.load(declared<1>::made("pong", g_name, 1)) == pong);
  CHECK(first() == 1);
}

TEST_CASE("waves: a build that does not fit who came while hooks ran is told of",
          "[waves][hooks][failure]") {
  meadow s;
  s.build_pong(pong_f_g, body_f_g);
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  static const char* const g_name[] = {"g"};
  caller& newcomer = declared<1>::made("pong", g_name, 1);
  s.before(s.pong_wanted, [&] {
    problem why;
    REQUIRE(basic_loader<injected>(s.known).load_first(newcomer, why) == pong);
  });
  s.build_pong(pong_f, "int pong::f() { return 3; }\n");
  s.events.clear();
  SECTION("reload_all") { CHECK_FALSE(s.loader.reload_all()); }
  SECTION("a call") { s.call(pong); }
  CHECK(s.answer(pong, s.pong_wanted) == 1);
  CHECK(s.answer(pong, newcomer) == 2);
  REQUIRE(s.events.size() == 1);
  CHECK_THAT(s.events[0].message, contains("does not define 'g'"));
}

#if !defined(_WIN32)

TEST_CASE("waves: a child forked by a hook has no part in what its parent publishes",
          "[waves][hooks][failure]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  s.build_wolf("1");
  record* const pong = s.load(s.pong_wanted);
  record* const wolf = s.load(s.wolf_wanted);
  REQUIRE(pong != nullptr);
  REQUIRE(wolf != nullptr);
  int status = -1;
  s.before(s.pong_wanted, [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      workshop::write_file(declared<1>::path + ".new", "garbage");
      workshop::put_in_place(declared<1>::path + ".new", declared<1>::path);
      s.build_wolf("2");
      s.call(pong);
      s.call(wolf);
      ::_exit(s.generation(pong) == 1 && s.answer(wolf, s.wolf_wanted) == 2 ? 0 : 1);
    }
    ::waitpid(child, &status, 0);
  });
  s.build_pong(pong_f, "int pong::f() { return 2; }\n");
  s.call(pong);
  CHECK(status == 0);
  CHECK(s.answer(pong, s.pong_wanted) == 2);
  CHECK(s.generation(wolf) == 1);
  s.call(wolf);
  CHECK(s.generation(wolf) == 2);
}

TEST_CASE("waves: a thread that waits for a hook's end is cancelled afterwards", "[waves][hooks]") {
  meadow s;
  s.build_pong(pong_f, body_f);
  record* const pong = s.load(s.pong_wanted);
  REQUIRE(pong != nullptr);
  static dymod::hook added;
  pthread_t waiting{};
  added = dymod::hook(add_hook(&s.pong_wanted, true, [&] {
    const auto wait = [](void*) -> void* {
      ::pthread_cancel(::pthread_self());
      added.remove();
      ::pthread_testcancel();
      return nullptr;
    };
    REQUIRE(::pthread_create(&waiting, nullptr, wait, nullptr) == 0);
    workshop::wait_until([&] {
      const bool entered = s.known.lock.enter<os::native>();
      const bool waits = s.known.hooks->removed;
      if (entered) s.known.lock.leave<os::native>();
      return waits;
    });
  }));
  s.build_pong(pong_f, "int pong::f() { return 2; }\n");
  s.call(pong);
  void* result = nullptr;
  REQUIRE(::pthread_join(waiting, &result) == 0);
  CHECK(result == PTHREAD_CANCELED);
  CHECK(s.known.hooks == nullptr);
}

#endif
