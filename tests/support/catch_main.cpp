// SPDX-License-Identifier: MIT

// The main function of all test programs, for Catch2 version 2. Compiled once, because it takes
// long.

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
