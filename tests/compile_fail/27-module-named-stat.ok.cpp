// SPDX-License-Identifier: MIT

// What to write instead in both modes: the module inside a namespace.

#include <dymod/dymod.hpp>

namespace farm {
DYMOD(stat, (now, int()))
}  // namespace farm
