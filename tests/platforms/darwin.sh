#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# dymod's macOS lines without a Mac: what clang says of them for that system, with headers written for this
# (darwin_stubs/README.md) and libc++'s, and what a linker for Mach-O makes of them.
#
#   darwin.sh <case> <work directory> <dymod's sources> <macho_records>
#
# syntax: host, module, plain C symbols and static mode compile for both processors without a warning, and nothing that
#   only Linux has does.
# link: a module that was linked for macOS exports its two symbols and has its note, and its description can be read.
# Without clang, its libc++ or lld the case is skipped (77).

set -eu
case_name=$1
work=$2
sources=$3
macho_records=$4
here=$sources/tests/platforms
rm -rf "$work"
mkdir -p "$work"
cd "$work"

fail() {
  echo "FAILED: $*"
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# The first of these programs that is here.
find_tool() {
  local name
  for name in "$@"; do
    if command -v "$name"; then return; fi
  done
  return 1
}

clang=$(find_tool clang++-14 clang++-19 clang++-16 clang++) || skip "no clang++"
libcxx=
for each in /usr/include/c++/v1 /usr/lib/llvm-*/include/c++/v1; do
  if [ -z "$libcxx" ] && [ -e "$each/atomic" ]; then libcxx=$each; fi
done
[ -n "$libcxx" ] || skip "no headers of libc++"

# libc++'s <cmath> wants all of C's mathematics; nothing here does.
include=$sources/include
compile() {                             # <processor> <compiler's arguments>...
  "$clang" "--target=$1-apple-macos11" -std=c++17 -nostdlibinc -nostdinc++ -D_LIBCPP_CMATH -isystem "$libcxx" \
    -idirafter "$here/darwin_stubs" "-I$include" -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
    -Wold-style-cast -Wundef -Werror "${@:2}"
}

parses() {                              # <what> <compiler's arguments>...
  local processor
  for processor in arm64 x86_64; do
    compile $processor -fsyntax-only "${@:2}" || fail "$1 does not parse for $processor"
  done
  echo "parses: $1"
}

# Puts what only Linux has into posix.hpp: a check that lets it through shows nothing.
refuses() {                             # <what> <sed command>
  rm -rf bent
  cp -r "$sources/include" bent
  sed -i "$2" bent/dymod/detail/os/posix.hpp
  if cmp -s {bent,"$sources/include"}/dymod/detail/os/posix.hpp; then fail "posix.hpp has no such line: $2"; fi
  include=bent
  if compile arm64 -fsyntax-only host.cpp 2>errors; then fail "parses with $1"; fi
  include=$sources/include
  echo "refuses $1: $(grep -m 1 -o 'error: .*' errors)"
}

cp "$sources/tests/hosts/everything.tidy.cpp" host.cpp

cat >sheep.hpp <<'EOF'
#include <dymod/dymod.hpp>

struct herd {
  int count;
  float wool;
};

DYMOD(sheep, (answer, int()), (shear, void(herd&)))
EOF

cat >sheep.cpp <<'EOF'
#include "sheep.hpp"

int sheep::answer() { return 42; }
EOF

# Calls another module, so that the library has a note of its own.
cat >shear.cpp <<'EOF'
#include "sheep.hpp"

DYMOD(meadow, (grow, int()))

void sheep::shear(herd& all) { all.count += meadow::grow(); }
EOF

cat >plain.cpp <<'EOF'
#include <dymod/dymod.hpp>

DYMOD_EXTERN_C(plain, (plain_answer, int()))

extern "C" int plain_answer() { return 42; }
EOF

case $case_name in
  syntax)
    parses "a host" host.cpp
    parses "a host without exceptions and run-time type information" -fno-exceptions -fno-rtti host.cpp
    parses "a host with a crash guard" -DDYMOD_CRASH_GUARD=1 host.cpp
    parses "a module" -Dsheep_EXPORTS sheep.cpp
    parses "a module that calls another" -Dsheep_EXPORTS shear.cpp
    parses "a module of plain C symbols" -Dplain_EXPORTS plain.cpp
    parses "static mode" -DNDEBUG sheep.cpp
    refuses "gettid()" 's/::pthread_threadid_np(nullptr, &number)/number = ::syscall(SYS_gettid)/'
    refuses "Linux's names of time stamps" 's/st_mtimespec/st_mtim/'
    refuses "the walk over ELF headers" 's/note::any_name/::dl_iterate_phdr/'
    ;;
  link)
    lld=$(find_tool ld64.lld-19 ld64.lld-14 ld64.lld) || skip "no lld for Mach-O"
    nm=$(find_tool llvm-nm-14 llvm-nm-19 llvm-nm) || skip "no llvm-nm"
    objdump=$(find_tool llvm-objdump-14 llvm-objdump-19 llvm-objdump) || skip "no llvm-objdump"
    layout=$(sed -n 's/^#define DYMOD_DETAIL_BINARY_LAYOUT //p' "$include/dymod/detail/os/target.hpp")
    layout=$(printf '%02x000000' "$layout")
    for processor in arm64 x86_64; do
      for source in sheep shear; do
        compile $processor -fvisibility=hidden -Dsheep_EXPORTS -c $source.cpp -o $source.o
      done
      for kind in dylib bundle; do
        library=libsheep.$processor.$kind
        "$lld" -$kind -arch $processor -platform_version macos 11 11 -undefined dynamic_lookup -dead_strip \
          -o "$library" sheep.o shear.o

        exported=$("$nm" -gU --format=just-symbols "$library" | sort | tr '\n' ' ')
        [ "$exported" = "_dymod_description_sheep _dymod_module_sheep " ] || fail "$library exports $exported"

        # Each note: the number of the layout, and the distance to where own_binary is.
        binary=$((16#$("$nm" "$library" | sed -n 's/^\([0-9a-f]*\) . dymod_binary$/\1/p')))
        notes=$("$objdump" -s -j __dymod "$library" |
          sed -n "s/^ \([0-9a-f]*\) $layout \(..\)\(..\)\(..\)\(..\) .*/\1 \5\4\3\2/p")
        [ -n "$notes" ] || fail "$library has no note"
        read -r at distance <<<"$notes"
        [ $(((16#$at + 4 + 16#$distance) % 2 ** 32)) = $binary ] || fail "$library has a note of something else: $notes, $binary"

        "$macho_records" "$library" $processor sheep >records || fail "$library: $(cat records)"
        grep -q '^function answer int()$' records || fail "$library: $(cat records)"
        grep -q '^layout .*herd.* size 8, alignment 4$' records || fail "$library: $(cat records)"
        echo "$library: exports, note and description are as meant"
      done
    done
    ;;
  *) fail "no such case: $case_name" ;;
esac
