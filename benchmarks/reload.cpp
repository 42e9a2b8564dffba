// SPDX-License-Identifier: MIT

// What a reload costs: from the moment in which the new library is in place to the first answer of
// the new code, beside what has to be done in any case (floor_image). Both are closed again,
// untimed, so that no generations gather: that is generations.cpp. Built as reload_O2 and
// reload_O0.

#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <vector>

#include "builds.hpp"
#include "modules.hpp"

namespace {

/// A module, and its builds.
struct reloaded {
  explicit reloaded(const module_to_reload& given) : module(given), made(given.name) {}
  module_to_reload module;
  builds made;
};

using group = std::vector<reloaded>;

/// Runs `take_over` with all builds new, and asks each module for its answer.
void measure(benchmark::State& state, group& modules,
             const std::function<int(size_t number)>& answer_of,
             const std::function<void()>& clean_up) {
  double size = 0;
  for (const reloaded& each : modules) size += static_cast<double>(each.made.size());
  state.counters["bytes"] = size / static_cast<double>(modules.size());
  std::vector<int> answers(modules.size());
  for (auto _ : state) {
    for (reloaded& each : modules) each.made.write();
    for (const reloaded& each : modules) each.made.put();
    const stopwatch time;
    for (size_t i = 0; i < modules.size(); ++i) answers[i] = answer_of(i);
    state.SetIterationTime(time.seconds());
    for (size_t i = 0; i < modules.size(); ++i) {
      if (answers[i] != modules[i].made.number()) state.SkipWithError("an answer of old code");
    }
    clean_up();
  }
}

void unload_old(const group& modules) {
  for (const reloaded& each : modules) each.module.unload_old();
}

void by_calls(benchmark::State& state, group& modules) {
  for (const reloaded& each : modules) each.module.number();
  measure(
      state, modules, [&](size_t i) { return modules[i].module.number(); },
      [&] { unload_old(modules); });
}

void by_reload_all(benchmark::State& state, group& modules) {
  for (const reloaded& each : modules) each.module.number();
  measure(
      state, modules,
      [&](size_t i) {
        if (i == 0) dymod::reload_all();
        return modules[i].module.number();
      },
      [&] { unload_old(modules); });
}

void by_floor(benchmark::State& state, group& modules) {
  std::vector<floor_image> images(modules.size());
  measure(
      state, modules, [&](size_t i) { return images[i].open(modules[i].made.library()); },
      [&] {
        for (floor_image& each : images) each.close();
      });
}

void register_rows(const std::string& name, const std::string& modules_named) {
  // Dymod's rows and the floor's reload the same files.
  auto* const modules = new group;
  for (const module_to_reload& each : modules_to_reload) {
    if (std::string(each.name).find(modules_named) == 0) modules->emplace_back(each);
  }
  const auto add = [&](const char* row, void (*run)(benchmark::State&, group&)) {
    benchmark::RegisterBenchmark((name + row).c_str(),
                                 [=](benchmark::State& state) { run(state, *modules); })
        ->UseManualTime()
        ->Iterations(1)  // the mean of several would have in it what the machine did besides
        ->Unit(benchmark::kMicrosecond);
  };
  add("/dymod", &by_calls);
  if (modules->size() > 1) add("/reload_all", &by_reload_all);
  add("/floor", &by_floor);
}

}  // namespace

int main(int argc, char** argv) {
  dymod::set_event_handler(&expect_no_complaint);
  register_rows("20 KB", "small");
  register_rows("100 functions", "functions_100");
  register_rows("256 functions", "functions_256");
  register_rows("50 MB", "large");
  register_rows("50 modules", "fifty_");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
