// SPDX-License-Identifier: MIT

// Types that are declared and not defined where DYMOD stands, and templates of them: whoever asks
// for their size, or instantiates what asks for it, does not compile.

#ifndef DYMOD_TEST_ZOO_INCOMPLETE_HPP
#define DYMOD_TEST_ZOO_INCOMPLETE_HPP

#include <array>       // array
#include <atomic>      // atomic
#include <functional>  // function
#include <map>         // map
#include <memory>      // shared_ptr, unique_ptr, weak_ptr
#include <optional>    // optional
#include <tuple>       // tuple
#include <utility>     // pair
#include <variant>     // variant
#include <vector>      // vector

#include "zoo.hpp"

namespace zoo {

struct declared;
class declared_class;
union declared_union;
enum class declared_enumeration : int;
// Defined behind DYMOD, in the same file.
struct defined_later;
template <class Animal> struct declared_template;
using of_declared_template = declared_template<int>;

// Each field leads back to the struct itself.
struct node {
  int value;
  node* next;
  std::vector<node> children;
  std::unique_ptr<node> owned;
};
struct other_half;
struct one_half {
  other_half* other;
  std::vector<other_half> others;
};
struct other_half {
  one_half* other;
  std::shared_ptr<one_half> owned;
};
struct tree {
  std::map<int, tree> branches;
  std::function<tree(const tree&)> grow;
};
// The private implementation: its destructor is defined where the type is complete.
class with_implementation {
 public:
  with_implementation();
  with_implementation(with_implementation&&) noexcept;
  ~with_implementation();

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};
// The same without a destructor: nobody may destroy it here, not even a question.
struct owner_of_declared {
  owner_of_declared();
  owner_of_declared(const owner_of_declared&) = delete;
  ~owner_of_declared();
  std::unique_ptr<declared> owned;
};
struct sharer_of_declared {
  std::shared_ptr<declared> shared;
  std::weak_ptr<declared> watched;
};
struct points_to_declared {
  declared* a;
  declared& b;
  declared (*c)[3];
  declared (*d)(declared);
  int declared::*e;
  declared declared::*f;
  declared (declared_class::*g)(declared&&);
};

// Templates that want a complete argument as soon as they are instantiated.
template <class Animal> struct holds { Animal content; };
template <class Animal> struct asserts_complete {
  static_assert(sizeof(Animal) > 0, "a complete type");
  Animal* content;
};
template <class Animal> struct derives : Animal {};
template <class Animal, std::size_t Count> struct holds_many { Animal content[Count]; };
using holds_declared = holds<declared>;
using holds_declared_template = holds<of_declared_template>;
using asserts_declared = asserts_complete<declared>;
using asserts_array_of_declared = asserts_complete<declared[3]>;
using asserts_const_declared = asserts_complete<const declared>;
using derives_from_declared = derives<declared_class>;
using holds_many_declared = holds_many<declared_class, 3>;
using holds_holds_declared = holds<holds<declared>>;
using holds_optional_declared = holds<std::optional<declared>>;
using holds_pair_declared = holds<std::pair<declared, int>>;
using holds_later = holds<defined_later>;

// The same, out of reach for whoever takes a template apart into types: arguments that are none, a
// type inside of a template, what is behind a pointer, a function, a member.
struct abstract_class {
  virtual int count() const = 0;

 protected:
  ~abstract_class() = default;
};
template <bool Large, class Animal> struct holds_if { Animal content; };
template <class Animal, unsigned Count> struct holds_unsigned { Animal content[Count]; };
template <template <class> class Holder, class Animal> struct holds_through {
  Holder<Animal> content;
};
template <class Animal> struct outside {
  struct inside {
    Animal content;
  };
};
template <class Pointer> struct asserts_target {
  static_assert(sizeof(*Pointer()) > 0, "a complete type");
  Pointer content;
};
template <class Signature> struct task;
template <class Result> struct task<Result(int)> {
  static_assert(sizeof(Result) > 0, "a complete type");
};
template <class Member> struct holds_class_of;
template <class Type, class Class> struct holds_class_of<Type Class::*> { Class content; };
using holds_if_declared = holds_if<true, declared>;
using holds_unsigned_declared = holds_unsigned<declared, 3>;
using holds_through_declared = holds_through<holds, declared>;
using inside_of_declared = outside<declared>::inside;
using asserts_target_declared = asserts_target<declared*>;
using task_of_declared = task<declared(int)>;
using holds_class_declared = holds_class_of<int declared::*>;
using holds_abstract = holds<abstract_class>;
using holds_void = holds<void>;
using holds_function = holds<int()>;
using holds_optional_abstract = holds<std::optional<abstract_class>>;
using holds_optional_reference = holds<std::optional<int&>>;
using holds_array_abstract = holds<std::array<abstract_class, 3>>;

}  // namespace zoo

// clang-format off
#define ZOO_KINDS(value, immovable, unfinished, pointed, parameter)                                          \
  unfinished(declared) unfinished(declared_class) unfinished(declared_union)                        \
  value(declared_enumeration) unfinished(defined_later) unfinished(of_declared_template)            \
  value(node) value(one_half) value(other_half) value(tree) immovable(with_implementation)              \
  immovable(owner_of_declared) value(sharer_of_declared) value(points_to_declared)                  \
  pointed(holds_declared) pointed(holds_declared_template) pointed(asserts_declared)       \
  pointed(asserts_array_of_declared) pointed(asserts_const_declared)                          \
  pointed(derives_from_declared) pointed(holds_many_declared)                                 \
  pointed(holds_holds_declared) pointed(holds_optional_declared)                              \
  pointed(holds_pair_declared) pointed(holds_later)                                           \
  parameter(vector_of_declared, std::vector<zoo::declared>&)                                        \
  parameter(optional_pointer, std::optional<zoo::declared*>)                                        \
  parameter(variant_of_declared, std::variant<int, zoo::declared>*)                                 \
  parameter(atomic_of_declared, std::atomic<zoo::declared>*)                                        \
  parameter(map_of_declared, std::map<int, zoo::declared>&)                                         \
  parameter(function_of_declared, std::function<zoo::declared(zoo::declared)>&)                     \
  parameter(unique_declared, std::unique_ptr<zoo::declared>&)                                       \
  parameter(shared_declared, std::shared_ptr<zoo::declared>)                                        \
  parameter(pointer_to_array, zoo::declared (*)[3])                                                 \
  parameter(reference_to_array, zoo::declared (&)[3])                                               \
  parameter(reference_to_unbounded, const zoo::declared (&)[])                                      \
  parameter(pointer_to_function, zoo::declared (*)(zoo::declared) noexcept)                         \
  parameter(member_of_declared, int zoo::declared::*)                                               \
  parameter(rvalue_of_declared, zoo::declared&&)                                                    \
  parameter(volatile_declared, volatile zoo::declared&)                                             \
  parameter(optional_of_declared, std::optional<zoo::declared>&)                                    \
  parameter(pair_of_declared, const std::pair<zoo::declared, int>&)                                 \
  parameter(tuple_of_declared, std::tuple<zoo::declared, zoo::declared_class>&)                     \
  parameter(array_of_declared, std::array<zoo::declared, 3>&)                                       \
  parameter(holds_by_reference, zoo::holds_declared&)                                               \
  parameter(asserts_by_reference, const zoo::asserts_declared&)                                     \
  parameter(derives_by_reference, zoo::derives_from_declared&)                                      \
  pointed(holds_if_declared) pointed(holds_unsigned_declared) pointed(holds_through_declared)       \
  pointed(inside_of_declared) pointed(asserts_target_declared) pointed(task_of_declared)            \
  pointed(holds_class_declared) pointed(holds_abstract) pointed(holds_void)                         \
  pointed(holds_function) pointed(holds_optional_abstract) pointed(holds_optional_reference)        \
  pointed(holds_array_abstract)                                                                     \
  parameter(vector_of_holds_abstract, std::vector<zoo::holds_abstract>*)
// clang-format on

DYMOD(zoo_incomplete, ZOO_LIST)

namespace zoo {

struct defined_later {
  int a;
  double b;
};

}  // namespace zoo

namespace group = zoo_incomplete;

#endif
