# SPDX-License-Identifier: MIT

# What the demo.sh of several examples have in common. Sourced with what they were given: $1 dymod's source directory,
# $2 a work directory, $3 cmake; and with $example, the folder's name.

set -u
dymod=$1
work=$2
cmake=${3:-cmake}
export LC_ALL=C

fail() {
  printf 'FAILED: %s\n' "$*"
  [ ! -e "$work/events" ] || cat "$work/events"
  exit 1
}

run() {                                 # <command...>: its output is shown only if it fails
  printf '$ %s\n' "${*/#"$cmake"/cmake}"
  "$@" >"$work/command.log" 2>&1 || { cat "$work/command.log"; fail "this command was to succeed: $*"; }
}

edit() {                                # <file> <old text> <new text>
  local text
  text=$(cat "$example/$1")
  [[ $text == *"$2"* ]] || fail "$1 has no '$2'"
  printf '%s\n' "${text/"$2"/"$3"}" >edited
  diff -U0 "$example/$1" edited | grep '^[-+][^-+]' | sed 's,^,   ,'
  mv edited "$example/$1"
}

# A copy of the example in the work directory, which is entered.
rm -rf "$work"
mkdir -p "$work" || fail "cannot make $work"
cp -r "$dymod/examples/$example" "$work/" || fail "cannot copy the example"
cd "$work" || fail "cannot enter $work"
work=$(pwd)
