// SPDX-License-Identifier: MIT

// Templates: what their arguments are, and what asking about a specialisation instantiates.

#ifndef DYMOD_TEST_ZOO_TEMPLATES_HPP
#define DYMOD_TEST_ZOO_TEMPLATES_HPP

#include <array>        // array
#include <cstddef>      // nullptr_t, size_t
#include <list>         // list
#include <tuple>        // tuple
#include <type_traits>  // enable_if_t, is_integral_v
#include <vector>       // vector

#include "zoo.hpp"

namespace zoo {

struct animal {
  int legs;
  double weight;
};
enum class colour { black, white };
inline constexpr int constant = 3;

// Variadic, with none, one and many.
template <class... Animals> struct flock { std::tuple<Animals...> members; };
using empty_flock = flock<>;
using mixed_flock = flock<animal, int, flock<animal*>>;
// A template as an argument: cannot be taken apart as types can.
template <template <class...> class Container, class Animal> struct stable {
  Container<Animal> members;
};
using vector_stable = stable<std::vector, animal>;
template <template <class> class Wrapper> struct only_template { Wrapper<int> a; };
using only_template_argument = only_template<box>;
// Its base is a template of itself, incomplete while that is instantiated.
template <class Derived> struct counted {
  int count = 0;
  Derived& self() { return static_cast<Derived&>(*this); }
};
struct curious : counted<curious> {
  int a = 0;
};
// Arguments that are no types: a number, anything, a pointer, an enumerator, a bool, a member,
// null.
template <unsigned Count> struct with_int { int a[Count]; };
using three_ints = with_int<3>;
template <auto Value> struct with_auto { decltype(Value) a; };
using auto_character = with_auto<'c'>;
using auto_null = with_auto<nullptr>;
using auto_enumerator = with_auto<colour::white>;
template <const int* Address> struct with_pointer { int a; };
using pointer_argument = with_pointer<&constant>;
template <colour Value> struct with_enumerator { int a; };
using enumerator_argument = with_enumerator<colour::black>;
template <int animal::*Member> struct with_member { int a; };
using member_argument = with_member<&animal::legs>;
template <int (*Function)(int)> struct with_function { int a; };
inline int twice(int a) { return a * 2; }
using function_argument = with_function<&twice>;
// A type and a number, of the types that std::array has and of others.
template <class Animal, std::size_t Count> struct type_and_size { Animal a[Count]; };
using size_four = type_and_size<animal, 4>;
template <class Animal, unsigned Count> struct type_and_unsigned { Animal a[Count]; };
using unsigned_four = type_and_unsigned<animal, 4U>;
template <class Animal, auto Count> struct type_and_auto { Animal a[Count]; };
using auto_four = type_and_auto<animal, 4>;
template <bool Large, class Animal> struct bool_and_type { Animal a; };
using bool_first = bool_and_type<true, animal>;
template <class... Animals> struct outer {
  struct inner {
    std::tuple<Animals...> a;
  };
  template <class Other> struct inner_template { Other a; };
  enum class inner_enumeration { a };
};
using inner_of_template = outer<animal, int>::inner;
using template_of_template = outer<animal>::inner_template<colour>;
using enumeration_of_template = outer<animal>::inner_enumeration;
// Alias templates disappear, default arguments do not.
template <class Animal> using row = std::vector<box<Animal>>;
template <class Animal, class Tag = void, class Alternative = row<Animal>> struct with_defaults {
  Alternative a;
};
using defaulted_arguments = with_defaults<animal>;
// Specialisations differ in everything from what they specialise.
template <class Animal> struct specialised { Animal a; };
template <class Animal> struct specialised<Animal*> {
  Animal* a;
  int b;
};
template <> struct specialised<void> { char a[3]; };
using partial_specialisation = specialised<animal*>;
using full_specialisation = specialised<void>;
// No definition at all but one.
template <class Animal> struct declared_primary;
template <> struct declared_primary<int> { int a; };
using defined_specialisation = declared_primary<int>;
// Explicitly instantiated elsewhere: asking must not instantiate more.
template <class Animal> struct instantiated_elsewhere {
  int members() const;
  Animal a;
};
extern template struct instantiated_elsewhere<animal>;
using extern_template = instantiated_elsewhere<animal>;
// As deep as a list of five.
template <int Depth> struct tower {
  tower<Depth - 1> below;
  int a;
};
template <> struct tower<0> {};
using tower_of_five = tower<5>;
// The class compiles, its members do not: none of them may be touched.
template <class Animal> struct broken_members {
  Animal a;
  void call() { a.no_such_function(); }
  bool operator==(const broken_members& other) const { return a.less() < other.a.less(); }
  static inline int count() { return Animal::no_such_number; }
};
using members_do_not_compile = broken_members<animal>;
// A static member without a definition, as in a header whose source is elsewhere.
template <class Animal> struct with_static_member {
  static int count;
  Animal a;
};
using undefined_static_member = with_static_member<animal>;
// Each specialisation brings functions of its own into the namespace.
template <class Animal> struct with_friends {
  Animal a;
  friend int weigh(const with_friends& which) { return which.a.legs; }
};
using friends_of_template = with_friends<animal>;
// Found by argument-dependent lookup with any call: none may be made.
template <class Animal> struct greedy_friends {
  Animal a;
  template <class Other> friend int records(Other&&, const greedy_friends&) = delete;
  template <class... Others> friend int description_of(Others&&...) = delete;
};
using lookup_by_argument = greedy_friends<animal>;
// Arguments that are types, but not of objects.
template <class Signature> struct delegate { Signature* function; };
using delegate_of_function = delegate<int(animal, animal&)>;
using delegate_of_noexcept = delegate<void(animal) noexcept>;
template <class Signature> struct method;
template <class Result, class Class, class... Arguments>
struct method<Result (Class::*)(Arguments...) const> {
  Result (Class::*function)(Arguments...) const;
};
using method_pointer = method<int (animal::*)(int) const>;
template <class Signature> struct tag {};
using tag_of_const_function = tag<int(animal) const&>;
using tag_of_variadic_function = tag<int(const char*, ...)>;
using tag_of_void = tag<void>;
using tag_of_const_void = tag<const volatile void>;
using tag_of_reference = tag<const animal&>;
using tag_of_rvalue_reference = tag<animal&&>;
using tag_of_array = tag<animal[2][3]>;
using tag_of_unbounded_array = tag<const animal[]>;
using tag_of_null = tag<std::nullptr_t>;
using tag_of_const = tag<const animal>;
using tag_of_volatile_pointer = tag<animal* volatile>;
using tag_of_member = tag<int animal::*>;
using box_of_const = box<const animal>;
using box_of_reference = box<animal&>;
using box_of_array = box<animal[3]>;
using box_of_boxes = box<box<box<animal>>>;
using box_of_vector = box<std::vector<box<animal>>>;
using box_of_arrays = box<std::array<std::array<animal, 2>, 3>>;
// Derived from its argument.
template <class Base> struct mixin : Base { int more = 0; };
using mixin_of_animal = mixin<animal>;
template <class... Bases> struct overloaded : Bases... { using Bases::operator()...; };
struct call_one {
  int operator()(int a) const { return a; }
};
struct call_two {
  int operator()(const char*) const { return 1; }
};
using overload_set = overloaded<call_one, call_two>;
template <class Number, class = std::enable_if_t<std::is_integral_v<Number>>> struct constrained {
  Number a;
};
using constrained_integer = constrained<int>;
// The constructors are templates of a template, and deduce.
template <class Animal> struct deduces {
  template <class... Others> deduces(Others&&... others) : a{static_cast<Others&&>(others)...} {}
  Animal a;
};
template <class Other> deduces(Other) -> deduces<Other>;
using with_deduction_guide = deduces<animal>;
// Not to be instantiated, and never is but by being asked: for these there is dymod::opaque.
template <class Animal> struct trap {
  static_assert(sizeof(Animal) == 0, "not to be instantiated");
};
using never_instantiated = trap<animal>;
// Nor this one: to look for a constructor is an error already, not a "no".
struct error_in_signature {
  error_in_signature() = default;
  template <class Other, class = typename trap<Other>::type> error_in_signature(Other&&) {}
};
struct fields_error_in_signature {
  error_in_signature a;
};

#if __cplusplus > 201703L
struct structural {
  int a;
};
template <structural Value> struct with_class_value { int a[static_cast<unsigned>(Value.a)]; };
using class_argument = with_class_value<structural{3}>;
template <class Animal>
requires(sizeof(Animal) > 2) struct with_requirement {
  Animal a;
};
using required_size = with_requirement<animal>;
using closure_argument = tag<decltype([](int) { return 1; })>;
#define ZOO_KINDS_OF_CXX20(value) value(class_argument) value(required_size)
#else
#define ZOO_KINDS_OF_CXX20(value)
#endif

}  // namespace zoo

template <> inline constexpr bool dymod::opaque<zoo::never_instantiated> = true;
template <> inline constexpr bool dymod::opaque<zoo::pen<zoo::never_instantiated>> = true;
template <> inline constexpr bool dymod::opaque<zoo::pen<zoo::pen<zoo::never_instantiated>>> = true;
template <> inline constexpr bool dymod::opaque<zoo::error_in_signature> = true;
template <> inline constexpr bool dymod::opaque<zoo::fields_error_in_signature> = true;
template <> inline constexpr bool dymod::opaque<zoo::box<zoo::error_in_signature>> = true;
template <> inline constexpr bool dymod::opaque<zoo::box<zoo::fields_error_in_signature>> = true;

// clang-format off
#define ZOO_KINDS(value, immovable, unfinished, pointed, parameter)                                          \
  value(animal) value(empty_flock) value(mixed_flock) value(vector_stable)                          \
  value(only_template_argument) value(curious) value(three_ints) value(auto_character)              \
  value(auto_null) value(auto_enumerator) value(pointer_argument) value(enumerator_argument)        \
  value(member_argument) value(function_argument) value(size_four) value(unsigned_four)                  \
  value(auto_four) value(bool_first) value(inner_of_template) value(template_of_template)           \
  value(enumeration_of_template) value(defaulted_arguments) value(partial_specialisation)           \
  value(full_specialisation) value(defined_specialisation) value(extern_template)                   \
  value(tower_of_five) value(members_do_not_compile) value(undefined_static_member)                 \
  value(friends_of_template) value(lookup_by_argument) value(delegate_of_function)                  \
  value(delegate_of_noexcept) value(method_pointer) value(tag_of_const_function)                    \
  value(tag_of_variadic_function) value(tag_of_void) value(tag_of_const_void)                       \
  value(tag_of_reference) value(tag_of_rvalue_reference) value(tag_of_array)                        \
  value(tag_of_unbounded_array) value(tag_of_null) value(tag_of_const)                              \
  value(tag_of_volatile_pointer) value(tag_of_member) value(box_of_const) value(box_of_reference)   \
  value(box_of_array) value(box_of_boxes) value(box_of_vector) value(box_of_arrays)                 \
  value(mixin_of_animal) value(overload_set) value(constrained_integer)                             \
  value(with_deduction_guide) pointed(never_instantiated) immovable(error_in_signature)          \
  immovable(fields_error_in_signature)                                                              \
  ZOO_KINDS_OF_CXX20(value)
// clang-format on

DYMOD(zoo_templates, ZOO_LIST)

namespace group = zoo_templates;

#endif
