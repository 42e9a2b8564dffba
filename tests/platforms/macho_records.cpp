// SPDX-License-Identifier: MIT

// macho_records <file> <arm64|x86_64> <module>: reads a library of macOS as the loader does before
// it opens one there, and prints its description's records, a line each.

#include <cstdio>
#include <string>

#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/macho.hpp>

#include "support/workshop.hpp"

using namespace dymod::detail;

int main(int count, char** arguments) {
  if (count != 4) return 1;
  const std::string file = workshop::read_file(arguments[1]);
  const bool arm64 = std::string(arguments[2]) == "arm64";
  macho image({reinterpret_cast<const unsigned char*>(file.data()), file.size()});
  text why;
  if (image.check({arm64 ? 0x0100000cu : 0x01000007u, false}, why) != completeness::complete) {
    std::printf("%s\n", why.c_str());
    return 1;
  }
  bytes content;
  const std::string symbol = std::string("dymod_description_") + arguments[3];
  if (!image.find_symbol(symbol.c_str(), content)) {
    std::printf("no symbol %s\n", symbol.c_str());
    return 1;
  }
  description described(content);
  if (!described.readable()) {
    std::printf("no description\n");
    return 1;
  }
  record_reader::record each;
  while (described.next(each)) std::printf("%s %s %s\n", each.kind, each.name, each.value);
  return 0;
}
