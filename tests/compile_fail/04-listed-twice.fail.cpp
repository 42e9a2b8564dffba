// SPDX-License-Identifier: MIT

// One name, one function. Equal types would make two harmless declarations of it in static mode;
// refused there too, because the list is wrong in dynamic mode.
// expect: dymod_error_count_is_listed_twice

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)), (shear, void()), (count, int(int)))
