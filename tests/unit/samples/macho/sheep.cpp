// SPDX-License-Identifier: MIT

// The module that the samples beside it were made from, by make.sh.

#include <dymod/dymod.hpp>

struct herd {
  int count;
  float wool;
};

DYMOD(sheep, (answer, int()), (shear, void(herd&)))

int sheep::answer() { return 42; }

void sheep::shear(herd& all) {
  static thread_local int shorn = 0;
  all.wool += static_cast<float>(++shorn);
}
