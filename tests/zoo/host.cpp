// SPDX-License-Identifier: MIT

// The program's side of a group: calls of all its functions, so that all is instantiated, of which
// one is made: it loads the module, and with that both sides' descriptions are compared.

#include <cstdlib>  // abort

#include "zoo.hpp"
#include ZOO_HEADER

namespace {

// Never called: not every type can be made.
template <class Type> [[noreturn]] Type&& any() { std::abort(); }

}  // namespace

#define ZOO_VALUE_CALL(type)                                                                  \
  static_cast<void>(group::type(any<zoo::type>(), any<zoo::type&>(), any<const zoo::type*>(), \
                                any<zoo::type>(), any<std::vector<zoo::type>&>(),             \
                                any<const zoo::pen<zoo::type>&>(), any<zoo::box<zoo::type>*>()));
#define ZOO_IMMOVABLE_CALL(type)                                                                  \
  static_cast<void>(group::type(any<const zoo::type&>(), any<zoo::type*>(), any<zoo::type>(),     \
                                any<zoo::pen<zoo::type>>(), any<const std::vector<zoo::type>&>(), \
                                any<zoo::box<zoo::type>&>()));
#define ZOO_UNFINISHED_CALL(type)                                                           \
  static_cast<void>(group::type(any<zoo::type&>(), any<zoo::type* const*>(),                \
                                any<zoo::pen<zoo::type>>(), any<std::vector<zoo::type>&>(), \
                                any<zoo::pen<zoo::pen<zoo::type>>*>()));
#define ZOO_POINTED_CALL(type)                                               \
  static_cast<void>(group::type(any<zoo::type*>(), any<zoo::type* const*>(), \
                                any<zoo::pen<zoo::type>>(), any<std::vector<zoo::type>*>()));
#define ZOO_PARAMETER_CALL(name, ...) group::name(any<__VA_ARGS__>());

void ZOO_JOIN(call_, ZOO_GROUP)();
void ZOO_JOIN(call_, ZOO_GROUP)() {
  ZOO_KINDS(ZOO_VALUE_CALL, ZOO_IMMOVABLE_CALL, ZOO_UNFINISHED_CALL, ZOO_POINTED_CALL,
            ZOO_PARAMETER_CALL)
}

unsigned ZOO_JOIN(count_, ZOO_GROUP)();
unsigned ZOO_JOIN(count_, ZOO_GROUP)() { return group::kinds(); }

#if defined(ZOO_ONE_UNIT)
#include "module.cpp"
#endif
