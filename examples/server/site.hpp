// SPDX-License-Identifier: MIT

// What program (main.cpp) and module (site.cpp) share: a request, the answer to it, and what is
// known of who asks, which belongs to the program and lives as long as the connection.

#ifndef SITE_HPP
#define SITE_HPP

#include <dymod/dymod.hpp>

#include <string>  // string

struct request {
  std::string method;
  std::string path;
};

struct response {
  int status;  // 200, 404, …
  std::string body;
};

struct visitor {
  unsigned number;    // 1 for the first connection of the program
  unsigned requests;  // on this connection, the present one counted
  std::string name;   // for the module to set
};

DYMOD(site, (answer, response(const request& asked, visitor& who)))

#endif
