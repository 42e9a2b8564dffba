// SPDX-License-Identifier: MIT

// The function makes what the variable is.
// expect: dymod: a function in DYMOD_PERSISTENT_FROM must return the type of the variable

#include <dymod/persistent.hpp>

struct herd_1 {
  int sheep;
};
struct herd {
  int sheep;
};
herd_1 from_1(const herd_1& old) { return old; }

DYMOD_PERSISTENT_FROM(from_1, herd, all, 3);
int use() { return all.sheep; }
