// SPDX-License-Identifier: MIT

// A group's functions, defined: the module's library in dynamic mode, a part of the program in
// static mode.

#include "zoo.hpp"
#include ZOO_HEADER

#define ZOO_VALUE_DEFINITION(type)                                                  \
  zoo::type group::type(zoo::type value, zoo::type&, const zoo::type*, zoo::type&&, \
                        std::vector<zoo::type>&, const zoo::pen<zoo::type>&,        \
                        zoo::box<zoo::type>*) {                                     \
    return static_cast<zoo::type&&>(value);                                         \
  }
#define ZOO_IMMOVABLE_DEFINITION(type)                                                         \
  zoo::type& group::type(const zoo::type&, zoo::type* value, zoo::type&&, zoo::pen<zoo::type>, \
                         const std::vector<zoo::type>&, zoo::box<zoo::type>&) {                \
    return *value;                                                                             \
  }
#define ZOO_UNFINISHED_DEFINITION(type)                                                   \
  const zoo::type* group::type(zoo::type&, zoo::type* const* value, zoo::pen<zoo::type>,  \
                               std::vector<zoo::type>&, zoo::pen<zoo::pen<zoo::type>>*) { \
    return *value;                                                                        \
  }
#define ZOO_POINTED_DEFINITION(type)                                                     \
  const zoo::type* group::type(zoo::type*, zoo::type* const* value, zoo::pen<zoo::type>, \
                               std::vector<zoo::type>*) {                                \
    return *value;                                                                       \
  }
#define ZOO_PARAMETER_DEFINITION(name, ...) \
  void group::name(zoo::same<__VA_ARGS__>) {}

ZOO_KINDS(ZOO_VALUE_DEFINITION, ZOO_IMMOVABLE_DEFINITION, ZOO_UNFINISHED_DEFINITION,
          ZOO_POINTED_DEFINITION, ZOO_PARAMETER_DEFINITION)

unsigned group::kinds() { return ZOO_COUNT; }
