// SPDX-License-Identifier: MIT

// What to write instead in both modes: a reference. A result may be unmovable.

#include <dymod/dymod.hpp>

struct gate {
  gate() = default;
  gate(gate&&) = delete;
};

DYMOD(sheep, (close, void(gate&)), (close_copy, void(gate&&)), (make, gate()))
