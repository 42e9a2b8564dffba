// SPDX-License-Identifier: MIT

// Difference between the modes: a reference to a function is not found by the type of an argument.
// expect: ('shear' was not declared in this scope|use of undeclared identifier 'shear')

#include <dymod/dymod.hpp>

namespace sheep {
struct herd {};
}  // namespace sheep

DYMOD(sheep, (shear, void(herd&)))

inline void work(sheep::herd& herd) { shear(herd); }
