// SPDX-License-Identifier: MIT

// Neither copied nor moved: that is not needed.

#include <dymod/persistent.hpp>

struct herd {
  int sheep;
  explicit herd(int number) : sheep(number) {}
  herd(const herd&) = delete;
};

DYMOD_PERSISTENT(herd, all, 3);
int use() { return all.sheep; }
