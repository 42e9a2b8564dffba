// SPDX-License-Identifier: MIT

// Difference between the modes: a reference to a function has no overloads beside it.
// expect: (redeclared as different kind|conflicts with target of using declaration)

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))

namespace sheep {
inline int count(double weight) { return static_cast<int>(weight); }
}  // namespace sheep
