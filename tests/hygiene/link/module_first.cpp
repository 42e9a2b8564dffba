// SPDX-License-Identifier: MIT

// One of the two translation units of the module.

#include "shared.hpp"

int sheep::count(int a) { return a + 10; }
