// SPDX-License-Identifier: MIT

// The passing twin: a name for each type.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)), (count_fractions, int(double)))
