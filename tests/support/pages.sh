# SPDX-License-Identifier: MIT

# What a test needs to do what a page says: its code blocks, and a talk with the program of the README. Sourced by
# scripts that have set $work and entered it.

fail() {
  echo "FAILED: $*"
  exit 1
}

run() {
  echo "\$ $*"
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "the command failed: $*"; }
}

# Code blocks go to the file that their first line names, "// sheep.hpp" or "// sheep.hpp: …".
write_blocks() {                        # <page>
  awk '/^```cpp/ { block = 1; first = 1; next }
       /^```/ { block = 0; if (name) close(name); name = ""; next }
       block && first { first = 0; name = $2; sub(/:$/, "", name) }
       block && name { print >name }' "$1"
}

blocks() {                              # <language> <page>: the text of all such blocks
  awk -v start="^\`\`\`$1\$" '$0 ~ start { block = 1; next } /^```/ { block = 0 } block' "$2"
}

# The program waits for Enter; the pipe stays open until both answers were seen.
talk_to() {                             # <program> <command that rebuilds the module>
  local rebuild=$2 answer
  coproc FARM { exec stdbuf -oL "$1" 2>"$work/events"; }  # line by line, as on a terminal
  echo >&"${FARM[1]}"
  read -r -t 60 answer <&"${FARM[0]}" || fail "the program says nothing"
  [ "$answer" = "many sheep" ] || fail "the program says '$answer'"
  sed -i 's/many sheep/a great many sheep/' sheep.cpp
  eval "$rebuild" >"$work/log" 2>&1 || { cat "$work/log"; fail "the command failed: $rebuild"; }
  echo >&"${FARM[1]}"
  read -r -t 60 answer <&"${FARM[0]}" || fail "the program says nothing after the rebuild"
  [ "$answer" = "a great many sheep" ] || fail "after the rebuild the program says '$answer'"
  local input=${FARM[1]} id=$FARM_PID
  exec {input}>&-
  wait "$id" || fail "the program ends with an error"
  sed 's/ after .*//' "$work/events" | diff - <(printf 'dymod: sheep: generation %s,\n' '1 is loaded' '2 is live') ||
    fail "other events than the README shows"
  sed -i 's/a great many sheep/many sheep/' sheep.cpp
}
