#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# The headers as a compiler for Windows with Microsoft's ABI reads them: clang for the MSVC target, with the C and
# Windows headers of Wine and the C++ headers of MinGW's g++. That is not cl.exe and not Microsoft's library: it
# shows that the #if branches, declarations and attributes are sound, not that cl takes them.
#
#   run_msvc.sh <case> <dymod's source directory> <work directory>

set -u
case_name=$1
dymod=$2
work=$3
here=$dymod/tests/platforms

fail() {
  echo "FAILED: $*"
  exit 1
}

skip() {
  echo "$* is not installed"
  exit 77
}

# first <command or path>...: the first of them that is there
first() {
  local each
  for each; do
    if [ -e "$each" ]; then echo "$each"; return; fi
    command -v "$each" && return
  done
}

clang=$(first clang++-19 clang++-16 clang++-14 clang++)
[ -n "$clang" ] || skip "clang++"
wine=$(first /usr/include/wine/wine /usr/include/wine)
[ -e "$wine/windows/windows.h" ] || skip "libwine-dev"
libstdcxx=$(first /usr/lib/gcc/x86_64-w64-mingw32/*-posix/include/c++)
[ -e "$libstdcxx/atomic" ] || skip "g++-mingw-w64-x86-64-posix"

rm -rf "$work"
mkdir -p "$work"
cd "$work" || fail "cannot enter $work"

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wundef -Werror)

# msvc <processor> <option>...
msvc() {
  local processor=$1
  shift
  "$clang" --target="$processor-pc-windows-msvc" -std=c++17 -isystem "$here/msvc_shim" -isystem "$libstdcxx" \
    -isystem "$libstdcxx/x86_64-w64-mingw32" -isystem "$wine/windows" -isystem "$wine/msvcrt" \
    -include "$here/msvc_shim/shim.h" -I "$dymod/include" "${warnings[@]}" "$@"
}

# silent <command>...: must succeed and say nothing
silent() {
  echo "\$ $*"
  "$@" >log 2>&1 || { cat log; fail "$*"; }
  if [ -s log ]; then cat log; fail "words from $*"; fi
}

case $case_name in
  msvc_syntax)
    echo "This is $("$clang" --version | head -n 1), not cl.exe."
    everything=$dymod/tests/compile_fail/50-everything-public.ok.cpp
    for processor in x86_64 i686 aarch64; do
      for mode in -DNDEBUG -DDYMOD_FORCE_DYNAMIC -Dsheep_EXPORTS; do
        silent msvc "$processor" -fsyntax-only $mode "$everything"
      done
    done
    for mode in -DNDEBUG -DDYMOD_FORCE_DYNAMIC -Dsheep_EXPORTS; do
      # As cl does without /permissive-: templates are looked at when they are used.
      silent msvc x86_64 -fsyntax-only -fdelayed-template-parsing $mode "$everything"
      silent msvc x86_64 -fsyntax-only -std=c++20 $mode "$everything"
    done

    # The biggest list that is promised.
    {
      echo "#include <dymod/dymod.hpp>"
      echo "struct herd { int size; float seconds; };"
      echo "DYMOD(flock,"
      for i in $(seq 256); do echo "  (count_$i, int(herd&, int (*)(int, int)) noexcept),"; done
      echo ")"
      echo "#if defined(USED)"
      echo "int use(herd& all);"
      echo "int use(herd& all) { return flock::count_1(all, nullptr) + flock::count_256(all, nullptr); }"
      echo "#endif"
    } >many.cpp
    for mode in "-DNDEBUG -DUSED" "-UNDEBUG -DUSED" -Dflock_EXPORTS; do
      # shellcheck disable=SC2086
      silent msvc x86_64 -fsyntax-only -fno-exceptions $mode many.cpp
    done

    # A module's own source, with C symbols too.
    cat >module.cpp <<'END'
#include <dymod/dymod.hpp>
struct herd { int size; };
DYMOD(sheep, (count, int(const herd&)), (shear, void(herd&, float) noexcept))
DYMOD_EXTERN_C(grass, (grow, int(int)), (cut, void() noexcept))
int sheep::count(const herd& all) { return all.size + grass::grow(1); }
void sheep::shear(herd& all, float) noexcept { all.size = 0; }
int grass::grow(int height) { return height + 1; }
void grass::cut() noexcept {}
END
    for processor in x86_64 i686 aarch64; do
      silent msvc "$processor" -fsyntax-only -Dsheep_EXPORTS -Dgrass_EXPORTS module.cpp
      silent msvc "$processor" -fsyntax-only -DNDEBUG module.cpp
    done

    msvc x86_64 -fsyntax-only -D_MSVC_TRADITIONAL=1 module.cpp >log 2>&1 && fail "the traditional preprocessor passed"
    grep -q "compile with /Zc:preprocessor" log || { cat log; fail "in other words"; }

    # A function type of x86 that is none to the templates.
    sed 's/(grow, int(int))/(grow, int __stdcall(int))/' module.cpp >stdcall.cpp
    for mode in -DNDEBUG -Dgrass_EXPORTS; do
      msvc i686 -fsyntax-only $mode stdcall.cpp >log 2>&1 && fail "another calling convention passed"
      grep -q "dymod: DYMOD takes functions" log || { cat log; fail "in other words"; }
    done
    ;;

  msvc_link)
    link=$(first lld-link-19 lld-link-16 lld-link-14 lld-link)
    [ -n "$link" ] || skip "lld"
    readobj=$(first llvm-readobj-19 llvm-readobj-16 llvm-readobj-14 llvm-readobj /usr/lib/llvm-14/bin/llvm-readobj)
    [ -n "$readobj" ] || skip "llvm"
    cat >sheep.hpp <<'END'
#include <dymod/dymod.hpp>
struct herd;
DYMOD(sheep, (count, int(int)), (shear, void(herd&)))
DYMOD_EXTERN_C(grass, (grow, int(int)), (cut, void() noexcept))
END
    # Two translation units of a module, of which one knows more: the linker takes one description.
    cat >count.cpp <<'END'
#include "sheep.hpp"
DYMOD(wolf, (hunt, int(int)))
int sheep::count(int legs) { return wolf::hunt(legs / 4); }
int grass::grow(int height) { return height + 1; }
void grass::cut() noexcept {}
END
    cat >shear.cpp <<'END'
struct herd { int size; int age; };
#include "sheep.hpp"
void sheep::shear(herd& all) { all.size = 0; }
END
    for processor in x86_64 i686 aarch64; do
      for level in -O0 -O2; do
        for unit in count shear; do
          silent msvc "$processor" $level -Dsheep_EXPORTS -Dgrass_EXPORTS -c $unit.cpp -o $unit.obj
        done
        # There is no C library to link; what is looked at does not call it.
        "$link" /dll /noentry /nodefaultlib /force:unresolved count.obj shear.obj /out:sheep.dll >log 2>&1
        [ -e sheep.dll ] || { cat log; fail "no library"; }
        grep -q "duplicate symbol" log && { cat log; fail "defined twice"; }
        "$readobj" --coff-exports sheep.dll | sed -n 's/^  Name: //p' | sort >exports
        printf '%s\n' cut dymod_description_sheep dymod_module_sheep grow >expected
        diff expected exports || fail "other exports for $processor $level"
        # Constant bytes of the file, one of each: not written by a constructor.
        [ "$(grep -caF 'dymod description' sheep.dll)" -ge 1 ] || fail "no description in the file"
        "$readobj" --sections sheep.dll | grep -q "Name: .dymod[0-9]" || fail "no section that other binaries find"
        rm sheep.dll
      done
    done
    ;;

  windows_h)
    cat >leak.cpp <<'END'
#include <dymod/dymod.hpp>
#if defined(WINAPI) || defined(min) || defined(max) || defined(TRUE) || defined(CALLBACK) || defined(STRICT) || \
    defined(GetMessage) || defined(_WINDOWS_) || defined(DWORD) || defined(interface) || defined(near)
#error "windows.h came along"
#endif
using DWORD = char;  // a name of the user's
using HANDLE = short;
int use();
int use() { return static_cast<int>(sizeof(DWORD) + sizeof(HANDLE)); }
END
    cat >before.cpp <<'END'
#include <windows.h>
#include <psapi.h>
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int(int)))
int use();
int use() { return sheep::count(static_cast<int>(GetCurrentProcessId())) + (sheep::reload() ? 1 : 0); }
END
    sed -e '/^#include <dymod/d' -e '1i #include <dymod/dymod.hpp>' before.cpp >after.cpp
    for processor in x86_64 i686 aarch64; do
      silent msvc "$processor" -fsyntax-only leak.cpp
      for order in before after; do
        for options in -UUNICODE "-DUNICODE -DWIN32_LEAN_AND_MEAN -DNOMINMAX" -DNDEBUG -Dgrass_EXPORTS; do
          # shellcheck disable=SC2086
          silent msvc "$processor" -fsyntax-only $options $order.cpp
        done
      done
    done
    # MinGW's own headers.
    for gcc in x86_64-w64-mingw32-g++-posix i686-w64-mingw32-g++-posix; do
      command -v $gcc >/dev/null || continue
      silent $gcc -std=c++17 "${warnings[@]}" -I "$dymod/include" -fsyntax-only leak.cpp
      for order in before after; do
        for options in -UUNICODE -DNO_STRICT -DNDEBUG; do
          silent $gcc -std=c++17 "${warnings[@]}" -I "$dymod/include" -fsyntax-only $options $order.cpp
        done
      done
    done
    ;;

  *) fail "no such case: $case_name" ;;
esac
echo "as expected"
