// SPDX-License-Identifier: MIT

// What to write instead in both modes: the overload elsewhere, or under a name of its own.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))

namespace sheep {
inline int count_by_weight(double weight) { return static_cast<int>(weight); }
}  // namespace sheep
