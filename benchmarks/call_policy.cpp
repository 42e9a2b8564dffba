// SPDX-License-Identifier: MIT

// Calls of modules under one policy. Compiled once per policy, for that belongs to a translation
// unit: CMakeLists.txt defines DYMOD_BENCHMARK_POLICY, its name, and what makes it.

#include "call.hpp"
#include "call_adders.hpp"

namespace {

const bool is_registered = [] {
  const std::string policy = DYMOD_BENCHMARK_POLICY;
  register_call(policy + "/short path", [](int sum) { return short_path::add(sum, 1); });
  if constexpr (dymod::is_dynamic) {
    register_call(policy + "/eight components", [](int sum) { return deep_path::add(sum, 1); });
    register_call(policy + "/DYMOD_EXTERN_C", [](int sum) { return c_symbols::c_add(sum, 1); });
  }
  return true;
}();

}  // namespace
