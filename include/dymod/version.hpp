// SPDX-License-Identifier: MIT

// The version of dymod, written down here and nowhere else: CMake and the tests read it from these
// lines. Includes nothing.

#ifndef DYMOD_VERSION_HPP
#define DYMOD_VERSION_HPP

#define DYMOD_VERSION_MAJOR 1
#define DYMOD_VERSION_MINOR 0
#define DYMOD_VERSION_PATCH 0

#endif
