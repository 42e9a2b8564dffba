// SPDX-License-Identifier: MIT

// Equal types are fine, equal names are not.

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)), (shear, void()), (count_again, int(int)))
