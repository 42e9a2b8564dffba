// SPDX-License-Identifier: MIT

// All headers of dymod 1.0.0 as one file, made from them by packaging/single_header.py.

// <dymod/config.hpp>

// Turns what the user defined (NDEBUG, DYMOD_FORCE_STATIC, DYMOD_FORCE_DYNAMIC and the policies)
// into answers that the other headers read. The only file that looks at NDEBUG. Internal flags look
// like functions, so that a misspelt one is an error and not a silent 0. Includes no standard
// header.

#ifndef DYMOD_CONFIG_HPP
#define DYMOD_CONFIG_HPP

// <dymod/detail/os/target.hpp>

// What the preprocessor must know of the platform and the compiler before anything is included: can
// it load libraries, and how are symbols exported and hidden. Includes nothing: static mode reads
// it too.

#ifndef DYMOD_DETAIL_OS_TARGET_HPP
#define DYMOD_DETAIL_OS_TARGET_HPP

// Microsoft's compiler tells the language in a macro of its own.
#if defined(_MSVC_LANG) ? _MSVC_LANG < 201703L : __cplusplus < 201703L
#error "dymod: needs C++17: compile with -std=c++17 (/std:c++17) or a later standard"
#endif

// The traditional preprocessor of Microsoft's compiler takes 127 arguments at most, and hands on
// __VA_ARGS__ as one.
#if defined(_MSVC_TRADITIONAL) && _MSVC_TRADITIONAL
#error "dymod: needs the standard preprocessor: compile with /Zc:preprocessor"
#endif

#if defined(__wasm__) || defined(__EMSCRIPTEN__)
#define DYMOD_DETAIL_OS_LOADS_LIBRARIES() 0
#else
#define DYMOD_DETAIL_OS_LOADS_LIBRARIES() 1
#endif

// Whether a crash is a signal that a program may handle and go on.
#if defined(_WIN32)
#define DYMOD_DETAIL_OS_HAS_SIGNALS() 0
#else
#define DYMOD_DETAIL_OS_HAS_SIGNALS() 1
#endif

// The text of what a macro stands for.
#define DYMOD_DETAIL_QUOTE_(x) #x
#define DYMOD_DETAIL_QUOTE(x) DYMOD_DETAIL_QUOTE_(x)

// HIDDEN: one object per binary. Without it a second image would share the first one's (loaders
// bind equal names together), and a host would share them with every plugin. SHOWN: seen by other
// binaries. EXPORT_DATA and EXPORT_FUNCTION: the same for what a header defines, so that a header
// in several translation units may define it. With ELF both are weak; not `inline`, which g++ makes
// STB_GNU_UNIQUE: generation 2 would read generation 1's. With Mach-O likewise: the system takes
// one of equal weak definitions, but for those who refer to them, and only dlsym() does, which
// answers with the library's own. With PE the linker is to take any of several; not weak, which GNU
// ld cannot export. EXPORT_DATA stands at the definition, SHOWN at a declaration before it;
// EXPORT_FUNCTION stands at both.
#if defined(_WIN32)
#define DYMOD_DETAIL_HIDDEN
#define DYMOD_DETAIL_SHOWN __declspec(dllexport)
#define DYMOD_DETAIL_EXPORT_DATA __declspec(dllexport) __declspec(selectany)
#define DYMOD_DETAIL_EXPORT_FUNCTION __declspec(dllexport) inline
#else
#define DYMOD_DETAIL_HIDDEN __attribute__((visibility("hidden")))
#define DYMOD_DETAIL_SHOWN __attribute__((visibility("default")))
#define DYMOD_DETAIL_EXPORT_DATA __attribute__((weak, visibility("default")))
#define DYMOD_DETAIL_EXPORT_FUNCTION __attribute__((weak, visibility("default")))
#endif

// Implies `inline`. Release programs contain nothing of dymod, optimised or not.
#if defined(_MSC_VER) && !defined(__clang__)
#define DYMOD_DETAIL_GONE __forceinline
#else
#define DYMOD_DETAIL_GONE __attribute__((always_inline)) inline
#endif

// One function less to return from at each call of a module, where the compiler optimises; else a
// function, because lldb does not step on through inlined ones.
#if defined(__OPTIMIZE__)
#define DYMOD_DETAIL_SHORT_CUT DYMOD_DETAIL_GONE
#else
#define DYMOD_DETAIL_SHORT_CUT inline
#endif

// Kept out of what calls it: that is run at every call of a module.
#if defined(_MSC_VER) && !defined(__clang__)
#define DYMOD_DETAIL_SELDOM __declspec(noinline)
#else
#define DYMOD_DETAIL_SELDOM __attribute__((noinline, cold))
#endif

// The number of the layout of what the binaries of a process show each other (state/registry.hpp).
#define DYMOD_DETAIL_BINARY_LAYOUT 4

// What the bytes of such a variable begin with, so that nothing else is taken for one.
#define DYMOD_DETAIL_BINARY_MARK "dymod binary " DYMOD_DETAIL_QUOTE(DYMOD_DETAIL_BINARY_LAYOUT)

// A variable of a binary that the others of the process find: by a note that names its symbol
// (elf_note.hpp), or because a section of its own holds it. The section's name is one literal: cl
// need not join two in a pragma.
#define DYMOD_DETAIL_BINARY_SECTION DYMOD_DETAIL_SECTION_NAME(DYMOD_DETAIL_BINARY_LAYOUT)
#define DYMOD_DETAIL_SECTION_NAME(number) DYMOD_DETAIL_SECTION_NAME_(number)
#define DYMOD_DETAIL_SECTION_NAME_(number) DYMOD_DETAIL_QUOTE_(.dymod##number)
#if defined(_MSC_VER)
#define DYMOD_DETAIL_FOUND_BY_OTHERS(type, name)                          \
  __pragma(section(DYMOD_DETAIL_BINARY_SECTION, read, write)) __declspec( \
      allocate(DYMOD_DETAIL_BINARY_SECTION)) inline type name {}
#elif defined(_WIN32)
#define DYMOD_DETAIL_FOUND_BY_OTHERS(type, name) \
  inline type name __attribute__((section(DYMOD_DETAIL_BINARY_SECTION), used)) {}
#else
#define DYMOD_DETAIL_BINARY_SYMBOL "dymod_binary"
#define DYMOD_DETAIL_FOUND_BY_OTHERS(type, name) \
  inline type name __asm__(DYMOD_DETAIL_BINARY_SYMBOL) __attribute__((used)) {}
#endif

// A static constructor that is meant to be: clang++ can be told to warn of each.
#if defined(__clang__)
#define DYMOD_DETAIL_MEANT_CONSTRUCTOR(...)                                                      \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wglobal-constructors\"") \
      __VA_ARGS__;                                                                               \
  _Pragma("clang diagnostic pop")
#else
#define DYMOD_DETAIL_MEANT_CONSTRUCTOR(...) __VA_ARGS__;
#endif

#endif

#if defined(DYMOD_FORCE_STATIC) && defined(DYMOD_FORCE_DYNAMIC)
#error "dymod: DYMOD_FORCE_STATIC and DYMOD_FORCE_DYNAMIC are both defined; define one of them"
#endif

#if defined(DYMOD_FORCE_DYNAMIC) && !DYMOD_DETAIL_OS_LOADS_LIBRARIES()
#error "dymod: WebAssembly cannot load libraries, so modules are static; remove DYMOD_FORCE_DYNAMIC"
#endif

// Whether modules of this translation unit are hot-swapped (1) or linked statically (0).
#if defined(DYMOD_FORCE_STATIC) || !DYMOD_DETAIL_OS_LOADS_LIBRARIES()
#define DYMOD_DETAIL_DYNAMIC() 0
#elif defined(DYMOD_FORCE_DYNAMIC) || !defined(NDEBUG)
#define DYMOD_DETAIL_DYNAMIC() 1
#else
#define DYMOD_DETAIL_DYNAMIC() 0
#endif

// 1: a call looks whether there is a new build. 0: only reload() and reload_all() look. However it
// was written: it becomes a part of a name (declare/host.hpp).
#ifndef DYMOD_AUTO_RELOAD
#define DYMOD_AUTO_RELOAD 1
#elif (DYMOD_AUTO_RELOAD) == 0
#undef DYMOD_AUTO_RELOAD
#define DYMOD_AUTO_RELOAD 0
#elif (DYMOD_AUTO_RELOAD) == 1
#undef DYMOD_AUTO_RELOAD
#define DYMOD_AUTO_RELOAD 1
#else
#error "dymod: DYMOD_AUTO_RELOAD is 0 (only reload() looks for new builds) or 1 (every call looks)"
#endif

// At most one look per so many milliseconds; 0: at every call.
#ifndef DYMOD_CHECK_INTERVAL_MS
#define DYMOD_CHECK_INTERVAL_MS 0
#elif (DYMOD_CHECK_INTERVAL_MS) == 0
#undef DYMOD_CHECK_INTERVAL_MS
#define DYMOD_CHECK_INTERVAL_MS 0
#elif (DYMOD_CHECK_INTERVAL_MS) < 0
#error "dymod: DYMOD_CHECK_INTERVAL_MS is a number of milliseconds, 0 or more"
#endif

// 1: a crash inside a module's function becomes an exception (crash_guard.hpp).
#ifndef DYMOD_CRASH_GUARD
#define DYMOD_CRASH_GUARD 0
#elif (DYMOD_CRASH_GUARD) != 0 && (DYMOD_CRASH_GUARD) != 1
#error "dymod: DYMOD_CRASH_GUARD is 0 (a crash ends the program) or 1 (it throws dymod::crash)"
#elif (DYMOD_CRASH_GUARD) == 1 && DYMOD_DETAIL_DYNAMIC() && !DYMOD_DETAIL_OS_HAS_SIGNALS()
#error "dymod: DYMOD_CRASH_GUARD works on Linux and macOS; do not define it on Windows"
#endif

// 1: the part of dymod that is not on the way of a call is compiled from a file of its own
// (call/runtime.hpp).
#ifndef DYMOD_SEPARATE_RUNTIME
#define DYMOD_SEPARATE_RUNTIME 0
#elif (DYMOD_SEPARATE_RUNTIME) != 0 && (DYMOD_SEPARATE_RUNTIME) != 1
#error "dymod: DYMOD_SEPARATE_RUNTIME is 0 (all in the header) or 1 (cmake/runtime.cpp is compiled)"
#endif

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define DYMOD_DETAIL_EXCEPTIONS() 1
#else
#define DYMOD_DETAIL_EXCEPTIONS() 0
#endif

#endif
// <dymod/event.hpp>

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
// <dymod/detail/declare/conversion.hpp>

// What DYMOD_PERSISTENT is given, taken apart: a type or a list of functions that may stand in
// parentheses, and functions from an old type to the new one, which are checked alike in all modes.
// No standard header.

#ifndef DYMOD_DETAIL_DECLARE_CONVERSION_HPP
#define DYMOD_DETAIL_DECLARE_CONVERSION_HPP

// <dymod/detail/declare/for_each.hpp>

// DYMOD_DETAIL_FOR_EACH(macro, (a, b), (c, d), …): `macro (a, b) macro (c, d) …`, for 1 to 264
// parenthesised entries; an empty last entry (a trailing comma) is left out. Includes nothing.
//
// Eight entries a step: one by one, the compiler reads the rest of the list anew for each entry,
// which costs four times as much for 256 functions. Tried: recursion by repeated scanning, slower
// still; a macro for each length instead of each eighth, which all files read and few use.

#ifndef DYMOD_DETAIL_DECLARE_FOR_EACH_HPP
#define DYMOD_DETAIL_DECLARE_FOR_EACH_HPP

#define DYMOD_DETAIL_JOIN_(a, b) a##b
#define DYMOD_DETAIL_JOIN(a, b) DYMOD_DETAIL_JOIN_(a, b)
#define DYMOD_DETAIL_SECOND_(a, b, ...) b
#define DYMOD_DETAIL_SECOND(...) DYMOD_DETAIL_SECOND_(__VA_ARGS__)

// 1 if `x` begins with a parenthesis, else 0.
#define DYMOD_DETAIL_PARENTHESIS(...) ~, 1
#define DYMOD_DETAIL_IS_ENTRY(x) DYMOD_DETAIL_SECOND(DYMOD_DETAIL_PARENTHESIS x, 0, ~)

// `m x`; nothing for an empty `x`; what is no entry stays, for the compiler to stumble over.
#define DYMOD_DETAIL_ENTRY(m, x) \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_ENTRY_, DYMOD_DETAIL_IS_ENTRY(x))(m, x)
#define DYMOD_DETAIL_ENTRY_0(m, x) x
#define DYMOD_DETAIL_ENTRY_1(m, x) m x

// Eight empty entries stand behind the list: the last step takes some of them.
// clang-format off
#define DYMOD_DETAIL_STEPS_1(m, a, b, c, d, e, f, g, h, ...) \
  DYMOD_DETAIL_ENTRY(m, a) DYMOD_DETAIL_ENTRY(m, b) DYMOD_DETAIL_ENTRY(m, c) DYMOD_DETAIL_ENTRY(m, d) \
  DYMOD_DETAIL_ENTRY(m, e) DYMOD_DETAIL_ENTRY(m, f) DYMOD_DETAIL_ENTRY(m, g) DYMOD_DETAIL_ENTRY(m, h)
#define DYMOD_DETAIL_STEPS_2(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_1(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_3(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_2(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_4(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_3(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_5(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_4(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_6(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_5(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_7(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_6(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_8(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_7(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_9(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_8(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_10(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_9(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_11(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_10(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_12(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_11(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_13(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_12(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_14(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_13(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_15(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_14(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_16(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_15(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_17(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_16(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_18(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_17(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_19(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_18(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_20(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_19(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_21(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_20(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_22(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_21(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_23(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_22(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_24(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_23(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_25(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_24(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_26(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_25(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_27(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_26(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_28(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_27(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_29(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_28(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_30(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_29(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_31(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_30(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_32(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_31(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_33(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_32(m, __VA_ARGS__)

#define DYMOD_DETAIL_COUNT_( \
    a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, \
    a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, \
    a39, a40, a41, a42, a43, a44, a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, \
    a57, a58, a59, a60, a61, a62, a63, a64, a65, a66, a67, a68, a69, a70, a71, a72, a73, a74, \
    a75, a76, a77, a78, a79, a80, a81, a82, a83, a84, a85, a86, a87, a88, a89, a90, a91, a92, \
    a93, a94, a95, a96, a97, a98, a99, a100, a101, a102, a103, a104, a105, a106, a107, a108, \
    a109, a110, a111, a112, a113, a114, a115, a116, a117, a118, a119, a120, a121, a122, a123, \
    a124, a125, a126, a127, a128, a129, a130, a131, a132, a133, a134, a135, a136, a137, a138, \
    a139, a140, a141, a142, a143, a144, a145, a146, a147, a148, a149, a150, a151, a152, a153, \
    a154, a155, a156, a157, a158, a159, a160, a161, a162, a163, a164, a165, a166, a167, a168, \
    a169, a170, a171, a172, a173, a174, a175, a176, a177, a178, a179, a180, a181, a182, a183, \
    a184, a185, a186, a187, a188, a189, a190, a191, a192, a193, a194, a195, a196, a197, a198, \
    a199, a200, a201, a202, a203, a204, a205, a206, a207, a208, a209, a210, a211, a212, a213, \
    a214, a215, a216, a217, a218, a219, a220, a221, a222, a223, a224, a225, a226, a227, a228, \
    a229, a230, a231, a232, a233, a234, a235, a236, a237, a238, a239, a240, a241, a242, a243, \
    a244, a245, a246, a247, a248, a249, a250, a251, a252, a253, a254, a255, a256, a257, a258, \
    a259, a260, a261, a262, a263, a264, count, ...) \
    count

// How many steps.
#define DYMOD_DETAIL_COUNT(...) DYMOD_DETAIL_COUNT_(__VA_ARGS__, \
    33, 33, 33, 33, 33, 33, 33, 33, 32, 32, 32, 32, 32, 32, 32, 32, 31, 31, 31, 31, 31, 31, 31, \
    31, 30, 30, 30, 30, 30, 30, 30, 30, 29, 29, 29, 29, 29, 29, 29, 29, 28, 28, 28, 28, 28, 28, \
    28, 28, 27, 27, 27, 27, 27, 27, 27, 27, 26, 26, 26, 26, 26, 26, 26, 26, 25, 25, 25, 25, 25, \
    25, 25, 25, 24, 24, 24, 24, 24, 24, 24, 24, 23, 23, 23, 23, 23, 23, 23, 23, 22, 22, 22, 22, \
    22, 22, 22, 22, 21, 21, 21, 21, 21, 21, 21, 21, 20, 20, 20, 20, 20, 20, 20, 20, 19, 19, 19, \
    19, 19, 19, 19, 19, 18, 18, 18, 18, 18, 18, 18, 18, 17, 17, 17, 17, 17, 17, 17, 17, 16, 16, \
    16, 16, 16, 16, 16, 16, 15, 15, 15, 15, 15, 15, 15, 15, 14, 14, 14, 14, 14, 14, 14, 14, 13, \
    13, 13, 13, 13, 13, 13, 13, 12, 12, 12, 12, 12, 12, 12, 12, 11, 11, 11, 11, 11, 11, 11, 11, \
    10, 10, 10, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8, 7, 7, 7, 7, \
    7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, \
    3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 0)
// clang-format on

#define DYMOD_DETAIL_FOR_EACH(m, ...)                                     \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_STEPS_, DYMOD_DETAIL_COUNT(__VA_ARGS__)) \
  (m, __VA_ARGS__, , , , , , , , )

#endif

// What stands in the parentheses, or all if there are none.
#define DYMOD_DETAIL_BARE(x) DYMOD_DETAIL_JOIN(DYMOD_DETAIL_BARE_, DYMOD_DETAIL_IS_ENTRY(x))(x)
#define DYMOD_DETAIL_BARE_0(x) x
#define DYMOD_DETAIL_BARE_1(x) DYMOD_DETAIL_BARE_ALL x
#define DYMOD_DETAIL_BARE_ALL(...) __VA_ARGS__

namespace dymod { namespace detail {

// Few lines, because release builds preprocess to as many.
// clang-format off
template <class Type> struct without_const { using type = Type; };
template <class Type> struct without_const<const Type> { using type = Type; };
template <class Type> struct without_const<volatile Type> { using type = Type; };
template <class Type> struct without_const<const volatile Type> { using type = Type; };
template <class Type> struct without_reference { using type = Type; };
template <class Type> struct without_reference<Type&> { using type = Type; };
template <class Type> struct without_reference<Type&&> { using type = Type; };
template <class Type> using without_const_t = typename without_const<Type>::type;
template <class Type> using bare_t = without_const_t<typename without_reference<Type>::type>;

template <class One, class Other> inline constexpr bool is_one_type = false;
template <class Type> inline constexpr bool is_one_type<Type, Type> = true;

template <class Function> struct conversion_parts { static constexpr bool known = false; };
template <class To, class From> struct conversion_parts<To (*)(From)> {
  static constexpr bool known = true;
  using from = From;
  using to = To;
};
template <class To, class From> struct conversion_parts<To (*)(From) noexcept> : conversion_parts<To (*)(From)> {};
// clang-format on

template <class Type, class Function> constexpr bool check_conversion() {
  using parts = conversion_parts<Function>;
  static_assert(parts::known,
                "dymod: DYMOD_PERSISTENT_FROM takes a function from the old type to the new one, "
                "'herd from_herd_1(const herd_1& old)', or several in parentheses");
  if constexpr (parts::known) {
    static_assert(
        is_one_type<without_const_t<typename parts::to>, without_const_t<Type>>,
        "dymod: a function in DYMOD_PERSISTENT_FROM must return the type of the variable");
    static_assert(!is_one_type<bare_t<typename parts::from>, without_const_t<Type>>,
                  "dymod: a function in DYMOD_PERSISTENT_FROM takes the type of the variable "
                  "itself; keep the old type under another name and take that");
    static_assert(sizeof(bare_t<typename parts::from>) != 0,
                  "dymod: a function in DYMOD_PERSISTENT_FROM needs the old type's definition");
  }
  return parts::known;
}

template <auto... Functions> struct conversions {};

template <class Type, auto... Functions> constexpr bool conversions_fit() {
  return (check_conversion<Type, decltype(Functions)>() && ... && true);
}

// An array type declares an array.
template <class Type> using written_type = Type;

}}  // namespace dymod::detail

#endif
// <dymod/detail/declare/entry.hpp>

// What every entry of a DYMOD list is checked for, in every mode, before it becomes a declaration:
// reserved names and names listed twice. No standard header.

#ifndef DYMOD_DETAIL_DECLARE_ENTRY_HPP
#define DYMOD_DETAIL_DECLARE_ENTRY_HPP

#define DYMOD_DETAIL_RESERVED_reload ~, 1
#define DYMOD_DETAIL_RESERVED_library ~, 1
#define DYMOD_DETAIL_IS_RESERVED(name) DYMOD_DETAIL_SECOND(DYMOD_DETAIL_RESERVED_##name, 0, ~)

// A function may be declared twice, an enumeration may not: its name is the error message.
#define DYMOD_DETAIL_CHECK_ENTRY(name)                                           \
  static_assert(!DYMOD_DETAIL_IS_RESERVED(name),                                 \
                "dymod: '" #name                                                 \
                "' is a name of dymod's own in every module; name the function " \
                "otherwise");                                                    \
  enum class dymod_error_##name##_is_listed_twice{};

#define DYMOD_DETAIL_SET_ ~, 1
#define DYMOD_DETAIL_SET_1 ~, 1

// 1 if the macro given is defined as 1 or as nothing (as -DNAME and CMake do), 0 if it is not
// defined.
#define DYMOD_DETAIL_IS_SET(macro) DYMOD_DETAIL_IS_SET_(macro)
#define DYMOD_DETAIL_IS_SET_(value) DYMOD_DETAIL_SECOND(DYMOD_DETAIL_SET_##value, 0, ~)

#endif
// <dymod/detail/declare/function_type.hpp>

// What DYMOD asks about the types in its list. Used in both modes, hence without <type_traits>:
// static mode includes no standard header.

#ifndef DYMOD_DETAIL_DECLARE_FUNCTION_TYPE_HPP
#define DYMOD_DETAIL_DECLARE_FUNCTION_TYPE_HPP

namespace dymod::detail {

// Few lines, because release builds preprocess to as many. Not noexcept(Nothrow), which cl does not
// deduce.
// clang-format off
template <class Type> inline constexpr bool is_function = false;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments...)> = true;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments...) noexcept> = true;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments..., ...)> = true;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments..., ...) noexcept> = true;
// clang-format on

template <class Type> struct function_type {
  static_assert(is_function<Type>, "dymod: DYMOD takes functions: (name, int(int a, int b))");
  using type = Type;
};

// A function type declares a function: `function_type_t<int(int)> twice;` is `int twice(int);`.
template <class Type> using function_type_t = typename function_type<Type>::type;

}  // namespace dymod::detail

#endif
// <dymod/dymod.hpp>

// dymod: functions that are linked statically in release and hot-swapped in debug. The header to
// include.
//
//     DYMOD(sheep,
//         (count_sheep, const char*(std::uint32_t sheep)),
//         (shear,       void(herd& h, float seconds)))
//
// What becomes of it, in this folder:
//
// clang-format off
//     config.hpp                 the mode: NDEBUG and its overrides
//     ├─ static    ────────────► detail/declare/static.hpp    plain declarations; no standard header
//     ├─ <module>_EXPORTS ─────► detail/declare/module.hpp    declarations, description and table
//     └─ host, dynamic ────────► detail/declare/host.hpp      references to thunks
//            a call ───────────► detail/call/thunk.hpp        look, load the snapshot, jump
//            a new build ──────► detail/reload/loader.hpp     the eight steps
//            what is known ────► detail/state/registry.hpp
//            the system ───────► detail/os/
// clang-format on

#ifndef DYMOD_DYMOD_HPP
#define DYMOD_DYMOD_HPP

// <dymod/version.hpp>

// The version of dymod, written down here and nowhere else: CMake and the tests read it from these
// lines. Includes nothing.

#ifndef DYMOD_VERSION_HPP
#define DYMOD_VERSION_HPP

/// Greater when programs must be changed for it. A number for `#if`.
#define DYMOD_VERSION_MAJOR 1
/// Greater when there is something new. A number for `#if`.
#define DYMOD_VERSION_MINOR 0
/// Greater when something was mended. A number for `#if`.
#define DYMOD_VERSION_PATCH 0

#endif

#if DYMOD_DETAIL_DYNAMIC()

// <dymod/detail/declare/host.hpp>

// DYMOD in a translation unit of the host, dynamic mode: each name becomes a reference to a thunk,
// which is a function of the very type that was declared.

#ifndef DYMOD_DETAIL_DECLARE_HOST_HPP
#define DYMOD_DETAIL_DECLARE_HOST_HPP

#include <stddef.h>  // size_t

// <dymod/detail/call/library.hpp>

// `sheep::library` in dynamic mode: what the program may ask of a module beyond calling it, and
// what it may have done around a reload.

#ifndef DYMOD_DETAIL_CALL_LIBRARY_HPP
#define DYMOD_DETAIL_CALL_LIBRARY_HPP

#include <stdint.h>  // uint64_t

#include <type_traits>  // is_function, is_pointer, remove_pointer

// <dymod/detail/call/runtime.hpp>

// The door between calls and all that happens seldom: what a file that calls modules needs of the
// rest of dymod, declared. The rest (reload/, os/) is most of the cost of compiling a file: it is
// included, too, unless DYMOD_SEPARATE_RUNTIME says that another file of the program or library is
// compiled from it. dymod's CMake target does that (cmake/runtime.cpp).

#ifndef DYMOD_DETAIL_CALL_RUNTIME_HPP
#define DYMOD_DETAIL_CALL_RUNTIME_HPP

#include <stdint.h>  // uint64_t

// <dymod/detail/os/native.hpp>

// The name of the system this translation unit is compiled for: all that a file needs that only
// calls modules. os.hpp has what is behind the name.

#ifndef DYMOD_DETAIL_OS_NATIVE_HPP
#define DYMOD_DETAIL_OS_NATIVE_HPP

#if defined(__linux__) || defined(__APPLE__)
#define DYMOD_DETAIL_OS posix
#elif defined(_WIN32)
#define DYMOD_DETAIL_OS windows
#else
#error "dymod: hot swapping works on Linux, macOS and Windows; define DYMOD_FORCE_STATIC here"
#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

struct DYMOD_DETAIL_OS;
using native = DYMOD_DETAIL_OS;
#undef DYMOD_DETAIL_OS

}}}  // namespace dymod::detail::os

#endif
// <dymod/detail/state/registry.hpp>

// What a process knows of its modules: registry -> records (one per module and library) -> the
// published snapshot that calls read, and the callers that want something of it. Every binary (the
// program, its libraries, the images of modules) has a registry; one of them is the process's, see
// process.hpp. Constant-initialised and never destroyed, so that modules can be called before main,
// after it, and from static constructors and destructors. Plain data: who changes it is said at
// each member; what has no word with it, under the load lock.

#ifndef DYMOD_DETAIL_STATE_REGISTRY_HPP
#define DYMOD_DETAIL_STATE_REGISTRY_HPP

#include <stdint.h>  // int64_t, uint64_t

// <dymod/detail/state/atomic.hpp>

// Values that several threads read and write. Not std::atomic where the compiler offers the same
// itself: to include that is a third of what a file pays for dymod, and without optimisation each
// of its functions is a call, of which a call of a module has several.

#ifndef DYMOD_DETAIL_STATE_ATOMIC_HPP
#define DYMOD_DETAIL_STATE_ATOMIC_HPP

#if defined(_MSC_VER) && !defined(__clang__)
#include <atomic>  // atomic
#endif

namespace dymod { namespace detail {

/// A pointer or an integer. The suffixes are the memory orders of the standard. Leaves nothing in a
/// binary, so that it may be a member of what several share.
template <class Value> class atomic {
 public:
  constexpr atomic() noexcept = default;
  DYMOD_DETAIL_GONE constexpr atomic(Value initial) noexcept : value_(initial) {}
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

#if defined(_MSC_VER) && !defined(__clang__)
  [[nodiscard]] Value load_relaxed() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] Value load_acquire() const noexcept {
    return value_.load(std::memory_order_acquire);
  }
  void store_relaxed(Value next) noexcept { value_.store(next, std::memory_order_relaxed); }
  void store_release(Value next) noexcept { value_.store(next, std::memory_order_release); }
  [[nodiscard]] bool compare_exchange(Value& expected, Value next) noexcept {
    return value_.compare_exchange_strong(expected, next, std::memory_order_acq_rel);
  }
  [[nodiscard]] Value exchange(Value next) noexcept {
    return value_.exchange(next, std::memory_order_acq_rel);
  }
  Value add_relaxed(Value more) noexcept {
    return value_.fetch_add(more, std::memory_order_relaxed);
  }
  [[nodiscard]] Value subtract(Value less) noexcept {
    return value_.fetch_sub(less, std::memory_order_acq_rel);
  }

 private:
  std::atomic<Value> value_{};
#else
  [[nodiscard]] DYMOD_DETAIL_GONE Value load_relaxed() const noexcept {
    return __atomic_load_n(&value_, __ATOMIC_RELAXED);
  }
  [[nodiscard]] DYMOD_DETAIL_GONE Value load_acquire() const noexcept {
    return __atomic_load_n(&value_, __ATOMIC_ACQUIRE);
  }
  DYMOD_DETAIL_GONE void store_relaxed(Value next) noexcept {
    __atomic_store_n(&value_, next, __ATOMIC_RELAXED);
  }
  DYMOD_DETAIL_GONE void store_release(Value next) noexcept {
    __atomic_store_n(&value_, next, __ATOMIC_RELEASE);
  }

  /// Acquires and releases.
  /// @param expected  on failure, what was found instead
  /// @returns whether `next` is the value now
  [[nodiscard]] DYMOD_DETAIL_GONE bool compare_exchange(Value& expected, Value next) noexcept {
    return __atomic_compare_exchange_n(&value_, &expected, next, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
  }

  /// Acquires and releases.
  /// @returns the value before
  [[nodiscard]] DYMOD_DETAIL_GONE Value exchange(Value next) noexcept {
    return __atomic_exchange_n(&value_, next, __ATOMIC_ACQ_REL);
  }

  /// @returns the value before
  DYMOD_DETAIL_GONE Value add_relaxed(Value more) noexcept {
    return __atomic_fetch_add(&value_, more, __ATOMIC_RELAXED);
  }

  /// Acquires and releases.
  /// @returns the value before
  [[nodiscard]] DYMOD_DETAIL_GONE Value subtract(Value less) noexcept {
    return __atomic_fetch_sub(&value_, less, __ATOMIC_ACQ_REL);
  }

 private:
  // 32-bit systems align less.
  alignas(sizeof(Value)) Value value_{};  // NOLINT(bugprone-sizeof-expression): also of a pointer
#endif
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/state/file_key.hpp>

// What tells one build of a library from another without reading it.

#ifndef DYMOD_DETAIL_STATE_FILE_KEY_HPP
#define DYMOD_DETAIL_STATE_FILE_KEY_HPP

#include <stdint.h>  // int64_t, uint64_t

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// Two builds have different keys. Compared with `!=` only: an older file is news as well (a
/// checkout of an old branch, a backup put back). The inode alone is no version (ext4 hands a freed
/// one out again at once), and neither is mtime (cp -p restores it; ctime then differs).
struct file_key {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;     // bytes
  int64_t modified = 0;  // ns since 1970
  int64_t changed = 0;   // ns since 1970: of the inode, by anything

  /// When the file was last touched, as far as its stamps tell; ns since 1970.
  [[nodiscard]] int64_t touched() const noexcept { return modified > changed ? modified : changed; }
};

[[nodiscard]] inline bool operator==(const file_key& a, const file_key& b) noexcept {
  return a.modified == b.modified && a.changed == b.changed && a.inode == b.inode &&
         a.size == b.size && a.device == b.device;
}

[[nodiscard]] inline bool operator!=(const file_key& a, const file_key& b) noexcept {
  return !(a == b);
}

}}  // namespace dymod::detail

#endif
// <dymod/detail/state/lock.hpp>

// The one load lock of a process. Held while dymod looks and judges, never while foreign code runs
// (static constructors inside the opening of a library, hooks, event handlers): the system's loader
// has a lock of its own, and whoever holds that may come for this one. Known to be void in a forked
// child whose parent held it. Only first calls and reload() wait for it: short sleeps are good
// enough.

#ifndef DYMOD_DETAIL_STATE_LOCK_HPP
#define DYMOD_DETAIL_STATE_LOCK_HPP

#include <stdint.h>  // uint64_t

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// Process and thread in one number, so that a fork at any instant leaves what it is written to
/// whole. Never 0.
template <class Os> [[nodiscard]] uint64_t this_thread() noexcept {
  return static_cast<uint64_t>(Os::process_id()) << 32 | Os::thread_id();
}

/// Whether a number from this_thread() is of a thread that can still go on: a forked child has none
/// of its parent's.
template <class Os> [[nodiscard]] bool is_of_this_process(uint64_t thread) noexcept {
  return thread >> 32 == Os::process_id();
}

class load_lock {
 public:
  constexpr load_lock() noexcept = default;

  /// @returns whether this thread holds the lock now, and did not before
  template <class Os> [[nodiscard]] bool try_enter() noexcept {
    uint64_t holder = holder_.load_relaxed();
    if (holder != 0 && is_of_this_process<Os>(holder)) return false;
    return holder_.compare_exchange(holder, this_thread<Os>());
  }

  /// Waits, however long another thread takes to judge a build.
  /// @returns false if this thread holds the lock already: a signal handler interrupted a load
  template <class Os> [[nodiscard]] bool enter() noexcept {
    while (!try_enter<Os>()) {
      if (holder_.load_relaxed() == this_thread<Os>()) return false;
      Os::sleep_milliseconds(1);
    }
    return true;
  }

  /// Which thread, see this_thread(); 0: none.
  [[nodiscard]] uint64_t holder() const noexcept { return holder_.load_relaxed(); }

  template <class Os> void leave() noexcept {
    // In a child forked from inside a load the lock may have been found void and taken anew.
    if (holder_.load_relaxed() != this_thread<Os>()) return;
    holder_.store_release(0);
  }

 private:
  atomic<uint64_t> holder_{0};
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

using function_pointer = void (*)();

struct record;
struct binary;
struct guarded_place;

/// How code of an image crashed.
struct crash_report {
  const char* function;  // that was called; an image's are on the heap, for ever
  const char* words;     // "SIGSEGV at address 0x10"
  int signal;
  const void* address;  // as the system tells it
};

/// One opened copy of a library. Never closed by itself: string literals, vtables, threads and
/// frames of old code stay valid.
struct image {
  unsigned generation;    // 0 until published
  file_key key;           // of the library when it was copied
  bool young;             // see snapshot::young
  uint64_t fingerprint;   // of its file, see elf
  void* handle;           // the system's; null while it is being opened and after it was unloaded
  char* copy;             // path of the copy that was opened
  const void* functions;  // what the image offers: const module_table*, null for extern "C" modules
  binary* contained;      // what it wants of other modules; null: nothing
  record* of;
  image* previous;            // opened before this one
  bool left;                  // crashed, or rolled back from: its bytes are not taken again
  const crash_report* crash;  // null: it has not
  unsigned came_after;        // generation that was current until this one was; 0: none
};

/// What a call reads: immutable once published, never freed (some call may still be reading it),
/// and kept within reach, so that leak checkers do not take it for lost.
struct snapshot {
  image* current;
  file_key key;      // of the library file that holds current's bytes; a touch changes it
  file_key refused;  // of the last build refused: not looked at again until the file changes
  bool young;  // the key was so fresh when copied that a second build could look the same: look
               // again
  const function_pointer* const* functions;  // [caller::number][index in the caller's declaration]
  const snapshot* previous;
  bool broken;  // current has crashed, and there is none before it: guarded calls fail
};

/// One binary's declaration of one module. Constant-initialised; one per module and binary.
struct caller {
  const char* name;              // of the module
  const char* const* functions;  // the declared names
  const char* const* types;  // their types and layouts (declare/layout.hpp); not read if extern_c
  unsigned function_count;
  bool extern_c;                  // plain C symbols: no description, no table
  const char* (*library_path)();  // DYMOD_PATH_<module>, null if not defined

  atomic<record*> found;              // null until the first load succeeded
  atomic<uint64_t> last_look;         // ms; for DYMOD_CHECK_INTERVAL_MS
  atomic<const char*> expected_path;  // where the library ought to be; null until asked
  unsigned number;                    // place in snapshot::functions; set before `found`
  image* home;                        // that it is part of; null: of the program or a library
  caller* next;                       // in record::callers
  const caller* next_asked;           // in the list of those asked about a build
  caller* next_in_binary;             // in binary::callers; from static constructors
  bool listed;                        // there

  constexpr caller(const char* module_name, const char* const* names,
                   const char* const* function_types, unsigned count, bool c,
                   const char* (*path)()) noexcept
      : name(module_name),
        functions(names),
        types(function_types),
        function_count(count),
        extern_c(c),
        library_path(path),
        found(nullptr),
        last_look(0),
        expected_path(nullptr),
        number(0),
        home(nullptr),
        next(nullptr),
        next_asked(nullptr),
        next_in_binary(nullptr),
        listed(false) {}
};

/// A build that was seen and could not be judged yet.
struct pending_build {
  file_key key;
  uint64_t first_seen = 0;  // monotonic ns
  uint64_t next_look = 0;   // monotonic ns
};

/// One module from one library. Never freed.
struct record {
  const char* name;
  const char* path;                   // of the library, absolute
  atomic<const snapshot*> published;  // null until the first load succeeded
  record* next;
  caller* callers;           // highest number first
  unsigned numbers_given;    // to callers; none twice: code that is still loaded may use its own
  image* images;             // all that were opened, the last first; some were never published
  unsigned last_generation;  // none twice
  unsigned unpublished;      // images; some of them may be unloaded
  bool any_left;             // image::left, of any image
  pending_build pending;
  file_key told_of;         // the build that the last `rejected` event was about
  error_code told_code;     // and why
  image* proved;            // opened and found to fit, but not published yet
  uint64_t wave;            // number of the last one that `proved` was to be published in
  bool reloads;             // in that wave; else it is its first load, of which no hook hears
  const char* refused_for;  // module whose next build may do away with the refusal; null: none
  uint64_t worked_on_by;    // thread that works on it without the lock: opens it, runs its hooks
  unsigned surprises;       // that were told of, see surprises.hpp
};

/// Something to be run before or after a module's reload.
struct hook_entry {
  uint64_t number;       // never used again
  caller* wants;         // who registered it; null: the module itself
  const record* of;      // of which module; null: not known yet
  image* home;           // its code is part of; null: of the program or a library
  image* registered_by;  // likewise
  bool before;           // the reload; else after
  bool removed;
  uint64_t run_by;               // thread that is in it, or destroys it
  void (*run)(hook_entry*);      // what was given
  void (*destroy)(hook_entry*);  // what was given; null once that has begun
  void (*release)(hook_entry*);  // the rest, after that
  hook_entry* next;
};

/// A thread that has called modules with a guard against crashes.
struct guarded_thread {
  guarded_place* innermost;  // call that is to be left when code crashes; null: none
  void* stack;               // for signal handlers, if it is ours
};

/// Finds the calling thread's. Code of the binary that handles signals for all of the process.
struct guarded_threads {
  unsigned long key;             // the system's, by which they are found
  guarded_thread* (*find)();     // null: it has none yet
  guarded_thread* (*prepare)();  // null without memory
};

/// Who hears of events. Never freed: another thread may be calling it.
struct handler_choice {
  event_handler handler;
  const handler_choice* previous;
};

struct queued_event;

/// Everything dymod knows in one process.
struct registry {
  load_lock lock;
  atomic<record*> records{nullptr};                 // prepended under the lock
  atomic<const handler_choice*> handler{nullptr};   // null: the default
  atomic<const guarded_threads*> guarded{nullptr};  // null: no call is guarded yet
  queued_event* events = nullptr;                   // oldest first
  hook_entry* hooks = nullptr;                      // oldest first
  uint64_t hooks_made = 0;
  uint64_t waves_made = 0;
  struct persistent_object* objects = nullptr;  // the last made first; reload/objects.hpp
  struct copy_directory* copy_directories = nullptr;
  struct copy_file* copies = nullptr;
  uint64_t copies_made = 0;
  int64_t copies_owner = 0;  // process id; a forked child starts its own list
  char token[17] = {};       // 16 hexadecimal digits: this process among all
  bool cleanup_registered = false;
  bool unloading = false;  // the system runs the exit handlers of an image

  constexpr registry() noexcept = default;
};

/// What each binary has, and shows the others of the process. Its layout, with all above, is what
/// they agree on.
struct binary {
  char mark[16] = DYMOD_DETAIL_BINARY_MARK;
  atomic<registry*> process{nullptr};  // of all; null until asked for
  caller* callers = nullptr;           // declared here; from static constructors
  bool is_image = false;               // of a module; else the program or a library of its own
  registry own;                        // used if this binary is the process's first

  constexpr binary() noexcept = default;
};

/// @returns 0 before the first load
[[nodiscard]] inline unsigned generation_of(const record& of) noexcept {
  const snapshot* now = of.published.load_acquire();
  return now != nullptr ? now->current->generation : 0;
}

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text;

// A template because those may be declared in one file and instantiated in another, which need not
// be the only one: linkers take any.
/// @tparam Os  the platform
template <class Os> struct runtime {
  /// Makes known what this binary wants of a module. From a static constructor.
  static void list(caller& wants) noexcept;

  /// The first call of a binary. The caller throws: this may be compiled without exceptions.
  /// @param code   what went wrong, on failure
  /// @param lines  the same, in words
  /// @returns null on failure
  [[nodiscard]] static record* load_first(caller& wants, error_code& code, text& lines) noexcept;

  /// The same; failure ends the process, with a message.
  [[nodiscard]] static record& load_first_or_end(caller& wants) noexcept;

  /// What a call does: looks whether there is a new build, and takes it if it will do. One
  /// function, because kernels leave the processor without a notion of where the functions return
  /// to that asked for the file: each costs as much as the rest of a call.
  /// @returns what is current now; null before the first load
  [[nodiscard]] static const snapshot* look(caller& wants) noexcept;

  /// The same, once the interval since the last look of this binary is over; then it begins anew.
  /// @param interval  ms
  [[nodiscard]] static const snapshot* look_at_intervals(caller& wants, unsigned interval) noexcept;

  // See class basic_loader.
  static bool reload(record& known) noexcept;
  static bool reload_all() noexcept;
  static bool roll_back(record& known) noexcept;
  static unsigned unload_old(record& known) noexcept;
  [[nodiscard]] static record* find_loaded(caller& wants) noexcept;
  [[nodiscard]] static const char* expected_path(caller& wants) noexcept;

  /// The module whose image this code is part of; null: none, or one that is only being opened.
  [[nodiscard]] static record* find_own() noexcept;

  // See class hooks.
  [[nodiscard]] static uint64_t add_hook(hook_entry& added, const void* code) noexcept;
  static void remove_hook(uint64_t number) noexcept;

  /// See dymod::set_event_handler().
  static event_handler set_event_handler(event_function function, void* user) noexcept;

  // For guarded calls, see class basic_loader.
  [[nodiscard]] static bool may_run_broken() noexcept;
  [[nodiscard]] static image* image_at(const void* address) noexcept;
  static void leave_crashed(image& in, const crash_report& report, const text& place) noexcept;
};

using native_runtime = runtime<os::native>;

}}  // namespace dymod::detail

// <dymod/detail/reload/runtime.hpp>

// What is behind the door (call/runtime.hpp).

#ifndef DYMOD_DETAIL_RELOAD_RUNTIME_HPP
#define DYMOD_DETAIL_RELOAD_RUNTIME_HPP

#include <stdint.h>  // uint64_t

// <dymod/detail/os/os.hpp>

// The one platform switch: `os::native` is the system this translation unit is compiled for. A
// platform is a struct of static functions; posix.hpp has the list with the contracts. Nothing
// outside this folder may ask which system it is.

#ifndef DYMOD_DETAIL_OS_OS_HPP
#define DYMOD_DETAIL_OS_OS_HPP

#if defined(_WIN32)
// <dymod/detail/os/windows.hpp>

// Windows: the same functions with the same contracts as in posix.hpp, where they are described;
// here stands what is different. Paths are UTF-8 on dymod's side and UTF-16 on the system's.
//
// A library in use cannot be written or removed on Windows. Copies are therefore left when the
// process ends, and removed by the next one that makes a copy in the directory.

#ifndef DYMOD_DETAIL_OS_WINDOWS_HPP
#define DYMOD_DETAIL_OS_WINDOWS_HPP

#include <errno.h>   // errno
#include <stdint.h>  // int64_t, intptr_t, uint64_t
#include <stdlib.h>  // abort, atexit, free, malloc
#include <string.h>  // memcmp, memcpy, strlen, strncmp

// <dymod/detail/os/win32.hpp>

// What dymod uses of Win32, declared here and not by <windows.h>: that header's 10,000 macros are
// not for programs that did not ask for them. The declarations are those of the Windows SDK, in the
// types behind its names, so that a program may include <windows.h> before or after. Structures are
// handed over by pointers to dymod's own of the same layout.

#ifndef DYMOD_DETAIL_OS_WIN32_HPP
#define DYMOD_DETAIL_OS_WIN32_HPP

#include <stddef.h>  // size_t

struct _BY_HANDLE_FILE_INFORMATION;
struct _FILETIME;
struct _MEMORY_BASIC_INFORMATION;
struct _OVERLAPPED;
struct _SECURITY_ATTRIBUTES;
struct _WIN32_FIND_DATAW;
union _LARGE_INTEGER;
#if defined(NO_STRICT)
#define DYMOD_DETAIL_HMODULE void*
#else
struct HINSTANCE__;
#define DYMOD_DETAIL_HMODULE HINSTANCE__*
#endif
#if defined(_WIN64)
#define DYMOD_DETAIL_FARPROC_RESULT long long
#define DYMOD_DETAIL_SIZE unsigned long long
#else
#define DYMOD_DETAIL_FARPROC_RESULT int
#define DYMOD_DETAIL_SIZE unsigned long
#endif

#if defined(_M_IX86) || defined(__i386__)
#define DYMOD_DETAIL_RANDOM(name) "_" name "@8"
#else
#define DYMOD_DETAIL_RANDOM(name) name
#endif
#if defined(__GNUC__) || defined(__clang__)
#define DYMOD_DETAIL_RANDOM_SYMBOL __asm__(DYMOD_DETAIL_RANDOM("SystemFunction036"))
#else
#define DYMOD_DETAIL_RANDOM_SYMBOL
#pragma comment(linker, "/alternatename:" DYMOD_DETAIL_RANDOM( \
                            "dymod_detail_random") "=" DYMOD_DETAIL_RANDOM("SystemFunction036"))
#endif

// clang-format off
#define DYMOD_DETAIL_WIN32(result) __declspec(dllimport) result __stdcall
extern "C" {
DYMOD_DETAIL_WIN32(int) CloseHandle(void*);
DYMOD_DETAIL_WIN32(int) CompareStringOrdinal(const wchar_t*, int, const wchar_t*, int, int);
DYMOD_DETAIL_WIN32(int) CreateDirectoryW(const wchar_t*, _SECURITY_ATTRIBUTES*);
DYMOD_DETAIL_WIN32(int) CopyFileW(const wchar_t*, const wchar_t*, int);
DYMOD_DETAIL_WIN32(void*) CreateFileMappingW(void*, _SECURITY_ATTRIBUTES*, unsigned long, unsigned long, unsigned long, const wchar_t*);
DYMOD_DETAIL_WIN32(void*) CreateFileW(const wchar_t*, unsigned long, unsigned long, _SECURITY_ATTRIBUTES*, unsigned long, unsigned long, void*);
DYMOD_DETAIL_WIN32(int) DeleteFileW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) FindClose(void*);
DYMOD_DETAIL_WIN32(void*) FindFirstFileW(const wchar_t*, _WIN32_FIND_DATAW*);
DYMOD_DETAIL_WIN32(int) FindNextFileW(void*, _WIN32_FIND_DATAW*);
DYMOD_DETAIL_WIN32(unsigned long) FormatMessageW(unsigned long, const void*, unsigned long, unsigned long, wchar_t*, unsigned long, char**);
DYMOD_DETAIL_WIN32(int) FreeLibrary(DYMOD_DETAIL_HMODULE);
DYMOD_DETAIL_WIN32(int) GetConsoleMode(void*, unsigned long*);
DYMOD_DETAIL_WIN32(void*) GetCurrentProcess();
DYMOD_DETAIL_WIN32(unsigned long) GetCurrentProcessId();
DYMOD_DETAIL_WIN32(unsigned long) GetCurrentThreadId();
DYMOD_DETAIL_WIN32(unsigned long) GetFileAttributesW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) GetFileInformationByHandle(void*, _BY_HANDLE_FILE_INFORMATION*);
DYMOD_DETAIL_WIN32(unsigned long) GetFileType(void*);
DYMOD_DETAIL_WIN32(unsigned long) GetFullPathNameW(const wchar_t*, unsigned long, wchar_t*, wchar_t**);
DYMOD_DETAIL_WIN32(unsigned long) GetLastError();
DYMOD_DETAIL_WIN32(unsigned long) GetModuleFileNameW(DYMOD_DETAIL_HMODULE, wchar_t*, unsigned long);
DYMOD_DETAIL_WIN32(DYMOD_DETAIL_HMODULE) GetModuleHandleW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) GetModuleHandleExW(unsigned long, const wchar_t*, DYMOD_DETAIL_HMODULE*);
DYMOD_DETAIL_WIN32(void*) GetStdHandle(unsigned long);
DYMOD_DETAIL_WIN32(void) GetSystemTimeAsFileTime(_FILETIME*);
DYMOD_DETAIL_WIN32(unsigned long) GetTempPathW(unsigned long, wchar_t*);
DYMOD_DETAIL_WIN32(unsigned long long) GetTickCount64();
DYMOD_DETAIL_WIN32(DYMOD_DETAIL_HMODULE) LoadLibraryExW(const wchar_t*, void*, unsigned long);
DYMOD_DETAIL_WIN32(void*) MapViewOfFile(void*, unsigned long, unsigned long, unsigned long, DYMOD_DETAIL_SIZE);
DYMOD_DETAIL_WIN32(int) MultiByteToWideChar(unsigned, unsigned long, const char*, int, wchar_t*, int);
DYMOD_DETAIL_WIN32(void) OutputDebugStringW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) QueryPerformanceCounter(_LARGE_INTEGER*);
DYMOD_DETAIL_WIN32(int) QueryPerformanceFrequency(_LARGE_INTEGER*);
DYMOD_DETAIL_WIN32(int) ReadFile(void*, void*, unsigned long, unsigned long*, _OVERLAPPED*);
DYMOD_DETAIL_WIN32(int) RemoveDirectoryW(const wchar_t*);
DYMOD_DETAIL_WIN32(void*) ReOpenFile(void*, unsigned long, unsigned long, unsigned long);
DYMOD_DETAIL_WIN32(unsigned long) SetFilePointer(void*, long, long*, unsigned long);
DYMOD_DETAIL_WIN32(unsigned long) SearchPathW(const wchar_t*, const wchar_t*, const wchar_t*, unsigned long, wchar_t*, wchar_t**);
DYMOD_DETAIL_WIN32(void) SetLastError(unsigned long);
DYMOD_DETAIL_WIN32(int) SetThreadErrorMode(unsigned long, unsigned long*);
DYMOD_DETAIL_WIN32(void) Sleep(unsigned long);
DYMOD_DETAIL_WIN32(int) UnmapViewOfFile(const void*);
DYMOD_DETAIL_WIN32(void*) VirtualAlloc(void*, DYMOD_DETAIL_SIZE, unsigned long, unsigned long);
DYMOD_DETAIL_WIN32(int) VirtualFree(void*, DYMOD_DETAIL_SIZE, unsigned long);
DYMOD_DETAIL_WIN32(DYMOD_DETAIL_SIZE) VirtualQuery(const void*, _MEMORY_BASIC_INFORMATION*, DYMOD_DETAIL_SIZE);
DYMOD_DETAIL_WIN32(int) WideCharToMultiByte(unsigned, unsigned long, const wchar_t*, int, char*, int, const char*, int*);
DYMOD_DETAIL_WIN32(int) WriteConsoleW(void*, const void*, unsigned long, unsigned long*, void*);
DYMOD_DETAIL_WIN32(int) WriteFile(void*, const void*, unsigned long, unsigned long*, _OVERLAPPED*);
typedef DYMOD_DETAIL_FARPROC_RESULT (__stdcall* dymod_detail_procedure)();
DYMOD_DETAIL_WIN32(dymod_detail_procedure) GetProcAddress(DYMOD_DETAIL_HMODULE, const char*);
// These the SDK declares without dllimport.
int __stdcall K32EnumProcessModules(void*, DYMOD_DETAIL_HMODULE*, unsigned long, unsigned long*);
unsigned long __stdcall K32GetMappedFileNameW(void*, void*, wchar_t*, unsigned long);
unsigned long __stdcall K32GetModuleFileNameExW(void*, DYMOD_DETAIL_HMODULE, wchar_t*, unsigned long);
// RtlGenRandom, under a name of ours: the headers that declare it do not agree.
unsigned char __stdcall dymod_detail_random(void*, unsigned long) DYMOD_DETAIL_RANDOM_SYMBOL;
}
#undef DYMOD_DETAIL_RANDOM
#undef DYMOD_DETAIL_RANDOM_SYMBOL
#undef DYMOD_DETAIL_WIN32
// clang-format on

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os { namespace win32 {

using module_handle = DYMOD_DETAIL_HMODULE;
using size_type = DYMOD_DETAIL_SIZE;

// Windows' structures, in its layout.

struct file_time {
  unsigned long low;
  unsigned long high;  // together: 100 ns since 1601
};

struct file_information {  // BY_HANDLE_FILE_INFORMATION
  unsigned long attributes;
  file_time created;
  file_time read;
  file_time written;
  unsigned long volume;
  unsigned long size_high;
  unsigned long size_low;
  unsigned long links;
  unsigned long index_high;
  unsigned long index_low;
};

struct attribute_data {  // WIN32_FILE_ATTRIBUTE_DATA
  unsigned long attributes;
  file_time created;
  file_time read;
  file_time written;
  unsigned long size_high;
  unsigned long size_low;
};

struct find_data {  // WIN32_FIND_DATAW
  attribute_data found;
  unsigned long reserved[2];
  wchar_t name[260];
  wchar_t short_name[14];
};

struct memory_information {  // MEMORY_BASIC_INFORMATION
  void* base;
  void* allocation_base;
  unsigned long allocation_protection;
  size_t size;
  unsigned long state;
  unsigned long protection;
  unsigned long type;
};

enum : unsigned long {
  generic_read = 0x80000000,
  generic_write = 0x40000000,
  read_attributes = 0x80,
  delete_access = 0x10000,
  share_nothing = 0,
  share_read = 1,
  share_delete = 4,
  share_all = 7,
  create_new = 1,
  open_existing = 3,
  flag_delete_on_close = 0x04000000,
  flag_backup_semantics = 0x02000000,  // directories can be opened
  flag_open_reparse_point = 0x00200000,
  attribute_directory = 0x10,
  attribute_normal = 0x80,
  attribute_reparse_point = 0x400,
  no_attributes = 0xffffffff,
  file_type_disk = 1,
  page_read_only = 2,
  map_read = 4,
  memory_reserve = 0x2000,
  memory_release = 0x8000,
  page_no_access = 1,
  altered_search_path = 8,
  handle_of_address = 4,
  handle_pinned = 1,
  no_critical_error_box = 1,
  no_open_file_box = 0x8000,
  message_from_system = 0x1000,
  message_ignore_inserts = 0x200,
  standard_error = 0xfffffff4,
  compare_equal = 2,
  error_file_not_found = 2,
  error_path_not_found = 3,
  error_sharing_violation = 32,
  error_file_exists = 80,
  error_module_not_found = 126,
  error_already_exists = 183,
  no_invalid_characters = 8,
  code_page_of_system = 0,
  utf8 = 65001
};

}}}}  // namespace dymod::detail::os::win32

#undef DYMOD_DETAIL_HMODULE
#undef DYMOD_DETAIL_FARPROC_RESULT
#undef DYMOD_DETAIL_SIZE

#endif
// <dymod/detail/reload/bytes.hpp>

// A piece of a file in memory, and what the check of an image format answers about it.

#ifndef DYMOD_DETAIL_RELOAD_BYTES_HPP
#define DYMOD_DETAIL_RELOAD_BYTES_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // memcpy

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct bytes {
  const unsigned char* data = nullptr;
  uint64_t size = 0;

  /// Whether `count` bytes at `offset` are inside; right for any two numbers.
  [[nodiscard]] bool holds(uint64_t offset, uint64_t count) const noexcept {
    return offset <= size && count <= size - offset;
  }
};

enum class completeness : unsigned char {
  complete,
  incomplete,  // the beginning of a library, or not yet that
  garbage      // never to become a library of this system and processor
};

/// A number that tells most files from others of the same size: FNV-1a, by words.
[[nodiscard]] inline uint64_t fingerprint_of_beginning(bytes file, uint64_t size) noexcept {
  const uint64_t end = file.size < size ? file.size : size;
  uint64_t sum = file.size ^ uint64_t { 14695981039346656037u };
  for (uint64_t at = 0; at + sizeof sum <= end; at += sizeof sum) {
    uint64_t word = 0;
    ::memcpy(&word, file.data + at, sizeof word);
    sum = (sum ^ word) * uint64_t{1099511628211u};
  }
  return sum;
}

}}  // namespace dymod::detail

#endif
// <dymod/detail/reload/pe.hpp>

// PE images read as bytes: is the file complete, where is an exported symbol's content, which
// libraries does it need, which program database belongs to it. Both word sizes; PE is always
// little-endian, and so is every processor of it. Any bytes are safe input: every offset is checked
// before it is used. Names and numbers are those of Microsoft's "PE Format". No system header, no
// system call.

#ifndef DYMOD_DETAIL_RELOAD_PE_HPP
#define DYMOD_DETAIL_RELOAD_PE_HPP

#include <stdint.h>  // uint16_t, uint32_t, uint64_t
#include <string.h>  // memchr, memcmp, strcmp, strlen

// <dymod/detail/text.hpp>

// Text that grows: messages and paths. Not std::string, whose header alone would cost every file
// that includes dymod 90 ms. Without memory it keeps what it has: a message cut short beats none.

#ifndef DYMOD_DETAIL_TEXT_HPP
#define DYMOD_DETAIL_TEXT_HPP

#include <stddef.h>  // size_t
#include <stdlib.h>  // free, realloc
#include <string.h>  // memcpy, strlen

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text {
 public:
  text() noexcept = default;
  explicit text(const char* start) noexcept { *this << start; }
  text(text&& other) noexcept { swap(other); }
  text& operator=(text&& other) noexcept {
    swap(other);
    return *this;
  }
  text(const text&) = delete;
  text& operator=(const text&) = delete;
  ~text() { ::free(characters_); }

  /// Null-terminated, never null, owned by this object until it changes.
  [[nodiscard]] const char* c_str() const noexcept { return characters_ ? characters_ : ""; }
  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Gives the characters away; the caller frees them with ::free(). Null if there are none.
  [[nodiscard]] char* release() noexcept {
    char* characters = characters_;
    characters_ = nullptr;
    size_ = 0;
    capacity_ = 0;
    return characters;
  }

  void shorten(size_t size) noexcept {
    if (size >= size_) return;
    size_ = size;
    characters_[size] = '\0';
  }

  text& append(const char* characters, size_t count) noexcept {
    if (count >= capacity_ - size_ && !grow(size_ + count + 1)) return *this;
    ::memcpy(characters_ + size_, characters, count);
    size_ += count;
    characters_[size_] = '\0';
    return *this;
  }

  text& operator<<(const char* characters) noexcept {
    return append(characters, ::strlen(characters));
  }

  text& operator<<(const text& other) noexcept { return append(other.c_str(), other.size()); }

  text& operator<<(unsigned long long number) noexcept {
    char digits[20];
    size_t first = sizeof digits;
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return append(digits + first, sizeof digits - first);
  }

  text& operator<<(unsigned long number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

  text& operator<<(unsigned number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

 private:
  [[nodiscard]] bool grow(size_t wanted) noexcept {
    const size_t capacity = wanted * 2;
    void* grown = ::realloc(characters_, capacity);
    if (grown == nullptr) return false;
    characters_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return true;
  }

  void swap(text& other) noexcept {
    char* const characters = characters_;
    const size_t size = size_;
    const size_t capacity = capacity_;
    characters_ = other.characters_;
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.characters_ = characters;
    other.size_ = size;
    other.capacity_ = capacity;
  }

  char* characters_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What an image must be made for to be opened by this process.
struct pe_target {
  unsigned word_size;  // bytes: 4 or 8
  unsigned machine;    // IMAGE_FILE_MACHINE_…; 0: not known, any will do
};

class pe {
 public:
  explicit pe(bytes file) noexcept : file_(file) {
    if (file.size >= 64 && has_magic()) header_ = half_word(60);
  }

  /// Files with different ones are different builds.
  [[nodiscard]] static uint64_t fingerprint(bytes file) noexcept { return file.size; }

  /// Whether two files are the same build. Copies have the names of their own program databases in
  /// them.
  [[nodiscard]] static bool is_same(bytes one, bytes other) noexcept {
    if (one.size != other.size) return false;
    debug_file_name name;
    if (!pe(one).find_debug_file(name)) name = debug_file_name{};
    const uint64_t behind = name.offset + name.size;
    return ::memcmp(one.data, other.data, static_cast<size_t>(name.offset)) == 0 &&
           ::memcmp(one.data + behind, other.data + behind,
                    static_cast<size_t>(one.size - behind)) == 0;
  }

  /// @param why  what is wrong, unless complete; a clause without a subject
  [[nodiscard]] completeness check(const pe_target& target, text& why) noexcept {
    if (file_.size >= 2 && !may_become(0, "MZ", 2)) return not_this(why);
    if (file_.size < 64) {
      why << "has only " << file_.size << " bytes";
      return completeness::incomplete;
    }
    if (!has_magic()) {
      why << "begins with zeros";
      return completeness::incomplete;
    }
    if (!file_.holds(header_, optional_header_at + 2) || header_ == 0) {
      why << "ends inside its PE header";
      return completeness::incomplete;
    }
    if (!may_become(header_, "PE\0", 4)) return not_this(why);
    if (file_.data[header_ + 1] == 0 || machine() == 0 || section_count() == 0 ||
        optional_header_size() == 0 || quarter_word(header_ + 22) == 0 ||
        quarter_word(optional_header()) == 0) {
      why << "has zeros in its PE header";
      return completeness::incomplete;
    }
    if (!made_for(target, why)) return completeness::garbage;
    return headers_inside(why) && sections_inside(why) && tables_filled(why)
               ? completeness::complete
               : completeness::incomplete;
  }

  /// Finds the bytes of a symbol that this file exports, up to the end of its section: the format
  /// does not know where they end. Call after check() only.
  [[nodiscard]] bool find_symbol(const char* name, bytes& content) const noexcept {
    uint64_t address = 0;
    if (!find_export(name, address)) return false;
    content = is_forwarded(address) ? bytes{} : content_from(address);
    return true;
  }

  /// Finds a function that this file exports. Call after check() only.
  /// @param address  of it, as the file counts
  /// @returns false, too, for what is another library's
  [[nodiscard]] bool find_function(const char* name, uint64_t& address) const noexcept {
    return find_export(name, address) && !is_forwarded(address) &&
           (section_holding(address).flags & section_executable) != 0;
  }

  /// Whether the name of a library begins so, in any case.
  [[nodiscard]] static bool begins_with(const char* name, const char* prefix) noexcept {
    for (size_t i = 0; prefix[i] != '\0'; ++i) {
      if (in_lower_case(name[i]) != in_lower_case(prefix[i])) return false;
    }
    return true;
  }

  /// The first needed library whose name `matches`; null if there is none. Any bytes will do.
  template <class Matches> [[nodiscard]] const char* find_needed(Matches matches) const noexcept {
    const directory imports = directory_at(directory_imports);
    for (uint64_t done = 0; done + 20 <= imports.size; done += 20) {
      const uint64_t name_at = half_word_at_address(imports.address + done + 12);
      if (name_at == 0) return nullptr;  // the end of the list
      const char* const name = string_at_address(name_at);
      if (name != nullptr && matches(name)) return name;
    }
    return nullptr;
  }

  /// Likewise: the one that is `file_name`.
  [[nodiscard]] const char* needs_file(const char* file_name) const noexcept {
    return find_needed([&](const char* name) {
      return begins_with(name, file_name) && ::strlen(name) == ::strlen(file_name);
    });
  }

  /// One object for all libraries of the process: there is no such thing here.
  template <class Matters> [[nodiscard]] const char* find_unique(Matters) const noexcept {
    return nullptr;
  }

  /// Whether threads have objects of this library.
  [[nodiscard]] bool has_thread_local() const noexcept {
    return directory_at(directory_thread_local).size != 0;
  }

  /// Every library gets a place for them.
  [[nodiscard]] bool has_static_thread_local() const noexcept { return false; }

  struct open_reference {
    uint64_t place;
    uint64_t wanted;
    const char* name;
  };

  /// Nobody takes the place of what a file defines: there are none.
  template <class Visit> void for_each_open_reference(Visit) const noexcept {}

  /// The name of the program database (PDB) that a debugger looks for.
  struct debug_file_name {
    const unsigned char* characters = nullptr;  // a null stands behind them
    uint64_t offset = 0;                        // in the file
    uint64_t size = 0;
  };

  [[nodiscard]] bool find_debug_file(debug_file_name& name) const noexcept {
    const directory debug = directory_at(directory_debug);
    for (uint64_t i = 0; i < debug.size / 28; ++i) {
      uint64_t entry = 0;
      if (!find_offset(debug.address + i * 28, 28, entry)) return false;
      const uint64_t size = half_word(entry + 16);
      const uint64_t offset = half_word(entry + 24);
      if (half_word(entry + 12) != debug_codeview || size <= 24 || !file_.holds(offset, size)) {
        continue;
      }
      // "RSDS", a GUID, a number, the name.
      const unsigned char* const characters = file_.data + offset + 24;
      const void* const end = ::memchr(characters, '\0', static_cast<size_t>(size - 24));
      if (::memcmp(file_.data + offset, "RSDS", 4) != 0 || end == nullptr) continue;
      name.characters = characters;
      name.offset = offset + 24;
      name.size = static_cast<uint64_t>(static_cast<const unsigned char*>(end) - characters);
      return true;
    }
    return false;
  }

  /// Where the section of that name (7 characters) of a loaded image begins; null if it has none.
  [[nodiscard]] static void* find_section_in_memory(void* image, const char* name) noexcept {
    auto* const base = static_cast<unsigned char*>(image);
    // The headers are in memory as they are in the file, whose length does not matter here.
    const pe loaded(bytes{base, ~uint64_t{0}});
    // Some that do not want to be read have wiped theirs out.
    if (loaded.header_ == 0 || ::memcmp(base + loaded.header_, "PE\0", 4) != 0) return nullptr;
    for (uint64_t i = 0; i < loaded.section_count(); ++i) {
      const uint64_t at = loaded.section_header(i);
      if (::memcmp(base + at, name, ::strlen(name) + 1) == 0) {
        return base + loaded.half_word(at + 12);
      }
    }
    return nullptr;
  }

 private:
  enum : uint32_t {
    optional_header_at = 24,  // behind the signature and the file header
    flag_library = 0x2000,
    magic_32 = 0x10b,
    magic_64 = 0x20b,
    directory_exports = 0,
    directory_imports = 1,
    directory_relocations = 5,
    directory_debug = 6,
    directory_thread_local = 9,
    section_executable = 0x20000000,
    debug_codeview = 2
  };

  struct section {
    uint64_t address;  // relative to the image
    uint64_t memory_size;
    uint64_t offset;
    uint64_t file_size;
    uint32_t flags;
  };

  struct directory {
    uint64_t address;
    uint64_t size;
  };

  [[nodiscard]] bool has_magic() const noexcept {
    return file_.size >= 2 && file_.data[0] == 'M' && file_.data[1] == 'Z';
  }

  // Whether these bytes are there, or zeros where they are not written yet.
  [[nodiscard]] bool may_become(uint64_t at, const char* wanted, unsigned count) const noexcept {
    for (unsigned i = 0; i < count; ++i) {
      const unsigned char found = file_.data[at + i];
      if (found != 0 && found != static_cast<unsigned char>(wanted[i])) return false;
    }
    return true;
  }

  [[nodiscard]] static completeness not_this(text& why) noexcept {
    why << "does not begin like a library";
    return completeness::garbage;
  }

  [[nodiscard]] uint64_t number(uint64_t at, unsigned size) const noexcept {
    uint64_t value = 0;
    if (!file_.holds(at, size)) return 0;
    for (unsigned i = 0; i < size; ++i) value = value << 8 | file_.data[at + size - 1 - i];
    return value;
  }
  [[nodiscard]] uint16_t quarter_word(uint64_t at) const noexcept {
    return static_cast<uint16_t>(number(at, 2));
  }
  [[nodiscard]] uint32_t half_word(uint64_t at) const noexcept {
    return static_cast<uint32_t>(number(at, 4));
  }

  [[nodiscard]] unsigned machine() const noexcept { return quarter_word(header_ + 4); }
  [[nodiscard]] uint64_t section_count() const noexcept { return quarter_word(header_ + 6); }
  [[nodiscard]] uint64_t optional_header_size() const noexcept {
    return quarter_word(header_ + 20);
  }
  [[nodiscard]] uint64_t optional_header() const noexcept { return header_ + optional_header_at; }
  [[nodiscard]] bool is_wide() const noexcept {
    return quarter_word(optional_header()) == magic_64;
  }

  [[nodiscard]] bool made_for(const pe_target& target, text& why) const noexcept {
    const unsigned magic = quarter_word(optional_header());
    const unsigned word_size = magic == magic_64 ? 8 : 4;
    if ((magic != magic_64 && magic != magic_32) || word_size != target.word_size ||
        (target.machine != 0 && machine() != target.machine)) {
      why << "is made for another processor (" << word_size * 8 << " bits, PE machine " << machine()
          << "; this program: " << target.word_size * 8 << " bits, PE machine " << target.machine
          << ")";
      return false;
    }
    if ((quarter_word(header_ + 22) & flag_library) == 0) {
      why << "is a PE file but not a library";
      return false;
    }
    return true;
  }

  [[nodiscard]] uint64_t section_header(uint64_t index) const noexcept {
    return optional_header() + optional_header_size() + index * 40;
  }

  [[nodiscard]] section section_at(uint64_t index) const noexcept {
    const uint64_t at = section_header(index);
    return {half_word(at + 12), half_word(at + 8), half_word(at + 20), half_word(at + 16),
            half_word(at + 36)};
  }

  // Of no section: one of no size.
  [[nodiscard]] section section_holding(uint64_t address) const noexcept {
    for (uint64_t i = 0; i < section_count(); ++i) {
      const section current = section_at(i);
      const uint64_t size = current.memory_size != 0 ? current.memory_size : current.file_size;
      if (address >= current.address && address - current.address < size) return current;
    }
    return section{};
  }

  // The bytes at an address, up to the end of what the file has of its section.
  [[nodiscard]] bytes content_from(uint64_t address) const noexcept {
    const section in = section_holding(address);
    const uint64_t inside = address - in.address;
    if (inside >= in.file_size || !file_.holds(in.offset, in.file_size)) return {};
    return {file_.data + in.offset + inside, in.file_size - inside};
  }

  [[nodiscard]] bool find_offset(uint64_t address, uint64_t size, uint64_t& offset) const noexcept {
    const bytes content = content_from(address);
    if (content.data == nullptr || content.size < size) return false;
    offset = static_cast<uint64_t>(content.data - file_.data);
    return true;
  }

  [[nodiscard]] uint32_t half_word_at_address(uint64_t address) const noexcept {
    uint64_t offset = 0;
    return find_offset(address, 4, offset) ? half_word(offset) : 0;
  }

  // Null-terminated; null if that cannot be relied on.
  [[nodiscard]] const char* string_at_address(uint64_t address) const noexcept {
    const bytes content = content_from(address);
    if (content.data == nullptr ||
        ::memchr(content.data, '\0', static_cast<size_t>(content.size)) == nullptr) {
      return nullptr;
    }
    return reinterpret_cast<const char*>(content.data);
  }

  [[nodiscard]] directory directory_at(unsigned index) const noexcept {
    const uint64_t count = half_word(optional_header() + (is_wide() ? 108 : 92));
    const uint64_t at = (is_wide() ? 112 : 96) + uint64_t{index} * 8;
    if (index >= count || at + 8 > optional_header_size()) return {};
    return {half_word(optional_header() + at), half_word(optional_header() + at + 4)};
  }

  [[nodiscard]] bool headers_inside(text& why) const noexcept {
    if (file_.holds(section_header(0), section_count() * 40) &&
        file_.holds(0, half_word(optional_header() + 60))) {
      return true;
    }
    why << "ends before its section headers";
    return false;
  }

  [[nodiscard]] bool sections_inside(text& why) const noexcept {
    for (uint64_t i = 0; i < section_count(); ++i) {
      const section current = section_at(i);
      if (current.address == 0) {
        why << "has a broken section " << i;
        return false;
      }
      if (current.file_size != 0 && !file_.holds(current.offset, current.file_size)) {
        why << "ends inside its section " << i;
        return false;
      }
    }
    return true;
  }

  // What linkers write all over the file, zeros where it was not written: the lists of exported
  // names and of needed libraries, and the relocations, which stand behind all other content.
  [[nodiscard]] bool tables_filled(text& why) const noexcept {
    const directory exports = directory_at(directory_exports);
    const directory imports = directory_at(directory_imports);
    const char* const own_name =
        exports.size != 0 ? string_at_address(half_word_at_address(exports.address + 12)) : "?";
    if (own_name == nullptr || own_name[0] == '\0') {
      why << "has no list of what it exports";
      return false;
    }
    // GNU ld's list of nothing has an entry, too, the last one, and nothing but zeros in it.
    const char* const needed =
        imports.size >= 40 ? string_at_address(half_word_at_address(imports.address + 12)) : "?";
    if (needed == nullptr || needed[0] == '\0') {
      why << "has no list of what it needs";
      return false;
    }
    const directory relocations = directory_at(directory_relocations);
    // One section has them all: there are many.
    const bytes blocks = content_from(relocations.address);
    for (uint64_t done = 0; done < relocations.size;) {
      uint64_t size = 0;
      if (blocks.holds(done, 8)) {
        size = half_word(static_cast<uint64_t>(blocks.data - file_.data) + done + 4);
      }
      if (size < 8 || size % 4 != 0) {
        why << "has relocations of no length";
        return false;
      }
      done += size;
    }
    return true;
  }

  // Whether the address is that of another library's name and symbol.
  [[nodiscard]] bool is_forwarded(uint64_t address) const noexcept {
    const directory exports = directory_at(directory_exports);
    return address >= exports.address && address - exports.address < exports.size;
  }

  [[nodiscard]] bool find_export(const char* name, uint64_t& address) const noexcept {
    const uint64_t exports = directory_at(directory_exports).address;
    uint64_t at = 0;
    if (exports == 0 || !find_offset(exports, 40, at)) return false;
    const uint64_t function_count = half_word(at + 20);
    const uint64_t name_count = half_word(at + 24);
    const uint64_t functions = half_word(at + 28);
    const uint64_t names = half_word(at + 32);
    const uint64_t ordinals = half_word(at + 36);
    // Sorted, in files that are what they say they are.
    uint64_t first = 0;
    uint64_t behind = name_count;
    while (first < behind) {
      const uint64_t middle = first + (behind - first) / 2;
      const char* const found = string_at_address(half_word_at_address(names + middle * 4));
      if (found == nullptr) return false;
      const int order = ::strcmp(name, found);
      if (order == 0) {
        uint64_t ordinal = 0;
        if (!find_offset(ordinals + middle * 2, 2, ordinal)) return false;
        const uint64_t index = quarter_word(ordinal);
        if (index >= function_count) return false;
        address = half_word_at_address(functions + index * 4);
        return address != 0;
      }
      if (order < 0) {
        behind = middle;
      } else {
        first = middle + 1;
      }
    }
    return false;
  }

  [[nodiscard]] static char in_lower_case(char character) noexcept {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  }

  bytes file_;
  uint64_t header_ = 0;  // where the PE header begins
};

}}  // namespace dymod::detail

#endif

#if defined(_MSC_VER)
#pragma comment(lib, "advapi32")  // dymod_detail_random
#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

struct windows {
  using image_format = pe;

  // --- paths

  /// A path as the system takes it. Longer than the system's usual limit, it gets the prefix that
  /// lifts it.
  class wide {
   public:
    explicit wide(const char* path) noexcept {
      const int size = static_cast<int>(::strlen(path)) + 1;
      wchar_t* const place = reserve(static_cast<size_t>(size));
      // What a compiler was given in the code page of the system need not be UTF-8.
      const auto convert = [&](unsigned code_page, unsigned long flags) noexcept {
        return ::MultiByteToWideChar(code_page, flags, path, size, place, size) != 0;
      };
      if (place == nullptr || (!convert(win32::utf8, win32::no_invalid_characters) &&
                               !convert(win32::code_page_of_system, 0))) {
        length_ = 0;
        data_ = small_;
        small_[0] = L'\0';
        return;
      }
      for (wchar_t* at = place; *at != L'\0'; ++at) {
        if (*at == L'/') *at = L'\\';
        ++length_;
      }
      if (length_ >= longest_plain) lengthen();
    }
    wide(const wide&) = delete;
    wide& operator=(const wide&) = delete;
    ~wide() {
      if (data_ != small_) ::free(data_);
    }

    [[nodiscard]] const wchar_t* c_str() const noexcept { return data_; }

   private:
    static constexpr size_t longest_plain = 240;  // directories: 248 with a short name behind

    [[nodiscard]] wchar_t* reserve(size_t size) noexcept {
      data_ = size <= sizeof small_ / sizeof *small_
                  ? small_
                  : static_cast<wchar_t*>(::malloc(size * sizeof *small_));
      return data_;
    }

    void lengthen() noexcept {
      const bool is_prefixed = length_ > 4 && data_[0] == L'\\' && data_[1] == L'\\' &&
                               (data_[2] == L'?' || data_[2] == L'.');
      if (is_prefixed) return;
      const unsigned long needed = ::GetFullPathNameW(data_, 0, nullptr, nullptr);
      // Room for "\\?\UNC\" in front.
      auto* const longer = static_cast<wchar_t*>(::malloc((needed + 9) * sizeof(wchar_t)));
      if (needed == 0 || longer == nullptr ||
          ::GetFullPathNameW(data_, needed, longer + 8, nullptr) >= needed) {
        ::free(longer);
        return;
      }
      const bool is_share = longer[8] == L'\\' && longer[9] == L'\\';
      // "\\server\share" -> "\\?\UNC\server\share", "C:\x" -> "\\?\C:\x"
      const wchar_t* const prefix = is_share ? L"\\\\?\\UNC\\" : L"\\\\?\\";
      wchar_t* const begin = is_share ? longer + 2 : longer + 4;
      ::memcpy(begin, prefix, (is_share ? 8 : 4) * sizeof(wchar_t));
      size_t length = 0;
      while (begin[length] != L'\0') ++length;
      if (data_ != small_) ::free(data_);
      data_ = longer;
      for (size_t i = 0; i <= length; ++i) data_[i] = begin[i];
      length_ = length;
    }

    wchar_t small_[512];
    wchar_t* data_ = small_;
    size_t length_ = 0;
  };

  static void append_utf8(text& to, const wchar_t* characters, size_t count) noexcept {
    char block[512];
    while (count > 0) {
      // At most 3 bytes a unit; never between the two halves of one character.
      size_t part = count < 170 ? count : 170;
      const wchar_t last = characters[part - 1];
      if (part < count && last >= 0xd800 && last < 0xdc00) --part;
      const int written = ::WideCharToMultiByte(win32::utf8, 0, characters, static_cast<int>(part),
                                                block, sizeof block, nullptr, nullptr);
      to.append(block, static_cast<size_t>(written));
      characters += part;
      count -= part;
    }
  }

  [[nodiscard]] static size_t directory_length(const char* path) noexcept {
    size_t length = 0;
    for (size_t i = 0; path[i] != '\0'; ++i) {
      if (is_separator(path[i]) || (i == 1 && path[i] == ':')) length = i + 1;
    }
    return length;
  }

  /// "C:\…", "\\server\…".
  [[nodiscard]] static bool is_absolute(const char* path) noexcept {
    if (is_separator(path[0])) return is_separator(path[1]);
    return path[0] != '\0' && path[1] == ':' && is_separator(path[2]);
  }

  /// "\…" is meant on the drive of the directory.
  static void append_relative(text& to, const char* path) noexcept {
    const bool has_drive = to.size() > 2 && to.c_str()[1] == ':';
    if (is_separator(path[0]) && !is_separator(path[1]) && has_drive) to.shorten(2);
    to << path;
  }

  // --- files

  class file {
   public:
    file() noexcept = default;
    explicit file(void* handle) noexcept : handle_(handle) {}
    // Only 32 bits of a handle are significant, also in 64-bit processes.
    explicit file(int number) noexcept
        : handle_(reinterpret_cast<void*>(static_cast<intptr_t>(number))) {}
    file(file&& other) noexcept : handle_(other.handle_) { other.handle_ = none(); }
    file& operator=(file&& other) noexcept {
      close();
      handle_ = other.handle_;
      other.handle_ = none();
      return *this;
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return handle_ != none(); }
    [[nodiscard]] void* handle() const noexcept { return handle_; }

    int release() noexcept {
      const auto number = static_cast<int>(reinterpret_cast<intptr_t>(handle_));
      handle_ = none();
      return number;
    }

    void close() noexcept {
      if (is_open()) ::CloseHandle(handle_);
      handle_ = none();
    }

   private:
    [[nodiscard]] static void* none() noexcept { return reinterpret_cast<void*>(intptr_t{-1}); }

    void* handle_ = none();
  };

  class view {
   public:
    view() noexcept = default;
    explicit view(bytes content) noexcept : content_(content) {}
    view(view&& other) noexcept : content_(other.content_) { other.content_ = bytes{}; }
    view& operator=(view&& other) noexcept {
      close();
      content_ = other.content_;
      other.content_ = bytes{};
      return *this;
    }
    view(const view&) = delete;
    view& operator=(const view&) = delete;
    ~view() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return content_.data != nullptr; }
    [[nodiscard]] bytes content() const noexcept { return content_; }

   private:
    void close() noexcept {
      if (content_.data != nullptr) ::UnmapViewOfFile(content_.data);
      content_ = bytes{};
    }

    bytes content_;
  };

  /// The key has the stamps (100 ns units) and the size. The file's id would need the file opened,
  /// which costs many times as much at every call; its time of creation tells two files of one name
  /// and one time of writing apart.
  [[nodiscard]] static bool look(const char* path, file_key& key) noexcept {
    const unsigned long error = ::GetLastError();
    win32::attribute_data found;
    bool known = get_attributes()(wide(path).c_str(), 0, &found) != 0;
    if (known && (found.attributes & win32::attribute_reparse_point) != 0) {
      // That was of a symbolic link itself.
      known = look(open(path, win32::read_attributes, win32::share_all, win32::open_existing,
                        win32::flag_backup_semantics),
                   key);
    } else if (known) {
      key = key_of(found.size_high, found.size_low, found.written, found.created);
    }
    ::SetLastError(error);
    return known;
  }

  [[nodiscard]] static bool look(const file& opened, file_key& key) noexcept {
    win32::file_information found;
    if (!information_of(opened, found)) return false;
    key = key_of(found.size_high, found.size_low, found.written, found.created);
    return true;
  }

  [[nodiscard]] static file open_to_read(const char* path) noexcept {
    return open(path, win32::generic_read, win32::share_all, win32::open_existing,
                win32::flag_backup_semantics);
  }

  [[nodiscard]] static file create(const char* path) noexcept {
    return open(path, win32::generic_read | win32::generic_write,
                win32::share_read | win32::share_delete, win32::create_new,
                win32::attribute_normal);
  }

  /// Nobody else can write the file meanwhile; it could have been renamed, and another put there.
  [[nodiscard]] static bool is_still(const char* path, const file& opened,
                                     const file_key& key) noexcept {
    const file there = open(path, win32::read_attributes, win32::share_all, win32::open_existing,
                            win32::flag_open_reparse_point);
    file_key now;
    return is_same_file(there, opened) && look(opened, now) && now.size == key.size;
  }

  [[nodiscard]] static bool is_same_file(const char* one, const char* other) noexcept {
    const auto open_any = [](const char* path) noexcept {
      return open(path, win32::read_attributes, win32::share_all, win32::open_existing,
                  win32::flag_backup_semantics);
    };
    return is_same_file(open_any(one), open_any(other));
  }

  [[nodiscard]] static bool is_regular(const file& opened) noexcept {
    win32::file_information found;
    return ::GetFileType(opened.handle()) == win32::file_type_disk &&
           information_of(opened, found) && (found.attributes & win32::attribute_directory) == 0;
  }

  enum class writers : unsigned char { none, some, unknown };

  /// Asked by opening the file once more without letting others write, for a moment.
  [[nodiscard]] static writers writers_of(const file& opened) noexcept {
    const file alone(::ReOpenFile(opened.handle(), win32::generic_read,
                                  win32::share_read | win32::share_delete, 0));
    if (alone.is_open()) return writers::none;
    return last_error() == win32::error_sharing_violation ? writers::some : writers::unknown;
  }

  [[nodiscard]] static bool copy(const file& from, const file& to) noexcept {
    unsigned char block[65536];
    if (!rewind(from) || !rewind(to)) return false;
    for (;;) {
      unsigned long got = 0;
      if (::ReadFile(from.handle(), block, sizeof block, &got, nullptr) == 0) return false;
      if (got == 0) return true;
      if (!write(to, block, got)) return false;
    }
  }

  /// The program database that the linker wrote gets a copy, and the copied library the name of
  /// that: Visual Studio locks the file whose name it finds there.
  [[nodiscard]] static bool separate_debug_file(const file& copy, const char* path, const pe& image,
                                                const text& debug_path) noexcept {
    pe::debug_file_name name;
    if (!image.find_debug_file(name)) return false;
    const char* const own_name = debug_path.c_str() + directory_length(debug_path.c_str());
    // In full if there is room for it; debuggers look beside the library, too.
    const char* const new_name = debug_path.size() <= name.size ? debug_path.c_str() : own_name;
    const size_t length = ::strlen(new_name);
    if (length > name.size) return false;
    const char* const old_name = reinterpret_cast<const char*>(name.characters);
    if (!copy_file(old_name, debug_path.c_str())) {
      text beside;
      beside.append(path, directory_length(path));
      beside << old_name + directory_length(old_name);
      if (!copy_file(beside.c_str(), debug_path.c_str())) return false;
    }
    text padded(new_name);
    for (uint64_t size = length; size < name.size; ++size) padded.append("", 1);
    if (padded.size() == name.size && seek(copy, name.offset) &&
        write(copy, padded.c_str(), padded.size())) {
      return true;
    }
    remove(debug_path.c_str());
    return false;
  }

  [[nodiscard]] static const char* debug_extension() noexcept { return ".pdb"; }

  /// A library that somebody has open for writing cannot be loaded.
  static void end_writing(file& written) noexcept {
    file reading(::ReOpenFile(written.handle(), win32::generic_read, win32::share_all, 0));
    // Wine opens what has the name now: is_still() will see that it is another file.
    if (!is_same_file(reading, written)) return;
    written.close();
    // Not open any more if somebody writes there meanwhile: is_still() will see that, too.
    written = file(::ReOpenFile(reading.handle(), win32::generic_read,
                                win32::share_read | win32::share_delete, 0));
  }

  [[nodiscard]] static view map(const file& opened) noexcept {
    file_key key;
    if (!look(opened, key) || key.size == 0) return view();
    void* const created =
        ::CreateFileMappingW(opened.handle(), nullptr, win32::page_read_only, 0, 0, nullptr);
    // Unlike other handles this one is null when there is none.
    if (created == nullptr) return view();
    const file mapping(created);
    const void* data = ::MapViewOfFile(mapping.handle(), win32::map_read, 0, 0, 0);
    return view(bytes{static_cast<const unsigned char*>(data), data != nullptr ? key.size : 0});
  }

  static void remove(const char* path) noexcept { ::DeleteFileW(wide(path).c_str()); }
  static void remove_directory(const char* path) noexcept {
    ::RemoveDirectoryW(wide(path).c_str());
  }

  /// Its rights are those of the directory above, which is the user's own.
  [[nodiscard]] static bool create_private_directory(const char* path) noexcept {
    return ::CreateDirectoryW(wide(path).c_str(), nullptr) != 0;
  }

  /// Whose it is the system asks when something is removed there.
  [[nodiscard]] static bool is_own_directory(const char* path) noexcept {
    return is_there(path, win32::attribute_directory);
  }

  [[nodiscard]] static bool may_execute_from(const file& /*opened*/) noexcept { return true; }

  static void append_temporary_directory(text& to) noexcept {
    wchar_t path[264];  // the longest that the system gives
    const unsigned long length = ::GetTempPathW(sizeof path / sizeof *path, path);
    append_utf8(to, path, length < sizeof path / sizeof *path ? length : 0);
  }

  template <class Visit> static void list_directory(const char* path, Visit visit) noexcept {
    text pattern(path);
    pattern << "*";
    win32::find_data found;
    auto* const place = reinterpret_cast<_WIN32_FIND_DATAW*>(&found);
    void* const search = ::FindFirstFileW(wide(pattern.c_str()).c_str(), place);
    if (!file_is_open(search)) return;
    do {
      size_t length = 0;
      while (found.name[length] != L'\0') ++length;
      text name;
      append_utf8(name, found.name, length);
      visit(name.c_str());
    } while (::FindNextFileW(search, place) != 0);
    ::FindClose(search);
  }

  // --- claims: a file that is there while its maker lives; the system removes it

  [[nodiscard]] static file claim(const char* path) noexcept {
    return open(path, win32::generic_write | win32::delete_access, win32::share_nothing,
                win32::create_new, win32::flag_delete_on_close);
  }

  [[nodiscard]] static bool is_claim(const file& opened) noexcept { return opened.is_open(); }

  [[nodiscard]] static file take_over(const char* path) noexcept {
    return open(path, win32::generic_write | win32::delete_access, win32::share_nothing,
                win32::open_existing, win32::flag_delete_on_close | win32::flag_open_reparse_point);
  }

  [[nodiscard]] static bool is_absent(const char* path) noexcept {
    return ::GetFileAttributesW(wide(path).c_str()) == win32::no_attributes &&
           means_absent(last_error());
  }

  [[nodiscard]] static bool is_own_file(const char* path) noexcept { return is_there(path, 0); }

  // --- libraries

  /// Libraries that it needs are looked for beside it. No box on the screen if one is missing.
  [[nodiscard]] static void* open_library(const char* path) noexcept {
    unsigned long before = 0;
    ::SetThreadErrorMode(win32::no_critical_error_box | win32::no_open_file_box, &before);
    win32::module_handle const opened =
        ::LoadLibraryExW(wide(path).c_str(), nullptr, win32::altered_search_path);
    const unsigned long error = ::GetLastError();
    ::SetThreadErrorMode(before, nullptr);
    ::SetLastError(error);
    return opened;
  }

  /// The system says that a library was not found, and does not say which.
  static void library_error(const char* path, text& words) noexcept {
    const int error = last_error();
    describe_error(error, words);
    if (error != win32::error_module_not_found) return;
    const file opened = open_to_read(path);
    const view content = opened.is_open() ? map(opened) : view();
    const pe library(content.content());
    text beside;
    beside.append(path, directory_length(path));
    const char* const missing = library.find_needed([&](const char* name) {
      text there(beside.c_str());
      if (is_contract(name)) return false;
      return !is_loaded(name) && is_absent((there << name).c_str()) && !is_on_search_path(name);
    });
    if (missing != nullptr) {
      words << "; it needs '" << missing << "', which is neither beside it nor on the search path";
    }
  }

  [[nodiscard]] static bool has_room_for(uint64_t size) noexcept {
    void* const room = ::VirtualAlloc(nullptr, static_cast<win32::size_type>(size),
                                      win32::memory_reserve, win32::page_no_access);
    if (room != nullptr) ::VirtualFree(room, 0, win32::memory_release);
    return room != nullptr;
  }

  using function_pointer = void (*)();

  [[nodiscard]] static function_pointer symbol(void* library, const char* name) noexcept {
    return reinterpret_cast<function_pointer>(::GetProcAddress(module_of(library), name));
  }

  [[nodiscard]] static function_pointer function_at(void* library, uint64_t address) noexcept {
    return reinterpret_cast<function_pointer>(reinterpret_cast<uintptr_t>(library) +
                                              static_cast<uintptr_t>(address));
  }

  [[nodiscard]] static const char* base_of(void* library) noexcept {
    return static_cast<const char*>(library);
  }

  static text& append_symbol(text& to, const char* symbol) noexcept { return to << symbol; }

  [[nodiscard]] static bool is_loaded(const char* name) noexcept {
    return ::GetModuleHandleW(wide(name).c_str()) != nullptr;
  }

  static void close_library(void* library) noexcept {
    static_cast<void>(::FreeLibrary(module_of(library)));
  }

  // --- binaries of this process: the program, and all libraries. Each that uses dymod has a
  // section of a name that nothing else has, with nothing in it but `own_binary`; the loader lists
  // sections in memory. Not an exported variable: a library of MinGW's that exports one thing by
  // name exports nothing else any more.

  static void be_found() noexcept {}

  [[nodiscard]] static void* first_binary() noexcept {
    static_cast<void>(get_attributes());  // not for the first time under the load lock
    void* found = nullptr;
    visit_binaries([&](win32::module_handle each) noexcept {
      win32::module_handle kept = nullptr;
      // Not there any more, if that fails: unloaded on another thread.
      const auto* const address = reinterpret_cast<const wchar_t*>(each);
      if (::GetModuleHandleExW(win32::handle_of_address, address, &kept) == 0) return false;
      found = binary_in(kept);
      if (found != nullptr) keep_library_of(found);
      ::FreeLibrary(kept);
      return found != nullptr;
    });
    return found;
  }

  [[nodiscard]] static void* binary_in(void* library) noexcept {
    return pe::find_section_in_memory(library, DYMOD_DETAIL_BINARY_SECTION);
  }

  static bool append_binary_name(text& to, const void* address) noexcept {
    wchar_t name[1024];  // a path in the kernel's terms
    const unsigned long length = ::K32GetMappedFileNameW(
        ::GetCurrentProcess(), const_cast<void*>(address), name, sizeof name / sizeof *name);
    append_utf8(to, name, length);
    return length != 0;
  }

  [[nodiscard]] static bool is_open_itself(const char* path) noexcept {
    const wide sought(path + directory_length(path));
    bool found = false;
    visit_binaries([&](win32::module_handle each) noexcept {
      text mapped;
      append_binary_name(mapped, each);
      const wide name(mapped.c_str() + directory_length(mapped.c_str()));
      if (::CompareStringOrdinal(name.c_str(), -1, sought.c_str(), -1, 1) != win32::compare_equal) {
        return false;
      }
      text path_of;
      append_path_of(path_of, each);
      found = is_same_file(path_of.c_str(), path);
      return found;
    });
    return found;
  }

  static void wait_for_libraries() noexcept {
    using lock = long(__stdcall*)(unsigned long, unsigned long*, uintptr_t*);
    using unlock = long(__stdcall*)(unsigned long, uintptr_t);
    void* const system = ::GetModuleHandleW(L"ntdll.dll");
    const auto enter = reinterpret_cast<lock>(symbol(system, "LdrLockLoaderLock"));
    const auto leave = reinterpret_cast<unlock>(symbol(system, "LdrUnlockLoaderLock"));
    uintptr_t cookie = 0;
    if (enter != nullptr && leave != nullptr && enter(0, nullptr, &cookie) == 0) leave(0, cookie);
  }

  static void keep_library_of(const void* address) noexcept {
    win32::module_handle kept = nullptr;
    static_cast<void>(::GetModuleHandleExW(win32::handle_of_address | win32::handle_pinned,
                                           static_cast<const wchar_t*>(address), &kept));
  }

  [[nodiscard]] static pe_target target() noexcept { return pe_target{sizeof(void*), machine()}; }

  /// "<name>.dll"
  static void append_library_name(text& to, const char* name) noexcept { to << name << ".dll"; }

  [[nodiscard]] static bool append_binary_directory(text& to, const void* address) noexcept {
    win32::memory_information found;
    if (::VirtualQuery(address, reinterpret_cast<_MEMORY_BASIC_INFORMATION*>(&found),
                       sizeof found) == 0) {
      return false;
    }
    text path;
    if (!append_path_of(path, module_of(found.allocation_base))) {
      if (last_error() != win32::error_module_not_found) return false;
      // In no binary. Never the current directory: rather a path where nothing is.
      path << "\\";
    }
    to.append(path.c_str(), directory_length(path.c_str()));
    return true;
  }

  // --- process and time

  [[nodiscard]] static uint32_t process_id() noexcept {
    return static_cast<uint32_t>(::GetCurrentProcessId());
  }

  [[nodiscard]] static uint32_t thread_id() noexcept {
    return static_cast<uint32_t>(::GetCurrentThreadId());
  }

  [[nodiscard]] static uint64_t monotonic() noexcept {
    uint64_t ticks = 0;
    uint64_t in_a_second = 0;
    ::QueryPerformanceCounter(reinterpret_cast<_LARGE_INTEGER*>(&ticks));
    ::QueryPerformanceFrequency(reinterpret_cast<_LARGE_INTEGER*>(&in_a_second));
    return ticks / in_a_second * 1000000000 + ticks % in_a_second * 1000000000 / in_a_second;
  }

  /// Some 16 ms coarse.
  [[nodiscard]] static uint64_t coarse_milliseconds() noexcept { return ::GetTickCount64(); }

  [[nodiscard]] static int64_t file_clock() noexcept {
    win32::file_time now;
    ::GetSystemTimeAsFileTime(reinterpret_cast<_FILETIME*>(&now));
    return nanoseconds_of(now);
  }

  static void sleep_milliseconds(unsigned milliseconds) noexcept { ::Sleep(milliseconds); }

  [[nodiscard]] static uint64_t random() noexcept {
    uint64_t number = 0;
    if (::dymod_detail_random(&number, sizeof number) == 0) {
      number = static_cast<uint64_t>(file_clock()) * 0x9e3779b97f4a7c15u ^ monotonic() ^
               reinterpret_cast<uintptr_t>(&number) ^ uint64_t { process_id() } << 32;
    }
    return number;
  }

  /// Not by quick_exit(), which not all C runtimes have.
  [[nodiscard]] static bool at_exit(void (*function)()) noexcept { return ::atexit(function) == 0; }

  /// A console is written to as such, whatever its code page; without any standard error the words
  /// go to the debugger.
  static void write_to_stderr(const char* characters, size_t count) noexcept {
    void* const output = ::GetStdHandle(win32::standard_error);
    unsigned long mode = 0;
    const bool is_console = ::GetConsoleMode(output, &mode) != 0;
    unsigned long written = 0;
    if (!is_console && output != nullptr && file_is_open(output)) {
      ::WriteFile(output, characters, static_cast<unsigned long>(count), &written, nullptr);
      return;
    }
    const int size = static_cast<int>(count);
    auto* const units = static_cast<wchar_t*>(::malloc((count + 1) * sizeof(wchar_t)));
    if (units == nullptr) return;
    const int length = ::MultiByteToWideChar(win32::utf8, 0, characters, size, units, size);
    units[length] = L'\0';
    if (is_console) {
      ::WriteConsoleW(output, units, static_cast<unsigned long>(length), &written, nullptr);
    } else {
      ::OutputDebugStringW(units);
    }
    ::free(units);
  }

  [[noreturn]] static void abort() noexcept { ::abort(); }

  /// While it lives, what the thread's last error was is remembered: a call to a module must not
  /// show that files were touched on the way.
  class quiet {
   public:
    quiet() noexcept : error_(errno), system_error_(::GetLastError()) {}
    quiet(const quiet&) = delete;
    quiet& operator=(const quiet&) = delete;
    ~quiet() {
      ::SetLastError(system_error_);
      errno = error_;
    }

   private:
    int error_;
    unsigned long system_error_;
  };

  // --- errors

  [[nodiscard]] static int last_error() noexcept { return static_cast<int>(::GetLastError()); }
  static void set_last_error(int error) noexcept {
    ::SetLastError(static_cast<unsigned long>(error));
  }
  [[nodiscard]] static bool means_absent(int error) noexcept {
    return error == win32::error_file_not_found || error == win32::error_path_not_found;
  }
  [[nodiscard]] static bool means_taken(int error) noexcept {
    return error == win32::error_file_exists || error == win32::error_already_exists;
  }
  [[nodiscard]] static bool means_in_use(int error) noexcept {
    return error == win32::error_sharing_violation;
  }

  /// In the user's language, without the line break at the end, and with the number.
  static void describe_error(int error, text& words) noexcept {
    wchar_t message[512];
    unsigned long length = ::FormatMessageW(
        win32::message_from_system | win32::message_ignore_inserts, nullptr,
        static_cast<unsigned long>(error), 0, message, sizeof message / sizeof *message, nullptr);
    while (length > 0 && (message[length - 1] <= L' ' || message[length - 1] == L'.')) --length;
    append_utf8(words, message, length);
    words << (length > 0 ? " (error " : "error ") << static_cast<unsigned>(error)
          << (length > 0 ? ")" : "");
  }

 private:
  // Calls `visit(module)` for each binary of the process until it returns true. As debuggers read
  // the list, without the lock of the system's loader: what is there may go at any moment.
  template <class Visit> static void visit_binaries(Visit visit) noexcept {
    unsigned failures = 0;
    size_t room = 256;
    for (;;) {
      unsigned long size = 0;
      auto* const all =
          static_cast<win32::module_handle*>(::malloc(room * sizeof(win32::module_handle)));
      const bool listed =
          all != nullptr &&
          ::K32EnumProcessModules(::GetCurrentProcess(), all,
                                  static_cast<unsigned long>(room * sizeof *all), &size) != 0;
      const size_t count = listed ? size / sizeof *all : 0;
      bool ended = false;
      for (size_t i = 0; i < count && i < room && !ended; ++i) ended = visit(all[i]);
      ::free(all);
      if (ended || (listed && count <= room) || failures == 20) return;
      if (listed) {
        room = count + 64;
        continue;
      }
      // Somebody is changing the list.
      ++failures;
      sleep_milliseconds(1);
    }
  }

  // Where the file of a binary is. As debuggers ask, too, if they are told: where the system's
  // loader is asked, older systems wait for its lock.
  static bool append_path_of(text& to, win32::module_handle binary) noexcept {
    for (unsigned long room = 512; room <= 65536; room *= 2) {
      auto* const path = static_cast<wchar_t*>(::malloc(room * sizeof(wchar_t)));
      if (path == nullptr) return false;
      unsigned long length = ::K32GetModuleFileNameExW(::GetCurrentProcess(), binary, path, room);
      if (length == 0) length = ::GetModuleFileNameW(binary, path, room);
      // Cut, the path fills the room but for one character at the end, or none.
      const bool all = length != 0 && length + 1 < room;
      if (all) append_utf8(to, path, length);
      ::free(path);
      if (all) return true;
      if (length == 0) return false;
    }
    return false;
  }

  // The name of a part of the system, in no file of that name: "api-ms-win-…", "ext-ms-…".
  [[nodiscard]] static bool is_contract(const char* name) noexcept {
    return ::strncmp(name, "api-ms-", 7) == 0 || ::strncmp(name, "ext-ms-", 7) == 0;
  }

  [[nodiscard]] static bool is_on_search_path(const char* name) noexcept {
    return ::SearchPathW(nullptr, wide(name).c_str(), nullptr, 0, nullptr, nullptr) != 0;
  }

  [[nodiscard]] static bool is_separator(char character) noexcept {
    return character == '\\' || character == '/';
  }

  [[nodiscard]] static bool file_is_open(void* handle) noexcept {
    return reinterpret_cast<intptr_t>(handle) != -1;
  }

  [[nodiscard]] static win32::module_handle module_of(void* library) noexcept {
    return static_cast<win32::module_handle>(library);
  }

  // Asked for by its name, because its second parameter is of an enumeration that only <windows.h>
  // can declare.
  using attributes_function = int(__stdcall*)(const wchar_t*, int, void*);
  [[nodiscard]] static attributes_function get_attributes() noexcept {
    static atomic<attributes_function> known{nullptr};
    attributes_function found = known.load_relaxed();
    if (found == nullptr) {
      void* const system = ::GetModuleHandleW(L"kernel32.dll");
      found = reinterpret_cast<attributes_function>(symbol(system, "GetFileAttributesExW"));
      known.store_relaxed(found);
    }
    return found;
  }

  [[nodiscard]] static file open(const char* path, unsigned long access, unsigned long share,
                                 unsigned long disposition, unsigned long flags) noexcept {
    return file(
        ::CreateFileW(wide(path).c_str(), access, share, nullptr, disposition, flags, nullptr));
  }

  [[nodiscard]] static bool information_of(const file& opened,
                                           win32::file_information& found) noexcept {
    return ::GetFileInformationByHandle(
               opened.handle(), reinterpret_cast<_BY_HANDLE_FILE_INFORMATION*>(&found)) != 0;
  }

  [[nodiscard]] static bool is_same_file(const file& one, const file& other) noexcept {
    win32::file_information first;
    win32::file_information second;
    return information_of(one, first) && information_of(other, second) &&
           first.volume == second.volume && first.index_high == second.index_high &&
           first.index_low == second.index_low;
  }

  // Something of that kind, and no link to one.
  [[nodiscard]] static bool is_there(const char* path, unsigned long kind) noexcept {
    const unsigned long found = ::GetFileAttributesW(wide(path).c_str());
    return found != win32::no_attributes &&
           (found & (win32::attribute_directory | win32::attribute_reparse_point)) == kind;
  }

  [[nodiscard]] static bool copy_file(const char* from, const char* to) noexcept {
    return is_absolute(from) && ::CopyFileW(wide(from).c_str(), wide(to).c_str(), 1) != 0;
  }

  [[nodiscard]] static bool seek(const file& in, uint64_t offset) noexcept {
    long high = static_cast<long>(offset >> 32);
    ::SetLastError(0);
    // The result alone could be an offset.
    static_cast<void>(::SetFilePointer(in.handle(), static_cast<long>(offset), &high, 0));
    return ::GetLastError() == 0;
  }
  [[nodiscard]] static bool rewind(const file& in) noexcept { return seek(in, 0); }

  [[nodiscard]] static bool write(const file& to, const void* data, size_t size) noexcept {
    unsigned long written = 0;
    return ::WriteFile(to.handle(), data, static_cast<unsigned long>(size), &written, nullptr) !=
               0 &&
           written == size;
  }

  [[nodiscard]] static int64_t nanoseconds_of(const win32::file_time& time) noexcept {
    constexpr int64_t from_1601_to_1970 = 116444736000000000;  // 100 ns
    const auto since_1601 = static_cast<int64_t>(uint64_t{time.high} << 32 | time.low);
    return (since_1601 - from_1601_to_1970) * 100;
  }

  [[nodiscard]] static file_key key_of(unsigned long size_high, unsigned long size_low,
                                       const win32::file_time& written,
                                       const win32::file_time& created) noexcept {
    file_key key;
    key.size = uint64_t{size_high} << 32 | size_low;
    key.modified = nanoseconds_of(written);
    key.changed = nanoseconds_of(created);
    return key;
  }

  // IMAGE_FILE_MACHINE_… of this process; 0 for processors not tried.
  [[nodiscard]] static unsigned machine() noexcept {
#if defined(_M_X64) || defined(__x86_64__)
    return 0x8664;
#elif defined(_M_IX86) || defined(__i386__)
    return 0x14c;
#elif defined(_M_ARM64) || defined(__aarch64__)
    return 0xaa64;
#else
    return 0;
#endif
  }
};

}}}  // namespace dymod::detail::os

#endif
#else
// <dymod/detail/os/posix.hpp>

// POSIX systems: Linux, with what it does better, and macOS, with what it lacks. Every system call
// of dymod is in this folder. The functions are the contract that each platform fulfils; the steps
// of a reload take the platform as a template parameter, so that a test can derive from this one
// and let any call fail.
//
// None of them throws. Those that can fail for a reason worth telling leave it in errno;
// describe_error() turns it into words.

#ifndef DYMOD_DETAIL_OS_POSIX_HPP
#define DYMOD_DETAIL_OS_POSIX_HPP

#include <cxxabi.h>    // __cxa_demangle
#include <dirent.h>    // opendir, readdir
#include <dlfcn.h>     // dladdr, dlopen, dlsym
#include <errno.h>     // errno
#include <fcntl.h>     // fcntl, open, F_SETLEASE
#include <limits.h>    // PATH_MAX
#include <pthread.h>   // pthread_setcancelstate, pthread_threadid_np
#include <signal.h>    // SIGURG
#include <stdint.h>    // int64_t, uint64_t
#include <stdio.h>     // fgets, fopen
#include <stdlib.h>    // abort, atexit, free, getenv, malloc, strtoull
#include <string.h>    // memcpy, strchr, strerror_r
#include <sys/file.h>  // flock
#include <sys/mman.h>  // mmap
#include <sys/stat.h>  // fstat, stat
#include <time.h>      // clock_gettime, nanosleep
#include <unistd.h>    // getentropy, getpid, issetugid, pread, write
#if defined(__linux__)
#include <sys/auxv.h>     // getauxval
#include <sys/statvfs.h>  // fstatvfs, ST_NOEXEC
#include <sys/syscall.h>  // SYS_gettid

// <dymod/detail/os/elf_note.hpp>

// What systems with ELF tell of the binaries of a process, and how those find each other: each that
// uses dymod carries a note, which says where in it `own_binary` is (state/process.hpp), as a
// distance from the note itself: good before the system has relocated anything. The note's type is
// the number of the layout of what is there, so that binaries built with different versions of
// dymod leave each other alone.
//
// The note is written by carry(), which whoever looks for notes or lists a caller calls first, and
// referred to from there, else --gc-sections drops it. One per translation unit, not in a COMDAT
// group: with a group some of lld's and mold's ways to optimise at link time lose the symbol
// (tried: bfd, gold, lld 14 and mold 1.10, with and without -flto, -flto=thin and --gc-sections).

#ifndef DYMOD_DETAIL_OS_ELF_NOTE_HPP
#define DYMOD_DETAIL_OS_ELF_NOTE_HPP

#include <dlfcn.h>   // dlinfo
#include <link.h>    // dl_iterate_phdr, link_map
#include <stddef.h>  // size_t
#include <stdint.h>  // int32_t, uint32_t, uintptr_t
#include <string.h>  // memcmp, memcpy, strcmp

// <dymod/detail/text.hpp>

// Text that grows: messages and paths. Not std::string, whose header alone would cost every file
// that includes dymod 90 ms. Without memory it keeps what it has: a message cut short beats none.

#ifndef DYMOD_DETAIL_TEXT_HPP
#define DYMOD_DETAIL_TEXT_HPP

#include <stddef.h>  // size_t
#include <stdlib.h>  // free, realloc
#include <string.h>  // memcpy, strlen

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text {
 public:
  text() noexcept = default;
  explicit text(const char* start) noexcept { *this << start; }
  text(text&& other) noexcept { swap(other); }
  text& operator=(text&& other) noexcept {
    swap(other);
    return *this;
  }
  text(const text&) = delete;
  text& operator=(const text&) = delete;
  ~text() { ::free(characters_); }

  /// Null-terminated, never null, owned by this object until it changes.
  [[nodiscard]] const char* c_str() const noexcept { return characters_ ? characters_ : ""; }
  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Gives the characters away; the caller frees them with ::free(). Null if there are none.
  [[nodiscard]] char* release() noexcept {
    char* characters = characters_;
    characters_ = nullptr;
    size_ = 0;
    capacity_ = 0;
    return characters;
  }

  void shorten(size_t size) noexcept {
    if (size >= size_) return;
    size_ = size;
    characters_[size] = '\0';
  }

  text& append(const char* characters, size_t count) noexcept {
    if (count >= capacity_ - size_ && !grow(size_ + count + 1)) return *this;
    ::memcpy(characters_ + size_, characters, count);
    size_ += count;
    characters_[size_] = '\0';
    return *this;
  }

  text& operator<<(const char* characters) noexcept {
    return append(characters, ::strlen(characters));
  }

  text& operator<<(const text& other) noexcept { return append(other.c_str(), other.size()); }

  text& operator<<(unsigned long long number) noexcept {
    char digits[20];
    size_t first = sizeof digits;
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return append(digits + first, sizeof digits - first);
  }

  text& operator<<(unsigned long number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

  text& operator<<(unsigned number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

 private:
  [[nodiscard]] bool grow(size_t wanted) noexcept {
    const size_t capacity = wanted * 2;
    void* grown = ::realloc(characters_, capacity);
    if (grown == nullptr) return false;
    characters_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return true;
  }

  void swap(text& other) noexcept {
    char* const characters = characters_;
    const size_t size = size_;
    const size_t capacity = capacity_;
    characters_ = other.characters_;
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.characters_ = characters;
    other.size_ = size;
    other.capacity_ = capacity;
  }

  char* characters_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

extern const unsigned char own_note[] __asm__("dymod_note");

class elf_note {
 public:
  /// Puts the note into this binary.
  static void carry() noexcept {
    __asm__ volatile(
        ".ifndef dymod_note\n"
        ".pushsection .note.dymod,\"a\",%%note\n"
        ".weak dymod_note\n"
        ".hidden dymod_note\n"
        ".balign 4\n"
        "dymod_note:\n"
        ".long 6, 4, " DYMOD_DETAIL_QUOTE(DYMOD_DETAIL_BINARY_LAYOUT) "\n"
        ".asciz \"dymod\"\n"
        ".balign 4\n"
        ".long " DYMOD_DETAIL_BINARY_SYMBOL " - .\n"
        ".popsection\n"
        ".endif\n"
        :
        : "r"(own_note));
  }

  /// The first binary with a note, in the order in which the system loaded them.
  struct first {
    void* place = nullptr;  // that its note names
    text name;              // what the system knows it as; empty: it is the program
  };
  [[nodiscard]] static first find_first() noexcept {
    search wanted{nullptr, {}};
    static_cast<void>(::dl_iterate_phdr(&visit, &wanted));
    return static_cast<first&&>(wanted.found);
  }

  /// @returns what the note of a library that dlopen() opened names; null if it has none
  [[nodiscard]] static void* find_in(void* library) noexcept {
    const ::link_map* const map = map_of(library);
    if (map == nullptr) return nullptr;
    search wanted{map, {}};
    static_cast<void>(::dl_iterate_phdr(&visit, &wanted));
    return wanted.found.place;
  }

  /// Where the address 0 of a library's file is. Waits for nobody.
  /// @returns false if the system does not tell
  [[nodiscard]] static bool find_base(void* library, uintptr_t& base) noexcept {
    const ::link_map* const map = map_of(library);
    if (map == nullptr) return false;
    base = static_cast<uintptr_t>(map->l_addr);
    return true;
  }

  /// What the system knows the binary that holds the address as; nothing for the program. Waits for
  /// nobody.
  /// @returns false if no binary does
  static bool append_name(text& to, const void* address) noexcept {
    struct search {
      uintptr_t address;
      text& name;
    } wanted{reinterpret_cast<uintptr_t>(address), to};
    return ::dl_iterate_phdr(
               [](::dl_phdr_info* each, size_t, void* sought) noexcept {
                 const search& is = *static_cast<search*>(sought);
                 if (!holds(*each, is.address)) return 0;
                 is.name << each->dlpi_name;
                 return 1;
               },
               &wanted) != 0;
  }

  /// The binary that holds an address. For signal handlers: takes no memory.
  struct holder {
    bool is_program = false;
    void* place = nullptr;  // that its note names
    uintptr_t base = 0;     // where the address 0 of its file is
  };
  [[nodiscard]] static holder holder_of(const void* address) noexcept {
    struct search {
      uintptr_t address;
      holder found;
    } wanted{reinterpret_cast<uintptr_t>(address), {}};
    static_cast<void>(::dl_iterate_phdr(
        [](::dl_phdr_info* each, size_t, void* sought) noexcept {
          search& is = *static_cast<search*>(sought);
          if (!holds(*each, is.address)) return 0;
          is.found.is_program = each->dlpi_name[0] == '\0';
          is.found.place = place_in(*each);
          is.found.base = static_cast<uintptr_t>(each->dlpi_addr);
          return 1;
        },
        &wanted));
    return wanted.found;
  }

  /// Whether `matches(name)` is true for what the system knows a binary as. Waits for nobody.
  template <class Matches> [[nodiscard]] static bool any_name(Matches matches) noexcept {
    return ::dl_iterate_phdr(
               [](::dl_phdr_info* each, size_t, void* asked) noexcept {
                 return (*static_cast<Matches*>(asked))(each->dlpi_name) ? 1 : 0;
               },
               &matches) != 0;
  }

 private:
  // What the system's loader knows of a library; null: nothing. Waits for nobody.
  [[nodiscard]] static const ::link_map* map_of(void* library) noexcept {
    ::link_map* map = nullptr;
    return ::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map : nullptr;
  }

  [[nodiscard]] static bool holds(const ::dl_phdr_info& binary, uintptr_t address) noexcept {
    for (size_t i = 0; i < binary.dlpi_phnum; ++i) {
      const auto& segment = binary.dlpi_phdr[i];
      const auto start = static_cast<uintptr_t>(binary.dlpi_addr + segment.p_vaddr);
      if (segment.p_type == PT_LOAD && address - start < segment.p_memsz) return true;
    }
    return false;
  }

  struct search {
    const ::link_map* only;
    first found;
  };

  static int visit(::dl_phdr_info* each, size_t, void* sought) noexcept {
    search& wanted = *static_cast<search*>(sought);
    if (wanted.only != nullptr && (each->dlpi_addr != wanted.only->l_addr ||
                                   ::strcmp(each->dlpi_name, wanted.only->l_name) != 0)) {
      return 0;
    }
    wanted.found.place = place_in(*each);
    if (wanted.found.place == nullptr) return 0;
    wanted.found.name << each->dlpi_name;
    return 1;
  }

  [[nodiscard]] static void* place_in(const ::dl_phdr_info& binary) noexcept {
    void* place = nullptr;
    for (size_t i = 0; i < binary.dlpi_phnum && place == nullptr; ++i) {
      const auto& segment = binary.dlpi_phdr[i];
      if (segment.p_type == PT_NOTE) {
        place = find_between(start_of(binary, segment), segment.p_memsz);
      }
    }
    return place != nullptr ? find_mark(binary, place) : nullptr;
  }

  // Not only where the note leads: patchelf moves notes, and does not know what they are about.
  [[nodiscard]] static void* find_mark(const ::dl_phdr_info& binary, void* told) noexcept {
    const auto wanted = reinterpret_cast<uintptr_t>(told);
    for (size_t i = 0; i < binary.dlpi_phnum; ++i) {
      const uint64_t size = marked_size(binary.dlpi_phdr[i]);
      const auto start = reinterpret_cast<uintptr_t>(start_of(binary, binary.dlpi_phdr[i]));
      if (wanted - start < size && is_marked(static_cast<unsigned char*>(told))) return told;
    }
    for (size_t i = 0; i < binary.dlpi_phnum; ++i) {
      const uint64_t size = marked_size(binary.dlpi_phdr[i]);
      unsigned char* const start = start_of(binary, binary.dlpi_phdr[i]);
      const size_t aligned = alignof(void*) - reinterpret_cast<uintptr_t>(start) % alignof(void*);
      for (uint64_t at = aligned % alignof(void*); at < size; at += alignof(void*)) {
        if (is_marked(start + at)) return start + at;
      }
    }
    return nullptr;
  }

  // In how much of a segment's beginning a mark may begin.
  [[nodiscard]] static uint64_t marked_size(const ElfW(Phdr) & segment) noexcept {
    const bool may_hold = segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0;
    return may_hold && segment.p_filesz >= sizeof mark ? segment.p_filesz - sizeof mark + 1 : 0;
  }

  // AddressSanitizer would complain of what lies between variables.
  [[nodiscard]] __attribute__((no_sanitize("address"))) static bool is_marked(
      const unsigned char* at) noexcept {
    for (size_t i = 0; i < sizeof mark; ++i) {
      if (at[i] != static_cast<unsigned char>(mark[i])) return false;
    }
    return true;
  }

  static constexpr char mark[] = DYMOD_DETAIL_BINARY_MARK;

  [[nodiscard]] static unsigned char* start_of(const ::dl_phdr_info& binary,
                                               const ElfW(Phdr) & segment) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the system tells addresses as numbers
    return reinterpret_cast<unsigned char*>(binary.dlpi_addr + segment.p_vaddr);
  }

  // Looked for by its bytes, not from note to note: mold 1.10 puts notes of alignment 4 and 8 into
  // one segment, whose padding then tells nothing.
  [[nodiscard]] static void* find_between(unsigned char* at, uint64_t size) noexcept {
    struct {
      uint32_t name_size = 6;
      uint32_t content_size = 4;
      uint32_t type = DYMOD_DETAIL_BINARY_LAYOUT;
      char name[8] = "dymod";
    } const head;
    int32_t distance = 0;
    for (; size >= sizeof head + sizeof distance; at += 4, size -= 4) {
      if (::memcmp(at, &head, sizeof head) != 0) continue;
      ::memcpy(&distance, at + sizeof head, sizeof distance);
      return at + sizeof head + distance;
    }
    return nullptr;
  }
};

}}}  // namespace dymod::detail::os

#endif
// <dymod/detail/reload/elf.hpp>

// ELF images read as bytes: is the file complete, where is a symbol's content, which libraries does
// it need. Both word sizes and both byte orders. Any bytes are safe input: every offset is checked
// before it is used. Names and numbers are those of the System V ABI, chapters 4 and 5. No system
// header, no system call.
//
// The checks are those that left no crash among all truncations and zeroed tails of libraries from
// four linkers; random damage inside a file cannot be seen by structure.

#ifndef DYMOD_DETAIL_RELOAD_ELF_HPP
#define DYMOD_DETAIL_RELOAD_ELF_HPP

#include <stddef.h>  // size_t
#include <stdint.h>  // uint8_t, uint16_t, uint32_t, uint64_t
#include <string.h>  // memcmp, memcpy, strcmp, strlen, strncmp, strrchr

// <dymod/detail/reload/bytes.hpp>

// A piece of a file in memory, and what the check of an image format answers about it.

#ifndef DYMOD_DETAIL_RELOAD_BYTES_HPP
#define DYMOD_DETAIL_RELOAD_BYTES_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // memcpy

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct bytes {
  const unsigned char* data = nullptr;
  uint64_t size = 0;

  /// Whether `count` bytes at `offset` are inside; right for any two numbers.
  [[nodiscard]] bool holds(uint64_t offset, uint64_t count) const noexcept {
    return offset <= size && count <= size - offset;
  }
};

enum class completeness : unsigned char {
  complete,
  incomplete,  // the beginning of a library, or not yet that
  garbage      // never to become a library of this system and processor
};

/// A number that tells most files from others of the same size: FNV-1a, by words.
[[nodiscard]] inline uint64_t fingerprint_of_beginning(bytes file, uint64_t size) noexcept {
  const uint64_t end = file.size < size ? file.size : size;
  uint64_t sum = file.size ^ uint64_t { 14695981039346656037u };
  for (uint64_t at = 0; at + sizeof sum <= end; at += sizeof sum) {
    uint64_t word = 0;
    ::memcpy(&word, file.data + at, sizeof word);
    sum = (sum ^ word) * uint64_t{1099511628211u};
  }
  return sum;
}

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What an image must be made for to be opened by this process.
struct elf_target {
  unsigned word_size;  // bytes: 4 or 8
  bool big_endian;
  unsigned machine;  // e_machine; 0: not known, any will do
};

class elf {
 public:
  explicit elf(bytes file) noexcept : file_(file) {
    if (!has_magic()) return;
    wide_ = file.data[4] == 2;
    big_endian_ = file.data[5] == 2;
    const uint16_t one = 1;
    const bool lowest_first = *reinterpret_cast<const unsigned char*>(&one) == 1;
    swapped_ = big_endian_ == lowest_first;
  }

  /// Files with different ones are different builds. A linker that makes a build id writes it near
  /// the beginning.
  [[nodiscard]] static uint64_t fingerprint(bytes file) noexcept {
    return fingerprint_of_beginning(file, 4096);
  }

  /// Whether two files are the same build.
  [[nodiscard]] static bool is_same(bytes one, bytes other) noexcept {
    return one.size == other.size &&
           ::memcmp(one.data, other.data, static_cast<size_t>(one.size)) == 0;
  }

  /// @param why  what is wrong, unless complete; a clause without a subject
  [[nodiscard]] completeness check(const elf_target& target, text& why) noexcept {
    if (file_.size < 6) {
      why << "has only " << file_.size << " bytes";
      return completeness::incomplete;
    }
    if (!has_magic()) {
      for (unsigned i = 0; i < 4; ++i) {
        if (file_.data[i] == 0 || file_.data[i] == magic()[i]) continue;
        why << "does not begin like a shared library";
        return completeness::garbage;
      }
      why << "begins with zeros";
      return completeness::incomplete;
    }
    if (file_.size < header_size()) {
      why << "ends inside its ELF header";
      return completeness::incomplete;
    }
    if (file_.data[4] == 0 || file_.data[5] == 0 || quarter_word(16) == 0 ||
        quarter_word(18) == 0) {
      why << "has zeros in its ELF header";
      return completeness::incomplete;
    }
    if (!made_for(target, why)) return completeness::garbage;
    if (!segments_inside(why) || !sections_inside(why)) return completeness::incomplete;
    find_sections();
    if (hides_undefined_symbol()) {
      why << "lacks a hidden symbol, as what a failed link leaves does";
      return completeness::incomplete;
    }
    if (unfinished_build_id()) {
      why << "has a build id of zeros, which linkers fill in last";
      return completeness::incomplete;
    }
    return completeness::complete;
  }

  /// Finds the bytes of a dynamic symbol that this file defines. Call after check() only.
  /// @param content  the bytes, inside the file; no bytes for a symbol without content
  /// @returns whether the symbol is defined here
  [[nodiscard]] bool find_symbol(const char* name, bytes& content) const noexcept {
    const uint64_t at = find_entry(name);
    if (at == 0) return false;
    content = content_at(word(at + (wide_ ? 8 : 4)), word(at + (wide_ ? 16 : 8)));
    return true;
  }

  /// Finds a function that this file defines. Call after check() only.
  /// @param address  of it, as the file counts
  /// @returns false, too, for what is a function only after the system has asked it (STT_GNU_IFUNC)
  [[nodiscard]] bool find_function(const char* name, uint64_t& address) const noexcept {
    const uint64_t at = find_entry(name);
    if (at == 0 || (byte(at + (wide_ ? 4 : 12)) & 15) != symbol_function) return false;
    address = word(at + (wide_ ? 8 : 4));
    return true;
  }

  /// Whether the name of a library begins so.
  [[nodiscard]] static bool begins_with(const char* name, const char* prefix) noexcept {
    return ::strncmp(name, prefix, ::strlen(prefix)) == 0;
  }

  /// The first needed library whose name `matches`; null if there is none. Call after check() only.
  template <class Matches> [[nodiscard]] const char* find_needed(Matches matches) const noexcept {
    const section strings = section_at(dynamic_.link);
    const char* found = nullptr;
    for_each_dynamic([&](uint64_t tag, uint64_t value) {
      const char* name = tag == tag_needed ? string_at(strings, value) : nullptr;
      if (name != nullptr && matches(name)) found = name;
      return found == nullptr;
    });
    return found;
  }

  /// Likewise: the one that is `file_name`, with or without a version behind it, in any directory.
  [[nodiscard]] const char* needs_file(const char* file_name) const noexcept {
    const size_t length = ::strlen(file_name);
    return find_needed([&](const char* name) {
      const char* slash = ::strrchr(name, '/');
      if (slash != nullptr) name = slash + 1;
      return ::strncmp(name, file_name, length) == 0 &&
             (name[length] == '\0' || name[length] == '.');
    });
  }

  /// A unique symbol (STB_GNU_UNIQUE) that this file defines: the system has one object for all
  /// libraries of the process that define it, and keeps its library for ever. Call after check()
  /// only.
  /// @param matters  asked with the name of each, until one does
  /// @returns its name; null if there is none
  template <class Matters> [[nodiscard]] const char* find_unique(Matters matters) const noexcept {
    const dynamic_symbols& symbols = symbols_;
    for (uint64_t i = 0; i < symbols.count; ++i) {
      if (binding_of(symbols, i) != binding_unique) continue;
      const symbol each = symbol_at(symbols, i);
      if (each.defined && each.name != nullptr && matters(each.name)) return each.name;
    }
    return nullptr;
  }

  /// Whether threads have objects of this library.
  [[nodiscard]] bool has_thread_local() const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      if (segment_at(i).type == segment_thread_local) return true;
    }
    return false;
  }

  /// Whether its thread-local objects need a place which the system has only little of, and never
  /// gives back (the models initial-exec and local-exec). Call after check() only.
  [[nodiscard]] bool has_static_thread_local() const noexcept {
    if (!has_thread_local()) return false;
    bool found = false;
    for_each_dynamic([&](uint64_t tag, uint64_t value) {
      found = found || (tag == tag_flags && (value & flag_static_thread_local) != 0);
      return !found;
    });
    // For AArch64 bfd does not say so: R_AARCH64_TLS_TPREL64.
    if (quarter_word(18) != 183) return found;
    for_each_relocation(symbols_, [&](const relocation& each) {
      found = found || each.type == 1030;
      return !found;
    });
    return found;
  }

  /// An entry of the library's global offset table, which only the system writes: with the address
  /// of something that this file defines, or of another binary's that has the same name.
  struct open_reference {
    uint64_t place;   // as the file counts
    uint64_t wanted;  // what it holds, also as the file counts, if the file's own is taken
    const char* name;
  };

  /// Calls `visit(const open_reference&)` for each of functions and objects, until it returns
  /// false. Call after check() only.
  template <class Visit> void for_each_open_reference(Visit visit) const noexcept {
    const dynamic_symbols& symbols = symbols_;
    segment within{};
    const unsigned machine = quarter_word(18);
    // Only that processor's pointers are looked for there.
    const segment offset_table = machine == machine_riscv ? find_offset_table() : segment{};
    const uint64_t word_size = wide_ ? 8 : 4;
    for_each_relocation(symbols, [&](const relocation& each) {
      if (each.symbol == 0 || each.symbol >= symbols.count) return true;
      if (!is_defined(symbols, each.symbol)) return true;
      // Others fill in an object's first value, and the library may have changed that since.
      const uint64_t place = word(each.at);
      const bool fills = fills_offset_table(machine, each.type) ||
                         (fills_pointer(each.type) && holds(offset_table, place, word_size));
      if (!fills) return true;
      const symbol named = symbol_at(symbols, each.symbol);
      const bool is_open = named.visibility == visibility_default &&
                           (named.binding == binding_global || named.binding == binding_weak);
      const bool has_address = named.type == symbol_function || named.type == symbol_object;
      if (!is_open || !has_address || named.name == nullptr) return true;
      // Section headers, which nobody else reads, may be wrong in a library that works.
      if (!holds(within, place, word_size)) within = find_loaded(place, word_size);
      if ((within.flags & may_read_and_write) != may_read_and_write) return true;
      return visit(open_reference{place, named.value, named.name});
    });
  }

 private:
  enum : uint32_t {
    section_null = 0,
    section_strtab = 3,
    section_rela = 4,
    section_dynamic = 6,
    section_note = 7,
    section_nobits = 8,
    section_rel = 9,
    section_dynsym = 11,
    segment_load = 1,
    segment_dynamic = 2,
    segment_thread_local = 7,
    may_read_and_write = 6,
    binding_global = 1,
    binding_weak = 2,
    binding_unique = 10,
    visibility_default = 0,
    visibility_internal = 1,
    visibility_hidden = 2,
    symbol_object = 1,
    symbol_function = 2,
    tag_needed = 1,
    tag_flags = 30,
    flag_static_thread_local = 0x10,
    type_shared = 3,
    note_build_id = 3,
    machine_riscv = 243
  };

  struct section {
    uint32_t name = 0;
    uint32_t type = 0;
    uint64_t offset = 0;
    uint64_t size = 0;
    uint32_t link = 0;
  };

  struct dynamic_symbols {
    uint64_t index;  // of the section
    uint64_t offset;
    uint64_t count;
    section names;
  };

  struct relocation {
    uint64_t at;  // its entry, whose first word is the place as the file counts
    uint64_t type;
    uint64_t symbol;  // its index
  };

  struct symbol {
    uint64_t type;
    uint64_t binding;
    uint64_t visibility;
    bool defined;
    uint64_t value;
    const char* name;  // null: not to be told
  };

  struct segment {
    uint32_t type;
    uint64_t offset;
    uint64_t address;
    uint64_t file_size;
    uint64_t memory_size;
    uint32_t flags;
  };

  [[nodiscard]] static const unsigned char* magic() noexcept {
    static constexpr unsigned char first_bytes[] = {0x7f, 'E', 'L', 'F'};
    return first_bytes;
  }

  [[nodiscard]] bool has_magic() const noexcept {
    return file_.size >= 6 && ::memcmp(file_.data, magic(), 4) == 0;
  }

  [[nodiscard]] uint64_t header_size() const noexcept { return wide_ ? 64 : 52; }

  // 0 where the file has none. Byte by byte takes three times as long, and big libraries have
  // 100,000 symbols.
  template <class Number> [[nodiscard]] Number number(uint64_t at) const noexcept {
    Number value = 0;
    if (!file_.holds(at, sizeof value)) return 0;
    ::memcpy(&value, file_.data + at, sizeof value);
    return swapped_ ? swap(value) : value;
  }

  template <class Number> [[nodiscard]] static Number swap(Number value) noexcept {
    Number swapped = 0;
    for (size_t i = 0; i < sizeof value; ++i) {
      swapped = static_cast<Number>(swapped << 8 | (value >> 8 * i & 0xff));
    }
    return swapped;
  }

  [[nodiscard]] unsigned byte(uint64_t at) const noexcept { return number<uint8_t>(at); }
  [[nodiscard]] uint16_t quarter_word(uint64_t at) const noexcept { return number<uint16_t>(at); }
  [[nodiscard]] uint32_t half_word(uint64_t at) const noexcept { return number<uint32_t>(at); }
  // A word of the file's class: 8 or 4 bytes.
  [[nodiscard]] uint64_t word(uint64_t at) const noexcept {
    return wide_ ? number<uint64_t>(at) : number<uint32_t>(at);
  }

  [[nodiscard]] bool made_for(const elf_target& target, text& why) const noexcept {
    const unsigned word_size = wide_ ? 8 : 4;
    const unsigned machine = quarter_word(18);
    if (word_size != target.word_size || big_endian_ != target.big_endian ||
        (target.machine != 0 && machine != target.machine)) {
      why << "is made for another processor (" << word_size * 8 << " bits, "
          << (big_endian_ ? "big" : "little") << " endian, ELF machine " << machine
          << "; this program: " << target.word_size * 8 << " bits, "
          << (target.big_endian ? "big" : "little") << " endian, ELF machine " << target.machine
          << ")";
      return false;
    }
    if (quarter_word(16) != type_shared) {
      why << "is an ELF file but not a shared library";
      return false;
    }
    return true;
  }

  [[nodiscard]] uint64_t segment_count() const noexcept { return quarter_word(wide_ ? 56 : 44); }

  [[nodiscard]] segment segment_at(uint64_t index) const noexcept {
    const uint64_t at = word(wide_ ? 32 : 28) + index * (wide_ ? 56 : 32);
    return {half_word(at),
            word(at + (wide_ ? 8 : 4)),
            word(at + (wide_ ? 16 : 8)),
            word(at + (wide_ ? 32 : 16)),
            word(at + (wide_ ? 40 : 20)),
            half_word(at + (wide_ ? 4 : 24))};
  }

  [[nodiscard]] bool segments_inside(text& why) const noexcept {
    const uint64_t count = segment_count();
    if (!file_.holds(word(wide_ ? 32 : 28), count * (wide_ ? 56 : 32))) {
      why << "ends before its program headers";
      return false;
    }
    for (uint64_t i = 0; i < count; ++i) {
      const segment current = segment_at(i);
      if (!file_.holds(current.offset, current.file_size)) {
        why << "ends inside its segment " << i;
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] uint64_t section_table() const noexcept { return word(wide_ ? 40 : 32); }
  [[nodiscard]] uint64_t section_header_size() const noexcept { return wide_ ? 64 : 40; }

  // More than 65,279 sections: the count stands in section 0's size, as the index of the names in
  // its link.
  [[nodiscard]] uint64_t section_count() const noexcept {
    const uint64_t count = quarter_word(wide_ ? 60 : 48);
    return count != 0 || section_table() == 0 ? count : header_at(0).size;
  }

  [[nodiscard]] uint64_t names_index() const noexcept {
    const uint64_t index = quarter_word(wide_ ? 62 : 50);
    return index != 0xffff ? index : header_at(0).link;
  }

  [[nodiscard]] section header_at(uint64_t index) const noexcept {
    const uint64_t at = section_table() + index * section_header_size();
    section result;
    result.name = half_word(at);
    result.type = half_word(at + 4);
    result.offset = word(at + (wide_ ? 24 : 16));
    result.size = word(at + (wide_ ? 32 : 20));
    result.link = half_word(at + (wide_ ? 40 : 24));
    return result;
  }

  [[nodiscard]] uint32_t type_of_section(uint64_t index) const noexcept {
    return half_word(section_table() + index * section_header_size() + 4);
  }

  // Index 0 means "none": what header 0 says is of no section, and nobody has checked it.
  [[nodiscard]] section section_at(uint64_t index) const noexcept {
    return index != 0 && index < section_count() ? header_at(index) : section{};
  }

  // Null-terminated; null if that cannot be relied on.
  [[nodiscard]] const char* string_at(const section& strings, uint64_t at) const noexcept {
    const bool is_table = strings.type == section_strtab && strings.size != 0 &&
                          file_.data[strings.offset + strings.size - 1] == '\0';
    if (!is_table || at >= strings.size) return nullptr;
    return reinterpret_cast<const char*>(file_.data + strings.offset + at);
  }

  // Until `visit(tag, value)` returns false.
  template <class Visit> void for_each_dynamic(Visit visit) const noexcept {
    const uint64_t entry_size = wide_ ? 16 : 8;
    for (uint64_t i = 0; i < dynamic_.size / entry_size; ++i) {
      const uint64_t at = dynamic_.offset + i * entry_size;
      const uint64_t tag = word(at);
      if (tag == 0 || !visit(tag, word(at + entry_size / 2))) return;
    }
  }

  // The first of each.
  void find_sections() noexcept {
    for (uint64_t i = section_count(); i-- > 1;) {
      const uint32_t type = type_of_section(i);
      if (type == section_dynamic) dynamic_ = header_at(i);
      if (type != section_dynsym) continue;
      const section table = header_at(i);
      symbols_ = {i, table.offset, table.size / symbol_size(), section_at(table.link)};
    }
  }

  // Those that the system carries out when it opens the library, until `visit(const relocation&)`
  // returns false.
  template <class Visit>
  void for_each_relocation(const dynamic_symbols& symbols, Visit visit) const noexcept {
    const uint64_t word_size = wide_ ? 8 : 4;
    const uint64_t sections = section_count();
    for (uint64_t i = 1; i < sections; ++i) {
      const uint32_t type = type_of_section(i);
      if (type != section_rela && type != section_rel) continue;
      const section table = header_at(i);
      if (table.link != symbols.index) continue;
      const uint64_t entry_size = word_size * (type == section_rela ? 3 : 2);
      for (uint64_t k = 0; k < table.size / entry_size; ++k) {
        const uint64_t at = table.offset + k * entry_size;
        const uint64_t info = word(at + word_size);
        const relocation each{at, info & (wide_ ? 0xffffffff : 0xff), info >> (wide_ ? 32 : 8)};
        if (!visit(each)) return;
      }
    }
  }

  [[nodiscard]] uint64_t symbol_size() const noexcept { return wide_ ? 24 : 16; }

  // Alone, since they are asked of each symbol of each library.
  [[nodiscard]] bool is_defined(const dynamic_symbols& in, uint64_t index) const noexcept {
    return quarter_word(in.offset + index * symbol_size() + (wide_ ? 6 : 14)) != 0;
  }
  [[nodiscard]] uint64_t visibility_of(const dynamic_symbols& in, uint64_t index) const noexcept {
    return byte(in.offset + index * symbol_size() + (wide_ ? 5 : 13)) & 3;
  }
  [[nodiscard]] uint64_t binding_of(const dynamic_symbols& in, uint64_t index) const noexcept {
    return byte(in.offset + index * symbol_size() + (wide_ ? 4 : 12)) >> 4;
  }

  [[nodiscard]] symbol symbol_at(const dynamic_symbols& in, uint64_t index) const noexcept {
    const uint64_t at = in.offset + index * symbol_size();
    return {byte(at + (wide_ ? 4 : 12)) & 15, binding_of(in, index),
            visibility_of(in, index),         is_defined(in, index),
            word(at + (wide_ ? 8 : 4)),       string_at(in.names, half_word(at))};
  }

  // Where a dynamic symbol that is defined here has its entry; 0: nowhere.
  [[nodiscard]] uint64_t find_entry(const char* name) const noexcept {
    const dynamic_symbols& symbols = symbols_;
    if (symbols.names.type != section_strtab) return 0;
    const size_t length = ::strlen(name) + 1;
    for (uint64_t i = 0; i < symbols.count; ++i) {
      const uint64_t at = symbols.offset + i * symbol_size();
      const uint64_t name_at = half_word(at);
      if (name_at > symbols.names.size || symbols.names.size - name_at < length) continue;
      if (::memcmp(file_.data + symbols.names.offset + name_at, name, length) != 0) continue;
      if (is_defined(symbols, i)) return at;
    }
    return 0;
  }

  [[nodiscard]] bool sections_inside(text& why) const noexcept {
    if (section_table() == 0) {
      why << "has no section headers";
      return false;
    }
    const uint64_t count = section_count();
    if (count == 0 || count > file_.size / section_header_size() ||
        !file_.holds(section_table(), count * section_header_size())) {
      why << "ends before its section headers";
      return false;
    }
    const section names = section_at(names_index());
    if (names.type != section_strtab || names.size == 0 || !file_.holds(names.offset, names.size) ||
        file_.data[names.offset + names.size - 1] != '\0') {
      why << "has no section names";
      return false;
    }
    const segment dynamic = find_dynamic_segment();
    bool found_dynamic = false;
    for (uint64_t i = 1; i < count; ++i) {
      const section current = header_at(i);
      const bool inside =
          current.type == section_nobits || file_.holds(current.offset, current.size);
      if (current.type == section_null || current.name >= names.size || !inside) {
        why << "has a broken section " << i;
        return false;
      }
      if (current.type == section_dynamic) {
        found_dynamic = dynamic.type == segment_dynamic && current.offset == dynamic.offset;
      }
    }
    if (!found_dynamic) why << "has no dynamic section where its headers say";
    return found_dynamic;
  }

  [[nodiscard]] segment find_dynamic_segment() const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      const segment current = segment_at(i);
      if (current.type == segment_dynamic) return current;
    }
    return {};
  }

  // bfd and gold write the build id last; until then everything else looks finished.
  [[nodiscard]] bool unfinished_build_id() const noexcept {
    const uint64_t count = section_count();
    for (uint64_t i = 1; i < count; ++i) {
      if (type_of_section(i) != section_note) continue;
      const section note = header_at(i);
      const uint64_t id = note.offset + 16;
      if (note.size < 17 || half_word(note.offset) != 4 ||
          half_word(note.offset + 8) != note_build_id ||
          ::memcmp(file_.data + note.offset + 12, "GNU", 4) != 0) {
        continue;
      }
      const uint64_t length = half_word(note.offset + 4);
      if (length == 0 || length > note.size - 16) continue;
      for (uint64_t k = 0; k < length; ++k) {
        if (file_.data[id + k] != 0) return false;
      }
      return true;
    }
    return false;
  }

  // gold removes the output of a link that fails, but in the end: killed, it leaves a file that is
  // complete, build id and all. The system would open it, and bind that symbol to another's.
  [[nodiscard]] bool hides_undefined_symbol() const noexcept {
    const dynamic_symbols& symbols = symbols_;
    for (uint64_t i = 0; i < symbols.count; ++i) {
      const uint64_t visibility = visibility_of(symbols, i);
      if (visibility != visibility_internal && visibility != visibility_hidden) continue;
      const symbol each = symbol_at(symbols, i);
      if (!each.defined && each.binding == binding_global) return true;
    }
    return false;
  }

  // R_<machine>_GLOB_DAT and R_<machine>_JUMP_SLOT, which are next to each other in each ABI.
  [[nodiscard]] static bool fills_offset_table(unsigned machine, uint64_t type) noexcept {
    uint64_t first = 0;
    switch (machine) {
      case 3:                                // i386
      case 62: first = 6; break;             // x86-64
      case 21: first = 20; break;            // ppc64
      case 22: first = 10; break;            // s390
      case 40: first = 21; break;            // arm
      case 183: first = 1025; break;         // aarch64
      case machine_riscv: first = 4; break;  // JUMP_SLOT, and no 4 in libraries
      default: return false;
    }
    return type == first || type == first + 1;
  }

  // R_RISCV_32 and R_RISCV_64: that processor has no GLOB_DAT. Where it is tells an entry of the
  // table from an object's first value.
  [[nodiscard]] bool fills_pointer(uint64_t type) const noexcept { return type == (wide_ ? 2 : 1); }

  // The section .got as a piece of memory; an empty one if there is none of that name.
  [[nodiscard]] segment find_offset_table() const noexcept {
    const section names = section_at(names_index());
    const uint64_t count = section_count();
    for (uint64_t i = 1; i < count; ++i) {
      const section each = header_at(i);
      const char* const name = string_at(names, each.name);
      if (name == nullptr || ::strcmp(name, ".got") != 0) continue;
      segment result{};
      result.address = word(section_table() + i * section_header_size() + (wide_ ? 16 : 12));
      result.memory_size = each.size;
      return result;
    }
    return {};
  }

  // What the system maps these bytes from; a segment of another type if it does not.
  [[nodiscard]] segment find_loaded(uint64_t address, uint64_t size) const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      const segment current = segment_at(i);
      if (current.type == segment_load && holds(current, address, size)) return current;
    }
    return {};
  }

  [[nodiscard]] static bool holds(const segment& in, uint64_t address, uint64_t size) noexcept {
    const uint64_t inside = address - in.address;
    return address >= in.address && inside <= in.memory_size && size <= in.memory_size - inside;
  }

  [[nodiscard]] bytes content_at(uint64_t address, uint64_t size) const noexcept {
    for (uint64_t i = 0; i < segment_count(); ++i) {
      const segment current = segment_at(i);
      if (current.type != segment_load || address < current.address) continue;
      const uint64_t inside = address - current.address;
      if (inside > current.file_size || size > current.file_size - inside) continue;
      return {file_.data + current.offset + inside, size};
    }
    return {};
  }

  bytes file_;
  bool wide_ = false;
  bool big_endian_ = false;
  bool swapped_ = false;  // its byte order is not this processor's
  // From check():
  section dynamic_;
  dynamic_symbols symbols_{};
};

}}  // namespace dymod::detail

#endif
#else
#include <sys/mount.h>   // fstatfs, MNT_NOEXEC
#include <sys/random.h>  // getentropy

// <dymod/detail/os/macho_note.hpp>

// The same for macOS as elf_note.hpp for systems with ELF. The note is in a section of its own, as
// the number of the layout and the distance from there to `own_binary`. Linkers keep it, whether or
// not anything refers to it (no_dead_strip).
//
// What is asked here waits, if at all, for libraries that are being mapped, and never for static
// constructors: dyld has a lock for each, as published since macOS 12. It reports a library by its
// path without symbolic links, whatever the path was that it was opened by.

#ifndef DYMOD_DETAIL_OS_MACHO_NOTE_HPP
#define DYMOD_DETAIL_OS_MACHO_NOTE_HPP

#include <dlfcn.h>           // dladdr, dlclose, dlopen
#include <mach-o/dyld.h>     // _dyld_get_image_header, _dyld_image_count
#include <mach-o/getsect.h>  // getsectiondata
#include <mach-o/loader.h>   // mach_header_64, MH_EXECUTE
#include <stdint.h>          // int32_t, uint32_t, uintptr_t
#include <string.h>          // memcpy

// <dymod/detail/text.hpp>

// Text that grows: messages and paths. Not std::string, whose header alone would cost every file
// that includes dymod 90 ms. Without memory it keeps what it has: a message cut short beats none.

#ifndef DYMOD_DETAIL_TEXT_HPP
#define DYMOD_DETAIL_TEXT_HPP

#include <stddef.h>  // size_t
#include <stdlib.h>  // free, realloc
#include <string.h>  // memcpy, strlen

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text {
 public:
  text() noexcept = default;
  explicit text(const char* start) noexcept { *this << start; }
  text(text&& other) noexcept { swap(other); }
  text& operator=(text&& other) noexcept {
    swap(other);
    return *this;
  }
  text(const text&) = delete;
  text& operator=(const text&) = delete;
  ~text() { ::free(characters_); }

  /// Null-terminated, never null, owned by this object until it changes.
  [[nodiscard]] const char* c_str() const noexcept { return characters_ ? characters_ : ""; }
  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Gives the characters away; the caller frees them with ::free(). Null if there are none.
  [[nodiscard]] char* release() noexcept {
    char* characters = characters_;
    characters_ = nullptr;
    size_ = 0;
    capacity_ = 0;
    return characters;
  }

  void shorten(size_t size) noexcept {
    if (size >= size_) return;
    size_ = size;
    characters_[size] = '\0';
  }

  text& append(const char* characters, size_t count) noexcept {
    if (count >= capacity_ - size_ && !grow(size_ + count + 1)) return *this;
    ::memcpy(characters_ + size_, characters, count);
    size_ += count;
    characters_[size_] = '\0';
    return *this;
  }

  text& operator<<(const char* characters) noexcept {
    return append(characters, ::strlen(characters));
  }

  text& operator<<(const text& other) noexcept { return append(other.c_str(), other.size()); }

  text& operator<<(unsigned long long number) noexcept {
    char digits[20];
    size_t first = sizeof digits;
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return append(digits + first, sizeof digits - first);
  }

  text& operator<<(unsigned long number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

  text& operator<<(unsigned number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

 private:
  [[nodiscard]] bool grow(size_t wanted) noexcept {
    const size_t capacity = wanted * 2;
    void* grown = ::realloc(characters_, capacity);
    if (grown == nullptr) return false;
    characters_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return true;
  }

  void swap(text& other) noexcept {
    char* const characters = characters_;
    const size_t size = size_;
    const size_t capacity = capacity_;
    characters_ = other.characters_;
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.characters_ = characters;
    other.size_ = size;
    other.capacity_ = capacity;
  }

  char* characters_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

class macho_note {
 public:
  /// Puts the note into this binary.
  static void carry() noexcept {
    __asm__ volatile(
        ".ifndef dymod_note\n"
        ".pushsection __DATA,__dymod,regular,no_dead_strip\n"
        ".balign 4\n"
        "dymod_note:\n"
        ".long " DYMOD_DETAIL_QUOTE(DYMOD_DETAIL_BINARY_LAYOUT) "\n"
        ".long " DYMOD_DETAIL_BINARY_SYMBOL " - .\n"
        ".popsection\n"
        ".endif\n");
  }

  /// The first binary with a note, in the order in which the system loaded them.
  struct first {
    void* place = nullptr;  // that its note names
    text name;              // what the system knows it as; empty: it is the program
  };
  [[nodiscard]] static first find_first() noexcept {
    first found;
    const uint32_t count = ::_dyld_image_count();
    for (uint32_t i = 0; i < count && found.place == nullptr; ++i) {
      const ::Dl_info each = binary_at(i);
      found.place = find_in(each);
      if (found.place != nullptr) append_name(found.name, each);
    }
    return found;
  }

  /// @returns what the note of a library that dlopen() opened names; null if it has none
  [[nodiscard]] static void* find_in(void* library) noexcept {
    // A handle says nothing, but is the same each time; the last libraries are the likely ones.
    for (uint32_t i = ::_dyld_image_count(); i-- > 0;) {
      const ::Dl_info each = binary_at(i);
      if (each.dli_fname == nullptr) continue;
      void* const same = ::dlopen(each.dli_fname, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
      if (same != nullptr) ::dlclose(same);
      if (same == library) return find_in(each);
    }
    return nullptr;
  }

  /// Not told. Only find_function() of an image and relocations of ELF need it.
  [[nodiscard]] static bool find_base(void*, uintptr_t&) noexcept { return false; }

  /// What the system knows the binary that holds the address as; nothing for the program.
  /// @returns false if no binary does
  static bool append_name(text& to, const void* address) noexcept {
    ::Dl_info found;
    if (::dladdr(address, &found) == 0) return false;
    append_name(to, found);
    return true;
  }

  /// The binary that holds an address. For signal handlers: takes no memory.
  struct holder {
    bool is_program = false;
    void* place = nullptr;  // that its note names
    uintptr_t base = 0;     // where the address 0 of its file is; 0: not told
  };
  [[nodiscard]] static holder holder_of(const void* address) noexcept {
    holder found;
    ::Dl_info binary;
    if (::dladdr(address, &binary) == 0 || binary.dli_fbase == nullptr) return found;
    const auto* const header = static_cast<const ::mach_header_64*>(binary.dli_fbase);
    found.is_program = header->filetype == MH_EXECUTE;
    found.place = find_in(binary);
    return found;
  }

  /// Whether `matches(name)` is true for what the system knows a binary as.
  template <class Matches> [[nodiscard]] static bool any_name(Matches matches) noexcept {
    const uint32_t count = ::_dyld_image_count();
    for (uint32_t i = 0; i < count; ++i) {
      const char* const name = binary_at(i).dli_fname;
      if (name != nullptr && matches(name)) return true;
    }
    return false;
  }

 private:
  // Header and path in one answer: when a library is unloaded all behind it get other numbers.
  // Nothing of one that is gone.
  [[nodiscard]] static ::Dl_info binary_at(uint32_t number) noexcept {
    ::Dl_info found{};
    const ::mach_header* const header = ::_dyld_get_image_header(number);
    if (header == nullptr || ::dladdr(header, &found) == 0) found = ::Dl_info{};
    return found;
  }

  [[nodiscard]] static void* find_in(const ::Dl_info& binary) noexcept {
    if (binary.dli_fbase == nullptr) return nullptr;
    unsigned long size = 0;
    const auto* const header = static_cast<const ::mach_header_64*>(binary.dli_fbase);
    unsigned char* at = ::getsectiondata(header, "__DATA", "__dymod", &size);
    struct {
      uint32_t layout;
      int32_t distance;
    } note;
    for (; at != nullptr && size >= sizeof note; at += sizeof note, size -= sizeof note) {
      ::memcpy(&note, at, sizeof note);
      if (note.layout == DYMOD_DETAIL_BINARY_LAYOUT) return at + 4 + note.distance;
    }
    return nullptr;
  }

  static void append_name(text& to, const ::Dl_info& binary) noexcept {
    const auto* const header = static_cast<const ::mach_header_64*>(binary.dli_fbase);
    if (header->filetype != MH_EXECUTE) to << binary.dli_fname;
  }
};

}}}  // namespace dymod::detail::os

#endif
// <dymod/detail/reload/macho.hpp>

// Mach-O images read as bytes: is the file complete, where is a symbol's content, which libraries
// does it need. What macOS opens: 64 bits, lowest byte first, alone or in a universal file. Any
// bytes are safe input: every offset is checked before it is used. Names and numbers are those of
// <mach-o/loader.h>, <mach-o/fat.h> and <mach/machine.h>. No system header, no system call.
//
// Symbols are looked for in the export trie, as the system does: `strip` may take the symbol table
// away. A UUID of zeros (LC_UUID) says nothing: Apple's linker and lld write a file under another
// name and rename it, and tools that want the same bytes from each build put zeros there.

#ifndef DYMOD_DETAIL_RELOAD_MACHO_HPP
#define DYMOD_DETAIL_RELOAD_MACHO_HPP

#include <stdint.h>  // uint32_t, uint64_t
#include <string.h>  // memchr, memcmp, strlen, strncmp, strrchr

// <dymod/detail/reload/bytes.hpp>

// A piece of a file in memory, and what the check of an image format answers about it.

#ifndef DYMOD_DETAIL_RELOAD_BYTES_HPP
#define DYMOD_DETAIL_RELOAD_BYTES_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // memcpy

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct bytes {
  const unsigned char* data = nullptr;
  uint64_t size = 0;

  /// Whether `count` bytes at `offset` are inside; right for any two numbers.
  [[nodiscard]] bool holds(uint64_t offset, uint64_t count) const noexcept {
    return offset <= size && count <= size - offset;
  }
};

enum class completeness : unsigned char {
  complete,
  incomplete,  // the beginning of a library, or not yet that
  garbage      // never to become a library of this system and processor
};

/// A number that tells most files from others of the same size: FNV-1a, by words.
[[nodiscard]] inline uint64_t fingerprint_of_beginning(bytes file, uint64_t size) noexcept {
  const uint64_t end = file.size < size ? file.size : size;
  uint64_t sum = file.size ^ uint64_t { 14695981039346656037u };
  for (uint64_t at = 0; at + sizeof sum <= end; at += sizeof sum) {
    uint64_t word = 0;
    ::memcpy(&word, file.data + at, sizeof word);
    sum = (sum ^ word) * uint64_t{1099511628211u};
  }
  return sum;
}

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What an image must be made for to be opened by this process.
struct macho_target {
  uint32_t processor;    // cputype; 0: not known, any will do
  bool signed_pointers;  // arm64e, which is another processor to arm64
};

class macho {
 public:
  explicit macho(bytes file) noexcept : file_(file), image_(file) {}

  /// Files with different ones are different builds. A linker that makes a build id writes it near
  /// the beginning.
  [[nodiscard]] static uint64_t fingerprint(bytes file) noexcept {
    return fingerprint_of_beginning(file, 4096);
  }

  /// Whether two files are the same build.
  [[nodiscard]] static bool is_same(bytes one, bytes other) noexcept {
    return one.size == other.size &&
           ::memcmp(one.data, other.data, static_cast<size_t>(one.size)) == 0;
  }

  /// @param why  what is wrong, unless complete; a clause without a subject
  [[nodiscard]] completeness check(const macho_target& target, text& why) noexcept {
    if (file_.size < 4) {
      why << "has only " << file_.size << " bytes";
      return completeness::incomplete;
    }
    image_ = file_;
    if (begins_like(file_, universal_magic) || begins_like(file_, wide_universal_magic)) {
      const completeness chosen = choose_image(target, why);
      if (chosen != completeness::complete) return chosen;
    }
    return check_image(target, why);
  }

  /// Finds the bytes of a symbol that this file exports. Call after check() only. The file does not
  /// tell how many are the symbol's.
  /// @param content  from the symbol to the end of its section; no bytes for a symbol without
  /// @returns whether the symbol is defined here
  [[nodiscard]] bool find_symbol(const char* name, bytes& content) const noexcept {
    exported found;
    if (!find_export(name, found)) return false;
    content = found.is_absolute ? bytes{} : content_at(base_address() + found.place);
    return true;
  }

  /// Never: the system is asked. Its dlsym() waits for nobody, unlike that of systems with ELF.
  [[nodiscard]] bool find_function(const char*, uint64_t&) const noexcept { return false; }

  /// Whether the name of a library begins so.
  [[nodiscard]] static bool begins_with(const char* name, const char* prefix) noexcept {
    return ::strncmp(name, prefix, ::strlen(prefix)) == 0;
  }

  /// The first needed library whose file's name `matches`; null if there is none. Call after
  /// check() only.
  template <class Matches> [[nodiscard]] const char* find_needed(Matches matches) const noexcept {
    const char* found = nullptr;
    for_each_command([&](const command& each) {
      switch (each.kind) {
        case command_needs:
        case command_needs_weakly:
        case command_needs_lazily:
        case command_needs_and_exports:
        case command_needs_upward: break;
        default: return true;
      }
      const uint64_t at = half_word_of(each, 8);
      if (at >= each.size) return true;
      const char* const name = reinterpret_cast<const char*>(image_.data + each.at + at);
      if (::memchr(name, '\0', static_cast<size_t>(each.size - at)) == nullptr) return true;
      const char* const slash = ::strrchr(name, '/');
      if (matches(slash != nullptr ? slash + 1 : name)) found = name;
      return found == nullptr;
    });
    return found;
  }

  /// Likewise: the one that is `file_name`, with or without a version behind it, in any directory.
  [[nodiscard]] const char* needs_file(const char* file_name) const noexcept {
    const size_t length = ::strlen(file_name);
    return find_needed([&](const char* name) {
      return ::strncmp(name, file_name, length) == 0 &&
             (name[length] == '\0' || name[length] == '.');
    });
  }

  /// None: there is nothing like STB_GNU_UNIQUE. Of equal weak definitions that binaries export the
  /// system takes one for all, but none of a library opened with RTLD_LOCAL, as images are.
  template <class Matters> [[nodiscard]] const char* find_unique(Matters) const noexcept {
    return nullptr;
  }

  /// Whether threads have objects of this library. Call after check() only.
  [[nodiscard]] bool has_thread_local() const noexcept {
    bool found = false;
    for_each_section([&](const section& each) {
      found =
          found || (each.type >= section_thread_local && each.type <= section_thread_local_last);
    });
    return found;
  }

  /// The system gets the place for thread-local objects when a thread first uses them.
  [[nodiscard]] bool has_static_thread_local() const noexcept { return false; }

  struct open_reference {
    uint64_t place;
    uint64_t wanted;
    const char* name;
  };

  /// None: a symbol comes with the library that it is to be found in.
  template <class Visit> void for_each_open_reference(Visit) const noexcept {}

 private:
  enum : uint32_t {
    image_magic = 0xcffaedfe,  // in the order in which the bytes stand
    narrow_magic = 0xcefaedfe,
    big_endian_magic = 0xfeedfacf,
    narrow_big_endian_magic = 0xfeedface,
    universal_magic = 0xcafebabe,
    wide_universal_magic = 0xcafebabf,
    processor_x86_64 = 0x01000007,
    processor_arm64 = 0x0100000c,
    model_mask = 0x00ffffff,
    model_any = 0,
    model_arm64e = 2,
    type_library = 6,  // MH_DYLIB
    type_bundle = 8,
    command_symbols = 0x2,
    command_dynamic_symbols = 0xb,
    command_needs = 0xc,
    command_needs_weakly = 0x80000018,
    command_segment = 0x19,
    command_signature = 0x1d,
    command_split_info = 0x1e,
    command_needs_and_exports = 0x8000001f,
    command_needs_lazily = 0x20,
    command_dyld_info = 0x22,
    command_dyld_info_only = 0x80000022,
    command_needs_upward = 0x80000023,
    command_function_starts = 0x26,
    command_data_in_code = 0x29,
    command_exports = 0x80000033,
    command_fixups = 0x80000034,
    section_zeros = 0x1,
    section_many_zeros = 0xc,
    section_thread_local = 0x11,
    section_thread_local_zeros = 0x12,
    section_thread_local_last = 0x15,
    export_is_absolute = 0x2,
    export_is_elsewhere = 0x8
  };

  static constexpr uint64_t header_size = 32;

  struct command {
    uint64_t at;
    uint32_t kind;
    uint64_t size;
  };

  struct section {
    uint64_t address;
    uint64_t size;
    uint64_t offset;
    uint32_t type;
  };

  struct exported {
    uint64_t place = 0;  // from the image's beginning
    bool is_absolute = false;
  };

  [[nodiscard]] static bool begins_like(bytes file, uint32_t magic) noexcept {
    return file.size >= 4 && big_endian(file, 0, 4) == magic;
  }

  // Whether the first bytes can still become the magic, once what is zero is written.
  [[nodiscard]] static bool may_begin_like(bytes file, uint32_t magic) noexcept {
    for (unsigned i = 0; i < 4; ++i) {
      if (file.data[i] != 0 && file.data[i] != (magic >> (24 - i * 8) & 0xff)) return false;
    }
    return true;
  }

  // --- numbers: 0 outside of the image

  [[nodiscard]] uint64_t number(uint64_t at, unsigned size) const noexcept {
    uint64_t value = 0;
    if (!image_.holds(at, size)) return 0;
    for (unsigned i = size; i-- > 0;) value = value << 8 | image_.data[at + i];
    return value;
  }

  [[nodiscard]] uint32_t half_word(uint64_t at) const noexcept {
    return static_cast<uint32_t>(number(at, 4));
  }
  [[nodiscard]] uint64_t word(uint64_t at) const noexcept { return number(at, 8); }

  // The headers of universal files and of signatures have the highest byte first.
  [[nodiscard]] static uint64_t big_endian(bytes in, uint64_t at, unsigned size) noexcept {
    uint64_t value = 0;
    if (!in.holds(at, size)) return 0;
    for (unsigned i = 0; i < size; ++i) value = value << 8 | in.data[at + i];
    return value;
  }

  // --- the processor

  [[nodiscard]] static bool suits(const macho_target& target, uint32_t processor,
                                  uint32_t model) noexcept {
    if (target.processor == 0) return true;
    const bool signed_pointers =
        processor == processor_arm64 && (model & model_mask) == model_arm64e;
    return processor == target.processor && signed_pointers == target.signed_pointers;
  }

  static text& append_processor(text& to, uint32_t processor, uint32_t model) noexcept {
    if (processor == processor_x86_64) return to << "x86_64";
    if (processor == processor_arm64) {
      return to << ((model & model_mask) == model_arm64e ? "arm64e" : "arm64");
    }
    return to << "Mach-O processor " << processor;
  }

  static void append_target(text& to, const macho_target& target) noexcept {
    append_processor(to << "; this program: ", target.processor,
                     target.signed_pointers ? model_arm64e : model_any)
        << ")";
  }

  // --- universal files

  [[nodiscard]] completeness choose_image(const macho_target& target, text& why) noexcept {
    const bool wide = begins_like(file_, wide_universal_magic);
    const uint64_t entry_size = wide ? 32 : 20;
    if (file_.size < 8) {
      why << "ends inside its universal header";
      return completeness::incomplete;
    }
    const uint64_t count = big_endian(file_, 4, 4);
    if (count == 0) {
      why << "has zeros in its universal header";
      return completeness::incomplete;
    }
    // A compiled Java class begins like that, with its version in this place: 45 and more.
    if (count > 30) {
      why << "does not begin like a shared library";
      return completeness::garbage;
    }
    if (!file_.holds(8, count * entry_size)) {
      why << "ends inside its universal header";
      return completeness::incomplete;
    }
    bytes chosen;
    text others;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t at = 8 + i * entry_size;
      const auto processor = static_cast<uint32_t>(big_endian(file_, at, 4));
      const auto model = static_cast<uint32_t>(big_endian(file_, at + 4, 4));
      const uint64_t offset = big_endian(file_, at + 8, wide ? 8 : 4);
      const uint64_t size = big_endian(file_, at + (wide ? 16 : 12), wide ? 8 : 4);
      if (processor == 0 || size == 0) {
        why << "has zeros in its universal header";
        return completeness::incomplete;
      }
      if (!file_.holds(offset, size)) {
        why << "ends inside its image " << i;
        return completeness::incomplete;
      }
      append_processor(others << (others.empty() ? "" : ", "), processor, model);
      if (chosen.data == nullptr && suits(target, processor, model)) {
        chosen = bytes{file_.data + offset, size};
      }
    }
    if (chosen.data == nullptr) {
      append_target(why << "is made for other processors (" << others, target);
      return completeness::garbage;
    }
    image_ = chosen;
    return completeness::complete;
  }

  // --- one image

  [[nodiscard]] completeness check_image(const macho_target& target, text& why) const noexcept {
    if (!begins_like(image_, image_magic)) return judge_beginning(why);
    if (image_.size < header_size) {
      why << "ends inside its Mach-O header";
      return completeness::incomplete;
    }
    const uint32_t processor = half_word(4);
    const uint32_t model = half_word(8);
    const uint32_t type = half_word(12);
    if (processor == 0 || type == 0 || command_count() == 0) {
      why << "has zeros in its Mach-O header";
      return completeness::incomplete;
    }
    if (!suits(target, processor, model)) {
      append_processor(why << "is made for another processor (", processor, model);
      append_target(why, target);
      return completeness::garbage;
    }
    if (type != type_library && type != type_bundle) {
      why << "is a Mach-O file but not a shared library";
      return completeness::garbage;
    }
    const bool whole = commands_inside(why) && segments_inside(why) && tables_inside(why);
    return whole && has_signature(why) ? completeness::complete : completeness::incomplete;
  }

  [[nodiscard]] completeness judge_beginning(text& why) const noexcept {
    if (image_.size < 4) {  // of a universal file
      why << "has only " << image_.size << " bytes";
      return completeness::incomplete;
    }
    if (begins_like(image_, narrow_magic) || begins_like(image_, big_endian_magic) ||
        begins_like(image_, narrow_big_endian_magic)) {
      why << "is made for another processor (32 bits, or big endian)";
      return completeness::garbage;
    }
    if (may_begin_like(image_, image_magic) || may_begin_like(image_, universal_magic)) {
      why << "begins with zeros";
      return completeness::incomplete;
    }
    why << "does not begin like a shared library";
    return completeness::garbage;
  }

  [[nodiscard]] uint32_t command_count() const noexcept { return half_word(16); }

  // The system wants all of them to be inside: 8 bytes or more each, and no more than the header
  // says together.
  [[nodiscard]] bool commands_inside(text& why) const noexcept {
    const uint64_t end = header_size + half_word(20);
    if (!image_.holds(0, end)) {
      why << "ends before its load commands do";
      return false;
    }
    uint64_t at = header_size;
    for (uint32_t i = 0; i < command_count(); ++i) {
      const uint64_t size = half_word(at + 4);
      if (end - at < 8 || size < 8 || size > end - at) {
        why << "has a broken load command " << i;
        return false;
      }
      at += size;
    }
    return true;
  }

  // Until `visit(command)` returns false. After commands_inside() only.
  template <class Visit> void for_each_command(Visit visit) const noexcept {
    uint64_t at = header_size;
    for (uint32_t i = 0; i < command_count(); ++i) {
      const command each{at, half_word(at), half_word(at + 4)};
      if (!visit(each)) return;
      at += each.size;
    }
  }

  // A number of a command; 0 if the command is too short for it.
  [[nodiscard]] uint32_t half_word_of(const command& in, uint64_t at) const noexcept {
    return at + 4 <= in.size ? half_word(in.at + at) : 0;
  }
  [[nodiscard]] uint64_t word_of(const command& in, uint64_t at) const noexcept {
    return at + 8 <= in.size ? word(in.at + at) : 0;
  }

  // --- segments and their sections

  static constexpr uint64_t segment_size = 72;
  static constexpr uint64_t section_size = 80;

  [[nodiscard]] bool segments_inside(text& why) const noexcept {
    const char* flaw = nullptr;
    bool found_link_edit = false;
    for_each_command([&](const command& each) {
      if (each.kind != command_segment) return true;
      const uint64_t sections = half_word_of(each, 64);
      if (each.size < segment_size || sections > (each.size - segment_size) / section_size) {
        flaw = "has a broken segment";
      } else if (!image_.holds(word_of(each, 40), word_of(each, 48))) {
        flaw = "ends inside a segment";
      }
      const char* const name = reinterpret_cast<const char*>(image_.data + each.at + 8);
      if (flaw == nullptr && ::strncmp(name, "__LINKEDIT", 11) == 0) found_link_edit = true;
      return flaw == nullptr;
    });
    for_each_section([&](const section& each) {
      if (flaw == nullptr && has_content(each) && !image_.holds(each.offset, each.size)) {
        flaw = "ends inside a section";
      }
    });
    if (flaw == nullptr && !found_link_edit) flaw = "has no segment __LINKEDIT";
    if (flaw != nullptr) why << flaw;
    return flaw == nullptr;
  }

  template <class Visit> void for_each_section(Visit visit) const noexcept {
    for_each_command([&](const command& each) {
      if (each.kind != command_segment) return true;
      const uint64_t count = half_word_of(each, 64);
      for (uint64_t i = 0; i < count && segment_size + (i + 1) * section_size <= each.size; ++i) {
        const uint64_t at = segment_size + i * section_size;
        visit(section{word_of(each, at + 32), word_of(each, at + 40), half_word_of(each, at + 48),
                      half_word_of(each, at + 64) & 0xff});
      }
      return true;
    });
  }

  [[nodiscard]] static bool has_content(const section& of) noexcept {
    return of.type != section_zeros && of.type != section_many_zeros &&
           of.type != section_thread_local_zeros;
  }

  // Where the file's beginning is to be: the address of the segment that has it.
  [[nodiscard]] uint64_t base_address() const noexcept {
    uint64_t base = 0;
    for_each_command([&](const command& each) {
      const bool found =
          each.kind == command_segment && word_of(each, 40) == 0 && word_of(each, 48) != 0;
      if (found) base = word_of(each, 24);
      return !found;
    });
    return base;
  }

  [[nodiscard]] bytes content_at(uint64_t address) const noexcept {
    bytes content;
    for_each_section([&](const section& each) {
      const uint64_t inside = address - each.address;
      if (!has_content(each) || address < each.address || inside >= each.size) return;
      content = bytes{image_.data + each.offset + inside, each.size - inside};
    });
    return content;
  }

  // --- what is in the segment __LINKEDIT

  [[nodiscard]] bool tables_inside(text& why) const noexcept {
    bool inside = true;
    for_each_command([&](const command& each) {
      const auto holds = [&](uint64_t place, uint64_t entry_size) {
        return image_.holds(half_word_of(each, place), half_word_of(each, place + 4) * entry_size);
      };
      switch (each.kind) {
        case command_symbols: inside = holds(8, 16) && holds(16, 1); break;
        // Indirect symbols and two kinds of relocations; the others are of older systems.
        case command_dynamic_symbols: inside = holds(56, 4) && holds(64, 8) && holds(72, 8); break;
        case command_dyld_info:
        case command_dyld_info_only:
          inside = holds(8, 1) && holds(16, 1) && holds(24, 1) && holds(32, 1) && holds(40, 1);
          break;
        case command_signature:
        case command_split_info:
        case command_function_starts:
        case command_data_in_code:
        case command_exports:
        case command_fixups: inside = holds(8, 1); break;
        default: break;
      }
      return inside;
    });
    if (!inside) why << "ends inside what its segment __LINKEDIT holds";
    return inside;
  }

  // It stands at the end of the file, where a writer that goes from the beginning to the end comes
  // last. The system ends a process that runs code which is not as the signature says.
  [[nodiscard]] bool has_signature(text& why) const noexcept {
    bool whole = true;
    for_each_command([&](const command& each) {
      if (each.kind != command_signature) return true;
      const uint64_t at = half_word_of(each, 8);
      const uint64_t size = half_word_of(each, 12);
      whole = big_endian(image_, at, 4) == 0xfade0cc0 && big_endian(image_, at + 4, 4) <= size;
      return false;
    });
    if (!whole) why << "has no signature yet where its headers say";
    return whole;
  }

  // --- the export trie: from node to node by the beginnings of names

  [[nodiscard]] bytes exports() const noexcept {
    bytes found;
    for_each_command([&](const command& each) {
      uint64_t place = 0;
      if (each.kind == command_exports) place = 8;
      if (each.kind == command_dyld_info || each.kind == command_dyld_info_only) place = 40;
      const uint64_t size = place != 0 ? half_word_of(each, place + 4) : 0;
      if (size != 0) found = bytes{image_.data + half_word_of(each, place), size};
      return size == 0;
    });
    return found;
  }

  // A number of any length (ULEB128): 7 bits in a byte, the lowest first. 0 behind the end.
  [[nodiscard]] static uint64_t next_number(bytes& rest) noexcept {
    uint64_t value = 0;
    unsigned shift = 0;
    while (rest.size > 0) {
      const unsigned char each = *rest.data;
      rest = from(rest, 1);
      if (shift < 64) value |= static_cast<uint64_t>(each & 0x7f) << shift;
      shift += 7;
      if (each < 0x80) break;
    }
    return value;
  }

  // The rest of some bytes; nothing if there are not so many.
  [[nodiscard]] static bytes from(bytes all, uint64_t at) noexcept {
    return all.holds(at, 0) ? bytes{all.data + at, all.size - at} : bytes{};
  }

  [[nodiscard]] bool find_export(const char* name, exported& found) const noexcept {
    const bytes trie = exports();
    const uint64_t length = ::strlen(name) + 1;  // with the underscore in front of each C name
    bytes node = trie;
    for (uint64_t passed = 0; passed < length;) {
      const uint64_t step = follow(trie, node, name, passed);
      if (step == 0) return false;
      passed += step;
    }
    // A node of no length leads on only.
    if (next_number(node) == 0) return false;
    const uint64_t flags = next_number(node);
    if ((flags & export_is_elsewhere) != 0) return false;
    found.place = next_number(node);
    found.is_absolute = (flags & export_is_absolute) != 0;
    return true;
  }

  // Goes on to the child with the next characters of a name.
  /// @returns how many characters that are; 0: no child has them
  [[nodiscard]] static uint64_t follow(bytes trie, bytes& node, const char* name,
                                       uint64_t passed) noexcept {
    const uint64_t own_size = next_number(node);
    bytes rest = from(node, own_size);
    if (rest.size == 0) return 0;
    const unsigned children = *rest.data;
    rest = from(rest, 1);
    for (unsigned i = 0; i < children && rest.size > 0; ++i) {
      const auto* const edge = rest.data;
      const void* const end = ::memchr(edge, '\0', static_cast<size_t>(rest.size));
      if (end == nullptr) return 0;
      const auto count = static_cast<uint64_t>(static_cast<const unsigned char*>(end) - edge);
      rest = from(rest, count + 1);
      const uint64_t child = next_number(rest);
      if (count == 0 || !is_part(name, passed, edge, count)) continue;
      node = from(trie, child);
      return count;
    }
    return 0;
  }

  // Characters that are no null end a comparison at the end of a name, at the latest.
  [[nodiscard]] static bool is_part(const char* name, uint64_t at, const unsigned char* characters,
                                    uint64_t count) noexcept {
    for (uint64_t i = 0; i < count; ++i) {
      const char expected = at + i == 0 ? '_' : name[at + i - 1];
      if (characters[i] != static_cast<unsigned char>(expected)) return false;
    }
    return true;
  }

  bytes file_;
  bytes image_;  // the file, or the part of a universal file that is for this processor
};

}}  // namespace dymod::detail

#endif
#endif

// <dymod/detail/reload/bytes.hpp>

// A piece of a file in memory, and what the check of an image format answers about it.

#ifndef DYMOD_DETAIL_RELOAD_BYTES_HPP
#define DYMOD_DETAIL_RELOAD_BYTES_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // memcpy

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct bytes {
  const unsigned char* data = nullptr;
  uint64_t size = 0;

  /// Whether `count` bytes at `offset` are inside; right for any two numbers.
  [[nodiscard]] bool holds(uint64_t offset, uint64_t count) const noexcept {
    return offset <= size && count <= size - offset;
  }
};

enum class completeness : unsigned char {
  complete,
  incomplete,  // the beginning of a library, or not yet that
  garbage      // never to become a library of this system and processor
};

/// A number that tells most files from others of the same size: FNV-1a, by words.
[[nodiscard]] inline uint64_t fingerprint_of_beginning(bytes file, uint64_t size) noexcept {
  const uint64_t end = file.size < size ? file.size : size;
  uint64_t sum = file.size ^ uint64_t { 14695981039346656037u };
  for (uint64_t at = 0; at + sizeof sum <= end; at += sizeof sum) {
    uint64_t word = 0;
    ::memcpy(&word, file.data + at, sizeof word);
    sum = (sum ^ word) * uint64_t{1099511628211u};
  }
  return sum;
}

}}  // namespace dymod::detail

#endif
// <dymod/detail/text.hpp>

// Text that grows: messages and paths. Not std::string, whose header alone would cost every file
// that includes dymod 90 ms. Without memory it keeps what it has: a message cut short beats none.

#ifndef DYMOD_DETAIL_TEXT_HPP
#define DYMOD_DETAIL_TEXT_HPP

#include <stddef.h>  // size_t
#include <stdlib.h>  // free, realloc
#include <string.h>  // memcpy, strlen

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text {
 public:
  text() noexcept = default;
  explicit text(const char* start) noexcept { *this << start; }
  text(text&& other) noexcept { swap(other); }
  text& operator=(text&& other) noexcept {
    swap(other);
    return *this;
  }
  text(const text&) = delete;
  text& operator=(const text&) = delete;
  ~text() { ::free(characters_); }

  /// Null-terminated, never null, owned by this object until it changes.
  [[nodiscard]] const char* c_str() const noexcept { return characters_ ? characters_ : ""; }
  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Gives the characters away; the caller frees them with ::free(). Null if there are none.
  [[nodiscard]] char* release() noexcept {
    char* characters = characters_;
    characters_ = nullptr;
    size_ = 0;
    capacity_ = 0;
    return characters;
  }

  void shorten(size_t size) noexcept {
    if (size >= size_) return;
    size_ = size;
    characters_[size] = '\0';
  }

  text& append(const char* characters, size_t count) noexcept {
    if (count >= capacity_ - size_ && !grow(size_ + count + 1)) return *this;
    ::memcpy(characters_ + size_, characters, count);
    size_ += count;
    characters_[size_] = '\0';
    return *this;
  }

  text& operator<<(const char* characters) noexcept {
    return append(characters, ::strlen(characters));
  }

  text& operator<<(const text& other) noexcept { return append(other.c_str(), other.size()); }

  text& operator<<(unsigned long long number) noexcept {
    char digits[20];
    size_t first = sizeof digits;
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return append(digits + first, sizeof digits - first);
  }

  text& operator<<(unsigned long number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

  text& operator<<(unsigned number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

 private:
  [[nodiscard]] bool grow(size_t wanted) noexcept {
    const size_t capacity = wanted * 2;
    void* grown = ::realloc(characters_, capacity);
    if (grown == nullptr) return false;
    characters_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return true;
  }

  void swap(text& other) noexcept {
    char* const characters = characters_;
    const size_t size = size_;
    const size_t capacity = capacity_;
    characters_ = other.characters_;
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.characters_ = characters;
    other.size_ = size;
    other.capacity_ = capacity;
  }

  char* characters_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

struct posix {
  /// Reader of this system's shared libraries, and what the system tells of those it has opened.
#if defined(__linux__)
  using image_format = elf;
  using image_target = elf_target;
  using note = elf_note;
#else
  using image_format = macho;
  using image_target = macho_target;
  using note = macho_note;
#endif

  // --- files

  /// An open file, closed when destroyed.
  class file {
   public:
    file() noexcept = default;
    explicit file(int descriptor) noexcept : descriptor_(descriptor) {}
    file(file&& other) noexcept : descriptor_(other.release()) {}
    file& operator=(file&& other) noexcept {
      close();
      descriptor_ = other.release();
      return *this;
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    /// Leaves the file open for the rest of the process's life.
    int release() noexcept {
      const int descriptor = descriptor_;
      descriptor_ = -1;
      return descriptor;
    }

    void close() noexcept {
      if (descriptor_ >= 0) ::close(descriptor_);
      descriptor_ = -1;
    }

   private:
    int descriptor_ = -1;
  };

  /// A file's bytes in memory, read-only, gone when destroyed.
  class view {
   public:
    enum class kept : unsigned char { mapped, on_heap };

    view() noexcept = default;
    view(bytes content, kept where) noexcept : content_(content), where_(where) {}
    view(view&& other) noexcept : content_(other.content_), where_(other.where_) {
      other.content_ = bytes{};
    }
    view& operator=(view&& other) noexcept {
      close();
      content_ = other.content_;
      where_ = other.where_;
      other.content_ = bytes{};
      return *this;
    }
    view(const view&) = delete;
    view& operator=(const view&) = delete;
    ~view() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return content_.data != nullptr; }
    [[nodiscard]] bytes content() const noexcept { return content_; }

   private:
    void close() noexcept {
      auto* const data = const_cast<unsigned char*>(content_.data);
      if (where_ == kept::on_heap) {
        ::free(data);
      } else if (data != nullptr) {
        ::munmap(data, static_cast<size_t>(content_.size));
      }
      content_ = bytes{};
    }

    bytes content_;
    kept where_ = kept::mapped;
  };

  /// What every call does: asks for the key of the file at `path` (symbolic links are followed).
  /// errno is left as it was: a call must not show the caller that something was asked.
  /// @returns false if there is no such file
  [[nodiscard]] DYMOD_DETAIL_GONE static bool look(const char* path, file_key& key) noexcept {
    const int error = errno;
    file_status status;
    if (!ask(path, status)) {
      errno = error;
      return false;
    }
    key = key_of(status);
    return true;
  }

  [[nodiscard]] static bool look(const file& opened, file_key& key) noexcept {
    file_status status;
    if (!ask(opened, status)) return false;
    key = key_of(status);
    return true;
  }

  [[nodiscard]] static file open_to_read(const char* path) noexcept {
    // O_NONBLOCK: somebody may have put a pipe there.
    return open_file(path, O_RDONLY | O_NONBLOCK);
  }

  /// Creates a file that was not there before, for its owner alone, and to be written through this
  /// one opening only: strip and patchelf change every library in a folder that they can open.
  [[nodiscard]] static file create(const char* path) noexcept {
    file created = open_file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!created.is_open()) return created;
    // Whatever the umask: this process opens it again by its name. To ask costs a quarter.
    file_status status;
    const bool is_right = ask(created, status) && (status.st_mode & 0777) == 0400;
    if (!is_right) static_cast<void>(::fchmod(created.descriptor(), 0400));
    return created;
  }

  /// Whether `path` leads to the open file itself, by no link, and it is still as `key` says, which
  /// was asked of the open file.
  [[nodiscard]] static bool is_still(const char* path, const file& /*opened*/,
                                     const file_key& key) noexcept {
    file_status status;
    return ask_link(path, status) && key_of(status) == key;
  }

  /// Whether two paths lead to one file or directory.
  [[nodiscard]] static bool is_same_file(const char* one, const char* other) noexcept {
    file_key one_key;
    file_key other_key;
    return look(one, one_key) && look(other, other_key) && is_same_file(one_key, other_key);
  }

  [[nodiscard]] static bool is_regular(const file& opened) noexcept {
    file_status status;
    return ask(opened, status) && S_ISREG(status.st_mode);
  }

  enum class writers : unsigned char { none, some, unknown };

  /// Whether somebody has the file open for writing.
  [[nodiscard]] static writers writers_of(const file& opened) noexcept {
#if defined(F_SETLEASE) && defined(F_SETSIG)
    const int descriptor = opened.descriptor();
    // A writer who opens the file while the lease is held makes the kernel send a signal, SIGIO by
    // default, which ends the process. SIGURG is ignored unless the program wants it.
    if (::fcntl(descriptor, F_SETSIG, SIGURG) != 0) return writers::unknown;
    if (::fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) {
      return errno == EAGAIN ? writers::some : writers::unknown;
    }
    // At once: a writer who opens the file meanwhile waits for us.
    ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return writers::none;
#else
    static_cast<void>(opened);
    return writers::unknown;
#endif
  }

  /// Copies everything, in the kernel where it can.
  [[nodiscard]] static bool copy(const file& from, const file& to) noexcept {
    if (::lseek(from.descriptor(), 0, SEEK_SET) != 0) return false;
#if defined(__linux__)
    for (bool any = false;;) {
      const ssize_t copied = ::copy_file_range(from.descriptor(), nullptr, to.descriptor(), nullptr,
                                               size_t{1} << 30, 0);
      if (copied > 0) {
        any = true;
        continue;
      }
      if (copied == 0) {
        // Some file systems say 0 when they cannot; an empty copy is copied again below.
        if (any) return true;
        break;
      }
      if (errno == EINTR) continue;
      break;  // not here (or not at all: the loop below will say why)
    }
#endif
    return copy_through_memory(from, to);
  }

  /// Gives a copy that is being written debug information of its own, where the system has that in
  /// a second file: a debugger that reads the build's own would keep the next build from writing
  /// it.
  /// @param debug_path  of the second file, in the directory of the copy
  /// @returns whether there is one
  [[nodiscard]] static bool separate_debug_file(const file& /*copy*/, const char* /*path*/,
                                                const image_format& /*image*/,
                                                const text& /*debug_path*/) noexcept {
    return false;
  }

  /// Of the names of such files. None here; the name would be different from all others.
  [[nodiscard]] static const char* debug_extension() noexcept { return ".debug"; }

  /// A file that create() has made is complete: it may be opened as a library now.
  static void end_writing(file&) noexcept {}

  [[nodiscard]] static view map(const file& opened) noexcept {
    // Of a file of 150 KB a map costs 18 us with the faults and the unmapping, a read 4 us.
    constexpr uint64_t most_to_read = uint64_t{256} * 1024;
    file_key key;
    if (!look(opened, key) || key.size == 0) return view();
    if (key.size <= most_to_read) {
      view whole = read_whole(opened, static_cast<size_t>(key.size));
      if (whole.is_open()) return whole;
    }
    const auto size = static_cast<size_t>(key.size);
    if (size != key.size) {  // a program of 32 bits
      errno = ENOMEM;
      return view();
    }
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, opened.descriptor(), 0);
    if (data == MAP_FAILED) return view();
    return view(bytes{static_cast<const unsigned char*>(data), key.size}, view::kept::mapped);
  }

  static void remove(const char* path) noexcept { ::unlink(path); }
  static void remove_directory(const char* path) noexcept { ::rmdir(path); }

  /// Creates a directory that was not there before and that nobody else can enter.
  [[nodiscard]] static bool create_private_directory(const char* path) noexcept {
    return ::mkdir(path, 0700) == 0;
  }

  /// Whether a directory of this user, and no link to one, is at `path`.
  [[nodiscard]] static bool is_own_directory(const char* path) noexcept {
    return is_own(path, S_IFDIR);
  }

  /// Whether code may be run from files on the file system of this open file.
  [[nodiscard]] static bool may_execute_from(const file& opened) noexcept {
#if defined(__linux__)
    struct ::statvfs status;
    if (::fstatvfs(opened.descriptor(), &status) == 0) return (status.f_flag & ST_NOEXEC) == 0;
#else
    struct ::statfs status;
    if (::fstatfs(opened.descriptor(), &status) == 0) return (status.f_flags & MNT_NOEXEC) == 0;
#endif
    return true;
  }

  /// Where private directories may be made; absolute, with a slash at its end. $TMPDIR, unless
  /// whoever started the program has fewer rights than it has, or others could take away there what
  /// is made.
  static void append_temporary_directory(text& to) noexcept {
    const char* const named = ::getenv("TMPDIR");
    to << (named != nullptr && may_use_temporary(named) ? named : "/tmp") << "/";
  }

  /// Calls `visit(name)` for each name in a directory; those of "." and ".." too.
  template <class Visit> static void list_directory(const char* path, Visit visit) noexcept {
    DIR* directory = ::opendir(path);
    if (directory == nullptr) return;
    while (const auto* found = next_in(directory)) visit(found->d_name);
    ::closedir(directory);
  }

  // --- claims: a file whose lock says that its maker lives

  /// Creates `path` and locks it for as long as the file stays open: in this process and those
  /// forked from it, seen by all others, also in other containers. The system gives the lock back
  /// however the process ends.
  /// @returns a closed file if it could not be created; means_taken() of the error: try again
  [[nodiscard]] static file claim(const char* path) noexcept {
    file claimed = create(path);
    if (!claimed.is_open()) return claimed;
    // Between creation and lock a sweeper may have found the file unlocked and removed it.
    const bool locked = ::flock(claimed.descriptor(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno != EWOULDBLOCK) {
      const int error = errno;  // no locks on this file system
      remove(path);
      errno = error;
      return file();
    }
    if (!locked || !is_at(claimed, path)) {
      errno = EEXIST;
      return file();
    }
    return claimed;
  }

  /// Whether this is a file that claim() has opened, and not another one of its number, after the
  /// program has closed all descriptors that it did not know, as daemons do when they start.
  [[nodiscard]] static bool is_claim(const file& opened) noexcept {
    file_status status;
    return ask(opened, status) && S_ISREG(status.st_mode) && status.st_size == 0 &&
           (status.st_mode & 0777) == 0400;
  }

  /// Takes over a claim whose maker is gone.
  /// @returns a closed file if there is none, its maker lives, or it is not this user's
  [[nodiscard]] static file take_over(const char* path) noexcept {
    file claimed = open_file(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    file_status status;
    // Another sweeper may have been faster, and the name may be a new process's by now.
    if (!claimed.is_open() || !ask(claimed, status) || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid() || ::flock(claimed.descriptor(), LOCK_EX | LOCK_NB) != 0 ||
        !is_at(claimed, path)) {
      return file();
    }
    return claimed;
  }

  /// Whether nothing, not even a broken link, is at `path`.
  [[nodiscard]] static bool is_absent(const char* path) noexcept {
    file_status status;
    return !ask_link(path, status) && errno == ENOENT;
  }

  /// Whether a regular file of this user, and no link to one, is at `path`.
  [[nodiscard]] static bool is_own_file(const char* path) noexcept { return is_own(path, S_IFREG); }

  // --- libraries

  /// Opens a library with all its symbols resolved, visible to nobody else.
  /// @returns null if the system refuses; library_error() says why
  [[nodiscard]] static void* open_library(const char* path) noexcept {
    return ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
  }

  /// The system's words for the last failure of open_library() on this thread, which was about the
  /// library at `path`.
  static void library_error(const char* /*path*/, text& words) noexcept {
    const char* reason = ::dlerror();
    words << (reason != nullptr ? reason : "no reason given");
  }

  /// Whether this process could take in another library of that many bytes. Asked after a failure:
  /// glibc says no more than "failed to map segment".
  [[nodiscard]] static bool has_room_for(uint64_t size) noexcept {
    // As many mappings as a library and those that it needs may have: the system limits both.
    constexpr size_t mappings = 64;
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const size_t total = static_cast<size_t>(size) + mappings * page;
    void* const room =
        ::mmap(nullptr, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return false;
    bool fits = true;
    for (size_t i = 0; fits && i < mappings; i += 2) {
      fits = ::mprotect(static_cast<char*>(room) + i * page, page, PROT_READ) == 0;
    }
    ::munmap(room, total);
    return fits;
  }

  using function_pointer = void (*)();

  /// @returns null if the library has no such symbol
  [[nodiscard]] static function_pointer symbol(void* library, const char* name) noexcept {
    return reinterpret_cast<function_pointer>(::dlsym(library, name));
  }

  /// The function at an address that the library's file tells. Waits for nobody.
  [[nodiscard]] static function_pointer function_at(void* library, uint64_t address) noexcept {
    uintptr_t base = 0;
    if (!note::find_base(library, base)) return nullptr;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the system tells addresses as numbers
    return reinterpret_cast<function_pointer>(base + static_cast<uintptr_t>(address));
  }

  /// Where the address 0 of the library's file is; null if the system does not tell.
  [[nodiscard]] static const char* base_of(void* library) noexcept {
    return reinterpret_cast<const char*>(function_at(library, 0));
  }

  /// A symbol as people write it.
  static text& append_symbol(text& to, const char* symbol) noexcept {
    // Else it is taken for a type: 'f' is float.
    const bool is_mangled = ::strncmp(symbol, "_Z", 2) == 0;
    char* const words =
        is_mangled ? ::abi::__cxa_demangle(symbol, nullptr, nullptr, nullptr) : nullptr;
    to << (words != nullptr ? words : symbol);
    ::free(words);
    return to;
  }

  /// Whether this process has the library of that name.
  [[nodiscard]] static bool is_loaded(const char* name) noexcept {
    // RTLD_LOCAL, which is 0 on Linux: macOS shows an open library's symbols to all without it.
    void* const found = ::dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (found != nullptr) ::dlclose(found);
    return found != nullptr;
  }

  /// Closes a library. The system may keep it: is_loaded() tells.
  static void close_library(void* library) noexcept { static_cast<void>(::dlclose(library)); }

  // --- binaries of this process: the program, and all libraries

  /// Has the others of the process find this binary.
  static void be_found() noexcept { note::carry(); }

  /// Where `own_binary` of the first binary that uses dymod is, in the order of loading; null if
  /// not even this one says so. That binary stays loaded for ever.
  [[nodiscard]] static void* first_binary() noexcept {
    be_found();
    const void* before = nullptr;
    for (;;) {
      const note::first found = note::find_first();
      const bool is_program = found.name.empty();
      if (found.place == nullptr || is_program || keep_loaded(found.name.c_str())) {
        return found.place;
      }
      // Not there any more: a library that failed to load, or was unloaded, on another thread. Or
      // the system does not know it by its own name; then it cannot be kept, either.
      if (found.place == before) return found.place;
      before = found.place;
    }
  }

  /// Where `own_binary` of a library that open_library() opened is; null if it does not use dymod.
  [[nodiscard]] static void* binary_in(void* library) noexcept { return note::find_in(library); }

  /// What the system knows the binary that holds the address as; for a library that open_library()
  /// opened, a path with the same last part as the one it was given. Never waits for static
  /// constructors, as dladdr() does on Linux: whoever runs them, inside the system's loader, may be
  /// waiting for the load lock.
  /// @returns false if no binary does
  static bool append_binary_name(text& to, const void* address) noexcept {
    return note::append_name(to, address);
  }

  /// Whether a binary of this process is the file at `path` itself. Waits for nobody.
  [[nodiscard]] static bool is_open_itself(const char* path) noexcept {
    const char* const name = path + directory_length(path);
    return note::any_name([&](const char* path_of) {
      const char* const name_of = path_of + directory_length(path_of);
      // Perhaps with a version behind it.
      if (::strncmp(name_of, name, ::strlen(name)) != 0) return false;
      return is_same_file(path_of, path);
    });
  }

  /// Returns once no other thread opens or closes a library; at once on a thread that does.
  static void wait_for_libraries() noexcept {
    void* const program = ::dlopen(nullptr, RTLD_LAZY);
    if (program != nullptr) ::dlclose(program);
  }

  /// Keeps the library that holds an address loaded for ever, whoever closes it; nothing for the
  /// program. Waits for whoever is opening one, hence not under the load lock.
  static void keep_library_of(const void* address) noexcept {
    text name;
    append_binary_name(name, address);
    if (!name.empty()) keep_loaded(name.c_str());
  }

  /// What images must be made for.
  [[nodiscard]] static image_target target() noexcept {
#if defined(__linux__)
    const uint16_t one = 1;
    unsigned char first = 0;
    ::memcpy(&first, &one, 1);
    return elf_target{sizeof(void*), first == 0, machine()};
#elif defined(__arm64e__)
    return macho_target{machine(), true};
#else
    return macho_target{machine(), false};
#endif
  }

  /// "lib<name>.so"; macOS: "lib<name>.dylib"
  static void append_library_name(text& to, const char* name) noexcept {
#if defined(__linux__)
    to << "lib" << name << ".so";
#else
    to << "lib" << name << ".dylib";
#endif
  }

  /// The directory of the binary (program or library) that holds the address, with a slash at its
  /// end.
  /// @returns false if it cannot be told now, for want of descriptors or memory
  [[nodiscard]] static bool append_binary_directory(text& to, const void* address) noexcept {
    // Asked of the kernel: the loader knows a binary by what it was opened as, perhaps relative to
    // a directory that has been left since.
    const size_t before = to.size();
    FILE* const maps = ::fopen("/proc/self/maps", "re");
    if (maps == nullptr && means_short(last_error())) return false;
    char line[PATH_MAX + 128];
    while (maps != nullptr && to.size() == before && ::fgets(line, sizeof line, maps) != nullptr) {
      // "start-end …", in hexadecimal, and at the end the path: the only part with a slash in it.
      char* rest = nullptr;
      const unsigned long long start = ::strtoull(line, &rest, 16);
      const unsigned long long end = *rest == '-' ? ::strtoull(rest + 1, &rest, 16) : 0;
      const unsigned long long wanted = reinterpret_cast<uintptr_t>(address);
      const char* name = ::strchr(rest, '/');
      if (wanted >= start && wanted < end && name != nullptr) {
        to.append(name, directory_length(name));
      }
    }
    if (maps != nullptr) static_cast<void>(::fclose(maps));
    if (to.size() != before) return true;
    // Without /proc. Never the current directory: rather a path where nothing is.
    Dl_info found;
    const bool known = ::dladdr(address, &found) != 0 && is_absolute(found.dli_fname);
    const char* const name = known ? found.dli_fname : "/";
    to.append(name, directory_length(name));
    return true;
  }

  /// How much of a path names the directory, the last slash included; 0 without one.
  [[nodiscard]] static size_t directory_length(const char* path) noexcept {
    size_t length = 0;
    for (size_t i = 0; path[i] != '\0'; ++i) {
      if (path[i] == '/') length = i + 1;
    }
    return length;
  }

  [[nodiscard]] static bool is_absolute(const char* path) noexcept { return path[0] == '/'; }

  /// What a path that is not absolute means in a directory.
  /// @param to  the directory, with a slash at its end
  static void append_relative(text& to, const char* path) noexcept { to << path; }

  // --- process and time

  [[nodiscard]] static uint32_t process_id() noexcept { return static_cast<uint32_t>(::getpid()); }

  [[nodiscard]] static uint32_t thread_id() noexcept {
#if defined(__linux__)
    return static_cast<uint32_t>(::syscall(SYS_gettid));
#else
    uint64_t number = 0;
    ::pthread_threadid_np(nullptr, &number);
    return static_cast<uint32_t>(number);
#endif
  }

  /// ns, never goes back.
  [[nodiscard]] static uint64_t monotonic() noexcept { return nanoseconds(CLOCK_MONOTONIC); }

  /// ms, never goes back; a few ns to ask, a few ms coarse.
  [[nodiscard]] static uint64_t coarse_milliseconds() noexcept {
#if defined(__linux__)
    const clockid_t coarse = CLOCK_MONOTONIC_COARSE;
#else
    const clockid_t coarse = CLOCK_MONOTONIC_RAW_APPROX;
#endif
    struct ::timespec now;
    ::clock_gettime(coarse, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
  }

  /// ns since 1970, of the clock that stamps files.
  [[nodiscard]] static int64_t file_clock() noexcept {
    return static_cast<int64_t>(nanoseconds(CLOCK_REALTIME));
  }

  static void sleep_milliseconds(unsigned milliseconds) noexcept {
    struct ::timespec time;
    time.tv_sec = static_cast<time_t>(milliseconds / 1000);
    time.tv_nsec = static_cast<long>(milliseconds % 1000) * 1000000;
    ::nanosleep(&time, nullptr);
  }

  /// Not to be guessed, and never the same in two processes.
  [[nodiscard]] static uint64_t random() noexcept {
    uint64_t number = 0;
    if (::getentropy(&number, sizeof number) != 0) {
      // A very old kernel, or a sandbox. It can be guessed then, and need not be refused: names are
      // created, never opened, so that who has guessed one makes us take the next.
      number = static_cast<uint64_t>(file_clock()) * 0x9e3779b97f4a7c15u ^ monotonic() ^
               reinterpret_cast<uintptr_t>(&number) ^ static_cast<uint64_t>(process_id()) << 32;
    }
    return number;
  }

  /// Has `function` called when the process ends by exit(), return from main, or quick_exit(),
  /// which macOS does not have.
  /// @returns false when it is too late for that
  [[nodiscard]] static bool at_exit(void (*function)()) noexcept {
#if defined(__linux__)
    return ::atexit(function) == 0 && ::at_quick_exit(function) == 0;
#else
    return ::atexit(function) == 0;
#endif
  }

  /// One write, so that lines of several threads do not mix.
  static void write_to_stderr(const char* characters, size_t count) noexcept {
    while (count > 0) {
      const ssize_t written = ::write(STDERR_FILENO, characters, count);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      characters += written;
      count -= static_cast<size_t>(written);
    }
  }

  [[noreturn]] static void abort() noexcept { ::abort(); }

  /// While it lives the thread is not cancelled, and at its end errno is what it was: a call to a
  /// module must not show that files were touched on the way.
  class quiet {
   public:
    quiet() noexcept : error_(errno) { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    quiet(const quiet&) = delete;
    quiet& operator=(const quiet&) = delete;
    ~quiet() {
      ::pthread_setcancelstate(before_, nullptr);
      errno = error_;
    }

   private:
    int error_;
    int before_ = PTHREAD_CANCEL_ENABLE;
  };

  // --- errors

  /// errno of the last call that failed.
  [[nodiscard]] static int last_error() noexcept { return errno; }
  static void set_last_error(int error) noexcept { errno = error; }
  [[nodiscard]] static bool means_absent(int error) noexcept {
    return error == ENOENT || error == ENOTDIR;
  }
  [[nodiscard]] static bool means_taken(int error) noexcept { return error == EEXIST; }
  /// Whether a file was not opened because somebody who writes it lets nobody else in.
  [[nodiscard]] static bool means_in_use(int /*error*/) noexcept { return false; }

  static void describe_error(int error, text& words) noexcept {
    char buffer[256] = "";
    words << words_of(::strerror_r(error, buffer, sizeof buffer), buffer);
  }

 private:
#if defined(_LARGEFILE64_SOURCE)
  // glibc's. What the others tell of files has no room for inode numbers that do not fit into the
  // program's words: they fail.
  using file_status = struct ::stat64;
  [[nodiscard]] static bool ask(const char* path, file_status& status) noexcept {
    return ::stat64(path, &status) == 0;
  }
  [[nodiscard]] static bool ask_link(const char* path, file_status& status) noexcept {
    return ::lstat64(path, &status) == 0;
  }
  [[nodiscard]] static bool ask(const file& opened, file_status& status) noexcept {
    return ::fstat64(opened.descriptor(), &status) == 0;
  }
  [[nodiscard]] static const ::dirent64* next_in(DIR* directory) noexcept {
    return ::readdir64(directory);
  }
#else
  using file_status = struct ::stat;
  [[nodiscard]] static bool ask(const char* path, file_status& status) noexcept {
    return ::stat(path, &status) == 0;
  }
  [[nodiscard]] static bool ask_link(const char* path, file_status& status) noexcept {
    return ::lstat(path, &status) == 0;
  }
  [[nodiscard]] static bool ask(const file& opened, file_status& status) noexcept {
    return ::fstat(opened.descriptor(), &status) == 0;
  }
  [[nodiscard]] static const ::dirent* next_in(DIR* directory) noexcept {
    return ::readdir(directory);
  }
#endif

  // strerror_r returns the words (GNU) or a number (POSIX).
  [[nodiscard]] static const char* words_of(const char* words, const char*) noexcept {
    return words;
  }
  [[nodiscard]] static const char* words_of(int, const char* buffer) noexcept { return buffer; }

  [[nodiscard]] static bool means_short(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
  }

  [[nodiscard]] static bool may_use_temporary(const char* named) noexcept {
#if defined(__linux__)
    if (::getauxval(AT_SECURE) != 0) return false;  // setuid, setgid, file capabilities
#else
    if (::issetugid() != 0) return false;
#endif
    file_status status;
    const bool shared = ask(named, status) && (status.st_mode & S_IWOTH) != 0;
    return is_absolute(named) && (!shared || (status.st_mode & S_ISVTX) != 0);
  }

  [[nodiscard]] static bool is_own(const char* path, mode_t type) noexcept {
    file_status status;
    return ask_link(path, status) && (status.st_mode & S_IFMT) == type &&
           status.st_uid == ::geteuid();
  }

  /// @returns false if no library of this name is loaded
  static bool keep_loaded(const char* name) noexcept {
    return ::dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
  }

  [[nodiscard]] static bool is_same_file(const file_key& one, const file_key& other) noexcept {
    return one.inode == other.inode && one.device == other.device;
  }

  [[nodiscard]] static bool is_at(const file& opened, const char* path) noexcept {
    file_key ours;
    file_key there;
    return look(opened, ours) && look(path, there) && is_same_file(ours, there);
  }

  [[nodiscard]] static file open_file(const char* path, int flags) noexcept {
    for (;;) {
      const int descriptor = ::open(path, flags | O_CLOEXEC, 0400);
      if (descriptor >= 0 || errno != EINTR) return file(descriptor);
    }
  }

  [[nodiscard]] static file_key key_of(const file_status& status) noexcept {
    file_key key;
    key.device = static_cast<uint64_t>(status.st_dev);
    key.inode = static_cast<uint64_t>(status.st_ino);
    key.size = static_cast<uint64_t>(status.st_size);
#if defined(__linux__)
    key.modified = nanoseconds_of(status.st_mtim);
    key.changed = nanoseconds_of(status.st_ctim);
#else
    key.modified = nanoseconds_of(status.st_mtimespec);
    key.changed = nanoseconds_of(status.st_ctimespec);
#endif
    return key;
  }

  [[nodiscard]] static int64_t nanoseconds_of(const struct ::timespec& time) noexcept {
    return static_cast<int64_t>(time.tv_sec) * 1000000000 + static_cast<int64_t>(time.tv_nsec);
  }

  [[nodiscard]] static uint64_t nanoseconds(clockid_t clock) noexcept {
    struct ::timespec now;
    ::clock_gettime(clock, &now);
    return static_cast<uint64_t>(nanoseconds_of(now));
  }

  /// @returns nothing if that is not what the file has, or without memory
  [[nodiscard]] static view read_whole(const file& opened, size_t size) noexcept {
    auto* const data = static_cast<unsigned char*>(::malloc(size));
    if (data == nullptr) return view();
    view whole(bytes{data, size}, view::kept::on_heap);
    for (size_t done = 0; done < size;) {
      const ssize_t got =
          ::pread(opened.descriptor(), data + done, size - done, static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return view();
      done += static_cast<size_t>(got);
    }
    return whole;
  }

  [[nodiscard]] static bool copy_through_memory(const file& from, const file& to) noexcept {
    unsigned char block[65536];
    if (::lseek(from.descriptor(), 0, SEEK_SET) != 0) return false;
    if (::lseek(to.descriptor(), 0, SEEK_SET) != 0) return false;
    for (;;) {
      const ssize_t got = ::read(from.descriptor(), block, sizeof block);
      if (got == 0) return true;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      for (ssize_t done = 0; done < got;) {
        const ssize_t put = ::write(to.descriptor(), block + done, static_cast<size_t>(got - done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        done += put;
      }
    }
  }

  // e_machine of this process, from the System V ABI's list, or macOS's cputype; 0 for processors
  // not tried.
  [[nodiscard]] static unsigned machine() noexcept {
#if defined(__APPLE__) && defined(__x86_64__)
    return 0x01000007;
#elif defined(__APPLE__) && defined(__aarch64__)
    return 0x0100000c;
#elif defined(__x86_64__)
    return 62;
#elif defined(__i386__)
    return 3;
#elif defined(__aarch64__)
    return 183;
#elif defined(__arm__)
    return 40;
#elif defined(__riscv)
    return 243;
#elif defined(__s390__)
    return 22;
#elif defined(__powerpc64__)
    return 21;
#else
    return 0;
#endif
  }
};

}}}  // namespace dymod::detail::os

#endif
#endif

#endif
// <dymod/detail/reload/hooks.hpp>

// What the program wants run before and after a module's reload. Each hook runs on the thread that
// reloads, with no lock of dymod held; the module is marked as worked on meanwhile, so that no
// reload starts. A hook whose code is part of an image runs while that image is current, and goes
// when it is replaced.

#ifndef DYMOD_DETAIL_RELOAD_HOOKS_HPP
#define DYMOD_DETAIL_RELOAD_HOOKS_HPP

#include <stdint.h>  // uint64_t

// <dymod/detail/reload/records.hpp>

// Which module a caller means: where its library ought to be, and the record of it. All functions
// want the load lock held.

#ifndef DYMOD_DETAIL_RELOAD_RECORDS_HPP
#define DYMOD_DETAIL_RELOAD_RECORDS_HPP

#include <stddef.h>  // size_t
#include <string.h>  // strcmp

// <dymod/detail/reload/problem.hpp>

// Why a build was refused, in words. One line says what, with its path and the system's words;
// where two sides differ, one line says what each has; the last says what to do.

#ifndef DYMOD_DETAIL_RELOAD_PROBLEM_HPP
#define DYMOD_DETAIL_RELOAD_PROBLEM_HPP

#include <string.h>  // strstr

// <dymod/detail/text.hpp>

// Text that grows: messages and paths. Not std::string, whose header alone would cost every file
// that includes dymod 90 ms. Without memory it keeps what it has: a message cut short beats none.

#ifndef DYMOD_DETAIL_TEXT_HPP
#define DYMOD_DETAIL_TEXT_HPP

#include <stddef.h>  // size_t
#include <stdlib.h>  // free, realloc
#include <string.h>  // memcpy, strlen

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

class text {
 public:
  text() noexcept = default;
  explicit text(const char* start) noexcept { *this << start; }
  text(text&& other) noexcept { swap(other); }
  text& operator=(text&& other) noexcept {
    swap(other);
    return *this;
  }
  text(const text&) = delete;
  text& operator=(const text&) = delete;
  ~text() { ::free(characters_); }

  /// Null-terminated, never null, owned by this object until it changes.
  [[nodiscard]] const char* c_str() const noexcept { return characters_ ? characters_ : ""; }
  [[nodiscard]] size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Gives the characters away; the caller frees them with ::free(). Null if there are none.
  [[nodiscard]] char* release() noexcept {
    char* characters = characters_;
    characters_ = nullptr;
    size_ = 0;
    capacity_ = 0;
    return characters;
  }

  void shorten(size_t size) noexcept {
    if (size >= size_) return;
    size_ = size;
    characters_[size] = '\0';
  }

  text& append(const char* characters, size_t count) noexcept {
    if (count >= capacity_ - size_ && !grow(size_ + count + 1)) return *this;
    ::memcpy(characters_ + size_, characters, count);
    size_ += count;
    characters_[size_] = '\0';
    return *this;
  }

  text& operator<<(const char* characters) noexcept {
    return append(characters, ::strlen(characters));
  }

  text& operator<<(const text& other) noexcept { return append(other.c_str(), other.size()); }

  text& operator<<(unsigned long long number) noexcept {
    char digits[20];
    size_t first = sizeof digits;
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return append(digits + first, sizeof digits - first);
  }

  text& operator<<(unsigned long number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

  text& operator<<(unsigned number) noexcept {
    return *this << static_cast<unsigned long long>(number);
  }

 private:
  [[nodiscard]] bool grow(size_t wanted) noexcept {
    const size_t capacity = wanted * 2;
    void* grown = ::realloc(characters_, capacity);
    if (grown == nullptr) return false;
    characters_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return true;
  }

  void swap(text& other) noexcept {
    char* const characters = characters_;
    const size_t size = size_;
    const size_t capacity = capacity_;
    characters_ = other.characters_;
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.characters_ = characters;
    other.size_ = size;
    other.capacity_ = capacity;
  }

  char* characters_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What happened (the first words of a message) and what to do about it (the last), for each step.
struct step_words {
  error_code code;
  const char* what;
  const char* cure;
};

// clang-format off
inline constexpr step_words all_step_words[] = {
    {error_code::not_found, "no library", "build the module"},
    {error_code::being_written, "not finished", "wait for the build to end"},
    {error_code::copy_failed, "copy failed",
     "make the file readable, and room beside it or in $TMPDIR for a copy that nobody else changes"},
    {error_code::incomplete, "incomplete library",
     "the build was interrupted, or the section headers were stripped: build the module again"},
    {error_code::not_a_library, "not a library of this system",
     "build the module again, with the compiler of the host"},
    {error_code::no_description, "not built as this module",
     "its sources must include the header with the DYMOD list and be compiled as a shared library, with "
     "<module>_EXPORTS defined (CMake does that for a target of the module's name) and without NDEBUG"},
    {error_code::format_mismatch, "built with another version of dymod",
     "build host and module with the same dymod headers"},
    {error_code::abi_mismatch, "built for another C++ ABI",
     "build host and module with the same standard library and the same switches of it"},
    {error_code::missing_function, "function missing", "rebuild host and module from the same header"},
    {error_code::type_mismatch, "type changed",
     "rebuild all from the same header and start the program again, or take the change back"},
    {error_code::layout_mismatch, "layout changed",
     "rebuild all from the same headers and start the program again, or take the change back"},
    {error_code::would_exit, "not opened", "build host and module with the same -fsanitize options"},
    {error_code::open_failed, "the system refuses to open it",
     "mend what the system complains of, or build the module again; it is tried again"},
    {error_code::entered_again, "called during its own first load",
     "a module's static constructors must not call the module through the host"},
    {error_code::out_of_memory, "no memory for it",
     "free some memory, by library.unload_old() perhaps; it is tried again"},
    {error_code::rolled_back, "not taken again", "mend what was wrong with it, and build the module"}};
// clang-format on

/// Never null: every error_code has a row.
[[nodiscard]] inline const step_words& words_for(error_code code) noexcept {
  const step_words* found = all_step_words;
  while (found->code != code) ++found;
  return *found;
}

/// A reason to refuse, collected while a build is judged.
struct problem {
  error_code code = error_code::not_found;
  text detail;                         // what exactly; a path in quotes and a clause
  text sides;                          // where two sides differ: a line for each
  const char* other_module = nullptr;  // whose build would do away with it; null: that of none
  bool only_generations = false;       // differ, of what modules hand to each other

  /// @returns the place to write the details to
  text& set(error_code what) noexcept {
    code = what;
    detail.shorten(0);
    sides.shorten(0);
    other_module = nullptr;
    only_generations = false;
    return detail;
  }

  /// @param name     of the module
  /// @param runs_on  the generation that stays current; 0: none
  [[nodiscard]] text message(const char* name, unsigned runs_on = 0) const noexcept {
    const step_words& words = words_for(code);
    text lines;
    lines << words.what << ": " << detail;
    if (runs_on != 0) lines << "; generation " << runs_on << " runs on";
    lines << sides << line_break;
    if (other_module != nullptr) {
      lines << "build module '" << other_module << "' as well, from the same header";
      return lines;
    }
    if (only_generations) {
      lines << "carry what there is over in library.before_reload() and after_reload(), start the "
               "program again, or take the change back";
      return lines;
    }
    // The one placeholder of the table: the module's name.
    const char* mark = ::strstr(words.cure, "<module>");
    if (mark == nullptr) return static_cast<text&&>(lines << words.cure);
    lines.append(words.cure, static_cast<size_t>(mark - words.cure)) << name << mark + 8;
    return lines;
  }

  static constexpr const char* line_break = "\n    ";
};

/// How two sides differ, each thing once.
class differences {
 public:
  /// @param other  what the second side is called
  explicit differences(const char* other = "the library") noexcept : other_(other) {}

  /// @param name   of what differs
  /// @param field  the number of its first field that differs; 0: not a matter of fields
  /// @param who    has it otherwise than the library
  void add(const text& name, unsigned field, const text& who, const text& mine,
           const text& its) noexcept {
    text quoted;
    quoted << "'" << name << "'";
    if (::strstr(known_.c_str(), quoted.c_str()) != nullptr) return;
    known_ << quoted;
    ++count_;
    if (count_ > most) return;
    if (count_ > 1) names_ << ", ";
    names_ << quoted;
    if (field != 0) names_ << " (field " << field << ")";
    const text other(other_);
    const size_t width = who.size() > other.size() ? who.size() : other.size();
    add_side(name, who, width, mine);
    add_side(name, other, width, its);
  }

  [[nodiscard]] bool none() const noexcept { return count_ == 0; }

  /// @returns false: a build with differences is refused
  [[nodiscard]] bool tell(const char* path, problem& why, error_code code) const noexcept {
    append_names(why.set(code)) << " in '" << path << "'";
    why.sides << sides_;
    return false;
  }

  /// "'herd' (field 2), 'wolf'"
  text& append_names(text& to) const noexcept {
    to << names_;
    if (count_ > most) to << " and " << count_ - most << " more";
    return to;
  }

  /// A line break and a line for each side.
  [[nodiscard]] const text& sides() const noexcept { return sides_; }

 private:
  static constexpr unsigned most = 8;  // told in full: a header that changed can change everything

  void add_side(const text& name, const text& who, size_t width, const text& what) noexcept {
    sides_ << problem::line_break << name << " in " << who << ": ";
    for (size_t i = who.size(); i < width; ++i) sides_ << " ";
    sides_ << what;
  }

  const char* other_;
  text known_;  // all, also those that are not told
  text names_;
  text sides_;
  unsigned count_ = 0;
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/state/events.hpp>

// Events are queued while the load lock is held and delivered after it is given back, so that a
// handler may call modules, reload them, or take locks of its own.

#ifndef DYMOD_DETAIL_STATE_EVENTS_HPP
#define DYMOD_DETAIL_STATE_EVENTS_HPP

#include <stdio.h>   // snprintf
#include <stdlib.h>  // free, malloc

#include <new>  // placement new

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct queued_event {
  event news;  // its message is `message`
  text message;
  queued_event* next;
};

/// Takes place on the heap for good, or not at all.
/// @returns null without memory
template <class Type> [[nodiscard]] Type* allocate() noexcept {
  void* place = ::malloc(sizeof(Type));
  return place ? ::new (place) Type{} : nullptr;
}

/// The lock must be held. Without memory the event is lost: the program matters more.
inline void queue_event(registry& known, event_kind kind, const record& of, unsigned generation,
                        text&& message, double seconds) noexcept {
  queued_event* added = allocate<queued_event>();
  if (added == nullptr) return;
  added->message = static_cast<text&&>(message);
  added->news = event{kind, of.name, generation, of.path, added->message.c_str(), seconds};
  queued_event** end = &known.events;
  while (*end != nullptr) end = &(*end)->next;
  *end = added;
}

// See event.hpp: the field's name may be a macro of the user's.
#pragma push_macro("module")
#undef module
[[nodiscard]] inline const char* module_of(const event& news) noexcept { return news.module; }
#pragma pop_macro("module")

/// "dymod: sheep: …", as all begins that dymod says of a module.
[[nodiscard]] inline text as_said_of(const char* name, const char* message) noexcept {
  text lines("dymod: ");
  lines << name << ": " << message;
  return lines;
}

template <class Os> void print(text&& lines) noexcept {
  lines << "\n";
  Os::write_to_stderr(lines.c_str(), lines.size());
}

/// For what cannot be thrown.
template <class Os> [[noreturn]] void end_process(text&& lines) noexcept {
  print<Os>(static_cast<text&&>(lines));
  Os::abort();
}

/// Gives the lock back and delivers what was queued.
template <class Os> void leave_and_deliver(registry& known) noexcept {
  queued_event* events = known.events;
  known.events = nullptr;
  known.lock.leave<Os>();
  while (events != nullptr) {
    const handler_choice* chosen = known.handler.load_acquire();
    if (chosen != nullptr && chosen->handler.function != nullptr) {
      chosen->handler.function(events->news, chosen->handler.user);
    } else {
      print<Os>(as_said_of(module_of(events->news), events->news.message));
    }
    queued_event* next = events->next;
    events->~queued_event();
    ::free(events);
    events = next;
  }
}

/// "0.8 ms"
inline text& append_duration(text& to, double seconds) noexcept {
  char digits[32];
  static_cast<void>(::snprintf(digits, sizeof digits, "%.1f ms", seconds * 1000));
  return to << digits;
}

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

[[nodiscard]] inline image* current_image(const record& of) noexcept {
  const snapshot* now = of.published.load_relaxed();
  return now != nullptr ? now->current : nullptr;
}

/// What follows the last separator of a path.
template <class Os> [[nodiscard]] const char* file_name_in(const char* path) noexcept {
  return path + Os::directory_length(path);
}

/// The image that holds an address; null if it is in no image. The load lock must be held.
template <class Os>
[[nodiscard]] image* image_of(const registry& known, const void* address) noexcept {
  text binary_name;
  Os::append_binary_name(binary_name, address);
  // Of all files of this process no two copies have the same name, whatever directory they are in.
  const char* const name = file_name_in<Os>(binary_name.c_str());
  for (const record* of = known.records.load_acquire(); of != nullptr; of = of->next) {
    for (image* each = of->images; each != nullptr; each = each->previous) {
      if (::strcmp(file_name_in<Os>(each->copy), name) == 0) return each;
    }
  }
  return nullptr;
}

template <class Os> class records {
 public:
  explicit records(registry& known) noexcept : known_(known) {}

  /// Finds or makes the record of the library that is there: the expected one or, beside the
  /// calling binary, one of the usual name.
  [[nodiscard]] record* find_library(caller& wants, problem& why) noexcept {
    file_key key;
    const char* path = expected_path(wants);
    if (Os::look(path, key)) return find_or_make_record(wants, path, why);
    text usual;
    if (path[0] == '\0' || !append_usual_path(usual, wants)) {
      const int error = Os::last_error();
      text& detail = why.set(error_code::copy_failed);
      Os::append_library_name(detail << "'", wants.name);
      Os::describe_error(error, detail << "': ");
      return nullptr;
    }
    if (Os::look(usual.c_str(), key)) return find_or_make_record(wants, usual.c_str(), why);
    // Linkers take it away to write it anew. Others have it: a caller that comes now has it as
    // well.
    record* const known = find(wants);
    if (known != nullptr && known->published.load_relaxed() != nullptr) {
      return known;
    }
    text& detail = why.set(error_code::not_found);
    detail << "there is no file '" << path << "'";
    if (::strcmp(path, usual.c_str()) != 0) detail << ", nor '" << usual << "'";
    return nullptr;
  }

  /// The record that find_library() would find; null if there is none yet.
  [[nodiscard]] record* find(caller& wants) noexcept {
    if (record* found = find_record(wants.name, expected_path(wants))) return found;
    text usual;
    return append_usual_path(usual, wants) ? find_record(wants.name, usual.c_str()) : nullptr;
  }

  /// Where the library of this caller ought to be: absolute, owned by the caller object. Nothing
  /// while that cannot be told.
  [[nodiscard]] const char* expected_path(caller& wants) noexcept {
    const char* path = wants.expected_path.load_acquire();
    if (path != nullptr) return path;
    text made;
    const char* given = wants.library_path();
    bool known = true;
    if (given == nullptr) {
      known = append_usual_path(made, wants);
    } else {
      known = Os::is_absolute(given) || append_directory_of(made, wants);
      Os::append_relative(made, given);
    }
    if (!known) return "";
    path = made.release();
    if (path == nullptr) return "";
    wants.expected_path.store_release(path);
    return path;
  }

 private:
  [[nodiscard]] bool append_usual_path(text& path, const caller& wants) const noexcept {
    const bool known = append_directory_of(path, wants);
    if (known) Os::append_library_name(path, wants.name);
    return known;
  }

  // The directory of the calling binary. An image is a copy, perhaps in another place than the
  // library.
  /// @returns false if it cannot be told now; the system's error says why
  [[nodiscard]] bool append_directory_of(text& path, const caller& wants) const noexcept {
    const image* home = image_of<Os>(known_, &wants);
    if (home == nullptr) return Os::append_binary_directory(path, &wants);
    path.append(home->of->path, Os::directory_length(home->of->path));
    return true;
  }

  [[nodiscard]] record* find_record(const char* name, const char* path) const noexcept {
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (::strcmp(each->name, name) == 0 && is_same_place(each->path, path)) return each;
    }
    return nullptr;
  }

  // Two binaries may name one library by different paths. The directory tells; the file itself is
  // another with each build.
  [[nodiscard]] static bool is_same_place(const char* one, const char* other) noexcept {
    if (::strcmp(one, other) == 0) return true;
    const size_t one_length = Os::directory_length(one);
    const size_t other_length = Os::directory_length(other);
    if (::strcmp(one + one_length, other + other_length) != 0) return false;
    text one_directory;
    text other_directory;
    one_directory.append(one, one_length);
    other_directory.append(other, other_length);
    return Os::is_same_file(one_directory.c_str(), other_directory.c_str());
  }

  [[nodiscard]] record* find_or_make_record(const caller& wants, const char* path,
                                            problem& why) noexcept {
    if (record* known = find_record(wants.name, path)) return known;
    text own_name(wants.name);
    text own_path(path);
    record* made = allocate<record>();
    if (made == nullptr || own_name.empty() || own_path.empty()) {
      why.set(error_code::out_of_memory) << "'" << path << "'";
      return nullptr;
    }
    made->name = own_name.release();
    made->path = own_path.release();
    made->next = first_record();
    known_.records.store_release(made);
    return made;
  }

  [[nodiscard]] record* first_record() const noexcept { return known_.records.load_acquire(); }

  registry& known_;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

// All functions but add() and remove() want the load lock held; those that run foreign code give it
// back meanwhile.
template <class Os> class hooks {
 public:
  explicit hooks(registry& known) noexcept : known_(known) {}

  /// @param code  an address in the binary that the hook's code is part of
  /// @returns the hook's number
  [[nodiscard]] uint64_t add(hook_entry& added, const void* code) noexcept {
    const typename Os::quiet undisturbed;
    const void* const registrar = reinterpret_cast<const void*>(added.run);
    const bool entered = known_.lock.template enter<Os>();
    const uint64_t number = ++known_.hooks_made;
    added.number = number;
    added.home = image_of<Os>(known_, code);
    added.registered_by = image_of<Os>(known_, registrar);
    const bool is_in_library = added.home == nullptr;
    const bool is_of_library = added.registered_by == nullptr;
    if (added.wants == nullptr && !is_of_library) added.of = added.registered_by->of;
    hook_entry** end = &known_.hooks;
    while (*end != nullptr) end = &(*end)->next;
    *end = &added;
    if (entered) known_.lock.template leave<Os>();
    if (is_in_library) Os::keep_library_of(code);
    if (is_of_library) Os::keep_library_of(registrar);
    return number;
  }

  /// Returns once the hook is not being run on another thread.
  void remove(uint64_t number) noexcept {
    const typename Os::quiet undisturbed;
    for (;;) {
      if (!known_.lock.template enter<Os>()) return;
      hook_entry* found = known_.hooks;
      while (found != nullptr && found->number != number) found = found->next;
      if (found != nullptr) found->removed = true;
      const bool runs = found != nullptr && is_running(*found);
      const bool by_itself = runs && found->run_by == this_thread<Os>();  // goes when it returns
      if (!runs) discard_removed();
      known_.lock.template leave<Os>();
      if (!runs || by_itself) return;
      Os::sleep_milliseconds(1);
    }
  }

  /// Whether the module has a hook to be run.
  [[nodiscard]] bool any(const record& of, bool before) const noexcept {
    for (const hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (each->of == &of && is_due(*each, before)) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_any_running() const noexcept {
    for (const hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (is_running(*each)) return true;
    }
    return false;
  }

  /// Runs the hooks of the modules that `takes`, those that were there when this began, in the
  /// order of their registration.
  /// @returns whether the lock was given back meanwhile
  template <class Takes> bool run(bool before, Takes takes) noexcept {
    const uint64_t last = known_.hooks_made;
    bool given_back = false;
    for (hook_entry* each = known_.hooks; each != nullptr && each->number <= last;
         each = each->next) {
      if (each->of == nullptr || !takes(*each->of) || !is_due(*each, before)) continue;
      given_back = true;
      each->run_by = this_thread<Os>();
      known_.lock.template leave<Os>();
      each->run(each);
      static_cast<void>(known_.lock.template enter<Os>());
      each->run_by = 0;
    }
    return discard_removed() || given_back;
  }

  /// Removes the hooks whose code is part of a generation that is not current any more, or that
  /// such a one registered.
  void remove_replaced() noexcept {
    for (hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (is_replaced(each->home) || is_replaced(each->registered_by)) each->removed = true;
    }
    discard_removed();
  }

  /// Removes the hooks whose code is part of an image.
  void remove_of(const image& home) noexcept {
    for (hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (each->home == &home || each->registered_by == &home) each->removed = true;
    }
    discard_removed();
  }

 private:
  [[nodiscard]] static bool is_running(const hook_entry& of) noexcept {
    return of.run_by != 0 && is_of_this_process<Os>(of.run_by);
  }

  [[nodiscard]] static bool is_due(const hook_entry& hook, bool before) noexcept {
    if (hook.before != before || hook.removed) return false;
    return is_current(hook.home) && is_current(hook.registered_by);
  }

  [[nodiscard]] static bool is_current(const image* home) noexcept {
    return home == nullptr || home == current_image(*home->of);
  }

  [[nodiscard]] static bool is_replaced(const image* home) noexcept {
    return home != nullptr && home->generation != 0 && !is_current(home);
  }

  // Those that are being destroyed stay listed, so that whoever else removes them waits.
  /// @returns whether the lock was given back meanwhile
  bool discard_removed() noexcept {
    hook_entry* gone = known_.hooks;
    bool given_back = false;
    while (gone != nullptr) {
      if (!gone->removed || is_running(*gone)) {
        gone = gone->next;
        continue;
      }
      void (*const destroy)(hook_entry*) = gone->destroy;
      gone->destroy = nullptr;
      gone->run_by = this_thread<Os>();
      known_.lock.template leave<Os>();
      if (destroy != nullptr) destroy(gone);  // else a forked child's parent was at it
      static_cast<void>(known_.lock.template enter<Os>());
      hook_entry** link = &known_.hooks;
      while (*link != gone) link = &(*link)->next;
      *link = gone->next;
      known_.lock.template leave<Os>();
      gone->release(gone);
      static_cast<void>(known_.lock.template enter<Os>());
      gone = known_.hooks;  // whatever happened to the list meanwhile
      given_back = true;
    }
    return given_back;
  }

  registry& known_;
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/reload/loader.hpp>

// The reload, step by step. A build is judged before a byte of it runs, and nothing of the running
// generation is given up before the new one is published:
//
// clang-format off
//     1 check      the file's key is not the current generation's, nor the last refused one's
//     2 settled?   nobody writes it
//     3 copy       to a name never used before; then 2 and the key again
//     4 complete?  the copy has all that its headers promise
//     5 same?      the bytes of the current generation: a touch is no change
//     6 fits?      it offers all that the callers want; opening it would not end the process
//     7 open       all symbols resolved
//     8 publish    one atomic store
// clang-format on
//
// Any "no" leaves the old generation running. Modules that want something of each other are
// published together, in a wave: a change of both is taken whichever is built first. One thread
// reloads at a time. The load lock is given back while foreign code runs, which is in step 7
// (static constructors) and 8 (hooks); the record is marked as worked on meanwhile.
//
// The platform is a template parameter, so that tests make each step fail. No platform code here.

#ifndef DYMOD_DETAIL_RELOAD_LOADER_HPP
#define DYMOD_DETAIL_RELOAD_LOADER_HPP

#include <stdint.h>  // uint64_t
#include <stdlib.h>  // calloc, free
#include <string.h>  // strcmp

// <dymod/detail/reload/copies.hpp>

// Step 3 of a reload: where the private copies of libraries live, how they are named, and how they
// go away.
//
// clang-format off
//     libsheep.so                              the build's own file: never opened, the linker may write it
//     libsheep.so.dymod-0123456789abcdef-7     a copy: token of the process, number of the attempt
//     dymod-0123456789abcdef-7.pdb             its debug information, where that is in a second file
//     dymod-0123456789abcdef.lock              locked while that process lives
// clang-format on
//
// A copy stands beside its library, so that libraries found relative to it ($ORIGIN) still are; if
// that directory is read-only or noexec, in a private one, /tmp/dymod-<16 digits>. Copies stay
// while the process lives: debuggers, profilers and sanitizers read them. They go when the process
// ends in an orderly way; those of a process that did not are removed by the next one that makes a
// copy in the directory.
//
// Whatever others put there is theirs: files and directories are used if this process has made
// them, and are removed if they are this user's and no link.
//
// A name never comes twice: the loader would hand out the image it knows under that name. Tried and
// not taken: hard links (same inode: an in-place build changes running code), memfd (gdb hangs,
// $ORIGIN is lost).

#ifndef DYMOD_DETAIL_RELOAD_COPIES_HPP
#define DYMOD_DETAIL_RELOAD_COPIES_HPP

#include <stdint.h>  // uint64_t
#include <stdlib.h>  // free
#include <string.h>  // memcmp, strcmp, strlen, strncmp, strstr

// <dymod/detail/state/process.hpp>

// One process, one registry, however many binaries use dymod: each has one of its own, and the
// system tells which binary was loaded first (os/). A registry handed to an image when it is opened
// would come too late: its static constructors run inside the opening.

#ifndef DYMOD_DETAIL_STATE_PROCESS_HPP
#define DYMOD_DETAIL_STATE_PROCESS_HPP

// <dymod/detail/state/binary.hpp>

// What this binary shows the others of its process.

#ifndef DYMOD_DETAIL_STATE_BINARY_HPP
#define DYMOD_DETAIL_STATE_BINARY_HPP

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

DYMOD_DETAIL_FOUND_BY_OTHERS(binary, own_binary);

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// The registry of this process. Lock-free, but for the first time in each binary.
[[nodiscard]] inline registry& process_registry() noexcept {
  registry* known = own_binary.process.load_acquire();
  if (known != nullptr) return *known;
  auto* const first = static_cast<binary*>(os::native::first_binary());
  known = first != nullptr ? &first->own : &own_binary.own;
  own_binary.process.store_release(known);
  return *known;
}

/// Makes known what this binary wants of a module. From a static constructor.
inline void list_in_binary(caller& wants) noexcept {
  os::native::be_found();  // with the list, though it may call nothing
  if (wants.listed) return;
  wants.listed = true;
  wants.next_in_binary = own_binary.callers;
  own_binary.callers = &wants;
}

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// A directory in which this process holds a lock file.
struct copy_directory {
  char* path;  // with a slash at its end
  char* lock;
  int claim;  // the open lock file: typename Os::file::release()
  bool made;  // by this process, for itself
  copy_directory* next;
};

/// A copy to be removed at exit.
struct copy_file {
  char* path;
  copy_file* next;
};

template <class Os> class copies {
 public:
  explicit copies(registry& known) noexcept : known_(known) {}

  /// Creates an empty file for a copy of the library. The load lock must be held.
  /// @param path   where it is, on success
  /// @param error  the system's, on failure
  /// @returns a closed file on failure
  [[nodiscard]] typename Os::file create(const char* library, text& path, int& error) noexcept {
    become_owner();
    register_cleanup();
    const char* name = library + Os::directory_length(library);
    text directory;
    directory.append(library, Os::directory_length(library));
    typename Os::file copy;
    if (hold_lock_in(directory.c_str())) copy = create_in(directory.c_str(), name, path);
    if (copy.is_open() && Os::may_execute_from(copy)) return copy;
    error = Os::last_error();
    if (copy.is_open()) {
      copy.close();
      Os::remove(path.c_str());
    }
    path.shorten(0);
    Os::append_temporary_directory(path);  // for the message
    const char* const elsewhere = hold_private_directory();
    if (elsewhere != nullptr) copy = create_in(elsewhere, name, path);
    if (!copy.is_open()) error = Os::last_error();
    return copy;
  }

  /// Keeps a copy until the process ends.
  void keep(const char* path) noexcept {
    copy_file* kept = allocate<copy_file>();
    text own(path);
    if (kept == nullptr || own.empty()) {
      ::free(kept);
      return;
    }
    kept->path = own.release();
    kept->next = known_.copies;
    known_.copies = kept;
    // Too late for a handler: the process is nearly gone, and nobody will debug the image any more.
    if (!known_.cleanup_registered) remove_all();
  }

  /// Gives a copy debug information of its own, beside it, if the system has that in a second file.
  /// @param path        of the copy
  /// @param debug_path  of the second file; empty if there is none
  static void separate_debug_file(const char* path, typename Os::file& copy,
                                  const typename Os::image_format& image,
                                  text& debug_path) noexcept {
    append_debug_file(debug_path, path);
    if (!Os::separate_debug_file(copy, path, image, debug_path)) debug_path.shorten(0);
  }

  /// The bytes of a copy, kept or not; none if it cannot be read.
  [[nodiscard]] static typename Os::view read(const char* path) noexcept {
    const typename Os::file opened = Os::open_to_read(path);
    return opened.is_open() ? Os::map(opened) : typename Os::view();
  }

  /// Has all copies removed when the process ends.
  void register_cleanup() noexcept {
    if (!known_.cleanup_registered) known_.cleanup_registered = Os::at_exit(&remove_all_of_process);
  }

  /// Removes one copy now, with its debug information.
  void remove(const char* path) noexcept {
    text debug_path;
    append_debug_file(debug_path, path);
    for (copy_file** link = &known_.copies; *link != nullptr;) {
      copy_file* const gone = *link;
      if (::strcmp(gone->path, path) != 0 && ::strcmp(gone->path, debug_path.c_str()) != 0) {
        link = &gone->next;
        continue;
      }
      *link = gone->next;
      Os::remove(gone->path);
      ::free(gone->path);
      ::free(gone);
    }
  }

  void remove_all() noexcept {
    if (known_.copies_owner != Os::process_id()) return;
    known_.cleanup_registered = false;
    forget_all(true);
  }

  /// Removes from a directory what dead processes left.
  static void sweep(const char* directory, const char* own_token) noexcept {
    // Copies first, their lock last: without its lock a copy is known to be an orphan.
    Os::list_directory(directory, [&](const char* name) {
      const char* token = token_of_copy(name);
      if (token == nullptr || is_token(token, own_token)) return;
      text lock;
      append_lock(lock, directory, token);
      text path(directory);
      path << name;
      const typename Os::file owner = Os::take_over(lock.c_str());
      if ((owner.is_open() || Os::is_absent(lock.c_str())) && Os::is_own_file(path.c_str())) {
        Os::remove(path.c_str());
      }
    });
    Os::list_directory(directory, [&](const char* name) {
      if (!is_lock(name) || is_token(name + 6, own_token)) return;
      text path(directory);
      path << name;
      const typename Os::file owner = Os::take_over(path.c_str());
      if (owner.is_open()) Os::remove(path.c_str());
    });
  }

 private:
  static constexpr size_t token_length = 16;

  static void remove_all_of_process() noexcept {
    registry& known = process_registry();
    // A thread in the middle of a load gets time to end it, but cannot hold up the end of the
    // process; what it leaves then, the next start removes.
    for (int tries = 0; tries < 200; ++tries) {
      if (known.lock.try_enter<Os>()) {
        // Not the end of the process: an image from whose code this was registered is unloaded.
        const bool unloading = known.unloading;
        if (unloading) known.cleanup_registered = false;
        const bool wait = !unloading && is_opening_elsewhere(known);
        if (!unloading && !wait) copies(known).remove_all();
        known.lock.leave<Os>();
        if (!wait) return;
      }
      Os::sleep_milliseconds(1);
    }
  }

  [[nodiscard]] static bool is_opening_elsewhere(const registry& known) noexcept {
    const uint64_t me = this_thread<Os>();
    const record* each = known.records.load_acquire();
    for (; each != nullptr; each = each->next) {
      const uint64_t worker = each->worked_on_by;
      if (worker != 0 && worker != me && is_of_this_process<Os>(worker)) return true;
    }
    return false;
  }

  // With `remove` the files go too. Not in a forked child: they are its parent's, whose locks it
  // goes on holding as it goes on running the images.
  void forget_all(bool remove) noexcept {
    while (known_.copies != nullptr) {
      copy_file* gone = known_.copies;
      known_.copies = gone->next;
      if (remove) Os::remove(gone->path);
      ::free(gone->path);
      ::free(gone);
    }
    while (known_.copy_directories != nullptr) {
      copy_directory* gone = known_.copy_directories;
      known_.copy_directories = gone->next;
      if (remove) {
        Os::remove(gone->lock);
        if (gone->made) Os::remove_directory(gone->path);
        give_back(gone->claim);
      }
      ::free(gone->path);
      ::free(gone->lock);
      ::free(gone);
    }
  }

  static void give_back(int claim) noexcept {
    typename Os::file claimed(claim);
    if (!Os::is_claim(claimed)) claimed.release();
  }

  // A forked child leaves its parent's copies alone and has a name and a lock of its own.
  void become_owner() noexcept {
    const int64_t process = Os::process_id();
    if (known_.copies_owner == process) return;
    known_.copies_owner = process;
    forget_all(false);
    choose_token();
  }

  void choose_token() noexcept { write_token(known_.token); }

  // The digits, and a null behind them.
  static void write_token(char* token) noexcept {
    const uint64_t number = Os::random();
    for (size_t i = 0; i < token_length; ++i) {
      token[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
    }
    token[token_length] = '\0';
  }

  [[nodiscard]] typename Os::file create_in(const char* directory, const char* name,
                                            text& path) noexcept {
    typename Os::file copy;
    // Who may write here knows the token and could take all numbers in advance.
    for (int tries = 0; tries < 100; ++tries) {
      path.shorten(0);
      path << directory << name << ".dymod-" << known_.token << "-"
           << static_cast<unsigned long long>(++known_.copies_made);
      copy = Os::create(path.c_str());
      if (copy.is_open() || !Os::means_taken(Os::last_error())) break;
    }
    return copy;
  }

  [[nodiscard]] bool hold_lock_in(const char* directory) noexcept {
    copy_directory** held = &known_.copy_directories;
    while (*held != nullptr && !is_same_directory((*held)->path, directory)) held = &(*held)->next;
    // A directory that was removed and made again, as by a clean build, has lost its lock.
    if (*held != nullptr && !Os::is_absent((*held)->lock)) return true;
    if (*held != nullptr) {
      give_back((*held)->claim);  // before its number may be that of the new one
      (*held)->claim = -1;
    }
    text lock;
    append_lock(lock, directory, known_.token);
    typename Os::file claimed;
    // Another process may be sweeping here and take the new file for an orphan's.
    for (int tries = 0; tries < 1000; ++tries) {
      claimed = Os::claim(lock.c_str());
      if (claimed.is_open() || !Os::means_taken(Os::last_error())) break;
      Os::sleep_milliseconds(1);
    }
    if (!claimed.is_open()) return false;
    sweep(directory, known_.token);
    if (*held != nullptr) {
      (*held)->claim = claimed.release();
      return true;
    }
    return hold(directory, lock, claimed, false);
  }

  // Two modules may name it by different paths.
  [[nodiscard]] static bool is_same_directory(const char* one, const char* other) noexcept {
    return ::strcmp(one, other) == 0 || Os::is_same_file(one, other);
  }

  // The private directory of this process. Its name is of its own: that of the process may be read
  // off the locks that it holds elsewhere. What is there already is not used, whoever made it.
  /// @returns null if there can be none
  [[nodiscard]] const char* hold_private_directory() noexcept {
    for (copy_directory* held = known_.copy_directories; held != nullptr; held = held->next) {
      // Who clears temporary files away may have taken the lock and left copies: the directory goes
      // with them, at the end.
      if (held->made && !Os::is_absent(held->lock)) return held->path;
    }
    text parent;
    Os::append_temporary_directory(parent);
    for (int tries = 0; tries < 1000; ++tries) {
      char name[token_length + 1];
      write_token(name);
      text directory(parent.c_str());
      directory << "dymod-" << name << "/";
      typename Os::file claimed;
      text lock;
      append_lock(lock, directory.c_str(), known_.token);
      const bool made = Os::create_private_directory(directory.c_str());
      if (made) claimed = Os::claim(lock.c_str());
      if (claimed.is_open()) {
        sweep_private_directories(parent.c_str());
        return hold(directory.c_str(), lock, claimed, true) ? known_.copy_directories->path
                                                            : nullptr;
      }
      const int error = Os::last_error();
      if (made) Os::remove_directory(directory.c_str());
      Os::set_last_error(error);
      // Another process may be sweeping there and take the new directory, or the new file in it,
      // for an orphan's.
      if (!Os::means_taken(error) && !(made && Os::means_absent(error))) break;
    }
    return nullptr;
  }

  [[nodiscard]] bool hold(const char* directory, text& lock, typename Os::file& claimed,
                          bool made) noexcept {
    copy_directory* const held = allocate<copy_directory>();
    text path(directory);
    if (held == nullptr || path.empty() || lock.empty()) {
      ::free(held);
      Os::remove(lock.c_str());
      if (made) Os::remove_directory(directory);
      return false;
    }
    held->path = path.release();
    held->lock = lock.release();
    held->made = made;
    held->claim = claimed.release();
    held->next = known_.copy_directories;
    known_.copy_directories = held;
    return true;
  }

  void sweep_private_directories(const char* parent) noexcept {
    Os::list_directory(parent, [&](const char* name) {
      if (::strlen(name) != 6 + token_length || ::memcmp(name, "dymod-", 6) != 0 ||
          !is_hexadecimal(name + 6)) {
        return;
      }
      text directory(parent);
      directory << name;
      if (!Os::is_own_directory(directory.c_str())) return;
      directory << "/";
      sweep(directory.c_str(), known_.token);
      Os::remove_directory(directory.c_str());  // fails, as it should, while something is in it
    });
  }

  static void append_debug_file(text& to, const char* copy_path) noexcept {
    const char* const name = begin_of_own_name(copy_path);
    if (name == nullptr) return;  // cut, for want of memory
    to.append(copy_path, Os::directory_length(copy_path));
    to << name << Os::debug_extension();
  }

  // "dymod-…" in the name of a copy, or of its debug information; null in other names. The last
  // one: the library's own name may have it too.
  [[nodiscard]] static const char* begin_of_own_name(const char* name) noexcept {
    const char* begin = ::strncmp(name, "dymod-", 6) == 0 ? name : nullptr;
    for (const char* at = ::strstr(name, ".dymod-"); at != nullptr;
         at = ::strstr(at + 1, ".dymod-")) {
      begin = at + 1;
    }
    return begin;
  }

  static void append_lock(text& to, const char* directory, const char* token) noexcept {
    to << directory << "dymod-";
    to.append(token, token_length) << ".lock";
  }

  [[nodiscard]] static bool is_token(const char* at, const char* token) noexcept {
    return ::memcmp(at, token, token_length) == 0;
  }

  [[nodiscard]] static bool is_hexadecimal(const char* at) noexcept {
    for (size_t i = 0; i < token_length; ++i) {
      const bool digit = (at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f');
      if (!digit) return false;
    }
    return true;
  }

  [[nodiscard]] static bool is_lock(const char* name) noexcept {
    return ::strlen(name) == 6 + token_length + 5 && ::memcmp(name, "dymod-", 6) == 0 &&
           is_hexadecimal(name + 6) && ::strcmp(name + 6 + token_length, ".lock") == 0;
  }

  // null if the name is not one of a copy, nor of its debug information
  [[nodiscard]] static const char* token_of_copy(const char* name) noexcept {
    const char* const begin = begin_of_own_name(name);
    if (begin == nullptr || ::strlen(begin) < 6 + token_length + 2) return nullptr;
    const char* token = begin + 6;
    const char* number = token + token_length;
    if (!is_hexadecimal(token) || *number++ != '-') return nullptr;
    do {
      if (*number < '0' || *number > '9') return nullptr;
    } while (*++number != '\0' && *number != '.');
    return ::strcmp(number, begin == name ? Os::debug_extension() : "") == 0 ? token : nullptr;
  }

  registry& known_;
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/reload/description.hpp>

// The description: constant bytes without relocations that an image exports as
// dymod_description_<module>, read from the copy's file before it is opened. Null-terminated
// strings, first two that say what this is, then records of three:
//
// clang-format off
//     "dymod description" "2"                        what this is, and the number of its format
//     "compiler" "name" "g++ 12"                     see declare/abi.hpp
//     "abi" "the standard library" "libstdc++"       one record for each thing that must agree
//     "function" "count_sheep" "const char*(int)"    one for each function, with its type (declare/type_text.hpp)
//     "layout" "herd" "size 8, alignment 4"          behind it: for each type it mentions (declare/layout.hpp)
//     "fields" "herd" "if"                           behind that: its fields, if known (declare/shape.hpp)
//     ""                                             the end
// clang-format on
//
// A reader accepts its own format number and no other. Strings rather than numbers: no byte order,
// no padding, and `strings libsheep.so` shows them. One member per function: concatenating them all
// into one string takes quadratic time to compile (2.4 s for 256 functions).

#ifndef DYMOD_DETAIL_RELOAD_DESCRIPTION_HPP
#define DYMOD_DETAIL_RELOAD_DESCRIPTION_HPP

#include <stddef.h>  // size_t
#include <stdint.h>  // uint64_t
#include <string.h>  // memchr, strcmp, strlen

// <dymod/detail/declare/abi.hpp>

// What two binaries must have in common to hand C++ objects to each other, as records of a
// description (see reload/description.hpp). The compiler itself need not be the same; its name
// tells how far the names of types can be compared.

#ifndef DYMOD_DETAIL_DECLARE_ABI_HPP
#define DYMOD_DETAIL_DECLARE_ABI_HPP

#include <stdint.h>  // UINTPTR_MAX

#include <exception>  // the standard library's switches are set by any of its headers

#if defined(__clang__)
#define DYMOD_DETAIL_COMPILER "clang++ " DYMOD_DETAIL_QUOTE(__clang_major__)
#elif defined(__GNUC__)
#define DYMOD_DETAIL_COMPILER "g++ " DYMOD_DETAIL_QUOTE(__GNUC__)
#elif defined(_MSC_VER)
#define DYMOD_DETAIL_COMPILER "cl " DYMOD_DETAIL_QUOTE(_MSC_VER)
#else
#define DYMOD_DETAIL_COMPILER "unknown"
#endif

#if defined(_MSC_VER)
#define DYMOD_DETAIL_CXX_ABI "Microsoft"
#else
#define DYMOD_DETAIL_CXX_ABI "Itanium"
#endif

#if UINTPTR_MAX > 0xffffffff
#define DYMOD_DETAIL_POINTERS "64 bits"
#else
#define DYMOD_DETAIL_POINTERS "32 bits"
#endif

#if defined(_LIBCPP_VERSION)
#define DYMOD_DETAIL_LIBRARY "libc++ ABI " DYMOD_DETAIL_QUOTE(_LIBCPP_ABI_VERSION)
#elif defined(__GLIBCXX__)
#define DYMOD_DETAIL_LIBRARY "libstdc++"
#elif defined(_MSVC_STL_VERSION)
#define DYMOD_DETAIL_LIBRARY "Microsoft's"
#else
#define DYMOD_DETAIL_LIBRARY "another"
#endif

#if defined(_GLIBCXX_USE_CXX11_ABI)
#define DYMOD_DETAIL_CXX11_ABI DYMOD_DETAIL_QUOTE(_GLIBCXX_USE_CXX11_ABI)
#else
#define DYMOD_DETAIL_CXX11_ABI "not defined"
#endif

#if defined(_GLIBCXX_DEBUG)
#define DYMOD_DETAIL_CONTAINERS "defined"
#else
#define DYMOD_DETAIL_CONTAINERS "not defined"
#endif

#if defined(_ITERATOR_DEBUG_LEVEL)
#define DYMOD_DETAIL_ITERATORS DYMOD_DETAIL_QUOTE(_ITERATOR_DEBUG_LEVEL)
#else
#define DYMOD_DETAIL_ITERATORS "not defined"
#endif

// On Windows a process may have several, each with a heap of its own: what one allocates no other
// one frees.
#if defined(_MSC_VER) && defined(_DLL) && defined(_DEBUG)
#define DYMOD_DETAIL_RUNTIME "/MDd"
#elif defined(_MSC_VER) && defined(_DLL)
#define DYMOD_DETAIL_RUNTIME "/MD"
#elif defined(_MSC_VER) && defined(_DEBUG)
#define DYMOD_DETAIL_RUNTIME "/MTd"
#elif defined(_MSC_VER)
#define DYMOD_DETAIL_RUNTIME "/MT"
#elif defined(_UCRT)
#define DYMOD_DETAIL_RUNTIME "UCRT"
#elif defined(__MINGW32__)
#define DYMOD_DETAIL_RUNTIME "MSVCRT"
#endif
#if defined(DYMOD_DETAIL_RUNTIME)
#define DYMOD_DETAIL_RUNTIME_RECORD "\0abi\0the C run-time library\0" DYMOD_DETAIL_RUNTIME
#else
#define DYMOD_DETAIL_RUNTIME_RECORD ""
#endif

#define DYMOD_DETAIL_ABI_RECORDS                         \
  "compiler\0name\0" DYMOD_DETAIL_COMPILER               \
  "\0"                                                   \
  "abi\0the C++ ABI\0" DYMOD_DETAIL_CXX_ABI              \
  "\0"                                                   \
  "abi\0the size of pointers\0" DYMOD_DETAIL_POINTERS    \
  "\0"                                                   \
  "abi\0the standard library\0" DYMOD_DETAIL_LIBRARY     \
  "\0"                                                   \
  "abi\0_GLIBCXX_USE_CXX11_ABI\0" DYMOD_DETAIL_CXX11_ABI \
  "\0"                                                   \
  "abi\0_GLIBCXX_DEBUG\0" DYMOD_DETAIL_CONTAINERS        \
  "\0"                                                   \
  "abi\0_ITERATOR_DEBUG_LEVEL\0" DYMOD_DETAIL_ITERATORS DYMOD_DETAIL_RUNTIME_RECORD

#endif
// <dymod/detail/reload/bytes.hpp>

// A piece of a file in memory, and what the check of an image format answers about it.

#ifndef DYMOD_DETAIL_RELOAD_BYTES_HPP
#define DYMOD_DETAIL_RELOAD_BYTES_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // memcpy

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct bytes {
  const unsigned char* data = nullptr;
  uint64_t size = 0;

  /// Whether `count` bytes at `offset` are inside; right for any two numbers.
  [[nodiscard]] bool holds(uint64_t offset, uint64_t count) const noexcept {
    return offset <= size && count <= size - offset;
  }
};

enum class completeness : unsigned char {
  complete,
  incomplete,  // the beginning of a library, or not yet that
  garbage      // never to become a library of this system and processor
};

/// A number that tells most files from others of the same size: FNV-1a, by words.
[[nodiscard]] inline uint64_t fingerprint_of_beginning(bytes file, uint64_t size) noexcept {
  const uint64_t end = file.size < size ? file.size : size;
  uint64_t sum = file.size ^ uint64_t { 14695981039346656037u };
  for (uint64_t at = 0; at + sizeof sum <= end; at += sizeof sum) {
    uint64_t word = 0;
    ::memcpy(&word, file.data + at, sizeof word);
    sum = (sum ^ word) * uint64_t{1099511628211u};
  }
  return sum;
}

}}  // namespace dymod::detail

#endif

// What follows the description, down to module_table, is part of the format.
#define DYMOD_DETAIL_DESCRIPTION_FORMAT "2"
#define DYMOD_DETAIL_DESCRIPTION_HEAD \
  "dymod description\0" DYMOD_DETAIL_DESCRIPTION_FORMAT "\0" DYMOD_DETAIL_ABI_RECORDS
#define DYMOD_DETAIL_DESCRIPTION_RECORD(name) "function\0" #name

namespace dymod {
namespace detail {

/// What one translation unit of an image knows of its types. One object each, made by a static
/// constructor.
struct module_unit {
  const void* description;                // as where DYMOD stands
  unsigned long size;                     // of it, bytes
  const char* (*const* later_layouts)();  // for each function, what is known at the unit's end;
                                          // null: nothing more
  const module_unit* next;

  template <size_t Count>
  DYMOD_DETAIL_HIDDEN module_unit(const void* content, unsigned long content_size,
                                  const char* (*const (&later)[Count])(),
                                  const module_unit*& first_unit) noexcept
      : description(content), size(content_size), later_layouts(later), next(first_unit) {
    first_unit = this;
  }
};

struct module_function {
  const char* name;
  void (*function)();
};

/// What an image hands out once it is open: the C function dymod_module_<module>() returns it.
struct module_table {
  const module_function* functions;
  unsigned count;
  const module_unit* const* units;
};

}  // namespace detail

namespace detail DYMOD_DETAIL_HIDDEN {

/// Of records that an empty string ends, without that.
[[nodiscard]] inline size_t size_of_records(const char* records) noexcept {
  const char* end = records;
  while (*end != '\0') end += ::strlen(end) + 1;
  return static_cast<size_t>(end - records);
}

/// Reads records, up to an empty string or the end; any bytes are safe input.
class record_reader {
 public:
  explicit record_reader(bytes content) noexcept : rest_(content) {}
  /// Records that an empty string ends.
  explicit record_reader(const char* records) noexcept
      : rest_{reinterpret_cast<const unsigned char*>(records), size_of_records(records)} {}

  struct record {
    const char* kind;
    const char* name;
    const char* value;
  };

  /// @returns false at the end, from then on
  [[nodiscard]] bool next(record& found) noexcept {
    found.kind = next_string();
    if (found.kind == nullptr || found.kind[0] == '\0') {
      rest_ = bytes{};  // the end: what stands behind it is no record
      return false;
    }
    found.name = next_string();
    found.value = next_string();
    return found.value != nullptr;
  }

  /// Goes on to the next record of that kind.
  [[nodiscard]] bool next(const char* kind, record& found) noexcept {
    while (next(found)) {
      if (::strcmp(found.kind, kind) == 0) return true;
    }
    return false;
  }

  /// Looks among all records that follow.
  /// @returns the value of the record; null if there is none
  [[nodiscard]] const char* find(const char* kind, const char* name) const noexcept {
    record_reader rest(*this);
    record found;
    while (rest.next(kind, found)) {
      if (::strcmp(found.name, name) == 0) return found.value;
    }
    return nullptr;
  }

 protected:
  /// @returns null if no null ends it
  [[nodiscard]] const char* next_string() noexcept {
    if (rest_.size == 0) return nullptr;
    const void* end = ::memchr(rest_.data, '\0', static_cast<size_t>(rest_.size));
    if (end == nullptr) return nullptr;
    const char* start = reinterpret_cast<const char*>(rest_.data);
    const uint64_t used =
        static_cast<uint64_t>(static_cast<const unsigned char*>(end) - rest_.data) + 1;
    rest_.data += used;
    rest_.size -= used;
    return start;
  }

 private:
  bytes rest_;
};

/// The records of a description, and what stands before them.
class description : public record_reader {
 public:
  explicit description(bytes content) noexcept : record_reader(content) {
    const char* head = next_string();
    format_ = head != nullptr && ::strcmp(head, "dymod description") == 0 ? next_string() : nullptr;
  }

  /// @returns the number of the format as text, null if this is no description at all
  [[nodiscard]] const char* format() const noexcept { return format_; }

  [[nodiscard]] bool readable() const noexcept {
    return format_ != nullptr && ::strcmp(format_, DYMOD_DETAIL_DESCRIPTION_FORMAT) == 0;
  }

 private:
  const char* format_ = nullptr;
};

}  // namespace DYMOD_DETAIL_HIDDEN
}  // namespace dymod

#endif
// <dymod/detail/reload/fit.hpp>

// Does a build offer what the callers in this process want of it? Its functions, their types and
// layouts against its callers', and against the current generation's, whose objects may be in use:
// a state that only modules know, behind a pointer that the host keeps. What one side does not know
// fits.
//
// Asked twice. Before the copy is opened, by its description. After, by what all translation units
// of the image have come to know: the description is one unit's, and written where DYMOD stands.

#ifndef DYMOD_DETAIL_RELOAD_FIT_HPP
#define DYMOD_DETAIL_RELOAD_FIT_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // strcmp, strlen, strstr

// <dymod/detail/reload/layouts.hpp>

// The layouts of types as records (declare/layout.hpp), read, compared and printed for people.

#ifndef DYMOD_DETAIL_RELOAD_LAYOUTS_HPP
#define DYMOD_DETAIL_RELOAD_LAYOUTS_HPP

#include <string.h>  // strcmp

// <dymod/detail/declare/shape.hpp>

// The shape of an aggregate at compile time: its fields, one letter each, found by asking which
// initialisers it takes: `Type{int, float, x}` for an `x` that converts to this or that.
//
// Never a reason for a user's program not to compile, hence:
// - No structured bindings: a wrong count is a hard error, with anonymous unions also inside
//   SFINAE.
// - Conversions are declared only and not constexpr: compilers warn of constexpr ones that are
//   used but never defined.
// - The kind of a field is asked for bit by bit: five questions instead of one for each kind. Types
//   of plain data are asked in a quicker way, below; both say the same (tests/unit/shape.test.cpp).
// - What cannot be found out is unknown ('?' for a field, no letters for a type) and fits anything.
// (A class whose constructor template does not survive to be asked needs dymod::opaque.)
//
// An array counts as its elements, a base class as a field. Behind the 32nd stands a '+' for all
// others: the cost to compile grows with the square of the number.

#ifndef DYMOD_DETAIL_DECLARE_SHAPE_HPP
#define DYMOD_DETAIL_DECLARE_SHAPE_HPP

#include <stddef.h>  // size_t

#include <type_traits>  // enable_if, is_aggregate, is_class, is_enum, is_member_pointer, is_pointer, is_union, void_t

// <dymod/detail/declare/type_text.hpp>

// Function types as C++ text, at compile time and alike from all compilers: host and image are
// compared by it, and people read it in messages. Compilers' own texts differ ("long unsigned int",
// "unsigned long"), so everything that can be taken apart is: pointers, functions, arrays,
// templates of types. What remains, the names of classes and enumerations, is the compiler's text
// between two marks: between two compilers such a name may differ and mean the same.

#ifndef DYMOD_DETAIL_DECLARE_TYPE_TEXT_HPP
#define DYMOD_DETAIL_DECLARE_TYPE_TEXT_HPP

#include <stddef.h>  // size_t

// Number, letter and words of each. The number and the letter are for the kinds of fields
// (shape.hpp); letters are those of the Itanium C++ ABI's encoding where it has a single one.
// clang-format off
#define DYMOD_DETAIL_FUNDAMENTAL_KINDS(kind) \
  kind(1, 'b', bool) \
  kind(2, 'c', char) \
  kind(3, 'a', signed char) \
  kind(4, 'h', unsigned char) \
  kind(5, 'w', wchar_t) \
  kind(6, 'S', char16_t) \
  kind(7, 'U', char32_t) \
  kind(8, 's', short) \
  kind(9, 't', unsigned short) \
  kind(10, 'i', int) \
  kind(11, 'j', unsigned int) \
  kind(12, 'l', long) \
  kind(13, 'm', unsigned long) \
  kind(14, 'x', long long) \
  kind(15, 'y', unsigned long long) \
  kind(16, 'f', float) \
  kind(17, 'd', double) \
  kind(18, 'e', long double)
// clang-format on

// Whether a template with a number of one type is taken for one of any other type: specialisations
// for each would be ambiguous. True of clang++ 19 and later.
#if defined(__clang__) && defined(__cpp_template_template_args)
#define DYMOD_DETAIL_NUMBERS_MATCH_ALL() 1
#else
#define DYMOD_DETAIL_NUMBERS_MATCH_ALL() 0
#endif

namespace dymod { namespace detail {

inline constexpr char name_begins = '\1';
inline constexpr char name_ends = '\2';

/// So many characters and a null.
template <size_t Size> struct fixed_text { char characters[Size + 1]; };

/// Where text is written to; without a place for it, how long it would be. Functions that add to
/// it, instead of texts that are joined: compilers take far longer over a type for each length.
struct text_writer {
  char* characters;
  size_t size = 0;

  constexpr void add(const char* text, size_t count) {
    if (characters != nullptr) {
      for (size_t i = 0; i < count; ++i) characters[size + i] = text[i];
    }
    size += count;
  }
  constexpr void add(const char* text) {
    size_t count = 0;
    while (text[count] != '\0') ++count;
    add(text, count);
  }
  constexpr void add(char letter) { add(&letter, 1); }
  constexpr void add_number(size_t number) {
    if (number >= 10) add_number(number / 10);
    add(static_cast<char>('0' + number % 10));
  }
};

/// What `Write::to(text_writer&)` writes.
template <class Write> constexpr size_t written_size() {
  text_writer counted{nullptr};
  Write::to(counted);
  return counted.size;
}
template <class Write> constexpr fixed_text<written_size<Write>()> written() {
  fixed_text<written_size<Write>()> text{};
  text_writer writer{text.characters};
  Write::to(writer);
  return text;
}

struct name_view {
  const char* characters;
  size_t size;
};

constexpr bool begins_with(name_view text, name_view beginning) {
  if (text.size < beginning.size) return false;
  for (size_t i = 0; i < beginning.size; ++i) {
    if (text.characters[i] != beginning.characters[i]) return false;
  }
  return true;
}

// The compiler's own words for a type are a part of this function's name for itself.
template <class Type> constexpr name_view words_with() {
#if defined(_MSC_VER) && !defined(__clang__)
  return {__FUNCSIG__, sizeof __FUNCSIG__ - 1};
#else
  return {__PRETTY_FUNCTION__, sizeof __PRETTY_FUNCTION__ - 1};
#endif
}

// How many characters stand before the type in words_with().
constexpr size_t words_before() {
  const char* const words = words_with<double>().characters;
  size_t at = 0;
  while (words[at] != 'd' || words[at + 1] != 'o' || words[at + 2] != 'u' || words[at + 3] != 'b') {
    ++at;
  }
  return at;
}

// The length of "struct " and its like, if words begin so: cl writes one before each name.
constexpr size_t keyword_length(const char* words) {
  const char* const keywords[] = {"struct ", "class ", "union ", "enum "};
  for (const char* keyword : keywords) {
    size_t same = 0;
    while (keyword[same] != '\0' && keyword[same] == words[same]) ++same;
    if (keyword[same] == '\0') return same;
  }
  return 0;
}

template <class Type> constexpr name_view cut_name() {
  constexpr size_t before = words_before();
  constexpr size_t around = words_with<double>().size - 6;  // without "double"
  const name_view words = words_with<Type>();
  const size_t keyword = keyword_length(words.characters + before);
  return {words.characters + before + keyword, words.size - around - keyword};
}

/// The type as the compiler writes it, without the keyword. No null behind it.
template <class Type> inline constexpr name_view compilers_name = cut_name<Type>();

constexpr void add_marked(text_writer& to, name_view name) {
  to.add(name_begins);
  to.add(name.characters, name.size);
  to.add(name_ends);
}

// A type that is not taken apart.
template <class Type> struct whole_words {
  static constexpr bool is_wrapped = false;  // a pointer to it needs parentheses
  static constexpr bool is_pointer = false;  // its const stands behind
  static constexpr void left(text_writer& to) { add_marked(to, compilers_name<Type>); }
  static constexpr void right(text_writer&) {}
};

/// A type's text is left + right: in `int (*)[3]` whatever it declares stands between them.
template <class Type> struct type_words : whole_words<Type> {};

template <class Type> struct words_of {
  static constexpr void to(text_writer& to) {
    type_words<Type>::left(to);
    type_words<Type>::right(to);
  }
};

template <class Type> constexpr auto text_of() { return written<words_of<Type>>(); }

struct plain_words {
  static constexpr bool is_wrapped = false;
  static constexpr bool is_pointer = false;
  static constexpr void right(text_writer&) {}
};

#define DYMOD_DETAIL_FUNDAMENTAL(number, letter, type)             \
  template <> struct type_words<type> : plain_words {              \
    static constexpr void left(text_writer& to) { to.add(#type); } \
  };

DYMOD_DETAIL_FUNDAMENTAL(, , void)
DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_FUNDAMENTAL)
#if defined(__cpp_char8_t)
DYMOD_DETAIL_FUNDAMENTAL(, , char8_t)
#endif

#undef DYMOD_DETAIL_FUNDAMENTAL

template <class Type> struct type_words<const Type> : type_words<Type> {
  static constexpr void left(text_writer& to) {
    if (!type_words<Type>::is_pointer) to.add("const ");
    type_words<Type>::left(to);
    if (type_words<Type>::is_pointer) to.add(" const");
  }
};

template <class Type> struct type_words<volatile Type> : type_words<Type> {
  static constexpr void left(text_writer& to) {
    type_words<Type>::left(to);
    to.add(" volatile");
  }
};

template <class Type> struct type_words<const volatile Type> : type_words<volatile Type> {
  static constexpr void left(text_writer& to) {
    type_words<const Type>::left(to);
    to.add(" volatile");
  }
};

// What a pointer and the two references have in common.
template <class Type> struct words_behind {
  static constexpr bool is_wrapped = false;
  static constexpr bool is_pointer = true;
  static constexpr void left_with(text_writer& to, const char* mark) {
    type_words<Type>::left(to);
    if (type_words<Type>::is_wrapped) to.add(" (");
    to.add(mark);
  }
  static constexpr void right(text_writer& to) {
    if (type_words<Type>::is_wrapped) to.add(')');
    type_words<Type>::right(to);
  }
};

template <class Type> struct type_words<Type*> : words_behind<Type> {
  static constexpr void left(text_writer& to) { words_behind<Type>::left_with(to, "*"); }
};

template <class Type> struct type_words<Type&> : words_behind<Type> {
  static constexpr void left(text_writer& to) { words_behind<Type>::left_with(to, "&"); }
};

template <class Type> struct type_words<Type&&> : words_behind<Type> {
  static constexpr void left(text_writer& to) { words_behind<Type>::left_with(to, "&&"); }
};

// "a, b, c"
template <class... Types> constexpr void add_list(text_writer& to) {
  [[maybe_unused]] const char* comma = "";
  ((to.add(comma), words_of<Types>::to(to), comma = ", "), ...);
}

template <class Result, class... Arguments> struct type_words<Result(Arguments...)> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr void left(text_writer& to) { type_words<Result>::left(to); }
  static constexpr void right(text_writer& to) { right_with(to, ")"); }
  static constexpr void right_with(text_writer& to, const char* end) {
    to.add('(');
    add_list<Arguments...>(to);
    to.add(end);
    type_words<Result>::right(to);
  }
};

template <class Result, class... Arguments>
struct type_words<Result(Arguments...) noexcept> : type_words<Result(Arguments...)> {
  static constexpr void right(text_writer& to) {
    type_words<Result(Arguments...)>::right_with(to, ") noexcept");
  }
};

template <class Type> struct type_words<Type[]> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr void left(text_writer& to) { type_words<Type>::left(to); }
  static constexpr void right(text_writer& to) {
    to.add("[]");
    type_words<Type>::right(to);
  }
};

template <class Type, size_t Size> struct type_words<Type[Size]> {
  static constexpr bool is_wrapped = true;
  static constexpr bool is_pointer = false;
  static constexpr void left(text_writer& to) { type_words<Type>::left(to); }
  static constexpr void right(text_writer& to) {
    to.add('[');
    to.add_number(Size);
    to.add(']');
    type_words<Type>::right(to);
  }
};

// An array of constants is a constant array too; the compiler must not have to choose.
template <class Type, size_t Size> struct type_words<const Type[Size]> : type_words<Type[Size]> {
  static constexpr void left(text_writer& to) { type_words<const Type>::left(to); }
};
template <class Type> struct type_words<const Type[]> : type_words<Type[]> {
  static constexpr void left(text_writer& to) { type_words<const Type>::left(to); }
};

// "std::vector" of "std::vector<int, std::allocator<int> >".
constexpr size_t template_name_length(name_view name) {
  size_t at = name.size;
  size_t depth = 0;
  while (at > 0) {
    --at;
    if (name.characters[at] == '>') ++depth;
    if (name.characters[at] == '<' && --depth == 0) return at;
  }
  return name.size;
}

template <class Type> constexpr void add_template_name(text_writer& to) {
  constexpr name_view name = compilers_name<Type>;
  add_marked(to, {name.characters, template_name_length(name)});
}

template <template <class...> class Template, class... Arguments>
struct type_words<Template<Arguments...>> : plain_words {
  static constexpr void left(text_writer& to) {
    add_template_name<Template<Arguments...>>(to);
    to.add('<');
    add_list<Arguments...>(to);
    to.add('>');
  }
};

// std::array and its like; not those with a number of another type.
template <class Type, class Argument, auto Number, class NumberType>
struct words_with_number : whole_words<Type> {};
template <class Type, class Argument, auto Number>
struct words_with_number<Type, Argument, Number, size_t> : plain_words {
  static constexpr void left(text_writer& to) {
    add_template_name<Type>(to);
    to.add('<');
    words_of<Argument>::to(to);
    to.add(", ");
    to.add_number(Number);
    to.add('>');
  }
};

#if DYMOD_DETAIL_NUMBERS_MATCH_ALL()
template <template <class, auto> class Template, class Argument, auto Number>
struct type_words<Template<Argument, Number>>
    : words_with_number<Template<Argument, Number>, Argument, Number, decltype(Number)> {};
#else
template <template <class, size_t> class Template, class Argument, size_t Number>
struct type_words<Template<Argument, Number>>
    : words_with_number<Template<Argument, Number>, Argument, Number, size_t> {};
#endif

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail {

inline constexpr unsigned pointer_kind = 19;
inline constexpr unsigned enumeration_kind = 20;
inline constexpr unsigned member_pointer_kind = 21;
// All bits: a class takes part in no question of bits, else its own first field would answer.
inline constexpr unsigned class_kind = 31;

#define DYMOD_DETAIL_KIND_LETTER(number, letter, type) \
  case number: return letter;
constexpr char letter_of_kind(unsigned kind) {
  switch (kind) {
    DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_KIND_LETTER)
    case pointer_kind: return 'P';
    case enumeration_kind: return 'E';
    case member_pointer_kind: return 'M';
    case class_kind: return 'C';
    default: return '?';
  }
}
#undef DYMOD_DETAIL_KIND_LETTER

template <class Type> constexpr unsigned kind_of_other() {
  if (std::is_class_v<Type> || std::is_union_v<Type>) return class_kind;
  if (std::is_pointer_v<Type>) return pointer_kind;
  if (std::is_enum_v<Type>) return enumeration_kind;
  if (std::is_member_pointer_v<Type>) return member_pointer_kind;
  return 0;
}
template <class Type> inline constexpr unsigned kind_of_field = kind_of_other<Type>();

// Converts to every field. A copy would let std::any, std::function and their like take it as their
// content.
struct any_field {
  any_field();
  any_field(const any_field&) = delete;
  template <class Field> operator Field();
  template <class Field> operator Field&() const;  // for fields that are references
};

struct class_field {
  class_field();
  class_field(const class_field&) = delete;
  template <class Field, class = std::enable_if_t<kind_of_field<Field> == class_kind>>
  operator Field();
};

template <unsigned Bit> struct field_with_bit {
  field_with_bit();
  field_with_bit(const field_with_bit&) = delete;
  template <class Field, class = std::enable_if_t<(kind_of_field<Field> >> Bit & 1) != 0>>
  operator Field();
};

// What stands for a field whose kind is known: where possible the type itself, which needs no
// conversion and compiles much faster.
template <unsigned Kind> struct field_of_kind { using type = any_field; };
template <> struct field_of_kind<class_kind> { using type = class_field; };

#define DYMOD_DETAIL_KIND_TYPE(number, letter, fundamental)                  \
  template <> inline constexpr unsigned kind_of_field<fundamental> = number; \
  template <> struct field_of_kind<number> { using type = fundamental; };
DYMOD_DETAIL_FUNDAMENTAL_KINDS(DYMOD_DETAIL_KIND_TYPE)
#undef DYMOD_DETAIL_KIND_TYPE

template <class... Types> struct type_list {};

inline constexpr unsigned most_fields = 32;

struct field_letters {
  char letters[most_fields + 2];
  unsigned count;
};

// Converts to every field but references; nothing is defined, so that asking compiles nothing.
struct value_field {
  value_field();
  value_field(const value_field&) = delete;
  template <class Field> operator Field();
};

// The same, and notes what it becomes.
struct noting_field {
  field_letters* found = nullptr;
  noting_field() = default;
  constexpr explicit noting_field(field_letters& notes) : found(&notes) {}
  noting_field(const noting_field&) = delete;
  template <class Field> constexpr operator Field() {
    found->letters[found->count] = letter_of_kind(kind_of_field<Field>);
    ++found->count;
    if constexpr (__is_trivially_constructible(Field)) {
      return Field();
    } else {
      return static_cast<Field (*)()>(nullptr)();
    }
  }
};
template <class Field> using noting = noting_field;

// Compilers warn of questions that they are asked.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wmissing-braces"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif

// Classes, not variables: g++ 11 checks access in a variable's specialisation when it is too late
// for an answer.
template <class, class Type, class... Fields> struct takes_fields {
  static constexpr bool value = false;
};
template <class Type, class... Fields>
struct takes_fields<std::void_t<decltype(Type{Fields()...})>, Type, Fields...> {
  static constexpr bool value = true;
};

template <class, class Type, class... Fields> struct takes_one_more {
  static constexpr bool value = false;
};
template <class Type, class... Fields>
struct takes_one_more<std::void_t<decltype(Type{Fields()..., {}})>, Type, Fields...> {
  static constexpr bool value = true;
};

template <class Type, class... Fields>
inline constexpr bool takes = takes_fields<void, Type, Fields...>::value;

template <class Type, class... Fields> constexpr field_letters noted(type_list<Fields...>) {
  field_letters found{};
  if constexpr (takes<Type, noting<Fields>...>) {
    static_cast<void>(Type{noting<Fields>(found)...});
  } else {
    found.count = most_fields + 1;
  }
  return found;
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

// The place behind `Before` is asked for; `After` fills the fields behind it that have no default.
template <class Type, class... Before, class... After>
constexpr unsigned kind_at(type_list<Before...>, type_list<After...>) {
  if constexpr (takes<Type, Before..., class_field, After...>) {
    return class_kind;
  } else {
    return (takes<Type, Before..., field_with_bit<0>, After...> ? 1u : 0u) |
           (takes<Type, Before..., field_with_bit<1>, After...> ? 2u : 0u) |
           (takes<Type, Before..., field_with_bit<2>, After...> ? 4u : 0u) |
           (takes<Type, Before..., field_with_bit<3>, After...> ? 8u : 0u) |
           (takes<Type, Before..., field_with_bit<4>, After...> ? 16u : 0u);
  }
}

template <class... Fields> constexpr auto without_first(type_list<any_field, Fields...>) {
  return type_list<Fields...>();
}
constexpr auto without_first(type_list<>) { return type_list<>(); }

template <class Type, class... Before, class... After>
constexpr field_letters fields_behind(field_letters found, type_list<Before...>,
                                      type_list<After...>) {
  if constexpr (sizeof...(Before) == most_fields) {
    if constexpr (takes<Type, Before..., any_field> ||
                  takes_one_more<void, Type, Before...>::value) {
      found.letters[found.count] = '+';
      ++found.count;
    }
    return found;
  } else {
    constexpr unsigned kind = kind_at<Type>(type_list<Before...>(), type_list<After...>());
    using field = typename field_of_kind<kind>::type;
    if constexpr (kind != 0 || takes<Type, Before..., any_field, After...>) {
      found.letters[found.count] = letter_of_kind(kind);
      ++found.count;
      return fields_behind<Type>(found, type_list<Before..., field>(),
                                 without_first(type_list<After...>()));
    } else if constexpr (takes_one_more<void, Type, Before...>::value) {
      return field_letters{};  // a field that nothing of ours converts to
    } else {
      return takes<Type, Before...> ? found : field_letters{};
    }
  }
}

// As many initialisers as it takes at least.
template <class Type, class... Needed> constexpr field_letters fields_asked_for() {
  if constexpr (takes<Type, Needed...>) {
    return fields_behind<Type>(field_letters{}, type_list<>(),
                               without_first(type_list<Needed...>()));
  } else if constexpr (sizeof...(Needed) < most_fields && sizeof...(Needed) < sizeof(Type)) {
    return fields_asked_for<Type, Needed..., any_field>();
  } else {
    return field_letters{};
  }
}

// The quick way: an object is initialised in a constant expression, and each conversion notes what
// it was asked for; in braces they happen in the order of the fields ([dcl.init.list]/4). Before
// that, one question for each number of fields, where the other way asks six for each field. It
// does only if no field needs a constructor to be run: any other makes the expression not constant.
template <class... Fields>
constexpr type_list<Fields..., value_field> with_one_more(type_list<Fields...>);
template <unsigned Count> struct value_list {
  using type = decltype(with_one_more(typename value_list<Count - 1>::type()));
};
template <> struct value_list<0> { using type = type_list<>; };
template <unsigned Count> using value_fields = typename value_list<Count>::type;

template <class Type, class List> inline constexpr bool takes_list = false;
template <class Type, class... Fields>
inline constexpr bool takes_list<Type, type_list<Fields...>> = takes<Type, Fields...>;

template <class Type, class List> inline constexpr bool takes_more_than = false;
template <class Type, class... Fields>
inline constexpr bool takes_more_than<Type, type_list<Fields...>> =
    takes_one_more<void, Type, Fields...>::value;

// How many it takes, sought from `Count` on.
template <class Type, unsigned Count> constexpr unsigned most_values() {
  if constexpr (Count != 0 && !takes_list<Type, value_fields<Count>>) {
    return most_values<Type, Count - 1>();
  } else if constexpr (Count == most_fields || !takes_list<Type, value_fields<Count + 1>>) {
    return Count;
  } else {
    return most_values<Type, Count + 1>();
  }
}

// Whether it takes them, and that is a constant expression.
template <class Type, class List, class = void> inline constexpr bool is_noted = false;
template <class Type, class List>
inline constexpr bool
    is_noted<Type, List, std::enable_if_t<noted<Type>(List()).count <= most_fields>> = true;

template <class Type> constexpr field_letters fields_noted() {
  constexpr size_t size = sizeof(Type);
  constexpr size_t guess = size / alignof(Type);  // right for fields of one size
  constexpr unsigned count = most_values<Type, (guess < most_fields ? guess : most_fields)>();
  using fields = value_fields<count>;
  constexpr bool are_all = !takes_more_than<Type, fields>;
  if constexpr (is_noted<Type, fields> && (are_all || count == most_fields)) {
    field_letters found = noted<Type>(fields());
    if (!are_all) {
      found.letters[found.count] = '+';
      ++found.count;
    }
    return found;
  } else {
    return fields_asked_for<Type>();  // also for a field that nothing of ours converts to
  }
}

/// The fields of a complete type, one letter each; none if they are not known.
template <class Type> constexpr field_letters fields_of() {
  if constexpr (!std::is_class_v<Type> || !std::is_aggregate_v<Type>) {
    return field_letters{};
  } else if constexpr (__is_trivially_copyable(Type) &&
                       __is_trivially_assignable(Type&, const Type&)) {
    return fields_noted<Type>();
  } else {
    return fields_asked_for<Type>();  // also where a field is a reference, which nothing notes
  }
}

}}  // namespace dymod::detail

#endif
// <dymod/detail/reload/type_comparison.hpp>

// Types as text (declare/type_text.hpp), compared and printed for people.

#ifndef DYMOD_DETAIL_RELOAD_TYPE_COMPARISON_HPP
#define DYMOD_DETAIL_RELOAD_TYPE_COMPARISON_HPP

#include <string.h>  // strcmp, strlen, strncmp

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

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

// "'a', 'b'"
inline void list_function(text& list, const char* name) noexcept {
  list << (list.empty() ? "'" : ", '") << name << "'";
}

// Who wants something, in words.
[[nodiscard]] inline text words_for(const caller& wants) noexcept {
  if (wants.home == nullptr) return text("the host");
  text words("module '");
  words << wants.home->of->name << "'";
  return words;
}

[[nodiscard]] inline bool none_missing(const char* path, const text& missing, const text& who,
                                       problem& why) noexcept {
  if (missing.empty()) return true;
  why.set(error_code::missing_function)
      << "'" << path << "' does not define " << missing << ", which " << who << " declares";
  return false;
}

class fit {
 public:
  /// @param of       the module, under the load lock
  /// @param current  the generation that runs; null: not to be compared with
  /// @param asked    the first of the callers whom it has to fit (caller::next_asked)
  /// @param alone    only the first
  fit(const record& of, const image* current, const caller* asked, bool alone = false) noexcept
      : of_(of), current_(current), asked_(asked), alone_(alone) {}

  /// Judges a description.
  [[nodiscard]] bool accepts(const description& offered, problem& why) noexcept {
    static constexpr char own_head[] = DYMOD_DETAIL_DESCRIPTION_HEAD;
    const description own({reinterpret_cast<const unsigned char*>(own_head), sizeof own_head});
    if (!same_abi(own, offered, why)) return false;
    const char* own_compiler = own.find("compiler", "name");
    const char* its_compiler = offered.find("compiler", "name");
    const bool one_compiler = its_compiler != nullptr && ::strcmp(own_compiler, its_compiler) == 0;
    text missing;
    const caller* missed_by = nullptr;
    function_cursor there(offered);
    for (const caller* each = asked_; each != nullptr; each = next(*each)) {
      for (unsigned i = 0; i < each->function_count; ++i) {
        const char* name = each->functions[i];
        if (!there.find(name)) {
          list_function(missing, name);
          missed_by = each;
          blame(*each);
        } else if (!same_type(each->types[i], there.type(), one_compiler)) {
          types_.add(text(name), 0, words_for(*each), as_words(each->types[i]),
                     as_words(there.type()));
          blame(*each);
        } else {
          compare_layouts(*each, i, there.behind());
        }
      }
    }
    const text who = missed_by != nullptr ? words_for(*missed_by) : text("");
    return none_missing(of_.path, missing, who, why) && none_different(why) ? true : tell(why);
  }

  /// Judges an image that is open, by what its translation units know beyond its description.
  [[nodiscard]] bool accepts(const image& opened, problem& why) noexcept {
    for (const module_unit* unit = units_of(opened); unit != nullptr; unit = unit->next) {
      function_cursor there(description_of(*unit));
      for (const caller* each = asked_; each != nullptr; each = next(*each)) {
        for (unsigned i = 0; i < each->function_count; ++i) {
          if (!there.find(each->functions[i])) continue;
          compare_layouts(*each, i, there.behind());
          const auto later = unit->later_layouts[there.index()];
          if (later != nullptr) compare_layouts(*each, i, record_reader(later()));
        }
      }
    }
    return none_different(why) ? true : tell(why);
  }

  /// What an image that is open says of itself; null for a module of plain C symbols.
  [[nodiscard]] static const module_unit* units_of(const image& opened) noexcept {
    const auto* table = static_cast<const module_table*>(opened.functions);
    return table != nullptr ? *table->units : nullptr;
  }

  [[nodiscard]] static description description_of(const module_unit& unit) noexcept {
    return description({static_cast<const unsigned char*>(unit.description), unit.size});
  }

 private:
  // Finds functions in a description. Host and image nearly always list the same ones in the same
  // order: then each is the next.
  class function_cursor {
   public:
    explicit function_cursor(const description& all) noexcept : all_(all), rest_(all) {}

    [[nodiscard]] bool find(const char* name) noexcept {
      if (next() && ::strcmp(found_.name, name) == 0) return true;
      rest_ = all_;
      passed_ = 0;
      while (next()) {
        if (::strcmp(found_.name, name) == 0) return true;
      }
      return false;
    }

    [[nodiscard]] const char* type() const noexcept { return found_.value; }
    [[nodiscard]] unsigned index() const noexcept { return passed_ - 1; }
    /// The records that follow: layouts first.
    [[nodiscard]] const record_reader& behind() const noexcept { return rest_; }

   private:
    [[nodiscard]] bool next() noexcept {
      ++passed_;
      return rest_.next("function", found_);
    }

    record_reader all_;
    record_reader rest_;
    record_reader::record found_{};
    unsigned passed_ = 0;
  };

  // What the host knows of one function it may not know of another: the linker keeps one
  // translation unit's knowledge of each.
  [[nodiscard]] layout known_to_host(const caller& asked, unsigned function,
                                     const char* name) const noexcept {
    layout known;
    learn(records_behind(asked.types[function]), name, known);
    for (const caller* each = asked_; each != nullptr; each = next(*each)) {
      for (unsigned i = 0; i < each->function_count && known.size == nullptr; ++i) {
        learn(records_behind(each->types[i]), name, known);
      }
    }
    return known;
  }

  [[nodiscard]] static record_reader records_behind(const char* type) noexcept {
    return record_reader(type + ::strlen(type) + 1);
  }

  // What any translation unit of the current generation knows, up to what is asked for.
  [[nodiscard]] layout known_to_current(const char* name, bool with_fields) const noexcept {
    layout known;
    for (const module_unit* unit = units_of(*current_); unit != nullptr; unit = unit->next) {
      if (known.size != nullptr && (known.fields != nullptr || !with_fields)) break;
      description own = description_of(*unit);
      learn(own, name, known);
      record_reader::record each;
      for (unsigned i = 0; known.size == nullptr && own.next("function", each); ++i) {
        if (unit->later_layouts[i] != nullptr) {
          learn(record_reader(unit->later_layouts[i]()), name, known);
        }
      }
    }
    return known;
  }

  void compare_layouts(const caller& asked, unsigned function, record_reader there) noexcept {
    const char* name = nullptr;
    layout its;
    while (next_layout(there, name, its)) {
      const layout mine = known_to_host(asked, function, name);
      if (add_if_different(layouts_, name, words_for(asked), mine, its)) {
        blame(asked);
        continue;
      }
      // The host's knowledge is that of all objects there are. A module may have changed together
      // with this one, while what they handed to each other is older than both.
      if (mine.fields != nullptr && asked.home == nullptr) continue;
      if (current_ == nullptr) continue;
      text generation("generation ");
      generation << current_->generation;
      const layout older = known_to_current(name, its.fields != nullptr);
      if (add_if_different(layouts_, name, generation, older, its)) {
        older_ = true;
      }
    }
  }

  [[nodiscard]] bool same_abi(description own, const description& offered,
                              problem& why) const noexcept {
    record_reader::record mine;
    differences found;
    while (own.next("abi", mine)) {
      const char* its = offered.find("abi", mine.name);
      if (its != nullptr && ::strcmp(mine.value, its) == 0) continue;
      found.add(text(mine.name), 0, text("the host"), text(mine.value),
                text(its != nullptr ? its : "not told"));
    }
    return found.none() || found.tell(of_.path, why, error_code::abi_mismatch);
  }

  [[nodiscard]] bool none_different(problem& why) const noexcept {
    if (!types_.none()) return types_.tell(of_.path, why, error_code::type_mismatch);
    if (!layouts_.none()) return layouts_.tell(of_.path, why, error_code::layout_mismatch);
    return true;
  }

  [[nodiscard]] const caller* next(const caller& each) const noexcept {
    return alone_ ? nullptr : each.next_asked;
  }

  // Other modules can be rebuilt; the host cannot, while it runs.
  void blame(const caller& wants) noexcept {
    if (wants.home == nullptr) host_ = true;
    if (wants.home != nullptr) module_ = wants.home->of->name;
  }

  [[nodiscard]] bool tell(problem& why) const noexcept {
    why.other_module = host_ || older_ ? nullptr : module_;
    why.only_generations = older_ && !host_ && module_ == nullptr;
    return false;
  }

  const record& of_;
  const image* current_;
  const caller* asked_;
  bool alone_;
  // Who has it otherwise.
  bool host_ = false;
  const char* module_ = nullptr;  // the name of one; null: none
  bool older_ = false;            // the generation that runs
  differences types_;
  differences layouts_;
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/reload/functions.hpp>

// The functions of an image: from the table that it hands out or, in a module of plain C symbols,
// by their names.

#ifndef DYMOD_DETAIL_RELOAD_FUNCTIONS_HPP
#define DYMOD_DETAIL_RELOAD_FUNCTIONS_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // strcmp

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class functions_of {
 public:
  /// @param extern_c  plain C symbols are looked for
  functions_of(const image& in, bool extern_c) noexcept
      : in_(in), extern_c_(extern_c), opened_(open(in, extern_c)), file_(opened_.content()) {
    text flaw;
    readable_ = opened_.is_open() && file_.check(Os::target(), flaw) == completeness::complete;
  }

  /// @param index  where it is in the caller's list: nearly always its place in the table as well
  /// @returns null if there is none of that name
  [[nodiscard]] function_pointer find(const char* name, unsigned index) const noexcept {
    return extern_c_ ? find_symbol(name) : find_in_table(name, index);
  }

 private:
  using view = typename Os::view;

  [[nodiscard]] static view open(const image& in, bool extern_c) noexcept {
    if (!extern_c) return view();
    const typename Os::file copy = Os::open_to_read(in.copy);
    return copy.is_open() ? Os::map(copy) : view();
  }

  // In the file, not by asking the system, if it can be helped: the system's loader may be locked
  // by a thread that waits for the load lock.
  [[nodiscard]] function_pointer find_symbol(const char* name) const noexcept {
    uint64_t address = 0;
    return readable_ && file_.find_function(name, address) ? Os::function_at(in_.handle, address)
                                                           : Os::symbol(in_.handle, name);
  }

  [[nodiscard]] function_pointer find_in_table(const char* name, unsigned index) const noexcept {
    const auto* table = static_cast<const module_table*>(in_.functions);
    if (table == nullptr) return nullptr;
    if (index < table->count && ::strcmp(table->functions[index].name, name) == 0) {
      return table->functions[index].function;
    }
    for (unsigned i = 0; i < table->count; ++i) {
      if (::strcmp(table->functions[i].name, name) == 0) return table->functions[i].function;
    }
    return nullptr;
  }

  const image& in_;
  bool extern_c_;
  view opened_;
  typename Os::image_format file_;
  bool readable_ = false;
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/reload/surprises.hpp>

// What a build was made with that will surprise, though it is taken: read from its copy once it is
// published, and told in a warning, with the cure. Once, until a build without it was there.

#ifndef DYMOD_DETAIL_RELOAD_SURPRISES_HPP
#define DYMOD_DETAIL_RELOAD_SURPRISES_HPP

#include <string.h>  // memcpy, strcmp, strlen, strncmp

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class surprises {
 public:
  /// @param of     a module
  /// @param taken  its current generation
  surprises(registry& known, record& of, const image& taken) noexcept
      : known_(known), of_(of), taken_(taken) {}

  using image_format = typename Os::image_format;

  /// Queues warnings. The load lock must be held.
  /// @param built  the copy's content, found complete
  void tell(const image_format& built) noexcept {
    tell_of_unique_symbols(built);
    tell_of_static_thread_local(built);
    tell_of_linked_module(built);
    tell_of_library_itself();
    tell_of_captured(built);
  }

 private:
  enum kind : unsigned {  // bits of record::surprises
    unique_symbols = 1,
    static_thread_local = 2,
    linked_module = 4,
    library_itself = 8,
    captured = 16
  };

  void tell_of_unique_symbols(const image_format& built) noexcept {
    const char* const symbol =
        built.find_unique([](const char* name) { return !is_shared_anyway(name); });
    text message;
    if (symbol != nullptr) {
      Os::append_symbol(message << "has unique symbols ('", symbol)
          << "' is one): they are those of the first generation for ever" << cure
          << "build it with -fno-gnu-unique, as dymod_add_module does";
    }
    tell(unique_symbols, message);
  }

  void tell_of_static_thread_local(const image_format& built) noexcept {
    text message;
    if (built.has_static_thread_local()) {
      message
          << "has thread-local objects of the model initial-exec, for which the system has room "
             "in a few generations only"
          << cure << "build it without -ftls-model=initial-exec, and all of it with -fPIC";
    }
    tell(static_thread_local, message);
  }

  void tell_of_linked_module(const image_format& built) noexcept {
    text message;
    const record* other = known_.records.load_acquire();
    for (; other != nullptr && message.empty(); other = other->next) {
      const char* const file_name = other->path + Os::directory_length(other->path);
      if (other == &of_ || built.needs_file(file_name) == nullptr) continue;
      message << "is linked with '" << file_name << "', the library of module '" << other->name
              << "': what it calls there by itself is never reloaded" << cure
              << "link it with dymod::" << other->name
              << " instead, and call what DYMOD lists; never with the library";
    }
    tell(linked_module, message);
  }

  void tell_of_library_itself() noexcept {
    if (taken_.generation != 1 || !Os::is_open_itself(of_.path)) return;
    text message(
        "is open in this program itself, besides its copy: something is linked with it. A "
        "build that rewrites it in place ends the program");
    message << cure << "take it out of the link: dymod opens it";
    tell(library_itself, message);
  }

  void tell_of_captured(const image_format& built) noexcept {
    text message;
    const char* const base = Os::base_of(taken_.handle);
    if (base == nullptr) return;
    built.for_each_open_reference([&](const typename image_format::open_reference& each) {
      const void* holds = nullptr;
      ::memcpy(&holds, base + each.place, sizeof holds);
      if (holds == base + each.wanted || is_shared_anyway(each.name)) return true;
      text owner;
      if (!Os::append_binary_name(owner, holds) || ::strcmp(owner.c_str(), taken_.copy) == 0) {
        return true;
      }
      Os::append_symbol(message << "uses '", each.name) << "' of ";
      if (owner.empty()) {
        message << "the program";
      } else {
        message << "'" << owner << "'";
      }
      message << ", which has one of that name, in place of its own: changes of it do not show"
              << cure
              << "build it with -fvisibility=hidden and -Wl,-Bsymbolic, as dymod_add_module does, "
                 "or the program without -rdynamic";
      return false;
    });
    tell(captured, message);
  }

  // Of the standard library, the compiler, or dymod: nobody edits it, and one for all is what many
  // programs want. Likewise what only says which class something is.
  [[nodiscard]] static bool is_shared_anyway(const char* symbol) noexcept {
    if (skip(symbol, "_Z") == symbol) return skip(symbol, "__") != symbol;
    // operator new, new[], delete, delete[]; typeinfo and its name
    static constexpr const char* wholes[] = {"nw", "na", "dl", "da", "TI", "TS"};
    // What may stand before the outermost namespace, in this order: a guard variable, a table of
    // virtual functions, its parts, something inside a function, a name in parts, const.
    static constexpr const char* before[] = {"GTt", "GV", "TV", "TT", "TC", "Z", "N", "K"};
    static constexpr const char* namespaces[] = {
        "St", "Sa", "Sb", "Ss", "Si", "So", "Sd", "9__gnu_cxx", "10__cxxabiv1", "5dymod"};
    const char* at = symbol + 2;
    for (const char* each : wholes) {
      if (skip(at, each) != at) return true;
    }
    for (const char* each : before) at = skip(at, each);
    for (const char* each : namespaces) {
      if (skip(at, each) != at) return true;
    }
    return false;
  }

  // Behind a beginning, if it is there. What the letters mean: the Itanium C++ ABI, chapter 5.1.
  [[nodiscard]] static const char* skip(const char* symbol, const char* beginning) noexcept {
    const size_t length = ::strlen(beginning);
    return ::strncmp(symbol, beginning, length) == 0 ? symbol + length : symbol;
  }

  /// @param message  a clause without its subject; empty: there is no such surprise
  void tell(kind of_kind, const text& message) noexcept {
    const bool was_told = (of_.surprises & of_kind) != 0;
    of_.surprises &= ~static_cast<unsigned>(of_kind);
    if (message.empty()) return;
    of_.surprises |= of_kind;
    if (was_told) return;
    text words;
    words << "'" << of_.path << "' " << message;
    queue_event(known_, event_kind::warning, of_, taken_.generation, static_cast<text&&>(words), 0);
  }

  static constexpr const char* cure = problem::line_break;

  registry& known_;
  record& of_;
  const image& taken_;
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/state/guarded.hpp>

// Calls with a guard against crashes are left when code crashes (call/crash_guard.hpp): by a jump
// over all that runs inside. dymod's own work cannot be left like that, nor what runs within it:
// static constructors under the lock of the system's loader, hooks, event handlers.

#ifndef DYMOD_DETAIL_STATE_GUARDED_HPP
#define DYMOD_DETAIL_STATE_GUARDED_HPP

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// While it lives no guarded call of this thread is left, but those that begin meanwhile.
class unguarded {
 public:
  explicit unguarded(const registry& known) noexcept {
    const guarded_threads* const threads = known.guarded.load_acquire();
    thread_ = threads != nullptr ? threads->find() : nullptr;
    if (thread_ == nullptr) return;
    innermost_ = thread_->innermost;
    thread_->innermost = nullptr;
  }
  unguarded(const unguarded&) = delete;
  unguarded& operator=(const unguarded&) = delete;
  ~unguarded() {
    if (thread_ != nullptr) thread_->innermost = innermost_;
  }

  /// The call that would be left without this; null: none.
  [[nodiscard]] const guarded_place* innermost() const noexcept { return innermost_; }

 private:
  guarded_thread* thread_;
  guarded_place* innermost_ = nullptr;
};

}}  // namespace dymod::detail

#endif
// <dymod/detail/state/objects.hpp>

// The objects of DYMOD_PERSISTENT in one process: which there are, and which images use them. On
// the heap and never freed: code of any generation may refer to them. Under the load lock.

#ifndef DYMOD_DETAIL_STATE_OBJECTS_HPP
#define DYMOD_DETAIL_STATE_OBJECTS_HPP

#include <stdint.h>  // uint64_t, uintptr_t
#include <stdlib.h>  // free

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// An image that refers to an object.
struct object_user {
  const image* by;      // null once it was unloaded
  unsigned generation;  // that it was; while it is loaded `by` tells
  const void* site;     // its variable
  object_user* next;
};

/// One object. Several may have one key: whenever its type changes there is another.
struct persistent_object {
  record* of;      // whose image made it; null: of the program or a library
  char* key;       // file, function and name of its variable; null: nobody finds it again
  char* type;      // as text (declare/type_text.hpp)
  char* layouts;   // as records (declare/layout.hpp)
  char* compiler;  // that wrote `type`
  void* memory;
  void* object;                  // in it; null: not constructed yet
  uint64_t made_by;              // thread that constructs it; 0: none does any more
  const guarded_place* made_in;  // guarded call in which it does; null: none
  char* news;                    // to be told once it is constructed; null: none
  bool keeps_code;               // of the generation that made it
  bool told;                     // of that
  object_user* users;
  persistent_object* next;
};

/// 0: never published
[[nodiscard]] inline unsigned generation_of(const object_user& user) noexcept {
  return user.by != nullptr ? user.by->generation : user.generation;
}

/// Frees what is known of an object that nobody knows any more; not the object.
inline void discard_object(persistent_object* gone) noexcept {
  while (gone->users != nullptr) {
    object_user* const user = gone->users;
    gone->users = user->next;
    ::free(user);
  }
  ::free(gone->key);
  ::free(gone->type);
  ::free(gone->layouts);
  ::free(gone->compiler);
  ::free(gone->news);
  ::free(gone);
}

/// A guarded call of this thread has crashed: what was being constructed in it nobody ends, and
/// others wait for that. The load lock must not be held. (Calls further in lie before it: stacks
/// grow downwards.)
template <class Os>
void forget_unfinished_objects(registry& known, const guarded_place* crashed) noexcept {
  if (!known.lock.enter<Os>()) return;
  const uint64_t me = this_thread<Os>();
  const auto place = reinterpret_cast<uintptr_t>(crashed);
  for (persistent_object** link = &known.objects; *link != nullptr;) {
    persistent_object* const each = *link;
    const auto made_in = reinterpret_cast<uintptr_t>(each->made_in);
    if (each->made_by == me && made_in != 0 && made_in <= place) {
      *link = each->next;
      discard_object(each);
    } else {
      link = &each->next;
    }
  }
  known.lock.leave<Os>();
}

/// An image is not there any more. What it used stays, and that its generation did.
inline void forget_objects_of(registry& known, const image& gone) noexcept {
  for (persistent_object* each = known.objects; each != nullptr; each = each->next) {
    for (object_user** link = &each->users; *link != nullptr;) {
      object_user* const user = *link;
      if (user->by == &gone) {
        user->by = nullptr;
        user->site = nullptr;
        user->generation = gone.generation;
      }
      if (generation_of(*user) != 0 || user->by != nullptr) {
        link = &user->next;
      } else {
        *link = user->next;
        ::free(user);
      }
    }
  }
}

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class basic_loader {
 public:
  explicit basic_loader(registry& known) noexcept : known_(known) {}

  /// The first load of a module, or the first of this caller's binary. Waits for another thread's
  /// first load of it, and up to 2 s for a library that is there but not finished.
  /// @param why  what went wrong, on failure
  /// @returns null on failure
  [[nodiscard]] record* load_first(caller& wants, problem& why) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    uint64_t deadline = Os::monotonic() + patience;
    bool had_libraries = false;
    bool alone = false;
    for (;;) {
      if (!known_.lock.template enter<Os>()) {
        why.set(error_code::entered_again)
            << "a signal handler called module '" << wants.name << "' in the middle of a load";
        return nullptr;
      }
      record* found = wants.found.load_relaxed();
      outcome result = outcome::unchanged;
      if (found == nullptr) found = try_load_first(wants, alone, result, why);
      leave();
      if (found != nullptr) {
        // Its callers are listed, whoever closes it. Images are ours to unload.
        if (wants.home == nullptr) Os::keep_library_of(&wants);
        return found;
      }
      const bool late = Os::monotonic() >= deadline;
      if (result == outcome::later && late) return nullptr;
      if (result != outcome::later && result != outcome::busy) return nullptr;
      if (result == outcome::busy && late && had_libraries) {
        // The other thread waits for this one, which is in the middle of opening a library of the
        // program's own: it goes on as if the other were not there.
        alone = true;
        continue;
      }
      if (result == outcome::busy && late) {
        Os::wait_for_libraries();
        had_libraries = true;
        deadline = Os::monotonic() + last_pause;  // for the other to go on, if it has opened its
      }
      Os::sleep_milliseconds(5);
    }
  }

  /// What a call does when the file's key is news. Never waits: what cannot be taken now is looked
  /// at again by a later call.
  /// @param seen  that key
  /// @returns the snapshot that is current afterwards
  [[nodiscard]] DYMOD_DETAIL_SELDOM const snapshot* catch_up(record& known_module,
                                                             const file_key& seen) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (known_.lock.template try_enter<Os>()) {
      problem why;
      // Inside a load, a hook, or while another thread is, the program runs on with what it has.
      if (!anybody_works()) attempt(known_module, seen, false, why);
      leave();
    }
    return known_module.published.load_acquire();
  }

  /// @returns whether the generation on return is greater than on entry
  [[nodiscard]] bool reload(record& known_module) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    const unsigned before = generation_of(known_module);
    const uint64_t deadline = Os::monotonic() + patience;
    while (enter_when_nobody_works()) {
      problem why;
      const outcome result = attempt(known_module, why);
      leave();
      if (result == outcome::later ? Os::monotonic() >= deadline : result != outcome::busy) break;
      Os::sleep_milliseconds(5);
    }
    return generation_of(known_module) > before;
  }

  /// All changed modules or none. Never waits, except for another thread's load or hooks.
  /// @returns whether anything was published
  [[nodiscard]] bool reload_all() noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!enter_when_nobody_works()) return false;
    bool news = false;
    for (record* each = first_record(); each != nullptr; each = each->next) {
      news = news || has_unseen(*each);
    }
    bool all_fit = true;
    for (record* each = first_record(); news && each != nullptr; each = each->next) {
      // What was refused for another module's sake may go with that now.
      if (is_loaded(*each) && !prove(*each, each->refused_for != nullptr)) all_fit = false;
    }
    bool published = false;
    if (news && all_fit) {
      record* refused = nullptr;
      bool any = false;
      begin_wave();
      for (record* each = first_record(); each != nullptr; each = each->next) {
        if (each->proved == nullptr) continue;
        join_wave(*each);
        any = true;
      }
      problem why;
      published = any && publish_wave(refused, why) == outcome::published;
      if (refused != nullptr) {
        conclude(*refused, outcome::refused, refused->pending.key, nullptr, why);
      }
    }
    leave();
    return published;
  }

  /// Closes all images of a module but the current one, and removes their copies. Those that the
  /// system keeps are told of in a warning.
  /// @returns how many the system has unloaded
  [[nodiscard]] unsigned unload_old(record& of) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!enter_when_nobody_works()) return 0;
    unsigned gone = 0;
    for (image* each = of.images; each != nullptr; each = each->previous) {
      if (each == current_image(of) || each->handle == nullptr) continue;
      if (each == of.proved) of.proved = nullptr;
      if (unload(of, *each)) ++gone;
    }
    leave();
    return gone;
  }

  /// Makes an older generation current again: the newest that is loaded and fits. Hooks run.
  /// @returns whether there is one
  [[nodiscard]] bool roll_back(record& of) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!enter_when_nobody_works()) return false;
    image& from = *current_image(of);
    const bool done = go_back(of, true);
    if (done) {
      mark_left(from);
      text message("generation ");
      message << generation_of(of) << " is current again: roll_back() has left generation "
              << from.generation;
      queue_event(known_, event_kind::rolled_back, of, generation_of(of),
                  static_cast<text&&>(message), 0);
    }
    leave();
    return done;
  }

  /// @returns the image that holds an address; null if none does
  [[nodiscard]] image* image_at(const void* address) noexcept {
    const typename Os::quiet undisturbed;
    if (!known_.lock.template enter<Os>()) return nullptr;
    image* const found = image_of<Os>(known_, address);
    known_.lock.template leave<Os>();
    return found;
  }

  /// What follows a crash: the module goes back to the generation before; while somebody loads or
  /// runs hooks, when that is over: it may be waiting for the very thread that crashed. The first
  /// crash of an image counts; an image that is not current any more need not be left.
  /// @param place  line on where it was, or nothing
  void leave_crashed(image& in, const crash_report& report, const text& place) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!known_.lock.template enter<Os>()) return;
    if (!in.left) tell_of_crash(in, report, place);
    leave();
  }

  /// Whether a guarded call may run what has crashed: inside a hook, to save what there is.
  [[nodiscard]] bool may_run_broken() noexcept {
    const typename Os::quiet undisturbed;
    if (!known_.lock.template enter<Os>()) return false;
    const bool inside = is_inside();
    known_.lock.template leave<Os>();
    return inside;
  }

  /// Where the library of this caller ought to be: absolute, owned by the caller object, for ever;
  /// "" while that cannot be told, for want of descriptors or memory.
  [[nodiscard]] const char* expected_path(caller& wants) noexcept {
    const char* path = wants.expected_path.load_acquire();
    if (path != nullptr) return path;
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    const bool entered = known_.lock.template enter<Os>();
    path = records<Os>(known_).expected_path(wants);
    if (entered) known_.lock.template leave<Os>();
    return path;
  }

  /// @returns the module that the caller's first call would find loaded by others; null if none is
  [[nodiscard]] record* find_loaded(caller& wants) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!known_.lock.template enter<Os>()) return nullptr;
    record* const found = records<Os>(known_).find(wants);
    known_.lock.template leave<Os>();
    return found != nullptr && is_loaded(*found) ? found : nullptr;
  }

  /// @returns the module whose image holds the address; null if none does, or is only being opened
  [[nodiscard]] record* module_of(const void* address) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!known_.lock.template enter<Os>()) return nullptr;
    const image* home = image_of<Os>(known_, address);
    known_.lock.template leave<Os>();
    return home != nullptr && is_loaded(*home->of) ? home->of : nullptr;
  }

  /// Gives the load lock back. Inside a load events wait for its end: nobody is to be called while
  /// the system's loader is locked.
  void leave() noexcept {
    if (is_inside()) {
      known_.lock.template leave<Os>();
    } else {
      if (!anybody_works()) settle_crashes();
      leave_and_deliver<Os>(known_);
    }
  }

 private:
  using file = typename Os::file;
  using view = typename Os::view;
  using image_format = typename Os::image_format;

  enum class outcome : unsigned char {
    news,       // a build to be judged
    unchanged,  // nothing new
    absent,     // no file
    later,      // not finished: look again
    failed,     // could not be judged for a reason outside the file: look again in a while
    refused,    // this file will not do
    proved,     // opened and fit
    published,
    busy  // another thread works on it
  };

  static constexpr uint64_t millisecond = 1000000;            // ns
  static constexpr uint64_t patience = 2000 * millisecond;    // for a library that is not finished
  static constexpr uint64_t first_pause = 100 * millisecond;  // between looks at an incomplete one
  static constexpr uint64_t last_pause = 1000 * millisecond;
  static constexpr int64_t second = 1000 * int64_t{millisecond};
  static constexpr int64_t quiet_time =
      50 * int64_t{millisecond};  // where writers cannot be asked for
  static constexpr int64_t young_time =
      20 * int64_t{millisecond};  // several ticks of old kernels' file clock

  class copy {
   public:
    copy(registry& known, const char* library, int& error) noexcept
        : file_(copies<Os>(known).create(library, path_, error)), stays_(!file_.is_open()) {}
    copy(const copy&) = delete;
    copy& operator=(const copy&) = delete;
    ~copy() {
      if (stays_) return;
      file_.close();
      Os::remove(path_.c_str());
      if (!debug_path_.empty()) Os::remove(debug_path_.c_str());
    }

    [[nodiscard]] const file& opened() const noexcept { return file_; }
    [[nodiscard]] const char* path() const noexcept { return path_.c_str(); }

    /// The last that is written.
    void finish(const image_format& content) noexcept {
      copies<Os>::separate_debug_file(path_.c_str(), file_, content, debug_path_);
      Os::end_writing(file_);
    }

    /// The file stays.
    void keep(registry& known) noexcept {
      file_.close();
      stays_ = true;
      copies<Os>(known).keep(path_.c_str());
      if (!debug_path_.empty()) copies<Os>(known).keep(debug_path_.c_str());
    }

   private:
    text path_;
    text debug_path_;
    file file_;
    bool stays_;  // or is not there
  };

  // --- who works

  [[nodiscard]] static bool is_worked_on(const record& of) noexcept {
    return of.worked_on_by != 0 && is_of_this_process<Os>(of.worked_on_by);
  }

  // Beyond what this loader publishes.
  [[nodiscard]] bool anybody_works() const noexcept {
    for (const record* each = first_record(); each != nullptr; each = each->next) {
      if (is_worked_on(*each) && !in_wave(*each)) return true;
    }
    return false;
  }

  // Whether this thread is in a static constructor or a hook that dymod has called.
  [[nodiscard]] bool is_inside() const noexcept {
    for (const record* each = first_record(); each != nullptr; each = each->next) {
      if (each->worked_on_by == 0 || in_wave(*each)) continue;
      if (each->worked_on_by == this_thread<Os>()) return true;
    }
    return false;
  }

  // Marks a record, as long as the lock is given back for foreign code.
  void begin_work(record& on) noexcept { on.worked_on_by = known_.lock.holder(); }
  void end_work(record& on) noexcept {
    // Another thread may have loaded it meanwhile, from inside a load of its own.
    if (on.worked_on_by == known_.lock.holder()) on.worked_on_by = 0;
  }

  /// @returns false, without the lock, inside a load or a hook; also on a thread that is opening a
  ///          library of the program's own, for which the one who works waits
  [[nodiscard]] bool enter_when_nobody_works() noexcept {
    uint64_t deadline = Os::monotonic() + patience;
    uint64_t waited_for = 0;
    bool alone = false;
    while (known_.lock.template enter<Os>()) {
      if (!anybody_works()) return true;
      const bool inside = is_inside();
      const bool opening = !hooks<Os>(known_).is_any_running();
      const uint64_t work = known_.copies_made;  // each image that is opened has one of its own
      known_.lock.template leave<Os>();
      if (inside) return false;
      const uint64_t time = Os::monotonic();
      if (!opening || work != waited_for) {
        waited_for = work;
        deadline = time + patience;
        alone = false;
      } else if (time >= deadline) {
        if (alone) return false;
        Os::wait_for_libraries();
        alone = true;
        deadline = Os::monotonic() + last_pause;  // the other has opened it, or waits for us
      }
      Os::sleep_milliseconds(1);
    }
    return false;
  }

  // --- the steps

  // What is there now; a refused build is judged again.
  outcome attempt(record& of, problem& why) noexcept {
    file_key key;
    return look(of, key, why) ? attempt(of, key, true, why) : outcome::absent;
  }

  /// @param insist  judges a refused build again
  outcome attempt(record& of, const file_key& key, bool insist, problem& why) noexcept {
    const outcome checked = check(of, insist, key);
    if (checked != outcome::news) return checked;
    image* fresh = nullptr;
    const outcome judged = judge(of, key, fresh, why);  // before `fresh` is read
    if (judged != outcome::proved) return conclude(of, judged, key, nullptr, why);
    of.proved = fresh;
    begin_wave();
    join_wave(of);
    record* refused = nullptr;
    const outcome result = publish_wave(refused, why);
    // Whichever module of the wave it was: this one does not come without it.
    return result == outcome::published ? result : conclude(of, result, key, nullptr, why);
  }

  /// All but the publishing, for reload_all() and for modules that go together.
  /// @param insist  judges a refused build again
  /// @returns whether this module does not stand in the way of a publication
  [[nodiscard]] bool prove(record& of, bool insist) noexcept {
    file_key key;
    problem why;
    outcome result = look(of, key, why) ? check(of, insist, key) : outcome::absent;
    if (result != outcome::news) of.proved = nullptr;  // not what is there now
    if (result == outcome::unchanged) {
      return key != of.published.load_relaxed()->refused;
    }
    if (result == outcome::news) {
      image* fresh = nullptr;
      result = judge(of, key, fresh, why);
      if (result == outcome::proved) of.proved = fresh;
      if (result != outcome::proved) conclude(of, result, key, nullptr, why);
    }
    return result == outcome::proved || result == outcome::unchanged || result == outcome::absent;
  }

  // Step 1.
  [[nodiscard]] static bool look(const record& of, file_key& key, problem& why) noexcept {
    if (Os::look(of.path, key)) return true;
    why.set(error_code::not_found) << "there is no file '" << of.path << "'";
    return false;
  }

  [[nodiscard]] static outcome check(record& of, bool insist, const file_key& key) noexcept {
    if (const snapshot* now = of.published.load_relaxed()) {
      if (key == now->key && (!now->young || is_young(key))) return outcome::unchanged;
      if (key == now->refused && !insist) return outcome::unchanged;
    }
    const uint64_t time = Os::monotonic();
    if (of.pending.first_seen == 0 || of.pending.key != key) {
      of.pending = pending_build{};
      of.pending.key = key;
      of.pending.first_seen = time;
    }
    return time >= of.pending.next_look || insist ? outcome::news : outcome::later;
  }

  // Steps 2 to 7.
  [[nodiscard]] outcome judge(record& of, const file_key& key, image*& fresh,
                              problem& why) noexcept {
    image* const proved = of.proved;
    of.proved = nullptr;
    if (proved != nullptr && proved->key == key) {
      fresh = proved;
      return outcome::proved;
    }
    const file library = Os::open_to_read(of.path);
    if (!library.is_open()) return unreadable(of, why);
    if (!Os::is_regular(library)) {
      why.set(error_code::not_a_library) << "'" << of.path << "' is not a file";
      return outcome::refused;
    }
    if (key.size == 0) return incomplete(of, "is empty", why);
    if (!is_settled(of, library, key, why)) return outcome::later;

    int error = 0;
    copy made(known_, of.path, error);
    if (!made.opened().is_open() || !Os::copy(library, made.opened())) {
      if (made.opened().is_open()) error = Os::last_error();
      text& detail = why.set(error_code::copy_failed);
      detail << "'" << of.path << "'";
      if (made.path()[0] != '\0') detail << " to '" << made.path() << "'";
      Os::describe_error(error, detail << ": ");
      return outcome::failed;
    }
    file_key now_open;
    file_key now_there;
    const bool settled = is_settled(of, library, key, why);
    const bool same = Os::look(library, now_open) && now_open == key &&
                      Os::look(of.path, now_there) && now_there == key;
    if (!same) {
      why.set(error_code::being_written) << "'" << of.path << "' changed while it was copied";
      // However long that took: what is there now has a time of its own to be finished in.
      of.pending.first_seen = Os::monotonic();
    }
    if (!settled || !same) return outcome::later;
    const bool young = is_young(key);
    file_key written;
    static_cast<void>(Os::look(made.opened(), written));

    view content = Os::map(made.opened());
    if (!content.is_open()) {
      Os::describe_error(Os::last_error(), why.set(error_code::copy_failed)
                                               << "'" << made.path() << "': ");
      return outcome::failed;
    }
    image_format library_image(content.content());
    text flaw;
    switch (library_image.check(Os::target(), flaw)) {
      case completeness::complete: break;
      case completeness::incomplete: return incomplete(of, flaw.c_str(), why);
      case completeness::garbage:
        why.set(error_code::not_a_library) << "'" << of.path << "' " << flaw;
        return outcome::refused;
    }
    const snapshot* now = of.published.load_relaxed();
    const uint64_t fingerprint = image_format::fingerprint(content.content());
    const auto is_built_as = [&](const image& other) {
      return other.fingerprint == fingerprint && is_same(content.content(), other.copy);
    };
    if (now != nullptr && is_built_as(*now->current)) return outcome::unchanged;
    for (const image* each = of.any_left ? of.images : nullptr; each != nullptr;
         each = each->previous) {
      if (each->left && is_built_as(*each)) return was_left(of, *each, why);
    }
    if (!fits(of, library_image, why)) return outcome::refused;
    for (image* each = of.unpublished > 0 ? of.images : nullptr; each != nullptr;
         each = each->previous) {
      if (each->generation != 0 || each->handle == nullptr) continue;
      if (!is_built_as(*each)) continue;
      // Opened before and never published: its static constructors are not to run again.
      if (!fit(of, to_compare_with(of), asked_first_about(of)).accepts(*each, why)) {
        return outcome::refused;
      }
      each->key = key;
      each->young = young;
      fresh = each;
      return outcome::proved;
    }
    made.finish(library_image);
    // What was judged is what is opened, and by its name only can it be.
    if (!Os::is_still(made.path(), made.opened(), written)) {
      if (Os::is_absent(made.path())) return vanished(of, why);
      why.set(error_code::copy_failed)
          << "'" << of.path << "' to '" << made.path() << "': somebody has changed the copy";
      return outcome::failed;
    }
    const outcome opened = open(of, made, key, young, fingerprint, fresh, why);
    if (opened == outcome::proved) {
      judged_.in = fresh;
      judged_.content = static_cast<view&&>(content);
      judged_.built = library_image;
    }
    return opened;
  }

  // Step 8, and what the other answers lead to.
  outcome conclude(record& of, outcome result, const file_key& key, image* fresh,
                   problem& why) noexcept {
    const snapshot* now = of.published.load_relaxed();
    const uint64_t time = Os::monotonic();
    const double seconds = static_cast<double>(time - of.pending.first_seen) / 1e9;
    switch (result) {
      case outcome::proved: {
        fresh->generation = of.last_generation + 1;
        fresh->came_after = now != nullptr ? now->current->generation : 0;
        snapshot next{fresh, key, file_key{}, fresh->young, nullptr, nullptr, false};
        if (now != nullptr && now->refused != key) next.refused = now->refused;
        if (!publish(of, next, why)) {
          fresh->generation = 0;
          const bool passing = why.code == error_code::out_of_memory;
          return conclude(of, passing ? outcome::failed : outcome::refused, key, nullptr, why);
        }
        of.last_generation = fresh->generation;
        --of.unpublished;
        of.pending = pending_build{};
        of.refused_for = nullptr;
        forget_refusals_for(of);
        announce(of, fresh->generation, seconds);
        tell_surprises(of, *fresh);
        return outcome::published;
      }
      case outcome::unchanged:
        if (now != nullptr) {
          snapshot next = *now;
          next.key = key;
          next.young = key != now->key && is_young(key);
          static_cast<void>(publish(of, next, why));
        }
        of.pending = pending_build{};
        return result;
      case outcome::refused:
        if (now == nullptr || key == now->refused) return result;
        of.refused_for = why.other_module;
        tell_once(of, why, seconds);
        if (is_young(key)) {
          // A better build within the same tick would look the same: once more, later.
          of.pending.next_look = time + static_cast<uint64_t>(young_time);
        } else {
          snapshot next = *now;
          next.refused = key;
          static_cast<void>(publish(of, next, why));
          of.pending = pending_build{};
        }
        return result;
      case outcome::failed:
        tell_once(of, why, seconds);
        of.pending.next_look = time + pause_after_failure(time - of.pending.first_seen);
        return result;
      case outcome::later:
        if (time - of.pending.first_seen >= patience) tell_once(of, why, seconds);
        if (why.code == error_code::incomplete) {
          of.pending.next_look = time + pause_after(time - of.pending.first_seen);
        }
        return result;
      case outcome::news:
      case outcome::absent:
      case outcome::busy:
      case outcome::published: return result;
    }
    return result;
  }

  void tell_surprises(record& of, const image& taken) noexcept {
    surprises<Os> found(known_, of, taken);
    if (judged_.in == &taken) {
      found.tell(judged_.built);
      return;
    }
    const view content = copies<Os>::read(taken.copy);
    image_format built(content.content());
    text flaw;
    if (built.check(Os::target(), flaw) == completeness::complete) found.tell(built);
  }

  // What another module's build was refused for may be there now.
  void forget_refusals_for(const record& published) noexcept {
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (each->refused_for == nullptr) continue;
      if (::strcmp(each->refused_for, published.name) != 0) continue;
      snapshot next = *each->published.load_relaxed();
      next.refused = file_key{};
      problem why;
      if (publish(*each, next, why)) each->refused_for = nullptr;
    }
  }

  // --- modules that want something of each other

  // Waves have numbers, because the lock is given back in the middle of one: another thread, or a
  // hook, may then publish a first load, which is a wave of its own.
  void begin_wave() noexcept { wave_ = ++known_.waves_made; }

  void join_wave(record& of) noexcept {
    of.wave = wave_;
    of.reloads = is_loaded(of);
    begin_work(of);
  }

  [[nodiscard]] bool in_wave(const record& of) const noexcept {
    return wave_ != 0 && of.wave == wave_;
  }

  // What runs once the wave is published.
  [[nodiscard]] image* next_image(const record& of) const noexcept {
    return in_wave(of) ? of.proved : current_image(of);
  }

  // Whether the code that the caller is part of will be current then. Code of a generation that is
  // replaced may still run; it goes on with the last generation that fits it.
  [[nodiscard]] bool stays(const caller& each) const noexcept {
    return each.home == nullptr || each.home == next_image(*each.home->of);
  }

  [[nodiscard]] static bool has_news(const record& of) noexcept {
    file_key key;
    const snapshot* now = of.published.load_relaxed();
    return now != nullptr && !is_worked_on(of) && Os::look(of.path, key) && key != now->key;
  }

  // Whether there is a build that was not judged yet.
  [[nodiscard]] static bool has_unseen(const record& of) noexcept {
    file_key key;
    const snapshot* now = of.published.load_relaxed();
    return now != nullptr && Os::look(of.path, key) &&
           (key == now->key ? now->young : key != now->refused);
  }

  // Whether the caller's module may come along with a new build of its own.
  [[nodiscard]] bool may_go(const caller& each, const record& of) const noexcept {
    return each.home != nullptr && each.home->of != &of && !in_wave(*each.home->of) &&
           has_news(*each.home->of);
  }

  /// Who is to be asked about a build of a module: all who want something of it and stay; also
  /// modules that declare it and have not called it yet. The list is valid until the next one.
  [[nodiscard]] const caller* asked_about(const record& of) noexcept { return ask(of, true); }

  /// Those among them who will stay whatever comes along with the build: who must be content with
  /// it before anything else is looked at.
  [[nodiscard]] const caller* asked_first_about(const record& of) noexcept {
    return ask(of, false);
  }

  [[nodiscard]] const caller* ask(const record& of, bool all) noexcept {
    const caller* asked = nullptr;
    const auto add = [&](caller& each) {
      const bool is_calling = &each == joining_;  // it gets an answer, whatever becomes of its code
      if (!is_calling && (!stays(each) || (!all && may_go(each, of)))) return;
      each.next_asked = asked;
      asked = &each;
    };
    for (caller* each = of.callers; each != nullptr; each = each->next) add(*each);
    if (joining_ != nullptr && joining_to_ == &of) add(*joining_);
    for (record* host = first_record(); host != nullptr; host = host->next) {
      const image* runs = next_image(*host);
      if (runs == nullptr || runs->contained == nullptr) continue;
      for (caller* each = runs->contained->callers; each != nullptr; each = each->next_in_binary) {
        const bool has_called = each->found.load_relaxed() != nullptr;
        if (!has_called && each != joining_ && records<Os>(known_).find(*each) == &of) add(*each);
      }
    }
    return asked;
  }

  // Whether an image gives one caller all it wants.
  /// @param current  whose objects it may have to deal with; null: nobody's
  [[nodiscard]] bool serves(const record& of, const image& offered, const caller& wants,
                            problem& why, const image* current = nullptr) const noexcept {
    if (wants.extern_c) {
      text missing;
      const functions_of<Os> functions(offered, true);
      for (unsigned i = 0; i < wants.function_count; ++i) {
        const char* const name = wants.functions[i];
        if (functions.find(name, i) == nullptr) list_function(missing, name);
      }
      if (none_missing(of.path, missing, words_for(wants), why)) return true;
      if (wants.home != nullptr) why.other_module = wants.home->of->name;
      return false;
    }
    fit wanted(of, current, &wants, true);
    const module_unit* const unit = fit::units_of(offered);
    const bool served = unit == nullptr || wanted.accepts(fit::description_of(*unit), why);
    return served && wanted.accepts(offered, why);
  }

  // Whether any code of the wave wants something of modules.
  [[nodiscard]] bool wave_calls() const noexcept {
    for (const record* each = first_record(); each != nullptr; each = each->next) {
      const image* const next = in_wave(*each) ? each->proved : nullptr;
      if (next == nullptr || next->contained == nullptr) continue;
      if (next->contained->callers != nullptr) return true;
    }
    return false;
  }

  // The first who would be left with something else than it wants.
  [[nodiscard]] const caller* find_misfit(record*& of, problem& why) noexcept {
    const bool calls = wave_calls();
    for (of = first_record(); of != nullptr; of = of->next) {
      if (!calls && !in_wave(*of) && of != joining_to_) continue;
      const image* offered = next_image(*of);
      if (offered == nullptr) continue;
      const image* const before = in_wave(*of) ? to_compare_with(*of) : nullptr;
      for (const caller* each = asked_about(*of); each != nullptr; each = each->next_asked) {
        const bool moves = in_wave(*of) || (each->home != nullptr && in_wave(*each->home->of));
        if (moves && !serves(*of, *offered, *each, why, before)) return each;
      }
    }
    return nullptr;
  }

  /// Publishes all modules of the wave, with those that have to come along.
  /// @param refused  on failure, of which module the build does not fit
  outcome publish_wave(record*& refused, problem& why) noexcept {
    record* of = nullptr;
    while (const caller* unserved = find_misfit(of, why)) {
      record* const home = unserved->home != nullptr ? unserved->home->of : nullptr;
      record* const other = in_wave(*of) ? home : of;
      if (other != nullptr && !in_wave(*other) && !is_inside()) {
        // A first load may come here while others work: perhaps on this very module.
        if (anybody_works()) return end_wave(outcome::busy);
        if (has_news(*other) && prove(*other, true) && other->proved != nullptr) {
          join_wave(*other);
          continue;
        }
      }
      refused = in_wave(*of) ? of : home;
      if (!in_wave(*of)) why.other_module = of->name;
      return end_wave(outcome::refused);
    }
    const bool others_ran = run_hooks(true);
    // Whoever called for the first time while hooks ran has been served by the old generation.
    outcome result = outcome::published;
    const caller* const newcomer = others_ran ? find_misfit(of, why) : nullptr;
    const bool fits_still = newcomer == nullptr;
    if (!fits_still) refused = in_wave(*of) ? of : newcomer->home->of;
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (!in_wave(*each)) continue;
      image* const fresh = each->proved;
      const outcome one =
          fits_still ? conclude(*each, outcome::proved, fresh->key, fresh, why) : outcome::refused;
      if (one != outcome::published) result = one;
    }
    run_hooks(false);
    // What was given as hooks is destroyed by code of the images that are replaced: until that is
    // done nobody unloads them.
    hooks<Os>(known_).remove_replaced();
    return end_wave(result);
  }

  outcome end_wave(outcome result) noexcept {
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (!in_wave(*each)) continue;
      if (result != outcome::busy) each->proved = nullptr;
      end_work(*each);
    }
    wave_ = 0;
    return result;
  }

  /// @returns whether the lock was given back meanwhile
  bool run_hooks(bool before) noexcept {
    find_hooked();
    return hooks<Os>(known_).run(before,
                                 [this](const record& of) { return in_wave(of) && of.reloads; });
  }

  // A binary need not have called the modules whose reloads it wants to hear of.
  void find_hooked() noexcept {
    for (hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (each->wants == nullptr) continue;
      const record* const found = each->wants->found.load_relaxed();
      if (found != nullptr) each->of = found;
      if (each->of == nullptr) each->of = records<Os>(known_).find(*each->wants);
    }
  }

  // A hook before the reload says that the program takes care of what generations share. After a
  // crash no hook runs.
  [[nodiscard]] const image* to_compare_with(const record& of) noexcept {
    find_hooked();
    const bool cared_for = hooks_run_ && hooks<Os>(known_).any(of, true);
    return cared_for ? nullptr : current_image(of);
  }

  // --- going back

  /// @param with_hooks  run, and take care of what the generations share
  /// @returns whether an older generation is current now
  [[nodiscard]] bool go_back(record& of, bool with_hooks) noexcept {
    image* to = current_image(of);
    bool done = false;
    hooks_run_ = with_hooks;
    while (!done && (to = generation_before(of, to->generation)) != nullptr) {
      problem why;
      record* misfit_of = nullptr;
      begin_wave();
      of.proved = to;
      join_wave(of);
      if (find_misfit(misfit_of, why) == nullptr) {
        if (with_hooks) run_hooks(true);
        // Whoever called for the first time while hooks ran has been served by the newer one.
        done = find_misfit(misfit_of, why) == nullptr && publish_older(of, *to, why);
        if (with_hooks) run_hooks(false);
        hooks<Os>(known_).remove_replaced();
      }
      static_cast<void>(end_wave(outcome::published));
    }
    hooks_run_ = true;
    return done;
  }

  [[nodiscard]] bool publish_older(record& of, image& to, problem& why) noexcept {
    const snapshot* now = of.published.load_relaxed();
    // Refused is what is there now: the build that is left, or a later one that was refused.
    file_key there;
    const bool another = !Os::look(of.path, there) || there != now->key;
    snapshot next{&to, to.key, another ? now->refused : now->key, false, nullptr, nullptr, false};
    if (!another) remember_left(of, next.refused);
    if (!another && is_young(next.refused)) next.refused = file_key{};
    if (!publish(of, next, why)) return false;
    of.refused_for = nullptr;
    forget_refusals_for(of);
    return true;
  }

  // The build that was left is not told of again; but looked at, once, if a later one could look
  // the same.
  static void remember_left(record& of, const file_key& key) noexcept {
    of.told_of = key;
    of.told_code = error_code::rolled_back;
    of.pending = pending_build{};
    of.pending.key = key;
    of.pending.first_seen = Os::monotonic();
    of.pending.next_look = of.pending.first_seen + static_cast<uint64_t>(young_time);
  }

  [[nodiscard]] static image* generation_before(const record& of, unsigned generation) noexcept {
    image* found = nullptr;
    for (image* each = of.images; each != nullptr; each = each->previous) {
      if (each->generation == 0 || each->generation >= generation) continue;
      if (each->left || each->handle == nullptr) continue;
      if (found == nullptr || each->generation > found->generation) found = each;
    }
    return found;
  }

  // Builds like it are refused from now on.
  static void mark_left(image& in) noexcept {
    in.left = true;
    in.of->any_left = true;
  }

  void tell_of_crash(image& in, const crash_report& report, const text& place) noexcept {
    record& of = *in.of;
    in.crash = keep_report(report);
    mark_left(in);
    text message("'");
    message << report.function << "' crashed: " << report.words << " in generation "
            << in.generation;
    if (current_image(of) != &in) {
      message << "; generation " << generation_of(of) << " runs on";
    } else if (anybody_works()) {
      message << ", during a load or a hook: it stays current until that is over";
    } else {
      leave_current(of, message);
    }
    if (!place.empty()) message << problem::line_break << place;
    message << problem::line_break << words_for(error_code::rolled_back).cure;
    queue_event(known_, event_kind::crashed, of, generation_of(of), static_cast<text&&>(message),
                0);
  }

  /// @returns null without memory
  [[nodiscard]] static const crash_report* keep_report(const crash_report& report) noexcept {
    auto* const kept = allocate<crash_report>();
    char* const function = text(report.function).release();
    char* const words = text(report.words).release();
    if (kept != nullptr && function != nullptr && words != nullptr) {
      *kept = crash_report{function, words, report.signal, report.address};
      return kept;
    }
    ::free(words);
    ::free(function);
    ::free(kept);
    return nullptr;
  }

  void leave_current(record& of, text& message) noexcept {
    if (go_back(of, false)) {
      message << "; generation " << generation_of(of) << " is current again";
      return;
    }
    snapshot next = *of.published.load_relaxed();
    next.broken = next.current->crash != nullptr;  // what calls then say
    problem why;
    static_cast<void>(publish(of, next, why));
    message << ", and none before it can take over: calls throw until a new build comes";
  }

  // Those that crashed while somebody worked, if no new build has replaced them.
  void settle_crashes() noexcept {
    for (record* of = first_record(); of != nullptr; of = of->next) {
      const snapshot* const now = of->published.load_relaxed();
      if (now == nullptr || now->broken || now->current->crash == nullptr) continue;
      text message("generation ");
      message << now->current->generation << " has crashed";
      leave_current(*of, message);
      message << problem::line_break << words_for(error_code::rolled_back).cure;
      queue_event(known_, event_kind::crashed, *of, generation_of(*of),
                  static_cast<text&&>(message), 0);
    }
  }

  // Step 5, of a build that was taken once.
  [[nodiscard]] static outcome was_left(const record& of, const image& before,
                                        problem& why) noexcept {
    text& detail = why.set(error_code::rolled_back);
    detail << "'" << of.path << "' is generation " << before.generation << " again, ";
    if (before.crash != nullptr) {
      detail << "in which '" << before.crash->function << "' crashed (" << before.crash->words
             << ")";
    } else {
      detail << "which roll_back() has left";
    }
    return outcome::refused;
  }

  // --- unloading

  [[nodiscard]] bool unload(record& of, image& old) noexcept {
    const handler_choice* const chosen = known_.handler.load_acquire();
    if (chosen != nullptr && chosen->handler.function != nullptr &&
        image_of<Os>(known_, reinterpret_cast<const void*>(chosen->handler.function)) == &old) {
      warn_of(of, old, text("the event handler is part of it"));
      return false;
    }
    const guarded_threads* const guarded = known_.guarded.load_acquire();
    if (guarded != nullptr &&
        image_of<Os>(known_, reinterpret_cast<const void*>(guarded->find)) == &old) {
      warn_of(of, old, text("the handler of crashes is part of it"));
      return false;
    }
    begin_work(of);
    hooks<Os>(known_).remove_of(old);
    binary* const contained = old.contained;
    if (contained != nullptr) forget_callers(*contained);
    old.contained = nullptr;
    void* const handle = old.handle;
    old.handle = nullptr;
    known_.unloading = true;
    known_.lock.template leave<Os>();
    Os::close_library(handle);  // runs its static destructors
    const bool stays = Os::is_loaded(old.copy);
    static_cast<void>(known_.lock.template enter<Os>());
    known_.unloading = false;
    end_work(of);
    copies<Os>(known_).register_cleanup();
    if (stays) {
      // What is left of its code, such as the destructors of thread-local objects, joins anew.
      caller* each = contained != nullptr ? contained->callers : nullptr;
      for (; each != nullptr; each = each->next_in_binary) {
        each->found.store_release(nullptr);
      }
      warn_of(of, old, reason_to_keep(old.copy));
      return false;
    }
    forget_objects_of(known_, old);
    // What was left must be known again when it comes once more.
    if (!old.left) copies<Os>(known_).remove(old.copy);
    return true;
  }

  [[nodiscard]] static text reason_to_keep(const char* path) noexcept {
    const view content = copies<Os>::read(path);
    image_format library_image(content.content());
    text reason;
    text flaw;
    const bool readable = library_image.check(Os::target(), flaw) == completeness::complete;
    const char* const unique =
        readable ? library_image.find_unique([](const char*) { return true; }) : nullptr;
    if (unique != nullptr) {
      Os::append_symbol(reason << "it has unique symbols ('", unique)
          << "'): build it with -fno-gnu-unique";
    } else if (readable && library_image.has_thread_local()) {
      reason << "it has thread-local objects, which live until their threads end";
    } else {
      reason << "something else in the program has it open";
    }
    return reason;
  }

  static void forget_callers(const binary& of) noexcept {
    for (caller* gone = of.callers; gone != nullptr; gone = gone->next_in_binary) {
      record* const found = gone->found.load_relaxed();
      if (found != nullptr) unlink(*found, *gone);
      ::free(const_cast<char*>(gone->expected_path.exchange(nullptr)));
    }
  }

  static void unlink(record& of, const caller& gone) noexcept {
    caller** link = &of.callers;
    while (*link != nullptr && *link != &gone) link = &(*link)->next;
    if (*link != nullptr) *link = gone.next;
  }

  void warn_of(const record& of, const image& old, const text& reason) noexcept {
    text message(old.generation != 0 ? "generation " : "a refused build");
    if (old.generation != 0) message << old.generation;
    message << " stays loaded: " << reason;
    queue_event(known_, event_kind::warning, of, generation_of(of), static_cast<text&&>(message),
                0);
  }

  // --- the parts of the steps

  // Step 2. Where writers cannot be asked for: when nothing has touched the file for a while, by
  // its stamps or, if those come from a clock that is ahead, by our own watch.
  [[nodiscard]] static bool is_settled(const record& of, const file& library, const file_key& key,
                                       problem& why) noexcept {
    const auto found = Os::writers_of(library);
    if (found == Os::writers::none) return true;
    why.set(error_code::being_written) << "'" << of.path << "' is still being written";
    if (found == Os::writers::some) return false;
    const uint64_t watched = Os::monotonic() - of.pending.first_seen;
    return Os::file_clock() - key.touched() >= quiet_time ||
           watched >= static_cast<uint64_t>(quiet_time);
  }

  // So fresh that on an old kernel a second build within the same tick of its clock would look the
  // same. A stamp from a clock that is ahead tells nothing.
  [[nodiscard]] static bool is_young(const file_key& key) noexcept {
    const int64_t age = Os::file_clock() - key.touched();
    const bool whole_seconds = key.modified % second == 0 && key.changed % second == 0;
    const int64_t grain = whole_seconds ? 2 * second : young_time;
    return age < grain && age > -grain;
  }

  // Step 5.
  [[nodiscard]] static bool is_same(bytes content, const char* other_path) noexcept {
    const view other = copies<Os>::read(other_path);
    return image_format::is_same(content, other.content());
  }

  // Step 6.
  [[nodiscard]] bool fits(const record& of, const image_format& library_image,
                          problem& why) noexcept {
    // g++'s names and clang's.
    static constexpr const char* runtimes[] = {
        "libasan.so",       "libtsan.so",       "liblsan.so",       "libhwasan.so",
        "libclang_rt.asan", "libclang_rt.tsan", "libclang_rt.lsan", "libclang_rt.hwasan"};
    const char* const needed = library_image.find_needed([](const char* name) {
      for (const char* runtime : runtimes) {
        if (image_format::begins_with(name, runtime)) return !Os::is_loaded(name);
      }
      return false;
    });
    if (needed != nullptr) {
      why.set(error_code::would_exit)
          << "'" << of.path << "' needs the sanitizer runtime '" << needed
          << "', which this program is not built with and which would end the process";
      return false;
    }
    const caller* const asked = asked_first_about(of);
    // Perhaps nobody: all who want something of it may come along.
    const image* const now = current_image(of);
    bool extern_c = now == nullptr || now->functions == nullptr;
    for (const caller* each = asked; each != nullptr; each = each->next_asked) {
      extern_c = extern_c && each->extern_c;
    }
    return extern_c ? offers_symbols(of, asked, library_image, why)
                    : offers_functions(of, asked, library_image, why);
  }

  [[nodiscard]] static bool offers_symbols(const record& of, const caller* asked,
                                           const image_format& library_image,
                                           problem& why) noexcept {
    text missing;
    const caller* missed_by = nullptr;
    bool only_modules = true;
    for (const caller* each = asked; each != nullptr; each = each->next_asked) {
      for (unsigned i = 0; i < each->function_count; ++i) {
        bytes content;
        if (library_image.find_symbol(each->functions[i], content)) continue;
        list_function(missing, each->functions[i]);
        missed_by = each;
        only_modules = only_modules && each->home != nullptr;
      }
    }
    if (missed_by == nullptr) return true;
    const bool fits = none_missing(of.path, missing, words_for(*missed_by), why);
    if (only_modules) why.other_module = missed_by->home->of->name;
    return fits;
  }

  [[nodiscard]] bool offers_functions(const record& of, const caller* asked,
                                      const image_format& library_image, problem& why) noexcept {
    text symbol("dymod_description_");
    symbol << of.name;
    bytes content;
    const bool found = library_image.find_symbol(symbol.c_str(), content);
    const description described(content);
    if (!found || described.format() == nullptr) {
      why.set(error_code::no_description)
          << "'" << of.path << "' has no description of module '" << of.name << "'";
      return false;
    }
    if (!described.readable()) {
      differences formats;
      formats.add(text("the format"), 0, text("the host"), text(DYMOD_DETAIL_DESCRIPTION_FORMAT),
                  text(described.format()));
      return formats.tell(of.path, why, error_code::format_mismatch);
    }
    return fit(of, to_compare_with(of), asked).accepts(described, why);
  }

  // Step 7.
  [[nodiscard]] outcome open(record& of, copy& made, const file_key& key, bool young,
                             uint64_t fingerprint, image*& fresh, problem& why) noexcept {
    fresh = allocate<image>();
    text path(made.path());
    if (fresh == nullptr || path.empty()) {
      ::free(fresh);
      why.set(error_code::out_of_memory) << "'" << of.path << "'";
      return outcome::failed;
    }
    fresh->key = key;
    fresh->young = young;
    fresh->fingerprint = fingerprint;
    fresh->copy = path.release();
    fresh->of = &of;
    fresh->previous = of.images;
    of.images = fresh;
    const image* const before = current_image(of);

    begin_work(of);
    known_.lock.template leave<Os>();
    text reason;
    const void* functions = nullptr;
    void* contained = nullptr;
    void* const handle = Os::open_library(fresh->copy);
    if (handle == nullptr) {
      Os::library_error(fresh->copy, reason);
    } else {
      text symbol("dymod_module_");
      symbol << of.name;
      if (const function_pointer offer = Os::symbol(handle, symbol.c_str())) {
        functions = reinterpret_cast<const module_table* (*)()>(offer)();
      }
      contained = Os::binary_in(handle);
    }
    static_cast<void>(known_.lock.template enter<Os>());
    end_work(of);

    if (handle == nullptr) {
      image** link = &of.images;
      while (*link != fresh) link = &(*link)->previous;
      *link = fresh->previous;
      forget_objects_of(known_, *fresh);
      ::free(fresh->copy);
      ::free(fresh);
      return Os::is_absent(made.path()) ? vanished(of, why) : not_opened(of, key, reason, why);
    }
    made.keep(known_);
    ++of.unpublished;
    fresh->handle = handle;
    fresh->functions = functions;
    fresh->contained = static_cast<binary*>(contained);
    if (fresh->contained != nullptr) fresh->contained->is_image = true;
    caller* each = fresh->contained != nullptr ? fresh->contained->callers : nullptr;
    for (; each != nullptr; each = each->next_in_binary) each->home = fresh;
    if (current_image(of) != before) return outcome::busy;  // loaded on another thread meanwhile
    return fit(of, to_compare_with(of), asked_first_about(of)).accepts(*fresh, why)
               ? outcome::proved
               : outcome::refused;
  }

  // Somebody clears the directory away, to build anew.
  [[nodiscard]] static outcome vanished(const record& of, problem& why) noexcept {
    why.set(error_code::being_written) << "'" << of.path << "' has lost its copy";
    return outcome::later;
  }

  // The cause need not be in the file, and may be passing: a library that it needs is still being
  // built, descriptors or memory are short.
  [[nodiscard]] static outcome not_opened(const record& of, const file_key& key, const text& reason,
                                          problem& why) noexcept {
    if (Os::has_room_for(key.size)) {
      why.set(error_code::open_failed) << "'" << of.path << "': " << reason;
    } else {
      why.set(error_code::out_of_memory)
          << "'" << of.path << "': no address space or no mappings left for another image ("
          << reason << ")";
    }
    return outcome::failed;
  }

  [[nodiscard]] static outcome unreadable(const record& of, problem& why) noexcept {
    const int error = Os::last_error();
    if (Os::means_absent(error)) {
      why.set(error_code::not_found) << "there is no file '" << of.path << "'";
      return outcome::absent;
    }
    if (Os::means_in_use(error)) {
      why.set(error_code::being_written) << "'" << of.path << "' is still being written";
      return outcome::later;
    }
    Os::describe_error(error, why.set(error_code::copy_failed) << "'" << of.path << "': ");
    return outcome::failed;
  }

  [[nodiscard]] static outcome incomplete(const record& of, const char* flaw,
                                          problem& why) noexcept {
    why.set(error_code::incomplete) << "'" << of.path << "' " << flaw;
    return outcome::later;
  }

  // 100 ms, 200 ms, … 1 s, as the time since the first look grows.
  [[nodiscard]] static uint64_t pause_after(uint64_t waited) noexcept {
    uint64_t pause = first_pause;
    for (uint64_t sum = first_pause; sum <= waited && pause < last_pause; sum += pause) {
      pause += first_pause;
    }
    return pause;
  }

  // 1 s, 2 s, 4 s, … 10 s: what has lasted will last, and a try copies the whole library.
  [[nodiscard]] static uint64_t pause_after_failure(uint64_t waited) noexcept {
    if (waited < last_pause) return last_pause;
    return waited < 10 * last_pause ? waited : 10 * last_pause;
  }

  // --- publishing

  /// Makes `next` what calls see, with the functions of all callers unless it has them already.
  [[nodiscard]] bool publish(record& of, const snapshot& next, problem& why) noexcept {
    const snapshot* now = of.published.load_relaxed();
    snapshot* published = allocate<snapshot>();
    if (published == nullptr) {
      why.set(error_code::out_of_memory) << "'" << of.path << "'";
      return false;
    }
    *published = next;
    published->previous = now;
    if (published->functions == nullptr) {
      caller* const joins = joining_to_ == &of ? joining_ : nullptr;
      if (joins != nullptr) {
        joins->number = of.numbers_given++;
        joins->next = of.callers;
        of.callers = joins;
      }
      published->functions = resolve(of, *next.current, why);
      if (published->functions == nullptr) {
        if (joins != nullptr) of.callers = joins->next;
        ::free(published);
        return false;
      }
      if (joins != nullptr) joining_ = nullptr;  // it has
    }
    of.published.store_release(published);
    return true;  // NOLINT(clang-analyzer-unix.Malloc): calls read it from there, for ever
  }

  [[nodiscard]] const function_pointer* const* resolve(const record& of, const image& in,
                                                       problem& why) const noexcept {
    const snapshot* now = of.published.load_relaxed();
    auto** tables =
        static_cast<const function_pointer**>(::calloc(of.numbers_given + 1, sizeof(void*)));
    bool complete = tables != nullptr;
    if (!complete) why.set(error_code::out_of_memory) << "'" << of.path << "'";
    for (const caller* each = of.callers; complete && each != nullptr; each = each->next) {
      problem unserved;
      const function_pointer*& table = tables[each->number];
      if (!stays(*each) && !serves(of, in, *each, unserved)) {
        table = now->functions[each->number];
      } else {
        table = resolve_for(*each, of, in, why);
        complete = table != nullptr;
      }
    }
    if (complete) return tables;  // NOLINT(clang-analyzer-unix.Malloc): see publish
    // The rows are not freed: some may be those of the generation before.
    ::free(tables);
    return nullptr;
  }

  [[nodiscard]] static const function_pointer* resolve_for(const caller& wants, const record& of,
                                                           const image& in, problem& why) noexcept {
    auto* table =
        static_cast<function_pointer*>(::calloc(wants.function_count, sizeof(function_pointer)));
    if (table == nullptr) why.set(error_code::out_of_memory) << "'" << of.path << "'";
    const functions_of<Os> functions(in, wants.extern_c);
    for (unsigned i = 0; table != nullptr && i < wants.function_count; ++i) {
      table[i] = functions.find(wants.functions[i], i);
      if (table[i] != nullptr) continue;
      text missing;
      list_function(missing, wants.functions[i]);
      static_cast<void>(none_missing(of.path, missing, words_for(wants), why));
      ::free(table);
      return nullptr;
    }
    return table;
  }

  void announce(const record& of, unsigned generation, double seconds) noexcept {
    text message("generation ");
    message << generation << (generation == 1 ? " is loaded" : " is live") << ", after ";
    append_duration(message, seconds) << ", from '" << of.path << "'";
    queue_event(known_, generation == 1 ? event_kind::loaded : event_kind::reloaded, of, generation,
                static_cast<text&&>(message), seconds);
  }

  // A build that is looked at again is not told of again, unless for another reason. Before the
  // first load it is the caller who is told.
  void tell_once(record& of, const problem& why, double seconds) noexcept {
    if (!is_loaded(of) || (of.told_of == of.pending.key && of.told_code == why.code)) return;
    of.told_of = of.pending.key;
    of.told_code = why.code;
    const unsigned generation = generation_of(of);
    queue_event(known_, event_kind::rejected, of, generation, why.message(of.name, generation),
                seconds);
  }

  // --- first load

  /// @param alone  as if no other thread worked on it
  [[nodiscard]] record* try_load_first(caller& wants, bool alone, outcome& result,
                                       problem& why) noexcept {
    if (wants.home == nullptr) wants.home = image_of<Os>(known_, &wants);
    record* of = records<Os>(known_).find_library(wants, why);
    if (of == nullptr) return nullptr;
    const bool inside = alone || is_inside();
    bool served = false;
    do {
      result = outcome::unchanged;
      if (is_loaded(*of)) {
        served = attach(wants, *of, why);
        // A new build may serve it; but no reload starts while somebody works.
        if (served || inside) break;
        problem other_why;  // whether it does keeps that build from nobody else
        result = anybody_works() ? outcome::busy : attempt(*of, other_why);
        served = result == outcome::published && attach(wants, *of, why);
        break;
      }
      if (of->worked_on_by == known_.lock.holder()) {
        why.set(error_code::entered_again)
            << "a static constructor in '" << of->path << "' called module '" << of->name << "'";
        break;
      }
      // Inside a load this thread has the lock of the system's loader, which the other waits for,
      // and inside a hook others wait for it: it must not wait, and opens the library for itself.
      if (is_worked_on(*of) && !inside) {
        result = outcome::busy;
        break;
      }
      joining_ = &wants;
      joining_to_ = of;
      result = attempt(*of, why);
      served = joining_ == nullptr;
      joining_ = nullptr;
      joining_to_ = nullptr;
      // Published, but on another thread, which was inside a load.
      if (result == outcome::published && !served) result = outcome::busy;
    } while (result == outcome::busy && inside && is_loaded(*of));
    if (!served) return nullptr;
    wants.found.store_release(of);
    return of;
  }

  // Another binary of the process has loaded the module: its image serves this caller too, if it
  // fits.
  [[nodiscard]] bool attach(caller& wants, record& of, problem& why) noexcept {
    snapshot next = *of.published.load_relaxed();
    if (!serves(of, *next.current, wants, why)) return false;
    next.functions = nullptr;
    joining_ = &wants;
    joining_to_ = &of;
    const bool joined = publish(of, next, why);
    joining_ = nullptr;
    joining_to_ = nullptr;
    return joined;
  }

  [[nodiscard]] static bool is_loaded(const record& of) noexcept {
    return of.published.load_relaxed() != nullptr;
  }

  [[nodiscard]] record* first_record() const noexcept { return known_.records.load_acquire(); }

  // The last build that was found complete and opened, read once for all that is asked of it.
  struct judged_build {
    const image* in = nullptr;
    view content;
    image_format built{bytes{}};  // of the content
  };

  registry& known_;
  judged_build judged_;
  uint64_t wave_ = 0;          // that this loader is about to publish
  bool hooks_run_ = true;      // around it
  caller* joining_ = nullptr;  // asked with those that have joined already
  record* joining_to_ = nullptr;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> void runtime<Os>::list(caller& wants) noexcept { list_in_binary(wants); }

template <class Os>
record* runtime<Os>::load_first(caller& wants, error_code& code, text& lines) noexcept {
  problem why;
  record* const loaded = basic_loader<Os>(process_registry()).load_first(wants, why);
  if (loaded != nullptr) return loaded;
  code = why.code;
  lines = as_said_of(wants.name, why.message(wants.name).c_str());
  return nullptr;
}

template <class Os> record& runtime<Os>::load_first_or_end(caller& wants) noexcept {
  error_code code{};
  text lines;
  record* const loaded = load_first(wants, code, lines);
  if (loaded == nullptr) end_process<Os>(static_cast<text&&>(lines));
  return *loaded;
}

template <class Os> const snapshot* runtime<Os>::look(caller& wants) noexcept {
  record* const known = wants.found.load_acquire();
  if (known == nullptr) return nullptr;
  const snapshot* const now = known->published.load_acquire();
  file_key key;
  const bool is_there = Os::look(known->path, key);
  if (!is_there || (key == now->key ? !now->young : key == now->refused)) return now;
  return basic_loader<Os>(process_registry()).catch_up(*known, key);
}

template <class Os>
const snapshot* runtime<Os>::look_at_intervals(caller& wants, unsigned interval) noexcept {
  const uint64_t time = Os::coarse_milliseconds();
  if (time - wants.last_look.load_relaxed() >= interval) {
    wants.last_look.store_relaxed(time);
    return look(wants);
  }
  const record* const known = wants.found.load_acquire();
  return known != nullptr ? known->published.load_acquire() : nullptr;
}

template <class Os> bool runtime<Os>::reload(record& known) noexcept {
  return basic_loader<Os>(process_registry()).reload(known);
}

template <class Os> bool runtime<Os>::reload_all() noexcept {
  return basic_loader<Os>(process_registry()).reload_all();
}

template <class Os> bool runtime<Os>::roll_back(record& known) noexcept {
  return basic_loader<Os>(process_registry()).roll_back(known);
}

template <class Os> unsigned runtime<Os>::unload_old(record& known) noexcept {
  return basic_loader<Os>(process_registry()).unload_old(known);
}

template <class Os> record* runtime<Os>::find_loaded(caller& wants) noexcept {
  return basic_loader<Os>(process_registry()).find_loaded(wants);
}

template <class Os> const char* runtime<Os>::expected_path(caller& wants) noexcept {
  return basic_loader<Os>(process_registry()).expected_path(wants);
}

template <class Os> record* runtime<Os>::find_own() noexcept {
  return basic_loader<Os>(process_registry()).module_of(&own_binary);
}

template <class Os> uint64_t runtime<Os>::add_hook(hook_entry& added, const void* code) noexcept {
  return hooks<Os>(process_registry()).add(added, code);
}

template <class Os> void runtime<Os>::remove_hook(uint64_t number) noexcept {
  hooks<Os>(process_registry()).remove(number);
}

template <class Os>
event_handler runtime<Os>::set_event_handler(event_function function, void* user) noexcept {
  atomic<const handler_choice*>& current = process_registry().handler;
  const handler_choice* before = current.load_acquire();
  handler_choice* next = allocate<handler_choice>();
  if (next != nullptr) {
    next->handler = event_handler{function, user};
    do {
      next->previous = before;
    } while (!current.compare_exchange(before, next));
  }
  return before != nullptr ? before->handler : event_handler{nullptr, nullptr};
}

template <class Os> bool runtime<Os>::may_run_broken() noexcept {
  return basic_loader<Os>(process_registry()).may_run_broken();
}

template <class Os> image* runtime<Os>::image_at(const void* address) noexcept {
  return basic_loader<Os>(process_registry()).image_at(address);
}

template <class Os>
void runtime<Os>::leave_crashed(image& in, const crash_report& report, const text& place) noexcept {
  basic_loader<Os>(process_registry()).leave_crashed(in, report, place);
}

}}  // namespace dymod::detail

#endif

#endif
// <dymod/detail/call/thunk.hpp>

// A call in dynamic mode: thunk::call looks for a new build as the policy says, loads the current
// snapshot once, and jumps. A thunk is one line that calls into dymod::detail, so that a debugger
// told `skip -rfu ^dymod::detail::` steps from the call into the module's function.

#ifndef DYMOD_DETAIL_CALL_THUNK_HPP
#define DYMOD_DETAIL_CALL_THUNK_HPP

#include <type_traits>  // is_constructible

// <dymod/detail/call/error.hpp>

// dymod::error of dynamic mode: what a call throws when no generation can be loaded at all.

#ifndef DYMOD_DETAIL_CALL_ERROR_HPP
#define DYMOD_DETAIL_CALL_ERROR_HPP

#include <exception>  // exception

// <dymod/detail/call/shared_text.hpp>

// Text that several objects share: what the exceptions of dymod say.

#ifndef DYMOD_DETAIL_CALL_SHARED_TEXT_HPP
#define DYMOD_DETAIL_CALL_SHARED_TEXT_HPP

#include <stdlib.h>  // free, malloc

#include <new>  // placement new

namespace dymod { inline namespace dynamic_mode {

/// Copies share one text, hence copying never fails. Safe to copy and to read on any thread.
// Its functions are hidden, as all of dymod is; the class is not: it is a member of exceptions,
// which one binary throws and another one catches. For the same reason it has no member of a hidden
// type.
class shared_text {
 public:
  DYMOD_DETAIL_HIDDEN explicit shared_text(detail::text&& given) noexcept {
    void* place = ::malloc(sizeof(shared_characters));
    if (place != nullptr) shared_ = ::new (place) shared_characters{given.release(), {1}};
  }

  DYMOD_DETAIL_HIDDEN shared_text(const shared_text& other) noexcept : shared_(other.shared_) {
    if (shared_ != nullptr) shared_->owners.add_relaxed(1);
  }

  DYMOD_DETAIL_HIDDEN shared_text& operator=(const shared_text& other) noexcept {
    shared_text kept(other);
    shared_characters* const mine = shared_;
    shared_ = kept.shared_;
    kept.shared_ = mine;
    return *this;
  }

  DYMOD_DETAIL_HIDDEN ~shared_text() {
    if (shared_ == nullptr || shared_->owners.subtract(1) != 1) return;
    ::free(shared_->characters);
    ::free(shared_);
  }

  /// Null-terminated; lives as long as any copy. Null if there was no memory for it.
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* c_str() const noexcept {
    return shared_ != nullptr ? shared_->characters : nullptr;
  }

 private:
  struct shared_characters {
    char* characters;
    detail::atomic<unsigned> owners;
  };

  shared_characters* shared_ = nullptr;
};

}}  // namespace dymod::dynamic_mode

#endif

namespace dymod { inline namespace dynamic_mode {

/// Thrown by a call, or by reload(), while the module has no generation at all; the next call tries
/// again. Never thrown in static mode. Copies share one message, hence copying never fails. Safe to
/// copy and to read on any thread.
// Its functions are hidden, as all of dymod is; the class is not, so that one binary catches what
// another one throws.
class error : public std::exception {
 public:
  /// The message.
  /// @returns lines: which module, which step, which library, why; how two sides differ, where they
  ///          do; what to do. Null-terminated, never null; lives as long as any copy of this object
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* what() const noexcept override {
    const char* const lines = lines_.c_str();
    return lines != nullptr ? lines : "dymod: no memory for an error message";
  }

  /// The step at which the load ended.
  /// @returns it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN error_code code() const noexcept { return code_; }

  /// For dymod itself.
  /// @param code   the step
  /// @param lines  the message
  DYMOD_DETAIL_HIDDEN error(error_code code, detail::text&& lines) noexcept
      : code_(code), lines_(static_cast<detail::text&&>(lines)) {}

  // Not the implicit ones, which are no more hidden than the class.

  /// Shares the message.
  /// @param other  what is copied
  DYMOD_DETAIL_HIDDEN error(const error& other) noexcept = default;
  /// Shares the message.
  /// @param other  what is copied
  /// @returns this object
  DYMOD_DETAIL_HIDDEN error& operator=(const error& other) noexcept = default;
  DYMOD_DETAIL_HIDDEN ~error() override = default;

 private:
  error_code code_;
  shared_text lines_;
};

}}  // namespace dymod::dynamic_mode

#endif

namespace dymod {

/// What the translation unit that calls has chosen. A template argument of the thunk, so that
/// translation units with different choices live in one program.
/// @tparam AutoReload  whether calls look for a new build
/// @tparam Interval    at most one look in so many ms; 0: at every call
/// @tparam Throws      whether a load that fails throws dymod::error; else it ends the process
template <bool AutoReload, unsigned Interval, bool Throws> struct policy {
  static constexpr bool auto_reload = AutoReload;
  static constexpr unsigned interval = Interval;
  static constexpr bool throws = Throws;
  using without_exceptions = policy<AutoReload, Interval, false>;
};

namespace detail DYMOD_DETAIL_HIDDEN {

template <class Module> struct caller_of { static caller instance; };

// Trivially destroyed and constant-initialised: there before the first static constructor and after
// the last destructor.
template <class Module>
caller caller_of<Module>::instance{Module::name(),  Module::names(),     Module::types(),
                                   Module::count(), Module::is_extern_c, &Module::library_path};

// One in each translation unit with the declaration: what an image wants of other modules is known
// once it is open, before it has called them.
template <class Module> struct listed_caller {
  listed_caller() noexcept { native_runtime::list(caller_of<Module>::instance); }
};

template <bool Throws> [[nodiscard]] record& load_first(caller& wants) noexcept(!Throws) {
#if DYMOD_DETAIL_EXCEPTIONS()
  if constexpr (Throws) {
    error_code code{};
    text lines;
    record* const loaded = native_runtime::load_first(wants, code, lines);
    if (loaded == nullptr) throw error(code, static_cast<text&&>(lines));
    return *loaded;
  }
#endif
  return native_runtime::load_first_or_end(wants);
}

/// @returns null before the first load
template <class Policy>
[[nodiscard]] DYMOD_DETAIL_GONE const snapshot* look(caller& wants) noexcept {
  if constexpr (!Policy::auto_reload) {
    const record* const known = wants.found.load_acquire();
    return known != nullptr ? known->published.load_acquire() : nullptr;
  } else if constexpr (Policy::interval == 0) {
    return native_runtime::look(wants);
  } else {
    return native_runtime::look_at_intervals(wants, Policy::interval);
  }
}

// Others may have loaded the module long ago: this is a call like any other.
template <class Policy>
[[nodiscard]] const snapshot* look_first(caller& wants) noexcept(!Policy::throws) {
  static_cast<void>(load_first<Policy::throws>(wants));
  return look<Policy>(wants);
}

/// The whole of what a call costs beyond the call: one stat, as the policy says, and one pointer.
template <class Module, class Policy>
[[nodiscard]] DYMOD_DETAIL_GONE const snapshot* current_snapshot() noexcept(!Policy::throws) {
  caller& wants = caller_of<Module>::instance;
  const snapshot* const now = look<Policy>(wants);
  return now != nullptr ? now : look_first<Policy>(wants);
}

template <class Module, class Policy>
[[nodiscard]] DYMOD_DETAIL_SHORT_CUT function_pointer
current_function(unsigned index) noexcept(!Policy::throws) {
  const snapshot* const now = current_snapshot<Module, Policy>();
  return now->functions[caller_of<Module>::instance.number][index];
}

template <class Module, unsigned Index, class Policy, class Type>
[[nodiscard]] DYMOD_DETAIL_GONE Type* current() noexcept(!Policy::throws) {
  return reinterpret_cast<Type*>(current_function<Module, Policy>(Index));
}

// Asks nothing of what a reference refers to, here and in pass: it may be a template that
// cannot be instantiated (std::optional of an incomplete type).
template <class Argument>
inline constexpr bool can_be_handed_on = std::is_constructible_v<Argument, Argument&&>;
template <class Argument> inline constexpr bool can_be_handed_on<Argument&> = true;
template <class Argument> inline constexpr bool can_be_handed_on<Argument&&> = true;

template <class... Arguments> constexpr bool check_arguments() noexcept {
  static_assert((can_be_handed_on<Arguments> && ...),
                "dymod: a parameter of this function can be neither moved nor copied, which debug "
                "mode must do "
                "on the way into the module; take it by reference");
  return true;
}

template <class Argument> struct pass {
  DYMOD_DETAIL_GONE static constexpr Argument&& on(Argument& argument) noexcept {
    return static_cast<Argument&&>(argument);
  }
};
template <class Argument> struct pass<Argument&> {
  DYMOD_DETAIL_GONE static constexpr Argument& on(Argument& argument) noexcept { return argument; }
};

}  // namespace DYMOD_DETAIL_HIDDEN

inline namespace dynamic_mode {

/// Whether modules declared in this translation unit are hot-swapped (true: debug) or linked
/// statically (false: release).
inline constexpr bool is_dynamic = true;

template <class Module, unsigned Index, class Policy, class Type> struct thunk;

// The call is one line, through which a debugger goes in one step.
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN thunk<Module, Index, Policy, Result(Arguments...)> {
  using type = Result(Arguments...);
  static Result call(Arguments... given) {
    static_assert(detail::check_arguments<Arguments...>());
    return detail::current<Module, Index, Policy, type>()(detail::pass<Arguments>::on(given)...);
  }
};

// A function that must not throw ends the process with the message when it cannot be loaded.
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN thunk<Module, Index, Policy, Result(Arguments...) noexcept> {
  using type = Result(Arguments...) noexcept;
  using quiet = typename Policy::without_exceptions;
  static Result call(Arguments... given) noexcept {
    static_assert(detail::check_arguments<Arguments...>());
    return detail::current<Module, Index, quiet, type>()(detail::pass<Arguments>::on(given)...);
  }
};

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct thunk<Module, Index, Policy, Result(Arguments..., ...)> {
  static_assert(Module::is_extern_c && !Module::is_extern_c,
                "dymod: a function with C variadic arguments (...) cannot be handed on to a "
                "module; give it a "
                "parameter pack's worth of overloads, a va_list or a container");
  static Result call(Arguments..., ...);
};

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct thunk<Module, Index, Policy, Result(Arguments..., ...) noexcept>
    : thunk<Module, Index, Policy, Result(Arguments..., ...)> {};

template <class Module, class Policy> struct DYMOD_DETAIL_HIDDEN module_functions {
  /// Looks now, whatever the policy; waits for a reload in progress on another thread, and 2 s at
  /// most for a library that is not finished; judges a refused library again. The first load like a
  /// call.
  /// @returns whether the generation on return is greater than on entry; false inside a hook or a
  ///          static constructor of a module, but for a first load
  /// @throws dymod::error  at the first call of this binary only, if nothing can be loaded or what
  ///                       others have loaded does not fit
  static bool reload() {
    detail::caller& wants = detail::caller_of<Module>::instance;
    detail::record* known = wants.found.load_acquire();
    if (known == nullptr) {
      // Perhaps loaded, by others.
      const detail::record* const others = detail::native_runtime::find_loaded(wants);
      const unsigned before = others != nullptr ? detail::generation_of(*others) : 0;
      known = &detail::load_first<Policy::throws>(wants);
      if (detail::generation_of(*known) > before) return true;
    }
    return detail::native_runtime::reload(*known);
  }
};

/// For a safe point, such as the top of a frame: opens and proves the new builds of all loaded
/// modules first; if one is refused, or not finished, none is published; else all before_reload()
/// hooks run, all modules are published, one after the other, and all after_reload() hooks run.
/// Waits only for another thread's load or hooks. Any thread.
/// @returns whether anything changed; false inside a hook or a static constructor of a module
DYMOD_DETAIL_HIDDEN inline bool reload_all() noexcept {
  return detail::native_runtime::reload_all();
}

/// Sets who hears of events in this process; `nullptr` restores the default, which writes to
/// stderr. Any thread, any time; an event under way on another thread may still reach the old
/// handler.
/// @param function  called with each event; nullptr: the default
/// @param user      handed to `function` with each event
/// @returns         the handler before
DYMOD_DETAIL_HIDDEN inline event_handler set_event_handler(event_function function,
                                                           void* user = nullptr) noexcept {
  return detail::native_runtime::set_event_handler(function, user);
}

}  // namespace dynamic_mode
}  // namespace dymod

#endif

namespace dymod {
namespace detail DYMOD_DETAIL_HIDDEN {

template <class Function> struct hook_of : hook_entry {
  union {
    Function function;  // destroyed by itself: what it does then is foreign code
  };

  hook_of(caller* module_wanted, bool runs_before, Function&& given)
      : hook_entry{}, function(static_cast<Function&&>(given)) {
    wants = module_wanted;
    before = runs_before;
    run = &run_this;
    destroy = &destroy_this;
    release = &release_this;
  }
  hook_of(const hook_of&) = delete;
  hook_of& operator=(const hook_of&) = delete;
  ~hook_of() {}  // NOLINT(modernize-use-equals-default): of a union there is no default

  static void run_this(hook_entry* self) noexcept { static_cast<hook_of*>(self)->function(); }
  static void destroy_this(hook_entry* self) noexcept {
    static_cast<hook_of*>(self)->function.~Function();
  }
  static void release_this(hook_entry* self) noexcept { delete static_cast<hook_of*>(self); }

  // A function may be another binary's than the one that registers it.
  [[nodiscard]] const void* code() const noexcept {
    if constexpr (std::is_pointer_v<Function>) {
      static_assert(std::is_function_v<std::remove_pointer_t<Function>>,
                    "dymod: a hook is something that can be called without arguments");
      return reinterpret_cast<const void*>(function);
    } else {
      return reinterpret_cast<const void*>(&run_this);
    }
  }
};

template <class Function>
[[nodiscard]] uint64_t add_hook(caller* wants, bool before, Function&& function) {
  auto* const added = new hook_of<Function>(wants, before, static_cast<Function&&>(function));
  return native_runtime::add_hook(*added, added->code());
}

// Who asks for a module: the program, or another binary, that calls it.
template <class Module> struct asker_of {
  [[nodiscard]] static caller* wants() noexcept { return &caller_of<Module>::instance; }

  // Perhaps only other binaries have called it.
  [[nodiscard]] static record* find() noexcept {
    record* const found = wants()->found.load_acquire();
    return found != nullptr ? found : native_runtime::find_loaded(*wants());
  }

  [[nodiscard]] static const char* expected_path() noexcept {
    return native_runtime::expected_path(*wants());
  }
};

// Code of the module itself. `Tag` is the module's.
template <class Tag> struct own {};
template <class Tag> struct asker_of<own<Tag>> {
  [[nodiscard]] static caller* wants() noexcept { return nullptr; }
  [[nodiscard]] static record* find() noexcept { return native_runtime::find_own(); }
  [[nodiscard]] static const char* expected_path() noexcept { return ""; }
};

}  // namespace DYMOD_DETAIL_HIDDEN

inline namespace dynamic_mode {

/// What before_reload() and after_reload() return. Copies stand for the same hook; destroying them
/// does nothing. Any thread.
class hook {
 public:
  /// Of no hook.
  constexpr hook() noexcept = default;

  /// For dymod itself.
  /// @param number  which hook; 0: none
  DYMOD_DETAIL_HIDDEN explicit hook(uint64_t number) noexcept : number_(number) {}

  /// The hook will not be run any more, and what was given is destroyed. Waits while the hook is
  /// run on another thread; called by the hook itself it returns at once. Twice is fine.
  DYMOD_DETAIL_HIDDEN void remove() noexcept {
    if (number_ != 0) detail::native_runtime::remove_hook(number_);
  }

 private:
  uint64_t number_ = 0;
};

/// A module's handle, `sheep::library`. All functions may be called on any thread, at any time;
/// none of them loads the module. Inside the module itself it says the same; hooks that a module
/// registers for itself, as from a static constructor, go with their generation.
/// @tparam Module  dymod's own
template <class Module> struct library_handle {
  /// Which generation is current. Greater after a reload, smaller after going back.
  /// @returns its number: 1, 2, …; 0 before the first load
  [[nodiscard]] unsigned generation() const noexcept {
    const detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr ? detail::generation_of(*known) : 0;
  }

  /// Which library is watched.
  /// @returns its absolute path; before the first load: where it is expected, or "" inside the
  ///          module. Null-terminated, valid for ever
  [[nodiscard]] const char* path() const noexcept {
    const detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr ? known->path : detail::asker_of<Module>::expected_path();
  }

  /// Has a function called before each reload of this module, from the second generation on: once
  /// the new build is opened and found to fit, while the old one is current. All calls of modules
  /// in it run the old code, and no reload starts. It says that the program takes care of the
  /// objects that the generations hand to each other: their layouts are then not compared.
  /// Several are called in the order of their registration, on the thread that reloads, with no
  /// lock of dymod held.
  /// @param function  called without arguments; must not throw. If its code is part of a module, or
  ///                  a module registers it, it is removed when that is reloaded
  /// @returns what removes it
  /// @throws std::bad_alloc  or what moving `function` throws; nothing is registered then
  template <class Function> hook before_reload(Function function) const {
    return hook(detail::add_hook(detail::asker_of<Module>::wants(), true,
                                 static_cast<Function&&>(function)));
  }

  /// The same, after each reload: calls run the new code. Called, too, if the reload failed after
  /// before_reload(), for lack of memory.
  /// @param function  as for before_reload()
  /// @returns what removes it
  /// @throws std::bad_alloc  as before_reload()
  template <class Function> hook after_reload(Function function) const {
    return hook(detail::add_hook(detail::asker_of<Module>::wants(), false,
                                 static_cast<Function&&>(function)));
  }

  /// Makes an older generation current again, for a program that finds the new one wanting: the
  /// newest that is still loaded and fits. The build that is left is not taken again; the next one
  /// is, with a number that no generation had. Hooks run as around a reload. Waits for another
  /// thread's load or hooks.
  /// @returns whether there was one; false inside a load or a hook
  // NOLINTNEXTLINE(modernize-use-nodiscard): generation() tells as well
  bool roll_back() const noexcept {
    detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr && detail::native_runtime::roll_back(*known);
  }

  /// Unloads all generations but the current one, and gives back memory and copies. For a program
  /// that knows that nothing of them is in use: no thread or frame of their code, no object,
  /// callback or string of theirs. What the system keeps all the same, an event of the kind
  /// `warning` tells, with the reason.
  /// @returns how many were unloaded; 0 inside a load or a hook
  // NOLINTNEXTLINE(modernize-use-nodiscard): the number is for those who wonder
  unsigned unload_old() const noexcept {
    detail::record* known = detail::asker_of<Module>::find();
    return known != nullptr ? detail::native_runtime::unload_old(*known) : 0;
  }
};

}  // namespace dynamic_mode
}  // namespace dymod

#endif
// <dymod/detail/declare/layout.hpp>

// The layouts of the types that a function's type mentions, at compile time: records of a
// description (reload/description.hpp) for each class, union and enumeration that is complete, seen
// through pointers, references, arrays, functions and template arguments. An incomplete type has no
// record: it fits anything. Types of the standard library have none either: declare/abi.hpp answers
// for them.
//
// Asked where each DYMOD stands, for the description, and at the end of a translation unit of the
// module, about the types that were incomplete before. A template asked before a type is complete
// keeps its answer; hence `Moment`, a template argument that tells the times apart: a class of the
// module's or of the translation unit's.
//
// Never a reason for a user's program not to compile: size and alignment are asked of complete
// types only, and of a template's specialisation, which asking instantiates, only if its arguments
// are seen and are types that it can have a member of. dymod::opaque is for templates that do not
// survive that.

#ifndef DYMOD_DETAIL_DECLARE_LAYOUT_HPP
#define DYMOD_DETAIL_DECLARE_LAYOUT_HPP

#include <stddef.h>  // size_t

#include <type_traits>  // conditional, is_abstract, is_class, is_enum, is_member_pointer, is_same, is_union, is_void

namespace dymod { namespace detail {

template <class Type, class Moment, class = void> inline constexpr bool is_complete = false;
template <class Type, class Moment>
inline constexpr bool is_complete<Type, Moment, std::void_t<decltype(sizeof(Type))>> = true;

template <class Type> constexpr bool is_of_standard_library() {
  return begins_with(compilers_name<Type>, {"std::", 5});
}

// "\0layout\0name\0size 12, alignment 4", and "\0fields\0name\0iff" if those are known: behind the
// type's text, or another record.
constexpr void add_layout(text_writer& to, name_view name, size_t size, size_t alignment,
                          const field_letters& fields) {
  to.add("\0layout\0", 8);
  add_marked(to, name);
  to.add("\0size ", 6);
  to.add_number(size);
  to.add(", alignment ");
  to.add_number(alignment);
  if (fields.count == 0) return;
  to.add("\0fields\0", 8);
  add_marked(to, name);
  to.add('\0');
  to.add(fields.letters, fields.count);
}

// Asks nothing of a type that is not to be asked.
template <class Type, class Moment> constexpr bool can_be_measured() {
  if constexpr (opaque<Type>) {
    return false;
  } else {
    return is_complete<Type, Moment>;
  }
}

// Whether a later moment can tell nothing more.
template <class Type, class Moment> constexpr bool is_told() {
  if constexpr (opaque<Type> || is_of_standard_library<Type>()) {
    return true;
  } else {
    return is_complete<Type, Moment>;
  }
}

template <class Type, class Moment> constexpr bool has_record() {
  if constexpr (is_of_standard_library<Type>()) {
    return false;
  } else {
    return can_be_measured<Type, Moment>();
  }
}

template <class Type, class Moment>
constexpr void add_own_layout([[maybe_unused]] text_writer& to) {
  if constexpr (has_record<Type, Moment>()) {
    add_layout(to, compilers_name<Type>, sizeof(Type), alignof(Type), fields_of<Type>());
  }
}

template <class Type, class Moment> constexpr bool can_be_a_member() {
  if constexpr (can_be_measured<Type, Moment>()) {
    return !std::is_abstract_v<Type>;
  } else {
    return false;
  }
}

// A specialisation that cannot be taken apart (`vec<3, float>`, a class inside a template): whether
// it may be instantiated is not to be seen.
template <class Type> constexpr bool has_hidden_arguments() {
  constexpr name_view name = compilers_name<Type>;
  for (size_t i = 0; i < name.size; ++i) {
    if (name.characters[i] == '<') return true;
  }
  return false;
}

// A type that is not taken apart.
template <class Type, class Moment> struct whole_layouts {
  static constexpr bool is_named =
      std::is_class_v<Type> || std::is_union_v<Type> || std::is_enum_v<Type>;
  static constexpr bool suits_templates() {
    if constexpr (is_named && !has_hidden_arguments<Type>()) {
      return can_be_a_member<Type, Moment>();
    } else {
      return !is_named && !std::is_void_v<Type> && !std::is_member_pointer_v<Type>;
    }
  }
  static constexpr bool all_told() {
    if constexpr (!is_named || has_hidden_arguments<Type>()) {
      return true;
    } else {
      return is_told<Type, Moment>();
    }
  }
  static constexpr void value_records([[maybe_unused]] text_writer& to) {
    if constexpr (is_named) add_own_layout<Type, Moment>(to);
  }
  static constexpr void records([[maybe_unused]] text_writer& to) {
    if constexpr (!has_hidden_arguments<Type>()) value_records(to);
  }
};

/// What a type and those it mentions look like.
/// - `value_records()`: for what stands directly in the function's type; the program instantiates
///   that itself. `records()`: for everything else; what can be measured without instantiating
///   what the program may not.
/// - `suits_templates()`: a template with this argument can be measured, as far as can be told.
/// - `all_told()`: nothing it mentions is incomplete.
template <class Type, class Moment> struct layouts : whole_layouts<Type, Moment> {};

template <class Type, class Moment> struct layouts<const Type, Moment> : layouts<Type, Moment> {};
template <class Type, class Moment>
struct layouts<volatile Type, Moment> : layouts<Type, Moment> {};
template <class Type, class Moment>
struct layouts<const volatile Type, Moment> : layouts<Type, Moment> {};

// What is behind a pointer, a reference or in an array.
template <class Type, class Moment> struct layouts_behind : layouts<Type, Moment> {
  static constexpr void value_records(text_writer& to) { layouts<Type, Moment>::records(to); }
};
template <class Type, class Moment> struct layouts<Type&, Moment> : layouts_behind<Type, Moment> {
  static constexpr bool suits_templates() { return false; }
};
template <class Type, class Moment> struct layouts<Type&&, Moment> : layouts<Type&, Moment> {};
template <class Type, class Moment> struct layouts<Type[], Moment> : layouts<Type&, Moment> {};
template <class Type, class Moment>
struct layouts<const Type[], Moment> : layouts<Type&, Moment> {};
template <class Type, size_t Size, class Moment>
struct layouts<Type[Size], Moment> : layouts_behind<Type, Moment> {};
template <class Type, size_t Size, class Moment>
struct layouts<const Type[Size], Moment> : layouts_behind<Type, Moment> {};
template <class Type, class Moment> struct layouts<Type*, Moment> : layouts_behind<Type, Moment> {
  // Templates look at what pointers point to.
  static constexpr bool suits_templates() {
    return std::is_void_v<Type> || layouts<Type, Moment>::suits_templates();
  }
};

template <class Result, class... Arguments, class Moment>
struct layouts<Result(Arguments...), Moment> {
  static constexpr bool suits_templates() { return false; }
  static constexpr bool all_told() {
    return (layouts<Result, Moment>::all_told() && ... && layouts<Arguments, Moment>::all_told());
  }
  static constexpr void records(text_writer& to) {
    layouts<Result, Moment>::records(to);
    (layouts<Arguments, Moment>::records(to), ...);
  }
  static constexpr void value_records(text_writer& to) {
    layouts<Result, Moment>::value_records(to);
    (layouts<Arguments, Moment>::value_records(to), ...);
  }
};
template <class Result, class... Arguments, class Moment>
struct layouts<Result(Arguments...) noexcept, Moment> : layouts<Result(Arguments...), Moment> {};

template <class Type, class Moment, class... Arguments> struct template_layouts {
  static constexpr bool can_be_instantiated() {
    return (layouts<Arguments, Moment>::suits_templates() && ...);
  }
  static constexpr bool suits_templates() {
    if constexpr (can_be_instantiated()) {
      return can_be_a_member<Type, Moment>();
    } else {
      return false;
    }
  }
  static constexpr bool all_told() {
    if constexpr (!(layouts<Arguments, Moment>::all_told() && ...)) {
      return false;
    } else if constexpr (can_be_instantiated()) {
      return is_told<Type, Moment>();
    } else {
      return true;
    }
  }
  static constexpr void value_records(text_writer& to) {
    add_own_layout<Type, Moment>(to);
    (layouts<Arguments, Moment>::records(to), ...);
  }
  static constexpr void records([[maybe_unused]] text_writer& to) {
    if constexpr (can_be_instantiated()) {
      value_records(to);
    } else {
      (layouts<Arguments, Moment>::records(to), ...);
    }
  }
};

template <template <class...> class Template, class... Arguments, class Moment>
struct layouts<Template<Arguments...>, Moment>
    : template_layouts<Template<Arguments...>, Moment, Arguments...> {};

// Those with a number, such as std::array. size_t is `unsigned` on most systems of 32 bits.
using other_number = std::conditional_t<std::is_same_v<size_t, unsigned>, unsigned long, unsigned>;
#if DYMOD_DETAIL_NUMBERS_MATCH_ALL()
template <class Number>
inline constexpr bool is_known_number =
    std::is_same_v<Number, size_t> || std::is_same_v<Number, int> ||
    std::is_same_v<Number, other_number>;
template <template <class, auto> class Template, class Argument, auto Number, class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : std::conditional_t<is_known_number<decltype(Number)>,
                         template_layouts<Template<Argument, Number>, Moment, Argument>,
                         whole_layouts<Template<Argument, Number>, Moment>> {};
#else
template <template <class, size_t> class Template, class Argument, size_t Number, class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : template_layouts<Template<Argument, Number>, Moment, Argument> {};
template <template <class, int> class Template, class Argument, int Number, class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : template_layouts<Template<Argument, Number>, Moment, Argument> {};
template <template <class, other_number> class Template, class Argument, other_number Number,
          class Moment>
struct layouts<Template<Argument, Number>, Moment>
    : template_layouts<Template<Argument, Number>, Moment, Argument> {};
#endif
// Those of templates.
template <template <template <class...> class, class...> class Template,
          template <class...> class Inner, class... Arguments, class Moment>
struct layouts<Template<Inner, Arguments...>, Moment>
    : template_layouts<Template<Inner, Arguments...>, Moment, Arguments...> {};

template <class Module, class Type> struct whole_description {
  static constexpr void to(text_writer& to) {
    words_of<Type>::to(to);
    layouts<Type, Module>::value_records(to);
  }
};

/// Type and layouts of a function: the rest of its record in the description, and the records that
/// follow it.
/// @tparam Module  a class of the declaration's: another one may know the types better
template <class Module, class Type>
DYMOD_DETAIL_HIDDEN inline constexpr auto description_of =
    written<whole_description<Module, Type>>();
template <class Module, class Type>
using description_type = fixed_text<written_size<whole_description<Module, Type>>()>;

// With an empty string at the end.
template <class Write> struct and_an_end {
  static constexpr void to(text_writer& to) {
    Write::to(to);
    to.add('\0');
  }
};

/// The same for the host to keep, with an empty string at the end.
template <class Module, class Type> struct DYMOD_DETAIL_HIDDEN described {
  static constexpr auto value = written<and_an_end<whole_description<Module, Type>>>();
};

template <class Unit, class Type> struct records_at_end {
  static constexpr void to(text_writer& to) { layouts<Type, Unit>::value_records(to); }
};

/// The layouts that are known at the end of a translation unit, for a function that mentions types
/// which DYMOD did not know: a function template is instantiated there once more. Not through
/// `auto`, which would be deduced at once.
/// @tparam Unit  of internal linkage: what one translation unit knows the next may not
/// @returns  records, an empty string behind them
template <class Unit, class Type> const char* layouts_at_end() {
  static constexpr auto records = written<and_an_end<records_at_end<Unit, Type>>>();
  return records.characters +
         (sizeof records.characters > 2 ? 1 : 0);  // a record begins with a null
}

/// @returns null if DYMOD has told all
template <class Unit, class Module, class Type> constexpr const char* (*later_layouts())() {
  if constexpr (layouts<Type, Module>::all_told()) {
    return nullptr;
  } else {
    return &layouts_at_end<Unit, Type>;
  }
}

}}  // namespace dymod::detail

#endif

#if DYMOD_CRASH_GUARD
// <dymod/detail/call/crash_guard.hpp>

// A call with a guard (DYMOD_CRASH_GUARD=1): when code of the module crashes, the signal's handler
// jumps back to the thunk, the module goes back to the generation before, and the thunk throws
// dymod::crash. What lies between is skipped: destructors, unlocks.

#ifndef DYMOD_DETAIL_CALL_CRASH_GUARD_HPP
#define DYMOD_DETAIL_CALL_CRASH_GUARD_HPP

// Not for Windows, which config.hpp says where a guard is asked for.
#if DYMOD_DETAIL_OS_HAS_SIGNALS()

#include <setjmp.h>  // sigsetjmp

// <dymod/detail/call/crash.hpp>

// dymod::crash of dynamic mode: what a guarded call throws when the module's function crashes.

#ifndef DYMOD_DETAIL_CALL_CRASH_HPP
#define DYMOD_DETAIL_CALL_CRASH_HPP

#include <exception>  // exception

// `module` is a macro of some older code bases; it is the right name for the function all the same.
#pragma push_macro("module")
#undef module

namespace dymod { inline namespace dynamic_mode {

/// Thrown by a guarded call (DYMOD_CRASH_GUARD=1) in which code of the module crashed, and, as long
/// as nothing older can take over, by all later ones until a new build comes. No dymod::error: that
/// says that a module could not be loaded. Never thrown in static mode. Copying never fails; safe
/// on any thread.
// Hidden and not: as dymod::error.
class crash : public std::exception {
 public:
  /// The message.
  /// @returns lines: which module, which function, what happened, where, and what to do.
  ///          Null-terminated, never null; lives, as all strings here, as long as any copy of this
  ///          object
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* what() const noexcept override {
    const char* const lines = lines_.c_str();
    return lines != nullptr ? lines : "dymod: a crash, and no memory for words about it";
  }

  /// Whose code crashed.
  /// @returns the name, as given to DYMOD, of the call's module, unless it was a callback of
  ///          another one; "" if there was no memory for it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* module() const noexcept {
    return name_or_nothing(module_);
  }

  /// The function that was called when it crashed.
  /// @returns its name, as given to DYMOD; of a call that found the module broken the function of
  ///          that crash; "" if there was no memory for it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* function() const noexcept {
    return name_or_nothing(function_);
  }

  /// How it crashed.
  /// @returns SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT
  [[nodiscard]] DYMOD_DETAIL_HIDDEN int signal() const noexcept { return signal_; }

  /// Which generation crashed.
  /// @returns its number: 1, 2, …
  [[nodiscard]] DYMOD_DETAIL_HIDDEN unsigned generation() const noexcept { return generation_; }

  /// Where it crashed.
  /// @returns what the system tells: the memory that was accessed (SIGSEGV, SIGBUS), the
  ///          instruction (SIGFPE, SIGILL), null (SIGABRT)
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const void* address() const noexcept { return address_; }

  /// For dymod itself.
  /// @param lines          the message
  /// @param module_name    whose code crashed
  /// @param function_name  what was called
  /// @param signal_number  how
  /// @param generation     which of its generations
  /// @param address        where
  DYMOD_DETAIL_HIDDEN crash(detail::text&& lines, const char* module_name,
                            const char* function_name, int signal_number, unsigned generation,
                            const void* address) noexcept
      : lines_(static_cast<detail::text&&>(lines)),
        module_(detail::text(module_name)),
        function_(detail::text(function_name)),
        address_(address),
        signal_(signal_number),
        generation_(generation) {}

  /// Shares the strings.
  /// @param other  what is copied
  DYMOD_DETAIL_HIDDEN crash(const crash& other) noexcept = default;
  /// Shares the strings.
  /// @param other  what is copied
  /// @returns this object
  DYMOD_DETAIL_HIDDEN crash& operator=(const crash& other) noexcept = default;
  DYMOD_DETAIL_HIDDEN ~crash() override = default;

 private:
  [[nodiscard]] DYMOD_DETAIL_HIDDEN static const char* name_or_nothing(
      const shared_text& name) noexcept {
    return name.c_str() != nullptr ? name.c_str() : "";
  }

  shared_text lines_;
  shared_text module_;
  shared_text function_;
  const void* address_;
  int signal_;
  unsigned generation_;
};

}}  // namespace dymod::dynamic_mode

#pragma pop_macro("module")

#endif
// <dymod/detail/os/crash_signals.hpp>

// Crashes on POSIX systems: the signals that they are, and the way back to the innermost guarded
// call of the thread. One binary of the process handles them for all (state/registry.hpp:
// guarded_threads). Only for programs that guard calls: nobody else includes it.
//
// The handler jumps; it never throws: what a compiler knows not to throw, a plain memory access,
// has no way out for exceptions (tried: with g++ and clang++ -O2 std::terminate, whatever the
// frames).

#ifndef DYMOD_DETAIL_OS_CRASH_SIGNALS_HPP
#define DYMOD_DETAIL_OS_CRASH_SIGNALS_HPP

#include <errno.h>     // errno
#include <pthread.h>   // pthread_getspecific, pthread_key_create, pthread_sigmask
#include <setjmp.h>    // siglongjmp, sigjmp_buf
#include <signal.h>    // sigaction, sigaltstack, SIGABRT
#include <stddef.h>    // size_t
#include <stdint.h>    // uintptr_t
#include <stdio.h>     // snprintf
#include <stdlib.h>    // calloc, free
#include <sys/mman.h>  // mmap, mprotect
#include <unistd.h>    // getpid, sysconf
#if defined(__APPLE__)
#include <sys/ucontext.h>  // ucontext_t
#else
#include <ucontext.h>  // REG_RIP, ucontext_t
#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What the system tells of a crash.
struct crash_signal {
  int number;
  const void* address;      // see dymod::crash::address()
  const void* instruction;  // null: not known
  ::sigset_t mask;          // of the thread, there
};

/// A guarded call, on the stack of the thread. Of one layout in all binaries of a process.
struct guarded_place {
  ::sigjmp_buf back;  // to where the call can be left
  guarded_place* outer;
  uintptr_t proof;  // that this is one: places of calls that were left by a jump of the program's
                    // are overwritten
  crash_signal crash;

  DYMOD_DETAIL_GONE void begin(guarded_thread& on) noexcept {
    outer = on.innermost;
    if (outer != nullptr) outer = find_living(outer, reinterpret_cast<uintptr_t>(this));
    proof = expected_proof();
    on.innermost = this;
  }

  /// The innermost whose call has not been left, seen from a place further in. Stacks grow
  /// downwards.
  // AddressSanitizer is not to look at it: other frames may lie there now.
  [[nodiscard]] __attribute__((no_sanitize_address)) static guarded_place* find_living(
      guarded_place* at, uintptr_t further_in) noexcept {
    while (at != nullptr && at->proof == at->expected_proof()) {
      if (reinterpret_cast<uintptr_t>(at) >= further_in) return at;
      at = at->outer;
    }
    return nullptr;
  }

 private:
  [[nodiscard]] __attribute__((no_sanitize_address)) DYMOD_DETAIL_GONE uintptr_t
  expected_proof() const noexcept {
    return ~(reinterpret_cast<uintptr_t>(this) ^ (reinterpret_cast<uintptr_t>(outer) << 1));
  }
};

namespace os {

class crash_signals {
 public:
  /// Handles the signals from now on, for the whole process. Once.
  /// @param is_guarded  whether a crash of this instruction may leave the call; runs inside the
  ///                    handler
  /// @returns null if the system refuses
  [[nodiscard]] static const guarded_threads* handle(
      bool (*is_guarded)(const void* instruction)) noexcept {
    own.is_guarded = is_guarded;
    if (::pthread_key_create(&own.key, &release) != 0) return nullptr;
    for (int i = 0; i < count; ++i) {
      struct ::sigaction wanted {};
      wanted.sa_sigaction = &on_signal;
      wanted.sa_flags = SA_SIGINFO | SA_ONSTACK;
      static_cast<void>(::sigemptyset(&wanted.sa_mask));
      static_cast<void>(::sigaction(numbers[i], &wanted, &own.before[i]));
    }
    static guarded_threads threads{};
    threads = guarded_threads{static_cast<unsigned long>(own.key), &find, &prepare};
    return &threads;
  }

  /// What guarded_threads::find gives, 1 ns sooner.
  [[nodiscard]] DYMOD_DETAIL_GONE static guarded_thread* this_thread(
      const guarded_threads& among) noexcept {
    const auto key = static_cast<::pthread_key_t>(among.key);
    return static_cast<guarded_thread*>(::pthread_getspecific(key));
  }

  /// After a jump out of the handler: the signal is still blocked; under ThreadSanitizer all are.
  /// (sigsetjmp() could restore the mask, at 90 ns for each call that does not crash.)
  static void go_on_after(const crash_signal& crash) noexcept {
    ::pthread_sigmask(SIG_SETMASK, &crash.mask, nullptr);
  }

  /// "SIGSEGV at address 0x10"
  static void append_crash(text& to, const crash_signal& crash) noexcept {
    static constexpr const char* names[] = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT"};
    to << names[index_of(crash.number)];
    if (crash.number == SIGSEGV || crash.number == SIGBUS) {
      append_number(to << " at address ", reinterpret_cast<uintptr_t>(crash.address));
    }
  }

  /// "instruction 0x1139 of '/home/me/libsheep.so'": as addr2line, gdb and objdump count.
  static void append_place(text& to, const crash_signal& crash) noexcept {
    const auto address = reinterpret_cast<uintptr_t>(crash.instruction);
    text name;
    if (address == 0 || !native::append_binary_name(name, crash.instruction) || name.empty()) {
      return;
    }
    append_number(to << "instruction ", address - native::note::holder_of(crash.instruction).base);
    to << " of '" << name << "'";
  }

 private:
  static constexpr int count = 5;
  static constexpr int numbers[count] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  static constexpr size_t stack_size = 65536;

  struct state {
    ::pthread_key_t key;
    bool (*is_guarded)(const void* instruction);
    struct ::sigaction before[count];
  };
  static inline state own{};

  // Where code of the thread was.
  struct position {
    uintptr_t instruction;  // 0: not known
    uintptr_t stack;        // likewise
  };

  [[nodiscard]] static int index_of(int number) noexcept {
    int i = 0;
    while (numbers[i] != number) ++i;
    return i;
  }

  static void append_number(text& to, uintptr_t number) noexcept {
    char digits[32];
    static_cast<void>(
        ::snprintf(digits, sizeof digits, "0x%llx", static_cast<unsigned long long>(number)));
    to << digits;
  }

  // --- threads

  // Not thread_local: the first use of such an object of an opened library takes memory, which a
  // signal handler must not.
  [[nodiscard]] static guarded_thread* find() noexcept {
    return static_cast<guarded_thread*>(::pthread_getspecific(own.key));
  }

  [[nodiscard]] static guarded_thread* prepare() noexcept {
    auto* const made = static_cast<guarded_thread*>(::calloc(1, sizeof(guarded_thread)));
    if (made == nullptr) return nullptr;
    if (::pthread_setspecific(own.key, made) != 0) {
      ::free(made);
      return nullptr;
    }
    ::stack_t now{};
    if (::sigaltstack(nullptr, &now) == 0 && (now.ss_flags & SS_DISABLE) != 0) take_stack(*made);
    return made;
  }

  // When the stack has overflowed there is no room for a handler on it. Below it a page that cannot
  // be written, as below any stack.
  static void take_stack(guarded_thread& of) noexcept {
    const size_t page = page_size();
    void* const memory = ::mmap(nullptr, page + stack_size, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    static_cast<void>(::mprotect(memory, page, PROT_NONE));
    ::stack_t wanted{};
    wanted.ss_sp = static_cast<char*>(memory) + page;
    wanted.ss_size = stack_size;
    if (::sigaltstack(&wanted, nullptr) == 0) {
      of.stack = memory;
    } else {
      ::munmap(memory, page + stack_size);
    }
  }

  // At the end of a thread.
  static void release(void* ended) noexcept {
    auto* const thread = static_cast<guarded_thread*>(ended);
    if (thread->stack != nullptr) {
      const size_t page = page_size();
      ::stack_t now{};
      const bool known = ::sigaltstack(nullptr, &now) == 0;
      if (known && now.ss_sp == static_cast<char*>(thread->stack) + page) {
        ::stack_t none{};
        none.ss_flags = SS_DISABLE;
        none.ss_size = stack_size;  // macOS looks at it all the same
        static_cast<void>(::sigaltstack(&none, nullptr));
      }
      ::munmap(thread->stack, page + stack_size);
    }
    ::free(thread);
  }

  [[nodiscard]] static size_t page_size() noexcept {
    return static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  }

  // --- the handler

  static void on_signal(int number, ::siginfo_t* told, void* context) noexcept {
    const int error = errno;
    const position at = position_in(context);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the system tells it as a number
    const auto* const instruction = reinterpret_cast<const void*>(at.instruction);
    guarded_thread* const thread = find();
    guarded_place* place = thread != nullptr ? thread->innermost : nullptr;
    place = guarded_place::find_living(place, at.stack);
    if (place != nullptr && is_crash(*told) && own.is_guarded(instruction)) {
      thread->innermost = place->outer;
      place->crash = crash_signal{number, is_sent(*told) ? nullptr : told->si_addr, instruction,
                                  static_cast<const ::ucontext_t*>(context)->uc_sigmask};
      ::siglongjmp(place->back, 1);
    }
    errno = error;
    pass_on(number, told, context);
  }

  [[nodiscard]] static bool is_sent(const ::siginfo_t& told) noexcept {
#if defined(__linux__)
    return told.si_code <= 0;  // SI_USER, SI_TKILL, SI_QUEUE, …
#else
    return told.si_code == SI_USER || told.si_code == SI_QUEUE || told.si_code == 0;
#endif
  }

  // abort() and raise() send the signal; what another process sends is no crash.
  [[nodiscard]] static bool is_crash(const ::siginfo_t& told) noexcept {
    return !is_sent(told) || told.si_pid == ::getpid();
  }

  // To whoever handled the signal before.
  static void pass_on(int number, ::siginfo_t* told, void* context) noexcept {
    struct ::sigaction& before = own.before[index_of(number)];
    const struct ::sigaction known = before;
    const bool with_details = (known.sa_flags & SA_SIGINFO) != 0;
    const bool is_default = !with_details && known.sa_handler == SIG_DFL;
    const bool is_ignored = !with_details && known.sa_handler == SIG_IGN;
    if (is_ignored && is_sent(*told)) return;
    if (is_default || is_ignored) {
      // Ends the process: a fault comes again, where it was, and is not handled any more.
      struct ::sigaction ends {};
      ends.sa_handler = SIG_DFL;
      static_cast<void>(::sigemptyset(&ends.sa_mask));
      static_cast<void>(::sigaction(number, &ends, nullptr));
      if (is_sent(*told)) static_cast<void>(::raise(number));
      return;
    }
#if defined(SA_RESETHAND)
    if ((known.sa_flags & static_cast<int>(SA_RESETHAND)) != 0) {
      before.sa_flags = 0;
      before.sa_handler = SIG_DFL;
    }
#endif
    ::sigset_t mask;
    ::sigset_t blocked = known.sa_mask;
    if ((known.sa_flags & SA_NODEFER) == 0) static_cast<void>(::sigaddset(&blocked, number));
    ::pthread_sigmask(SIG_BLOCK, &blocked, &mask);
    if ((known.sa_flags & SA_NODEFER) != 0) unblock(number);
    if (with_details) {
      known.sa_sigaction(number, told, context);
    } else {
      known.sa_handler(number);
    }
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  }

  static void unblock(int number) noexcept {
    ::sigset_t only;
    static_cast<void>(::sigemptyset(&only));
    static_cast<void>(::sigaddset(&only, number));
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  }

  [[nodiscard]] static position position_in(const void* context) noexcept {
    const auto& registers = static_cast<const ::ucontext_t*>(context)->uc_mcontext;
#if defined(__APPLE__) && defined(__x86_64__)
    return {as_number(registers->__ss.__rip), as_number(registers->__ss.__rsp)};
#elif defined(__APPLE__) && defined(__aarch64__)
    return {as_number(arm_thread_state64_get_pc(registers->__ss)),
            as_number(arm_thread_state64_get_sp(registers->__ss))};
#elif defined(__linux__) && defined(__x86_64__)
    return {as_number(registers.gregs[REG_RIP]), as_number(registers.gregs[REG_RSP])};
#elif defined(__linux__) && defined(__i386__)
    return {as_number(registers.gregs[REG_EIP]), as_number(registers.gregs[REG_ESP])};
#elif defined(__linux__) && defined(__aarch64__)
    return {as_number(registers.pc), as_number(registers.sp)};
#elif defined(__linux__) && defined(__arm__)
    return {as_number(registers.arm_pc), as_number(registers.arm_sp)};
#elif defined(__linux__) && defined(__riscv)
    return {as_number(registers.__gregs[REG_PC]), as_number(registers.__gregs[REG_SP])};
#elif defined(__linux__) && defined(__s390x__)
    return {as_number(registers.psw.addr), as_number(registers.gregs[15])};
#else
    static_cast<void>(registers);
    return {0, 0};
#endif
  }

  template <class Number> [[nodiscard]] static uintptr_t as_number(Number value) noexcept {
    return static_cast<uintptr_t>(value);
  }
};

}  // namespace os
}}  // namespace dymod::detail

#endif

namespace dymod {
namespace detail DYMOD_DETAIL_HIDDEN {

// Code of the program itself, and of libraries of its own, is not the module's, whoever calls it.
// What does not use dymod, the C library say, runs on behalf of its caller.
[[nodiscard]] inline bool is_guarded(const void* instruction) noexcept {
  const auto holder = os::native::note::holder_of(instruction);
  const auto* const found = static_cast<const binary*>(holder.place);
  return found != nullptr ? found->is_image : !holder.is_program;
}

/// Handles crashes from now on, if nobody does yet.
/// @returns null if the system refuses
[[nodiscard]] inline const guarded_threads* guard_process(registry& known) noexcept {
  const os::native::quiet undisturbed;
  if (!known.lock.enter<os::native>()) return nullptr;
  const guarded_threads* threads = known.guarded.load_acquire();
  const bool is_first = threads == nullptr;
  if (is_first) {
    threads = os::crash_signals::handle(&is_guarded);
    known.guarded.store_release(threads);
  }
  known.lock.leave<os::native>();
  if (is_first && threads != nullptr) {
    os::native::keep_library_of(reinterpret_cast<const void*>(threads->find));
  }
  return threads;
}

[[nodiscard]] DYMOD_DETAIL_SELDOM inline guarded_thread* guard_thread() noexcept {
  const guarded_threads* const threads = guard_process(process_registry());
  return threads != nullptr ? threads->prepare() : nullptr;
}

/// @returns null if it cannot be had; then calls go without a guard
[[nodiscard]] DYMOD_DETAIL_GONE guarded_thread* this_guarded_thread() noexcept {
  const registry* const known = own_binary.process.load_acquire();
  const guarded_threads* const threads = known != nullptr ? known->guarded.load_acquire() : nullptr;
  guarded_thread* const found =
      threads != nullptr ? os::crash_signals::this_thread(*threads) : nullptr;
  return found != nullptr ? found : guard_thread();
}

/// Throws, or ends the process, with a message.
template <bool Throws>
[[noreturn]] void fail(const char* name, const text& message, const crash_report& report,
                       unsigned generation) noexcept(!Throws) {
  text lines = as_said_of(name, message.c_str());
#if DYMOD_DETAIL_EXCEPTIONS()
  if constexpr (Throws) {
    throw crash(static_cast<text&&>(lines), name, report.function, report.signal, generation,
                report.address);
  }
#endif
  static_cast<void>(report);
  static_cast<void>(generation);
  end_process<os::native>(static_cast<text&&>(lines));
}

/// A call of a module, while it lasts. The function is looked up at its beginning.
template <class Module, unsigned Index, class Policy> class guarded_call {
 public:
  DYMOD_DETAIL_GONE guarded_call() noexcept(!Policy::throws) {
    const snapshot* const now = current_snapshot<Module, Policy>();
    caller& wants = caller_of<Module>::instance;
    if (now->broken) check_whether_to_run(*now->current);
    in_ = now->current;
    function_ = now->functions[wants.number][Index];
    thread_ = this_guarded_thread();
    if (thread_ != nullptr) place_.begin(*thread_);
  }
  guarded_call(const guarded_call&) = delete;
  guarded_call& operator=(const guarded_call&) = delete;
  DYMOD_DETAIL_GONE ~guarded_call() {
    if (thread_ != nullptr) thread_->innermost = place_.outer;
  }

  [[nodiscard]] DYMOD_DETAIL_GONE ::sigjmp_buf& back() noexcept { return place_.back; }
  [[nodiscard]] DYMOD_DETAIL_GONE function_pointer function() const noexcept { return function_; }

  /// The call has crashed.
  [[noreturn]] void leave() noexcept(!Policy::throws) {
    os::crash_signals::go_on_after(place_.crash);
    text called(Module::names()[Index]);
    text words;
    os::crash_signals::append_crash(words, place_.crash);
    text place;
    os::crash_signals::append_place(place, place_.crash);
    // Perhaps a callback of another module.
    image* const owner = native_runtime::image_at(place_.crash.instruction);
    image& in = owner != nullptr ? *owner : *in_;
    text message("'");
    message << called << "' crashed: " << words << " in generation " << in.generation;
    if (!place.empty()) message << problem::line_break << place;
    const crash_report report{called.c_str(), words.c_str(), place_.crash.number,
                              place_.crash.address};
    forget_unfinished_objects<os::native>(process_registry(), &place_);
    native_runtime::leave_crashed(in, report, place);
    fail<Policy::throws>(in.of->name, message, report, in.generation);
  }

 private:
  DYMOD_DETAIL_SELDOM static void check_whether_to_run(const image& broken) noexcept(
      !Policy::throws) {
    if (native_runtime::may_run_broken()) return;
    const crash_report& report = *broken.crash;
    text message("'");
    message << Module::names()[Index] << "' is not called: '" << report.function << "' crashed ("
            << report.words << ") in generation " << broken.generation
            << ", and none before it can take over" << problem::line_break
            << words_for(error_code::rolled_back).cure;
    fail<Policy::throws>(Module::name(), message, report, broken.generation);
  }

  guarded_place place_;
  guarded_thread* thread_;
  image* in_;
  function_pointer function_;
};

}  // namespace DYMOD_DETAIL_HIDDEN

inline namespace dynamic_mode {

/// A thunk whose calls are guarded.
template <class Module, unsigned Index, class Policy, class Type> struct guarded_thunk;

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN guarded_thunk<Module, Index, Policy, Result(Arguments...)> {
  using type = Result(Arguments...);
  static Result call(Arguments... given) {
    static_assert(detail::check_arguments<Arguments...>());
    detail::guarded_call<Module, Index, Policy> here;
    if (sigsetjmp(here.back(), 0) != 0) here.leave();
    return reinterpret_cast<type*>(here.function())(detail::pass<Arguments>::on(given)...);
  }
};

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN guarded_thunk<Module, Index, Policy, Result(Arguments...) noexcept> {
  using type = Result(Arguments...) noexcept;
  using quiet = typename Policy::without_exceptions;
  static Result call(Arguments... given) noexcept {
    static_assert(detail::check_arguments<Arguments...>());
    detail::guarded_call<Module, Index, quiet> here;
    if (sigsetjmp(here.back(), 0) != 0) here.leave();
    return reinterpret_cast<type*>(here.function())(detail::pass<Arguments>::on(given)...);
  }
};

// What it refuses the other refuses, in words.
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct guarded_thunk<Module, Index, Policy, Result(Arguments..., ...)>
    : thunk<Module, Index, Policy, Result(Arguments..., ...)> {};
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct guarded_thunk<Module, Index, Policy, Result(Arguments..., ...) noexcept>
    : thunk<Module, Index, Policy, Result(Arguments..., ...)> {};

}  // namespace dynamic_mode
}  // namespace dymod

#endif

#endif
#define DYMOD_DETAIL_THUNK guarded_thunk
#else
#define DYMOD_DETAIL_THUNK thunk
#endif

namespace dymod { namespace detail {

// DYMOD_PATH_<module> may be undefined, which a macro cannot ask. Joining the suffix to it gives a
// name that DYMOD declares (null) or, from a string literal, that literal with this suffix.
constexpr const char* operator""_dymod_path(const char* path, size_t) noexcept { return path; }

}}  // namespace dymod::detail

#define DYMOD_DETAIL_POLICY \
  ::dymod::policy<DYMOD_AUTO_RELOAD != 0, DYMOD_CHECK_INTERVAL_MS, DYMOD_DETAIL_EXCEPTIONS() == 1>

#define DYMOD_DETAIL_INDEX(name, ...) name,
#define DYMOD_DETAIL_NAME(name, ...) #name,
#define DYMOD_DETAIL_TYPE(name, ...)              \
  ::dymod::detail::described<dymod_detail_module, \
                             ::dymod::detail::function_type_t<__VA_ARGS__>>::value.characters,

// The names are `inline`, else g++ -O0 compiles what they refer to in every translation unit,
// called or not. Translation units with different policies refer to different thunks: hence a
// namespace for each policy. Its name is made of the policy's tokens, and an interval may be any
// expression: with one, the names are the translation unit's own. Not an inline namespace, beside
// which a user could declare an overload, and learn it from the first call only. Hidden: images do
// not share what they refer to.
#if DYMOD_CHECK_INTERVAL_MS
#define DYMOD_DETAIL_REFERENCE(name, ...) \
  [[maybe_unused]] static constexpr auto& name = __VA_ARGS__;
#else
#define DYMOD_DETAIL_REFERENCE(name, ...)                                         \
  namespace DYMOD_DETAIL_POLICY_NAMESPACE {                                       \
  [[maybe_unused]] DYMOD_DETAIL_HIDDEN inline constexpr auto& name = __VA_ARGS__; \
  }                                                                               \
  using DYMOD_DETAIL_POLICY_NAMESPACE::name;
#endif

// As dymod_thunk_1_0_1: calls look, at every call, and throw.
#define DYMOD_DETAIL_POLICY_NAMESPACE                                                            \
  DYMOD_DETAIL_POLICY_NAMESPACE_(DYMOD_DETAIL_THUNK, DYMOD_AUTO_RELOAD, DYMOD_CHECK_INTERVAL_MS, \
                                 DYMOD_DETAIL_EXCEPTIONS())
#define DYMOD_DETAIL_POLICY_NAMESPACE_(thunk, looks, interval, throws) \
  DYMOD_DETAIL_POLICY_WORDS(thunk, looks, interval, throws)
#define DYMOD_DETAIL_POLICY_WORDS(thunk, looks, interval, throws) \
  dymod_##thunk##_##looks##_##interval##_##throws

#define DYMOD_DETAIL_HOST_FUNCTION(name, ...)                                                 \
  DYMOD_DETAIL_CHECK_ENTRY(name)                                                              \
  DYMOD_DETAIL_REFERENCE(                                                                     \
      name, ::dymod::DYMOD_DETAIL_THUNK<                                                      \
                dymod_detail_module, static_cast<unsigned>(dymod_detail_module::index::name), \
                DYMOD_DETAIL_POLICY, ::dymod::detail::function_type_t<__VA_ARGS__>>::call)

#define DYMOD_DETAIL_HOST(extern_c, module_name, ...)                                              \
  namespace module_name {                                                                          \
  struct DYMOD_DETAIL_HIDDEN dymod_detail_module {                                                 \
    enum class index : unsigned {                                                                  \
      DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_INDEX, __VA_ARGS__) dymod_detail_count                    \
    };                                                                                             \
    static constexpr bool is_extern_c = extern_c;                                                  \
    static constexpr const char* function_names[] = {                                              \
        DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_NAME, __VA_ARGS__)};                                    \
    static constexpr const char* function_types[] = {                                              \
        DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_TYPE, __VA_ARGS__)};                                    \
    static constexpr const char* name() { return #module_name; }                                   \
    static constexpr const char* const* names() { return function_names; }                         \
    static constexpr const char* const* types() { return function_types; }                         \
    static constexpr unsigned count() { return static_cast<unsigned>(index::dymod_detail_count); } \
    static const char* library_path() {                                                            \
      using ::dymod::detail::operator""_dymod_path;                                                \
      [[maybe_unused]] constexpr const char* DYMOD_PATH_##module_name##_dymod_path = nullptr;      \
      return DYMOD_DETAIL_JOIN(DYMOD_PATH_##module_name, _dymod_path);                             \
    }                                                                                              \
  };                                                                                               \
  DYMOD_DETAIL_MEANT_CONSTRUCTOR(                                                                  \
      static const ::dymod::detail::listed_caller<dymod_detail_module> dymod_detail_listed)        \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_HOST_FUNCTION, __VA_ARGS__)                                   \
  DYMOD_DETAIL_REFERENCE(                                                                          \
      reload, ::dymod::module_functions<dymod_detail_module, DYMOD_DETAIL_POLICY>::reload)         \
  [[maybe_unused]] static constexpr ::dymod::library_handle<dymod_detail_module> library{};        \
  }

#endif
// <dymod/detail/declare/module.hpp>

// DYMOD in a translation unit of the module's shared library (<module>_EXPORTS is defined): the
// functions themselves, the description that is read before the library is opened, and the table
// that is asked for after. Defines no inline variable and no static of an inline function: g++
// shares those between images.

#ifndef DYMOD_DETAIL_DECLARE_MODULE_HPP
#define DYMOD_DETAIL_DECLARE_MODULE_HPP

// Hidden, because a host that exports its symbols (-rdynamic) must not capture the module's calls
// to itself.
#define DYMOD_DETAIL_MODULE_FUNCTION(name, ...) \
  DYMOD_DETAIL_CHECK_ENTRY(name)                \
  DYMOD_DETAIL_HIDDEN ::dymod::detail::function_type_t<__VA_ARGS__> name;

#define DYMOD_DETAIL_DESCRIPTION_MEMBER(name, ...)                                 \
  char record_of_##name[sizeof(DYMOD_DETAIL_DESCRIPTION_RECORD(name))];            \
  ::dymod::detail::description_type<dymod_detail_description,                      \
                                    ::dymod::detail::function_type_t<__VA_ARGS__>> \
      type_of_##name;

#define DYMOD_DETAIL_DESCRIPTION_VALUE(name, ...)               \
  DYMOD_DETAIL_DESCRIPTION_RECORD(name),                        \
      ::dymod::detail::description_of<dymod_detail_description, \
                                      ::dymod::detail::function_type_t<__VA_ARGS__>>,

#define DYMOD_DETAIL_TABLE_ROW(name, ...) \
  {#name, reinterpret_cast<void (*)()>(   \
              static_cast<::dymod::detail::function_type_t<__VA_ARGS__>*>(&name))},

#define DYMOD_DETAIL_LATER_LAYOUTS(name, ...)                                 \
  ::dymod::detail::later_layouts<dymod_detail_unit, dymod_detail_description, \
                                 ::dymod::detail::function_type_t<__VA_ARGS__>>(),

// The handle of the module inside the module. A module does not reload itself.
#define DYMOD_DETAIL_OWN_LIBRARY()                            \
  DYMOD_DETAIL_GONE constexpr bool reload() { return false; } \
  struct DYMOD_DETAIL_HIDDEN dymod_detail_own_module;         \
  [[maybe_unused]] static constexpr ::dymod::library_handle<  \
      ::dymod::detail::own<dymod_detail_own_module>>          \
      library{};

// The exported description is one translation unit's, whichever the linker keeps. What the others
// know, a static constructor of each puts into a list.
#define DYMOD_DETAIL_MODULE(module_name, ...)                                                      \
  namespace module_name {                                                                          \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_MODULE_FUNCTION, __VA_ARGS__)                                 \
  DYMOD_DETAIL_OWN_LIBRARY()                                                                       \
  struct dymod_detail_description {                                                                \
    char head[sizeof(DYMOD_DETAIL_DESCRIPTION_HEAD)];                                              \
    DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_DESCRIPTION_MEMBER, __VA_ARGS__)                            \
    char end[1];                                                                                   \
  };                                                                                               \
  static constexpr dymod_detail_description dymod_detail_own_description = {                       \
      DYMOD_DETAIL_DESCRIPTION_HEAD,                                                               \
      DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_DESCRIPTION_VALUE, __VA_ARGS__) ""};                      \
  namespace {                                                                                      \
  struct dymod_detail_unit;                                                                        \
  }                                                                                                \
  static constexpr const char* (*dymod_detail_later_layouts[])() = {                               \
      DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_LATER_LAYOUTS, __VA_ARGS__)};                             \
  DYMOD_DETAIL_HIDDEN inline const ::dymod::detail::module_unit* dymod_detail_units = nullptr;     \
  DYMOD_DETAIL_MEANT_CONSTRUCTOR(static const ::dymod::detail::module_unit dymod_detail_this_unit( \
      &dymod_detail_own_description, sizeof dymod_detail_own_description,                          \
      dymod_detail_later_layouts, dymod_detail_units))                                             \
  static const ::dymod::detail::module_table* dymod_detail_table() {                               \
    static const ::dymod::detail::module_function dymod_detail_functions[] = {                     \
        DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_TABLE_ROW, __VA_ARGS__)};                               \
    static const ::dymod::detail::module_table dymod_detail_table_itself = {                       \
        dymod_detail_functions, sizeof dymod_detail_functions / sizeof *dymod_detail_functions,    \
        &dymod_detail_units};                                                                      \
    return &dymod_detail_table_itself;                                                             \
  }                                                                                                \
  extern "C" {                                                                                     \
  extern DYMOD_DETAIL_SHOWN const dymod_detail_description dymod_description_##module_name;        \
  DYMOD_DETAIL_EXPORT_FUNCTION const ::dymod::detail::module_table* dymod_module_##module_name();  \
  DYMOD_DETAIL_EXPORT_FUNCTION const ::dymod::detail::module_table* dymod_module_##module_name() { \
    return dymod_detail_table();                                                                   \
  }                                                                                                \
  }                                                                                                \
  extern "C" DYMOD_DETAIL_EXPORT_DATA const dymod_detail_description                               \
      dymod_description_##module_name = dymod_detail_own_description;                              \
  }

// A module of plain C symbols that happens to be written in C++ and to include its header.
#define DYMOD_DETAIL_MODULE_EXTERN_C_FUNCTION(name, ...) \
  DYMOD_DETAIL_CHECK_ENTRY(name)                         \
  DYMOD_DETAIL_SHOWN ::dymod::detail::function_type_t<__VA_ARGS__> name;

#define DYMOD_DETAIL_MODULE_EXTERN_C(module_name, ...)                      \
  namespace module_name {                                                   \
  extern "C" {                                                              \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_MODULE_EXTERN_C_FUNCTION, __VA_ARGS__) \
  }                                                                         \
  DYMOD_DETAIL_OWN_LIBRARY()                                                \
  }

#endif

#define DYMOD_DETAIL_DECLARE_0(module_name, ...) DYMOD_DETAIL_HOST(false, module_name, __VA_ARGS__)
#define DYMOD_DETAIL_DECLARE_1(module_name, ...) DYMOD_DETAIL_MODULE(module_name, __VA_ARGS__)
#define DYMOD_DETAIL_DECLARE_EXTERN_C_0(module_name, ...) \
  DYMOD_DETAIL_HOST(true, module_name, __VA_ARGS__)
#define DYMOD_DETAIL_DECLARE_EXTERN_C_1(module_name, ...) \
  DYMOD_DETAIL_MODULE_EXTERN_C(module_name, __VA_ARGS__)

/// Declares a module: `DYMOD(module, (name, type)...)`, at global scope or inside a namespace, in
/// one header that host and module include. `type` is a C++ function type: `int(int a, int b)`,
/// `auto(std::string) -> std::string`, `void() noexcept`. At least 256 functions; a trailing comma
/// is fine. Gives the namespace `module` with the functions, `reload()` and `library`; these two
/// are no names for functions of it. What is wrong with a list the compiler says. Calls throw
/// dymod::error while no generation could be loaded; they may be made on any thread.
#define DYMOD(module_name, ...)                                                        \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_DECLARE_, DYMOD_DETAIL_IS_SET(module_name##_EXPORTS)) \
  (module_name, __VA_ARGS__)

/// The same for a library that knows nothing of dymod and has plain C symbols (C, Rust, Zig, an
/// existing one). That the names are there is checked at each reload; that the types are right
/// cannot be. In static mode functions of one name are one function, in
/// whichever modules.
#define DYMOD_EXTERN_C(module_name, ...)                                                        \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_DECLARE_EXTERN_C_, DYMOD_DETAIL_IS_SET(module_name##_EXPORTS)) \
  (module_name, __VA_ARGS__)

#else

// <dymod/detail/declare/static.hpp>

// Static mode: DYMOD is a list of plain function declarations. What a program may say of a module
// in dynamic mode exists here too, says "nothing to reload" and leaves no byte in the program. No
// standard header, ever.

#ifndef DYMOD_DETAIL_DECLARE_STATIC_HPP
#define DYMOD_DETAIL_DECLARE_STATIC_HPP

namespace dymod { inline namespace static_mode {

/// Whether modules declared in this translation unit are hot-swapped (true: debug) or linked
/// statically (false: release).
inline constexpr bool is_dynamic = false;

/// Never thrown in static mode; here so that handlers compile. What is virtual in dynamic mode is
/// virtual here, so that classes derived from it compile too.
struct error {
  error() = delete;
  virtual ~error() = default;
  [[nodiscard]] virtual const char* what() const noexcept { return ""; }
  [[nodiscard]] error_code code() const noexcept { return error_code::not_found; }

  // In dynamic mode the base is std::exception, whose header is not to be had here; code that hands
  // a caught error to a function taking that base compiles all the same. Only for types that have
  // what(), else a function overloaded for std::string would be ambiguous. No object ever exists.
  template <class Base, class = decltype(static_cast<const Base*>(nullptr)->what())>
  operator const Base&() const noexcept {
    return *static_cast<const Base*>(static_cast<const void*>(this));
  }
};

/// A hook that never runs.
// clang-format off
struct hook { DYMOD_DETAIL_GONE constexpr void remove() noexcept {} };
// clang-format on

/// Nothing is ever reloaded in static mode.
/// @returns false
DYMOD_DETAIL_GONE constexpr bool reload_all() noexcept { return false; }

/// Takes a handler that will never be called.
/// @returns no handler
DYMOD_DETAIL_GONE constexpr event_handler set_event_handler(event_function, void* = nullptr) {
  return event_handler{nullptr, nullptr};
}

/// The handle of a module that is linked right here. Static members: using it leaves no object
/// behind.
// Few lines, because release builds preprocess to as many.
// clang-format off
struct no_library {
  [[nodiscard]] DYMOD_DETAIL_GONE static constexpr unsigned generation() noexcept { return 0; }
  [[nodiscard]] DYMOD_DETAIL_GONE static constexpr const char* path() noexcept { return ""; }
  DYMOD_DETAIL_GONE static constexpr bool roll_back() noexcept { return false; }
  DYMOD_DETAIL_GONE static constexpr unsigned unload_old() noexcept { return 0; }
  template <class Function> DYMOD_DETAIL_GONE static constexpr hook before_reload(Function&&) { return {}; }
  template <class Function> DYMOD_DETAIL_GONE static constexpr hook after_reload(Function&&) { return {}; }
};
// clang-format on

}}  // namespace dymod::static_mode

// reload() is not noexcept, because its type is the same in both modes. The handle is `inline`: a
// plain constexpr object would leave a byte in each object file of g++ -O0.
#define DYMOD_DETAIL_NO_LIBRARY()                             \
  DYMOD_DETAIL_GONE constexpr bool reload() { return false; } \
  DYMOD_DETAIL_HIDDEN inline constexpr ::dymod::no_library library{};

#define DYMOD_DETAIL_STATIC_FUNCTION(name, ...) \
  DYMOD_DETAIL_CHECK_ENTRY(name)                \
  ::dymod::detail::function_type_t<__VA_ARGS__> name;

#define DYMOD_DETAIL_STATIC(module_name, ...)                      \
  namespace module_name {                                          \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_STATIC_FUNCTION, __VA_ARGS__) \
  DYMOD_DETAIL_NO_LIBRARY()                                        \
  }

#define DYMOD_DETAIL_STATIC_EXTERN_C(module_name, ...)             \
  namespace module_name {                                          \
  extern "C" {                                                     \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_STATIC_FUNCTION, __VA_ARGS__) \
  }                                                                \
  DYMOD_DETAIL_NO_LIBRARY()                                        \
  }

#endif

#define DYMOD(module_name, ...) DYMOD_DETAIL_STATIC(module_name, __VA_ARGS__)
#define DYMOD_EXTERN_C(module_name, ...) DYMOD_DETAIL_STATIC_EXTERN_C(module_name, __VA_ARGS__)

#endif

#endif
// <dymod/crash_guard.hpp>

// dymod::crash, for programs that guard their calls: where DYMOD_CRASH_GUARD is 1, a crash inside a
// module's function (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, a stack overflow) throws it, and the
// module goes back to the generation before. Linux and macOS; docs/crash-guard.md says what a guard
// cannot do. In static mode nothing is guarded, and nothing included.

#ifndef DYMOD_CRASH_GUARD_HPP
#define DYMOD_CRASH_GUARD_HPP

#if DYMOD_DETAIL_DYNAMIC()

// <dymod/detail/call/crash.hpp>

// dymod::crash of dynamic mode: what a guarded call throws when the module's function crashes.

#ifndef DYMOD_DETAIL_CALL_CRASH_HPP
#define DYMOD_DETAIL_CALL_CRASH_HPP

#include <exception>  // exception

// `module` is a macro of some older code bases; it is the right name for the function all the same.
#pragma push_macro("module")
#undef module

namespace dymod { inline namespace dynamic_mode {

/// Thrown by a guarded call (DYMOD_CRASH_GUARD=1) in which code of the module crashed, and, as long
/// as nothing older can take over, by all later ones until a new build comes. No dymod::error: that
/// says that a module could not be loaded. Never thrown in static mode. Copying never fails; safe
/// on any thread.
// Hidden and not: as dymod::error.
class crash : public std::exception {
 public:
  /// The message.
  /// @returns lines: which module, which function, what happened, where, and what to do.
  ///          Null-terminated, never null; lives, as all strings here, as long as any copy of this
  ///          object
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* what() const noexcept override {
    const char* const lines = lines_.c_str();
    return lines != nullptr ? lines : "dymod: a crash, and no memory for words about it";
  }

  /// Whose code crashed.
  /// @returns the name, as given to DYMOD, of the call's module, unless it was a callback of
  ///          another one; "" if there was no memory for it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* module() const noexcept {
    return name_or_nothing(module_);
  }

  /// The function that was called when it crashed.
  /// @returns its name, as given to DYMOD; of a call that found the module broken the function of
  ///          that crash; "" if there was no memory for it
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const char* function() const noexcept {
    return name_or_nothing(function_);
  }

  /// How it crashed.
  /// @returns SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT
  [[nodiscard]] DYMOD_DETAIL_HIDDEN int signal() const noexcept { return signal_; }

  /// Which generation crashed.
  /// @returns its number: 1, 2, …
  [[nodiscard]] DYMOD_DETAIL_HIDDEN unsigned generation() const noexcept { return generation_; }

  /// Where it crashed.
  /// @returns what the system tells: the memory that was accessed (SIGSEGV, SIGBUS), the
  ///          instruction (SIGFPE, SIGILL), null (SIGABRT)
  [[nodiscard]] DYMOD_DETAIL_HIDDEN const void* address() const noexcept { return address_; }

  /// For dymod itself.
  /// @param lines          the message
  /// @param module_name    whose code crashed
  /// @param function_name  what was called
  /// @param signal_number  how
  /// @param generation     which of its generations
  /// @param address        where
  DYMOD_DETAIL_HIDDEN crash(detail::text&& lines, const char* module_name,
                            const char* function_name, int signal_number, unsigned generation,
                            const void* address) noexcept
      : lines_(static_cast<detail::text&&>(lines)),
        module_(detail::text(module_name)),
        function_(detail::text(function_name)),
        address_(address),
        signal_(signal_number),
        generation_(generation) {}

  /// Shares the strings.
  /// @param other  what is copied
  DYMOD_DETAIL_HIDDEN crash(const crash& other) noexcept = default;
  /// Shares the strings.
  /// @param other  what is copied
  /// @returns this object
  DYMOD_DETAIL_HIDDEN crash& operator=(const crash& other) noexcept = default;
  DYMOD_DETAIL_HIDDEN ~crash() override = default;

 private:
  [[nodiscard]] DYMOD_DETAIL_HIDDEN static const char* name_or_nothing(
      const shared_text& name) noexcept {
    return name.c_str() != nullptr ? name.c_str() : "";
  }

  shared_text lines_;
  shared_text module_;
  shared_text function_;
  const void* address_;
  int signal_;
  unsigned generation_;
};

}}  // namespace dymod::dynamic_mode

#pragma pop_macro("module")

#endif

#else

#pragma push_macro("module")
#undef module

namespace dymod { inline namespace static_mode {

/// Never thrown in static mode; here so that handlers compile.
struct crash {
  crash() = delete;
  virtual ~crash() = default;
  [[nodiscard]] virtual const char* what() const noexcept { return ""; }
  [[nodiscard]] const char* module() const noexcept { return ""; }
  [[nodiscard]] const char* function() const noexcept { return ""; }
  [[nodiscard]] int signal() const noexcept { return 0; }
  [[nodiscard]] unsigned generation() const noexcept { return 0; }
  [[nodiscard]] const void* address() const noexcept { return nullptr; }

  // See error, in detail/declare/static.hpp.
  template <class Base, class = decltype(static_cast<const Base*>(nullptr)->what())>
  operator const Base&() const noexcept {
    return *static_cast<const Base*>(static_cast<const void*>(this));
  }
};

}}  // namespace dymod::static_mode

#pragma pop_macro("module")

#endif

#endif
// <dymod/persistent.hpp>

// A module's own variables, for which a reload is no end. Not included by dymod.hpp: who does not
// need it pays nothing.

#ifndef DYMOD_PERSISTENT_HPP
#define DYMOD_PERSISTENT_HPP

#if DYMOD_DETAIL_DYNAMIC()
// <dymod/detail/declare/persistent.hpp>

// DYMOD_PERSISTENT in dynamic mode: a site, which looks for the object or makes a place for a new
// one, and a reference to it. The constructor stands in the user's own code, so that arguments may
// be anything that is known there and are evaluated only when an object is made.

#ifndef DYMOD_DETAIL_DECLARE_PERSISTENT_HPP
#define DYMOD_DETAIL_DECLARE_PERSISTENT_HPP

#include <stddef.h>  // size_t

#include <new>          // placement new
#include <type_traits>  // conditional, extent, is_array, is_class, is_destructible, is_function, is_member_function_pointer, is_polymorphic, is_reference, remove_all_extents, remove_cv

// <dymod/detail/declare/object_site.hpp>

// What a variable of DYMOD_PERSISTENT says of itself, and the door to those who find its object
// (reload/objects.hpp); as call/runtime.hpp is for calls.

#ifndef DYMOD_DETAIL_DECLARE_OBJECT_SITE_HPP
#define DYMOD_DETAIL_DECLARE_OBJECT_SITE_HPP

#include <stddef.h>  // size_t
#include <stdint.h>  // uintptr_t

#include <new>  // operator new

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct persistent_object;
template <class Os> class objects;

/// What the compiler says of a place.
struct site_text {
  const char* file;
  const char* unit;      // the source file that is compiled; "": not known
  const char* name;      // of the variable
  const char* lambda;    // what a lambda at that place is called
  const char* function;  // what the function itself is called; "": not known, or there is none
};

/// One variable of one image. Constant-initialised.
class object_site {
 public:
  constexpr object_site() noexcept = default;

  /// For what find() has asked for. Another that constructs the same one is waited for there.
  [[nodiscard]] void* make_room(size_t size) {
    const size_t spare = alignment_ > __STDCPP_DEFAULT_NEW_ALIGNMENT__ ? alignment_ : 0;
    memory_ = nullptr;
    memory_ = ::operator new(size + spare);
    const uintptr_t over = spare == 0 ? 0 : reinterpret_cast<uintptr_t>(memory_) % spare;
    return static_cast<char*>(memory_) + (over == 0 ? 0 : spare - over);
  }

  [[nodiscard]] void* found() const noexcept { return found_; }

 private:
  template <class Os> friend class objects;

  void* found_ = nullptr;
  void* memory_ = nullptr;
  size_t alignment_ = 0;
  persistent_object* making_ = nullptr;  // null: one that nobody will find again
};

/// A type, as far as it can be told from another.
struct object_type {
  const char* text;          // declare/type_text.hpp
  const char* (*layouts)();  // records, declare/layout.hpp
};

/// A function from an old type to the new one.
struct object_conversion {
  object_type from;
  /// Constructs the new object in the room that the site makes.
  void* (*convert)(object_site& site, void* old);
};

/// What a variable is to refer to.
struct object_wanted {
  site_text site;
  object_type type;
  bool (*keeps_code)();
  const char* compiler;
  const object_conversion* conversions;
  unsigned conversion_count;
  size_t alignment;
};

// As class objects, of this process, for variables of this binary.
template <class Os> struct object_runtime {
  [[nodiscard]] static bool find(object_site& site, const object_wanted& wanted);
  static void complete(object_site& site, void* object) noexcept;
  static void abandon(object_site& site) noexcept;
};

using native_object_runtime = object_runtime<os::native>;

/// Room for what a variable is to refer to. If there is none the next who comes by tries again.
[[nodiscard]] inline void* make_room(object_site& site, size_t size) {
  struct attempt {
    object_site* failed;
    ~attempt() {
      if (failed != nullptr) native_object_runtime::abandon(*failed);
    }
  } without_room{&site};
  void* const room = site.make_room(size);
  without_room.failed = nullptr;
  return room;
}

}}  // namespace dymod::detail

#endif

// <dymod/detail/reload/object_runtime.hpp>

// What is behind the door of DYMOD_PERSISTENT (declare/object_site.hpp).

#ifndef DYMOD_DETAIL_RELOAD_OBJECT_RUNTIME_HPP
#define DYMOD_DETAIL_RELOAD_OBJECT_RUNTIME_HPP

// <dymod/detail/reload/objects.hpp>

// The variables of DYMOD_PERSISTENT, at run time: a generation that comes by one for the first time
// finds the object that an earlier one has made, or carries its value over to its new type, or
// makes one anew and says why. User code (constructors, conversions) runs without the load lock;
// the object is marked as being made meanwhile, and other threads wait for it.
//
// Strings are copied: the image that they are of may be unloaded. No platform code here.

#ifndef DYMOD_DETAIL_RELOAD_OBJECTS_HPP
#define DYMOD_DETAIL_RELOAD_OBJECTS_HPP

#include <stddef.h>  // size_t
#include <stdint.h>  // uint64_t
#include <stdlib.h>  // free, malloc
#include <string.h>  // memcpy, strcmp, strlen, strncmp

#include <new>  // operator new

// <dymod/detail/reload/site_name.hpp>

// By what a later build's variable is known to be the same as an earlier one's: its source file,
// the enclosing function and its name; never a line number. From the texts that compilers have for
// a place in the source.

#ifndef DYMOD_DETAIL_RELOAD_SITE_NAME_HPP
#define DYMOD_DETAIL_RELOAD_SITE_NAME_HPP

#include <stddef.h>  // size_t
#include <string.h>  // memcmp, strchr, strlen, strncmp, strstr

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

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class objects {
 public:
  explicit objects(registry& known) noexcept : known_(known) {}

  /// Finds the variable's object. Waits while another thread constructs it.
  /// @param code  an address in the variable's binary
  /// @returns false if there is none: then one is to be made with `new (site)` and handed to
  ///          complete()
  [[nodiscard]] bool find(object_site& site, const object_wanted& wanted, const void* code) {
    site.alignment_ = wanted.alignment;
    site.making_ = nullptr;
    const object_conversion* conversion = nullptr;
    void* old = nullptr;
    if (!look(site, wanted, code, conversion, old)) return false;
    if (conversion != nullptr) complete(site, conversion->convert(site, old));
    return true;
  }

  /// The object is constructed.
  void complete(object_site& site, void* object) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    site.found_ = object;
    persistent_object* const made = site.making_;
    site.making_ = nullptr;
    if (made == nullptr || !known_.lock.template enter<Os>()) return;
    made->memory = site.memory_;
    made->object = object;
    made->made_by = 0;
    if (made->news != nullptr) warn(*made->of, text(made->news));
    ::free(made->news);
    made->news = nullptr;
    basic_loader<Os>(known_).leave();
  }

  /// Its constructor has thrown: the next who comes by tries again.
  void abandon(object_site& site) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    ::operator delete(site.memory_);
    persistent_object* const made = site.making_;
    site.making_ = nullptr;
    if (made == nullptr || !known_.lock.template enter<Os>()) return;
    persistent_object** link = &known_.objects;
    while (*link != made) link = &(*link)->next;
    *link = made->next;
    known_.lock.template leave<Os>();
    discard_object(made);
  }

 private:
  // Under which number an object is known to be of some generation.
  struct candidate {
    persistent_object* object = nullptr;
    unsigned generation = 0;
  };

  /// @returns whether there is an object, or one that can be carried over
  [[nodiscard]] bool look(object_site& site, const object_wanted& wanted, const void* code,
                          const object_conversion*& conversion, void*& old) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    const guarded_place* const call = own_work.innermost();
    text key;
    append_site_key(key, wanted.site);
    const uint64_t me = this_thread<Os>();
    for (;;) {
      // A signal handler in the middle of a load has one for itself.
      if (!known_.lock.template enter<Os>()) return false;
      image* const home = image_of<Os>(known_, code);
      if (home == nullptr || key.empty()) {
        known_.lock.template leave<Os>();
        return false;
      }
      record& of = *home->of;
      if (const object_user* const other = find_user(of, key, *home)) {
        add(site, wanted, call, of, nullptr, nullptr,
            other->site != &site ? twice(wanted) : text());
        known_.lock.template leave<Os>();
        return false;
      }
      const candidate best = choose(of, key, *home);
      if (best.object != nullptr && best.object->object == nullptr) {
        const bool own = best.object->made_by == me;
        if (own) add(site, wanted, call, of, nullptr, nullptr, text());
        known_.lock.template leave<Os>();
        if (own) return false;  // its constructor has called the new generation
        Os::sleep_milliseconds(1);
        continue;
      }
      differences found("the new build");
      if (best.object != nullptr && is_same(*best.object, best.generation, wanted, found)) {
        if (add_user(*best.object, *home, &site)) {
          site.found_ = best.object->object;
          tell_of_old_code(*best.object, best.generation, wanted);
        }
        basic_loader<Os>(known_).leave();
        return site.found_ != nullptr;
      }
      if (best.object != nullptr) conversion = find_conversion(*best.object, wanted);
      if (conversion != nullptr) old = best.object->object;
      const bool anew = best.object != nullptr && conversion == nullptr;
      add(site, wanted, call, of, &key, home, anew ? begins_anew(wanted, found) : text());
      known_.lock.template leave<Os>();
      return conversion != nullptr;
    }
  }

  // --- which object

  [[nodiscard]] static bool is_findable(const persistent_object& each, const record& of,
                                        const text& key) noexcept {
    if (each.of != &of || each.key == nullptr || ::strcmp(each.key, key.c_str()) != 0) return false;
    // In a forked child nobody goes on with what another thread of its parent was constructing.
    return each.made_by == 0 || is_of_this_process<Os>(each.made_by);
  }

  // By which the same image has come by this key before.
  [[nodiscard]] const object_user* find_user(const record& of, const text& key,
                                             const image& home) const noexcept {
    const persistent_object* each = known_.objects;
    for (; each != nullptr; each = each->next) {
      if (!is_findable(*each, of, key)) continue;
      for (const object_user* user = each->users; user != nullptr; user = user->next) {
        if (user->by == &home) return user;
      }
    }
    return nullptr;
  }

  // The one that the image's own generation would have come by, had it been there: that of the
  // generation that it came after, or that this one came after, and so on. (Not just of the last
  // before it: the program may have gone back.) If none of them has used it: of the last at all.
  // What only builds that were refused have used is as if it were not there.
  [[nodiscard]] candidate choose(const record& of, const text& key,
                                 const image& home) const noexcept {
    unsigned number = home.generation != 0 ? home.generation : generation_of(of);
    for (; number != 0; number = generation_before(of, number)) {
      const candidate found = find_last(of, key, number, number);
      if (found.object != nullptr) return found;
    }
    return find_last(of, key, 1, ~0U);
  }

  [[nodiscard]] static unsigned generation_before(const record& of, unsigned number) noexcept {
    for (const image* each = of.images; each != nullptr; each = each->previous) {
      if (each->generation == number) return each->came_after;
    }
    return 0;
  }

  [[nodiscard]] candidate find_last(const record& of, const text& key, unsigned from,
                                    unsigned to) const noexcept {
    candidate last;
    for (persistent_object* each = known_.objects; each != nullptr; each = each->next) {
      if (!is_findable(*each, of, key)) continue;
      for (const object_user* user = each->users; user != nullptr; user = user->next) {
        const unsigned number = generation_of(*user);
        if (number >= from && number <= to && number > last.generation) last = {each, number};
      }
    }
    return last;
  }

  // --- types

  [[nodiscard]] static bool is_same(const persistent_object& old, unsigned generation,
                                    const object_wanted& wanted, differences& found) noexcept {
    text who("generation ");
    who << generation;
    const bool one_compiler = ::strcmp(old.compiler, wanted.compiler) == 0;
    if (!same_type(old.type, wanted.type.text, one_compiler)) {
      found.add(text(wanted.site.name), 0, who, as_words(old.type), as_words(wanted.type.text));
      return false;
    }
    record_reader all(wanted.type.layouts());
    const char* name = nullptr;
    layout its;
    while (next_layout(all, name, its)) {
      layout mine;
      learn(record_reader(old.layouts), name, mine);
      add_if_different(found, name, who, mine, its);
    }
    return found.none();
  }

  // The first function from a type like the old object's. Its name is another one: the old one's
  // is the new type's now.
  [[nodiscard]] static const object_conversion* find_conversion(
      const persistent_object& old, const object_wanted& wanted) noexcept {
    for (unsigned i = 0; i < wanted.conversion_count; ++i) {
      const object_conversion& each = wanted.conversions[i];
      if (is_alike(old.type, each.from.text) &&
          has_like_layouts(record_reader(old.layouts), record_reader(each.from.layouts()))) {
        return &each;
      }
    }
    return nullptr;
  }

  // Types as text that differ in names of the user's at most.
  [[nodiscard]] static bool is_alike(const char* a, const char* b) noexcept {
    static constexpr char standard[] = "\1std::";
    for (; *a != '\0' && *b != '\0'; ++a, ++b) {
      if (*a != *b) return false;
      if (*a != name_begins) continue;
      const size_t a_length = length_of_name(a);
      const size_t b_length = length_of_name(b);
      const bool named = ::strncmp(a, standard, sizeof standard - 1) == 0 ||
                         ::strncmp(b, standard, sizeof standard - 1) == 0;
      if (named && (a_length != b_length || ::strncmp(a, b, a_length) != 0)) return false;
      a += a_length;
      b += b_length;
      if (*a == '\0' || *b == '\0') return false;
    }
    return *a == *b;
  }

  // From one mark to the other.
  [[nodiscard]] static size_t length_of_name(const char* at) noexcept {
    size_t length = 0;
    while (at[length] != '\0' && at[length] != name_ends) ++length;
    return length;
  }

  [[nodiscard]] static bool has_like_layouts(record_reader a, record_reader b) noexcept {
    const char* name = nullptr;
    layout one;
    layout other;
    for (;;) {
      const bool more = next_layout(a, name, one);
      if (next_layout(b, name, other) != more) return false;
      if (!more) return true;
      if (::strcmp(one.size, other.size) != 0 || different_field(one.fields, other.fields) != 0) {
        return false;
      }
    }
  }

  // --- making

  // An entry for an object that is about to be constructed, by this thread. Without memory for one
  // nobody will find it again.
  /// @param key   null: nobody shall
  /// @param home  whose; with key
  void add(object_site& site, const object_wanted& wanted, const guarded_place* call, record& of,
           const text* key, const image* home, const text& news) noexcept {
    persistent_object* const made = allocate<persistent_object>();
    if (made == nullptr) return;
    const char* const layouts = wanted.type.layouts();
    made->of = &of;
    made->type = copy(wanted.type.text, ::strlen(wanted.type.text) + 1);
    made->layouts = copy(layouts, size_of_records(layouts) + 1);
    made->compiler = copy(wanted.compiler, ::strlen(wanted.compiler) + 1);
    made->made_by = this_thread<Os>();
    made->made_in = call;
    made->keeps_code = wanted.keeps_code();
    if (!news.empty()) made->news = copy(news.c_str(), news.size() + 1);
    bool whole = made->type != nullptr && made->layouts != nullptr && made->compiler != nullptr;
    if (key != nullptr) {
      made->key = copy(key->c_str(), key->size() + 1);
      whole = whole && made->key != nullptr && add_user(*made, *home, &site);
    }
    if (!whole) return discard_object(made);
    made->next = known_.objects;
    known_.objects = made;
    site.making_ = made;
  }

  [[nodiscard]] static bool add_user(persistent_object& to, const image& by,
                                     const void* site) noexcept {
    object_user* const user = allocate<object_user>();
    if (user == nullptr) return false;
    *user = object_user{&by, 0, site, to.users};
    to.users = user;
    return true;
  }

  [[nodiscard]] static char* copy(const char* from, size_t size) noexcept {
    char* const made = static_cast<char*>(::malloc(size));
    if (made != nullptr) ::memcpy(made, from, size);
    return made;
  }

  // --- what is told

  [[nodiscard]] static text begins_anew(const object_wanted& wanted,
                                        const differences& found) noexcept {
    text words;
    append_site(words, wanted.site)
        << " begins anew: its type has changed" << found.sides() << cure
        << "to carry its value over keep the old type under another name, and name a function "
           "from that to the new one in DYMOD_PERSISTENT_FROM";
    return words;
  }

  [[nodiscard]] static text twice(const object_wanted& wanted) noexcept {
    text words;
    append_site(words, wanted.site) << " is there twice: this one begins anew in each generation"
                                    << cure << "give one of the two variables another name";
    return words;
  }

  void tell_of_old_code(persistent_object& of, unsigned generation,
                        const object_wanted& wanted) noexcept {
    if (!of.keeps_code || of.told) return;
    of.told = true;
    text words;
    append_site(words, wanted.site)
        << " keeps the code of generation " << generation
        << ": virtual functions, std::function and pointers to functions stay what they were"
        << cure << "keep plain data in it, and make such objects anew from that";
    warn(*of.of, static_cast<text&&>(words));
  }

  void warn(const record& of, text&& words) noexcept {
    queue_event(known_, event_kind::warning, of, generation_of(of), static_cast<text&&>(words), 0);
  }

  static constexpr const char* cure = problem::line_break;

  registry& known_;
};

}}  // namespace dymod::detail

#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> bool object_runtime<Os>::find(object_site& site, const object_wanted& wanted) {
  return objects<Os>(process_registry()).find(site, wanted, &own_binary);
}

template <class Os> void object_runtime<Os>::complete(object_site& site, void* object) noexcept {
  objects<Os>(process_registry()).complete(site, object);
}

template <class Os> void object_runtime<Os>::abandon(object_site& site) noexcept {
  objects<Os>(process_registry()).abandon(site);
}

}}  // namespace dymod::detail

#endif

// `::new (site) type{…}` asks for these, in the global namespace only. The latter two are called
// when the constructor, or one of its arguments, throws.
DYMOD_DETAIL_HIDDEN inline void* operator new(size_t size, ::dymod::detail::object_site& site) {
  return ::dymod::detail::make_room(site, size);
}
DYMOD_DETAIL_HIDDEN inline void* operator new[](size_t size, ::dymod::detail::object_site& site) {
  return ::dymod::detail::make_room(site, size);
}
DYMOD_DETAIL_HIDDEN inline void operator delete(void*, ::dymod::detail::object_site& site) {
  ::dymod::detail::native_object_runtime::abandon(site);
}
DYMOD_DETAIL_HIDDEN inline void operator delete[](void* place, ::dymod::detail::object_site& site) {
  operator delete(place, site);
}

namespace dymod { namespace detail {

// Of one translation unit: what it knows of a type the next may not.
namespace {  // NOLINT(cert-dcl59-cpp): one in each is what is wanted
struct this_unit;
}

// Types of the standard library that call code through a pointer which their text does not show.
template <class Type> constexpr bool is_known_to_keep_code() {
  if constexpr (is_of_standard_library<Type>()) {
    name_view rest = compilers_name<Type>;
    for (; rest.size != 0 && *rest.characters != '<'; ++rest.characters, --rest.size) {
      if (begins_with(rest, {"::shared_ptr<", 13}) || begins_with(rest, {"::weak_ptr<", 11}))
        return true;
      if (begins_with(rest, {"::any", 5}) && rest.size == 5) return true;
    }
  }
  return false;
}

/// Whether objects of a type run the code that they were made by, as far as the type shows: a
/// class with virtual functions or a function, itself or behind pointers and template arguments.
template <class Type, class Moment> struct keeps_code {
  static constexpr bool value() {
    if constexpr (std::is_function_v<Type> || std::is_member_function_pointer_v<Type>) {
      return true;
    } else if constexpr (std::is_class_v<Type> && !has_hidden_arguments<Type>() &&
                         can_be_measured<Type, Moment>()) {
      return std::is_polymorphic_v<Type> || is_known_to_keep_code<Type>();
    } else {
      return false;
    }
  }
};
template <class Type, class Moment>
struct keeps_code<const Type, Moment> : keeps_code<Type, Moment> {};
template <class Type, class Moment> struct keeps_code<Type*, Moment> : keeps_code<Type, Moment> {};
template <class Type, class Moment> struct keeps_code<Type&, Moment> : keeps_code<Type, Moment> {};
template <class Type, size_t Size, class Moment>
struct keeps_code<Type[Size], Moment> : keeps_code<Type, Moment> {};
template <class Type, size_t Size, class Moment>
struct keeps_code<const Type[Size], Moment> : keeps_code<Type, Moment> {};
template <template <class...> class Template, class... Arguments, class Moment>
struct keeps_code<Template<Arguments...>, Moment> {
  static constexpr bool value() {
    return is_known_to_keep_code<Template<Arguments...>>() ||
           (keeps_code<Arguments, Moment>::value() || ...);
  }
};
template <template <class, size_t> class Template, class Argument, size_t Number, class Moment>
struct keeps_code<Template<Argument, Number>, Moment> : keeps_code<Argument, Moment> {};

// Asked at the end of the translation unit, see layouts_at_end().
template <class Unit, class Type> bool keeps_code_at_end() {
  constexpr bool whole = std::is_class_v<Type> && std::is_polymorphic_v<Type>;
  return whole || keeps_code<Type, Unit>::value();
}

template <class Type> struct type_record { static constexpr auto text = text_of<Type>(); };

template <class Unit, class Type> constexpr object_type describe_type() {
  return {type_record<Type>::text.characters, &layouts_at_end<Unit, Type>};
}

template <class Type, auto Function> void* convert(object_site& site, void* old) {
  using from = typename conversion_parts<decltype(Function)>::from;
  // A reference as it is; a value is given what is in the old object.
  using given = std::conditional_t<std::is_reference_v<from>, from, from&&>;
  auto& object = *static_cast<bare_t<from>*>(old);
  return ::new (site) Type(Function(static_cast<given>(object)));
}

template <class Unit, auto Function> constexpr object_type describe_source() {
  return describe_type<Unit, bare_t<typename conversion_parts<decltype(Function)>::from>>();
}

// Not the type that the user wrote: the object itself is no constant, so that a later build's may
// be a variable.
template <class Type> using made_type = std::remove_cv_t<Type>;

template <class Type, class Conversions> class DYMOD_DETAIL_HIDDEN persistent_site;
template <class Type, auto... Functions>
class DYMOD_DETAIL_HIDDEN persistent_site<Type, conversions<Functions...>> : public object_site {
  static_assert(!std::is_array_v<Type> || std::extent_v<Type> != 0,
                "dymod: a persistent array says its size, int[3]");
  static_assert(std::is_destructible_v<std::remove_all_extents_t<Type>>,
                "dymod: the type of a persistent variable cannot be destroyed, which release mode "
                "must do at the end of the program");

 public:
  using object_made = made_type<Type>;

  constexpr persistent_site() noexcept = default;

  /// @returns whether there is an object; else one is to be made and handed to made()
  template <class Unit> bool find(const site_text& written) {
    static constexpr object_conversion known[] = {
        {describe_source<Unit, Functions>(), &convert<object_made, Functions>}..., {}};
    const object_wanted wanted = {written,
                                  describe_type<Unit, object_made>(),
                                  &keeps_code_at_end<Unit, object_made>,
                                  DYMOD_DETAIL_COMPILER,
                                  known,
                                  sizeof...(Functions),
                                  alignof(Type)};
    return native_object_runtime::find(*this, wanted);
  }

  [[nodiscard]] Type& object() const noexcept { return *static_cast<Type*>(found()); }

  [[nodiscard]] Type& made(void* object) noexcept {
    native_object_runtime::complete(*this, object);
    return *static_cast<Type*>(object);
  }
};

// In a template `site.template find<unit>()` would do, outside of one compilers differ.
template <class Unit, class Site> bool find_object(Site& site, const site_text& written) {
  return site.template find<Unit>(written);
}

}}  // namespace dymod::detail

// The enclosing function is what the compiler calls a lambda in it (reload/site_name.hpp). clang++
// leaves out the arguments of function templates, and has them in its name for the function itself,
// which at namespace scope is "", with a warning.
#if defined(_MSC_VER) && !defined(__clang__)
#define DYMOD_DETAIL_LAMBDA_NAME [] { return __FUNCSIG__; }()
#else
#define DYMOD_DETAIL_LAMBDA_NAME [] { return __PRETTY_FUNCTION__; }()
#endif
#if defined(__clang__)
#define DYMOD_DETAIL_FUNCTION_NAME __PRETTY_FUNCTION__
#define DYMOD_DETAIL_QUIET_BEGIN                                                                 \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wglobal-constructors\"") \
      _Pragma("clang diagnostic ignored \"-Wpredefined-identifier-outside-function\"")
#define DYMOD_DETAIL_QUIET_END _Pragma("clang diagnostic pop")
#else
#define DYMOD_DETAIL_FUNCTION_NAME ""
#define DYMOD_DETAIL_QUIET_BEGIN
#define DYMOD_DETAIL_QUIET_END
#endif

// The source file that is compiled: a variable of a header at namespace scope is one in each.
#if defined(__GNUC__) || defined(__clang__)
#define DYMOD_DETAIL_BASE_FILE __BASE_FILE__
#else
#define DYMOD_DETAIL_BASE_FILE ""
#endif

#define DYMOD_DETAIL_PERSISTENT(functions, type, name, ...)                                      \
  DYMOD_DETAIL_QUIET_BEGIN                                                                       \
  static ::dymod::detail::persistent_site<                                                       \
      DYMOD_DETAIL_BARE(type), ::dymod::detail::conversions<DYMOD_DETAIL_BARE(functions)>>       \
      dymod_detail_site_of_##name;                                                               \
  static ::dymod::detail::written_type<DYMOD_DETAIL_BARE(type)>& name =                          \
      ::dymod::detail::find_object<::dymod::detail::this_unit>(                                  \
          dymod_detail_site_of_##name, {__FILE__, DYMOD_DETAIL_BASE_FILE, #name,                 \
                                        DYMOD_DETAIL_LAMBDA_NAME, DYMOD_DETAIL_FUNCTION_NAME})   \
          ? dymod_detail_site_of_##name.object()                                                 \
          : dymod_detail_site_of_##name.made(::new (                                             \
                dymod_detail_site_of_##name)::dymod::detail::made_type<DYMOD_DETAIL_BARE(type)>{ \
                __VA_ARGS__}) DYMOD_DETAIL_QUIET_END

#endif
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
