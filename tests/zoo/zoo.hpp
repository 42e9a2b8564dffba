// SPDX-License-Identifier: MIT

// What the groups of the zoo share. A group is a header of a user: types, each different in what
// can go wrong when a compiler is asked about it, and a DYMOD list that mentions them all. It lists
// its types once, in ZOO_KINDS; from that come the DYMOD list, the module's definitions
// (module.cpp), the host's calls (host.cpp) and the records to compare (records.cpp). A translation
// unit includes one group, the one that ZOO_GROUP names.

#ifndef DYMOD_TEST_ZOO_ZOO_HPP
#define DYMOD_TEST_ZOO_ZOO_HPP

#include <vector>  // vector

#include <dymod/dymod.hpp>

namespace zoo {

// A user's templates around a type: one that instantiates with anything, and one that holds it by
// value, which makes it a field of an aggregate.
template <class Animal> struct pen {
  Animal* first;
  unsigned long count;
};
template <class Animal> struct box {
  Animal content;
  char mark;
};

// Any type as a parameter's declaration: `same<int (&)[3]> name`.
template <class Type> using same = Type;

}  // namespace zoo

// How a kind is mentioned in the type of a function:
//   value(type)             everything that a type can be
//   immovable(type)         everything but a parameter and a result by value
//   unfinished(type)        what an abstract or incomplete type can be: no field, no element
//   pointed(type)           the same without a reference to it
//   parameter(name, ...)    one parameter, of a type that has no name
#define ZOO_VALUE(type)                                                                    \
  zoo::type(zoo::type, zoo::type&, const zoo::type*, zoo::type&&, std::vector<zoo::type>&, \
            const zoo::pen<zoo::type>&, zoo::box<zoo::type>*)
#define ZOO_IMMOVABLE(type)                                                  \
  zoo::type&(const zoo::type&, zoo::type*, zoo::type&&, zoo::pen<zoo::type>, \
             const std::vector<zoo::type>&, zoo::box<zoo::type>&)
#define ZOO_UNFINISHED(type)                                                                    \
  const zoo::type*(zoo::type&, zoo::type* const*, zoo::pen<zoo::type>, std::vector<zoo::type>&, \
                   zoo::pen<zoo::pen<zoo::type>>*)
#define ZOO_POINTED(type) \
  const zoo::type*(zoo::type*, zoo::type* const*, zoo::pen<zoo::type>, std::vector<zoo::type>*)
#define ZOO_PARAMETER(name, ...) void(zoo::same<__VA_ARGS__>)

#define ZOO_VALUE_ENTRY(type) (type, ZOO_VALUE(type)),
#define ZOO_IMMOVABLE_ENTRY(type) (type, ZOO_IMMOVABLE(type)),
#define ZOO_UNFINISHED_ENTRY(type) (type, ZOO_UNFINISHED(type)),
#define ZOO_POINTED_ENTRY(type) (type, ZOO_POINTED(type)),
#define ZOO_PARAMETER_ENTRY(name, ...) (name, ZOO_PARAMETER(name, __VA_ARGS__)),

// A group's DYMOD list: DYMOD(zoo_members, ZOO_LIST)
#define ZOO_LIST                                                                           \
  ZOO_KINDS(ZOO_VALUE_ENTRY, ZOO_IMMOVABLE_ENTRY, ZOO_UNFINISHED_ENTRY, ZOO_POINTED_ENTRY, \
            ZOO_PARAMETER_ENTRY)                                                           \
  (kinds, unsigned())

#define ZOO_ONE(...) +1U
#define ZOO_COUNT (0U ZOO_KINDS(ZOO_ONE, ZOO_ONE, ZOO_ONE, ZOO_ONE, ZOO_ONE))

#define ZOO_JOIN_(left, right) left##right
#define ZOO_JOIN(left, right) ZOO_JOIN_(left, right)
#define ZOO_TEXT_(...) #__VA_ARGS__
#define ZOO_TEXT(...) ZOO_TEXT_(__VA_ARGS__)
#define ZOO_HEADER ZOO_TEXT(ZOO_GROUP.hpp)

#endif
