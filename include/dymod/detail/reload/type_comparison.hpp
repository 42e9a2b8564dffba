// SPDX-License-Identifier: MIT

// Types as text (declare/type_text.hpp), compared and printed for people.

#ifndef DYMOD_DETAIL_RELOAD_TYPE_COMPARISON_HPP
#define DYMOD_DETAIL_RELOAD_TYPE_COMPARISON_HPP

#include <string.h>  // strcmp, strlen, strncmp

#include <dymod/detail/declare/type_text.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// One compiler gives one type one text. Between two compilers the names of classes and
/// enumerations may differ and mean the same: they are passed over, and what is left must agree.
[[nodiscard]] inline bool same_type(const char* a, const char* b, bool one_compiler) noexcept {
  if (one_compiler) return ::strcmp(a, b) == 0;
  for (; *a != '\0' && *b != '\0'; ++a, ++b) {
    if (*a != *b) return false;
    if (*a != name_begins) continue;
    while (*a != '\0' && *a != name_ends) ++a;
    while (*b != '\0' && *b != name_ends) ++b;
    if (*a == '\0' || *b == '\0') return false;
  }
  return *a == *b;
}

/// As C++ that people write: without marks, without the inline namespaces of standard libraries,
/// and the strings by their names. (A compiler that has those names from the library writes them in
/// the template's place.)
inline text& append_type(text& to, const char* type) noexcept {
  static constexpr struct {
    const char* text;
    const char* instead;
  } shorter[] = {
      {"std::__cxx11::", "std::"},
      {"std::__1::", "std::"},
      {"std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string"},
      {"std::string<char, std::char_traits<char>, std::allocator<char>>", "std::string"},
      {"std::basic_string_view<char, std::char_traits<char>>", "std::string_view"},
      {"std::string_view<char, std::char_traits<char>>", "std::string_view"}};
  text plain;
  for (const char* at = type; *at != '\0'; ++at) {
    if (*at != name_begins && *at != name_ends) plain.append(at, 1);
  }
  for (const auto& each : shorter) {
    const size_t length = ::strlen(each.text);
    text done;
    for (const char* at = plain.c_str(); *at != '\0';) {
      if (::strncmp(at, each.text, length) == 0) {
        done << each.instead;
        at += length;
      } else {
        done.append(at, 1);
        ++at;
      }
    }
    plain = static_cast<text&&>(done);
  }
  return to << plain;
}

[[nodiscard]] inline text as_words(const char* type) noexcept {
  text words;
  append_type(words, type);
  return words;
}

}}  // namespace dymod::detail

#endif
