#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Builds a copy of this example, starts it, and edits and rebuilds the module in C, then the one in Rust, while it
# runs. Each line that the program prints is compared with what it has to be. Without rustc, or with -DRUSTC=OFF, what
# is Rust is skipped.
#
#   demo.sh <dymod's source directory> <work directory> [cmake [what to tell it...]]

example=languages
options=("${@:4}")
. "$1/examples/demo_tools.sh"

# In the program without Rust the lines end before the crab.
expected() { if [ "$has_rust" = yes ]; then printf '%s' "$1"; else printf '%s' "${1%%, crab*}"; fi; }

prints() {                              # <line>: at the next wave
  local line
  echo >&"${BEACH[1]}"
  read -r -t 60 line <&"${BEACH[0]}" || fail "the program says nothing; expected: $1"
  [ "$line" = "$(expected "$1")" ] || fail "the program says '$line', not '$(expected "$1")'"
  printf '   %s\n' "$line"
}

rebuild() {                             # <file> <old text> <new text>: edits it, and builds its module
  edit "$@"
  run "$cmake" --build debug --target "${1%.*}"
}

echo "A program in C++, a module in C, and one in Rust:"
run "$cmake" -S languages -B debug -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod" "${options[@]}"
has_rust=yes
if grep 'Rust is skipped' command.log; then has_rust=no; fi
run "$cmake" --build debug
coproc BEACH { exec debug/beach 2>events; }
prints 'wave 1: ow, crab at 2'

echo "The C changes:"
rebuild seals.c '"honk"' '"a loud honk"'
prints 'wave 2: a loud honk, crab at 4'

if [ "$has_rust" = yes ]; then
  echo "The Rust changes:"
  rebuild crabs.rs '+= 2;' '-= here.waves;'
  prints 'wave 3: ow, crab at 1'
else
  prints 'wave 3: ow'
fi

echo "The C loses its function: the build is refused, and the module runs on as it was."
rebuild seals.c seals_say seals_cry
prints 'wave 4: a loud honk, crab at -3'
grep "does not define 'seals_say'" events | sed "s,'/.*/debug/,'debug/,; s,^,   ," | grep . || fail "it was to be refused in words"

input=${BEACH[1]} id=$BEACH_PID
exec {input}>&-
wait "$id" || fail "the program ends with an error"
[ "$(grep -c 'seals: generation 2 is live' events)" -eq 1 ] || fail "the module in C was to be loaded twice"
if [ "$has_rust" = yes ]; then
  [ "$(grep -c 'crabs: generation 2 is live' events)" -eq 1 ] || fail "the module in Rust was to be loaded twice"
fi

echo "A release of the same sources, without the last edit:"
cp "$dymod/examples/languages/seals.c" languages/
run "$cmake" -S languages -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod" "${options[@]}"
run "$cmake" --build release
printf '\n\n' | release/beach >lines || fail "the release program ends with an error"
sed 's,^,   ,' lines
printf '%s\n' "$(expected 'wave 1: ow, crab at -1')" "$(expected 'wave 2: honk, crab at -3')" | diff - lines ||
  fail "the release was to answer as its source says"
if strings -a release/beach | grep -i dymod; then fail "dymod is left in the release"; fi
echo "All of it happened as it had to."
