// SPDX-License-Identifier: MIT

// A small module that needs much of what a linker writes and a loader reads: static and
// thread-local objects with constructors, tables of functions, virtual functions, exceptions,
// call_once. GENERATION tells two builds of it apart. However often they are asked, the functions
// give the same answers.

#include "sheep.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace {

struct animal {
  virtual ~animal() = default;
  virtual int legs() const = 0;
};
struct whole_sheep : animal {
  int legs() const override { return 4; }
};
struct odd_sheep : animal {
  int legs() const override { return 5 + GENERATION; }
};

struct shorn_before : std::runtime_error {
  using std::runtime_error::runtime_error;
  int times = GENERATION;
};

const std::map<int, std::function<std::string(int)>> names = {
    {0, [](int number) { return "dolly " + std::to_string(number); }},
    {1, [](int number) { return std::string(static_cast<unsigned>(number % 7), 'm'); }},
    {2, [](int) { return "generation " + std::to_string(GENERATION); }}};

const int ages[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, GENERATION};
const int* const oldest = &ages[5];

thread_local std::string dream = "a fence, " + std::to_string(GENERATION);
std::once_flag awake;
int wakings = 0;

int shear_or_throw(int number) {
  const std::string last_words = "sheep " + std::to_string(number);
  if (number % 3 == 0) throw shorn_before(last_words);
  if (number % 3 == 1) throw std::out_of_range(last_words);
  return number;
}

}  // namespace

int sheep::count(int more) {
  int sum = *oldest;
  for (const int age : ages) sum = sum * 31 % 10007 + age * more;
  return sum;
}

std::string sheep::name(int number) { return names.at(number % 3)(number); }

int sheep::shear(int number) {
  try {
    return shear_or_throw(number);
  } catch (const shorn_before& before) {
    return 1000 + before.times;
  } catch (const std::exception& other) {
    return static_cast<int>(std::string(other.what()).size());
  }
}

int sheep::wake() {
  std::call_once(awake, [] { wakings += 7; });
  dream.resize(8 + GENERATION, '.');
  return wakings * 100 + static_cast<int>(dream.size());
}

int sheep::visit(const std::function<int(int)>& each) {
  int sum = 0;
  for (int i = 0; i < 4; ++i) {
    std::unique_ptr<animal> next;
    if (i % 2 == 0) next = std::make_unique<whole_sheep>();
    if (i % 2 == 1) next = std::make_unique<odd_sheep>();
    sum += each(next->legs());
    if (dynamic_cast<const odd_sheep*>(next.get()) != nullptr) sum += 100;
  }
  return sum;
}
