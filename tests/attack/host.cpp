// SPDX-License-Identifier: MIT

// A host under attack: an ordinary program that calls the module all the time and does not believe
// what it gets. Compiled twice, as calls look for news or only reload() and reload_all() do.
//
//     host <role> <how many loads make a life>
//
// calls    one thread calls
// threads  four threads call
// unloads  one thread calls, and unloads old generations now and then
// reloads  one thread calls, and says reload() before it
// all      the same with reload_all()
//
// It says what it was told to on its standard output:
//
//     report -> "report <generation> <stamp that each thread had last>…"; from then on it stays
//     end    -> what follows, and ends; so it does of its own accord after a number of loads
//               "loads <count>", "refused <count> <words>"…, "done"
//
// A wrong answer ends it at once, by _exit(), so that its copies are left for study.

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "module/sheep.hpp"

namespace {

constexpr int wrong_answer = 99;  // the exit code; attack.cpp knows it

std::mutex hearing;
unsigned loads = 0;
std::map<std::string, unsigned> refusals;

void hear(const dymod::event& news, void*) {
  const std::lock_guard<std::mutex> alone(hearing);
  if (news.kind == dymod::event_kind::rejected) {
    // "incomplete library: '/…": the words of the step.
    const std::string message = news.message;
    ++refusals[message.substr(0, message.find(": "))];
  } else if (news.kind != dymod::event_kind::warning) {
    ++loads;
  }
}

unsigned count_loads() {
  const std::lock_guard<std::mutex> alone(hearing);
  return loads;
}

int prove() {
  for (;;) {
    try {
      const int stamp = sheep::prove();
      if (stamp > 0) return stamp;
      std::printf("wrong: part %d, generation %u\n", -stamp, sheep::library.generation());
      std::fflush(stdout);
      ::_exit(wrong_answer);
    } catch (const dymod::error&) {
      // Nothing was ever loaded, and nothing is there to be loaded now.
    }
  }
}

// As a program that draws a frame, or serves a request, in between.
void rest() { std::this_thread::sleep_for(std::chrono::microseconds(100)); }

bool has_line(std::string& line) {
  pollfd ready{0, POLLIN, 0};
  if (::poll(&ready, 1, 0) <= 0) return false;
  line.clear();
  char each = 0;
  while (::read(0, &each, 1) == 1 && each != '\n') line += each;
  if (each != '\n') line = "end";  // whoever started this host is gone
  return true;
}

void say_farewell() {
  const std::lock_guard<std::mutex> alone(hearing);
  std::printf("loads %u\n", loads);
  for (const auto& each : refusals) std::printf("refused %u %s\n", each.second, each.first.c_str());
  std::puts("done");
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  const std::string role = words[1];
  unsigned life = static_cast<unsigned>(std::atoi(words[2]));
  dymod::set_event_handler(hear);

  std::atomic<bool> over{false};
  std::vector<std::atomic<int>> stamps(role == "threads" ? 4 : 1);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < stamps.size(); ++i) {
    threads.emplace_back([&, i] {
      for (; !over; rest()) stamps[i] = prove();
    });
  }
  unsigned unloaded_at = 0;
  while (!over && count_loads() < life) {
    if (role == "reloads") {
      try {
        sheep::reload();
      } catch (const dymod::error&) {
        // As in prove().
      }
    }
    if (role == "all") static_cast<void>(dymod::reload_all());
    stamps[0] = prove();
    if (role == "unloads" && count_loads() >= unloaded_at + 3) {
      unloaded_at = count_loads();
      sheep::library.unload_old();
    }
    rest();
    std::string line;
    if (!has_line(line)) continue;
    if (line == "end") over = true;
    if (line != "report") continue;
    life = std::numeric_limits<unsigned>::max();
    std::string report = "report " + std::to_string(sheep::library.generation());
    for (const std::atomic<int>& each : stamps) report += " " + std::to_string(each);
    std::puts(report.c_str());
    std::fflush(stdout);
  }
  over = true;
  for (std::thread& each : threads) each.join();
  say_farewell();
}
