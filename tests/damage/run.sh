#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Damaged libraries and a running host; see damage.cpp.
#
#   run.sh <case> <work directory> <damage> <dymod's source directory> <compiler and its flags>
#
# cut, zeroed: every cut and every tail of zeros, of libraries from four linkers; none may hurt. finds: without the
# check it must be found that they do. random: a few bits and spans, to see that counting them works; for figures:
#   run.sh random <work directory> … with trials=5000 in the environment.

set -eu
case_name=$1
work=$2
damage=$3
dymod=$4
compile=("${@:5}")

here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
mkdir -p "$work"
cd "$work"

fail() {
  echo "FAILED: $*"
  exit 1
}

for generation in 1 2; do
  "${compile[@]}" -Os -fPIC -fvisibility=hidden -I"$dymod/include" -Dsheep_EXPORTS -DDYMOD_FORCE_DYNAMIC \
    -DGENERATION=$generation -c "$here/sheep.cpp" -o sheep$generation.o
done

# link <name> <flags>; false without that linker.
link() {
  echo 'int unused;' >empty.cpp
  if ! "${compile[@]}" -fPIC -shared empty.cpp -o empty.so "${@:2}" 2>/dev/null; then
    echo "$1: not installed, skipped"
    return 1
  fi
  for generation in 1 2; do "${compile[@]}" -shared sheep$generation.o -o "$1$generation.so" "${@:2}"; done
}

# try <name> <what> <numbers>: in a folder of its own, for what killed hosts leave there.
try() {
  mkdir -p "$1"
  (cd "$1" && "$damage" "$2" "../${1}1.so" "../${1}2.so" "${@:3}")
}

# Takes something out of the headers, by a sed command, and expects that damage is found to hurt. What is not complete
# seldom shows a description, which is a second guard: it is taken out as well.
finds() {                               # <what> <sed command for elf.hpp>
  rm -rf broken
  mkdir broken
  cp -r "$dymod/include/dymod" broken
  sed -i "$2" broken/dymod/detail/reload/elf.hpp
  sed -i '/if (!fits(of, library_image, why))/d' broken/dymod/detail/reload/loader.hpp
  for header in elf loader; do
    if cmp -s {broken,"$dymod/include"}/dymod/detail/reload/$header.hpp; then fail "$header.hpp has no such check"; fi
  done
  # It builds nothing.
  "${compile[@]}" -DDYMOD_TEST_{COMPILER,TARGET,LIBRARY,LINK,INCLUDE,EMULATOR}='""' -Ibroken -I"$here/.." \
    "$here/damage.cpp" "$here/../support/workshop.cpp" "$here/../support/workshop_posix.cpp" -o damage
  damage=$PWD/damage
  if try stripped "$1" 10 >log; then cat log; fail "$1 hurts nobody without: $2"; fi
  cat log
  grep -qE '[0-9] (crash|wrong answer)' log || fail "ended by something else"
}

case $case_name in
  cut | zeroed)
    for linker in bfd gold lld mold; do
      if link $linker -fuse-ld=$linker; then
        echo "$linker:"
        try $linker "$case_name" 200
      fi
    done
    link stripped -s
    echo "stripped:"
    try stripped "$case_name" 200
    ;;
  finds)
    link stripped -s
    finds zeroed 's/ || !sections_inside(why)//'
    finds cut 's/!segments_inside(why) || !sections_inside(why)/false/'
    ;;
  random)
    link stripped -s
    try stripped random "${trials:-20}" "${seed:-1}"
    ;;
  *) fail "no such case: $case_name" ;;
esac
