// SPDX-License-Identifier: MIT

// A translation unit that guards nothing, in a program of which another one does.

#undef DYMOD_CRASH_GUARD
#define DYMOD_CRASH_GUARD 0

#include "sheep.hpp"

int crash_not_guarded(int how);
int crash_not_guarded(int how) { return sheep::crash(how); }
int catch_in_module(int how);
int catch_in_module(int how) { return wolf::caught(how); }
