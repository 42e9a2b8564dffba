// SPDX-License-Identifier: MIT

// Windows has no signals to guard calls with. (The macro of its compilers stands in for it.)
// flags: -D_WIN32=1 -DDYMOD_CRASH_GUARD=1
// expect: dymod: DYMOD_CRASH_GUARD works on Linux and macOS; do not define it on Windows

#include <dymod/config.hpp>
