#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Runs a test program of Windows, under wine where this is not Windows: CMAKE_CROSSCOMPILING_EMULATOR of the presets
# for it. In a folder of its own, because modules of the tests are looked for beside the program. What wine cannot
# run it ends with 0 and without a word: a test passes if it says so. (One without an assertion says it otherwise.)

set -uo pipefail

program=$1
shift
wine=()
if [[ $OSTYPE != msys* && $OSTYPE != cygwin* ]]; then
  unset DISPLAY
  export WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe='
  export WINEPREFIX=${WINEPREFIX:-${TMPDIR:-/tmp}/dymod-wine-$UID}
  PATH=$PATH:/usr/lib/wine
  wine=("$(command -v wine64 || command -v wine)") || { echo "wine is not installed"; exit 1; }

  # The first of many at once makes the prefix.
  mkdir -p "$WINEPREFIX"
  exec 9>"$WINEPREFIX.lock"
  flock 9
  # A server that stays between programs: Debian's ends with the last one, while the next is perhaps connecting.
  wineserver -p60 >/dev/null 2>&1 9>&-
  if [[ ! -e $WINEPREFIX/made ]]; then
    "${wine[@]}" wineboot -i >/dev/null 2>&1 9>&- && touch "$WINEPREFIX/made"
  fi
  exec 9>&-
fi

folder=$(mktemp -d -p "$(dirname "$program")")
trap 'rm -rf "$folder" "$folder.output"' EXIT
ln "$program" "$folder" || cp "$program" "$folder"
cd "$folder" || exit 1
# Not through a pipe: services that wine starts with the first program hold it open until the last one ends.
"${wine[@]}" "./$(basename "$program")" "$@" >"$folder.output" 2>&1
status=$?
output=$(tr -d '\r' <"$folder.output")
printf '%s\n' "$output"
if [[ $status == 0 && $* != *--list-* && $output != *"All tests passed"* && $output != *"test cases: "* ]]; then
  echo "the program ended with 0 and has not said that tests passed"
  exit 1
fi
exit "$status"
