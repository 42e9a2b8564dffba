// SPDX-License-Identifier: MIT

// cl without /Zc:preprocessor. (The macro by which it tells stands in for it.)
// flags: -D_MSVC_TRADITIONAL=1
// expect: dymod: needs the standard preprocessor: compile with /Zc:preprocessor

#include <dymod/dymod.hpp>
