// SPDX-License-Identifier: MIT

// A module, its library and a loader of its own, on a system whose every step can be made to fail,
// with a clock that stands still until it is told to go on.

#ifndef DYMOD_TESTS_UNIT_SCENE_HPP
#define DYMOD_TESTS_UNIT_SCENE_HPP

#include <cerrno>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <dymod/detail/os/os.hpp>
#include <dymod/detail/reload/loader.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

namespace scenes DYMOD_DETAIL_HIDDEN {

using namespace dymod::detail;
using dymod::error_code;
using dymod::event_kind;

// Errors of the system's own for tests to make up.
namespace errors {
#if defined(_WIN32)
inline constexpr int absent = 2;             // ERROR_FILE_NOT_FOUND
inline constexpr int denied = 5;             // ERROR_ACCESS_DENIED
inline constexpr int no_memory = 8;          // ERROR_NOT_ENOUGH_MEMORY
inline constexpr int read_only = 19;         // ERROR_WRITE_PROTECT
inline constexpr int taken = 80;             // ERROR_FILE_EXISTS
inline constexpr int full = 112;             // ERROR_DISK_FULL
inline constexpr int no_library = 126;       // ERROR_MOD_NOT_FOUND
inline constexpr int taken_directory = 183;  // ERROR_ALREADY_EXISTS
inline constexpr int bad_device = 1117;      // ERROR_IO_DEVICE
#else
inline constexpr int absent = ENOENT;
inline constexpr int denied = EACCES;
inline constexpr int no_memory = ENOMEM;
inline constexpr int read_only = EROFS;
inline constexpr int taken = EEXIST;
inline constexpr int taken_directory = EEXIST;
inline constexpr int full = ENOSPC;
inline constexpr int bad_device = EIO;
#endif

inline std::string words(int error) {
  text description;
  os::native::describe_error(error, description);
  return description.c_str();
}

// What the system says when it is asked for a library that is nowhere.
inline std::string words_for_no_library() {
#if defined(_WIN32)
  return words(no_library);
#else
  return "/nowhere.so: cannot open";
#endif
}
}  // namespace errors

struct injected : os::native {
  using native = os::native;

  struct faults {
    std::function<bool()> look = [] { return true; };
    std::function<bool()> open = [] { return true; };
    std::function<writers()> writing = [] { return writers::none; };
    std::function<bool()> create = [] { return true; };
    std::function<bool()> execute = [] { return true; };
    std::function<bool()> copy = [] { return true; };
    std::function<bool()> map = [] { return true; };
    std::function<void()> after_copy = [] {};
    std::function<void(const char*)> before_claim = [](const char*) {};
    std::function<void()> while_opening = [] {};
    std::function<void()> while_naming = [] {};
    std::function<void()> while_sleeping = [] {};
    std::function<bool()> open_library = [] { return true; };
    std::function<uint64_t()> random = [] { return native::random(); };
    std::function<bool()> room = [] { return true; };
    std::function<bool()> symbol = [] { return true; };
    uint64_t now = 1;
    int64_t file_now = 0;  // 0: the real clock
    unsigned sleeps = 0;
    std::map<std::string, int> calls;
  };
  static faults fault;

  static bool fails(int error) {
    native::set_last_error(error);
    return false;
  }

  static bool look(const char* path, file_key& key) noexcept {
    ++fault.calls["look"];
    return fault.look() && native::look(path, key);
  }
  static bool look(const file& opened, file_key& key) noexcept { return native::look(opened, key); }
  static file open_to_read(const char* path) noexcept {
    ++fault.calls["open"];
    return fault.open() ? native::open_to_read(path) : file();
  }
  static writers writers_of(const file&) noexcept { return fault.writing(); }
  static file create(const char* path) noexcept {
    return fault.create() ? native::create(path) : file();
  }
  static bool may_execute_from(const file&) noexcept { return fault.execute(); }
  static bool copy(const file& from, const file& to) noexcept {
    ++fault.calls["copy"];
    if (!fault.copy()) return false;
    const bool copied = native::copy(from, to);
    const std::function<void()> once = std::move(fault.after_copy);
    fault.after_copy = [] {};
    once();
    return copied;
  }
  static file claim(const char* path) noexcept {
    fault.before_claim(path);
    return native::claim(path);
  }
  static view map(const file& opened) noexcept {
    return fault.map() ? native::map(opened) : view();
  }
  static void* open_library(const char* path) noexcept {
    ++fault.calls["open_library"];
    fault.while_opening();
    return fault.open_library() ? native::open_library(path) : native::open_library("/nowhere.so");
  }
  static bool has_room_for(uint64_t size) noexcept {
    return fault.room() && native::has_room_for(size);
  }
  static function_pointer symbol(void* library, const char* name) noexcept {
    return fault.symbol() ? native::symbol(library, name) : nullptr;
  }
  static bool append_binary_name(text& to, const void* address) noexcept {
    fault.while_naming();
    return native::append_binary_name(to, address);
  }
  static uint64_t random() noexcept { return fault.random(); }
  static uint64_t monotonic() noexcept { return fault.now; }
  static int64_t file_clock() noexcept {
    return fault.file_now != 0 ? fault.file_now : native::file_clock();
  }
  static void sleep_milliseconds(unsigned milliseconds) noexcept {
    ++fault.sleeps;
    fault.while_sleeping();
    fault.now += milliseconds * uint64_t{1000000};
  }
};

inline injected::faults injected::fault;

struct heard_event {
  event_kind kind;
  unsigned generation;
  std::string message;
  double seconds;
};

inline const char* const names[] = {"answer"};
inline const char* const types[] = {"int()\0", "int()\0"};  // no layouts
inline std::string library_path;

inline std::string source(int answer) {
  return "#include <dymod/dymod.hpp>\n"
         "DYMOD(sheep, (answer, int()))\n"
         "int sheep::answer() { return " +
         std::to_string(answer) + "; }\n";
}

// Like a program's, the registries and callers of a test are never destroyed: leak checkers find
// all that they hold.
inline registry& new_registry() {
  static auto& all = *new std::list<registry>;
  return all.emplace_back();
}

template <std::size_t Count> caller& new_caller(const char* const (&functions)[Count]) {
  static auto& all = *new std::list<caller>;
  return all.emplace_back("sheep", functions, types, static_cast<unsigned>(Count), false,
                          [] { return library_path.c_str(); });
}

// A module, its library, and a registry of its own.
struct scene {
  scene() {
    injected::fault = injected::faults();
    library_path = folder / workshop::library_name("sheep");
    handler.handler = {[](const dymod::event& news, void* user) {
                         static_cast<scene*>(user)->events.push_back(
                             {news.kind, news.generation, news.message, news.seconds});
                       },
                       this};
    known.handler.store_release(&handler);
  }
  ~scene() { copies<injected>(known).remove_all(); }

  void build(int answer) { workshop::build_module("sheep", source(answer), library_path); }

  bool load() {
    found = loader.load_first(wants, why);
    return found != nullptr;
  }

  // What a call does when the key is news.
  void call() {
    dymod::detail::file_key key;
    if (injected::look(found->path, key)) static_cast<void>(loader.catch_up(*found, key));
  }

  int answer() {
    const snapshot* now = found->published.load_acquire();
    return reinterpret_cast<int (*)()>(now->functions[wants.number][0])();
  }

  // Nothing of a refused build stays; the current generation's copy does.
  std::vector<std::string> copies_there() {
    std::vector<std::string> there;
    for (const std::string& name : workshop::names_in(folder / "")) {
      if (name.find(".dymod-") != std::string::npos) there.push_back(name);
    }
    return there;
  }

  // A first generation that answers 1, and a new build that would answer 2.
  void with_new_build() {
    build(1);
    REQUIRE(load());
    REQUIRE(answer() == 1);
    build(2);
    events.clear();
    injected::fault.calls.clear();
  }

  // The new build was refused in one event, however often the program calls; it is taken once
  // `mend` is done.
  void expect_refusal(const std::string& words) {
    for (int i = 0; i < 5; ++i) call();
    CHECK(answer() == 1);
    CHECK(copies_there().size() == 1);
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == event_kind::rejected);
    CHECK(events[0].generation == 1);
    CHECK_THAT(events[0].message, contains(words));
    CHECK_THAT(events[0].message, contains("generation 1 runs on"));
  }

  workshop::folder folder;
  registry& known = new_registry();
  basic_loader<injected> loader{known};
  caller& wants = new_caller(names);
  handler_choice handler{};
  std::vector<heard_event> events;
  problem why;
  record* found = nullptr;
};

}  // namespace scenes

#endif
