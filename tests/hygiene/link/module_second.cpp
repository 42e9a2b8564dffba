// SPDX-License-Identifier: MIT

// The other of the two translation units of the module.

#include "shared.hpp"

int sheep::shear() noexcept { return 5; }
