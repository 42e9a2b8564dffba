// SPDX-License-Identifier: MIT

// The layouts of types as records (declare/layout.hpp), read, compared and printed for people.

#ifndef DYMOD_DETAIL_RELOAD_LAYOUTS_HPP
#define DYMOD_DETAIL_RELOAD_LAYOUTS_HPP

#include <string.h>  // strcmp

#include <dymod/detail/declare/shape.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/reload/type_comparison.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What is known of a type; null: not known.
struct layout {
  const char* size = nullptr;    // "size 8, alignment 4"
  const char* fields = nullptr;  // a letter each (declare/shape.hpp)
};

/// @returns the number of the first field that differs, from 1; 0: none. '?' is like any field, '+'
///          like any number of them.
[[nodiscard]] inline unsigned different_field(const char* mine, const char* its) noexcept {
  if (mine == nullptr || its == nullptr) return 0;
  unsigned i = 0;
  while (mine[i] != '\0' && its[i] != '\0' &&
         (mine[i] == its[i] || mine[i] == '?' || its[i] == '?')) {
    ++i;
  }
  return mine[i] == its[i] || mine[i] == '+' || its[i] == '+' ? 0 : i + 1;
}

#define DYMOD_DETAIL_KIND_WORDS(number, letter, type) \
  case letter: return #type;
[[nodiscard]] inline const char* words_for_field(char letter) noexcept {
  switch (letter) {
    DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_KIND_WORDS)
    case 'P': return "pointer";
    case 'E': return "enumeration";
    case 'M': return "pointer to member";
    case 'C': return "class";
    case '+': return "more";
    default: return "another";
  }
}
#undef DYMOD_DETAIL_KIND_WORDS

/// "size 16, alignment 4, fields int, 3 float"
inline text& append_layout(text& to, const layout& known) noexcept {
  to << known.size;
  if (known.fields == nullptr) return to;
  const char* separator = ", fields ";
  for (const char* at = known.fields; *at != '\0';) {
    unsigned alike = 1;
    while (at[alike] == *at) ++alike;
    to << separator;
    if (alike > 1) to << alike << " ";
    to << words_for_field(*at);
    separator = ", ";
    at += alike;
  }
  return to;
}

/// Reads one type's records; others than layouts end them.
[[nodiscard]] inline bool next_layout(record_reader& from, const char*& name,
                                      layout& found) noexcept {
  record_reader::record next;
  if (!from.next(next) || ::strcmp(next.kind, "layout") != 0) return false;
  name = next.name;
  found.size = next.value;
  found.fields = nullptr;
  record_reader behind(from);
  if (behind.next(next) && ::strcmp(next.kind, "fields") == 0) {
    found.fields = next.value;
    from = behind;
  }
  return true;
}

/// What a list of records knows of a type beyond what is known already.
inline void learn(record_reader from, const char* name, layout& known) noexcept {
  if (known.size == nullptr) known.size = from.find("layout", name);
  if (known.size != nullptr && known.fields == nullptr) known.fields = from.find("fields", name);
}

/// @param who  has it as `mine`
/// @returns whether the two differ; what is not known does not
inline bool add_if_different(differences& to, const char* name, const text& who, const layout& mine,
                             const layout& its) noexcept {
  if (mine.size == nullptr) return false;
  const unsigned field = different_field(mine.fields, its.fields);
  if (field == 0 && ::strcmp(mine.size, its.size) == 0) return false;
  text my_words;
  text its_words;
  to.add(as_words(name), field, who, append_layout(my_words, mine), append_layout(its_words, its));
  return true;
}

}}  // namespace dymod::detail

#endif
