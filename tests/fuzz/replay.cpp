// SPDX-License-Identifier: MIT

// The fuzzer's inputs without the fuzzer, for compilers that have none: each file of the folders
// named is given to what image.fuzz.cpp does with one. What was found once stays found.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "support/workshop.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Nothing is made from another input here.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t*, std::size_t size, std::size_t) {
  return size;
}

// replay <folder>...
int main(int count, char** arguments) {
  std::size_t inputs = 0;
  for (int i = 1; i < count; ++i) {
    const std::string folder = arguments[i];
    for (const std::string& name : workshop::names_in(folder)) {
      const std::string file = workshop::read_file(folder + "/" + name);
      std::fprintf(stderr, "%s\n", name.c_str());  // the last one is the one
      // A block of its own, so that AddressSanitizer knows where it ends.
      const std::vector<std::uint8_t> input(file.begin(), file.end());
      LLVMFuzzerTestOneInput(input.data(), input.size());
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}
