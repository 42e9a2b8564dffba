// SPDX-License-Identifier: MIT

// The state. It belongs to the program; the modules get it by reference.

#ifndef FIELD_HPP
#define FIELD_HPP

struct field {
  int rabbit = 4;  // metres from the fence
  int wolf = 0;
};

#endif
