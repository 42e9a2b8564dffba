// SPDX-License-Identifier: MIT

// There is no look before the last one.
// flags: -DDYMOD_CHECK_INTERVAL_MS=-1
// expect: dymod: DYMOD_CHECK_INTERVAL_MS is a number of milliseconds, 0 or more

#include <dymod/dymod.hpp>
