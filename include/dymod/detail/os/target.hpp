// SPDX-License-Identifier: MIT

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
