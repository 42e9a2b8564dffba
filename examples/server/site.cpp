// SPDX-License-Identifier: MIT

// The module: what the server answers. Change the words, add a page, and rebuild the target `site`
// while the server runs; a build that fails or does not fit changes nothing.

#include "site.hpp"

response site::answer(const request& asked, visitor& who) {
  if (asked.method != "GET" && asked.method != "HEAD") return {405, "Only GET and HEAD.\n"};

  if (asked.path == "/") {
    const std::string name = who.name.empty() ? "visitor " + std::to_string(who.number) : who.name;
    return {200, "Hello, " + name + ". Request " + std::to_string(who.requests) + ".\n"};
  }
  const std::string call_me = "/i-am/";
  if (asked.path.compare(0, call_me.size(), call_me) == 0) {
    who.name = asked.path.substr(call_me.size());
    return {200, "I will remember that.\n"};
  }
  // another page
  return {404, "There is no page " + asked.path + ".\n"};
}
