# SPDX-License-Identifier: MIT

# What the module's library shows to others: the user's own symbols, and of dymod the description
# and one C function; also when symbols are visible by default. The description is read from the
# file before the loader has touched it, so no relocation may fall on it.

. "$(dirname "$0")/common.sh"

cat >sheep.hpp <<'END'
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int(int)), (shear, void() noexcept))
END
cat >sheep.cpp <<'END'
#include "sheep.hpp"
int sheep::count(int a) { return a; }
void sheep::shear() noexcept {
  sheep::reload();
  dymod::reload_all();
  dymod::set_event_handler(nullptr);
  if (sheep::library.generation() != 0) count(1);
}
END
# Of a module that calls another one, which has the host's side in it, the class of the exception is
# shown as well: one binary catches what another one throws.
cat >calls.cpp <<'END'
#include "sheep.hpp"
DYMOD(wolf, (howl, int(int)))
int calls();
int calls() { return wolf::howl(1) + (wolf::reload() ? 1 : 0) + sheep::count(1); }
END

cat >expected_calls.txt <<'END'
dymod_description_sheep
dymod_module_sheep
typeinfo for dymod::dynamic_mode::error
typeinfo name for dymod::dynamic_mode::error
vtable for dymod::dynamic_mode::error
END
grep -v error expected_calls.txt >expected_plain.txt

# judge OPTIONS KIND: builds libsheep.so, plain or with calls of another module, and looks at it.
judge() {
  options=$1
  kind=$2
  units=sheep.cpp
  if [ "$kind" = calls ]; then units='sheep.cpp calls.cpp'; fi
  # Unquoted: several words.
  compile_dynamic $options -Dsheep_EXPORTS -fPIC -shared $units -o libsheep.so

  nm -DC --defined-only libsheep.so | sed 's/^[0-9a-f]* *. //' >shown.txt
  grep dymod shown.txt | sort >of_dymod.txt || true
  cmp of_dymod.txt "expected_$kind.txt" || fail "$options: shown of dymod:
$(cat of_dymod.txt)"
  # The functions of the module are reached by the table only.
  if grep 'sheep::' shown.txt; then fail "$options: the module's functions are shown"; fi
  # STB_GNU_UNIQUE: the next generation would be given this one's object.
  if nm -D libsheep.so | grep -E '^[0-9a-f]* u .*(dymod|sheep)'; then
    fail "$options: unique symbols"
  fi

  # [address, address + size) of the description, in a read-only section.
  readelf -WsD libsheep.so | awk '$8 == "dymod_description_sheep" { print $2, $3, $4 }' >place.txt
  read -r address size type <place.txt || fail "$options: no description in the symbol table"
  [ "$type" = OBJECT ] || fail "$options: the description is $type"
  case $size in 0x*) size=$(printf '%d' "$size") ;; esac
  [ "$size" -gt 20 ] || fail "$options: a description of $size bytes"
  first=$(printf '%d' "0x$address")
  end=$((first + size))
  readelf -Wr libsheep.so | awk '$1 ~ /^[0-9a-f]+$/ && NF >= 3 { print $1 }' >relocated.txt
  [ -s relocated.txt ] || fail "$options: a library without any relocation? The question was wrong"
  while read -r place; do
    place=$(printf '%d' "0x$place")
    if [ "$place" -ge "$first" ] && [ "$place" -lt "$end" ]; then
      fail "$options: a relocation falls on the description, $((place - first)) bytes into it"
    fi
  done <relocated.txt
  section=$(readelf -WSs libsheep.so |
    awk '$8 == "dymod_description_sheep" { print $7; exit }')
  readelf -WS libsheep.so | grep -E "^ *\[ *$section\] \.rodata" >/dev/null ||
    fail "$options: the description is not in .rodata"
}

judge '-O0 -fvisibility=default' plain
judge '-O2 -fvisibility=hidden' plain
# Unoptimised is the harder one: nothing is inlined away.
judge '-O0 -fvisibility=default' calls
