# SPDX-License-Identifier: MIT

# What the scripts of this folder share. Each is called with the compiler, the folder of dymod's
# headers, and a folder to work in, which is emptied first. To be sourced, not run.

set -eu
export LC_ALL=C

compiler=$1
include=$2
work=$3

rm -rf "$work"
mkdir -p "$work"
cd "$work"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Compiles with the options of every test here. Sources are written to where the work is done and
# named without a folder, so that no path gets into an object.
compile() {
  "$compiler" -std=c++17 -Wall -Wextra -Wpedantic -Werror -I"$include" "$@"
}
compile_static() { compile -DNDEBUG "$@"; }
compile_dynamic() { compile -UNDEBUG "$@"; }

# Fails if the command succeeds, or if its words do not match the regular expression.
refuses() {
  words=$1
  shift
  if "$@" >refused.txt 2>&1; then fail "expected to fail: $*"; fi
  grep -Eq "$words" refused.txt || fail "expected '$words' from: $*
$(cat refused.txt)"
}
