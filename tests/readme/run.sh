#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Does what the README says with the README's own text: writes its code blocks to files, runs its commands,
# edits and rebuilds. Compiles the code blocks of the other pages, and looks for links that lead nowhere.
#
#   run.sh <case> <dymod's source directory> <work directory> <cmake>

set -u
case_name=$1
dymod=$2
work=$3
cmake=$4
compiler=${CXX:-g++}

fail() {
  echo "FAILED: $*"
  exit 1
}

run() {
  echo "\$ $*"
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "the command failed: $*"; }
}

rm -rf "$work"
mkdir -p "$work"
cd "$work" || fail "cannot enter $work"
ln -s "$dymod" dymod

# Code blocks go to the file that their first line names, "// sheep.hpp" or "// sheep.hpp: …".
write_blocks() {                        # <page>
  awk '/^```cpp/ { block = 1; first = 1; next }
       /^```/ { block = 0; if (name) close(name); name = ""; next }
       block && first { first = 0; name = $2; sub(/:$/, "", name) }
       block && name { print >name }' "$1"
}

blocks() {                              # <language> <page>: the text of all such blocks
  awk -v start="^\`\`\`$1\$" '$0 ~ start { block = 1; next } /^```/ { block = 0 } block' "$2"
}

# The program waits for Enter; the pipe stays open until both answers were seen.
talk_to() {                             # <program> <command that rebuilds the module>
  local rebuild=$2 answer
  coproc FARM { exec stdbuf -oL "$1" 2>"$work/events"; }  # line by line, as on a terminal
  echo >&"${FARM[1]}"
  read -r -t 60 answer <&"${FARM[0]}" || fail "the program says nothing"
  [ "$answer" = "many sheep" ] || fail "the program says '$answer'"
  sed -i 's/many sheep/a great many sheep/' sheep.cpp
  eval "$rebuild" >"$work/log" 2>&1 || { cat "$work/log"; fail "the command failed: $rebuild"; }
  echo >&"${FARM[1]}"
  read -r -t 60 answer <&"${FARM[0]}" || fail "the program says nothing after the rebuild"
  [ "$answer" = "a great many sheep" ] || fail "after the rebuild the program says '$answer'"
  local input=${FARM[1]} id=$FARM_PID
  exec {input}>&-
  wait "$id" || fail "the program ends with an error"
  sed 's/ after .*//' "$work/events" | diff - <(printf 'dymod: sheep: generation %s,\n' '1 is loaded' '2 is live') ||
    fail "other events than the README shows"
  sed -i 's/a great many sheep/many sheep/' sheep.cpp
}

# The code and the CMake lines of a page, as a project, built in debug.
build_page() {                          # <page>
  write_blocks "$1"
  {
    printf 'cmake_minimum_required(VERSION 3.23)\nproject(page LANGUAGES CXX)\n'
    blocks cmake "$1"
  } >CMakeLists.txt
  run "$cmake" -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug
  run "$cmake" --build build
}

# Starts a program that answers a line to each line.
say_first() {                           # <program> <answer>
  coproc PROGRAM { exec stdbuf -oL "$1" 2>"$work/events"; }
  hears "$2"
}
hears() {                               # <answer>
  echo >&"${PROGRAM[1]}"
  read -r -t 60 answer <&"${PROGRAM[0]}" || fail "the program says nothing"
  [ "$answer" = "$1" ] || fail "the program says '$answer', not '$1'"
}
finish() {
  local input=${PROGRAM[1]} id=$PROGRAM_PID
  exec {input}>&-
  wait "$id" || fail "the program ends with an error"
}

case $case_name in
  by_hand)
    write_blocks "$dymod/README.md"
    mapfile -t commands < <(blocks sh "$dymod/README.md" | grep '^g++ ')
    [ ${#commands[@]} -eq 2 ] || fail "the README has ${#commands[@]} g++ commands"
    release=$(grep -o '`g++ [^`]*-DNDEBUG[^`]*`' "$dymod/README.md" | tr -d '`')
    for command in "${commands[@]}"; do
      # shellcheck disable=SC2086
      run ${command/g++/$compiler}
    done
    talk_to ./farm "${commands[1]/g++/$compiler}"
    rm -f libsheep.so farm
    # shellcheck disable=SC2086
    run ${release/g++/$compiler}
    [ "$(echo | ./farm 2>&1)" = "many sheep" ] || fail "the release does not answer"
    ;;

  cmake)
    write_blocks "$dymod/README.md"
    {
      printf 'cmake_minimum_required(VERSION 3.23)\nproject(farm LANGUAGES CXX)\n'
      blocks cmake "$dymod/README.md" | awk '/add_library\(sheep SHARED/ { exit } 1'
    } >CMakeLists.txt
    grep -q dymod_add_module CMakeLists.txt || fail "the README has no CMake example"
    run "$cmake" -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug
    run "$cmake" --build build
    talk_to build/farm "'$cmake' --build build --target sheep"
    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(echo | release/farm 2>&1)" = "many sheep" ] || fail "the release does not answer"
    ;;

  cmake_without_helper)
    write_blocks "$dymod/README.md"
    {
      printf 'cmake_minimum_required(VERSION 3.23)\nproject(farm LANGUAGES CXX)\nadd_subdirectory(dymod)\n'
      echo 'add_executable(farm main.cpp)'
      blocks cmake "$dymod/README.md" | awk '/add_library\(sheep SHARED/ { seen = 1 } seen'
    } >CMakeLists.txt
    run "$cmake" -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug
    run "$cmake" --build build
    talk_to build/farm "'$cmake' --build build --target sheep"
    ;;

  calling_the_host)
    page=$dymod/docs/calling-the-host.md
    build_page "$page"

    say_first build/game 'the wolf waits'
    sed -i 's/the wolf waits/the wolf runs/' wolf.cpp
    run "$cmake" --build build --target wolf
    hears 'the wolf runs'
    finish
    say_first build/match 101
    sed -i 's/add_to_score(1)/add_to_score(10)/' goat.cpp
    run "$cmake" --build build --target goat
    hears 111
    hears 121
    finish

    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(echo | release/game 2>&1)" = "the wolf runs" ] || fail "the release does not answer"
    [ "$(echo | release/match 2>&1)" = 110 ] || fail "the release does not count"

    # A function that only the program has: a linker's error with the helper, a refused build without.
    echo 'int pasture(); static const int size = pasture();' >>wolf.cpp
    echo 'int pasture() { return 3; }' >>game.cpp
    if "$cmake" --build build --target wolf >"$work/log" 2>&1; then fail "wolf was not to link"; fi
    grep -qE 'undefined (reference|symbol)' "$work/log" || { cat "$work/log"; fail "another error"; }
    run "$compiler" -std=c++17 -I dymod/include -shared -fPIC -Dwolf_EXPORTS wolf.cpp -o build/libwolf.so
    if echo | build/game >"$work/log" 2>&1; then fail "game was to end with an error"; fi
    grep -q 'the system refuses to open it: .*undefined symbol' "$work/log" ||
      { cat "$work/log"; fail "the refusal is in other words"; }
    ;;

  misuses)
    page=$dymod/docs/misuses.md
    build_page "$page"
    mapfile -t lines < <(blocks text "$page")
    [ ${#lines[@]} -eq 2 ] || fail "the page has ${#lines[@]} lines of output"
    say_first build/hall "${lines[0]}"
    sed -i 's/"old"/"new"/' shout.cpp
    run "$cmake" --build build --target shout
    hears "${lines[1]}"
    finish
    sed -i 's/"new"/"old"/' shout.cpp
    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(echo | release/hall 2>&1)" = "${lines[0]/calls 1/calls 2}" ] || fail "the release answers otherwise"

    # Memory: the program's operator new serves modules, unless the C++ library is a part of the program.
    cat >counted.cpp <<'END'
#include <cstdio>
#include <cstdlib>
#include <new>
#include "shout.hpp"
static int made = 0;
void* operator new(std::size_t size) { ++made; return std::malloc(size); }
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
int main() { const auto one = shout::make_speaker(); std::printf("%d\n", made); }
END
    cp build/libshout.so build/libroll.so .
    run "$compiler" -std=c++17 -I dymod/include counted.cpp -o counted -ldl
    [ "$(./counted 2>"$work/events")" = 1 ] || fail "the module does not use the program's operator new"
    run "$compiler" -std=c++17 -I dymod/include -static-libstdc++ counted.cpp -o counted -ldl
    [ "$(./counted 2>"$work/events")" = 0 ] || fail "the module uses the operator new of a static C++ library"
    ;;

  pages)
    for page in "$dymod"/README.md "$dymod"/docs/*.md; do
      write_blocks "$page"
      for link in $(awk '/^```/ { code = !code } !code' "$page" | grep -o '](\([^)#]*\))' | sed 's/^](//; s/)$//' | grep -v '^http'); do
        [ -e "$(dirname "$page")/$link" ] || fail "$page has a link to $link, which is not there"
      done
    done
    count=0
    for file in *.hpp *.cpp; do         # sheep.cpp is compiled as part of the module sheep
      for mode in "" -DNDEBUG; do
        run "$compiler" -std=c++17 -Wall -Wextra -Werror $mode -I dymod/include -fsyntax-only \
          "-D${file%.*}_EXPORTS" -x c++ "$file"
      done
      count=$((count + 1))
    done
    [ $count -ge 5 ] || fail "only $count code blocks were found"
    ;;

  *)
    fail "there is no case '$case_name'"
    ;;
esac
