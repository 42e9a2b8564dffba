// SPDX-License-Identifier: MIT

// Types of the standard library, as parameters and as fields, and parameters that have no name of
// their own.

#ifndef DYMOD_TEST_ZOO_STANDARD_HPP
#define DYMOD_TEST_ZOO_STANDARD_HPP

#include <any>               // any
#include <array>             // array
#include <bitset>            // bitset
#include <chrono>            // milliseconds, steady_clock, system_clock
#include <complex>           // complex
#include <cstddef>           // byte, nullptr_t
#include <deque>             // deque
#include <exception>         // exception_ptr
#include <functional>        // function, reference_wrapper
#include <future>            // future
#include <initializer_list>  // initializer_list
#include <iosfwd>            // ostream
#include <map>               // map
#include <memory>            // shared_ptr, unique_ptr, weak_ptr
#include <mutex>             // mutex
#include <optional>          // optional
#include <set>               // set
#include <string>            // string
#include <string_view>       // string_view
#include <system_error>      // error_code
#include <thread>            // thread
#include <tuple>             // tuple
#include <unordered_map>     // unordered_map
#include <utility>           // pair
#include <variant>           // monostate, variant
#include <vector>            // vector

#include "zoo.hpp"

#if __cplusplus > 201703L
#include <span>  // span
#endif

namespace zoo {

struct sheep {
  int age;
  double weight;
};
// Greedy constructors of the library: each takes nearly everything.
struct any_field {
  std::any a;
  int b;
};
struct variant_fields {
  std::variant<int, std::string, sheep> a;
  std::variant<std::monostate, sheep*> b;
};
struct function_fields {
  std::function<int(sheep)> a;
  std::function<void()> b;
};
struct optional_fields {
  std::optional<sheep> a;
  std::optional<std::optional<int>> b;
  std::optional<sheep*> c;
};
struct tuple_fields {
  std::tuple<> a;
  std::tuple<sheep, int&, std::string> b;
  std::pair<sheep, const char*> c;
};
// Aggregates of the library: one field, whose braces may be left out.
struct standard_array_fields {
  std::array<int, 3> a;
  std::array<sheep, 0> b;
  std::array<std::array<char, 2>, 2> c;
};
struct container_fields {
  std::vector<bool> a;
  std::map<std::string, sheep> b;
  std::deque<sheep> c;
  std::set<int> d;
  std::unordered_map<int, sheep> e;
  std::bitset<9> f;
};
struct pointer_fields {
  std::unique_ptr<sheep> a;
  std::shared_ptr<sheep> b;
  std::weak_ptr<sheep> c;
  std::unique_ptr<sheep, void (*)(sheep*)> d;
  std::unique_ptr<sheep[]> e;
};
struct view_fields {
  std::string_view a;
  std::initializer_list<int> b;
  std::reference_wrapper<sheep> c;
};
struct time_fields {
  std::chrono::milliseconds a;
  std::chrono::steady_clock::time_point b;
  std::chrono::duration<double, std::ratio<1, 60>> c;
};
struct thread_fields {
  std::mutex a;
  std::future<sheep> b;
  std::thread c;
  std::once_flag d;
};
struct error_fields {
  std::error_code a;
  std::exception_ptr b;
};
// Derived from the library's.
struct own_vector : std::vector<sheep> {};
struct own_exception : std::exception {
  const char* what() const noexcept override { return ""; }
};
// A specialisation of the user's within std.
struct hashed {
  int a;
};
// An allocator, a deleter, a comparison of one's own.
struct free_sheep {
  void operator()(sheep* which) const { delete which; }
};
struct by_age {
  using is_transparent = void;
  template <class Left, class Right> bool operator()(const Left& left, const Right& right) const {
    return left.age < right.age;
  }
};
template <class Animal> struct own_allocator {
  using value_type = Animal;
  own_allocator() = default;
  template <class Other> own_allocator(const own_allocator<Other>&) {}
  Animal* allocate(std::size_t count) { return std::allocator<Animal>().allocate(count); }
  void deallocate(Animal* first, std::size_t count) {
    std::allocator<Animal>().deallocate(first, count);
  }
  bool operator==(const own_allocator&) const { return true; }
  bool operator!=(const own_allocator&) const { return false; }
};

#if __cplusplus > 201703L
struct span_fields {
  std::span<sheep> a;
  std::span<const int, 3> b;
};
#define ZOO_KINDS_OF_CXX20(value, parameter)                       \
  value(span_fields) parameter(span, std::span<zoo::sheep>)        \
      parameter(fixed_span, const std::span<const zoo::sheep, 2>&) \
          parameter(utf8_string, const std::u8string&)
#else
#define ZOO_KINDS_OF_CXX20(value, parameter)
#endif

}  // namespace zoo

template <> struct std::hash<zoo::hashed> {
  std::size_t operator()(const zoo::hashed& which) const {
    return static_cast<std::size_t>(which.a);
  }
};

// clang-format off
#define ZOO_KINDS(value, immovable, unfinished, pointed, parameter)                                          \
  value(sheep) value(any_field) value(variant_fields) value(function_fields) value(optional_fields) \
  value(tuple_fields) value(standard_array_fields) value(container_fields) value(pointer_fields)             \
  value(view_fields) value(time_fields) immovable(thread_fields) value(error_fields)                \
  value(own_vector) value(own_exception) value(hashed) value(free_sheep) value(by_age)              \
  parameter(string, std::string) parameter(string_view, std::string_view)                           \
  parameter(any, std::any) parameter(variant, std::variant<int, zoo::sheep>)                        \
  parameter(function, std::function<zoo::sheep(zoo::box<zoo::sheep>)>)                              \
  parameter(optional, std::optional<zoo::sheep>&&) parameter(tuple, std::tuple<zoo::sheep&, int>)   \
  parameter(array, const std::array<zoo::box<zoo::sheep>, 3>&)                                      \
  parameter(bitset, std::bitset<9>) parameter(initializer_list, std::initializer_list<zoo::sheep>)  \
  parameter(duration, std::chrono::milliseconds)                                                    \
  parameter(time, std::chrono::system_clock::time_point)                                            \
  parameter(complex, std::complex<float>) parameter(byte, std::byte)                                \
  parameter(stream, std::ostream&) parameter(lock, std::unique_lock<std::mutex>&)                   \
  parameter(own_deleter, std::unique_ptr<zoo::sheep, zoo::free_sheep>)                              \
  parameter(own_comparison, std::set<zoo::sheep, zoo::by_age>&)                                     \
  parameter(own_allocation, const std::vector<zoo::sheep, zoo::own_allocator<zoo::sheep>>&)         \
  parameter(own_hash, std::unordered_map<zoo::hashed, zoo::sheep>)                                  \
  parameter(iterator, std::vector<zoo::sheep>::const_iterator)                                      \
  parameter(thread_number, std::thread::id) parameter(null, std::nullptr_t)                         \
  parameter(reference_to_array, const zoo::sheep (&)[3])                                            \
  parameter(rvalue_of_array, zoo::sheep (&&)[2]) parameter(pointer_to_array, zoo::sheep (*)[2][3])  \
  parameter(reference_to_unbounded, int (&)[]) parameter(reference_to_pointer, zoo::sheep*&)        \
  parameter(volatile_reference, volatile zoo::sheep&)                                               \
  parameter(const_volatile, const volatile zoo::sheep* volatile* const*)                            \
  parameter(const_parameter, const zoo::sheep) parameter(many_pointers, zoo::sheep***const**)       \
  parameter(function_pointer, zoo::sheep (*)(zoo::sheep, int))                                      \
  parameter(function_reference, void (&)(zoo::sheep&) noexcept)                                     \
  parameter(noexcept_function, int (*)(int) noexcept)                                               \
  parameter(variadic_function, int (*)(const char*, ...))                                           \
  parameter(function_of_functions, int (*(*)(int (*)(zoo::sheep)))(char))                           \
  parameter(member, int zoo::sheep::*)                                                              \
  parameter(member_function, std::size_t (std::vector<zoo::sheep>::*)() const noexcept)             \
  ZOO_KINDS_OF_CXX20(value, parameter)
// clang-format on

DYMOD(zoo_standard, ZOO_LIST)

namespace group = zoo_standard;

#endif
