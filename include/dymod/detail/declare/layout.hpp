// SPDX-License-Identifier: MIT

// The layouts of the types that a function's type mentions, at compile time: records of a
// description (reload/description.hpp) for each class, union and enumeration that is complete, seen
// through pointers, references, arrays, functions and template arguments. An incomplete type has no
// record: it fits anything. Types of the standard library have none either: declare/abi.hpp answers
// for them.
//
// Asked where each DYMOD stands, for the description, and at the end of a translation unit of the
// module, about the types that were incomplete before. A template asked before a type is complete
// keeps its answer; hence `Moment`, a template argument that tells the times apart: a class of the
// module's or of the translation unit's.
//
// Never a reason for a user's program not to compile: size and alignment are asked of complete
// types only, and of a template's specialisation, which asking instantiates, only if its arguments
// are seen and are types that it can have a member of. dymod::opaque is for templates that do not
// survive that.

#ifndef DYMOD_DETAIL_DECLARE_LAYOUT_HPP
#define DYMOD_DETAIL_DECLARE_LAYOUT_HPP

#include <stddef.h>  // size_t

#include <type_traits>  // conditional, is_abstract, is_class, is_enum, is_member_pointer, is_same, is_union, is_void

#include <dymod/detail/declare/shape.hpp>
#include <dymod/detail/declare/type_text.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/event.hpp>  // opaque

namespace dymod { namespace detail {

template <class Type, class Moment, class = void> inline constexpr bool is_complete = false;
template <class Type, class Moment>
inline constexpr bool is_complete<Type, Moment, std::void_t<decltype(sizeof(Type))>> = true;

template <class Type> constexpr bool is_of_standard_library() {
  return begins_with(compilers_name<Type>, {"std::", 5});
}

// "\0layout\0name\0size 12, alignment 4", and "\0fields\0name\0iff" if those are known: behind the
// type's text, or another record.
constexpr void add_layout(text_writer& to, name_view name, size_t size, size_t alignment,
                          const field_letters& fields) {
  to.add("\0layout\0", 8);
  add_marked(to, name);
  to.add("\0size ", 6);
  to.add_number(size);
  to.add(", alignment ");
  to.add_number(alignment);
  if (fields.count == 0) return;
  to.add("\0fields\0", 8);
  add_marked(to, name);
  to.add('\0');
  to.add(fields.letters, fields.count);
}

// Asks nothing of a type that is not to be asked.
template <class Type, class Moment> constexpr bool can_be_measured() {
  if constexpr (opaque<Type>) {
    return false;
  } else {
    return is_complete<Type, Moment>;
  }
}

// Whether a later moment can tell nothing more.
template <class Type, class Moment> constexpr bool is_told() {
  if constexpr (opaque<Type> || is_of_standard_library<Type>()) {
    return true;
  } else {
    return is_complete<Type, Moment>;
  }
}

template <class Type, class Moment> constexpr bool has_record() {
  if constexpr (is_of_standard_library<Type>()) {
    return false;
  } else {
    return can_be_measured<Type, Moment>();
  }
}

template <class Type, class Moment>
constexpr void add_own_layout([[maybe_unused]] text_writer& to) {
  if constexpr (has_record<Type, Moment>()) {
    add_layout(to, compilers_name<Type>, sizeof(Type), alignof(Type), fields_of<Type>());
  }
}

template <class Type, class Moment> constexpr bool can_be_a_member() {
  if constexpr (can_be_measured<Type, Moment>()) {
    return !std::is_abstract_v<Type>;
  } else {
    return false;
  }
}

// A specialisation that cannot be taken apart (`vec<3, float>`, a class inside a template): whether
// it may be instantiated is not to be seen.
template <class Type> constexpr bool has_hidden_arguments() {
  constexpr name_view name = compilers_name<Type>;
  for (size_t i = 0; i < name.size; ++i) {
    if (name.characters[i] == '<') return true;
  }
  return false;
}

// A type that is not taken apart.
template <class Type, class Moment> struct whole_layouts {
  static constexpr bool is_named =
      std::is_class_v<Type> || std::is_union_v<Type> || std::is_enum_v<Type>;
  static constexpr bool suits_templates() {
    if constexpr (is_named && !has_hidden_arguments<Type>()) {
      return can_be_a_member<Type, Moment>();
    } else {
      return !is_named && !std::is_void_v<Type> && !std::is_member_pointer_v<Type>;
    }
  }
  static constexpr bool all_told() {
    if constexpr (!is_named || has_hidden_arguments<Type>()) {
      return true;
    } else {
      return is_told<Type, Moment>();
    }
  }
  static constexpr void value_records([[maybe_unused]] text_writer& to) {
    if constexpr (is_named) add_own_layout<Type, Moment>(to);
  }
  static constexpr void records([[maybe_unused]] text_writer& to) {
    if constexpr (!has_hidden_arguments<Type>()) value_records(to);
  }
};

/// What a type and those it mentions look like.
/// - `value_records()`: for what stands directly in the function's type; the program instantiates
///   that itself. `records()`: for everything else; what can be measured without instantiating
///   what the program may not.
/// - `suits_templates()`: a template with this argument can be measured, as far as can be told.
/// - `all_told()`: nothing it mentions is incomplete.
template <class Type, class Moment> struct layouts : whole_layouts<Type, Moment> {};

template <class Type, class Moment> struct layouts<const Type, Moment> : layouts<Type, Moment> {};
template <class Type, class Moment>
struct layouts<volatile Type, Moment> : layouts<Type, Moment> {};
template <class Type, class Moment>
struct layouts<const volatile Type, Moment> : layouts<Type, Moment> {};

// What is behind a pointer, a reference or in an array.
template <class Type, class Moment> struct layouts_behind : layouts<Type, Moment> {
  static constexpr void value_records(text_writer& to) { layouts<Type, Moment>::records(to); }
};
template <class Type, class Moment> struct layouts<Type&, Moment> : layouts_behind<Type, Moment> {
  static constexpr bool suits_templates() { return false; }
};
template <class Type, class Moment> struct layouts<Type&&, Moment> : layouts<Type&, Moment> {};
template <class Type, class Moment> struct layouts<Type[], Moment> : layouts<Type&, Moment> {};
template <class Type, class Moment>
struct layouts<const Type[], Moment> : layouts<Type&, Moment> {};
template <class Type, size_t Size, class Moment>
struct layouts<Type[Size], Moment> : layouts_behind<Type, Moment> {};
template <class Type, size_t Size, class Moment>
struct layouts<const Type[Size], Moment> : layouts_behind<Type, Moment> {};
template <class Type, class Moment> struct layouts<Type*, Moment> : layouts_behind<Type, Moment> {
  // Templates look at what pointers point to.
  static constexpr bool suits_templates() {
    return std::is_void_v<Type> || layouts<Type, Moment>::suits_templates();
  }
};

template <class Result, class... Arguments, class Moment>
struct layouts<Result(Arguments...), Moment> {
  static constexpr bool suits_templates() { return false; }
  static constexpr bool all_told() {
    return (layouts<Result, Moment>::all_told() && ... && layouts<Arguments, Moment>::all_told());
  }
  static constexpr void records(text_writer& to) {
    layouts<Result, Moment>::records(to);
    (layouts<Arguments, Moment>::records(to), ...);
  }
  static constexpr void value_records(text_writer& to) {
    layouts<Result, Moment>::value_records(to);
    (layouts<Arguments, Moment>::value_records(to), ...);
  }
};
template <class Result, class... Arguments, class Moment>
struct layouts<Result(Arguments...) noexcept, Moment> : layouts<Result(Arguments...), Moment> {};

template <class Type, class Moment, class... Arguments> struct template_layouts {
  static constexpr bool can_be_instantiated() {
    return (layouts<Arguments, Moment>::suits_templates() && ...);
  }
  static constexpr bool suits_templates() {
    if constexpr (can_be_instantiated()) {
      return can_be_a_member<Type, Moment>();
    } else {
      return false;
    }
  }
  static constexpr bool all_told() {
    if constexpr (!(layouts<Arguments, Moment>::all_told() && ...)) {
      return false;
    } else if constexpr (can_be_instantiated()) {
      return is_told<Type, Moment>();
    } else {
      return true;
    }
  }
  static constexpr void value_records(text_writer& to) {
    add_own_layout<Type, Moment>(to);
    (layouts<Arguments, Moment>::records(to), ...);
  }
  static constexpr void records([[maybe_unused]] text_writer& to) {
    if constexpr (can_be_instantiated()) {
      value_records(to);
    } else {
      (layouts<Arguments, Moment>::records(to), ...);
    }
  }
};

template <template <class...> class Template, class... Arguments, class Moment>
struct layouts<Template<Arguments...>, Moment>
    : template_layouts<Template<Arguments...>, Moment, Arguments...> {};

// Those with a number, such as std::array. size_t is `unsigned` on most systems of 32 bits.
using other_number = std::conditional_t<std::is_same_v<size_t, unsigned>, unsigned long, unsigned>;
#if DYMOD_DETAIL_NUMBERS_MATCH_ALL()
template <class Number>
inline constexpr bool is_known_number =
    std::is_same_v<Number, size_t> || std::is_same_v<Number, int> ||
    std::is_same_v<Number, other_number>;
template <template <class, auto> class Template, class Argument, auto Number, class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : std::conditional_t<is_known_number<decltype(Number)>,
                         template_layouts<Template<Argument, Number>, Moment, Argument>,
                         whole_layouts<Template<Argument, Number>, Moment>> {};
#else
template <template <class, size_t> class Template, class Argument, size_t Number, class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : template_layouts<Template<Argument, Number>, Moment, Argument> {};
template <template <class, int> class Template, class Argument, int Number, class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : template_layouts<Template<Argument, Number>, Moment, Argument> {};
template <template <class, other_number> class Template, class Argument, other_number Number,
          class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : template_layouts<Template<Argument, Number>, Moment, Argument> {};
#endif
// Those of templates.
template <template <template <class...> class, class...> class Template,
          template <class...> class Inner, class... Arguments, class Moment>
struct layouts<Template<Inner, Arguments...>, Moment>
    : template_layouts<Template<Inner, Arguments...>, Moment, Arguments...> {};

template <class Module, class Type> struct whole_description {
  static constexpr void to(text_writer& to) {
    words_of<Type>::to(to);
    layouts<Type, Module>::value_records(to);
  }
};

/// Type and layouts of a function: the rest of its record in the description, and the records that
/// follow it.
/// @tparam Module  a class of the declaration's: another one may know the types better
template <class Module, class Type>
DYMOD_DETAIL_HIDDEN inline constexpr auto description_of =
    written<whole_description<Module, Type>>();
template <class Module, class Type>
using description_type = fixed_text<written_size<whole_description<Module, Type>>()>;

// With an empty string at the end.
template <class Write> struct and_an_end {
  static constexpr void to(text_writer& to) {
    Write::to(to);
    to.add('\0');
  }
};

/// The same for the host to keep, with an empty string at the end.
template <class Module, class Type> struct DYMOD_DETAIL_HIDDEN described {
  static constexpr auto value = written<and_an_end<whole_description<Module, Type>>>();
};

template <class Unit, class Type> struct records_at_end {
  static constexpr void to(text_writer& to) { layouts<Type, Unit>::value_records(to); }
};

/// The layouts that are known at the end of a translation unit, for a function that mentions types
/// which DYMOD did not know: a function template is instantiated there once more. Not through
/// `auto`, which would be deduced at once.
/// @tparam Unit  of internal linkage: what one translation unit knows the next may not
/// @returns  records, an empty string behind them
template <class Unit, class Type> const char* layouts_at_end() {
  static constexpr auto records = written<and_an_end<records_at_end<Unit, Type>>>();
  return records.characters +
         (sizeof records.characters > 2 ? 1 : 0);  // a record begins with a null
}

/// @returns null if DYMOD has told all
template <class Unit, class Module, class Type> constexpr const char* (*later_layouts())() {
  if constexpr (layouts<Type, Module>::all_told()) {
    return nullptr;
  } else {
    return &layouts_at_end<Unit, Type>;
  }
}

}}  // namespace dymod::detail

#endif
