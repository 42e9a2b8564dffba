// SPDX-License-Identifier: MIT

// The one platform switch: `os::native` is the system this translation unit is compiled for. A
// platform is a struct of static functions; posix.hpp has the list with the contracts. Nothing
// outside this folder may ask which system it is.

#ifndef DYMOD_DETAIL_OS_OS_HPP
#define DYMOD_DETAIL_OS_OS_HPP

#include <dymod/detail/os/native.hpp>

#if defined(_WIN32)
#include <dymod/detail/os/windows.hpp>
#else
#include <dymod/detail/os/posix.hpp>
#endif

#endif
