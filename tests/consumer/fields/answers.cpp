// SPDX-License-Identifier: MIT

// See answers.hpp.

#include "answers.hpp"

int answer() { return 200; }
