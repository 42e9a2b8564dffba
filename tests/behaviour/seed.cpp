// SPDX-License-Identifier: MIT

// The module's source. The tests build it, edit a copy of it, and build that. They look for the word
// SEED_VERSION_1.

#include "seed.hpp"

#include <stdexcept>

#include <dymod/persistent.hpp>

namespace {

constexpr int SEED_VERSION_1 = 1;
constexpr int current_version = SEED_VERSION_1;

int once(int number) { return number; }
int twice(int number) { return 2 * number; }

}  // namespace

// The five answers.

const char* seed::count_sheep(unsigned sheep) {
  static const char* const words[] = {"no sheep", "one sheep", "two sheep"};
  return sheep < 3 ? words[sheep] : current_version == 1 ? "many sheep" : "a great many sheep";
}

int seed::add(int a, int b) { return (a + b) * current_version; }

// Users define functions in this way, too.
namespace seed {

std::string greet(std::string name) {
  return (current_version == 1 ? "Hello, " : "Good evening, ") + name;
}

std::vector<int> double_all(std::vector<int> numbers) {
  for (int& number : numbers) number *= 2 * current_version;
  return numbers;
}

}  // namespace seed

int seed::version() noexcept { return current_version; }

// One for each kind of type.

void seed::shear(farm::flock_of_sheep& flock, float seconds) {
  flock.count += static_cast<int>(seconds) * current_version;
}

std::unique_ptr<int> seed::consume(std::unique_ptr<int> wool) {
  *wool += current_version;
  return wool;
}

int seed::steal(std::unique_ptr<int>&& wool) {
  const std::unique_ptr<int> mine = std::move(wool);
  return *mine * current_version;
}

farm::fixed seed::make_fixed(int number) { return farm::fixed(number * current_version); }

int seed::apply(farm::unary function, int number) { return function(number) * current_version; }

farm::unary seed::pick(bool two) { return two ? twice : once; }

std::map<std::string, int> seed::look_up(const std::map<std::string, int>& table, const char* key) {
  return {{key, table.at(key) * current_version}};
}

const std::string& seed::view(const std::string& text) { return text; }

void seed::nothing() {}

void seed::fails() { throw std::runtime_error("version " + std::to_string(current_version)); }

// The one variable that all builds of the module have in common.
int seed::count_calls() {
  DYMOD_PERSISTENT(int, calls);
  return ++calls;
}
