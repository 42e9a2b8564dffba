// SPDX-License-Identifier: MIT

// A module's own variables, for which a reload is no end. Not included by dymod.hpp: who does not
// need it pays nothing.

#ifndef DYMOD_PERSISTENT_HPP
#define DYMOD_PERSISTENT_HPP

#include <dymod/config.hpp>
#include <dymod/detail/declare/conversion.hpp>

#if DYMOD_DETAIL_DYNAMIC()
#include <dymod/detail/declare/persistent.hpp>
#else
#define DYMOD_DETAIL_PERSISTENT(functions, type, name, ...) \
  static ::dymod::detail::written_type<DYMOD_DETAIL_BARE(type)> name { __VA_ARGS__ }
#endif

/// A variable of a module that all generations share: `DYMOD_PERSISTENT(type, name, initial...);`
/// at namespace scope or in a function, like `static type name{initial...};`, which it is in
/// release. In debug `name` is a reference to an object that the first generation makes and that
/// the later ones find again, by module, source file, enclosing function and name; it is never
/// destroyed. One thread makes it while others wait, as with `static`; if `initial` throws, the
/// next who comes by tries again. `type` with a comma in it stands in parentheses:
/// `(std::map<std::string, int>)`. A
/// build in which the type has changed begins with a new object, and a `warning` event says what
/// differs.
#define DYMOD_PERSISTENT(type, ...) DYMOD_DETAIL_PERSISTENT_NAMED((), type, __VA_ARGS__, )

/// The same, and what becomes of the value when the type has changed:
/// `DYMOD_PERSISTENT_FROM(from_herd_1, herd, all, initial...);` with
/// `herd from_herd_1(const herd_1& old)`, where `herd_1` is the old type under another name. For
/// several old types `(from_herd_1, from_herd_2)`. The old object stays, for code that still uses
/// it; a function that takes its parameter by value or as `herd_1&&` is given what is in it. If the
/// function throws, the next who comes by tries again.
#define DYMOD_PERSISTENT_FROM(function, type, ...)                                              \
  DYMOD_DETAIL_PERSISTENT_NAMED(function, type, __VA_ARGS__, );                                 \
  static_assert(                                                                                \
      ::dymod::detail::conversions_fit<DYMOD_DETAIL_BARE(type), DYMOD_DETAIL_BARE(function)>(), \
      "dymod: DYMOD_PERSISTENT_FROM")

// The comma behind the last argument: there is always one for the `...` of what follows, and an
// initialiser may end in it.
#define DYMOD_DETAIL_PERSISTENT_NAMED(functions, type, ...) \
  DYMOD_DETAIL_PERSISTENT(functions, type, __VA_ARGS__)

#endif
