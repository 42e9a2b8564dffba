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

/// Where text is written to; without a place for it, how long it would be. Functions that add to
/// it, instead of texts that are joined: compilers take far longer over a type for each length.
struct text_writer {
  char* characters;
  size_t size = 0;

  constexpr void add(const char* text, size_t count) {
    if (characters != nullptr) {
      for (size_t i = 0; i < count; ++i) characters[size + i] = text[i];
    }
    size += count;
  }
  constexpr void add(const char* text) {
    size_t count = 0;
    while (text[count] != '\0') ++count;
    add(text, count);
  }
  constexpr void add(char letter) { add(&letter, 1); }
  constexpr void add_number(size_t number) {
    if (number >= 10) add_number(number / 10);
    add(static_cast<char>('0' + number % 10));
  }
};

/// What `Write::to(text_writer&)` writes.
template <class Write> constexpr size_t written_size() {
  text_writer counted{nullptr};
  Write::to(counted);
  return counted.size;
}
template <class Write> constexpr fixed_text<written_size<Write>()> written() {
  fixed_text<written_size<Write>()> text{};
  text_writer writer{text.characters};
  Write::to(writer);
  return text;
}

struct name_view {
  const char* characters;
  size_t size;
};

constexpr bool begins_with(name_view text, name_view beginning) {
  if (text.size < beginning.size) return false;
  for (size_t i = 0; i < beginning.size; ++i) {
    if (text.characters[i] != beginning.characters[i]) return false;
  }
  return true;
}

// The compiler's own words for a type are a part of this function's name for itself.
template <class Type> constexpr name_view words_with() {
#if defined(_MSC_VER) && !defined(__clang__)
  return {__FUNCSIG__, sizeof __FUNCSIG__ - 1};
#else
  return {__PRETTY_FUNCTION__, sizeof __PRETTY_FUNCTION__ - 1};
#endif
}

// How many characters stand before the type in words_with().
constexpr size_t words_before() {
  const char* const words = words_with<double>().characters;
  size_t at = 0;
  while (words[at] != 'd' || words[at + 1] != 'o' || words[at + 2] != 'u' || words[at + 3] != 'b') {
    ++at;
  }
  return at;
}

// The length of "struct " and its like, if words begin so: cl writes one before each name.
constexpr size_t keyword_length(const char* words) {
  const char* const keywords[] = {"struct ", "class ", "union ", "enum "};
  for (const char* keyword : keywords) {
    size_t same = 0;
    while (keyword[same] != '\0' && keyword[same] == words[same]) ++same;
    if (keyword[same] == '\0') return same;
  }
  return 0;
}

template <class Type> constexpr name_view cut_name() {
  constexpr size_t before = words_before();
  constexpr size_t around = words_with<double>().size - 6;  // without "double"
  const name_view words = words_with<Type>();
  const size_t keyword = keyword_length(words.characters + before);
  return {words.characters + before + keyword, words.size - around - keyword};
}

/// The type as the compiler writes it, without the keyword. No null behind it.
template <class Type> inline constexpr name_view compilers_name = cut_name<Type>();

constexpr void add_marked(text_writer& to, name_view name) {
  to.add(name_begins);
  to.add(name.characters, name.size);
  to.add(name_ends);
}

// A type that is not taken apart.
template <class Type> struct whole_words {
  static constexpr bool is_wrapped = false;  // a pointer to it needs parentheses
  static constexpr bool is_pointer = false;  // its const stands behind
  static constexpr void left(text_writer& to) { add_marked(to, compilers_name<Type>); }
  static constexpr void right(text_writer&) {}
};

/// A type's text is left + right: in `int (*)[3]` whatever it declares stands between them.
template <class Type> struct type_words : whole_words<Type> {};

template <class Type> struct words_of {
  static constexpr void to(text_writer& to) {
    type_words<Type>::left(to);
    type_words<Type>::right(to);
  }
};

template <class Type> constexpr auto text_of() { return written<words_of<Type>>(); }

struct plain_words {
  static constexpr bool is_wrapped = false;
  static constexpr bool is_pointer = false;
  static constexpr void right(text_writer&) {}
};

#define DYMOD_DETAIL_FUNDAMENTAL(number, letter, type)             \
  template <> struct type_words<type> : plain_words {              \
    static constexpr void left(text_writer& to) { to.add(#type); } \
  };

DYMOD_DETAIL_FUNDAMENTAL(, , void)
DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_FUNDAMENTAL)
#if defined(__cpp_char8_t)
DYMOD_DETAIL_FUNDAMENTAL(, , char8_t)
#endif

#undef DYMOD_DETAIL_FUNDAMENTAL

template <class Type> struct type_words<const Type> : type_words<Type> {
  static constexpr void left(text_writer& to) {
    if (!type_words<Type>::is_pointer) to.add("const ");
    type_words<Type>::left(to);
    if (type_words<Type>::is_pointer) to.add(" const");
  }
};

template <class Type> struct type_words<volatile Type> : type_words<Type> {
  static constexpr void left(text_writer& to) {
    type_words<Type>::left(to);
    to.add(" volatile");
  }
};

template <class Type> struct type_words<const volatile Type> : type_words<volatile Type> {
  static constexpr void left(text_writer& to) {
    type_words<const Type>::left(to);
    to.add(" volatile");
  }
};

// What a pointer and the two references have in common.
template <class Type> struct words_behind {
  static constexpr bool is_wrapped = false;
  static constexpr bool is_pointer = true;
  static constexpr void left_with(text_writer& to, const char* mark) {
    type_words<Type>::left(to);
    if (type_words<Type>::is_wrapped) to.add(" (");
    to.add(mark);
  }
  static constexpr void right(text_writer& to) {
    if (type_words<Type>::is_wrapped) to.add(')');
    type_words<Type>::right(to);
  }
};

template <class Type> struct type_words<Type*> : words_behind<Type> {
  static constexpr void left(text_writer& to) { words_behind<Type>::left_with(to, "*"); }
};

template <class Type> struct type_words<Type&> : words_behind<Type> {
  static constexpr void left(text_writer& to) { words_behind<Type>::left_with(to, "&"); }
};

template <class Type> struct type_words<Type&&> : words_behind<Type> {
  static constexpr void left(text_writer& to) { words_behind<Type>::left_with(to, "&&"); }
};

// "a, b, c"
template <class... Types> constexpr void add_list(text_writer& to) {
  [[maybe_unused]] const char* comma = "";
  ((to.add(comma), words_of<Types>::to(to), comma = ", "), ...);
}

template <class Result, class... Arguments> struct type_words<Result(Arguments...)> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr void left(text_writer& to) { type_words<Result>::left(to); }
  static constexpr void right(text_writer& to) { right_with(to, ")"); }
  static constexpr void right_with(text_writer& to, const char* end) {
    to.add('(');
    add_list<Arguments...>(to);
    to.add(end);
    type_words<Result>::right(to);
  }
};

template <class Result, class... Arguments>
struct type_words<Result(Arguments...) noexcept> : type_words<Result(Arguments...)> {
  static constexpr void right(text_writer& to) {
    type_words<Result(Arguments...)>::right_with(to, ") noexcept");
  }
};

template <class Type> struct type_words<Type[]> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr void left(text_writer& to) { type_words<Type>::left(to); }
  static constexpr void right(text_writer& to) {
    to.add("[]");
    type_words<Type>::right(to);
  }
};

template <class Type, size_t Size> struct type_words<Type[Size]> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr void left(text_writer& to) { type_words<Type>::left(to); }
  static constexpr void right(text_writer& to) {
    to.add('[');
    to.add_number(Size);
    to.add(']');
    type_words<Type>::right(to);
  }
};

// An array of constants is a constant array too; the compiler must not have to choose.
template <class Type, size_t Size> struct type_words<const Type[Size]> : type_words<Type[Size]> {
  static constexpr void left(text_writer& to) { type_words<const Type>::left(to); }
};
template <class Type> struct type_words<const Type[]> : type_words<Type[]> {
  static constexpr void left(text_writer& to) { type_words<const Type>::left(to); }
};

// "std::vector" of "std::vector<int, std::allocator<int> >".
constexpr size_t template_name_length(name_view name) {
  size_t at = name.size;
  size_t depth = 0;
  while (at > 0) {
    --at;
    if (name.characters[at] == '>') ++depth;
    if (name.characters[at] == '<' && --depth == 0) return at;
  }
  return name.size;
}

template <class Type> constexpr void add_template_name(text_writer& to) {
  constexpr name_view name = compilers_name<Type>;
  add_marked(to, {name.characters, template_name_length(name)});
}

template <template <class...> class Template, class... Arguments>
struct type_words<Template<Arguments...>> : plain_words {
  static constexpr void left(text_writer& to) {
    add_template_name<Template<Arguments...>>(to);
    to.add('<');
    add_list<Arguments...>(to);
    to.add('>');
  }
};

// std::array and its like; not those with a number of another type.
template <class Type, class Argument, auto Number, class NumberType>
struct words_with_number : whole_words<Type> {};
template <class Type, class Argument, auto Number>
struct words_with_number<Type, Argument, Number, size_t> : plain_words {
  static constexpr void left(text_writer& to) {
    add_template_name<Type>(to);
    to.add('<');
    words_of<Argument>::to(to);
    to.add(", ");
    to.add_number(Number);
    to.add('>');
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
