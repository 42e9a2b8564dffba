#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# The demo: builds a copy of this example, starts it, and changes the module while it runs; then breaks the
# library, mends it, and builds a release. Every step waits for what it announces and ends the demo with exit
# code 1 if that does not happen. Needs no terminal.
#
#   demo.sh <dymod's source directory> <work directory> [cmake]

set -u
dymod=$1
work=$2
cmake=${3:-cmake}
export LC_ALL=C

patience=20                             # seconds to wait for anything before the demo has failed
pause=250                               # milliseconds from one sheep to the next
step=0
host=
shown=0                                 # lines of the host's output that the reader has seen

say() { printf '%s\n' "$*"; }

heading() {
  step=$((step + 1))
  printf '\n%d. %s\n' "$step" "$*"
}

fail() {
  printf '\nThe demo failed at step %d: %s\n' "$step" "$*"
  show_new_lines
  exit 1
}

trap 'if [ -n "$host" ]; then kill "$host" 2>/dev/null; fi' EXIT

run() {                                 # <command...>: its output is shown only if it fails
  say "   \$ ${*/#"$cmake"/cmake}"
  "$@" >"$work/command.log" 2>&1 || { cat "$work/command.log"; fail "this command was to succeed: $*"; }
}

show_new_lines() {
  [ -e "$work/host.log" ] || return
  local lines
  lines=$(wc -l <"$work/host.log")
  tail -n "+$((shown + 1))" "$work/host.log" | head -n "$((lines - shown))" | sed "s,$work/,,g" |
    fold -s -w 98 | sed 's,^,   | ,; s, *$,,'
  shown=$lines
}

count_lines() { grep -c -- "$1" "$work/host.log"; }

# wait_until <how many> <pattern> <what it means>: until so many lines of the host's output fit
wait_until() {
  local deadline=$((SECONDS + patience))
  until [ "$(count_lines "$2")" -ge "$1" ]; do
    kill -0 "$host" 2>/dev/null || { host=; fail "the host has ended; expected: $3"; }
    [ "$SECONDS" -lt "$deadline" ] || fail "nothing of this within $patience s: $3"
    show_new_lines
    sleep 0.05
  done
  show_new_lines
}

more() { wait_until $(($(count_lines "$1") + $2)) "$1" "$3"; }

# expect_one_message <answer> <messages before>: the library has just been broken
expect_one_message() {
  local text=$1 before=$2
  wait_until $((before + 1)) '^dymod: sheep: ' "one message about the library"
  more "$text" 3 "the host goes on: '$text'"
  [ "$(count_lines '^dymod: sheep: ')" -eq $((before + 1)) ] ||
    fail "more than one message for one broken library"
}

edit() {                                # <old text> <new text> [file]
  local file=$work/sheep/${3:-sheep.cpp}
  cp "$file" "$work/before"
  sed "s/$1/$2/" "$work/before" >"$file"
  diff -U0 "$work/before" "$file" | grep '^[-+][^-+]' | sed 's,^,   ,' |
    grep . || fail "$file has no line with '$1'"
}

# expect_refusal <refusals> <what it begins with> <a line of it> <answer>: the build does not fit
expect_refusal() {
  wait_until "$1" "^dymod: sheep: $2" "a refusal: $2"
  more "$4" 3 "the host goes on: '$4'"
  [ "$(count_lines "^dymod: sheep: $2")" -eq "$1" ] || fail "more than one refusal of one build"
  [ "$(count_lines "$3")" -eq 1 ] || fail "the refusal was to say: $3"
}

rm -rf "$work"
mkdir -p "$work" || fail "cannot make $work"
work=$(cd "$work" && pwd)
mkdir "$work/sheep"
cp "$dymod"/examples/sheep/*.cpp "$dymod"/examples/sheep/*.hpp "$dymod"/examples/sheep/CMakeLists.txt \
  "$work/sheep/" || fail "cannot copy the example"
cd "$work" || fail "cannot enter $work"
say "dymod: a program changes while it runs. Everything happens in"
say "$work"

heading "Build the example (debug)"
run "$cmake" -S sheep -B debug -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod"
run "$cmake" --build debug

heading "Start it"
: >host.log
debug/sheep_host 0 $pause >>host.log 2>&1 &
host=$!
pid=$host
say "   \$ debug/sheep_host &        (process $pid)"
wait_until 3 'jumped over the fence$' "three sheep that jumped over the fence"

heading "Change the module's source while the program runs"
edit "jumped over the fence" "crawled under the fence"

heading "Rebuild the module, and only the module"
program_before=$(stat -c '%i %y' debug/sheep_host)
run "$cmake" --build debug --target sheep
wait_until 3 'crawled under the fence$' "three sheep that crawled under the fence"
[ "$program_before" = "$(stat -c '%i %y' debug/sheep_host)" ] || fail "the host's file was built anew"
kill -0 $pid 2>/dev/null || fail "process $pid is gone"
say "   Still process $pid, and its file was not built anew."

heading "Change the type of a parameter, and rebuild only the module"
edit "float seconds)))" "double seconds)))" sheep.hpp
edit "float seconds) {" "double seconds) {"
edit "+= seconds;" "+= static_cast<float>(seconds);"
before=$(count_lines '^dymod: sheep: type changed')
run "$cmake" --build debug --target sheep
expect_refusal $((before + 1)) "type changed: 'count_sheep'" 'count_sheep in the library: const char\*(herd&, double)$' \
  'crawled under the fence$'

heading "Take that back, and let the struct grow that both sides use"
edit "double seconds)))" "float seconds)))" sheep.hpp
edit "double seconds) {" "float seconds) {"
edit "float seconds = 0;" "double seconds = 0;" sheep.hpp
before=$(count_lines '^dymod: sheep: layout changed')
run "$cmake" --build debug --target sheep
expect_refusal $((before + 1)) "layout changed: 'herd' (field 2)" \
  'herd in the library: size 16, alignment 8, fields unsigned int, double$' 'crawled under the fence$'
say "   One refusal for each, before a byte of those builds ran, and the sheep went on."

heading "Take that back as well"
edit "double seconds = 0;" "float seconds = 0;" sheep.hpp
edit "crawled under the fence" "squeezed through the fence"
run "$cmake" --build debug --target sheep
wait_until 3 'squeezed through the fence$' "three sheep that squeezed through the fence"

heading "Break the library: garbage instead of a library"
cp debug/libsheep.so good.so
messages=$(count_lines '^dymod: sheep: ')
say "   \$ echo garbage > debug/libsheep.so"
echo garbage >debug/libsheep.so
expect_one_message 'squeezed through the fence$' "$messages"

heading "Break it again: half of a library"
messages=$(count_lines '^dymod: sheep: ')
say "   \$ head -c $(($(stat -c %s good.so) / 2)) good.so > debug/libsheep.so"
head -c $(($(stat -c %s good.so) / 2)) good.so >debug/libsheep.so
expect_one_message 'squeezed through the fence$' "$messages"
say "   One message for each broken file, and the sheep went on."

heading "Mend it: another change, another build"
edit "squeezed through the fence" "landed in a dream"
run "$cmake" --build debug --target sheep
wait_until 3 'landed in a dream$' "three sheep that landed in a dream"
kill -0 $pid 2>/dev/null || fail "process $pid is gone"
numbers=$(sed -n 's/^\([0-9]*\) sheep .*/\1/p' host.log)
[ "$numbers" = "$(seq "$(echo "$numbers" | wc -l)")" ] || fail "a sheep was left out or counted twice"
say "   Still process $pid. No sheep was left out."
kill $pid
wait $pid 2>/dev/null
host=

heading "Build a release of the same sources"
run "$cmake" -S sheep -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
run "$cmake" --build release
say "   \$ release/sheep_host 3"
release/sheep_host 3 $pause >release.log 2>&1 || fail "the release program ends with exit code $?"
sed 's,^,   | ,' release.log
[ "$(grep -c 'landed in a dream$' release.log)" -eq 3 ] || fail "the release program was to count three sheep"

heading "Look for dymod in it"
# The debug program is looked at too: a search that finds nothing there would prove nothing here.
count() { "$@" | grep -ci 'dymod' || true; }
count_dlopen() { nm -D --undefined-only "$1" | grep -c ' dlopen' || true; }
printf '   %-44s%8s%8s\n' "" debug release
row() {                                 # <what> <debug> <release>
  printf '   %-44s%8s%8s\n' "$1" "$2" "$3"
  [ "$2" -gt 0 ] || fail "the debug program was to have some: $1"
  [ "$3" -eq 0 ] || fail "the release program was to have none: $1"
}
row "symbols with 'dymod' in them" "$(count nm -C debug/sheep_host)" "$(count nm -C release/sheep_host)"
row "strings with 'dymod' in them" \
  "$(count strings -a debug/sheep_host)" "$(count strings -a release/sheep_host)"
row "uses of dlopen" "$(count_dlopen debug/sheep_host)" "$(count_dlopen release/sheep_host)"

say ""
say "   The call of sheep::count_sheep in the release program's main():"
objdump -dC --no-show-raw-insn release/sheep_host >release.asm || fail "objdump does not read the program"
awk '/^[0-9a-f]+ <main>:/ { inside = 1 } /^$/ { inside = 0 } inside' release.asm >main.asm
calls=$(grep -E '(call|callq|bl|jal|brasl)[[:space:]].*<sheep::count_sheep\(herd&, float\)>' main.asm) ||
  fail "main() was to call sheep::count_sheep directly"
say "$calls" | expand
if grep -E 'call.*\*' main.asm; then fail "main() was to have no call through a pointer"; fi

say ""
say "All of it happened as announced (${SECONDS} s)."
