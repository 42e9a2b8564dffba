// SPDX-License-Identifier: MIT

// The version of dymod, written down here and nowhere else: CMake and the tests read it from these
// lines. Includes nothing.

#ifndef DYMOD_VERSION_HPP
#define DYMOD_VERSION_HPP

/// Greater when programs must be changed for it. A number for `#if`.
#define DYMOD_VERSION_MAJOR 1
/// Greater when there is something new. A number for `#if`.
#define DYMOD_VERSION_MINOR 0
/// Greater when something was mended. A number for `#if`.
#define DYMOD_VERSION_PATCH 0

#endif
