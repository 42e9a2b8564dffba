// SPDX-License-Identifier: MIT

// Release destroys the variable at the end of the program.
// expect: (dymod: the type of a persistent variable cannot be destroyed|deleted function)

#include <dymod/persistent.hpp>

struct herd {
  int sheep;
  ~herd() = delete;
};

DYMOD_PERSISTENT(herd, all, 3);
int use() { return all.sheep; }
