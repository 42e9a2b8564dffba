// SPDX-License-Identifier: MIT

// The one platform switch: `os::native` is the system this translation unit is compiled for. A
// platform is a struct of static functions; posix.hpp has the list with the contracts. Nothing
// outside this folder may ask which system it is.

#ifndef DYMOD_DETAIL_OS_OS_HPP
#define DYMOD_DETAIL_OS_OS_HPP

#if defined(__linux__) || defined(__APPLE__)
#include <dymod/detail/os/posix.hpp>
#define DYMOD_DETAIL_OS posix
#elif defined(_WIN32)
#include <dymod/detail/os/windows.hpp>
#define DYMOD_DETAIL_OS windows
#else
#error "dymod: hot swapping works on Linux, macOS and Windows; define DYMOD_FORCE_STATIC here"
#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

using native = DYMOD_DETAIL_OS;
#undef DYMOD_DETAIL_OS

}}}  // namespace dymod::detail::os

#endif
