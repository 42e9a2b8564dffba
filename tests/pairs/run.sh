#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# A host of one compiler, and the module built by each of the others: one after the other, while the host runs.
#
#   run.sh <host's compiler | libc++ | standard_libraries> <dymod's source directory> <work directory> <cmake>
#
# Compilers that are not installed are left out. Exit code 77: there is nothing to be seen here.

set -u
case_name=$1
dymod=$2
work=$3
here=$(cd "$(dirname "$0")" && pwd)
compilers=(g++-11 g++-12 g++-13 g++-14 g++-15 clang++-14 clang++-16 clang++-19)
libcxx=(clang++ -stdlib=libc++)

rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 1

fail() {
  echo "FAILED: $*"
  exit 1
}

run() {
  echo "\$ $*"
  "$@" || fail "the command failed"
}

has() { command -v "$1" >/dev/null; }

needs() { "$@" || { echo "skipped: not here: $*"; exit 77; }; }

has_libcxx() { echo '#include <string>' | "${libcxx[@]}" -x c++ -fsyntax-only - 2>/dev/null; }

build_host() {                          # <compiler> [flags]
  run "$@" -std=c++17 -Wall -Wextra -Werror -g -I "$dymod/include" "$here/host.cpp" -o host -ldl
}

# As dymod_add_module builds it.
build_module() {                        # <library> <what it answers> <compiler> [flags]
  local library=$1 answer=$2 unique=
  shift 2
  [[ $1 == clang* ]] || unique=-fno-gnu-unique
  # shellcheck disable=SC2086
  run "$@" -std=c++17 -Wall -Wextra -Werror -g -I "$dymod/include" -shared -fPIC -fvisibility=hidden \
    -fvisibility-inlines-hidden $unique -Dpair_EXPORTS "-DCOMPILER=\"$answer\"" "$here/module.cpp" -o "$library" \
    -Wl,-Bsymbolic -Wl,--no-undefined
}

start() {                               # by_name | by_address
  coproc HOST { exec ./host "$1" 2>events; }
}

hears() {                               # <line>
  local answer
  read -r -t 60 answer <&"${HOST[0]}" || { cat events; fail "the host says nothing, not '$1'"; }
  [ "$answer" = "$1" ] || { cat events; fail "the host says '$answer', not '$1'"; }
}

finish() {
  local input=${HOST[1]} id=$HOST_PID
  exec {input}>&-
  wait "$id" || { cat events; fail "the host ends with an error"; }
}

# Both libraries say which they are, before a byte of the other's runs.
is_refused() {                          # <host's library> <module's library>
  ./host by_name </dev/null >output 2>&1
  for words in "built for another C++ ABI: 'the standard library'" "the standard library in the host:    $1" \
      "the standard library in the library: $2"; do
    grep -qF "$words" output || { cat output; fail "the refusal does not say '$words'"; }
  done
}

case $case_name in
  libc++)
    # docs/limits.md, "libc++": types of shared headers are two types there.
    needs has_libcxx
    build_host "${libcxx[@]}"
    build_module libpair.so first "${libcxx[@]}"
    build_module next.so next "${libcxx[@]}" -O2
    start by_address
    hears "first, generation 1"
    mv next.so libpair.so
    echo >&"${HOST[1]}"
    hears "next, generation 2"
    finish
    ;;

  standard_libraries)
    needs has_libcxx
    build_host "${libcxx[@]}"
    build_module libpair.so other "${CXX:-g++}"
    is_refused "libc++ ABI 1" libstdc++
    build_module libpair.so other "${libcxx[@]}"
    sed -i 's/libc++ ABI 1/libc++ ABI 2/' libpair.so
    is_refused "libc++ ABI 1" "libc++ ABI 2"
    build_host "${CXX:-g++}"
    build_module libpair.so other "${libcxx[@]}"
    is_refused libstdc++ "libc++ ABI 1"
    ;;

  *)
    needs has "$case_name"
    build_host "$case_name"
    generation=0
    for compiler in "${compilers[@]}"; do
      if ! has "$compiler"; then continue; fi
      build_module next.so "$compiler" "$compiler"
      mv next.so libpair.so
      generation=$((generation + 1))
      if [ $generation -eq 1 ]; then start by_name; else echo >&"${HOST[1]}"; fi
      hears "$compiler, generation $generation"
    done
    finish
    echo "$generation modules"
    [ $generation -ge 2 ] || { echo "skipped: no other compiler"; exit 77; }
    ;;
esac
