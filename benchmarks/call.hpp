// SPDX-License-Identifier: MIT

// How a call is measured. Every row of call.cpp and call_policy.cpp runs this loop, so that what
// one costs over another is the call and nothing else.

#ifndef DYMOD_BENCHMARKS_CALL_HPP
#define DYMOD_BENCHMARKS_CALL_HPP

#include <benchmark/benchmark.h>

#include <string>  // string

/// What Google Benchmark is asked in between costs at -O0 more than a call does: it is asked once
/// per so many calls.
inline constexpr int calls_at_once = 1000;

/// Measures `call`, an `int(int)`, on 1, 2 and 8 threads at once. Each call needs the result of
/// the one before: none can be left out, and none begins before the last one has ended.
template <class Call> void register_call(const std::string& name, Call call) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [call](benchmark::State& state) {
                                 int sum = call(0);  // loads the module, and guards the thread
                                 while (state.KeepRunningBatch(calls_at_once)) {
                                   for (int i = 0; i < calls_at_once; ++i) sum = call(sum);
                                 }
                                 benchmark::DoNotOptimize(sum);
                               })
      ->Threads(1)
      ->Threads(2)
      ->Threads(8);
}

#endif
