#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Runs `cmake --build … --target dymod_watch` and saves files as editors do. Whether a save has arrived the program says,
# which is started anew each time, and what the watch says is read.
#
#   run.sh <case> <dymod's source directory> <work directory> <cmake>

set -u
case_name=$1
dymod=$2
work=$3
cmake=$4

rm -rf "$work"
programs=$work/programs
work="$work/häuser am see"              # users have such names
mkdir -p "$work/farm/wolf lair" "$work/bin" "$programs"
cd "$work" || exit 1
log=$work/log
watch=
trap 'if [ -n "$watch" ]; then kill -INT -- "-$watch" 2>/dev/null; fi' EXIT

step() { echo "== $*"; }

fail() {
  echo "FAILED: $*"
  if [ -e said ]; then cat said; fi
  exit 1
}

run() {
  "$@" >"$log" 2>&1 || { cat "$log"; fail "the command failed: $*"; }
}

needs() { command -v "$1" >/dev/null || { echo "skipped: no $1 here"; exit 77; }; }

until_true() {                          # <what> <command…>
  local deadline=$((SECONDS + 60)) what=$1
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "not within 60 s: $what"
    sleep 0.02
  done
}

# ----- The project: two modules, of which one includes a header and links a library that others have written

cat >farm/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.23)
project(farm LANGUAGES CXX)
add_subdirectory("${DYMOD_SOURCE}" dymod)
add_subdirectory("wolf lair")
dymod_add_module(sheep sheep.cpp)
add_executable(farm main.cpp)
target_link_libraries(farm PRIVATE dymod::sheep dymod::wolf)
END
cat >"farm/wolf lair/CMakeLists.txt" <<'END'
add_library(teeth STATIC teeth.cpp)
set_target_properties(teeth PROPERTIES POSITION_INDEPENDENT_CODE ON)
dymod_add_module(wolf wolf.cpp)
target_link_libraries(wolf PRIVATE teeth)
target_include_directories(wolf PUBLIC .)
END
cat >farm/sheep.hpp <<'END'
#include <dymod/dymod.hpp>
DYMOD(sheep, (legs, int()))
END
cat >farm/main.cpp <<'END'
#include <cstdio>
#include "sheep.hpp"
#include "wolf.hpp"
int main() { std::printf("%d %d\n", sheep::legs(), wolf::bite()); }
END
cat >"farm/wolf lair/wolf.hpp" <<'END'
#include <dymod/dymod.hpp>
DYMOD(wolf, (bite, int()))
END
cat >"farm/wolf lair/wolf.cpp" <<'END'
#include "wolf.hpp"
#include "long tooth.hpp"
int teeth();
int wolf::bite() { return teeth() * length; }
END
echo 'static const int length = 10;' >"farm/wolf lair/long tooth.hpp"
echo 'int teeth() { return 2; }' >"farm/wolf lair/teeth.cpp"
sheep() { printf '#include "sheep.hpp"\n%s\nint sheep::legs() { return %s; }\n' "${2-}" "$1"; }
sheep 1 >farm/sheep.cpp

# Compiles, and does not end as long as there is a file "hold".
cat >bin/compile <<'END'
#!/bin/sh
here=$(dirname "$0")
"$@" || exit
while [ -e "$here/hold" ]; do
  : >"$here/is_held"
  sleep 0.02
done
END
chmod +x bin/compile

# ----- The watch

# A process group of its own, as a terminal gives it: Ctrl-C is for all of them.
start_watch() {                         # [arguments of the build]
  : >said
  set -m
  env --default-signal=INT "$cmake" --build build --target dymod_watch "$@" >said 2>&1 &
  watch=$!
  set +m
  mark=0
}

hears() {                               # <pattern>: a new line of the watch
  until_true "the watch says '$1'" has_said "$1"
}
has_said() {
  kill -0 "$watch" 2>/dev/null || fail "the watch has ended"
  tail -n "+$((mark + 1))" said | grep -q -- "^dymod_watch: .*$1"
}

# What is said from now on is about what is done now.
now() {
  step "$1"
  mark=$(wc -l <said)
}

answers() {                             # <answer>
  until_true "the program answers '$1'" has_answer "$1"
}
has_answer() { [ "$("$program" 2>"$log")" = "$1" ]; }

is_gone() { ! kill -0 -- "-$1" 2>"$log"; }

# Everything that a user may do to the files, and whether it arrives.
check_watch() {                         # [arguments of the builds]
  run "$cmake" --build build "$@"
  start_watch "$@"
  hears 'started: nothing to build, [0-9]* ms$'
  answers '1 20'

  now "written in place"
  sheep 2 >farm/sheep.cpp
  hears 'sheep.cpp: sheep built, [0-9]* ms$'
  answers '2 20'

  now "renamed"
  sheep 3 >farm/.sheep.cpp.new
  mv farm/.sheep.cpp.new farm/sheep.cpp
  hears 'sheep.cpp: sheep built'
  answers '3 20'

  now "renamed, and another file written"
  mv farm/sheep.cpp farm/sheep.cpp~
  sheep 4 >farm/sheep.cpp
  rm farm/sheep.cpp~
  hears 'sheep.cpp: sheep built'
  answers '4 20'

  now "an older file takes the place"
  sheep 5 >older.cpp
  touch -d 2001-01-01 older.cpp
  mv older.cpp farm/sheep.cpp
  hears 'sheep.cpp: sheep built'
  answers '5 20'

  now "a header, a library's source"
  echo 'static const int length = 20;' >"farm/wolf lair/long tooth.hpp"
  hears 'long tooth.hpp: wolf built'
  answers '5 40'
  mark=$(wc -l <said)
  echo 'int teeth() { return 3; }' >"farm/wolf lair/teeth.cpp"
  hears 'teeth.cpp: wolf built'
  answers '5 60'

  now "an error, and mended"
  sheep mistake >farm/sheep.cpp
  hears 'sheep.cpp: not built'
  grep -q "sheep.cpp:3:.*error: .*mistake" said || fail "the compiler's words are missing"
  answers '5 60'
  mark=$(wc -l <said)
  sheep 6 >farm/sheep.cpp
  hears 'sheep.cpp: sheep built'
  answers '6 60'

  now "a header that is yet to come, with an error, without, and changed"
  sheep count '#include "count.hpp"' >farm/sheep.cpp
  hears 'sheep.cpp: not built'
  mark=$(wc -l <said)
  echo 'static const int count = mistake;' >farm/count.hpp
  hears 'count.hpp: not built'
  mark=$(wc -l <said)
  echo 'static const int count = 7;' >farm/count.hpp
  hears 'count.hpp: sheep built'
  answers '7 60'
  mark=$(wc -l <said)
  echo 'static const int count = 8;' >farm/count.hpp
  hears 'count.hpp: sheep built'
  answers '8 60'

  now "removed, and made again"
  rm farm/sheep.cpp
  hears 'sheep.cpp: not built'
  mark=$(wc -l <said)
  sheep 9 >farm/sheep.cpp
  hears 'sheep.cpp: sheep built'
  answers '9 60'

  now "saved while it is being compiled, and once more"
  : >bin/hold
  sheep 10 >farm/sheep.cpp
  until_true "the compiler is held" test -e bin/is_held
  sheep 11 >farm/sheep.cpp
  rm bin/hold
  hears 'sheep.cpp: sheep built'
  answers '11 60'

  now "a new header, saved while it is being compiled for the first time"
  rm bin/is_held
  : >bin/hold
  echo 'static const int fresh = 12;' >farm/fresh.hpp
  sheep fresh '#include "fresh.hpp"' >farm/sheep.cpp
  until_true "the compiler is held" test -e bin/is_held
  echo 'static const int fresh = 13;' >farm/fresh.hpp
  rm bin/hold
  hears 'fresh.hpp: sheep built'
  answers '13 60'

  now "one more module"
  printf '#include <dymod/dymod.hpp>\nDYMOD(goat, (legs, int()))\nint goat::legs() { return 4; }\n' >farm/goat.cpp
  echo 'dymod_add_module(goat goat.cpp)' >>farm/CMakeLists.txt
  hears 'goat built'
  mark=$(wc -l <said)
  echo >>farm/goat.cpp
  hears 'goat.cpp: goat built'

  now "Ctrl-C"
  kill -INT -- "-$watch"
  wait "$watch" && fail "a watch that was stopped ends without an error"
  until_true "all have ended" is_gone "$watch"
  watch=

  step "the build directory is as it was"
  sheep 14 >farm/sheep.cpp
  run "$cmake" --build build "$@"
  if grep 'warning' "$log"; then fail "Ninja's logs are not in order"; fi
  answers '14 60'
  run "$cmake" --build build "$@"
  if grep -E 'warning|Building|Linking' "$log"; then fail "something is left to build"; fi
}

configure() {                           # <arguments>
  run "$cmake" -S farm -B build -DDYMOD_SOURCE="$dymod" -DCMAKE_CXX_COMPILER_LAUNCHER="$work/bin/compile" \
    --warn-uninitialized "$@"
  if grep -i 'warning' "$log"; then fail "configuring gave a warning"; fi
}

# All programs but inotifywait.
hide_inotifywait() {
  local directory
  while read -r -d : directory; do
    find "$directory" -maxdepth 1 ! -name inotifywait ! -type d -exec ln -sf -t "$programs" {} + 2>"$log"
  done < <(tr ':' '\n' <<<"$PATH" | tac | tr '\n' ':')
  PATH=$programs
}

program=build/farm
case $case_name in
  ninja)
    needs ninja
    hide_inotifywait
    configure -G Ninja -DCMAKE_BUILD_TYPE=Debug
    check_watch
    grep -q '^dymod_watch: looks for changes$' said || fail "inotifywait was not hidden"
    ;;

  make)
    needs make
    hide_inotifywait
    configure -G "Unix Makefiles"       # and no build type, which is debug as well
    check_watch
    ;;

  multi_config)
    needs ninja
    hide_inotifywait
    program=build/Debug/farm
    configure -G "Ninja Multi-Config" "-DCMAKE_CONFIGURATION_TYPES=Release;Debug"
    check_watch --config Debug
    ;;

  inotifywait)
    needs ninja
    needs inotifywait
    configure -G Ninja -DCMAKE_BUILD_TYPE=Debug
    check_watch
    grep -q '^dymod_watch: inotifywait tells of changes$' said || fail "inotifywait is not used"
    ;;

  # Nothing could be swapped: the watch says so and ends. A module cannot have its name.
  release)
    needs ninja
    configure -G Ninja -DCMAKE_BUILD_TYPE=Release
    if "$cmake" --build build --target dymod_watch >"$log" 2>&1; then fail "a release is watched"; fi
    tr -s ' \n' '  ' <"$log" | grep -qF 'in this build (Release) modules are a part of the program' ||
      { cat "$log"; fail "it does not say why"; }
    ;;

  *)
    fail "there is no case '$case_name'"
    ;;
esac
step "as expected"
