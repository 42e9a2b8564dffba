// SPDX-License-Identifier: MIT

// Prints the records that dymod makes of a group's types, one a line: kind of type, name, kind of
// record, value. In a name, `@` is the type itself, whose own name a compiler may write as it
// likes.

#include <cstdio>   // fwrite
#include <cstring>  // strlen
#include <string>   // string

#include <dymod/detail/declare/layout.hpp>
#include <dymod/dymod.hpp>

// The records are wanted, not the functions.
#undef DYMOD
#define DYMOD(module, ...) \
  namespace module {       \
  }

#include "zoo.hpp"
#include ZOO_HEADER

namespace {

template <class Type, class Function> void print(const char* label) {
  constexpr auto own = dymod::detail::text_of<std::remove_reference_t<Type>>();
  constexpr auto all = dymod::detail::description_of<struct all_at_once, Function>;
  const char* at = all.characters;
  const char* const end = at + sizeof all.characters - 1;
  const auto next = [&at] {
    const std::string found = at;
    at += found.size() + 1;
    return found;
  };
  const std::string kind = std::string(ZOO_TEXT(ZOO_GROUP) ".") + label;
  std::string lines = kind + "\t@\ttype\t" + next() + "\n";
  while (at < end) {
    const std::string record = next();
    std::string name = next();
    const std::string value = next();
    for (std::size_t place = name.find(own.characters); place != std::string::npos;
         place = name.find(own.characters)) {
      name.replace(place, std::strlen(own.characters), "@");
    }
    lines += kind + "\t" + name + "\t" + record + "\t" + value + "\n";
  }
  std::fwrite(lines.data(), 1, lines.size(), stdout);
}

}  // namespace

#define ZOO_VALUE_PRINTED(type) print<zoo::type, ZOO_VALUE(type)>(#type);
#define ZOO_IMMOVABLE_PRINTED(type) print<zoo::type, ZOO_IMMOVABLE(type)>(#type);
#define ZOO_UNFINISHED_PRINTED(type) print<zoo::type, ZOO_UNFINISHED(type)>(#type);
#define ZOO_POINTED_PRINTED(type) print<zoo::type, ZOO_POINTED(type)>(#type);
#define ZOO_PARAMETER_PRINTED(name, ...) \
  print<__VA_ARGS__, ZOO_PARAMETER(name, __VA_ARGS__)>(#name);

int main() {
  ZOO_KINDS(ZOO_VALUE_PRINTED, ZOO_IMMOVABLE_PRINTED, ZOO_UNFINISHED_PRINTED, ZOO_POINTED_PRINTED,
            ZOO_PARAMETER_PRINTED)
}
