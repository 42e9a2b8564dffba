// SPDX-License-Identifier: MIT

// A declaration and calls of it, so that macros are expanded and templates instantiated in each
// variant. No standard header, no exception, no RTTI.

#ifndef DYMOD_TEST_HYGIENE_USE_HPP
#define DYMOD_TEST_HYGIENE_USE_HPP

#include <dymod/dymod.hpp>
#include <dymod/persistent.hpp>

struct herd {
  int size;
};

DYMOD(sheep, (count, int(int a, int b)), (shear, void(herd& h, float seconds) noexcept),
      (sell, auto(herd)->herd), )

DYMOD_EXTERN_C(grass, (grow, int(int)))

struct herd_1 {
  short size;
};
inline herd grow(const herd_1& old) { return {old.size}; }

DYMOD_PERSISTENT(int, shorn);
DYMOD_PERSISTENT_FROM(grow, herd, flock_of_three, 3);

inline int use_persistent(int start) {
  DYMOD_PERSISTENT((int[2]), calls, start);
  DYMOD_PERSISTENT_FROM((grow), const herd, constant, start);
  return ++calls[0] + ++shorn + ++flock_of_three.size + constant.size;
}

inline int use_sheep() {
  herd h = sheep::sell({sheep::count(1, 2)});
  sheep::shear(h, 0.5F + static_cast<float>(use_persistent(h.size)));
  const dymod::event_handler before = dymod::set_event_handler(nullptr);
  dymod::set_event_handler(before.function, before.user);
  const bool any = sheep::reload() || dymod::reload_all();
  return any && sheep::library.path()[0] != '/' && sheep::library.generation() > 1 ? grass::grow(1)
                                                                                   : h.size;
}

#endif
