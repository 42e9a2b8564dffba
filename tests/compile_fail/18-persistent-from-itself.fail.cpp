// SPDX-License-Identifier: MIT

// The old type has another name: under its own name it is the new one.
// expect: dymod: a function in DYMOD_PERSISTENT_FROM takes the type of the variable itself

#include <dymod/persistent.hpp>

struct herd {
  int sheep;
};
herd from_herd(const herd& old) { return old; }

DYMOD_PERSISTENT_FROM(from_herd, herd, all, 3);
int use() { return all.sheep; }
