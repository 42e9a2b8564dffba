// SPDX-License-Identifier: MIT

// What to write instead in both modes: the module's name.

#include <dymod/dymod.hpp>

namespace sheep {
struct herd {};
}  // namespace sheep

DYMOD(sheep, (shear, void(herd&)))

inline void work(sheep::herd& herd) { sheep::shear(herd); }
