// SPDX-License-Identifier: MIT

#include "lamb.hpp"

#include <stdexcept>

std::string lamb::call(const std::string& name) { return "Come here, " + name + "!"; }

void lamb::refuse() { throw std::runtime_error("no"); }
