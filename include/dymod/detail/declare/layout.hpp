// SPDX-License-Identifier: MIT

// The layouts of the types that a function's type mentions, at compile time: records of a
// description (reload/description.hpp), one for each class, union and enumeration that is complete
// where DYMOD stands, seen through pointers, references, arrays, functions and template arguments.
// An incomplete type has no record: it fits anything. Types of the standard library have none
// either: declare/abi.hpp answers for them.
//
// Never a reason for a user's program not to compile: size and alignment are asked of complete
// types only, and of a template's specialisation only if all its arguments are complete, since
// asking instantiates it. dymod::opaque is for templates that do not survive that.

#ifndef DYMOD_DETAIL_DECLARE_LAYOUT_HPP
#define DYMOD_DETAIL_DECLARE_LAYOUT_HPP

#include <stddef.h>  // size_t

#include <type_traits>  // is_class, is_enum, is_union, void_t

#include <dymod/detail/declare/type_text.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/event.hpp>  // opaque

namespace dymod { namespace detail {

template <class Type, class = void> inline constexpr bool is_complete = false;
template <class Type>
inline constexpr bool is_complete<Type, std::void_t<decltype(sizeof(Type))>> = true;

template <class Type> constexpr bool is_of_standard_library() {
  constexpr auto name = compilers_name<Type>();
  constexpr char start[] = "std::";
  if constexpr (length_of(compilers_name<Type>()) < 5) return false;
  for (size_t i = 0; i < 5; ++i) {
    if (name.characters[i] != start[i]) return false;
  }
  return true;
}

// "\0layout\0name\0size 12, alignment 4": behind the type's text, or another record.
template <class Type> constexpr auto layout_record() {
  constexpr fixed_text<1> end{};
  return end + "layout" + end + type_words<Type>::left() + end + "size " + decimal<sizeof(Type)>() +
         ", alignment " + decimal<alignof(Type)>();
}

// Asks nothing of a type that is not to be asked.
template <class Type> constexpr bool can_be_measured() {
  if constexpr (opaque<Type>) {
    return false;
  } else {
    return is_complete<Type>;
  }
}

template <class Type> constexpr bool has_record() {
  if constexpr (is_of_standard_library<Type>()) {
    return false;
  } else {
    return can_be_measured<Type>();
  }
}

template <class Type> constexpr auto own_layout() {
  if constexpr (has_record<Type>()) {
    return layout_record<Type>();
  } else {
    return literal("");
  }
}

/// What a type and those it mentions look like; `is_known`: their sizes may be asked for.
template <class Type> struct layouts {
  static constexpr bool is_named =
      std::is_class_v<Type> || std::is_union_v<Type> || std::is_enum_v<Type>;
  static constexpr bool is_known() {
    if constexpr (is_named) {
      return can_be_measured<Type>();
    } else {
      return true;
    }
  }
  static constexpr auto records() {
    if constexpr (is_named) {
      return own_layout<Type>();
    } else {
      return literal("");
    }
  }
};

template <class Type> struct layouts<const Type> : layouts<Type> {};
template <class Type> struct layouts<volatile Type> : layouts<Type> {};
template <class Type> struct layouts<const volatile Type> : layouts<Type> {};
template <class Type> struct layouts<Type&> : layouts<Type> {};
template <class Type> struct layouts<Type&&> : layouts<Type> {};
template <class Type> struct layouts<Type[]> : layouts<Type> {};
template <class Type, size_t Size> struct layouts<Type[Size]> : layouts<Type> {};
template <class Type> struct layouts<const Type[]> : layouts<Type> {};
template <class Type, size_t Size> struct layouts<const Type[Size]> : layouts<Type> {};

// A pointer is complete, whatever it points to.
template <class Type> struct layouts<Type*> : layouts<Type> {
  static constexpr bool is_known() { return true; }
};

template <class... Types> constexpr auto records_of() {
  if constexpr (sizeof...(Types) == 0) {
    return literal("");
  } else {
    return (layouts<Types>::records() + ...);
  }
}

template <class Result, class... Arguments> struct layouts<Result(Arguments...)> {
  static constexpr bool is_known() { return true; }
  static constexpr auto records() { return records_of<Result, Arguments...>(); }
};
template <class Result, class... Arguments>
struct layouts<Result(Arguments...) noexcept> : layouts<Result(Arguments...)> {};

template <class Type, class... Arguments> struct template_layouts {
  static constexpr bool is_known() {
    if constexpr ((layouts<Arguments>::is_known() && ...)) {
      return can_be_measured<Type>();
    } else {
      return false;
    }
  }
  static constexpr auto records() {
    if constexpr ((layouts<Arguments>::is_known() && ...)) {
      return own_layout<Type>() + records_of<Arguments...>();
    } else {
      return records_of<Arguments...>();
    }
  }
};

template <template <class...> class Template, class... Arguments>
struct layouts<Template<Arguments...>> : template_layouts<Template<Arguments...>, Arguments...> {};

template <template <class, size_t> class Template, class Argument, size_t Size>
struct layouts<Template<Argument, Size>> : template_layouts<Template<Argument, Size>, Argument> {};

/// Type and layouts of a function: the rest of its record in the description, and the records that
/// follow it.
template <class Type> constexpr auto description_of() {
  return text_of<Type>() + layouts<Type>::records();
}

/// The same for the host to keep, with an empty string at the end.
template <class Type> struct DYMOD_DETAIL_HIDDEN described {
  static constexpr auto value = description_of<Type>() + fixed_text<1>{};
};

}}  // namespace dymod::detail

#endif
