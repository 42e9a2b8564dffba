#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# The proof that the suite attacks: with one step of a reload taken out of the headers, by sed commands, hosts must
# die, be wrong, miss the last build, take the same bytes for news or complain of nothing. The attacks that are
# aimed at that step show it within seconds.
#
#   finds.sh <work directory> <attack> <dymod's headers> <one step, or ""> <compiler and its flags>
#
# With DYMOD_ATTACK_SECONDS=60 in the environment: the whole suite instead, so long for each, and what it counts.
#
# What was tried, and finds nothing, because another step covers it whatever these tools do to a file:
#
#   settled? after the copy    the key after the copy: a writer who comes meanwhile moves the file's times
#   an unfinished build is     the key: what ends it moves the file's times. Not of a build that is being written:
#   tried again                retry, below
#   no file is no news         the call and step 1 both ask; what they miss, opening the file tells: no-file, below
#   the zero build id          with real linkers: what they leave with it is whole, or lacks a symbol. Hence a writer
#                              that leaves what one might

set -eu
work=$1
attack=$2
include=$3
only=$4
compile=("${@:5}")

here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
mkdir -p "$work"
cd "$work"

failed=0
fail() {
  echo "FAILED: $*"
  failed=1
}

off() {                                 # <name> <header below detail> <sed command>…
  local name=$1
  local header=$name/dymod/detail/$2
  mkdir -p "$name"
  [ -d "$name/dymod" ] || cp -r "$include/dymod" "$name"
  local step
  for step in "${@:3}"; do
    cp "$header" before
    sed -i -z -E "$step" "$header"
    if cmp -s before "$header"; then fail "$name: $2 has no such step: $step"; fi
  done
}

# finds <name> <how it fails> <options of attack>…
finds() {
  local name=$1 how=$2
  if [ -n "$only" ] && [ "$only" != "$name" ]; then return; fi
  "${compile[@]}" "-I$name" "$here/host.cpp" -o "$name/host" -ldl -pthread || {
    fail "$name: does not compile"
    return
  }
  # Patience is short, because the failure is what is waited for.
  local options=(--until-failure --seconds=240 --campaign=1 "--roles=calls;threads" "${@:3}")
  if [ -n "${DYMOD_ATTACK_SECONDS-}" ]; then
    options=("--seconds=$DYMOD_ATTACK_SECONDS")
    how=".*"
  fi
  local start=$SECONDS
  (cd "$name" && "$attack" --program="$PWD/host" --patience=5 --seed=1 "${options[@]}") >"$name/log" 2>&1 || true
  local found
  found=$(grep -E -m 1 "^FAILED: ($how):" "$name/log") || {
    tail -n 60 "$name/log"
    fail "$name: not found"
    return
  }
  printf '%-22s %3d s  %s\n' "$name" $((SECONDS - start)) "${found#FAILED: }"
  if [ -n "${DYMOD_ATTACK_SECONDS-}" ]; then sed -n '/^hosts /,$p' "$name/log"; fi
}

loader=reload/loader.hpp
first_question='s/if \(!is_settled\(of, library, key, why\)\) return outcome::later;//'
second_question='s/const bool settled = is_settled\(of, library, key, why\);/const bool settled = true;/'
second_key='s/const bool same = Os::look\(library, now_open\)[^;]*;/const bool same = true;/'

off settled $loader "$first_question"
finds settled "wrong answer|crash" --sizes=large "--only=writer: mapped"

off settled-key-after $loader "$second_question" "$second_key"
finds settled-key-after "wrong answer|crash" --sizes=large "--only=writer: patch;writer: overtake"

off key-after $loader "$second_key"
finds key-after "wrong answer|crash" --sizes=large "--only=writer: overtake"

# No description is found in what is not whole: it is refused, in words that are not true.
off complete $loader 's/case completeness::incomplete: return[^;]*;/case completeness::incomplete: break;/'
finds complete "refused for nothing|crash|wrong answer" --kill=100 "--only=cp;gold"

build_id='s/bool unfinished_build_id\(\) const noexcept \{/&\n    if (wide_ || !wide_) return false;/'
failed_link='s/bool hides_undefined_symbol\(\) const noexcept \{/&\n    if (wide_ || !wide_) return false;/'

off build-id reload/elf.hpp "$build_id"
finds build-id "wrong answer|crash" --sizes=small "--only=writer: abandon;cp"

# Most of what failed links leave has a build id of zeros.
off failed-link reload/elf.hpp "$failed_link" "$build_id"
finds failed-link "crash|wrong answer" --sizes=large --kill=90 "--roles=unloads;unloads" "--only=gold, failing first;cp"

off private-copy $loader 's/Os::open_library\(fresh->copy\)/Os::open_library(of.path)/'
finds private-copy "crash|wrong answer" --sizes=small "--only=cp"

off fresh-name reload/copies.hpp 's/\+\+known_.copies_made/1/' 's/copy = Os::create\(path/Os::remove(path.c_str());\n&/'
finds fresh-name "not final|crash" --sizes=small "--only=cp;mv of an older file"

off signal os/posix.hpp 's/if \(::fcntl\(descriptor, F_SETSIG, SIGURG\) != 0\)/if (false)/'
finds signal "crash" --sizes=small "--only=writer: knock;cp"

equal='(operator==\(const file_key& a, const file_key& b\) noexcept \{\s*return )[^;]*;'
off not-equal state/file_key.hpp "s/$equal/\1a.modified <= b.modified;/"
finds not-equal "not final" --sizes=small "--only=mv of an older file"

off no-file reload/runtime.hpp 's/const bool is_there = Os::look\(known->path, key\);/static_cast<void>(Os::look(known->path, key));\n  const bool is_there = true;/'
off no-file $loader 's/if \(Os::look\(of.path, key\)\) return true;/if (Os::look(of.path, key) || true) return true;/'
off no-file os/posix.hpp 's/return error == ENOENT \|\| error == ENOTDIR;/return error < 0;/'
finds no-file "refused for nothing" --sizes=small "--only=deleted and put back"

off same-bytes $loader 's/if \(now != nullptr \&\& is_built_as\(\*now->current\)\) return outcome::unchanged;//'
finds same-bytes "spurious reload" --sizes=small "--only=touch;cp"

# What is being written is refused for good, and gold ends without another change of the file's times.
off retry $loader 's/(if \(!is_settled\(of, library, key, why\)\) return outcome::)later;/\1refused;/'
finds retry "not final" --sizes=large "--only=writer: mapped"

exit $failed
