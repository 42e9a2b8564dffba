// SPDX-License-Identifier: MIT

// What carries an old value over is a function.
// expect: dymod: DYMOD_PERSISTENT_FROM takes a function from the old type to the new one

#include <dymod/persistent.hpp>

struct herd {
  int sheep;
};

DYMOD_PERSISTENT_FROM(3, herd, all, 3);
int use() { return all.sheep; }
