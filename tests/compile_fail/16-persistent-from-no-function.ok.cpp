// SPDX-License-Identifier: MIT

// Functions of all kinds, one or several.

#include <dymod/persistent.hpp>

struct herd_1 {
  int sheep;
};
struct herd_2 {
  float wool;
};
struct herd {
  int sheep;
  static herd from_short(const short& old) noexcept { return {old}; }
};
herd from_1(const herd_1& old) { return {old.sheep}; }
namespace farm {
const herd from_2(herd_2&& old) { return {static_cast<int>(old.wool)}; }
template <class Type> herd from_any(Type old) { return {static_cast<int>(old)}; }
}  // namespace farm

DYMOD_PERSISTENT_FROM(from_1, herd, all, 3);
int use() {
  DYMOD_PERSISTENT_FROM((from_1, &farm::from_2, herd::from_short, farm::from_any<char>), const herd,
                        more, 3);
  return all.sheep + more.sheep;
}
