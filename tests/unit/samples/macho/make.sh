#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Makes the libraries that macho.test.cpp reads, without a Mac: with clang, lld for Mach-O and libc++'s headers (Debian:
# clang-14 lld-19 libc++-14-dev). Two kinds of file, processor, list of fixups and signature:
#
#   sheep.arm64.dylib    a library; chained fixups and an export trie of its own; signed, as the system wants on arm64
#   sheep.x86_64.bundle  a bundle; both inside LC_DYLD_INFO_ONLY; not signed; needs a sanitizer's library
#
#   make.sh [<directory for the results>]

set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../../..
results=${1:-$here}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() {                             # <processor>
  clang++-14 --target="$1-apple-macos11" -std=c++17 -Os -fvisibility=hidden -Dsheep_EXPORTS \
    -nostdlibinc -nostdinc++ -D_LIBCPP_CMATH -isystem /usr/include/c++/v1 \
    -idirafter "$root/tests/platforms/darwin_stubs" -I"$root/include" -c "$here/sheep.cpp" -o "$work/sheep.$1.o"
}

link() {                                # <processor> <lld's flags>...
  ld64.lld-19 -arch "$1" -platform_version macos 11 11 -undefined dynamic_lookup -no_data_const -dead_strip "${@:2}"
}

compile arm64
link arm64 -dylib -install_name libsheep.dylib -fixup_chains -o "$results/sheep.arm64.dylib" "$work/sheep.arm64.o"

compile x86_64
echo 'extern "C" int sanitizer() { return 0; }' >"$work/sanitizer.cpp"
clang++-14 --target=x86_64-apple-macos11 -stdlib=libc++ -c "$work/sanitizer.cpp" -o "$work/sanitizer.o"
link x86_64 -dylib -install_name @rpath/libclang_rt.asan_osx_dynamic.dylib -o "$work/libsanitizer.dylib" \
  "$work/sanitizer.o"
link x86_64 -bundle -o "$results/sheep.x86_64.bundle" "$work/sheep.x86_64.o" "$work/libsanitizer.dylib"
