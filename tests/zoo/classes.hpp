// SPDX-License-Identifier: MIT

// What stands around the fields of a class: bases, constructors, conversions, operators. Questions
// by initialisation meet them all.

#ifndef DYMOD_TEST_ZOO_CLASSES_HPP
#define DYMOD_TEST_ZOO_CLASSES_HPP

#include <atomic>            // atomic
#include <initializer_list>  // initializer_list
#include <memory>            // unique_ptr
#include <mutex>             // mutex
#include <new>               // align_val_t
#include <string>            // string
#include <type_traits>       // decay_t, enable_if_t, is_arithmetic_v, is_same_v
#include <vector>            // vector

#include "zoo.hpp"

#if __cplusplus > 201703L
#include <compare>   // strong_ordering
#include <concepts>  // convertible_to, copy_constructible
#endif

namespace zoo {

struct numbers {
  int a;
  double b;
};
struct nothing {};

// No object of it: not a field, an element, a result.
struct abstract {
  abstract() = default;
  abstract(const abstract&) = default;
  abstract& operator=(const abstract&) = default;
  virtual ~abstract() = default;
  virtual int count() const = 0;
};
struct concrete : abstract {
  int count() const override { return a; }
  int a = 0;
};
struct concrete_final final : abstract {
  int count() const final { return 1; }
};
struct virtual_base : virtual numbers {
  int c = 0;
};
struct other_virtual_base : virtual numbers {
  char d = 0;
};
struct diamond : virtual_base, other_virtual_base {
  int e = 0;
};
// The same base twice: a conversion to it is ambiguous. g++ and clang++ say so of their own accord
// if it is a direct base as well.
struct left : numbers {};
struct right : numbers {};
struct base_twice : left, right {};
struct multiple_bases : numbers, std::string {
  int c;
};
struct more_nothing : nothing {};
struct other_nothing {};
struct empty_bases : more_nothing, other_nothing {};
// An empty base that is also the first field: no longer at one address.
struct empty_base_and_field : nothing {
  nothing a;
  int b;
};
class private_base : numbers {
 public:
  int sum() const { return a; }
};
class protected_base : protected numbers {};
struct inherited_constructors : std::string {
  using std::string::string;
};
struct final_class final {
  int a;
};
struct with_constructor {
  with_constructor(int a, double b) : a_(a), b_(b) {}
  int sum() const { return a_ + static_cast<int>(b_); }

 private:
  int a_;
  double b_;
};
struct explicit_constructor {
  explicit explicit_constructor(int a) : a_(a) {}
  int get() const { return a_; }

 private:
  int a_;
};
// Initialised with T{}, not with {}.
struct explicit_default {
  explicit explicit_default() {}
  int a = 0;
};
struct fields_explicit_default {
  explicit_default a;
  int b;
};
struct no_default_constructor {
  no_default_constructor() = delete;
  no_default_constructor(int a) : a_(a) {}
  int get() const { return a_; }

 private:
  int a_;
};
struct fields_no_default_constructor {
  no_default_constructor a;
  explicit_constructor b;
};
// Aggregates in C++17, no longer in C++20.
struct deleted_default {
  deleted_default() = delete;
  int a;
};
struct defaulted_default {
  defaulted_default() = default;
  int a;
  int b;
};
struct deleted_copy {
  deleted_copy(const deleted_copy&) = delete;
  int a;
};
// Copied, but never from an rvalue.
struct deleted_move {
  deleted_move(const deleted_move&) = default;
  deleted_move(deleted_move&&) = delete;
  int a;
};
struct move_only {
  std::unique_ptr<int> a;
  int b;
};
struct fields_move_only {
  move_only a;
  move_only b[2];
};
struct copied_by_template {
  copied_by_template() = default;
  template <class Other> copied_by_template(const Other& other) : a(other.a) {}
  int a = 0;
};
// Initialised in place or not at all.
struct lock_holder {
  std::mutex a;
  int b;
};
struct atomic_holder {
  std::atomic<int> a;
  std::atomic<bool> b[2];
};
// Takes an lvalue only: neither from a temporary nor from a converted question.
struct copied_from_lvalue {
  copied_from_lvalue() = default;
  copied_from_lvalue(copied_from_lvalue&) {}
  int a = 0;
};
struct fields_copied_from_lvalue {
  copied_from_lvalue a;
  int b;
};
class private_destructor {
 public:
  static int destroy(private_destructor* which) {
    const int result = which->a_;
    delete which;
    return result;
  }

 private:
  ~private_destructor() = default;
  int a_ = 0;
};
class protected_destructor {
 public:
  int a = 0;

 protected:
  ~protected_destructor() = default;
};
struct deleted_destructor {
  ~deleted_destructor() = delete;
  int a;
};
struct throwing_destructor {
  ~throwing_destructor() noexcept(false) {}
  int a;
};
class friend_only {
 public:
  int get() const { return a_; }

 private:
  friend struct friend_of_it;
  friend_only() = default;
  explicit friend_only(int a) : a_(a) {}
  int a_ = 0;
};
struct friend_of_it {
  friend_only a{1};
};
class private_copy {
 public:
  private_copy() = default;

 private:
  private_copy(const private_copy&) = default;
  private_copy& operator=(const private_copy&) = default;
  friend class copier;
};
struct only_static_members {
  static int count;
  static constexpr int limit = 3;
  static int twice(int a) { return a * 2; }
};

// Conversions out of a class: whatever is asked for, it offers.
struct to_bool {
  operator bool() const { return true; }
};
struct explicitly_to_bool {
  explicit operator bool() const { return true; }
};
struct to_many_numbers {
  operator int() const { return 1; }
  operator double() const { return 1; }
  operator const char*() const { return ""; }
};
struct to_anything {
  template <class Other> operator Other() const { return Other(); }
};
struct to_any_reference {
  template <class Other> operator Other&() const { return *static_cast<Other*>(nullptr); }
};
struct to_any_pointer {
  template <class Other> operator Other*() const { return nullptr; }
};
struct to_aggregate {
  operator numbers() const { return {1, 2}; }
};
struct fields_to_anything {
  to_anything a;
  to_any_pointer b;
  to_bool c;
};

// Conversions into a class: whatever is offered, it takes.
struct from_anything {
  template <class Other> from_anything(Other&&) {}
};
struct from_anything_by_value {
  template <class Other> from_anything_by_value(Other) {}
};
struct from_variadic {
  from_variadic(...) {}
};
struct from_any_pack {
  template <class... Others> from_any_pack(Others&&...) {}
};
struct from_any_constrained {
  template <class Other,
            class = std::enable_if_t<!std::is_same_v<std::decay_t<Other>, from_any_constrained>>>
  from_any_constrained(Other&&) {}
};
struct from_numbers_only {
  template <class Other, std::enable_if_t<std::is_arithmetic_v<Other>, int> = 0>
  from_numbers_only(Other a) : a_(static_cast<int>(a)) {}
  int get() const { return a_; }

 private:
  int a_;
};
// Asks the copy constructor while looking for a constructor, as std::any does.
struct from_copyable {
  template <class Other, std::enable_if_t<std::is_copy_constructible_v<Other> &&
                                              !std::is_same_v<std::decay_t<Other>, from_copyable>,
                                          int> = 0>
  from_copyable(Other&&) {}
};
struct from_any_list {
  template <class Other> from_any_list(std::initializer_list<Other>) {}
};
struct from_list_of_itself {
  from_list_of_itself() = default;
  from_list_of_itself(std::initializer_list<from_list_of_itself>) {}
};
// As JSON libraries have it: from everything, to everything.
struct from_and_to_anything {
  template <class Other,
            class = std::enable_if_t<!std::is_same_v<std::decay_t<Other>, from_and_to_anything>>>
  from_and_to_anything(Other&&) {}
  template <class Other> operator Other() const { return Other(); }
};
// No SFINAE: it takes everything, and whoever uses it for the wrong type gets an error.
struct assertion_in_body {
  assertion_in_body() = default;
  template <class Other> assertion_in_body(Other&& other) {
    static_assert(std::is_arithmetic_v<std::decay_t<Other>>, "numbers only");
    a = static_cast<int>(other);
  }
  int a = 0;
};
struct assertion_in_conversion {
  template <class Other> operator Other() const {
    static_assert(std::is_arithmetic_v<Other>, "numbers only");
    return Other();
  }
};
// noexcept(...) is looked at when the function is chosen, before its body.
struct noexcept_asks {
  noexcept_asks() = default;
  template <class Other, class = std::enable_if_t<std::is_arithmetic_v<std::decay_t<Other>>>>
  noexcept_asks(Other&& other) noexcept(noexcept(static_cast<int>(other))) {}
};
struct fields_from_anything {
  from_anything a;
  from_any_constrained b;
  int c;
};
struct fields_from_more {
  from_variadic a;
  from_any_pack b;
  from_copyable c;
  from_any_list d;
  from_list_of_itself e;
  from_and_to_anything f;
};
struct fields_assertion {
  assertion_in_body a;
  int b;
};
struct fields_assertion_in_conversion {
  assertion_in_conversion a;
  noexcept_asks b;
};

// A warning is as bad as an error: functions that are marked, chosen by a question.
struct deprecated_constructors {
  [[deprecated("by name")]] deprecated_constructors(int) {}
  [[deprecated("by name")]] deprecated_constructors(const char*) {}
  deprecated_constructors(const deprecated_constructors&) = default;
  deprecated_constructors& operator=(const deprecated_constructors&) = default;
};
struct fields_deprecated {
  deprecated_constructors a;
  int b;
};
struct deprecated_conversion {
  [[deprecated("by name")]] operator int() const { return 1; }
};
struct deprecated_field {
  [[deprecated("by another")]] int a;
  int b;
};
// Copied implicitly, which is deprecated beside a destructor.
struct deprecated_copy {
  ~deprecated_copy() {}
  int a = 0;
};
struct fields_deprecated_copy {
  deprecated_copy a;
  int b;
};
struct deprecated_copy_beside_assignment {
  deprecated_copy_beside_assignment& operator=(const deprecated_copy_beside_assignment&) {
    return *this;
  }
  int a = 0;
};
struct [[nodiscard]] must_be_used {
  int a;
};
// No virtual destructor: deleting or deriving may warn.
struct polymorphic_final final {
  virtual int count() const { return 1; }
};

// Operators that take the ordinary meaning away.
struct address_taken {
  address_taken* operator&() = delete;
  const address_taken* operator&() const = delete;
  int a;
};
struct address_of_another {
  int operator&() const { return 1; }
};
struct comma {
  template <class Other> int operator,(Other&&) const = delete;
};
template <class Other> int operator,(Other&&, const comma&) = delete;
struct no_new {
  static void* operator new(decltype(sizeof(0))) = delete;
  static void* operator new[](decltype(sizeof(0))) = delete;
  static void* operator new(decltype(sizeof(0)), void*) = delete;
  static void operator delete(void*) = delete;
  int a;
};
struct private_new {
  int a = 0;

 private:
  static void* operator new(decltype(sizeof(0)) size) { return ::operator new(size); }
  static void operator delete(void* which) { ::operator delete(which); }
  friend class keeper;
};
struct odd_assignment {
  odd_assignment() = default;
  odd_assignment(const odd_assignment&) = default;
  void operator=(const odd_assignment&) & {}
  template <class Other> int operator=(Other&&) volatile = delete;
};
// Compared, called, indexed and dereferenced with anything.
struct all_operators {
  template <class Other> bool operator==(const Other&) const = delete;
  template <class Other> int operator+(const Other&) const { return 1; }
  template <class... Others> int operator()(Others&&...) const { return 1; }
  template <class Other> int operator[](Other&&) const { return 1; }
  all_operators& operator*() { return *this; }
  all_operators* operator->() { return this; }
  template <class Other> friend int operator<<(Other&&, const all_operators&) { return 1; }
  int a;
};
struct fields_operators {
  address_of_another a;
  comma b;
  all_operators c;
  odd_assignment d;
};
// The class's own name inside of it is another thing.
struct hides_its_names {
  int hides_its_names_(int b) const { return b; }
  struct box {
    int a;
  };
  enum { type, value };
  box a;
};
class outer_class {
  struct hidden_inside {
    int a;
  };

 public:
  using shown = hidden_inside;
};
using private_nested = outer_class::shown;
struct with_nested_types {
  struct inner {
    struct innermost {
      int a;
    } a;
  } b;
  union {
    int c;
  } d;
};
using deeply_nested = with_nested_types::inner::innermost;
struct literal_only {
  constexpr literal_only(int a) : a_(a) {}
  constexpr int get() const { return a_; }

 private:
  int a_;
};

#if __cplusplus > 201703L
// Called by constant expressions only.
struct consteval_constructor {
  consteval consteval_constructor(const char* a) : a_(a) {}
  constexpr const char* get() const { return a_; }

 private:
  const char* a_;
};
struct fields_consteval {
  consteval_constructor a;
  int b;
};
struct constrained_constructor {
  constrained_constructor(std::convertible_to<int> auto&&) {}
};
// A constraint that asks for what is being decided is an error, not a "no".
struct constrained_by_copy {
  template <class Other>
  requires(!std::same_as<Other, constrained_by_copy> && std::copy_constructible<Other>)
      constrained_by_copy(Other) {}
};
struct fields_constrained {
  constrained_constructor a;
  constrained_by_copy b;
};
struct compared_by_default {
  int a;
  double b;
  friend bool operator==(const compared_by_default&, const compared_by_default&) = default;
};
struct ordered_by_default {
  int a;
  std::strong_ordering operator<=>(const ordered_by_default&) const = default;
};
struct explicit_if {
  template <class Other>
  explicit(!std::is_arithmetic_v<std::decay_t<Other>>) explicit_if(Other&&) {}
};
#define ZOO_KINDS_OF_CXX20(value)                                                     \
  value(consteval_constructor) value(fields_consteval) value(constrained_constructor) \
      value(constrained_by_copy) value(fields_constrained) value(compared_by_default) \
          value(ordered_by_default) value(explicit_if)
#else
#define ZOO_KINDS_OF_CXX20(value)
#endif

}  // namespace zoo

// clang-format off
#define ZOO_KINDS(value, immovable, unfinished, pointed, parameter)                                          \
  unfinished(abstract) value(concrete) value(concrete_final) value(virtual_base) value(diamond)     \
  value(base_twice) value(multiple_bases) value(empty_bases) value(empty_base_and_field)            \
  value(private_base) value(protected_base) value(inherited_constructors) value(final_class)        \
  value(with_constructor) value(explicit_constructor) value(explicit_default)                       \
  value(fields_explicit_default) value(no_default_constructor)                                      \
  value(fields_no_default_constructor) value(deleted_default) value(defaulted_default)              \
  immovable(deleted_copy) immovable(deleted_move) value(move_only) value(fields_move_only)          \
  value(copied_by_template) immovable(lock_holder) immovable(atomic_holder)                         \
  immovable(copied_from_lvalue) immovable(fields_copied_from_lvalue) immovable(private_destructor)  \
  immovable(protected_destructor) immovable(deleted_destructor) immovable(throwing_destructor)      \
  value(friend_only) value(friend_of_it) immovable(private_copy) value(only_static_members)         \
  value(to_bool) value(explicitly_to_bool) value(to_many_numbers) value(to_anything)                \
  value(to_any_reference) value(to_any_pointer) value(to_aggregate) value(fields_to_anything)       \
  value(from_anything) value(from_anything_by_value) value(from_variadic) value(from_any_pack)      \
  value(from_any_constrained) value(from_numbers_only) value(from_copyable) value(from_any_list)    \
  value(from_list_of_itself) value(from_and_to_anything) immovable(assertion_in_body)               \
  value(assertion_in_conversion) value(noexcept_asks) value(fields_from_anything)                   \
  value(fields_from_more) value(fields_assertion) value(fields_assertion_in_conversion)             \
  value(deprecated_constructors) value(fields_deprecated) value(deprecated_conversion)              \
  immovable(deprecated_field) immovable(deprecated_copy) immovable(fields_deprecated_copy)              \
  immovable(deprecated_copy_beside_assignment) value(must_be_used) value(polymorphic_final)         \
  value(address_taken) value(address_of_another) value(comma) value(no_new) value(private_new)      \
  value(odd_assignment) value(all_operators) value(fields_operators) value(hides_its_names)         \
  value(private_nested) value(with_nested_types) value(deeply_nested) value(literal_only)           \
  ZOO_KINDS_OF_CXX20(value)
// clang-format on

DYMOD(zoo_classes, ZOO_LIST)

namespace group = zoo_classes;

#endif
