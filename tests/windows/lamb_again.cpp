// SPDX-License-Identifier: MIT

// The module's header in a second translation unit: what it exports is there once.

#include "lamb.hpp"

std::string greeting_of_lamb() { return lamb::call("Dolly"); }
