// SPDX-License-Identifier: MIT

// A module that calls another module.

#include "dog.hpp"

#include "sheep.hpp"

int dog::bark() { return sheep::update(5000); }
