// SPDX-License-Identifier: MIT

// The passing twin: another name.

#include <dymod/dymod.hpp>

DYMOD_EXTERN_C(sheep, (reload_sheep, bool()))
