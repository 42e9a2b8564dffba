#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Runs one consumer test: copies the projects beside this file to a work directory, configures and builds
# them with real generators, edits sources and looks at what running programs answer.
#
#   run.sh <case> <dymod's source directory> <work directory> <cmake>
#
# Says nothing but the steps it takes; the first thing that is not as expected ends it with exit code 1.

set -u
case_name=$1
dymod=$2
work=$3
cmake=$4

here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
mkdir -p "$work/a b"                    # a space in all paths: users have them
cp -r "$here/fields" "$here/by_hand" "$here/mistakes" "$work/a b/"
work="$work/a b"
log=$work/log
watcher=
trap 'if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null; fi' EXIT

step() { echo "== $*"; }

fail() {
  echo "FAILED: $*"
  exit 1
}

run() {
  "$@" >"$log" 2>&1 || { cat "$log"; fail "the command failed: $*"; }
}

needs() { command -v "$1" >/dev/null || { echo "skipped: no $1 here"; exit 77; }; }

configure() {                           # <build directory> <source directory> [arguments]
  local build=$1 source=$2
  shift 2
  step "configure $source: $*"
  run "$cmake" -S "$work/$source" -B "$work/$build" -DDYMOD_SOURCE="$dymod" --warn-uninitialized "$@"
  if grep -qi "warning" "$log"; then cat "$log"; fail "configuring gave a warning"; fi
}

build() {                               # <build directory> [arguments]
  local directory=$1
  shift
  step "build $directory $*"
  run "$cmake" --build "$work/$directory" "$@"
}

answers() {                             # <program> <expected line>
  local got
  got=$("$work/$1" 2>"$log.err") || { cat "$log.err"; fail "$1 exits with an error"; }
  [ "$got" = "$2" ] || fail "$1 answers '$got', expected '$2'"
}

wait_for() {                            # <expected line> in the output of the program left running
  for _ in $(seq 300); do
    if grep -qxF "$1" "$work/watch.out"; then return; fi
    if ! kill -0 "$watcher" 2>/dev/null; then
      cat "$work/watch.out" "$work/watch.err"
      fail "the host ended"
    fi
    sleep 0.1
  done
  cat "$work/watch.out" "$work/watch.err"
  fail "the running host does not answer '$1' within 30 s"
}

start_watching() {                      # <program>
  rm -f "$work/stop"
  "$work/$1" "$work/stop" >"$work/watch.out" 2>"$work/watch.err" &
  watcher=$!
}

stop_watching() {
  local ended=$watcher
  : >"$work/stop"
  watcher=
  wait "$ended" || fail "the host left running ends with exit code $?"
}

identity() { stat -c '%i %y' "$work/$1"; }

edit_sheep() {                          # <the new number>
  sed -i "s/number = [0-9]*;/number = $1;/" "$work/fields/sheep.cpp"
}

symbols() { nm -C "$work/$1"; nm -DC "$work/$1"; }

is_dynamic() {
  symbols "$1" >"$log" || fail "nm does not read $1"
  grep -q 'dymod::' "$log" || fail "$1 has no symbol of dymod, so this test cannot see them"
}

is_static() {
  symbols "$1" >"$log" || fail "nm does not read $1"
  if grep -iE 'dymod|dlopen' "$log"; then fail "$1 is static and has these symbols"; fi
}

says_nothing_of_dymod() {
  if strings -a "$work/$1" | grep -i dymod; then fail "$1 is a release program and has these strings"; fi
}

# The life of a debug build: <build directory> <directory of the programs> [arguments for every build]
check_hot_swap() {
  local directory=$1 programs=$2
  shift 2
  edit_sheep 100
  build "$directory" "$@" --target host
  answers "$programs/host" "dynamic sheep 101 wolf 3201 legs 4"
  is_dynamic "$programs/host"
  start_watching "$programs/host"
  wait_for "dynamic sheep 101 wolf 3201 legs 4"

  local before after
  before=$(identity "$programs/host")
  edit_sheep 300
  build "$directory" "$@" --target sheep
  wait_for "dynamic sheep 301 wolf 3201 legs 4"
  answers "$programs/host" "dynamic sheep 301 wolf 3201 legs 4"
  build "$directory" "$@" --target host
  build "$directory" "$@"
  after=$(identity "$programs/host")
  [ "$before" = "$after" ] || fail "rebuilding the module changed the host: $before, now $after"
  stop_watching
}

check_static() {                        # <build directory> <directory of the programs> [arguments]
  local directory=$1 programs=$2
  shift 2
  edit_sheep 100
  build "$directory" "$@"
  answers "$programs/host" "static sheep 101 wolf 3201 legs 4"
  is_static "$programs/host"
  edit_sheep 400
  build "$directory" "$@" --target host
  answers "$programs/host" "static sheep 401 wolf 3201 legs 4"
  edit_sheep 100
}

check_both() {                          # <generator>
  configure debug fields -G "$1" -DCMAKE_BUILD_TYPE=Debug
  check_hot_swap debug debug
  configure release fields -G "$1" -DCMAKE_BUILD_TYPE=Release
  check_static release release
  says_nothing_of_dymod release/host
  [ ! -e "$work/release/modules/libsheep.so" ] || fail "a release build makes a shared library"
}

check_mode() {                          # dynamic|static <configure arguments>
  local mode=$1
  shift
  rm -rf "$work/build"
  configure build fields -G Ninja "$@"
  "check_is_$mode" build build
}
check_is_dynamic() {
  build build
  answers build/host "dynamic sheep 101 wolf 3201 legs 4"
  is_dynamic build/host
}
check_is_static() {
  build build
  answers build/host "static sheep 101 wolf 3201 legs 4"
  is_static build/host
}

check_mistake() {                       # <mistake> <words that the message must have> [arguments]
  local mistake=$1 words=$2
  shift 2
  step "mistake: $mistake $*"
  rm -rf "$work/build"
  if "$cmake" -S "$work/mistakes" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
      -DDYMOD_SOURCE="$dymod" -DMISTAKE="$mistake" "$@" >"$log" 2>&1; then
    fail "configured all the same"
  fi
  tr -s ' \n' '  ' <"$log" | grep -qF -- "$words" || { cat "$log"; fail "the message does not say '$words'"; }
}

case $case_name in
  ninja)
    needs ninja
    check_both Ninja
    ;;

  make)
    needs make
    check_both "Unix Makefiles"
    ;;

  multi_config)
    needs ninja
    configure build fields -G "Ninja Multi-Config"
    check_hot_swap build build/Debug --config Debug
    check_static build build/Release --config Release
    says_nothing_of_dymod build/Release/host
    check_hot_swap build build/Debug --config Debug
    check_static build build/RelWithDebInfo --config RelWithDebInfo

    step "target sheep compiles the module's sources in Release too"
    echo '#error "seen"' >>"$work/fields/sheep.cpp"
    if "$cmake" --build "$work/build" --config Release --target sheep >"$log" 2>&1; then
      fail "a broken sheep.cpp is built"
    fi
    grep -q '"seen"' "$log" || { cat "$log"; fail "another error than the one in sheep.cpp"; }
    ;;

  forced_by_flags)
    needs ninja
    check_mode dynamic -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-DDYMOD_FORCE_DYNAMIC
    check_mode static -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-DDYMOD_FORCE_STATIC
    check_mode static -DCMAKE_BUILD_TYPE= "-DCMAKE_CXX_FLAGS=-O1 -D NDEBUG"
    check_mode dynamic -DCMAKE_BUILD_TYPE=
    ;;

  forced_by_definitions)
    needs ninja
    check_mode dynamic -DCMAKE_BUILD_TYPE=Release -DFIELDS_DEFINITIONS=DYMOD_FORCE_DYNAMIC
    check_mode static -DCMAKE_BUILD_TYPE=Debug -DFIELDS_DEFINITIONS=DYMOD_FORCE_STATIC
    check_mode static -DCMAKE_BUILD_TYPE=Debug -DFIELDS_DEFINITIONS=NDEBUG=1
    ;;

  ndebug_taken_out)
    needs ninja
    check_mode static -DCMAKE_BUILD_TYPE=RelWithDebInfo
    check_mode dynamic -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g"
    check_mode dynamic -DCMAKE_BUILD_TYPE=RelWithDebInfo -DFIELDS_OPTIONS=-UNDEBUG
    check_mode static -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS=-UNDEBUG
    ;;

  ndebug_of_one_target)
    needs ninja
    check_mode dynamic -DCMAKE_BUILD_TYPE=Debug "-DFIELDS_SHEEP_OPTIONS=-O2;-DNDEBUG"
    check_mode dynamic -DCMAKE_BUILD_TYPE=Debug "-DFIELDS_HOST_OPTIONS=-O2;-DNDEBUG"
    check_mode static -DCMAKE_BUILD_TYPE=Release "-DFIELDS_HOST_OPTIONS=-O2;-UNDEBUG"
    ;;

  module_calls_module)
    needs ninja
    configure debug fields -G Ninja -DCMAKE_BUILD_TYPE=Debug -DFIELDS_HAS_DOG=ON
    build debug --target host
    answers debug/host "dynamic sheep 101 wolf 3201 legs 4 dog 5100"
    configure release fields -G Ninja -DCMAKE_BUILD_TYPE=Release -DFIELDS_HAS_DOG=ON
    build release
    answers release/host "static sheep 101 wolf 3201 legs 4 dog 5100"
    is_static release/host
    configure multi fields -G "Ninja Multi-Config" -DFIELDS_HAS_DOG=ON
    for configuration in Debug Release; do build multi --config $configuration; done
    answers multi/Debug/host "dynamic sheep 101 wolf 3201 legs 4 dog 5100"
    answers multi/Release/host "static sheep 101 wolf 3201 legs 4 dog 5100"
    is_static multi/Release/host
    ;;

  flags)
    needs ninja
    configure build fields -G Ninja -DCMAKE_BUILD_TYPE=Debug
    build build --target sheep
    [ -e "$work/build/modules/libsheep.so" ] || fail "the library is not where the project wants it"
    [ ! -e "$work/build/host" ] || fail "building the module built the host"
    nm "$work/build/modules/libsheep.so" >"$log" || fail "nm does not read the module"
    if grep ' u ' "$log"; then fail "the module has unique symbols: all generations share them"; fi
    readelf -dW "$work/build/modules/libsheep.so" | grep -q SYMBOLIC ||
      fail "the module is not linked with -Bsymbolic"
    build build --target wolf
    nm -DC --defined-only "$work/build/libwolf.so" >"$log" || fail "nm does not read the module"
    if grep -E 'update|teeth' "$log"; then fail "the module's functions are not hidden"; fi

    step "an undefined symbol is an error of the linker"
    sed -i 's,// undefined: ,,' "$work/fields/sheep.cpp"
    if "$cmake" --build "$work/build" --target sheep >"$log" 2>&1; then
      fail "the module was linked"
    fi
    grep -q 'missing()' "$log" || { cat "$log"; fail "the linker does not say what is missing"; }
    ;;

  sanitizer)
    needs ninja
    configure build fields -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-fsanitize=undefined
    build build --target sheep
    configure build2 fields -G Ninja -DCMAKE_BUILD_TYPE=Debug -DFIELDS_OPTIONS=-fsanitize=undefined \
      -DCMAKE_MODULE_LINKER_FLAGS=-fsanitize=undefined
    build build2 --target sheep
    configure build3 fields -G Ninja -DCMAKE_BUILD_TYPE=Debug -DFIELDS_SHEEP_OPTIONS=-fsanitize=undefined \
      -DCMAKE_MODULE_LINKER_FLAGS=-fsanitize=undefined
    build build3 --target sheep
    ;;

  fifty_rebuilds)
    needs ninja
    configure build fields -G Ninja -DCMAKE_BUILD_TYPE=Debug
    edit_sheep 0
    build build --target host
    start_watching build/host
    wait_for "dynamic sheep 1 wolf 3201 legs 4"
    for number in $(seq 1 50); do
      edit_sheep "$number"
      run "$cmake" --build "$work/build" --target sheep
    done
    wait_for "dynamic sheep 51 wolf 3201 legs 4"
    stop_watching
    [ "$(tail -n 1 "$work/watch.out")" = "dynamic sheep 51 wolf 3201 legs 4" ] ||
      fail "the host did not end on the last build"
    if grep -v -e 'is loaded' -e 'is live' "$work/watch.err"; then fail "the host complained"; fi
    ;;

  without_helper)
    needs ninja
    configure build by_hand -G Ninja -DCMAKE_BUILD_TYPE=Debug
    build build
    answers build/app "sheep 101"
    before=$(identity build/app)
    edit_sheep 300
    build build --target sheep
    [ "$before" = "$(identity build/app)" ] || fail "rebuilding the module changed the host"
    answers build/app "sheep 301"
    ;;

  mistakes)
    needs ninja
    configure build mistakes -G Ninja -DCMAKE_BUILD_TYPE=Debug -DMISTAKE=none
    check_mistake no_sources "dymod_add_module: module 'sheep' has no source files"
    check_mistake kind_of_library "'SHARED' is no source file of module 'sheep'"
    check_mistake not_an_identifier "'black-sheep' cannot be the name of a C++ namespace"
    check_mistake target_exists "dymod_add_module: there is a target 'app' already"
    check_mistake twice "dymod_add_module: there is a target 'sheep' already"
    check_mistake named_watch "no module can be named 'watch'"
    check_mistake named_dymod "dymod_add_module: there is a target 'dymod' already"
    for type in Debug Release; do
      check_mistake links_the_library \
        "target 'app' links 'sheep', which is a module: debug builds load it" -DCMAKE_BUILD_TYPE=$type
      check_mistake links_the_other_library "target 'sheep' links 'wolf', which is a module" -DCMAKE_BUILD_TYPE=$type
      check_mistake passes_the_library_on "target 'animals' links 'sheep', which is a module" -DCMAKE_BUILD_TYPE=$type
    done
    ;;

  written_in_c)
    # Nothing of dymod is compiled into it: no compiler for C++ is to see its flags, and it needs no library of C++.
    needs ninja
    mkdir "$work/written_in_c"
    cat >"$work/written_in_c/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.23)
project(written_in_c LANGUAGES C CXX)
add_subdirectory("${DYMOD_SOURCE}" dymod)
dymod_add_module(sums sums.c)
target_compile_options(sums PRIVATE -std=c11 -Werror)
add_executable(app app.cpp)
target_link_libraries(app PRIVATE dymod::sums)
END
    cat >"$work/written_in_c/sums.c" <<'END'
int add(int a, int b) { return a + b; }
END
    cat >"$work/written_in_c/app.cpp" <<'END'
#include <dymod/dymod.hpp>
#include <cstdio>
DYMOD_EXTERN_C(sums, (add, int(int a, int b)))
int main() { std::printf("sum %d\n", sums::add(1, 2)); }
END
    configure debug written_in_c -G Ninja -DCMAKE_BUILD_TYPE=Debug
    build debug
    answers debug/app "sum 3"
    if symbols debug/libsums.so | grep -q dymod; then fail "a module in C has symbols of dymod"; fi
    configure multi written_in_c -G "Ninja Multi-Config"
    for configuration in Debug Release; do
      build multi --config $configuration
      answers multi/$configuration/app "sum 3"
    done
    ;;

  unity)
    # What users name their variables is not seen by dymod's own source file, which is compiled with the target's flags.
    needs ninja
    mkdir "$work/unity"
    cat >"$work/unity/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.23)
project(unity LANGUAGES CXX)
set(CMAKE_UNITY_BUILD ON)
add_subdirectory("${DYMOD_SOURCE}" dymod)
add_compile_options(-Wall -Wextra -Wshadow -Werror)
dymod_add_module(sheep sheep.cpp)
add_executable(app app.cpp)
target_precompile_headers(app PRIVATE sheep.hpp names.hpp)
target_link_libraries(app PRIVATE dymod::sheep)
END
    cat >"$work/unity/names.hpp" <<'END'
static inline int other() { return 1; }
extern int record, path;
#define copies 1
#define name 2
END
    cat >"$work/unity/sheep.hpp" <<'END'
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int()))
END
    cat >"$work/unity/sheep.cpp" <<'END'
#include "sheep.hpp"
#include <dymod/persistent.hpp>
DYMOD_PERSISTENT(int, other, 3);
#define text 5
int sheep::count() { return ++other + text; }
END
    cat >"$work/unity/app.cpp" <<'END'
#include <cstdio>
int main() { std::printf("sheep %d\n", sheep::count()); }
END
    configure build unity -G Ninja -DCMAKE_BUILD_TYPE=Debug
    build build
    answers build/app "sheep 9"
    ;;

  exceptions_of_one_target)
    # What a library's call throws is not a matter of how the program is compiled that it is part of.
    needs ninja
    mkdir "$work/exceptions"
    cat >"$work/exceptions/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.23)
project(exceptions LANGUAGES CXX)
add_subdirectory("${DYMOD_SOURCE}" dymod)
dymod_add_module(sheep sheep.cpp)
add_library(flock STATIC flock.cpp)
target_link_libraries(flock PRIVATE dymod::sheep)
add_executable(app app.cpp)
target_compile_options(app PRIVATE -fno-exceptions)
target_link_libraries(app PRIVATE flock dymod::sheep)
END
    cat >"$work/exceptions/sheep.hpp" <<'END'
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int()))
END
    cat >"$work/exceptions/sheep.cpp" <<'END'
#include "sheep.hpp"
int sheep::count() { return 3; }
END
    cat >"$work/exceptions/flock.cpp" <<'END'
#include "sheep.hpp"
int count() {
  try {
    return sheep::count();
  } catch (const dymod::error&) {
    return -1;
  }
}
END
    cat >"$work/exceptions/app.cpp" <<'END'
#include "sheep.hpp"
#include <cstdio>
int count();
int main(int arguments, char**) { std::printf("flock %d\n", arguments > 1 ? sheep::count() : count()); }
END
    configure build exceptions -G Ninja -DCMAKE_BUILD_TYPE=Debug
    build build
    answers build/app "flock 3"
    rm "$work/build/libsheep.so"
    answers build/app "flock -1"
    if "$work/build/app" more >"$log" 2>&1; then fail "the program goes on without its module"; fi
    grep -q "build the module" "$log" || { cat "$log"; fail "the program ends without a word"; }
    ;;

  precompiled)
    # CMake tells clang++ to instantiate templates at the end of a precompiled header, where the types are not
    # complete yet that the description is to tell of.
    needs ninja
    mkdir "$work/precompiled"
    cat >"$work/precompiled/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.23)
project(precompiled LANGUAGES CXX)
add_subdirectory("${DYMOD_SOURCE}" dymod)
dymod_add_module(sheep sheep.cpp)
target_precompile_headers(sheep PRIVATE sheep.hpp)
END
    cat >"$work/precompiled/sheep.hpp" <<'END'
#include <dymod/dymod.hpp>
struct state;
DYMOD(sheep, (start, state*()))
END
    cat >"$work/precompiled/sheep.cpp" <<'END'
struct state { char bytes[4711]; };
state* sheep::start() { return nullptr; }
END
    configure build precompiled -G Ninja -DCMAKE_BUILD_TYPE=Debug
    build build
    grep -qa 'size 4711, alignment 1' "$work/build/libsheep.so" ||
      fail "the module does not tell of a type that was completed behind its precompiled header"
    ;;

  example)
    needs ninja
    cp -r "$dymod/examples/sheep" "$work/sheep"
    for configuration in Debug Release; do
      configure $configuration sheep -G Ninja -DCMAKE_BUILD_TYPE=$configuration
      build $configuration
      "$work/$configuration/sheep_host" 2 1 >"$log" 2>"$log.err" || fail "the example ends with an error"
      tail -n 2 "$log" | diff - <(printf '%d sheep jumped over the fence\n' 1 2) || fail "unexpected answers"
    done
    says_nothing_of_dymod Release/sheep_host
    ;;

  headers_in_release)
    # The test preset compiles each header by itself in debug.
    needs ninja
    step "configure dymod: Release"
    run "$cmake" -S "$dymod" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_BUILD_TESTS=OFF \
      -DDYMOD_BUILD_EXAMPLES=ON -DCMAKE_VERIFY_INTERFACE_HEADER_SETS=ON
    build build --target all --target all_verify_interface_header_sets
    "$work/build/examples/sheep/sheep_host" 1 1 >"$log" || fail "the example ends with an error"
    grep -q '^1 sheep' "$log" || { cat "$log"; fail "the example does not count"; }
    ;;

  *)
    fail "there is no case '$case_name'"
    ;;
esac
step "as expected"
