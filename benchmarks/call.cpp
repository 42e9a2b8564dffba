// SPDX-License-Identifier: MIT

// What a call costs: the floors, and the program. The policies are in call_policy.cpp. Built twice,
// as call_O2 and call_O0: the program's own code is that of an optimised and of a plain debug
// build.

#include <dlfcn.h>
#include <sys/stat.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "call.hpp"
#include "call_adders.hpp"

extern "C" int c_add(int a, int b);

namespace {

// Not constant, as no pointer is that a reload changes.
int (*function_pointer)(int, int);

int stat_of(const char* path) {
  struct ::stat status;
  return ::stat(path, &status);
}

int coarse_clock() {
  struct ::timespec now;
  return ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
}

void complain(const dymod::event& news, void*) {
  if (news.kind == dymod::event_kind::loaded) return;
  std::fprintf(stderr, "%s\n", news.message);
  std::exit(1);
}

void register_floors() {
  static const std::string short_name = short_path::library.path();
  static const std::string deep_name = deep_path::library.path();
  void* const library = ::dlopen(c_symbols::library.path(), RTLD_NOW | RTLD_LOCAL);
  void* const found = library != nullptr ? ::dlsym(library, "c_add") : nullptr;
  if (found == nullptr) {
    std::fprintf(stderr, "%s\n", ::dlerror());
    std::exit(1);
  }
  function_pointer = reinterpret_cast<int (*)(int, int)>(found);

  register_call("direct call", [](int sum) { return c_add(sum, 1); });
  register_call("function pointer", [](int sum) { return function_pointer(sum, 1); });
  register_call("stat/short path", [](int sum) { return sum + stat_of(short_name.c_str()); });
  register_call("stat/eight components", [](int sum) { return sum + stat_of(deep_name.c_str()); });
  register_call("coarse clock", [](int sum) { return sum + coarse_clock(); });
}

}  // namespace

int main(int argc, char** argv) {
  dymod::set_event_handler(&complain);
  // A library's path is known once it has been called.
  if (short_path::add(1, 2) + deep_path::add(3, 4) + c_symbols::c_add(5, 6) != 21) return 1;
  register_floors();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
