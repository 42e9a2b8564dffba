// SPDX-License-Identifier: MIT

// A declaration and calls of it, so that macros are expanded and templates instantiated in each
// variant. No standard header, no exception, no RTTI.

#ifndef DYMOD_TEST_HYGIENE_USE_HPP
#define DYMOD_TEST_HYGIENE_USE_HPP

#include <dymod/dymod.hpp>

struct herd {
  int size;
};

DYMOD(sheep, (count, int(int a, int b)), (shear, void(herd& h, float seconds) noexcept),
      (sell, auto(herd)->herd), )

DYMOD_EXTERN_C(grass, (grow, int(int)))

inline int use_sheep() {
  herd h = sheep::sell({sheep::count(1, 2)});
  sheep::shear(h, 0.5F);
  const dymod::event_handler before = dymod::set_event_handler(nullptr);
  dymod::set_event_handler(before.function, before.user);
  const bool any = sheep::reload() || dymod::reload_all();
  return any && sheep::library.path()[0] != '/' && sheep::library.generation() > 1 ? grass::grow(1)
                                                                                   : h.size;
}

#endif
