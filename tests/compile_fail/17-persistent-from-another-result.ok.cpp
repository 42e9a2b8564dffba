// SPDX-License-Identifier: MIT

// The type itself, constant or not.

#include <dymod/persistent.hpp>

struct herd_1 {
  int sheep;
};
struct herd {
  int sheep;
};
const herd from_1(const herd_1& old) { return {old.sheep}; }

DYMOD_PERSISTENT_FROM(from_1, herd, all, 3);
int use() { return all.sheep; }
