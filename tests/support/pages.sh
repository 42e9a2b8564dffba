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

# All blocks of a page, in their order, one file each: <folder>/<number>.<language>.
split_page() {                          # <page> <folder>
  mkdir -p "$2"
  awk -v folder="$2" '/^```[a-z]/ { name = sprintf("%s/%03d.%s", folder, ++count, substr($0, 4)); next }
                      /^```/ { if (name) close(name); name = ""; next }
                      name { print >name }' "$1"
}

# Does what a page says from its beginning to its end, as its reader would. A block of code goes to the file that its
# first line names; one of "diff" is applied to the file that its first line names, in the place where all of its old
# lines stand together; commands are run, and the one that starts the program (its path alone) leaves it running; what is
# printed, "text", is what the running program prints when Enter is pressed once.
walk_page() {                           # <page> <folder of the project, "…/yard"> <program, "yard">
  local project=$2 program=$3 block file command expected said line input output
  split_page "$1" "$work/blocks"
  mkdir -p "$project"
  cd "$project" || fail "cannot enter $project"
  same() { sed "s,/home/me/${project##*/}/,$project/,g; s, after [0-9.]* ms,,"; }
  stop() {
    [ -n "${WALKER_PID:-}" ] || return 0
    local id=$WALKER_PID
    exec {output}<&"${WALKER[0]}"       # the shell closes its own when the program has ended
    input=${WALKER[1]}
    exec {input}>&-
    if read -r -t 60 line <&"$output"; then fail "the program says more than the page: $line"; fi
    exec {output}<&-
    wait "$id" || fail "the program ends with an error"
  }
  for block in "$work"/blocks/*; do
    case $block in
      *.cpp | *.cmake)
        file=$(sed -n '1s,^[/#][/ ]* *\([^ :]*\).*,\1,p' "$block")
        cp "$block" "$file" || fail "$block names no file"
        ;;
      *.diff)
        file=$(sed -n '1s/^--- //p' "$block")
        [ -f "$file" ] || fail "$block is for a file that is not there"
        awk 'NR == FNR { if (FNR == 1) next
                         if ($0 !~ /^[+]/) old = old substr($0, 2) "\n"
                         if ($0 !~ /^-/) now = now substr($0, 2) "\n"
                         next }
             { all = all $0 "\n" }
             END { at = index("\n" all, "\n" old)
                   if (!at) exit 1
                   printf "%s%s%s", substr(all, 1, at - 1), now, substr(all, at + length(old)) }' \
          "$block" "$file" >"$file.new" || fail "$file has not the lines of $block"
        mv "$file.new" "$file"
        ;;
      *.sh)
        while IFS= read -r command; do
          if [ "${command##*/}" = "$program" ] && [ "${command% *}" = "$command" ]; then
            stop
            coproc WALKER { exec stdbuf -oL "$command" 2>&1; }
          else
            run eval "$command"
          fi
        done <"$block"
        ;;
      *.text)
        echo >&"${WALKER[1]}"
        while IFS= read -r expected; do
          IFS= read -r -t 60 said <&"${WALKER[0]}" || fail "the program does not say '$expected'"
          [ "$(same <<<"$said")" = "$(same <<<"$expected")" ] || fail "the program says '$said', not '$expected'"
        done <"$block"
        ;;
      *) fail "nothing is done with $block" ;;
    esac
  done
  stop
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
