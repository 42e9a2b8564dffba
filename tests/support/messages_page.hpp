// SPDX-License-Identifier: MIT

// The tables of docs/errors.md, for the tests that provoke each entry and compare.

#ifndef DYMOD_TESTS_SUPPORT_MESSAGES_PAGE_HPP
#define DYMOD_TESTS_SUPPORT_MESSAGES_PAGE_HPP

#include <string>
#include <vector>

namespace messages_page {

struct entry {
  std::string first;  // line of a message; `<...>` stands for names
  std::string last;

  /// Whether a message is this entry's.
  [[nodiscard]] bool is(const std::string& module_name, const std::string& message) const;
};

/// Those below a heading, in the order of the page.
[[nodiscard]] std::vector<entry> entries(const std::string& heading);

}  // namespace messages_page

#endif
