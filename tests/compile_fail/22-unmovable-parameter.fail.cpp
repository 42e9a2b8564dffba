// SPDX-License-Identifier: MIT

// Difference between the modes: a parameter taken by value is moved on the way into the module in
// debug; one that cannot be moved is refused there.
// expect: dymod: a parameter of this function can be neither moved nor copied

#include <dymod/dymod.hpp>

struct gate {
  gate() = default;
  gate(gate&&) = delete;
};

DYMOD(sheep, (close, void(gate)))
