// SPDX-License-Identifier: MIT

// dymod behind <windows.h> with all its macros: declarations of the same functions agree.

#include <windows.h>
// Behind it.
#include <psapi.h>

#include <dymod/dymod.hpp>

DYMOD(cow, (answer, int()))

int call_with_windows_before() { return cow::answer(); }
