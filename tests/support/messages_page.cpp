// SPDX-License-Identifier: MIT

#include "support/messages_page.hpp"

#include <regex>
#include <sstream>

#include "support/workshop.hpp"

namespace messages_page {

namespace {

// Whether the text is the pattern with something for each `<...>`.
bool matches(const std::string& pattern, const std::string& text) {
  const std::string plain =
      std::regex_replace(pattern, std::regex("[.^$|()\\[\\]{}*+?\\\\]"), "\\$&");
  return std::regex_match(text, std::regex(std::regex_replace(plain, std::regex("<[^>]*>"), ".+")));
}

}  // namespace

bool entry::is(const std::string& module_name, const std::string& message) const {
  std::string top = message.substr(0, message.find('\n'));
  top = top.substr(0, top.find("; generation 1 runs on"));
  const std::string bottom = message.substr(message.rfind("\n    ") + 5);
  return matches(first, top) &&
         matches(std::regex_replace(last, std::regex("<module>"), module_name), bottom);
}

std::vector<entry> entries(const std::string& heading) {
  std::vector<entry> found;
  std::istringstream page(workshop::read_file(DYMOD_TEST_DOCS "/errors.md"));
  const std::regex row("^\\| `([^`]*)` \\| `([^`]*)` \\| .*\\|$");
  bool below = false;
  for (std::string line; std::getline(page, line);) {
    if (line.compare(0, 1, "#") == 0) below = line.substr(line.find(' ') + 1) == heading;
    std::smatch parts;
    if (below && std::regex_match(line, parts, row)) found.push_back({parts[1], parts[2]});
  }
  return found;
}

}  // namespace messages_page
