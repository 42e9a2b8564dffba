// SPDX-License-Identifier: MIT

#include "parts.hpp"

namespace {

parts::sectors<KILOBYTES * 1024 / 4> variables(STAMP);

}  // namespace

int parts::data() { return variables.check(); }
