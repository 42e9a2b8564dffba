// SPDX-License-Identifier: MIT

// The modules short_path and deep_path, and what static mode links: DYMOD_BENCHMARK_MODULE says
// which.

#include "call_adders.hpp"

int DYMOD_BENCHMARK_MODULE::add(int a, int b) { return a + b; }
