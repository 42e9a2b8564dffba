// SPDX-License-Identifier: MIT

// The name of the system this translation unit is compiled for: all that a file needs that only
// calls modules. os.hpp has what is behind the name.

#ifndef DYMOD_DETAIL_OS_NATIVE_HPP
#define DYMOD_DETAIL_OS_NATIVE_HPP

#include <dymod/detail/os/target.hpp>

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
