// SPDX-License-Identifier: MIT

// Uses all of the public surface, so that clang-tidy sees every template that a program
// instantiates. Compiled by that check only.

#include <dymod/crash_guard.hpp>
#include <dymod/persistent.hpp>

DYMOD(sheep, (count, int(int)), (shear, void() noexcept))
DYMOD_EXTERN_C(meadow, (meadow_grow, int(int)))

struct herd_1 {
  int size;
};
struct herd {
  long size;
};
static herd from_herd_1(const herd_1& old) { return {old.size}; }
DYMOD_PERSISTENT_FROM(from_herd_1, herd, pasture, 3);

int main() {
  DYMOD_PERSISTENT(int, calls);
  const dymod::event_handler before =
      dymod::set_event_handler([](const dymod::event&, void*) {}, nullptr);
  dymod::hook saving = sheep::library.before_reload([] {});
  sheep::library.after_reload([] {});
  sheep::shear();
  const bool changed = sheep::reload() || dymod::reload_all();
  const unsigned generation = sheep::library.generation();
  saving.remove();
  sheep::library.roll_back();
  static_cast<void>(sheep::library.unload_old());
  dymod::set_event_handler(before.function, before.user);
  return sheep::count(1) + ++calls + static_cast<int>(pasture.size) + meadow::meadow_grow(2) +
         static_cast<int>(generation) + static_cast<int>(changed) +
         static_cast<int>(sheep::library.path()[0]);
}
