// SPDX-License-Identifier: MIT

// The old type is kept under another name.

#include <dymod/persistent.hpp>

struct herd_1 {
  int sheep;
};
struct herd {
  int sheep;
  int lambs;
};
herd from_herd_1(const herd_1& old) { return {old.sheep, 0}; }

DYMOD_PERSISTENT_FROM(from_herd_1, herd, all, 3, 0);
int use() { return all.sheep; }
