// SPDX-License-Identifier: MIT

// One process, one registry, however many binaries use dymod: each has one of its own, and the
// system tells which binary was loaded first (os/). A registry handed to an image when it is opened
// would come too late: its static constructors run inside the opening.

#ifndef DYMOD_DETAIL_STATE_PROCESS_HPP
#define DYMOD_DETAIL_STATE_PROCESS_HPP

#include <dymod/detail/os/os.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/binary.hpp>
#include <dymod/detail/state/registry.hpp>

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
