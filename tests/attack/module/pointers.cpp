// SPDX-License-Identifier: MIT

#include "parts.hpp"

namespace {

struct animal {
  virtual ~animal() = default;
  virtual int stamp() const = 0;
};

template <int Number> struct kind final : animal {
  int stamp() const override { return STAMP + Number; }
};

template <int Number> int function() { return STAMP + Number; }

int stamps[] = {STAMP, STAMP, STAMP, STAMP};

struct row {
  int (*function)();
  const int* stamp;
};

#define ROW(n) \
  { function<(n)>, &stamps[(n) % 4] }
#define ROWS(n) ROW(n), ROW(n + 1), ROW(n + 2), ROW(n + 3)
row table[] = {ROWS(0),  ROWS(4),  ROWS(8),  ROWS(12), ROWS(16), ROWS(20), ROWS(24), ROWS(28),
               ROWS(32), ROWS(36), ROWS(40), ROWS(44), ROWS(48), ROWS(52), ROWS(56), ROWS(60)};

template <int Number> bool is_kind() {
  static kind<Number> one;
  const animal* volatile any = &one;  // by its table, not by what the compiler knows
  return any->stamp() == STAMP + Number;
}

}  // namespace

int parts::pointers() {
  int number = 0;
  for (volatile const row& each : table) {
    if (each.function() != STAMP + number || *each.stamp != STAMP) return 0;
    ++number;
  }
  return is_kind<0>() && is_kind<1>() && is_kind<2>() && is_kind<3>() ? STAMP : 0;
}
