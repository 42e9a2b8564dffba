# SPDX-License-Identifier: MIT

# In a release build DYMOD_PERSISTENT is the static variable that one would have written by hand: the
# same symbols and the same machine code, no standard header, and nothing of dymod. Of a function
# that only carries old values over nothing is left by the optimiser.

. "$(dirname "$0")/common.sh"

cat >types.hpp <<'END'
struct herd { int sheep; float wool; };
template <class One, class Other> struct pair { One one; Other other; };
struct picky { explicit picky(int n) : number(n) {} picky(const picky&) = delete; ~picky(); int number; };
END
cat >declared.hpp <<'END'
#include "types.hpp"
#include <dymod/persistent.hpp>
#if defined(__OPTIMIZE__)
struct herd_1 { int sheep; };
struct herd_2 { float wool; };
static herd from_herd_1(const herd_1& old) { return {old.sheep, 1.5F}; }
static herd from_herd_2(herd_2 old) noexcept { return {0, old.wool}; }
#define CARRIED DYMOD_PERSISTENT_FROM((from_herd_1, from_herd_2), herd, carried, start)
#else
#define CARRIED DYMOD_PERSISTENT(herd, carried, start)
#endif
END
printf '#include "types.hpp"\n' >by_hand.hpp
cat >uses.cpp <<'END'
SHEEP;
namespace farm { PAIR; NUMBERS; }
template <class Type> int count() { COUNTER; return ++counter; }
inline int counts(int start) { CARRIED; return ++carried.sheep; }
int uses(int start);
int uses(int start) {
  PICKY;
  return ++all.sheep + ++farm::both.other + ++farm::numbers[2] + count<int>() + count<char>() +
         counts(start) + ++one.number;
}
END
declared='#define SHEEP DYMOD_PERSISTENT(herd, all, 3, 0.5F)
#define PAIR DYMOD_PERSISTENT((pair<int, long>), both)
#define NUMBERS DYMOD_PERSISTENT(int[3], numbers, 1, 2, 3)
#define COUNTER DYMOD_PERSISTENT(int, counter, static_cast<int>(sizeof(Type)))
#define PICKY DYMOD_PERSISTENT(picky, one, start)'
by_hand='#define SHEEP static herd all{3, 0.5F}
#define PAIR static pair<int, long> both{}
#define NUMBERS static int numbers[3]{1, 2, 3}
#define COUNTER static int counter{static_cast<int>(sizeof(Type))}
#define CARRIED static herd carried{start}
#define PICKY static picky one{start}'
mkdir declared by_hand
printf '%s\n' '#include "../declared.hpp"' "$declared" '#include "../uses.cpp"' >declared/uses.cpp
printf '%s\n' '#include "../by_hand.hpp"' "$by_hand" '#include "../uses.cpp"' >by_hand/uses.cpp

for level in -O0 -O2 -O3; do
  for kind in declared by_hand; do
    (cd $kind && compile_static -Wno-missing-field-initializers $level -c uses.cpp -o uses.o)
    # The first lines name the file.
    {
      objdump -dr $kind/uses.o | tail -n +4
      objdump -s -j .data -j .rodata $kind/uses.o | tail -n +4
      nm $kind/uses.o
    } >$kind.txt
  done
  grep -q '<_Z4usesi>' declared.txt || fail "uses() is missing"
  cmp declared.txt by_hand.txt || fail "$level: not the code of variables written by hand:
$(diff declared.txt by_hand.txt)"
  if strings -a declared/uses.o | grep -i dymod; then fail "$level: dymod is left"; fi
done

compile_static -Wno-missing-field-initializers -nostdinc -nostdinc++ -c declared/uses.cpp -o none.o

# The comparison can find a difference: in dynamic mode there is one.
(cd declared && compile_dynamic -Wno-missing-field-initializers -O2 -c uses.cpp -o dynamic.o)
nm -C declared/dynamic.o | grep -q dymod || fail "nothing of dymod in a dynamic object either"
