// SPDX-License-Identifier: MIT

#include "parts.hpp"

namespace {

constexpr parts::sectors<KILOBYTES * 1024 / 2> values(STAMP);

}  // namespace

int parts::constants() { return values.check(); }
