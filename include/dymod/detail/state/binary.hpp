// SPDX-License-Identifier: MIT

// What this binary shows the others of its process.

#ifndef DYMOD_DETAIL_STATE_BINARY_HPP
#define DYMOD_DETAIL_STATE_BINARY_HPP

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/registry.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

DYMOD_DETAIL_FOUND_BY_OTHERS(binary, own_binary);

}}  // namespace dymod::detail

#endif
