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
  constexpr const auto& name = compilers_name<Type>;
  constexpr char start[] = "std::";
  if constexpr (length_of(compilers_name<Type>) < 5) return false;
  for (size_t i = 0; i < 5; ++i) {
    if (name.characters[i] != start[i]) return false;
  }
  return true;
}

template <unsigned Count> constexpr fixed_text<Count> cut_letters(const field_letters& found) {
  fixed_text<Count> letters{};
  copy_characters(letters.characters, found.letters, Count);
  return letters;
}

// "\0layout\0name\0size 12, alignment 4", and "\0fields\0name\0iff" if those are known: behind the
// type's text, or another record.
template <class Type> constexpr auto layout_record() {
  constexpr auto name = type_words<Type>::left();
  constexpr auto size = decimal<sizeof(Type)>();
  constexpr auto alignment = decimal<alignof(Type)>();
  constexpr auto layout = literal("\0layout\0");
  constexpr auto separator = literal("\0size ");
  constexpr auto and_alignment = literal(", alignment ");
  constexpr field_letters found = fields_of<Type>();
  if constexpr (found.count == 0) {
    return joined(layout, name, separator, size, and_alignment, alignment);
  } else {
    return joined(layout, name, separator, size, and_alignment, alignment, literal("\0fields\0"),
                  name, fixed_text<1>{}, cut_letters<found.count>(found));
  }
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

template <class Type, class Moment> constexpr auto own_layout() {
  if constexpr (has_record<Type, Moment>()) {
    return layout_record<Type>();
  } else {
    return literal("");
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
  constexpr const auto& name = compilers_name<Type>;
  for (char each : name.characters) {
    if (each == '<') return true;
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
  static constexpr auto value_records() {
    if constexpr (is_named) {
      return own_layout<Type, Moment>();
    } else {
      return literal("");
    }
  }
  static constexpr auto records() {
    if constexpr (has_hidden_arguments<Type>()) {
      return literal("");
    } else {
      return value_records();
    }
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
  static constexpr auto value_records() { return layouts<Type, Moment>::records(); }
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
  static constexpr auto records() {
    return joined(layouts<Result, Moment>::records(), layouts<Arguments, Moment>::records()...);
  }
  static constexpr auto value_records() {
    return joined(layouts<Result, Moment>::value_records(),
                  layouts<Arguments, Moment>::value_records()...);
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
  static constexpr auto value_records() {
    return joined(own_layout<Type, Moment>(), layouts<Arguments, Moment>::records()...);
  }
  static constexpr auto records() {
    if constexpr (can_be_instantiated()) {
      return value_records();
    } else {
      return joined(layouts<Arguments, Moment>::records()...);
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

/// Type and layouts of a function: the rest of its record in the description, and the records that
/// follow it. Each a constant of its own: clang++ limits the steps that one may take.
/// @tparam Module  a class of the declaration's: another one may know the types better
template <class Module, class Type>
DYMOD_DETAIL_HIDDEN inline constexpr auto description_of =
    text_of<Type>() + layouts<Type, Module>::value_records();
template <class Module, class Type>
using description_type = std::remove_const_t<decltype(description_of<Module, Type>)>;

/// The same for the host to keep, with an empty string at the end.
template <class Module, class Type> struct DYMOD_DETAIL_HIDDEN described {
  static constexpr auto value = description_of<Module, Type> + fixed_text<1>{};
};

/// The layouts that are known at the end of a translation unit, for a function that mentions types
/// which DYMOD did not know: a function template is instantiated there once more. Not through
/// `auto`, which would be deduced at once.
/// @tparam Unit  of internal linkage: what one translation unit knows the next may not
/// @returns  records, an empty string behind them
template <class Unit, class Type> const char* layouts_at_end() {
  static constexpr auto records = layouts<Type, Unit>::value_records() + fixed_text<1>{};
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
