// SPDX-License-Identifier: MIT

// What to write instead in both modes: a function that calls with the default.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))

namespace sheep {
inline int count_from_one() { return count(1); }
}  // namespace sheep

inline int work() { return sheep::count_from_one(); }
