// SPDX-License-Identifier: MIT

#include <dymod/dymod.hpp>

static_assert(!dymod::is_dynamic, "nothing else is possible there");
