// SPDX-License-Identifier: MIT

// Types of an unnamed namespace: other ones in each translation unit, so the module is one, and in
// static mode it is the program's as well.

#ifndef DYMOD_TEST_ZOO_UNNAMED_HPP
#define DYMOD_TEST_ZOO_UNNAMED_HPP

#include <memory>       // unique_ptr
#include <type_traits>  // remove_const_t
#include <vector>       // vector

#include "zoo.hpp"

namespace zoo { namespace {

struct unnamed_fields {
  int a;
  std::vector<unnamed_fields> b;
};
// With a linkage that no other file can reach, none of these may be "used but never defined".
struct unnamed_constructor {
  [[maybe_unused]] unnamed_constructor(int a) : a_(a) {}
  [[maybe_unused]] int get() const { return a_; }

 private:
  int a_;
};
struct unnamed_greedy {
  template <class Other> [[maybe_unused]] unnamed_greedy(Other&&) {}
};
struct unnamed_aggregate {
  unnamed_greedy a;
  unnamed_constructor b;
  std::unique_ptr<unnamed_fields> c;
};
enum class unnamed_enumeration { a, b };
template <class Animal> struct unnamed_template {
  Animal a;
  unnamed_enumeration b;
};
using of_unnamed_template = unnamed_template<unnamed_fields>;
constexpr auto callback = [](int a) { return a + 1; };
// The type of a closure: no aggregate, no name, not made by default before C++20.
using closure = std::remove_const_t<decltype(callback)>;
struct closure_field {
  closure a;
  int b;
};
[[maybe_unused]] auto make_local() {
  struct local {
    int a;
    char b;
  };
  return local{1, 'b'};
}
// A type with no name outside of a function.
using local_type = decltype(make_local());
struct unnamed_conversion {
  template <class Other> [[maybe_unused]] operator Other() const { return Other(); }
};

}  // namespace
}  // namespace zoo

// clang-format off
#define ZOO_KINDS(value, immovable, unfinished, pointed, parameter)                                          \
  value(unnamed_fields) value(unnamed_constructor) value(unnamed_greedy) value(unnamed_aggregate)   \
  value(unnamed_enumeration) value(of_unnamed_template) value(unnamed_conversion)   \
  value(closure) value(closure_field) value(local_type)
// clang-format on

DYMOD(zoo_unnamed, ZOO_LIST)

namespace group = zoo_unnamed;

#endif
