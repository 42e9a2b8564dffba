// SPDX-License-Identifier: MIT

// The shape of an aggregate at compile time: its fields, one letter each, found by asking which
// initialisers it takes: `Type{int, float, x}` for an `x` that converts to this or that.
//
// Never a reason for a user's program not to compile, hence:
// - No structured bindings: a wrong count is a hard error, with anonymous unions also inside
//   SFINAE.
// - Conversions are declared only and not constexpr: compilers warn of constexpr ones that are
//   used but never defined.
// - The kind of a field is asked for bit by bit: five questions instead of one for each kind. Types
//   of plain data are asked in a quicker way, below; both say the same (tests/unit/shape.test.cpp).
// - What cannot be found out is unknown ('?' for a field, no letters for a type) and fits anything.
// (A class whose constructor template does not survive to be asked needs dymod::opaque.)
//
// An array counts as its elements, a base class as a field. Behind the 32nd stands a '+' for all
// others: the cost to compile grows with the square of the number.

#ifndef DYMOD_DETAIL_DECLARE_SHAPE_HPP
#define DYMOD_DETAIL_DECLARE_SHAPE_HPP

#include <stddef.h>  // size_t

#include <type_traits>  // enable_if, is_aggregate, is_class, is_enum, is_member_pointer, is_pointer, is_union, void_t

#include <dymod/detail/declare/type_text.hpp>

namespace dymod { namespace detail {

inline constexpr unsigned pointer_kind = 19;
inline constexpr unsigned enumeration_kind = 20;
inline constexpr unsigned member_pointer_kind = 21;
// All bits: a class takes part in no question of bits, else its own first field would answer.
inline constexpr unsigned class_kind = 31;

#define DYMOD_DETAIL_KIND_LETTER(number, letter, type) \
  case number: return letter;
constexpr char letter_of_kind(unsigned kind) {
  switch (kind) {
    DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_KIND_LETTER)
    case pointer_kind: return 'P';
    case enumeration_kind: return 'E';
    case member_pointer_kind: return 'M';
    case class_kind: return 'C';
    default: return '?';
  }
}
#undef DYMOD_DETAIL_KIND_LETTER

template <class Type> constexpr unsigned kind_of_other() {
  if (std::is_class_v<Type> || std::is_union_v<Type>) return class_kind;
  if (std::is_pointer_v<Type>) return pointer_kind;
  if (std::is_enum_v<Type>) return enumeration_kind;
  if (std::is_member_pointer_v<Type>) return member_pointer_kind;
  return 0;
}
template <class Type> inline constexpr unsigned kind_of_field = kind_of_other<Type>();

// Converts to every field. A copy would let std::any, std::function and their like take it as their
// content.
struct any_field {
  any_field();
  any_field(const any_field&) = delete;
  template <class Field> operator Field();
  template <class Field> operator Field&() const;  // for fields that are references
};

struct class_field {
  class_field();
  class_field(const class_field&) = delete;
  template <class Field, class = std::enable_if_t<kind_of_field<Field> == class_kind>>
  operator Field();
};

template <unsigned Bit> struct field_with_bit {
  field_with_bit();
  field_with_bit(const field_with_bit&) = delete;
  template <class Field, class = std::enable_if_t<(kind_of_field<Field> >> Bit & 1) != 0>>
  operator Field();
};

// What stands for a field whose kind is known: where possible the type itself, which needs no
// conversion and compiles much faster.
template <unsigned Kind> struct field_of_kind { using type = any_field; };
template <> struct field_of_kind<class_kind> { using type = class_field; };

#define DYMOD_DETAIL_KIND_TYPE(number, letter, fundamental)                  \
  template <> inline constexpr unsigned kind_of_field<fundamental> = number; \
  template <> struct field_of_kind<number> { using type = fundamental; };
DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_KIND_TYPE)
#undef DYMOD_DETAIL_KIND_TYPE

template <class... Types> struct type_list {};

inline constexpr unsigned most_fields = 32;

struct field_letters {
  char letters[most_fields + 2];
  unsigned count;
};

// Converts to every field but references; nothing is defined, so that asking compiles nothing.
struct value_field {
  value_field();
  value_field(const value_field&) = delete;
  template <class Field> operator Field();
};

// The same, and notes what it becomes.
struct noting_field {
  field_letters* found = nullptr;
  noting_field() = default;
  constexpr explicit noting_field(field_letters& notes) : found(&notes) {}
  noting_field(const noting_field&) = delete;
  template <class Field> constexpr operator Field() {
    found->letters[found->count] = letter_of_kind(kind_of_field<Field>);
    ++found->count;
    if constexpr (__is_trivially_constructible(Field)) {
      return Field();
    } else {
      return static_cast<Field (*)()>(nullptr)();
    }
  }
};
template <class Field> using noting = noting_field;

// Compilers warn of questions that they are asked.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wmissing-braces"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif

// Classes, not variables: g++ 11 checks access in a variable's specialisation when it is too late
// for an answer.
template <class, class Type, class... Fields> struct takes_fields {
  static constexpr bool value = false;
};
template <class Type, class... Fields>
struct takes_fields<std::void_t<decltype(Type{Fields()...})>, Type, Fields...> {
  static constexpr bool value = true;
};

template <class, class Type, class... Fields> struct takes_one_more {
  static constexpr bool value = false;
};
template <class Type, class... Fields>
struct takes_one_more<std::void_t<decltype(Type{Fields()..., {}})>, Type, Fields...> {
  static constexpr bool value = true;
};

template <class Type, class... Fields>
inline constexpr bool takes = takes_fields<void, Type, Fields...>::value;

template <class Type, class... Fields> constexpr field_letters noted(type_list<Fields...>) {
  field_letters found{};
  if constexpr (takes<Type, noting<Fields>...>) {
    static_cast<void>(Type{noting<Fields>(found)...});
  } else {
    found.count = most_fields + 1;
  }
  return found;
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

// The place behind `Before` is asked for; `After` fills the fields behind it that have no default.
template <class Type, class... Before, class... After>
constexpr unsigned kind_at(type_list<Before...>, type_list<After...>) {
  if constexpr (takes<Type, Before..., class_field, After...>) {
    return class_kind;
  } else {
    return (takes<Type, Before..., field_with_bit<0>, After...> ? 1u : 0u) |
           (takes<Type, Before..., field_with_bit<1>, After...> ? 2u : 0u) |
           (takes<Type, Before..., field_with_bit<2>, After...> ? 4u : 0u) |
           (takes<Type, Before..., field_with_bit<3>, After...> ? 8u : 0u) |
           (takes<Type, Before..., field_with_bit<4>, After...> ? 16u : 0u);
  }
}

template <class... Fields> constexpr auto without_first(type_list<any_field, Fields...>) {
  return type_list<Fields...>();
}
constexpr auto without_first(type_list<>) { return type_list<>(); }

template <class Type, class... Before, class... After>
constexpr field_letters fields_behind(field_letters found, type_list<Before...>,
                                      type_list<After...>) {
  if constexpr (sizeof...(Before) == most_fields) {
    if constexpr (takes<Type, Before..., any_field> ||
                  takes_one_more<void, Type, Before...>::value) {
      found.letters[found.count] = '+';
      ++found.count;
    }
    return found;
  } else {
    constexpr unsigned kind = kind_at<Type>(type_list<Before...>(), type_list<After...>());
    using field = typename field_of_kind<kind>::type;
    if constexpr (kind != 0 || takes<Type, Before..., any_field, After...>) {
      found.letters[found.count] = letter_of_kind(kind);
      ++found.count;
      return fields_behind<Type>(found, type_list<Before..., field>(),
                                 without_first(type_list<After...>()));
    } else if constexpr (takes_one_more<void, Type, Before...>::value) {
      return field_letters{};  // a field that nothing of ours converts to
    } else {
      return takes<Type, Before...> ? found : field_letters{};
    }
  }
}

// As many initialisers as it takes at least.
template <class Type, class... Needed> constexpr field_letters fields_asked_for() {
  if constexpr (takes<Type, Needed...>) {
    return fields_behind<Type>(field_letters{}, type_list<>(),
                               without_first(type_list<Needed...>()));
  } else if constexpr (sizeof...(Needed) < most_fields && sizeof...(Needed) < sizeof(Type)) {
    return fields_asked_for<Type, Needed..., any_field>();
  } else {
    return field_letters{};
  }
}

// The quick way: an object is initialised in a constant expression, and each conversion notes what
// it was asked for; in braces they happen in the order of the fields ([dcl.init.list]/4). Before
// that, one question for each number of fields, where the other way asks six for each field. It
// does only if no field needs a constructor to be run: any other makes the expression not constant.
template <class... Fields>
constexpr type_list<Fields..., value_field> with_one_more(type_list<Fields...>);
template <unsigned Count> struct value_list {
  using type = decltype(with_one_more(typename value_list<Count - 1>::type()));
};
template <> struct value_list<0> { using type = type_list<>; };
template <unsigned Count> using value_fields = typename value_list<Count>::type;

template <class Type, class List> inline constexpr bool takes_list = false;
template <class Type, class... Fields>
inline constexpr bool takes_list<Type, type_list<Fields...>> = takes<Type, Fields...>;

template <class Type, class List> inline constexpr bool takes_more_than = false;
template <class Type, class... Fields>
inline constexpr bool takes_more_than<Type, type_list<Fields...>> =
    takes_one_more<void, Type, Fields...>::value;

// How many it takes, sought from `Count` on.
template <class Type, unsigned Count> constexpr unsigned most_values() {
  if constexpr (Count != 0 && !takes_list<Type, value_fields<Count>>) {
    return most_values<Type, Count - 1>();
  } else if constexpr (Count == most_fields || !takes_list<Type, value_fields<Count + 1>>) {
    return Count;
  } else {
    return most_values<Type, Count + 1>();
  }
}

// Whether it takes them, and that is a constant expression.
template <class Type, class List, class = void> inline constexpr bool is_noted = false;
template <class Type, class List>
inline constexpr bool
    is_noted<Type, List, std::enable_if_t<noted<Type>(List()).count <= most_fields>> = true;

template <class Type> constexpr field_letters fields_noted() {
  constexpr size_t size = sizeof(Type);
  constexpr size_t guess = size / alignof(Type);  // right for fields of one size
  constexpr unsigned count = most_values<Type, (guess < most_fields ? guess : most_fields)>();
  using fields = value_fields<count>;
  constexpr bool are_all = !takes_more_than<Type, fields>;
  if constexpr (is_noted<Type, fields> && (are_all || count == most_fields)) {
    field_letters found = noted<Type>(fields());
    if (!are_all) {
      found.letters[found.count] = '+';
      ++found.count;
    }
    return found;
  } else {
    return fields_asked_for<Type>();  // also for a field that nothing of ours converts to
  }
}

/// The fields of a complete type, one letter each; none if they are not known.
template <class Type> constexpr field_letters fields_of() {
  if constexpr (!std::is_class_v<Type> || !std::is_aggregate_v<Type>) {
    return field_letters{};
  } else if constexpr (__is_trivially_copyable(Type) &&
                       __is_trivially_assignable(Type&, const Type&)) {
    return fields_noted<Type>();
  } else {
    return fields_asked_for<Type>();  // also where a field is a reference, which nothing notes
  }
}

}}  // namespace dymod::detail

#endif
