// SPDX-License-Identifier: MIT

// cl with /Zc:preprocessor.
// flags: -D_MSVC_TRADITIONAL=0

#include <dymod/dymod.hpp>
