// SPDX-License-Identifier: MIT

// A host that does as it is told by the lines of its input; each is answered with one.

#include <cstdio>
#include <iostream>
#include <string>

#include <dymod/dymod.hpp>

DYMOD(sheep, (answer, int()), (sure_answer, int() noexcept))

namespace {

unsigned rejected = 0;
std::string told = "nothing";

std::string first_line(const std::string& words) { return words.substr(0, words.find('\n')); }

std::string answer() {
  try {
    return std::to_string(sheep::answer());
  } catch (const dymod::error& error) {
    return first_line(error.what());
  }
}

std::string obey(const std::string& what) {
  if (what == "call") return answer();
  if (what == "reload") return sheep::reload() ? "yes" : "no";
  if (what == "generation") return std::to_string(sheep::library.generation());
  if (what == "path") return sheep::library.path();
  if (what == "rejected") return std::to_string(rejected);
  if (what == "told") return told;
  if (what == "unload") return std::to_string(sheep::library.unload_old());
  return "what is '" + what + "'?";
}

}  // namespace

int main() {
  dymod::set_event_handler(
      [](const dymod::event& news, void*) {
        if (news.kind == dymod::event_kind::rejected) ++rejected;
        if (news.kind == dymod::event_kind::rejected || news.kind == dymod::event_kind::warning) {
          told = first_line(news.message);
        }
      },
      nullptr);
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "exit") return 3;
    std::printf("%s\n", obey(line).c_str());
    std::fflush(stdout);
  }
}
