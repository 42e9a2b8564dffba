// SPDX-License-Identifier: MIT

// Function types as C++ text, at compile time and alike from all compilers: host and image are
// compared by it, and people read it in messages. Compilers' own texts differ ("long unsigned int",
// "unsigned long"), so everything that can be taken apart is: pointers, functions, arrays,
// templates of types. What remains, the names of classes and enumerations, is the compiler's text
// between two marks: between two compilers such a name may differ and mean the same.

#ifndef DYMOD_DETAIL_DECLARE_TYPE_TEXT_HPP
#define DYMOD_DETAIL_DECLARE_TYPE_TEXT_HPP

#include <stddef.h>  // size_t

// Number, letter and words of each. The number and the letter are for the kinds of fields
// (shape.hpp); letters are those of the Itanium C++ ABI's encoding where it has a single one.
// clang-format off
#define DYMOD_DETAIL_FUNDAMENTAL_KINDS(kind) \
  kind(1, 'b', bool) \
  kind(2, 'c', char) \
  kind(3, 'a', signed char) \
  kind(4, 'h', unsigned char) \
  kind(5, 'w', wchar_t) \
  kind(6, 'S', char16_t) \
  kind(7, 'U', char32_t) \
  kind(8, 's', short) \
  kind(9, 't', unsigned short) \
  kind(10, 'i', int) \
  kind(11, 'j', unsigned int) \
  kind(12, 'l', long) \
  kind(13, 'm', unsigned long) \
  kind(14, 'x', long long) \
  kind(15, 'y', unsigned long long) \
  kind(16, 'f', float) \
  kind(17, 'd', double) \
  kind(18, 'e', long double)
// clang-format on

// Whether a template with a number of one type is taken for one of any other type: specialisations
// for each would be ambiguous. True of clang++ 19 and later.
#if defined(__clang__) && defined(__cpp_template_template_args)
#define DYMOD_DETAIL_NUMBERS_MATCH_ALL() 1
#else
#define DYMOD_DETAIL_NUMBERS_MATCH_ALL() 0
#endif

namespace dymod { namespace detail {

inline constexpr char name_begins = '\1';
inline constexpr char name_ends = '\2';

/// So many characters and a null.
template <size_t Size> struct fixed_text { char characters[Size + 1]; };

template <size_t Size> constexpr fixed_text<Size - 1> literal(const char (&text)[Size]) {
  fixed_text<Size - 1> result{};
  for (size_t i = 0; i < Size; ++i) result.characters[i] = text[i];
  return result;
}

template <size_t Left, size_t Right>
constexpr fixed_text<Left + Right> operator+(const fixed_text<Left>& left,
                                             const fixed_text<Right>& right) {
  fixed_text<Left + Right> result{};
  for (size_t i = 0; i < Left; ++i) result.characters[i] = left.characters[i];
  for (size_t i = 0; i < Right; ++i) result.characters[Left + i] = right.characters[i];
  return result;
}

template <size_t Left, size_t Size>
constexpr fixed_text<Left + Size - 1> operator+(const fixed_text<Left>& left,
                                                const char (&right)[Size]) {
  return left + literal(right);
}

constexpr void copy_characters(char* to, const char* from, size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}

/// Many at once: one instantiation where a chain of + has one for each sum.
template <size_t... Sizes>
constexpr fixed_text<(Sizes + ... + 0)> joined(const fixed_text<Sizes>&... parts) {
  fixed_text<(Sizes + ... + 0)> result{};
  char* at = result.characters;
  ((copy_characters(at, parts.characters, Sizes), at += Sizes), ...);
  return result;
}

template <size_t Number> constexpr auto decimal() {
  if constexpr (Number < 10) {
    return fixed_text<1>{{static_cast<char>('0' + Number), '\0'}};
  } else {
    return decimal<Number / 10>() + decimal<Number % 10>();
  }
}

// The compiler's own words for a type are a part of this function's name for itself.
template <class Type> constexpr auto words_with() {
#if defined(_MSC_VER) && !defined(__clang__)
  return literal(__FUNCSIG__);
#else
  return literal(__PRETTY_FUNCTION__);
#endif
}

template <size_t Size> constexpr size_t length_of(const fixed_text<Size>&) { return Size; }

// How many characters stand before the type in words_with().
constexpr size_t words_before() {
  constexpr auto words = words_with<double>();
  size_t at = 0;
  while (words.characters[at] != 'd' || words.characters[at + 1] != 'o' ||
         words.characters[at + 2] != 'u' || words.characters[at + 3] != 'b') {
    ++at;
  }
  return at;
}

// The length of "struct " and its like at that place: cl writes one before each name.
template <size_t Size> constexpr size_t keyword_length(const fixed_text<Size>& words, size_t at) {
  const char* const keywords[] = {"struct ", "class ", "union ", "enum "};
  for (const char* keyword : keywords) {
    size_t same = 0;
    while (keyword[same] != '\0' && keyword[same] == words.characters[at + same]) ++same;
    if (keyword[same] == '\0') return same;
  }
  return 0;
}

template <class Type> constexpr auto cut_name() {
  constexpr auto words = words_with<Type>();
  constexpr size_t before = words_before();
  constexpr size_t around = length_of(words_with<double>()) - 6;  // without "double"
  constexpr size_t keyword = keyword_length(words, before);
  constexpr size_t size = length_of(words) - around - keyword;
  fixed_text<size> name{};
  copy_characters(name.characters, words.characters + before + keyword, size);
  return name;
}

/// The type as the compiler writes it, without the keyword.
template <class Type> inline constexpr auto compilers_name = cut_name<Type>();

template <size_t Size> constexpr auto between_marks(const fixed_text<Size>& name) {
  return fixed_text<1>{{name_begins, '\0'}} + name + fixed_text<1>{{name_ends, '\0'}};
}

// A type that is not taken apart.
template <class Type> struct whole_words {
  static constexpr bool is_wrapped = false;  // a pointer to it needs parentheses
  static constexpr bool is_pointer = false;  // its const stands behind
  static constexpr auto left() { return between_marks(compilers_name<Type>); }
  static constexpr auto right() { return literal(""); }
};

/// A type's text is left + right: in `int (*)[3]` whatever it declares stands between them.
template <class Type> struct type_words : whole_words<Type> {};

template <class Type> constexpr auto text_of() {
  return type_words<Type>::left() + type_words<Type>::right();
}

struct plain_words {
  static constexpr bool is_wrapped = false;
  static constexpr bool is_pointer = false;
  static constexpr auto right() { return literal(""); }
};

#define DYMOD_DETAIL_FUNDAMENTAL(number, letter, type)      \
  template <> struct type_words<type> : plain_words {       \
    static constexpr auto left() { return literal(#type); } \
  };

DYMOD_DETAIL_FUNDAMENTAL(, , void)
DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_FUNDAMENTAL)
#if defined(__cpp_char8_t)
DYMOD_DETAIL_FUNDAMENTAL(, , char8_t)
#endif

#undef DYMOD_DETAIL_FUNDAMENTAL

template <class Type> struct type_words<const Type> {
  static constexpr bool is_wrapped = type_words<Type>::is_wrapped;
  static constexpr bool is_pointer = type_words<Type>::is_pointer;
  static constexpr auto left() {
    if constexpr (is_pointer) {
      return type_words<Type>::left() + " const";
    } else {
      return literal("const ") + type_words<Type>::left();
    }
  }
  static constexpr auto right() { return type_words<Type>::right(); }
};

template <class Type> struct type_words<volatile Type> : type_words<Type> {
  static constexpr auto left() { return type_words<Type>::left() + " volatile"; }
};

template <class Type> struct type_words<const volatile Type> : type_words<volatile Type> {
  static constexpr auto left() { return type_words<const Type>::left() + " volatile"; }
};

// What a pointer and the two references have in common.
template <class Type, size_t Size> constexpr auto words_to(const char (&mark)[Size]) {
  if constexpr (type_words<Type>::is_wrapped) {
    return type_words<Type>::left() + " (" + mark;
  } else {
    return type_words<Type>::left() + mark;
  }
}

template <class Type> struct words_behind {
  static constexpr bool is_wrapped = false;
  static constexpr bool is_pointer = true;
  static constexpr auto right() {
    if constexpr (type_words<Type>::is_wrapped) {
      return literal(")") + type_words<Type>::right();
    } else {
      return type_words<Type>::right();
    }
  }
};

template <class Type> struct type_words<Type*> : words_behind<Type> {
  static constexpr auto left() { return words_to<Type>("*"); }
};

template <class Type> struct type_words<Type&> : words_behind<Type> {
  static constexpr auto left() { return words_to<Type>("&"); }
};

template <class Type> struct type_words<Type&&> : words_behind<Type> {
  static constexpr auto left() { return words_to<Type>("&&"); }
};

// "a, b, c"
template <class Only> constexpr auto listed_types() { return text_of<Only>(); }
template <class First, class Second, class... More> constexpr auto listed_types() {
  return text_of<First>() + ", " + listed_types<Second, More...>();
}
template <class... Types> constexpr auto list_of() {
  if constexpr (sizeof...(Types) == 0) {
    return literal("");
  } else {
    return listed_types<Types...>();
  }
}

template <class Result, class... Arguments> struct type_words<Result(Arguments...)> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr auto left() { return type_words<Result>::left(); }
  static constexpr auto right() {
    return literal("(") + list_of<Arguments...>() + ")" + type_words<Result>::right();
  }
};

template <class Result, class... Arguments>
struct type_words<Result(Arguments...) noexcept> : type_words<Result(Arguments...)> {
  static constexpr auto right() {
    return literal("(") + list_of<Arguments...>() + ") noexcept" + type_words<Result>::right();
  }
};

template <class Type> struct type_words<Type[]> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr auto left() { return type_words<Type>::left(); }
  static constexpr auto right() { return literal("[]") + type_words<Type>::right(); }
};

template <class Type, size_t Size> struct type_words<Type[Size]> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr auto left() { return type_words<Type>::left(); }
  static constexpr auto right() {
    return literal("[") + decimal<Size>() + "]" + type_words<Type>::right();
  }
};

// An array of constants is a constant array too; the compiler must not have to choose.
template <class Type, size_t Size> struct type_words<const Type[Size]> : type_words<Type[Size]> {
  static constexpr auto left() { return type_words<const Type>::left(); }
};
template <class Type> struct type_words<const Type[]> : type_words<Type[]> {
  static constexpr auto left() { return type_words<const Type>::left(); }
};

// "std::vector" of "std::vector<int, std::allocator<int> >".
template <class Type> constexpr size_t template_name_length() {
  constexpr const auto& name = compilers_name<Type>;
  size_t at = length_of(name);
  size_t depth = 0;
  while (at > 0) {
    --at;
    if (name.characters[at] == '>') ++depth;
    if (name.characters[at] == '<' && --depth == 0) return at;
  }
  return length_of(name);
}

template <class Type> constexpr auto template_name() {
  constexpr const auto& name = compilers_name<Type>;
  constexpr size_t size = template_name_length<Type>();
  fixed_text<size> result{};
  for (size_t i = 0; i < size; ++i) result.characters[i] = name.characters[i];
  return between_marks(result);
}

template <template <class...> class Template, class... Arguments>
struct type_words<Template<Arguments...>> : plain_words {
  static constexpr auto left() {
    return template_name<Template<Arguments...>>() + "<" + list_of<Arguments...>() + ">";
  }
};

// std::array and its like; not those with a number of another type.
template <class Type, class Argument, auto Number, class NumberType>
struct words_with_number : whole_words<Type> {};
template <class Type, class Argument, auto Number>
struct words_with_number<Type, Argument, Number, size_t> : plain_words {
  static constexpr auto left() {
    return template_name<Type>() + "<" + text_of<Argument>() + ", " + decimal<Number>() + ">";
  }
};

#if DYMOD_DETAIL_NUMBERS_MATCH_ALL()
template <template <class, auto> class Template, class Argument, auto Number>
struct type_words<Template<Argument, Number>>
    : words_with_number<Template<Argument, Number>, Argument, Number, decltype(Number)> {};
#else
template <template <class, size_t> class Template, class Argument, size_t Number>
struct type_words<Template<Argument, Number>>
    : words_with_number<Template<Argument, Number>, Argument, Number, size_t> {};
#endif

}}  // namespace dymod::detail

#endif
