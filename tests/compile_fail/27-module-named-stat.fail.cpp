// SPDX-License-Identifier: MIT

// Difference between the modes: debug includes system headers, and one of them has this name at
// global scope; release includes none.
// expect: (redeclared as different kind|redefinition of 'stat' as different kind)

#include <dymod/dymod.hpp>

DYMOD(stat, (now, int()))
