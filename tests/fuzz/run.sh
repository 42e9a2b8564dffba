#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Runs the fuzzer for a number of runs, not for a time: a slow machine finds no less.
#
#   run.sh <case> <work directory> <fuzzer or replay> <maker of seeds> <a library> <dymod's headers> <compiler and its flags>
#
# replay: the seeds and the corpus, once each, with any compiler; nothing may be found.
# whole: the headers as they are; nothing may be found. broken: one check less at a time; each time something must be.
# For longer runs give the command it prints other numbers; what was found is in the work directory, crash-….
#
# corpus/ is what such a run of 25 minutes has kept. To put a longer run's corpus in its place, without the seeds:
#   fuzz.image -set_cover_merge=1 -max_len=4096 <new corpus> <seeds> <files up to 1600 bytes of that run's>

set -eu
case_name=$1
work=$2
fuzzer=$3
seeds=$4
library=$5
include=$6
compile=("${@:7}")

here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
mkdir -p "$work"
cd "$work"

fail() {
  echo "FAILED: $*"
  exit 1
}

gather_inputs() {
  rm -rf corpus
  mkdir corpus
  cp "$here"/corpus/* corpus
  "$seeds" corpus || fail "no seeds"
  cp "$library" corpus || fail "no library"
}

# The same seed, and no look at the clock for more seeds: the same runs each time.
fuzz() {                                # <fuzzer> <runs>
  gather_inputs
  echo "== $1 -seed=1 -runs=$2 -max_len=4096 -timeout=120 -reload=0 corpus"
  "$1" -seed=1 -runs="$2" -max_len=4096 -timeout=120 -reload=0 corpus >log 2>&1
}

# Takes one check out of a header, by a sed command, and expects the fuzzer to find that.
finds() {                               # <header below detail/reload> <sed command>
  rm -rf broken
  mkdir broken
  cp -r "$include/dymod" broken
  local header=broken/dymod/detail/reload/$1
  sed -i "$2" "$header"
  if cmp -s "$header" "$include/dymod/detail/reload/$1"; then fail "$1 has no such check: $2"; fi
  "${compile[@]}" -Ibroken "$here/image.fuzz.cpp" -o fuzzer
  if fuzz ./fuzzer 500000; then fail "not found: $1 with $2"; fi
  local words='ERROR: AddressSanitizer|runtime error:|broken promise:'
  grep -Em 1 "$words" log || { tail -n 40 log; fail "ended by something else: $1 with $2"; }
  local run
  run=$(grep -Eo '^#[0-9]+' log | tail -n 1)
  echo "$1 with $2: found after run ${run:-#0, in a seed}"
}

case $case_name in
  replay)
    gather_inputs
    "$fuzzer" corpus 2>log || { tail -n 60 log; fail "one of them is found again: $work/corpus"; }
    ;;
  whole)
    fuzz "$fuzzer" 500000 || { tail -n 60 log; fail "the fuzzer found something: $work"; }
    tail -n 1 log
    ;;
  broken)
    finds elf.hpp 's/ || size > current.file_size - inside//'
    finds elf.hpp 's/index != 0 && index </index </'
    finds elf.hpp 's/file_.data\[strings.offset + strings.size - 1\] == .*/true;/'
    finds macho.hpp 's/flaw == nullptr && has_content(each) && !image_.holds/false \&\& !image_.holds/'
    finds macho.hpp 's/if (!file_.holds(offset, size)) {/if (false) {/'
    finds macho.hpp 's/inside = holds(8, 1); break;/break;/'
    finds bytes.hpp 's/offset <= size && //'
    finds description.hpp 's/rest_ = bytes{};//'
    finds type_comparison.hpp '/if (\*a == .* || \*b == .*) return false;/d'
    ;;
  *) fail "no such case: $case_name" ;;
esac
