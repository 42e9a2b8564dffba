// SPDX-License-Identifier: MIT

// One suite for all build modes: the same program text, compiled as debug, debug with manual
// reload, forced static, forced dynamic in release, and release. DYMOD_TEST_MODE says what a
// rebuild leads to: 'a' new answers by themselves, 'm' new answers after reload(), 'n' never.

#include <optional>
#include <stdexcept>
#include <string>

#include <dymod/crash_guard.hpp>

#include "seed.hpp"
#include "support/catch.hpp"
#include "support/workshop.hpp"

namespace {

constexpr char mode = DYMOD_TEST_MODE;

// The module's library, where there is one, in a folder of the test's own.
struct pasture {
  pasture() {
    if (mode == 'n') return;
    folder.emplace();
    build(1);
  }

  // Edits the source, if need be, and builds it.
  void build(int version) {
    if (mode == 'n') return;
    const std::string source =
        workshop::replaced(workshop::read_file(DYMOD_TEST_SEED_SOURCE), "= SEED_VERSION_1",
                           "= " + std::to_string(version) + " * SEED_VERSION_1");
    workshop::build_module("seed", source, *folder / workshop::library_name("seed"),
                           "-I '" DYMOD_TEST_SEED_DIRECTORY "' " DYMOD_TEST_MODULE_FLAGS);
  }

  std::optional<workshop::current_folder> folder;
};

// What the functions of that version answer, one after the other.
void check_answers(int version) {
  CHECK(std::string(seed::count_sheep(0)) == "no sheep");
  CHECK(std::string(seed::count_sheep(7)) == (version == 1 ? "many sheep" : "a great many sheep"));
  CHECK(seed::add(2, 3) == 5 * version);
  CHECK(seed::greet("Dolly") == (version == 1 ? "Hello, Dolly" : "Good evening, Dolly"));
  CHECK(seed::double_all({1, 2, 3}) == std::vector<int>{2 * version, 4 * version, 6 * version});
  CHECK(seed::version() == version);
}

// Silences the default handler's lines, and counts.
struct listener {
  listener() { before = dymod::set_event_handler(&hear, this); }
  ~listener() { dymod::set_event_handler(before.function, before.user); }
  static void hear(const dymod::event& news, void* user) {
    listener& self = *static_cast<listener*>(user);
    ++self.count[static_cast<int>(news.kind)];
    self.last = std::string(news.message);
  }
  int of(dymod::event_kind kind) const { return count[static_cast<int>(kind)]; }
  int count[6] = {};
  std::string last;
  dymod::event_handler before;
};

}  // namespace

TEST_CASE("seed: gives its five answers", "[seed]") {
  const listener silent;
  const pasture here;
  check_answers(1);
}

TEST_CASE("seed: edited and rebuilt, gives new answers by itself, after reload(), or never",
          "[seed]") {
  const listener silent;
  pasture here;
  check_answers(1);
  CHECK_FALSE(seed::reload());

  here.build(2);
  check_answers(mode == 'a' ? 2 : 1);
  CHECK(seed::reload() == (mode == 'm'));
  check_answers(mode == 'n' ? 1 : 2);

  here.build(3);
  CHECK(dymod::reload_all() == (mode != 'n'));
  check_answers(mode == 'n' ? 1 : 3);
  CHECK_FALSE(dymod::reload_all());
  CHECK_FALSE(seed::reload());
}

TEST_CASE("seed: every kind of function type passes", "[seed]") {
  const listener silent;
  pasture here;
  for (int version = 1; version <= 2; ++version) {
    if (version == 2) {
      if (mode == 'n') break;
      here.build(2);
      static_cast<void>(seed::reload());
    }
    farm::flock_of_sheep flock;
    seed::shear(flock, 3.0f);
    CHECK(flock.count == 3 * version);
    CHECK(*seed::consume(std::make_unique<int>(40)) == 40 + version);
    auto wool = std::make_unique<int>(5);
    CHECK(seed::steal(std::move(wool)) == 5 * version);
    CHECK(wool == nullptr);
    CHECK(seed::make_fixed(6).value == 6 * version);
    CHECK(seed::apply([](int number) { return number + 1; }, 1) == 2 * version);
    CHECK(seed::pick(true)(4) == 8);
    CHECK(seed::pick(false)(4) == 4);
    CHECK(seed::look_up({{"wool", 3}}, "wool").at("wool") == 3 * version);
    const std::string text = "the same object";
    CHECK(&seed::view(text) == &text);
    seed::nothing();
    CHECK_THROWS_WITH(seed::fails(), "version " + std::to_string(version));
  }
}

TEST_CASE("seed: a pointer to a function follows like the name", "[seed]") {
  const listener silent;
  pasture here;
  int (*const pointer)(int, int) = &seed::add;
  constexpr auto at_compile_time = &seed::add;
  CHECK(pointer == at_compile_time);
  CHECK(pointer(1, 1) == 2);
  here.build(2);
  static_cast<void>(seed::reload());
  CHECK(pointer(1, 1) == (mode == 'n' ? 2 : 4));
}

TEST_CASE("seed: a variable that survives does not know of reloads", "[seed]") {
  const listener silent;
  pasture here;
  CHECK(seed::count_calls() == 1);
  CHECK(seed::count_calls() == 2);
  here.build(2);
  static_cast<void>(seed::reload());
  CHECK(seed::version() == (mode == 'n' ? 1 : 2));
  CHECK(seed::count_calls() == 3);
}

TEST_CASE("seed: types are those that were declared", "[seed]") {
  static_assert(std::is_same_v<decltype(&seed::add), int (*)(int, int)>);
  static_assert(std::is_same_v<decltype(&seed::version), int (*)() noexcept>);
  static_assert(noexcept(seed::version()) && !noexcept(seed::nothing()));
  static_assert(std::is_same_v<decltype(seed::make_fixed(1)), farm::fixed>);
  static_assert(std::is_same_v<decltype(seed::reload()), bool>);
  CHECK(dymod::is_dynamic == (mode != 'n'));
}

TEST_CASE("seed: the library tells its generation and where it is", "[seed]") {
  const listener silent;
  pasture here;
  CHECK(seed::library.generation() == 0);
  seed::nothing();
  CHECK(seed::library.generation() == (mode == 'n' ? 0 : 1));
  here.build(2);
  seed::nothing();
  CHECK(seed::library.generation() == (mode == 'n' ? 0 : mode == 'm' ? 1 : 2));
  const std::string path = seed::library.path();
#if defined(DYMOD_PATH_seed)
  CHECK(path == (mode == 'n' ? "" : DYMOD_PATH_seed));
#else
  CHECK(workshop::exists(path) == (mode != 'n'));
#endif
}

TEST_CASE("seed: the first reload() loads", "[seed]") {
  const listener silent;
  const pasture here;
  CHECK(seed::reload() == (mode != 'n'));
  CHECK_FALSE(seed::reload());
  check_answers(1);
}

TEST_CASE("seed: events tell what happened", "[seed]") {
  const listener heard;
  pasture here;
  seed::nothing();
  CHECK(heard.of(dymod::event_kind::loaded) == (mode == 'n' ? 0 : 1));
  here.build(2);
  static_cast<void>(seed::reload());
  CHECK(heard.of(dymod::event_kind::reloaded) == (mode == 'n' ? 0 : 1));
  CHECK(heard.of(dymod::event_kind::rejected) == 0);
  CHECK(heard.of(dymod::event_kind::warning) == 0);
  if (mode != 'n') CHECK_THAT(heard.last, contains("generation 2 is live"));
}

TEST_CASE("seed: roll_back() goes to the version before, or nowhere", "[seed]") {
  const listener silent;
  pasture here;
  CHECK_FALSE(seed::library.roll_back());
  check_answers(1);
  CHECK_FALSE(seed::library.roll_back());
  here.build(2);
  static_cast<void>(seed::reload());
  CHECK(seed::library.roll_back() == (mode != 'n'));
  check_answers(1);
  CHECK_FALSE(seed::reload());
  CHECK(silent.of(dymod::event_kind::rolled_back) == (mode == 'n' ? 0 : 1));
  here.build(3);
  static_cast<void>(seed::reload());
  check_answers(mode == 'n' ? 1 : 3);
}

TEST_CASE("seed: what handles crashes compiles, and costs nothing without one", "[seed]") {
  const listener silent;
  const pasture here;
  std::string words;
  try {
    check_answers(1);
  } catch (const dymod::crash& crash) {
    const dymod::crash copy = crash;
    words = std::string(copy.what()) + copy.module() + copy.function();
    words += std::to_string(copy.signal()) + std::to_string(copy.generation());
    if (copy.address() != nullptr) words += "address";
  } catch (const dymod::error& error) {
    words = error.what();
  }
  CHECK(words.empty());
  CHECK(silent.of(dymod::event_kind::crashed) == 0);
}
