// SPDX-License-Identifier: MIT

// What two binaries must have in common to hand C++ objects to each other, as records of a
// description (see reload/description.hpp). The compiler itself need not be the same; its name
// tells how far the names of types can be compared.

#ifndef DYMOD_DETAIL_DECLARE_ABI_HPP
#define DYMOD_DETAIL_DECLARE_ABI_HPP

#include <stdint.h>  // UINTPTR_MAX

#include <exception>  // the standard library's switches are set by any of its headers

#include <dymod/detail/os/target.hpp>  // DYMOD_DETAIL_QUOTE

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
