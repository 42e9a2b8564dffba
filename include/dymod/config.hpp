// SPDX-License-Identifier: MIT

// Turns what the user defined (NDEBUG, DYMOD_FORCE_STATIC, DYMOD_FORCE_DYNAMIC and the policies)
// into answers that the other headers read. The only file that looks at NDEBUG. Internal flags look
// like functions, so that a misspelt one is an error and not a silent 0. Includes no standard
// header.

#ifndef DYMOD_CONFIG_HPP
#define DYMOD_CONFIG_HPP

#include <dymod/detail/os/target.hpp>  // DYMOD_DETAIL_OS_LOADS_LIBRARIES

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
