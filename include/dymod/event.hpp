// SPDX-License-Identifier: MIT

// The words dymod tells its news in: events, error codes, and the one trait a user may specialise.
// The same in static and dynamic mode, so that code which uses them compiles in both. Includes
// nothing.

#ifndef DYMOD_EVENT_HPP
#define DYMOD_EVENT_HPP

// `module` is a macro of some older code bases; it is the right name for the field all the same.
#pragma push_macro("module")
#undef module

namespace dymod {

/// What an event tells.
///   loaded    the first generation of a module is there
///   reloaded  a new generation is current
///   rejected  a build was refused; the current generation runs on
///   warning   something will surprise; nothing was refused
///   crashed   a function of a generation crashed (crash_guard.hpp); it is current no more
///   rolled_back  an older generation is current again, by library.roll_back()
enum class event_kind : unsigned char { loaded, reloaded, rejected, warning, crashed, rolled_back };

/// One piece of news, given to the event handler. Strings are null-terminated, never null, and
/// valid during the call.
struct event {
  event_kind kind;      ///< what happened
  const char* module;   ///< name given to DYMOD
  unsigned generation;  ///< the generation that is current now: 1, 2, …
  const char* path;     ///< of the library, absolute
  const char* message;  ///< one line; of a rejection several, as in docs/errors.md
  double seconds;       ///< from noticing the build to this event
};

/// Called on whichever thread found out, perhaps on two at once, with no lock of dymod held; it may
/// call modules and reload() them. Must not throw.
using event_function = void (*)(const event& news, void* user);

/// A handler with its argument: what set_event_handler() returns, so that it can be put back.
// clang-format off
struct event_handler { event_function function; void* user; };

/// @var event_handler::function
/// What is called; nullptr for the default, which writes to stderr.
// A comment of its own: without this line doxygen takes the two for one.
/// @var event_handler::user
/// What it is called with.

// Few lines, because release builds preprocess to as many.

/// The step at which a library was refused, or could not be loaded at all.
///   not_found         there is no file
///   being_written     somebody still writes it, or wrote it a moment ago
///   copy_failed       unreadable, disk full, no place for a copy
///   incomplete        the file ends too early
///   not_a_library     not a shared library, or one for another system or processor
///   no_description    not built as this module, or built in static mode
///   format_mismatch   built with a dymod that describes modules in another way
///   abi_mismatch      built for another C++ ABI, standard library or debug mode of it
///   missing_function  a function of the declaration is not in it
///   type_mismatch     a function of the declaration has another type in it
///   layout_mismatch   a struct that a function's type mentions has another layout in it
///   would_exit        opening it would end the process (a sanitizer's runtime)
///   open_failed       the system refuses it
///   entered_again     called by its own static constructors during the first load
///   out_of_memory     no memory for a new generation
///   rolled_back       the build of a generation that crashed, or that roll_back() left
enum class error_code : unsigned char {
  not_found, being_written, copy_failed, incomplete, not_a_library, no_description,
  format_mismatch, abi_mismatch, missing_function, type_mismatch, layout_mismatch, would_exit,
  open_failed, entered_again, out_of_memory, rolled_back
};

// clang-format on

/// Specialise to true, before the DYMOD that mentions it, for a type whose layout must not be
/// looked at: `template <> inline constexpr bool dymod::opaque<my_type> = true;`. A build in which
/// its layout has changed is then taken. Not looked at in static mode.
/// @tparam Type  as a function's type mentions it, without const and references
template <class Type> inline constexpr bool opaque = false;

}  // namespace dymod

#pragma pop_macro("module")

#endif
