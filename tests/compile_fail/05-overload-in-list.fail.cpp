// SPDX-License-Identifier: MIT

// Two types under one name would be overloads, which a module does not have, in no mode.
// expect: dymod_error_count_is_listed_twice

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)), (count, int(double)))
