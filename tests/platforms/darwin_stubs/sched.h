// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

extern "C" int sched_yield();
