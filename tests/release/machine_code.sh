# SPDX-License-Identifier: MIT

# In a release build a DYMOD is the declarations that one would have written by hand: the same
# symbols and the same machine code, optimised or not. reload() and library are `false`, 0 and "" to
# the optimiser, and leave no symbol without one.

. "$(dirname "$0")/common.sh"

cat >uses.hpp <<'END'
struct herd { int size; };
END
cat >declared.hpp <<'END'
#include "uses.hpp"
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int(int a, int b)), (shear, void(herd&, float) noexcept), (sell, herd(herd)))
DYMOD_EXTERN_C(grass, (grow, int(int)))
END
cat >by_hand.hpp <<'END'
#include "uses.hpp"
namespace sheep {
int count(int a, int b);
void shear(herd&, float) noexcept;
herd sell(herd);
}
namespace grass { extern "C" int grow(int); }
END
cat >calls.cpp <<'END'
using pointer = int (*)(int, int);
extern const pointer table[];
const pointer table[] = {&sheep::count, sheep::count};
int calls(herd& h);
int calls(herd& h) {
  sheep::shear(h, 0.5F);
  h = sheep::sell(h);
  return sheep::count(h.size, 2) + grass::grow(3) + table[0](1, 2);
}
END
cat >nothing_to_reload.cpp <<'END'
unsigned asks();
unsigned asks() {
  if (RELOAD || RELOAD_ALL) return GENERATION + 1U;
  return GENERATION + (PATH[0] == '\0' ? 7U : 8U) + static_cast<unsigned>(sheep::count(1, 2));
}
END
for source in calls nothing_to_reload; do
  for kind in declared by_hand; do
    mkdir -p $kind
    printf '#include "../%s.hpp"\n#include "../%s.cpp"\n' $kind $source >$kind/$source.cpp
  done
done

# Code, relocations, data and symbols of declared/NAME and by_hand/NAME, compiled with the options
# given, into declared.txt and by_hand.txt.
disassemble() {
  name=$1
  shift
  for kind in declared by_hand; do
    (cd $kind && compile_static "$@" -c "$name.cpp" -o "$name.o")
    # The first lines name the file.
    {
      objdump -dr "$kind/$name.o" | tail -n +4
      objdump -s -j .rodata -j .data.rel.ro "$kind/$name.o" 2>/dev/null | tail -n +4 || true
      nm "$kind/$name.o"
    } >"$kind.txt"
    [ -s "$kind.txt" ] || fail "nothing was disassembled"
  done
}

for level in -O0 -O2 -O3; do
  disassemble calls $level
  grep -q '<_Z5callsR4herd>' declared.txt || fail "calls() is missing"
  cmp declared.txt by_hand.txt || fail "$level: not the code of declarations written by hand:
$(diff declared.txt by_hand.txt)"
done

by_dymod='-DRELOAD=sheep::reload() -DRELOAD_ALL=dymod::reload_all()
  -DGENERATION=sheep::library.generation() -DPATH=sheep::library.path()'
constants='-DRELOAD=false -DRELOAD_ALL=false -DGENERATION=0U -DPATH=""'
for level in -O2 -O3; do
  for kind in declared by_hand; do
    if [ $kind = declared ]; then answers=$by_dymod; else answers=$constants; fi
    # Unquoted: several options.
    (cd $kind && compile_static $level $answers -c nothing_to_reload.cpp -o asks.o)
    objdump -dr $kind/asks.o | tail -n +4 >$kind.txt
    nm $kind/asks.o >>$kind.txt
  done
  cmp declared.txt by_hand.txt || fail "$level: reload() or library costs something:
$(diff declared.txt by_hand.txt)"
done

# Unoptimised they cost an instruction or two, but no symbol.
for kind in declared by_hand; do
  if [ $kind = declared ]; then answers=$by_dymod; else answers=$constants; fi
  (cd $kind && compile_static -O0 $answers -c nothing_to_reload.cpp -o asks.o)
  # clang evaluates the object in front of the dot: the empty constant sheep::library is left.
  nm -C $kind/asks.o | sed 's/^[0-9a-f ]*//' | grep -v '^V sheep::library$' >$kind.txt
done
cmp declared.txt by_hand.txt || fail "-O0: reload() or library leaves a symbol:
$(diff declared.txt by_hand.txt)"
