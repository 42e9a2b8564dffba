// SPDX-License-Identifier: MIT

// What a reload costs, in time and in memory, when 10, 100, 1,000 and 5,000 generations are kept,
// as dymod keeps them. Run once with --benchmark_filter=dymod and once with floor: the floor has
// kept as many, and each run begins with none.

#include <benchmark/benchmark.h>

#include <fstream>
#include <string>
#include <vector>

#include "builds.hpp"
#include "small.hpp"

namespace {

/// Bytes of this process's share of its memory.
double memory_in_use() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string word; file >> word;) {
    if (word != "Pss:") continue;
    double kilobytes = 0;
    file >> kilobytes;
    return kilobytes * 1024;
  }
  fail("/proc/self/smaps_rollup");
}

class kept_generations {
 public:
  /// @param next  takes the library's next build over and asks it for its answer
  explicit kept_generations(int (*next)(const std::string& library))
      : next_(next), made_("small"), memory_before_(memory_in_use()) {}

  /// @returns seconds of the next reload
  double reload() {
    made_.write();
    made_.put();
    const stopwatch time;
    const int answer = next_(made_.library());
    const double seconds = time.seconds();
    if (answer != made_.number()) fail("an answer of old code");
    ++kept_;
    return seconds;
  }

  [[nodiscard]] int kept() const { return kept_; }
  [[nodiscard]] double bytes_each() const {
    return (memory_in_use() - memory_before_) / static_cast<double>(kept_);
  }

 private:
  int (*next_)(const std::string& library);
  builds made_;
  double memory_before_;
  int kept_ = 0;
};

int by_call(const std::string&) { return small::number(); }

std::vector<floor_image>& floor_images() {
  static std::vector<floor_image> all;
  return all;
}

int by_floor(const std::string& library) {
  floor_images().emplace_back();
  return floor_images().back().open(library);
}

void register_rows(const char* name, int (*next)(const std::string& library)) {
  auto* const generations = new kept_generations(next);
  for (const int count : {10, 100, 1000, 5000}) {
    benchmark::RegisterBenchmark((std::to_string(count) + " kept/" + name).c_str(),
                                 [generations, count](benchmark::State& state) {
                                   if (generations->kept() < count) {
                                     while (generations->kept() < count) generations->reload();
                                     state.counters["memory"] = generations->bytes_each();
                                   }
                                   for (auto _ : state) {
                                     state.SetIterationTime(generations->reload());
                                   }
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(25)
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  dymod::set_event_handler(&expect_no_complaint);
  register_rows("dymod", &by_call);
  register_rows("floor", &by_floor);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  for (floor_image& each : floor_images()) each.close();
  return 0;
}
