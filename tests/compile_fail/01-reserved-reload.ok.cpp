// SPDX-License-Identifier: MIT

// A name that only begins like a reserved one is the user's to take.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)), (reload_all, bool()))
