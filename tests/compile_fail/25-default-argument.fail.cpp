// SPDX-License-Identifier: MIT

// Difference between the modes: a reference to a function takes no default arguments.
// expect: (redeclared as different kind|conflicts with target of using declaration)

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))

namespace sheep {
int count(int from = 1);
}  // namespace sheep

inline int work() { return sheep::count(); }
