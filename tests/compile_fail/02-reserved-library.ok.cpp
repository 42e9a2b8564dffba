// SPDX-License-Identifier: MIT

// A name that only ends like a reserved one is the user's to take.

#include <dymod/dymod.hpp>

DYMOD(sheep, (open_library, int(int)))
