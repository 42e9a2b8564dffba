// SPDX-License-Identifier: MIT

// The passing twin: `noexcept` is a part of the type that a plain function may have.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int) noexcept))
