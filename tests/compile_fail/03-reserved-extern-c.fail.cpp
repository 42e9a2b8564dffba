// SPDX-License-Identifier: MIT

// Reserved names are reserved in DYMOD_EXTERN_C as well.
// expect: dymod: 'reload' is a name of dymod's own

#include <dymod/dymod.hpp>

DYMOD_EXTERN_C(sheep, (reload, bool()))
