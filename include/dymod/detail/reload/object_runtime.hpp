// SPDX-License-Identifier: MIT

// What is behind the door of DYMOD_PERSISTENT (declare/object_site.hpp).

#ifndef DYMOD_DETAIL_RELOAD_OBJECT_RUNTIME_HPP
#define DYMOD_DETAIL_RELOAD_OBJECT_RUNTIME_HPP

#include <dymod/detail/declare/object_site.hpp>
#include <dymod/detail/os/os.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/objects.hpp>
#include <dymod/detail/state/process.hpp>

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
