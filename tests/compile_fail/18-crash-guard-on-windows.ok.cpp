// SPDX-License-Identifier: MIT

// The passing twin: without the guard.
// flags: -D_WIN32=1

#include <dymod/config.hpp>
