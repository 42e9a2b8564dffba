#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Builds a copy of this example, starts it, and edits and rebuilds the module while flowers that it has made are
# there. Each line that the program prints is compared with what it has to be.
#
#   demo.sh <dymod's source directory> <work directory> [cmake]

example=plugin
. "$1/examples/demo_tools.sh"

says() {                                # <line>
  local line
  read -r -t 60 line <&"$answers" || fail "the program says nothing; expected: $1"
  [ "$line" = "$1" ] || fail "the program says '$line', not '$1'"
  printf '   %s\n' "$line"
}

on() {                                  # <command> <line>...
  printf '> %s\n' "$1"
  echo "$1" >&"${GARDEN[1]}"
  shift
  for line in "$@"; do says "$line"; done
}

echo "Two objects, made by the module:"
run "$cmake" -S plugin -B debug -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod"
run "$cmake" --build debug
coproc GARDEN { exec debug/garden 2>events; }
exec {answers}<&"${GARDEN[0]}"          # which bash closes when the program has ended
on sow 'daisy 1, compost:'
on sow 'daisy 2, daisy 1, compost:'

echo "Their class gets another field and other code. A new object has it; old ones stay what they were, to the end:"
edit seeds.cpp '  int days_;' '  std::string colour_ = "red";
  int days_;'
edit seeds.cpp '"daisy " +' 'colour_ + " tulip " +'
edit seeds.cpp '++days_' 'days_ += 10'
edit seeds.cpp '" daisy"' '" tulip"'
run "$cmake" --build debug --target seeds
on sow 'daisy 3, daisy 2, red tulip 10, compost:'
on pull 'daisy 3, red tulip 20, compost: daisy'

echo "With hooks a reload makes all of them anew: each is destroyed by the code that made it, and nothing of it stays."
on renew 'daisy 4, red tulip 30, compost: daisy'
edit seeds.cpp '"red"' '"white"'
edit seeds.cpp 'days_ += 10' 'days_ += 2'
run "$cmake" --build debug --target seeds
on sow '2 old generations are unloaded' 'white tulip 6, white tulip 32, white tulip 2, compost: daisy daisy tulip'

input=${GARDEN[1]} id=$GARDEN_PID
exec {input}>&-
says 'compost: daisy daisy tulip tulip tulip tulip'
wait "$id" || fail "the program ends with an error"
[ "$(grep -c 'generation [23] is live' events)" -eq 2 ] || fail "three generations were to be there"
[ "$(wc -l <events)" -eq 3 ] || fail "other events"

echo "A release of the same sources:"
run "$cmake" -S plugin -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
run "$cmake" --build release
printf '%s\n' sow renew pull | release/garden >lines || fail "the release program ends with an error"
sed 's,^,   ,' lines
printf '%s\n' 'white tulip 2, compost:' 'white tulip 4, compost:' 'compost: tulip' 'compost: tulip' | diff - lines ||
  fail "the release was to answer as its source says"
if strings -a release/garden | grep -i dymod; then fail "dymod is left in the release"; fi
echo "All of it happened as it had to."
