// SPDX-License-Identifier: MIT

// By what a later build's variable is known to be the same as an earlier one's: its source file,
// the enclosing function and its name; never a line number. From the texts that compilers have for
// a place in the source.

#ifndef DYMOD_DETAIL_RELOAD_SITE_NAME_HPP
#define DYMOD_DETAIL_RELOAD_SITE_NAME_HPP

#include <stddef.h>  // size_t
#include <string.h>  // memcmp, strchr, strlen, strncmp, strstr

#include <dymod/detail/declare/object_site.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// Puts a path into one form, without asking the system: "a//b/./c/../d" is "a/b/d".
inline text& append_plain_path(text& to, const char* path) noexcept {
  const size_t start = to.size();
  for (const char* at = path; *at != '\0';) {
    size_t length = 0;
    while (at[length] != '\0' && at[length] != '/' && at[length] != '\\') ++length;
    const bool last = at[length] == '\0';
    const bool goes_nowhere = (length == 0 && at != path) || (length == 1 && at[0] == '.');
    const bool goes_up = length == 2 && at[0] == '.' && at[1] == '.';
    // The folder before, with the slash at its end.
    size_t before = to.size();
    if (before > start + 1) --before;
    while (before > start && to.c_str()[before - 1] != '/') --before;
    const char* const folder = to.c_str() + before;
    const size_t folder_length = to.size() - before;
    const bool has_folder =
        folder_length > 1 && !(folder_length == 3 && folder[0] == '.' && folder[1] == '.');
    if (goes_up && has_folder && !last) {
      to.shorten(before);
    } else if (!goes_nowhere || last) {
      to.append(at, length);
      if (!last) to << "/";
    }
    at += last ? length : length + 1;
  }
  return to;
}

// What remains of a name without its end from the last such part on; all if there is none.
[[nodiscard]] inline size_t length_before_last(const char* name, size_t length,
                                               const char* part) noexcept {
  const size_t part_length = ::strlen(part);
  for (size_t at = length; at-- > 0;) {
    if (at + part_length <= length && ::memcmp(name + at, part, part_length) == 0) return at;
  }
  return length;
}

// Where a bracket opens that is closed at the end of a name; the name's length if none is.
[[nodiscard]] inline size_t opening_of_last(const char* name, size_t length, char opens,
                                            char closes) noexcept {
  size_t depth = 0;
  for (size_t at = length; at-- > 0;) {
    if (name[at] == closes) ++depth;
    if (name[at] == opens && depth > 0 && --depth == 0) return at;
    if (depth == 0) break;
  }
  return length;
}

[[nodiscard]] inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Without what any other line of the source changes: the line and the column that clang++ writes
// for a lambda, "(lambda at sheep.cpp:3:7)", and for other types without a name, and the number
// that g++ has for each parameter that is `auto`, "<lambda(auto:7)>".
inline text& append_without_lines(text& to, const char* name, size_t length) noexcept {
  static constexpr char beginning[] = " at ";
  static constexpr char automatic[] = "auto:";
  const size_t begins = sizeof beginning - 1;
  const size_t numbered = sizeof automatic - 1;
  for (size_t at = 0; at < length;) {
    if (at + numbered < length && ::memcmp(name + at, automatic, numbered) == 0 &&
        is_digit(name[at + numbered])) {
      to.append(name + at, numbered - 1);
      at += numbered;
      while (at < length && is_digit(name[at])) ++at;
      continue;
    }
    if (at + begins > length || ::memcmp(name + at, beginning, begins) != 0) {
      to.append(name + at++, 1);
      continue;
    }
    size_t end = at;
    while (end < length && name[end] != ')') ++end;
    size_t cut = end;
    while (cut > at && (is_digit(name[cut - 1]) || name[cut - 1] == ':')) --cut;
    to.append(name + at, cut - at);
    at = end;
  }
  return to;
}

/// "graze(int)", "flock::graze(int)", and at namespace scope the namespace: "", "flock".
inline text& append_enclosing(text& to, const char* lambda, const char* function) noexcept {
  size_t begin = 0;
  size_t length = ::strlen(lambda);
  static constexpr char gnu[] = "<lambda()>";
  static constexpr char microsoft[] = "<lambda_";
  static constexpr char clang[] = "::operator()() const";
  const size_t before_gnu = length_before_last(lambda, length, gnu);
  const size_t before_microsoft = length_before_last(lambda, length, microsoft);
  if (before_gnu + sizeof gnu - 1 == length) {
    length = before_gnu;
  } else if (before_microsoft != length) {
    length = before_microsoft;
    const char* const convention = ::strstr(lambda, "cdecl ");
    if (convention != nullptr) begin = static_cast<size_t>(convention - lambda) + 6;
  } else {
    const char* const result = ::strchr(lambda, ' ');  // "auto"
    if (result != nullptr) begin = static_cast<size_t>(result - lambda) + 1;
    // The template arguments around the lambda stand behind it; those of the function, too, behind
    // the function's own name.
    length = length_before_last(lambda, length, clang);
    length = opening_of_last(lambda, length, '(', ')');
  }
  if (length < begin) length = begin;
  if (length >= begin + 2 && lambda[length - 1] == ':') length -= 2;
  append_without_lines(to, lambda + begin, length - begin);
  const size_t function_length = ::strlen(function);
  const size_t arguments = opening_of_last(function, function_length, '[', ']');
  if (arguments == function_length || arguments == 0) return to;
  return append_without_lines(to << " ", function + arguments, function_length - arguments);
}

/// Whether append_enclosing() has told of a function.
[[nodiscard]] inline bool is_in_function(const char* enclosing) noexcept {
  static constexpr char unnamed[] = "(anonymous namespace)";
  for (const char* at = enclosing; *at != '\0'; ++at) {
    if (::strncmp(at, unnamed, sizeof unnamed - 1) == 0) {
      at += sizeof unnamed - 2;
    } else if (*at == '(') {
      return true;
    }
  }
  return false;
}

/// The whole, as what is compared.
inline text& append_site_key(text& to, const site_text& of) noexcept {
  text enclosing;
  append_enclosing(enclosing, of.lambda, of.function);
  append_plain_path(to, of.file) << "\n" << enclosing << "\n" << of.name << "\n";
  return is_in_function(enclosing.c_str()) ? to : append_plain_path(to, of.unit);
}

/// For people: "'all' of graze(int) in '/farm/sheep.cpp'".
inline text& append_site(text& to, const site_text& of) noexcept {
  text enclosing;
  append_enclosing(enclosing, of.lambda, of.function);
  to << "'" << of.name << "'";
  if (!enclosing.empty()) to << " of " << enclosing;
  return append_plain_path(to << " in '", of.file) << "'";
}

}}  // namespace dymod::detail

#endif
