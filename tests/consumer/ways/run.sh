#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# One way in of docs/installing.md, as the page says it: its build files, its commands, and the README's program.
#
#   run.sh <case> <dymod's source directory> <work directory> <cmake>
#
# The work directories of all cases are beside each other; what the case `install` leaves is for the others.

set -u
case_name=$1
dymod=$2
work=$3
cmake=$4
here=$(cd "$(dirname "$0")" && pwd)
export CXX=${CXX:-g++}
page=$dymod/docs/installing.md
prefix="$(dirname "$work")/installed dymod"

. "$dymod/tests/support/pages.sh"

needs() { command -v "$1" >/dev/null || { echo "skipped: no $1 here"; exit 77; }; }

section() {                             # <heading>: its text, up to the next heading
  awk -v heading="$1" '/^```/ { code = !code } /^##/ && !code { sub(/^#+ /, ""); inside = $0 == heading } inside' \
    "$page" >"$work/section"
  [ -s "$work/section" ] || fail "the page has no section '$1'"
}

block() {                               # <language> <number>: that block of the section
  awk -v start="\`\`\`$1" -v number="$2" '$0 == start { ++count; block = 1; next } /^```/ { block = 0 }
    block && count == number' "$work/section" | grep . || fail "section has no block $2 of $1"
}

copy_dymod() {                          # <to>: what a project needs of it
  mkdir -p "$1"
  cp -r "$dymod"/{CMakeLists.txt,LICENSE,cmake,include,meson.build} "$1/"
}

# The section's commands, or the last ones that a section has told: to build, to build the module, to release.
take_commands() {
  build=$(block sh 1) rebuild=$(block sh 2) release=$(block sh 3)
}

# Builds and talks, then builds the release and looks at it.
try() {                                 # <program> <released program> [arguments for the first command of a build]
  run bash -euc "${build/-DCMAKE_BUILD_TYPE/${3:-} -DCMAKE_BUILD_TYPE}"
  talk_to "$1" "$rebuild"
  run bash -euc "${release/-DCMAKE_BUILD_TYPE/${3:-} -DCMAKE_BUILD_TYPE}"
  [ "$(echo | "$2" 2>&1)" = "many sheep" ] || fail "the release does not answer"
  if strings -a "$2" | grep -i dymod; then fail "dymod is left in the release"; fi
}

# A project whose CMakeLists.txt has these lines.
try_cmake() {                           # <lines> [arguments]
  needs ninja
  section CMake
  printf 'cmake_minimum_required(VERSION 3.23)\nproject(farm LANGUAGES CXX)\n%s\n%s\n' "$1" "$(block cmake 1)" >CMakeLists.txt
  take_commands
  build=${build//cmake /\"$cmake\" } rebuild=${rebuild//cmake /\"$cmake\" } release=${release//cmake /\"$cmake\" }
  try build/farm release/farm "${2:-}"
}

# The page's commands name g++.
for_this_compiler() {
  local text
  text=$(cat)
  text=${text//g++/\"$CXX\"}
  if ! "$CXX" -fno-gnu-unique -x c++ -fsyntax-only /dev/null 2>"$work/log"; then text=${text// -fno-gnu-unique/}; fi
  printf '%s\n' "$text"
}

rm -rf "$work"
mkdir -p "$work"
cd "$work" || fail "cannot enter $work"
write_blocks "$dymod/README.md"

case $case_name in
  # As the page says, elsewhere; and moved from there.
  install)
    ln -s "$dymod" dymod
    section Installed
    commands=$(block sh 1)
    commands=${commands//cmake -/\"$cmake\" -}
    run bash -euc "${commands//\/opt\/dymod/$work/first}"
    (cd "$dymod/include" && find dymod -name '*.hpp' | sort) >expected
    (cd first/include && find . -type f | sed 's,^\./,,' | sort) | diff - expected || fail "the headers are others"
    if grep -rIF -e "$work" -e "$dymod" first; then fail "what is installed names where it was made"; fi
    while read -r file; do
      [ -e "first/share/dymod/$file" ] || fail "share/dymod has no $file, which is asked for"
    done < <(grep -ohE 'CMAKE_CURRENT(_FUNCTION)?_LIST_DIR}/[a-z_-]+\.[a-z]+' first/share/dymod/*.cmake | sed 's,.*/,,')
    rm -rf "$prefix"
    mv first "$prefix"

    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.23)
project(asks LANGUAGES CXX)
set(CMAKE_VERSION ${CLAIMED})
find_package(dymod ${ASKED} CONFIG REQUIRED)
find_package(dymod CONFIG REQUIRED)
END
    asks() { "$cmake" -S . -B asks -DCMAKE_PREFIX_PATH="$prefix" -DCLAIMED="$1" -DASKED="$2" >"$work/log" 2>&1; }
    asks 3.25 1 || { cat "$work/log"; fail "dymod 1 is not found"; }
    for other in 0 2 1.99; do
      if asks 3.25 $other; then fail "dymod $other is found"; fi
    done
    if asks 3.22 1; then fail "found by a CMake that is too old"; fi
    grep -q 'dymod needs CMake 3.23' "$work/log" || { cat "$work/log"; fail "it is not said that CMake is too old"; }
    ;;

  add_subdirectory)
    copy_dymod dymod
    section 'A copy in the project'
    try_cmake "$(block cmake 1)"
    run "$cmake" --install release --prefix "$work/prefix"
    [ ! -e prefix/include ] || fail "the project installs dymod"
    run "$cmake" release -DDYMOD_INSTALL=ON
    run "$cmake" --install release --prefix "$work/prefix"
    [ -e prefix/share/dymod/dymod-config.cmake ] || fail "the project does not install dymod"
    ;;

  fetch_content_git)
    needs git
    copy_dymod repository
    run git -C repository -c init.defaultBranch=main init
    run git -C repository add .
    run git -C repository -c user.name=test -c user.email=test@example.org commit -m "One version"
    run git -C repository tag v1.0.0
    section FetchContent
    lines=$(block cmake 1)
    grep -q 'https://example.org/dymod.git' <<<"$lines" || fail "the page names another repository"
    try_cmake "${lines//https:\/\/example.org\/dymod.git/file:\/\/$work/repository}"
    ;;

  fetch_content_directory)
    copy_dymod dymod
    section FetchContent
    try_cmake "$(block cmake 2)"
    ;;

  find_package)
    section Installed
    try_cmake "$(block cmake 1)" "'-DCMAKE_PREFIX_PATH=$prefix'"
    ;;

  vcpkg)
    run "$cmake" -D PORT_DIRECTORY="$dymod/packaging/vcpkg/dymod" -D WORK="$work/vcpkg" -P "$here/vcpkg.cmake"
    section Installed
    try_cmake "$(block cmake 1)" "'-DCMAKE_PREFIX_PATH=$work/vcpkg/packages'"
    ;;

  conan)
    needs python3
    python3 "$here/conan.py" "$dymod/packaging/conan/conanfile.py" "$work/conan" "$cmake" >directories 2>"$work/log" ||
      { cat "$work/log"; fail "the recipe does not run"; }
    section Installed
    try_cmake "$(block cmake 1)" "'-DCMAKE_PREFIX_PATH=$(<directories)'"
    ;;

  meson)
    needs meson
    needs ninja
    needs pkg-config
    export PKG_CONFIG_PATH=$prefix/share/pkgconfig
    section Meson
    block meson 1 >meson.build
    take_commands
    try build/farm release/farm
    grep -rqF "$prefix" build/compile_commands.json || fail "the installed dymod is not what is used"
    ;;

  meson_subproject)
    needs meson
    needs ninja
    copy_dymod subprojects/dymod
    export PKG_CONFIG_LIBDIR=$work
    section Meson
    block meson 1 >meson.build
    take_commands
    try build/farm release/farm
    version=$(sed -n 's/#define DYMOD_VERSION_[MP].* //p' "$dymod/include/dymod/version.hpp" | paste -sd.)
    sed -i "s/'>=1.0'/'==$version'/" meson.build
    run meson setup asks
    ;;

  make)
    needs make
    mkdir dymod
    cp -r "$dymod/include" dymod/
    section make
    block make 1 | for_this_compiler >Makefile
    take_commands
    try ./farm ./farm-release
    ;;

  pkg_config)
    needs make
    needs pkg-config
    export PKG_CONFIG_PATH=$prefix/share/pkgconfig
    section make
    block make 1 | for_this_compiler | grep -v '^DYMOD_' >rest
    take_commands
    section pkg-config
    block make 1 | cat - rest >Makefile
    try ./farm ./farm-release
    ;;

  single_header)
    cp "$dymod/single_include/dymod.hpp" .
    sed -i 's,<dymod/dymod.hpp>,"dymod.hpp",' sheep.hpp
    section 'One file'
    take_commands
    build=$(for_this_compiler <<<"$build") rebuild=$(for_this_compiler <<<"$rebuild") release=$(for_this_compiler <<<"$release")
    try ./farm ./farm-release
    ;;

  *)
    fail "there is no case '$case_name'"
    ;;
esac
