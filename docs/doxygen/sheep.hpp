// SPDX-License-Identifier: MIT

// What DYMOD(sheep, (count, int(int first))) declares, written out for doxygen, which cannot see it
// behind the macro. No program includes this.

#include <dymod/dymod.hpp>

/// @file dymod/dymod.hpp
/// The header to include: DYMOD, DYMOD_EXTERN_C, and what namespace dymod has, but dymod::crash.
// A comment of its own: without this line doxygen takes the two for one.
/// @file dymod/persistent.hpp
/// Variables of a module that all its generations share.
// As above.
/// @file dymod/crash_guard.hpp
/// dymod::crash, for programs that define `DYMOD_CRASH_GUARD` as 1.
// As above.
/// @file dymod/event.hpp
/// Events, codes and handlers; without a standard header.
// As above.
/// @file dymod/version.hpp
/// The version.
// As above.
/// @namespace dymod
/// All that a program names.

/// The namespace that `DYMOD(sheep, (count, int(int first)))` gives, as an example.
namespace sheep {

/// A function of the list: calls the current generation's. In debug a reference to a function of
/// exactly this type, in release a plain function. Any thread.
/// @param first  as the list says
/// @returns what the module's function returns
/// @throws dymod::error  while no generation could be loaded at all; in debug only
/// @throws dymod::crash  if the module crashes; in debug with `DYMOD_CRASH_GUARD` 1 only
int count(int first);

/// Looks for a new build now, whatever the policy: waits for a reload in progress on another
/// thread, and 2 s at most for a library that is not finished; judges a refused library again. The
/// first load is like a call's. Any thread.
/// @returns whether the generation on return is greater than on entry; false inside a hook or a
/// static constructor of a
///          module, but for a first load; false in the module itself, and in release
/// @throws dymod::error  at the first call of this binary only, if nothing can be loaded or what
/// others have loaded does
///                       not fit
bool reload();

/// What the program may ask of the module, and have done around a reload. An object without state.
constexpr dymod::library_handle<struct this_module> library;

}  // namespace sheep
