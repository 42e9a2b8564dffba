// SPDX-License-Identifier: MIT

// What dymod does beyond calls, compiled once for each program and library instead of once for each
// file that calls modules: where DYMOD_SEPARATE_RUNTIME is defined, as dymod's CMake target does,
// which compiles this file, too. In static mode there is nothing of it.

#include <dymod/config.hpp>

#if DYMOD_DETAIL_DYNAMIC()
#include <dymod/detail/reload/object_runtime.hpp>
#include <dymod/detail/reload/runtime.hpp>
template struct dymod::detail::runtime<dymod::detail::os::native>;
template struct dymod::detail::object_runtime<dymod::detail::os::native>;
#endif
