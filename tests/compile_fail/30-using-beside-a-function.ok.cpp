// SPDX-License-Identifier: MIT

// What to write instead in both modes: a scope without a function of that name.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))

int count(double weight);

namespace inside {
using sheep::count;
}  // namespace inside
