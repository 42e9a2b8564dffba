// SPDX-License-Identifier: MIT

// Whatever a program may write in dynamic mode compiles in static mode: everything public, used in
// every way that comes to mind, compiled in both modes without a warning. Never run. A use that
// breaks a user's release build belongs in here.

#include <cstdint>     // uint32_t
#include <exception>   // exception, exception_ptr
#include <functional>  // function
#include <map>         // map
#include <memory>      // unique_ptr
#include <string>      // string
#include <utility>     // move
#include <vector>      // vector

#include <dymod/crash_guard.hpp>
#include <dymod/persistent.hpp>

struct herd {
  int size;
};

struct fence {
  fence() = default;
  fence(const fence&) = delete;
};

// Before the lists that mention the type.
template <> inline constexpr bool dymod::opaque<herd> = true;
static_assert(dymod::opaque<herd> && !dymod::opaque<fence>, "a trait that users specialise");

// No `;` after it.
DYMOD(sheep, (count, int(int a, int b)), (count_sheep, const char*(std::uint32_t sheep)),
      (shear, void(herd& h, float seconds)), (name, auto(std::string)->std::string),
      (tick, void() noexcept), (weigh, double(const std::vector<std::pair<int, double>>&)),
      (adopt, void(std::unique_ptr<herd>)), (build, fence()), (choose, int (*(int))(int)),
      (apply, int(int (*)(int), int)), (sell, void(herd&&)), (table, int()), (functions, int()),
      (module, int()), (index, int()), (path, int()), (update, int()), )

// A `;` after it.
DYMOD(wolf, (update, int()));

DYMOD_EXTERN_C(grass, (grow, int(int)), (grass_height, int() noexcept), )

namespace farm { namespace north {
DYMOD(goat, (update, int()), (count, int(int)));
}  // namespace north
}  // namespace farm

// Variables that survive.
struct herd_1 {
  short size;
};
static herd from_herd_1(const herd_1& old) { return {old.size}; }
inline herd from_nothing(std::nullptr_t) noexcept { return {0}; }
DYMOD_PERSISTENT(int, all_sheep);
DYMOD_PERSISTENT((std::map<std::string, int>), scores, {"wool", 1}, {"milk", 2});
namespace { namespace farm_of_its_own {
DYMOD_PERSISTENT_FROM((from_herd_1, &from_nothing), herd, kept, 7);
DYMOD_PERSISTENT(const char* [2], words, "a", "b");
DYMOD_PERSISTENT(const double, half, 0.5);
}}  // namespace ::farm_of_its_own
template <class Type> Type& counter(Type first) {
  DYMOD_PERSISTENT(Type, here, first);
  DYMOD_PERSISTENT_FROM(from_herd_1, const herd, there);
  const auto count = [] {
    DYMOD_PERSISTENT((std::vector<Type>), all);
    all.push_back(static_cast<Type>(there.size));
    return all.size();
  };
  here += static_cast<Type>(count());
  return here;
}
inline int variables(int start) {
  switch (start) {
    case 1:
      DYMOD_PERSISTENT(fence, one);
      static_cast<void>(one);
      break;
    default: break;
  }
  using namespace farm_of_its_own;
  DYMOD_PERSISTENT(int (*)(int), function, nullptr);
  if (function != nullptr) return function(start);
  for (const auto& each : scores) all_sheep += each.second;
  return all_sheep + kept.size + words[1][0] + static_cast<int>(half) + counter(start) +
         counter('a');
}

// Static storage: constant initialisation, from several forms of the name.
constexpr int (*pointer)(int, int) = &sheep::count;
constexpr int (*decayed)(int, int) = sheep::count;
static constexpr auto& reference = sheep::count;
static int (&typed_reference)(int, int) = sheep::count;
constexpr void (*may_throw)() = &sheep::tick;
constexpr void (*does_not_throw)() noexcept = &sheep::tick;
constexpr bool (*reload_pointer)() = &sheep::reload;
static_assert(noexcept(sheep::tick()) && !noexcept(sheep::count(1, 2)), "noexcept is of the type");

struct callbacks {
  int (*count)(int, int);
  bool (*reload)();
};
constexpr callbacks table_of_callbacks = {sheep::count, sheep::reload};

template <int (*Function)(int, int)> int through_pointer(int a) { return Function(a, 1); }

template <int (&Function)(int, int)> int through_reference(int a) { return Function(a, 2); }

template <auto Function> auto through_auto(int a) { return Function(a, 3); }

template <class Function> int through_value(Function&& function) { return function(1, 2); }

namespace with_using {
using sheep::count;
using sheep::library;
using sheep::reload;
inline int use() {
  return count(1, 2) + static_cast<int>(library.generation()) + (reload() ? 1 : 0);
}
}  // namespace with_using

namespace with_directive {
using namespace farm::north::goat;
inline int use() { return update() + count(2) + static_cast<int>(library.generation()); }
}  // namespace with_directive

namespace renamed = farm::north::goat;

inline int calls() {
  herd h{3};
  sheep::shear(h, 0.5F);
  sheep::sell(std::move(h));
  sheep::adopt(std::make_unique<herd>());
  [[maybe_unused]] const fence built = sheep::build();
  const std::string name = sheep::name("dolly");
  const double weight = sheep::weigh({{1, 2.0}, {3, 4.0}});
  sheep::tick();
  int sum = sheep::count(1, 2) + sheep::choose(1)(2) + sheep::table() + sheep::functions();
  sum += sheep::apply([](int a) { return a + 1; }, 2) + sheep::update() + wolf::update();
  sum += grass::grow(1) + grass::grass_height() + renamed::update() + sheep::module();
  sum += through_pointer<sheep::count>(1) + through_pointer<&sheep::count>(1);
  sum += through_reference<sheep::count>(1) + through_auto<&sheep::count>(1);
  sum += through_auto<sheep::count>(1) + through_value(sheep::count);
  sum += pointer(1, 2) + decayed(1, 2) + reference(1, 2) + typed_reference(1, 2) + (*pointer)(3, 4);
  const std::function<int(int, int)> wrapped = sheep::count;
  const auto captured = [function = sheep::count](int a) { return function(a, a); };
  sum += wrapped(1, 2) + captured(1) + sheep::index() + sheep::path();
  sum += table_of_callbacks.count(1, 2);
  return sum + static_cast<int>(weight) + static_cast<int>(name.size()) + sheep::count_sheep(1)[0];
}

inline bool comparisons() {
  return &sheep::update != &wolf::update && pointer == &sheep::count && &reference == pointer &&
         may_throw == does_not_throw && does_not_throw == &sheep::tick && reload_pointer();
}

template <class Library> bool changed(const Library& library, unsigned& seen) {
  const unsigned now = library.generation();
  const bool result = now != seen;
  seen = now;
  return result;
}

inline std::string library_uses() {
  unsigned seen = 0;
  const auto& library = sheep::library;
  const auto copy = sheep::library;
  std::string result = sheep::library.path();
  result += library.path();
  result += copy.path();
  if (changed(sheep::library, seen) || changed(farm::north::goat::library, seen)) result += "!";
  const unsigned generation = sheep::library.generation();
  const char* const path = sheep::library.path();
  return result + path + std::to_string(generation + grass::library.generation());
}

struct keeper {
  void operator()() const {}
};
struct only_moved {
  std::unique_ptr<herd> kept;
  void operator()() {}
};
inline void save() {}
inline int save_and_count() { return 1; }

struct session {
  dymod::hook before;
  dymod::hook after;
  session()
      : before(sheep::library.before_reload([this] { ++count; })),
        after(sheep::library.after_reload([this]() noexcept { --count; })) {}
  ~session() {
    before.remove();
    after.remove();
  }
  session(const session&) = delete;
  int count = 0;
};

inline unsigned hooks() {
  const session one;
  dymod::hook none;
  none.remove();
  std::string saved;
  const auto& library = sheep::library;
  auto first = library.before_reload([&saved] { saved = "herd"; });
  dymod::hook second = library.after_reload([saved]() mutable { saved += "!"; });
  const dymod::hook copy = first;
  first = second;
  first.remove();
  second.remove();
  none = copy;
  none.remove();
  sheep::library.before_reload(save);
  sheep::library.after_reload(&save);
  sheep::library.after_reload(save_and_count);
  sheep::library.before_reload(sheep::tick);
  sheep::library.before_reload(sheep::update);
  sheep::library.after_reload(keeper());
  const keeper kept;
  sheep::library.after_reload(kept);
  sheep::library.after_reload(only_moved());
  only_moved moved;
  wolf::library.after_reload(std::move(moved));
  const std::function<void()> wrapped = [] {};
  farm::north::goat::library.before_reload(wrapped);
  grass::library.before_reload([] {}).remove();
  wolf::library.unload_old();
  return library.unload_old() + grass::library.unload_old();
}

inline bool reloads() {
  bool any = sheep::reload() || wolf::reload() || grass::reload() || renamed::reload();
  any = any || sheep::library.roll_back() || grass::library.roll_back();
  sheep::library.roll_back();
  any = any || dymod::reload_all();
  sheep::reload();
  dymod::reload_all();
  bool (&again)() = sheep::reload;
  bool (*const all)() = &dymod::reload_all;
  return any || again() || all() || table_of_callbacks.reload();
}

inline const char* name_of(dymod::event_kind kind) {
  switch (kind) {
    case dymod::event_kind::loaded: return "loaded";
    case dymod::event_kind::reloaded: return "reloaded";
    case dymod::event_kind::rejected: return "rejected";
    case dymod::event_kind::warning: return "warning";
    case dymod::event_kind::crashed: return "crashed";
    case dymod::event_kind::rolled_back: return "rolled_back";
  }
  return "";
}

// All of them, and no `default`: -Wswitch tells when one was added.
inline const char* name_of(dymod::error_code code) {
  switch (code) {
    case dymod::error_code::not_found: return "not_found";
    case dymod::error_code::being_written: return "being_written";
    case dymod::error_code::copy_failed: return "copy_failed";
    case dymod::error_code::incomplete: return "incomplete";
    case dymod::error_code::not_a_library: return "not_a_library";
    case dymod::error_code::no_description: return "no_description";
    case dymod::error_code::format_mismatch: return "format_mismatch";
    case dymod::error_code::abi_mismatch: return "abi_mismatch";
    case dymod::error_code::missing_function: return "missing_function";
    case dymod::error_code::type_mismatch: return "type_mismatch";
    case dymod::error_code::layout_mismatch: return "layout_mismatch";
    case dymod::error_code::would_exit: return "would_exit";
    case dymod::error_code::open_failed: return "open_failed";
    case dymod::error_code::entered_again: return "entered_again";
    case dymod::error_code::out_of_memory: return "out_of_memory";
    case dymod::error_code::rolled_back: return "rolled_back";
  }
  return "";
}

struct diary {
  std::string text;
  double seconds = 0;
};

inline void listen(const dymod::event& news, void* user) {
  diary& to = *static_cast<diary*>(user);
  const dymod::event kept = news;
  to.text = std::string(kept.module) + kept.path + kept.message + name_of(kept.kind);
  to.text += std::to_string(kept.generation);
  to.seconds += kept.seconds;
}

inline void handlers() {
  diary mine;
  const dymod::event_handler before = dymod::set_event_handler(listen, &mine);
  const dymod::event_handler none = dymod::set_event_handler(nullptr);
  dymod::set_event_handler(nullptr, nullptr);
  dymod::set_event_handler(before.function, before.user);
  const dymod::event_function lambda = [](const dymod::event&, void*) {};
  const auto [function, user] = dymod::set_event_handler(lambda, nullptr);
  dymod::set_event_handler(function, user);
  dymod::set_event_handler(none.function, none.user);
  const dymod::event invented = {dymod::event_kind::warning, "sheep", 1, "/path", "message", 0.5};
  listen(invented, &mine);
}

inline std::string text_of(const std::exception& error) { return error.what(); }
inline std::string text_of(const std::string& text) { return text; }

// An exception of the program's own that is a dymod::error as well.
class startup_error : public dymod::error {
 public:
  explicit startup_error(const dymod::error& cause) : dymod::error(cause), text_(cause.what()) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

inline std::string errors() {
  std::exception_ptr kept;
  std::string result;
  try {
    return std::to_string(sheep::count(1, 2));
  } catch (const startup_error& error) {
    result = error.what();
  } catch (const dymod::error& error) {
    const dymod::error copy = error;
    dymod::error assigned = copy;
    assigned = error;
    result = text_of(error) + error.what() + name_of(error.code()) + assigned.what();
    const std::exception& base = error;
    result += base.what();
    const std::exception* const from_pointer = &base;
    result += from_pointer->what();
    if (error.code() == dymod::error_code::not_found) throw;
    if (error.code() == dymod::error_code::incomplete) throw startup_error(error);
    kept = std::make_exception_ptr(error);
    kept = std::current_exception();
  } catch (const std::exception& error) {
    if (const auto* ours = dynamic_cast<const dymod::error*>(&error)) result = ours->what();
    result += text_of(error);
  }
  try {
    if (kept) std::rethrow_exception(kept);
  } catch (dymod::error& error) {
    result = error.what();
  } catch (...) {
    result = "";
  }
  return result;
}

// An exception of the program's own that is a dymod::crash as well.
class night_mare : public dymod::crash {
 public:
  explicit night_mare(const dymod::crash& cause) : dymod::crash(cause), text_(cause.what()) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

inline std::string crashes() {
  std::string result;
  std::exception_ptr kept;
  try {
    return std::to_string(sheep::count(1, 2));
  } catch (const night_mare& crash) {
    result = crash.what();
  } catch (const dymod::crash& crash) {
    const dymod::crash copy = crash;
    dymod::crash assigned = copy;
    assigned = crash;
    kept = std::make_exception_ptr(crash);
    result = text_of(crash) + assigned.what() + crash.module() + crash.function();
    const std::exception& base = crash;
    result += base.what();
    const int signal = crash.signal();
    const unsigned generation = crash.generation();
    const void* const address = crash.address();
    result += std::to_string(signal) + std::to_string(generation);
    if (address == nullptr) throw;
    if (signal == 0) throw night_mare(crash);
  } catch (const dymod::error& error) {
    result = error.what();
  } catch (const std::exception& error) {
    if (const auto* ours = dynamic_cast<const dymod::crash*>(&error)) result = ours->what();
  }
  return result;
}

template <bool Dynamic = dymod::is_dynamic> const char* mode() {
  if constexpr (Dynamic) {
    return "dynamic";
  } else {
    return "static";
  }
}

inline const char* mode_again() {
  const bool& bound = dymod::is_dynamic;
  static_assert(dymod::is_dynamic || !dymod::is_dynamic, "a constant");
  if constexpr (dymod::is_dynamic) return bound ? "dynamic" : "";
  return dymod::is_dynamic ? "" : mode();
}

static_assert(DYMOD_VERSION_MAJOR >= 0 && DYMOD_VERSION_MINOR >= 0 && DYMOD_VERSION_PATCH >= 0,
              "numbers");

int main() {
  handlers();
  const bool any = reloads() || comparisons() || hooks() > 0;
  return calls() + variables(1) + with_using::use() + with_directive::use() + (any ? 1 : 0) +
         static_cast<int>(library_uses().size() + errors().size() + crashes().size()) +
         mode_again()[0];
}
