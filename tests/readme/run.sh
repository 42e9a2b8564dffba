#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Does what the README says with the README's own text: writes its code blocks to files, runs its commands,
# edits and rebuilds. Compiles the code blocks of the other pages, and looks for links that lead nowhere, for
# presets, files and suites that there are not, and for versions that differ.
#
#   run.sh <case> <dymod's source directory> <work directory> <cmake>

set -u
case_name=$1
dymod=$2
work=$3
cmake=$4
compiler=${CXX:-g++}

. "$dymod/tests/support/pages.sh"

rm -rf "$work"
mkdir -p "$work"
cd "$work" || fail "cannot enter $work"
ln -s "$dymod" dymod

replace_line() {                        # <file> <old line> <new line>
  grep -qxF -- "$2" "$1" || fail "$1 has no line '$2'"
  OLD=$2 NEW=$3 awk '$0 == ENVIRON["OLD"] { $0 = ENVIRON["NEW"] } 1' "$1" >"$1.new" && mv "$1.new" "$1"
}

# An example in a directory that is named for the sanitizer, or "none", that it is built with.
build_with() {                          # <sanitizer> <example> <target>
  local flags=
  [ "$1" = none ] || flags="-fsanitize=$1"
  cp -r "$dymod/examples/$2" "$1"
  run "$cmake" -S "$1" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod" "-DCMAKE_CXX_FLAGS=$flags"
  run "$cmake" --build "$1/build" --target "$3"
}

# Each line "-…" of the page's diff becomes the line "+…" behind it.
apply_diff() {                          # <page> <file>
  local line old
  while IFS= read -r line; do
    case $line in
      -*) old=${line#-} ;;
      +*) replace_line "$2" "$old" "${line#+}" ;;
    esac
  done < <(blocks diff "$1")
}

# The code and the CMake lines of a page, as a project, built in debug.
build_page() {                          # <page>
  write_blocks "$1"
  {
    printf 'cmake_minimum_required(VERSION 3.23)\nproject(page LANGUAGES CXX)\n'
    blocks cmake "$1"
  } >CMakeLists.txt
  run "$cmake" -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug
  run "$cmake" --build build
}

# Starts a program that answers a line to each line.
line_by_line="stdbuf -oL"               # as on a terminal
say_first() {                           # <program> <answer>
  coproc PROGRAM { exec $line_by_line "$1" 2>"$work/events"; }
  hears "$2"
}
hears() {                               # <answer>
  echo >&"${PROGRAM[1]}"
  goes_on "$1"
}
goes_on() {                             # <answer>: one more line, to the same question
  read -r -t 60 answer <&"${PROGRAM[0]}" || fail "the program says nothing"
  [ "$answer" = "$1" ] || fail "the program says '$answer', not '$1'"
}
# Until the program has told of something: it may happen on another of its threads.
told() {                                # <pattern>
  local deadline=$((SECONDS + 60))
  until grep -q "$1" "$work/events"; do
    [ "$SECONDS" -lt "$deadline" ] || { cat "$work/events"; fail "never told: $1"; }
    sleep 0.02
  done
}
finish() {
  local input=${PROGRAM[1]} id=$PROGRAM_PID
  exec {input}>&-
  wait "$id" || fail "the program ends with an error"
}

# A terminal in which a command that watches runs, until Ctrl-C.
start_watch() {                         # <command>
  : >"$work/said"                       # here, else what an earlier one has said is taken for this one's
  set -m
  env --default-signal=INT bash -c "exec $1" >"$work/said" 2>&1 &
  terminal=$!
  set +m
  trap 'kill -INT -- "-$terminal" 2>/dev/null' EXIT
}
is_said() {                             # <pattern> [<how often>]
  local deadline=$((SECONDS + 60))
  until [ "$(grep -c "^dymod_watch: $1" "$work/said")" -ge "${2:-1}" ]; do
    [ "$SECONDS" -lt "$deadline" ] || { cat "$work/said"; fail "never said: $1"; }
    sleep 0.02
  done
}

case $case_name in
  by_hand)
    write_blocks "$dymod/README.md"
    mapfile -t commands < <(blocks sh "$dymod/README.md" | grep '^g++ ')
    [ ${#commands[@]} -eq 2 ] || fail "the README has ${#commands[@]} g++ commands"
    release=$(grep -o '`g++ [^`]*-DNDEBUG[^`]*`' "$dymod/README.md" | tr -d '`')
    for command in "${commands[@]}"; do
      # shellcheck disable=SC2086
      run ${command/g++/$compiler}
    done
    talk_to ./farm "${commands[1]/g++/$compiler}"
    rm -f libsheep.so farm
    # shellcheck disable=SC2086
    run ${release/g++/$compiler}
    [ "$(echo | ./farm 2>&1)" = "many sheep" ] || fail "the release does not answer"
    ;;

  cmake)
    write_blocks "$dymod/README.md"
    {
      printf 'cmake_minimum_required(VERSION 3.23)\nproject(farm LANGUAGES CXX)\n'
      blocks cmake "$dymod/README.md"
    } >CMakeLists.txt
    grep -q dymod_add_module CMakeLists.txt || fail "the README has no CMake example"
    run "$cmake" -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug
    run "$cmake" --build build
    talk_to build/farm "'$cmake' --build build --target sheep"
    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(echo | release/farm 2>&1)" = "many sheep" ] || fail "the release does not answer"
    ;;

  getting_started)
    mkdir bin
    ln -s "$cmake" bin/cmake
    PATH=$work/bin:$PATH
    walk_page "$dymod/docs/getting-started.md" "$work/yard" yard
    [ "$(grep -l . "$work"/blocks/*.text | wc -l)" -ge 8 ] || fail "the page shows too little of what is printed"
    # The words of its table are those of messages.
    while IFS= read -r words; do
      cat "$dymod/docs/errors.md" "$work"/blocks/*.text | grep -qF "$words" || fail "there is no message '$words'"
    done < <(sed '/^| message /,/^$/!d' "$dymod/docs/getting-started.md" | awk -F '|' '{ print $2 }' | grep -o '`[^`]*`' | tr -d '`')
    ;;

  # The template, as the README says: its commands are typed, in two terminals.
  five_minutes)
    mkdir bin
    ln -s "$cmake" bin/cmake
    PATH=$work/bin:$PATH
    sed '/^## Five minutes/,/^## In release/!d' "$dymod/README.md" >walk.md
    mapfile -t commands < <(blocks sh walk.md)
    [ ${#commands[@]} -eq 3 ] || fail "the walk has ${#commands[@]} commands"
    [ "$(blocks text walk.md | grep -v '^dymod')" = $'many sheep\na great many sheep' ] || fail "the README shows other answers"
    watch=$(sed -n 's/^In a second terminal in `farm.`, `\(.*dymod_watch\)`.*/\1/p' walk.md)

    write_blocks "$dymod/README.md"
    eval "${commands[0]}" || fail "the command failed: ${commands[0]}"
    for file in sheep.hpp sheep.cpp main.cpp; do
      diff "$file" "$work/$file" || fail "the README shows another $file than the template has"
    done
    if "$cmake" -S . -B build -DCMAKE_DISABLE_FIND_PACKAGE_dymod=ON >"$work/log" 2>&1; then
      fail "dymod was found without a word of where it is"
    fi
    grep -q 'add -DDYMOD_SOURCE=' "$work/log" || { cat "$work/log"; fail "the template does not say what to add"; }
    rm -rf build

    built="${commands[*]:1:2}"
    run eval "${commands[1]}"
    coproc FARM { exec stdbuf -oL bash -c "${commands[2]}" 2>"$work/events"; }
    farm_answers() {                    # <answer>: the build has said something, too
      local answer=
      echo >&"${FARM[1]}"
      until [ "$answer" = "$1" ]; do
        read -r -t 60 answer <&"${FARM[0]}" || fail "the program does not say '$1'"
      done
    }
    farm_answers 'many sheep'
    start_watch "$watch"
    is_said 'started: nothing to build'
    sed -i 's/many sheep/a great many sheep/' sheep.cpp
    is_said 'sheep.cpp: sheep built'
    farm_answers 'a great many sheep'
    blocks text "$work/walk.md" | grep '^dymod' | sed "s, after .* ms,,; s,/home/me,$work," >"$work/expected"
    sed 's, after .* ms,,' "$work/events" | diff - "$work/expected" || fail "other events than the README shows"

    kill -INT -- "-$terminal"

    # What the template's own page says beyond that.
    mapfile -t commands < <(blocks sh README.md)
    [ ${#commands[@]} -eq 5 ] || fail "the template's page has ${#commands[@]} commands"
    [ "${commands[*]:0:3}" = "$built $watch" ] || fail "the template's page has other commands than the README"
    run eval "${commands[3]}"
    [ "$(echo | bash -c "${commands[4]}" 2>"$work/log" | tail -n 1)" = 'a great many sheep' ] || fail "the release does not answer"

    # With dymod installed, and no word of where it is.
    run "$cmake" -S "$dymod" -B "$work/dymod-build" -DDYMOD_BUILD_TESTS=OFF -DDYMOD_BUILD_EXAMPLES=OFF
    run "$cmake" --install "$work/dymod-build" --prefix "$work/prefix"
    run "$cmake" -S . -B build-installed -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH="$work/prefix"
    grep -q "^dymod_DIR:PATH=$work/prefix/" build-installed/CMakeCache.txt || fail "the installed dymod is not used"
    run "$cmake" --build build-installed
    start_watch "${watch/ build / build-installed }"
    is_said 'started: nothing to build'
    sed -i 's/a great many sheep/all sheep/' sheep.cpp
    is_said 'sheep.cpp: sheep built'
    [ "$(echo | build-installed/farm 2>"$work/log")" = 'all sheep' ] || fail "the program with an installed dymod does not answer"
    ;;

  cmake_without_helper)
    write_blocks "$dymod/README.md"
    {
      printf 'cmake_minimum_required(VERSION 3.23)\nproject(farm LANGUAGES CXX)\nadd_subdirectory(dymod)\n'
      echo 'add_executable(farm main.cpp)'
      blocks cmake "$dymod/docs/limits.md"
    } >CMakeLists.txt
    run "$cmake" -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug
    run "$cmake" --build build
    talk_to build/farm "'$cmake' --build build --target sheep"
    ;;

  calling_the_host)
    page=$dymod/docs/calling-the-host.md
    build_page "$page"

    say_first build/game 'the wolf waits'
    sed -i 's/the wolf waits/the wolf runs/' wolf.cpp
    run "$cmake" --build build --target wolf
    hears 'the wolf runs'
    finish
    say_first build/match 101
    sed -i 's/add_to_score(1)/add_to_score(10)/' goat.cpp
    run "$cmake" --build build --target goat
    hears 111
    hears 121
    finish

    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(echo | release/game 2>&1)" = "the wolf runs" ] || fail "the release does not answer"
    [ "$(echo | release/match 2>&1)" = 110 ] || fail "the release does not count"

    # A function that only the program has: a linker's error with the helper, a refused build without.
    echo 'int pasture(); static const int size = pasture();' >>wolf.cpp
    echo 'int pasture() { return 3; }' >>game.cpp
    if "$cmake" --build build --target wolf >"$work/log" 2>&1; then fail "wolf was not to link"; fi
    grep -qE 'undefined (reference|symbol)' "$work/log" || { cat "$work/log"; fail "another error"; }
    run "$compiler" -std=c++17 -I dymod/include -shared -fPIC -Dwolf_EXPORTS wolf.cpp -o build/libwolf.so
    if echo | build/game >"$work/log" 2>&1; then fail "game was to end with an error"; fi
    grep -q 'the system refuses to open it: .*undefined symbol' "$work/log" ||
      { cat "$work/log"; fail "the refusal is in other words"; }
    ;;

  # The example whose variables survive: it edits itself while it runs.
  persistent)
    for sanitizer in none address thread; do
      flags=
      [ $sanitizer = none ] || flags="-fsanitize=$sanitizer"
      CXXFLAGS=$flags run bash "$dymod/examples/persistent/demo.sh" "$dymod" "$work/$sanitizer" "$cmake"
    done
    ;;

  # The example with a module in C, as it is where nobody has Rust; and with one in Rust.
  languages)
    run bash "$dymod/examples/languages/demo.sh" "$dymod" "$work/demo" "$cmake" -DRUSTC=OFF
    grep -q 'Rust is skipped' "$work/log" || fail "the example does not say that it skips the module in Rust"
    ;;

  languages_rust)
    command -v rustc >/dev/null || { echo "skipped: there is no rustc"; exit 77; }
    run bash "$dymod/examples/languages/demo.sh" "$dymod" "$work/demo" "$cmake"
    if grep 'Rust is skipped' "$work/log"; then fail "the example does not find rustc"; fi
    run "$cmake" -S "$dymod/examples/languages" -B multi -G "Ninja Multi-Config" -DDYMOD_SOURCE="$dymod"
    for configuration in Debug Release; do
      run "$cmake" --build multi --config $configuration
      [ "$(echo | multi/$configuration/beach 2>"$work/events")" = 'wave 1: ow, crab at 2' ] ||
        fail "$configuration answers otherwise"
    done
    ;;

  # The example whose objects are older than the module's code: who destroys them, AddressSanitizer sees as well.
  plugin)
    for sanitizer in none address; do
      flags=
      [ $sanitizer = none ] || flags="-fsanitize=$sanitizer"
      CXXFLAGS=$flags run bash "$dymod/examples/plugin/demo.sh" "$dymod" "$work/$sanitizer" "$cmake"
    done
    ;;

  # The example with two modules that call each other: edited one at a time, with an onlooker on another thread.
  chase)
    line_by_line=                       # it flushes; stdbuf would preload a library before the sanitizer's
    for sanitizer in none address thread; do
      cp -r "$dymod/examples/chase" $sanitizer
      flags=
      [ $sanitizer = none ] || flags="-fsanitize=$sanitizer"
      run "$cmake" -S $sanitizer -B $sanitizer/build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod" \
        "-DCMAKE_CXX_FLAGS=$flags"
      run "$cmake" --build $sanitizer/build --target chase
      say_first $sanitizer/build/chase 'wolf 2, rabbit 7'
      hears 'wolf 4, rabbit 10'
      sed -i 's/rabbit += 3;/rabbit += 5;/' $sanitizer/rabbit.cpp
      run "$cmake" --build $sanitizer/build --target rabbit
      told 'rabbit: generation 2 is live'
      hears 'wolf 6, rabbit 10'
      hears 'wolf 8, rabbit 15'
      # The program calls the wolf, which was not rebuilt, and the wolf the new rabbit.
      sed -i 's/return false;/return true;/' $sanitizer/rabbit.cpp
      run "$cmake" --build $sanitizer/build --target rabbit
      told 'rabbit: generation 3 is live'
      hears 'wolf 8, rabbit 15'
      sed -i 's/< 4;/< 10;/' $sanitizer/wolf.cpp
      run "$cmake" --build $sanitizer/build --target wolf
      told 'wolf: generation 2 is live'
      hears 'wolf 8, rabbit 20'
      finish
      [ "$(grep -cE 'generation (1 is loaded|[23] is live)' "$work/events")" -eq 5 ] && [ "$(wc -l <"$work/events")" -eq 5 ] ||
        { cat "$work/events"; fail "$sanitizer: other events, or a sanitizer's report"; }
    done
    run "$cmake" -S none -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
    run "$cmake" --build release
    [ "$(echo | release/chase 2>&1)" = 'wolf 0, rabbit 9' ] || fail "the release answers otherwise"
    run "$cmake" -S none -B multi -G "Ninja Multi-Config" -DDYMOD_SOURCE="$dymod"
    for configuration in Debug Release; do
      run "$cmake" --build multi --config $configuration
      [ "$(echo | multi/$configuration/chase 2>"$work/events")" = 'wolf 0, rabbit 9' ] ||
        fail "$configuration answers otherwise"
    done
    if strings -a release/chase | grep -i dymod; then fail "dymod is left in the release"; fi
    ;;

  # The example in a terminal: its colours and its gravity are edited while it runs, and no spark jumps.
  fireworks)
    cp -r "$dymod/examples/fireworks" source
    run "$cmake" -S source -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod"
    run "$cmake" --build build
    echo 90 1 60 1 60 | build/meadow - >unedited 2>"$work/events" || fail "the program ends with an error"
    mapfile -t lines < <(grep -a sparks unedited)
    [ ${#lines[@]} -eq 5 ] || fail "the program says where the sparks are ${#lines[@]} times, not 5"

    edit() {                            # <old line> <new line>
      replace_line source/fireworks.cpp "$1" "$2"
      run "$cmake" --build build --target fireworks
    }
    coproc PROGRAM { exec build/meadow - >shown 2>"$work/events"; }
    frames() {                          # <number> <times that the program has said where the sparks are, with these>
      local deadline=$((SECONDS + 60))
      echo "$1" >&"${PROGRAM[1]}"
      until [ "$(grep -ac sparks shown)" -eq "$2" ]; do
        [ "$SECONDS" -lt "$deadline" ] || fail "the program draws nothing"
        sleep 0.02
      done
      line=$(tail -n 1 shown)
    }
    redness() { tail -n 21 "$1" | head -n 20 | grep -ao '8;2;[0-9;]*' | awk -F ';' '{ sum += $3 - $5 } END { printf "%d", sum }'; }
    frames 90 1
    cmp shown <(head -c "$(stat -c %s shown)" unedited) || fail "two runs differ"
    edit 'colour paint(float hue) { return gold(hue); }' 'colour paint(float) { return {0.1F, 0.4F, 1}; }'
    frames 1 2
    [ "$line" = "${lines[1]}" ] || fail "other colours move the sparks: '$line', not '${lines[1]}'"
    if cmp -s shown <(head -c "$(stat -c %s shown)" unedited); then fail "the edit changes nothing at once"; fi
    frames 60 3
    [ "$line" = "${lines[2]}" ] || fail "other colours move the sparks: '$line', not '${lines[2]}'"
    awk '/sparks/ { if (++count == 3) exit } { print }' unedited >gold
    echo "${lines[2]}" >>gold
    [ $(($(redness gold) - $(redness shown))) -gt 10000 ] ||
      fail "redder than blue by $(redness gold) and, edited, by $(redness shown)"

    # Upwards: the same sparks, in a frame no pixel from where they were to be, and in the end far above.
    edit 'const float gravity = 8;' 'const float gravity = -8;'
    lift() { awk -v one="$1" -v other="$2" 'BEGIN { split(one, a); split(other, b); print b[9] - a[9] }'; }
    frames 1 4
    [ "${line% *}" = "${lines[3]% *}" ] || fail "'$line' are other sparks than '${lines[3]}'"
    awk -v lift="$(lift "$line" "${lines[3]}")" 'BEGIN { exit !(lift > 0 && lift < 1) }' || fail "'$line' after '${lines[3]}'"
    frames 60 5
    awk -v lift="$(lift "$line" "${lines[4]}")" 'BEGIN { exit !(lift > 2) }' || fail "'$line' in place of '${lines[4]}'"
    finish
    [ "$(grep -c 'generation [123] is' "$work/events")" -eq 3 ] && [ "$(wc -l <"$work/events")" -eq 3 ] ||
      { cat "$work/events"; fail "other events"; }

    # As in a terminal, until Ctrl-C.
    : >shown
    env --default-signal=INT build/meadow >shown 2>"$work/events" &
    drawn=$!
    deadline=$((SECONDS + 60))
    until grep -aq 'generation 1' shown; do
      [ "$SECONDS" -lt "$deadline" ] || fail "the program draws nothing"
      sleep 0.02
    done
    kill -INT $drawn
    wait $drawn || fail "Ctrl-C ends the program with an error"
    [ "$(head -c 14 shown)" = $'\e[?1049h\e[?25l' ] || fail "the cursor stays"
    [ "$(tail -c 14 shown)" = $'\e[?25h\e[?1049l' ] || fail "the cursor stays hidden"
    [ ! -s "$work/events" ] || { cat "$work/events"; fail "words in the picture"; }

    run "$cmake" -S "$dymod/examples/fireworks" -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
    run "$cmake" --build release
    echo 90 | release/meadow - >shown 2>"$work/events" || fail "the release ends with an error"
    line=$(tail -n 1 shown)
    [ "${line%, *}" = "${lines[0]%, *}" ] || fail "the release draws otherwise"
    if strings -a release/meadow | grep -i dymod; then fail "dymod is left in the release"; fi
    ;;

  # The animation: small enough, of the lines that the example has, and what it types can be compiled.
  animation)
    command -v python3 >/dev/null || { echo "skipped: there is no python3"; exit 77; }
    python3 -B "$dymod/docs/record_animation.py" --check >edited.cpp || fail "record docs/animation.svg again"
    if cmp -s edited.cpp "$dymod/examples/fireworks/fireworks.cpp"; then fail "nothing is edited"; fi
    run "$compiler" -std=c++17 -Wall -Wextra -Werror -I dymod/include -I dymod/examples/fireworks -Dfireworks_EXPORTS \
      -fsyntax-only edited.cpp
    grep -q '@keyframes' "$dymod/docs/animation.svg" || fail "nothing moves"
    ;;

  # The example in a window that nobody sees: its pixels are read back before and after edits, and no firefly jumps.
  window)
    cp -r "$dymod/examples/window" source
    run "$cmake" -S source -B without -G Ninja -DDYMOD_SOURCE="$dymod" -DCMAKE_DISABLE_FIND_PACKAGE_SDL2=ON
    grep -q 'examples/window is not built: SDL2' log || fail "CMake does not say that SDL2 is missing"
    run "$cmake" --build without
    run "$cmake" -S source -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod"
    if grep -q 'examples/window is not built: SDL2' log; then
      echo "skipped: SDL2 is not installed"
      exit 77
    fi
    run "$cmake" --build build
    export SDL_VIDEODRIVER=dummy
    echo 20 1 20 | build/dusk - >unedited 2>"$work/events" || { cat "$work/events"; fail "the program ends with an error"; }
    mapfile -t lines <unedited
    [ ${#lines[@]} -eq 3 ] || fail "the program says what is to be seen ${#lines[@]} times, not 3"

    edit() {                            # <old line> <new line>
      replace_line source/fireflies.cpp "$1" "$2"
      run "$cmake" --build build --target fireflies
    }
    coproc PROGRAM { exec build/dusk - 2>"$work/events"; }
    frames() {
      echo "$1" >&"${PROGRAM[1]}"
      read -r -t 60 line <&"${PROGRAM[0]}" || fail "the program says nothing"
    }
    # "0.35 s: mean 38.8 47.1 56.6, first at 276.91 219.34 is 207 240 120"
    number() { awk -v line="$1" -v wanted="$2" 'BEGIN { gsub(/[^0-9. -]/, "", line); split(line, all); print all[wanted] }'; }
    holds() { awk "BEGIN { exit !($1) }" || fail "'$line' after an edit, '$2' without: not $1"; }
    places() { number "$1" 5; number "$1" 6; }
    frames 20
    [ "$line" = "${lines[0]}" ] || fail "two runs differ: '$line', '${lines[0]}'"
    edit 'const SDL_Color glow = {200, 255, 70, 255};' 'const SDL_Color glow = {255, 0, 255, 255};'
    frames 1
    [ "$(places "$line")" = "$(places "${lines[1]}")" ] || fail "another colour moves the fireflies: '$line', not '${lines[1]}'"
    holds "$(number "$line" 2) > $(number "${lines[1]}" 2)" "${lines[1]}"
    holds "$(number "$line" 3) < $(number "${lines[1]}" 3)" "${lines[1]}"
    holds "$(number "$line" 4) > $(number "${lines[1]}" 4)" "${lines[1]}"
    holds "$(number "${lines[1]}" 8) > $(number "${lines[1]}" 9) + 50" "${lines[1]}"
    holds "$(number "$line" 9) > $(number "$line" 8) + 50" "${lines[1]}"

    edit 'const float pull = 90;  // pixels per second, each second' 'const float pull = -2000;'
    frames 1
    shift_of() { awk -v a="$(number "$1" 5)" -v b="$(number "$2" 5)" 'BEGIN { print b - a }'; }
    moved=$(shift_of "$line" "${lines[1]}")
    holds "$moved > -3 && $moved < 3 && $moved != 0" "${lines[1]}"
    frames 19
    holds "$(shift_of "$line" "${lines[2]}") > 20" "${lines[2]}"
    finish
    [ "$(grep -c 'generation [123] is' "$work/events")" -eq 3 ] && [ "$(wc -l <"$work/events")" -eq 3 ] ||
      { cat "$work/events"; fail "other events"; }

    run "$cmake" -S "$dymod/examples/window" -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
    run "$cmake" --build release
    line=$(echo 20 | release/dusk - 2>&1)
    moved=$(shift_of "$line" "${lines[0]}")
    holds "$moved > -0.1 && $moved < 0.1 && $(number "$line" 8) > $(number "$line" 9) + 50" "${lines[0]}"
    if strings -a release/dusk | grep -i dymod; then fail "dymod is left in the release"; fi
    ;;

  crash_guard)
    page=$dymod/docs/crash-guard.md
    build_page "$page"
    mapfile -t lines < <(blocks text "$page" | grep -v '^dymod: \|^    ')
    [ ${#lines[@]} -eq 2 ] || fail "the page has ${#lines[@]} lines of output"
    say_first build/henhouse '0 hens'
    apply_diff "$page" fox.cpp
    run "$cmake" --build build --target fox
    hears "${lines[0]}"
    hears "${lines[1]}"
    read -r copy instruction < <(sed -n "s/^    instruction \(0x[0-9a-f]*\) of '\(.*\)'$/\2 \1/p" "$work/events")
    addr2line -Cfe "$copy" "$instruction" >"$work/log" 2>&1 || { cat "$work/log"; fail "addr2line: $copy $instruction"; }
    grep -q 'fox\.cpp:3$' "$work/log" || { cat "$work/log"; fail "addr2line tells another place"; }
    finish
    same() { sed "s, after [^,]* ms,,; s/n 0x[0-9a-f]* of/n 0x1109 of/; s/dymod-[0-9a-f]*-/dymod-0123456789abcdef-/"; }
    blocks text "$page" | grep '^dymod: \|^    ' | sed "s,/home/me/,$work/build/," | same >expected
    tail -n +2 "$work/events" | same | diff - expected || fail "other events than the page shows"
    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    sed -i 's/return \*hens/return 7/' fox.cpp
    run "$cmake" --build release
    [ "$(echo | release/henhouse 2>&1)" = '7 hens' ] || fail "the release answers otherwise"
    ;;

  # The example whose module is broken and mended while it runs: a pointer that is not looked at, then a recursion
  # that does not end.
  mend)
    line_by_line=                       # see chase
    for sanitizer in none address thread; do
      build_with $sanitizer mend mend
      cp $sanitizer/shepherd.cpp sound.cpp
      rebuild() { run "$cmake" --build $sanitizer/build --target shepherd; }

      [ $sanitizer != address ] || export ASAN_OPTIONS=detect_leaks=0
      say_first $sanitizer/build/mend 'Dolly, 6'
      # As the comment in the source says.
      broken=$(sed -n 's,^// *\(words += .*;\)$,\1,p' sound.cpp)
      sed "s/^  \/\/ here$/  $broken/" sound.cpp >$sanitizer/shepherd.cpp
      rebuild
      hears 'Molly, 5, beside Dolly'
      hears 'describe() of generation 2 has crashed.'
      goes_on 'Polly, 1'
      hears 'Dolly, 6'
      touch $sanitizer/build/libshepherd.so
      hears 'Molly, 5'
      sed "s/^  \/\/ here$/  if (sheep.companion != nullptr) $broken/" sound.cpp >$sanitizer/shepherd.cpp
      rebuild
      hears 'Polly, 1'
      hears 'Dolly, 6, beside Molly'
      # Not with the sanitizers of clang++, whose strlen() is the program's: that is where the stack may end.
      if [ $sanitizer = none ]; then
        broken='if (sheep.companion != nullptr) words += " and " + describe(*sheep.companion);'
        sed "s/^  \/\/ here$/  $broken/" sound.cpp >$sanitizer/shepherd.cpp
        rebuild
        hears 'describe() of generation 4 has crashed.'
        goes_on 'Molly, 5, beside Dolly'
        hears 'Polly, 1'
      fi
      finish
      unset ASAN_OPTIONS
      sed "s,$work/$sanitizer/,,; s/ after .* ms,//; s/0x[1-9a-f][0-9a-f]*/0x…/; s/dymod-[0-9a-f]*-[0-9]*'/dymod-…'/" \
        "$work/events" >told
      # Sanitizers have functions of the C library of their own.
      [ $sanitizer = none ] || sed -i "s,of '/.*/lib[a-z]*san.*',of 'build/libshepherd.so.dymod-…'," told
      diff told - < <(
        echo "dymod: shepherd: generation 1 is loaded, from 'build/libshepherd.so'"
        echo "dymod: shepherd: generation 2 is live, from 'build/libshepherd.so'"
        echo "dymod: shepherd: 'describe' crashed: SIGSEGV at address 0x0 in generation 2; generation 1 is current again"
        echo "    instruction 0x… of 'build/libshepherd.so.dymod-…'"
        echo "    mend what was wrong with it, and build the module"
        echo "dymod: shepherd: not taken again: 'build/libshepherd.so' is generation 2 again," \
          "in which 'describe' crashed (SIGSEGV at address 0x0); generation 1 runs on"
        echo "    mend what was wrong with it, and build the module"
        echo "dymod: shepherd: generation 3 is live, from 'build/libshepherd.so'"
        [ $sanitizer = none ] || exit 0
        echo "dymod: shepherd: generation 4 is live, from 'build/libshepherd.so'"
        echo "dymod: shepherd: 'describe' crashed: SIGSEGV at address 0x… in generation 4; generation 3 is current again"
        echo "    instruction 0x… of 'build/libshepherd.so.dymod-…'"
        echo "    mend what was wrong with it, and build the module"
      ) || fail "$sanitizer: other events, or a sanitizer's report"
    done
    run "$cmake" -S none -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
    cp sound.cpp none/shepherd.cpp
    run "$cmake" --build release
    [ "$(echo | release/mend 2>&1)" = 'Dolly, 6' ] || fail "the release answers otherwise"
    ;;

  # The example server: its answers are edited, broken and mended while clients stay connected.
  server)
    get() { printf 'GET %s HTTP/1.1\r\nHost: here\r\n\r\n' "$2" >&"$1"; }  # <connection> <path>
    gets() {                            # <connection> <status> <line>: the next answer on it
      local line length=
      read -r -t 60 -u "$1" line || fail "the server says nothing; expected: $3"
      [ "$line" = "HTTP/1.1 $2 "$'\r' ] || fail "the server says '$line', not $2"
      until [ "$line" = $'\r' ]; do
        read -r -t 60 -u "$1" line || fail "the server's answer ends too early"
        case $line in Content-Length:*) length=${line//[!0-9]/} ;; esac
      done
      read -r -t 60 -N "$length" -u "$1" line || fail "the server's answer has less than $length bytes"
      [ "$line" = "$3"$'\n' ] || fail "the server answers '$line', not '$3'"
    }
    asks() { get "$1" "$2"; gets "$1" 200 "$3"; }
    ends() { if read -r -t 60 -N 1 -u "$1" line || [ $? -gt 128 ]; then fail "the connection is not closed"; fi; }
    start_server() {                    # <program>
      coproc PROGRAM { exec "$1" 0 2>"$work/events"; }
      read -r -t 60 line <&"${PROGRAM[0]}" || fail "the server says nothing"
      port=${line//*:/}
      port=${port%/}
    }
    stop_server() {
      local id=$PROGRAM_PID
      kill "$id"
      wait "$id"
      [ $? -eq 143 ] || { cat "$work/events"; fail "the server had ended by itself"; }
    }
    trap 'kill "${PROGRAM_PID:-}" 2>/dev/null' EXIT
    trap : PIPE                         # so that a closed connection is told in words

    for sanitizer in none address; do
      build_with $sanitizer server server
      rebuild() { run "$cmake" --build $sanitizer/build --target site; }

      start_server $sanitizer/build/server
      exec {ada}<>"/dev/tcp/127.0.0.1/$port"
      exec {bob}<>"/dev/tcp/127.0.0.1/$port"
      exec {slow}<>"/dev/tcp/127.0.0.1/$port"
      printf 'GET / HT' >&"$slow"       # the others do not wait for the rest
      asks "$ada" / 'Hello, visitor 1. Request 1.'
      asks "$bob" / 'Hello, visitor 2. Request 1.'
      asks "$ada" /i-am/Ada 'I will remember that.'
      get "$ada" /time
      gets "$ada" 404 'There is no page /time.'

      sed -i 's/"Hello, "/"Good evening, "/; s,// another page,if (asked.path == "/time") return {200\, "It is late.\\n"};,' \
        $sanitizer/site.cpp
      rebuild
      asks "$ada" / 'Good evening, Ada. Request 4.'
      asks "$bob" / 'Good evening, visitor 2. Request 2.'
      asks "$bob" /time 'It is late.'

      # A build that fails, and one that does not fit the program: another visitor than the program has.
      cp -r $sanitizer sound
      sed -i 's/Good evening/Good night/; s/It is late/It is/; s/who.name = /who.nickname = /' $sanitizer/site.cpp
      if "$cmake" --build $sanitizer/build --target site >"$work/log" 2>&1; then fail "this was not to compile"; fi
      asks "$ada" / 'Good evening, Ada. Request 5.'
      sed -i 's/std::string name; /std::string nickname; double age; std::string name; /' $sanitizer/site.hpp
      rebuild
      asks "$ada" / 'Good evening, Ada. Request 6.'
      asks "$bob" / 'Good evening, visitor 2. Request 4.'
      cp sound/site.hpp $sanitizer/site.hpp
      sed -i 's/who.nickname = /who.name = /' $sanitizer/site.cpp
      rebuild
      asks "$ada" / 'Good night, Ada. Request 7.'
      asks "$bob" /time 'It is.'
      rm -r sound

      # What is left of HTTP: requests in one go, the rest of a slow one, HEAD, what is not served, a client's end.
      get "$ada" /time$' HTTP/1.1\r\nHost: here\r\n\r\nGET /'
      gets "$ada" 200 'It is.'
      gets "$ada" 200 'Good night, Ada. Request 9.'
      printf 'TP/1.1\r\nHOST: here\r\n\r\n' >&"$slow"
      gets "$slow" 200 'Good night, visitor 3. Request 1.'
      printf 'HEAD / HTTP/1.1\r\nHost: here\r\nConnection: Close\r\n\r\n' >&"$slow"
      lines=()
      while read -r -t 60 -u "$slow" line; do lines+=("$line"); done
      ends "$slow"
      [ "${lines[0]}" = $'HTTP/1.1 200 \r' ] && [ "${lines[-1]}" = $'\r' ] || fail "HEAD is answered by: ${lines[*]}"
      printf 'POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi' >&"$bob"
      gets "$bob" 501 'This server reads no bodies.'
      ends "$bob"
      exec {bob}>&- {slow}>&-
      exec {bob}<>"/dev/tcp/127.0.0.1/$port"
      asks "$bob" / 'Good night, visitor 4. Request 1.'
      exec {bob}>&-
      asks "$ada" / 'Good night, Ada. Request 10.'
      exec {ada}>&-
      stop_server
      sed "s,$work/$sanitizer/,,; s/ after .* ms,//" "$work/events" | grep -v '^ ' | diff - <(
        echo "dymod: site: generation 1 is loaded, from 'build/libsite.so'"
        echo "dymod: site: generation 2 is live, from 'build/libsite.so'"
        echo "dymod: site: layout changed: 'visitor' (field 4) in 'build/libsite.so'; generation 2 runs on"
        echo "dymod: site: generation 3 is live, from 'build/libsite.so'"
      ) || fail "$sanitizer: other events, or a sanitizer's report"
    done

    # Without a first build each request is answered by an error, and by the module once it is there.
    mv none/build/libsite.so away
    start_server none/build/server
    exec {ada}<>"/dev/tcp/127.0.0.1/$port"
    get "$ada" /
    gets "$ada" 500 'Something is wrong here.'
    mv away none/build/libsite.so
    asks "$ada" / 'Good night, visitor 1. Request 2.'
    exec {ada}>&-
    stop_server

    run "$cmake" -S none -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
    run "$cmake" --build release
    start_server release/server
    exec {ada}<>"/dev/tcp/127.0.0.1/$port"
    asks "$ada" / 'Good night, visitor 1. Request 1.'
    stop_server
    [ ! -s "$work/events" ] || { cat "$work/events"; fail "the release says something"; }
    if strings -a release/server | grep -i dymod; then fail "dymod is left in the release"; fi
    ;;

  # The example synthesiser: its voice is edited while it sounds, and each sample of the record is what it has to be.
  synthesiser)
    line_by_line=                       # see chase
    listen() {                          # Enter; sets samples and generation
      echo >&"${PROGRAM[1]}"
      read -r -t 60 samples _ _ generation <&"${PROGRAM[0]}" || fail "the synthesiser says nothing"
      samples=${samples%,}
    }
    listen_until() {                    # <samples>
      local deadline=$((SECONDS + 60))
      until listen && [ "$samples" -gt "$1" ]; do
        [ "$SECONDS" -lt "$deadline" ] || fail "only $samples samples in a minute"
        sleep 0.02
      done
    }
    traced=no
    if strace -o "$work/log" true 2>"$work/log"; then
      traced=yes
    else
      echo "strace does not run here: what the audio thread asks the system for is not looked at"
    fi
    start_synthesiser() {               # <program> [strace]
      rm -rf trace
      mkdir trace
      local tool=
      [ "${2:-}$traced" != straceyes ] || tool="strace -ff -o trace/of"
      coproc PROGRAM { exec $tool "$1" note.wav 2>"$work/events"; }
    }
    # Of strace the program is a child.
    trap 'kill $(cat "/proc/${PROGRAM_PID:-0}/task/${PROGRAM_PID:-0}/children" 2>/dev/null) ${PROGRAM_PID:-} 2>/dev/null' EXIT
    # Of the thread that is not main() and does not write the record: what else it calls from its first sleep to its last.
    audio_thread_calls() {
      local file found=
      for file in trace/of.*; do
        if grep -q '^clock_nanosleep' "$file" && ! grep -q '^execve\|^write([0-9]*, "RIFF' "$file"; then found+=" $file"; fi
      done
      [ "$(wc -w <<<"$found")" -eq 1 ] || fail "the trace has no audio thread, or several:$found"
      awk '/^clock_nanosleep/ { sleeps = 1; printf "%s", held; held = ""; next } sleeps { held = held $0 "\n" }' $found
    }
    stop_synthesiser() {                # sets samples
      local input=${PROGRAM[1]} output id=$PROGRAM_PID played=$samples
      exec {output}<&"${PROGRAM[0]}"
      exec {input}>&-
      read -r -t 60 samples _ <&"$output" || fail "the synthesiser does not say how long the record is"
      wait "$id" || { cat "$work/events"; fail "the synthesiser ends with an error"; }
      exec {output}<&-
      [ $((samples % 48000)) -eq 0 ] && [ "$samples" -ge "$played" ] ||
        fail "a record of $samples samples, when $played had been played"
    }
    bytes() {                           # <number> <count>: little end first
      local value=$1 count=$2
      while [ $((count--)) -gt 0 ]; do
        printf '%b' "\\x$(printf %02x $((value & 255)))"
        value=$((value >> 8))
      done
    }
    # A record of that many samples, sine before and with its third partial behind one block's end between the two
    # places: 440 Hz, the phase running through, each sample as computed here. The largest steps are those of the two
    # waves, and at the change that between them besides.
    check_record() {                    # <samples> <from> <to>: where the change is; from = samples: nowhere
      {
        printf RIFF; bytes $((36 + 2 * $1)) 4
        printf 'WAVEfmt '; bytes 16 4; bytes 1 2; bytes 1 2; bytes 48000 4; bytes 96000 4; bytes 2 2; bytes 16 2
        printf data; bytes $((2 * $1)) 4
      } >header
      head -c 44 note.wav | cmp - header || fail "the header of the record is wrong"
      [ "$(stat -c %s note.wav)" -eq $((44 + 2 * $1)) ] || fail "the record has another size than its header says"
      tail -c +45 note.wav | od -An -v -t d2 -w2 | awk -v samples="$1" -v from="$2" -v to="$3" '
        function wave(n, changed, angle) {
          angle = 8 * atan2(1, 1) * ((440 * n) % 48000) / 48000
          if (!changed) return 32767 * 0.5 * sin(angle)
          return 32767 * 0.4 * (sin(angle) + sin(3 * angle) / 3)
        }
        function is(value, expected) { return value - expected < 1.01 && expected - value < 1.01 }
        function wrong(what) { print "sample " NR - 1 ": " what; failed = 1; exit 1 }
        BEGIN { change = -1; slope[0] = 32767 * 0.5 * 0.0577; slope[1] = 32767 * 0.4 * 2 * 0.0577; between = 32767 * 0.234 }
        {
          value[(NR - 1) % 480] = $1
          if (change < 0 && !is($1, wave(NR - 1, 0))) {
            change = NR - 1 - (NR - 1) % 480      # the block began so, where both waves are alike
            if (change < from || change > to) wrong("the timbre has changed, which was to be from " from " to " to)
            for (n = change; n < NR - 1; ++n) if (!is(value[n % 480], wave(n, 1))) wrong("the change is in the midst of a block")
          }
          if (change >= 0 && !is($1, wave(NR - 1, 1))) wrong($1 " is neither timbre; expected: " wave(NR - 1, 1))
          step = NR > 1 ? $1 - last : 0
          if (step < 0) step = -step
          if (step > slope[change >= 0] + (NR - 1 == change ? between : 0) + 2) wrong("a step of " step)
          last = $1
        }
        END {
          if (failed) exit 1
          if (NR != samples) wrong("there are " NR " of " samples)
          if (change < 0 && from < samples) wrong("the timbre has not changed")
          if (change >= 0) print "   the new timbre begins at sample " change " of " samples
        }' || fail "the record is not what was played"
    }
    for sanitizer in none thread; do
      build_with $sanitizer synthesiser synthesiser
      rebuild() { run "$cmake" --build $sanitizer/build --target voice; }

      tool=
      [ $sanitizer != none ] || tool=strace
      start_synthesiser $sanitizer/build/synthesiser $tool
      listen_until 10000
      sed -i 's/return 0.5 \* std::sin(turn \* phase);/return 0.4 * (std::sin(turn * phase) + std::sin(3 * turn * phase) \/ 3);/' \
        $sanitizer/voice.cpp
      rebuild
      from=$samples
      listen
      [ "$generation" = 2 ] || { cat "$work/events"; fail "generation $generation plays after the rebuild"; }
      to=$((samples + 480))
      listen_until $((samples + 10000))
      # A build that does not fit: another note than the program has. The one before sounds on.
      cp -r $sanitizer sound
      sed -i 's/  double phase; /  double loudness; double phase; /' $sanitizer/voice.hpp
      rebuild
      listen
      listen_until $((samples + 10000))
      [ "$generation" = 2 ] || fail "generation $generation plays, which does not fit"
      stop_synthesiser
      check_record "$samples" "$from" "$to"
      if [ "$tool$traced" = straceyes ]; then
        calls=$(audio_thread_calls) || fail "$calls"
        [ -z "$calls" ] || fail "the audio thread does not only sleep: $(head -n 3 <<<"$calls")"
      fi
      sed "s,$work/$sanitizer/,,; s/ after .* ms,//" "$work/events" | grep -v '^ ' | diff - <(
        echo "dymod, control thread: voice: generation 1 is loaded, from 'build/libvoice.so'"
        echo "dymod, control thread: voice: generation 2 is live, from 'build/libvoice.so'"
        echo "dymod, control thread: voice: layout changed: 'note' (field 3) in 'build/libvoice.so'; generation 2 runs on"
      ) || fail "$sanitizer: other events, or a sanitizer's report"
      cp sound/voice.hpp $sanitizer/voice.hpp
      rm -r sound
    done

    # The same, but with calls that look: the checks see that.
    sed -i 's/DYMOD_AUTO_RELOAD=0/DYMOD_AUTO_RELOAD=1/' none/CMakeLists.txt
    run "$cmake" --build none/build --target synthesiser
    start_synthesiser none/build/synthesiser strace
    listen_until 10000
    sed -i 's/return 0.4 /return 0.3 /' none/voice.cpp
    run "$cmake" --build none/build --target voice
    told 'generation 2 is live'
    stop_synthesiser
    grep -q '^dymod, audio thread: voice: generation 2 is live' "$work/events" ||
      { cat "$work/events"; fail "the reload was to happen on the audio thread"; }
    [ $traced = no ] || audio_thread_calls | grep -q '^[a-z]*stat' || fail "the trace does not show that calls look at the file"

    run "$cmake" -S none -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
    cp "$dymod/examples/synthesiser/voice.cpp" none/
    run "$cmake" --build release
    start_synthesiser release/synthesiser
    listen_until 1000
    stop_synthesiser
    check_record "$samples" "$samples" "$samples"
    [ ! -s "$work/events" ] || { cat "$work/events"; fail "the release says something"; }
    if strings -a release/synthesiser | grep -i dymod; then fail "dymod is left in the release"; fi
    ;;

  # The reference has all that the headers and dymod's CMake files offer, as they offer it, and nothing else.
  reference)
    page=$dymod/docs/reference.md
    names="$dymod/tests/readme/public_names.awk"
    plain() { sed -E 's/__attribute__\(\(([^()]|\([^()]*\))*\)\)//g; s/\[\[[a-z_]*\]\] ?//g; s,//.*,,; s/DYMOD_DETAIL_[A-Z]+ //; /^ *#/d'; }
    blocks 'c[+][+]' "$page" | plain >page.text
    awk -f "$names" page.text | sort -u >page.names

    # In release there is nothing that is not public, but the name of the type of a module's handle.
    {
      printf '#include <dymod/%s.hpp>\n' dymod crash_guard persistent
      echo 'DYMOD(sheep, (count, int(int first)))'
    } >all.cpp
    "$compiler" -std=c++17 -DNDEBUG -I dymod/include -E -P all.cpp >all.text || fail "all.cpp is not preprocessed"
    plain <all.text | awk -f "$names" | sed 's/no_library/library_handle/' | sort -u >release.names
    [ "$(wc -l <release.names)" -ge 60 ] || fail "release has few public names"
    diff release.names page.names || fail "the reference (>) has other names than release (<)"

    # In debug a few more are not for users, as the page says.
    debug_headers=("$dymod"/include/dymod/event.hpp "$dymod"/include/dymod/detail/call/{error,crash,crash_guard,library,shared_text,thunk}.hpp)
    cat "${debug_headers[@]}" | plain >debug.text
    own=$(sed -n '/^A header below/,/^$/p' "$page" | grep -o '`[a-z_]*`' | tr -d '`' | paste -sd '|')
    awk -f "$names" debug.text | grep -vE "^dymod::($own)(::|$)" | sort -u >debug.names
    grep -v '^sheep::' page.names | diff debug.names - || fail "the reference (>) has other names than debug (<)"
    statements() { tr -s ' \n' '  ' | sed 's/ override//g; s/[;{}]/\n/g' | sed 's/^ *//; s/ *$//'; }
    statements <debug.text >debug.statements
    statements <page.text | grep -vE '^$|^namespace|^library_handle library$|^int count' |
      awk 'NR == FNR { known[NR] = $0; next }
           { for (i in known) if (substr(known[i], length(known[i]) - length($0) + 1) == $0) next
             print; missing = 1 }
           END { exit missing }' debug.statements - || fail "no header declares that"

    # Each has words, too: a heading, or a row of a table.
    while IFS= read -r name; do
      grep -qE "^(### |\| )\`(module::|dymod::)?${name##*::}(\(|\`)" "$page" || fail "the reference says nothing about $name"
    done < <(grep -vE 'sheep::|event_function|event_handler|library_handle$|::(what|code|crash::.*|remove)$' page.names)
    {
      cat "$dymod"/include/dymod/*.hpp | grep -oE '\b(DYMOD[A-Z_]*|NDEBUG)\b' | grep -vE '^DYMOD_DETAIL|_HPP$|^DYMOD_$'
      cat "$dymod"/CMakeLists.txt "$dymod"/cmake/*.cmake | sed -nE \
        's/^ *(function|add_custom_target|option)\((_?dymod_[a-z_]*|DYMOD_[A-Z0-9_]*).*/\2/p; s/^add_library\((dymod::[a-z]*) .*/\1/p' |
        grep -v '^_\|^dymod_watch_target$'
    } | sort -u >macros
    [ "$(wc -l <macros)" -ge 20 ] || fail "few macros, functions and options were found"
    while IFS= read -r name; do
      grep -qE "\`$name(\`|\(|_<)" "$page" || fail "the reference says nothing about $name"
    done <macros
    ;;

  # The comments of the headers: doxygen has nothing to complain of, and finds what the reference has.
  doxygen)
    command -v doxygen >"$work/where" || { echo "skipped: there is no doxygen"; exit 77; }
    cd "$dymod" || fail "cannot enter $dymod"
    if ! { cat docs/Doxyfile; printf 'OUTPUT_DIRECTORY = %s\nGENERATE_TAGFILE = %s\n' "$work" "$work/tags"; } |
      doxygen - >"$work/said" 2>&1 || [ -s "$work/said" ]; then
      cat "$work/said"
      fail "doxygen complains"
    fi
    blocks 'c[+][+]' docs/reference.md | awk -f tests/readme/public_names.awk | sort -u >"$work/names"
    [ "$(wc -l <"$work/names")" -ge 60 ] || fail "the reference has few names"
    while IFS= read -r name; do
      grep -qE "(<name>|<enumvalue[^>]*>)(dymod::(dynamic_mode::)?)?${name##*::}<" "$work/tags" || fail "doxygen does not show $name"
    done <"$work/names"
    for name in DYMOD DYMOD_EXTERN_C DYMOD_PERSISTENT DYMOD_PERSISTENT_FROM DYMOD_VERSION_MAJOR; do
      grep -q "<name>$name<" "$work/tags" || fail "doxygen does not show $name"
    done
    ;;

  # What was before is compiled, too: of cr.h the page uses declarations alone, which stand here in its place.
  moving)
    page=$dymod/docs/moving.md
    build_page "$page"
    say_first build/pond 'frame 1'
    sed -i 's/frame %d/frame no. %d/' goose.cpp
    run "$cmake" --build build --target goose
    hears 'frame no. 2'
    finish
    coos() {                            # <program> <command that rebuilds the library> <its source>
      say_first "$1" 'coo, coo'
      sed -i 's/"coo, coo"/"coo!"/' "$3"
      run eval "$2"
      hears 'coo!'
      finish
    }
    coos build/loft "'$cmake' --build build --target dove" dove.cpp
    run "$compiler" -std=c++17 -Wall -Wextra -Werror loft_before.cpp -o loft_before -ldl
    library="$compiler -std=c++17 -Wall -Wextra -Werror -shared -fPIC dove_before.cpp -o libdove.so"
    run eval "$library"
    coos ./loft_before "$library" dove_before.cpp

    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(echo | release/pond 2>&1)" = 'frame no. 1' ] || fail "the release answers otherwise"
    [ "$(echo | release/loft 2>&1)" = 'coo!' ] || fail "the release answers otherwise"

    mkdir before
    cat >before/cr.h <<'END'
enum cr_op { CR_LOAD, CR_STEP, CR_UNLOAD, CR_CLOSE };
struct cr_plugin { void* userdata; };
#define CR_EXPORT extern "C" __attribute__((visibility("default")))
#ifdef CR_HOST
bool cr_plugin_open(cr_plugin& ctx, const char* fullpath);
int cr_plugin_update(cr_plugin& ctx, bool reloadCheck = true);
void cr_plugin_close(cr_plugin& ctx);
#endif
END
    sed '/^struct pond/,/^}/!d' goose.hpp >before/pond_before.hpp
    blocks 'c[+][+]' "$page" | awk '/^\/\/ [a-z_]*[.]cpp/ { name = $2; sub(/:$/, "", name) } { print >("before/" name) }'
    for file in goose_before pond_before; do
      run "$compiler" -std=c++17 -Wall -Wextra -Werror -fsyntax-only before/$file.cpp
    done
    ;;

  state)
    page=$dymod/docs/state.md
    build_page "$page"
    cp pasture.cpp before.cpp
    say_first build/years '3 sheep'     # no hooks: the build is refused
    apply_diff "$page" pasture.cpp
    run "$cmake" --build build --target pasture
    hears '4 sheep'
    hears '5 sheep'
    finish
    blocks text "$page" | sed -n '/^dymod: pasture/,/take the change back/p' | sed "s,/home/me,$work/build," >expected
    tail -n +2 "$work/events" | diff - expected || fail "the refusal is in other words"

    cp before.cpp pasture.cpp
    run "$cmake" --build build --target pasture
    mapfile -t lines < <(blocks text "$page" | grep '^[0-9]')
    [ ${#lines[@]} -eq 3 ] || fail "the page has ${#lines[@]} lines of output"
    coproc PROGRAM { exec stdbuf -oL build/years 2>"$work/events"; }
    printf c >&"${PROGRAM[1]}"
    read -r -t 60 answer <&"${PROGRAM[0]}" || fail "the program says nothing"
    [ "$answer" = "${lines[0]}" ] || fail "the program says '$answer', not '${lines[0]}'"
    apply_diff "$page" pasture.cpp
    run "$cmake" --build build --target pasture
    hears "${lines[1]}"
    hears "${lines[2]}"
    finish
    [ "$(wc -l <"$work/events")" -eq 2 ] || { cat "$work/events"; fail "other events"; }

    # Variables of the module: with the function that carries one over, and without.
    cp meadow.cpp before.cpp
    blocks 'c[+][+]' "$page" >grown.cpp
    grep -q DYMOD_PERSISTENT_FROM grown.cpp || fail "the page has no edited meadow.cpp"
    say_first build/walks 'walk 1 with 3 sheep'
    hears 'walk 2 with 3 sheep'
    cp grown.cpp meadow.cpp
    run "$cmake" --build build --target meadow
    hears 'walk 3 with 6 lambs'
    finish
    [ "$(wc -l <"$work/events")" -eq 2 ] || { cat "$work/events"; fail "other events"; }
    cp before.cpp meadow.cpp
    run "$cmake" --build build --target meadow
    say_first build/walks 'walk 1 with 3 sheep'
    sed 's/_FROM(from_herd_1, /(/; s/^static /[[maybe_unused]] &/' grown.cpp >meadow.cpp
    run "$cmake" --build build --target meadow
    hears 'walk 2 with 0 lambs'
    finish
    blocks text "$page" | sed -n '/^dymod: meadow/,/PERSISTENT_FROM/p' | sed "s,/home/me,$work," >expected
    sed -n '2,5p' "$work/events" | diff - expected || fail "the warning is in other words"

    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(printf c | release/years 2>&1)" = '2 sheep, 2 lambs' ] || fail "the release answers otherwise"
    [ "$(echo | release/walks 2>&1)" = 'walk 1 with 0 lambs' ] || fail "the release walks otherwise"
    ;;

  misuses)
    page=$dymod/docs/misuses.md
    build_page "$page"
    mapfile -t lines < <(blocks text "$page")
    [ ${#lines[@]} -eq 2 ] || fail "the page has ${#lines[@]} lines of output"
    say_first build/hall "${lines[0]}"
    sed -i 's/"old"/"new"/' shout.cpp
    run "$cmake" --build build --target shout
    hears "${lines[1]}"
    finish
    sed -i 's/"new"/"old"/' shout.cpp
    run "$cmake" -S . -B release -G Ninja -DCMAKE_BUILD_TYPE=Release
    run "$cmake" --build release
    [ "$(echo | release/hall 2>&1)" = "${lines[0]/calls 1/calls 2}" ] || fail "the release answers otherwise"

    # The checklist: each of its commands, where all is well and where what it looks for is so.
    mapfile -t commands < <(awk '/^ *```sh$/ { block = 1; next } /^ *```$/ { block = 0 } block' "$page" | sed 's/^ *//')
    [ ${#commands[@]} -eq 14 ] || fail "the checklist has ${#commands[@]} commands"
    ask() {                             # <part of one of them> [<build directory>]: the answer is in $said
      local command=
      for each in "${commands[@]}"; do
        case $each in "$1"*) [ -z "$command" ] || fail "two commands begin with $1"; command=$each ;; esac
      done
      [ -n "$command" ] || fail "no command begins with $1"
      [ $# -eq 1 ] || command=${command//build\//$2/}
      said=$(eval "$command" 2>&1)
      ended=$?
    }
    says() {                            # <pattern> <part of a command> [<build directory>]
      ask "${@:2}"
      grep -qE -- "$1" <<<"$said" || fail "'$2' says '$said', not '$1'"
    }
    silent() {                          # <part of a command> [<build directory>]
      ask "$@"
      [ -z "$said" ] || fail "'$1' says '$said', and was to say nothing"
    }
    opened() {                          # <count> <directory>
      ask 'grep -o'
      [ "$(grep -c "^$work/$2/libshout.so.dymod-" <<<"$said")" -eq "$1" ] || fail "open are '$said'"
      [ -z "$said" ] || [ "$(wc -l <<<"$said")" -eq "$1" ] || fail "open are '$said'"
    }
    run "$cmake" --build build --target shout
    say_first build/hall "${lines[0]}"
    id=$PROGRAM_PID                     # pgrep might find another test's
    says "^$work/events\$" readlink
    opened 1 build
    silent cmp

    # Saved, but broken; built, but not called; called.
    cmake() { command "$cmake" "$@"; }
    says 'no work to do' cmake
    silent 'readelf -p'
    sed -i 's/"old";/"new"; mistake/' shout.cpp
    says mistake cmake
    [ $ended -ne 0 ] || fail "a failed build ends without an error"
    hears "${lines[0]/calls 1/calls 2}"
    sed -i 's/ mistake//' shout.cpp
    silent 'readelf -p'
    silent cmp
    says Linking cmake
    [ $ended -eq 0 ] || fail "the build ends with an error"
    says 'new$' 'readelf -p'
    says differ cmp
    opened 1 build
    hears "${lines[1]}"
    opened 2 build
    silent cmp

    # No news: a touch.
    touch build/libshout.so
    hears "${lines[1]/calls 1/calls 2}"
    opened 2 build
    grep -qx "dymod: shout: generation 2 is live, after .* ms, from '$work/build/libshout.so'" "$work/events" ||
      fail "the event is in other words"

    # Static; who looks.
    says '^[1-9]' 'nm -C build/hall | grep -c'
    says '^0$' 'nm -C build/hall | grep -c' release
    says '^policy<true, 0u, true>$' 'nm -C build/hall | grep -o'
    ask find
    grep -q "^/proc/$$/" <<<"$said" && fail "nobody has the library open, and '$said'"
    exec {open}>>build/libshout.so
    says "^/proc/$$/fd/$open\$" find
    exec {open}>&-

    # Code of the program, of another library; symbols that stand out.
    says count_calls "nm -C build/hall | grep ' "
    says 'NEEDED.*libroll\.so' 'readelf -d'
    says 'File: build/hall' 'readelf -d'
    grep -q 'NEEDED.*libshout' <<<"$said" && fail "hall is linked with the module's library"
    silent "nm -C build/libshout.so"
    ask 'nm -D'
    [ "$(awk '{ print $3 }' <<<"$said" | sort | paste -sd' ')" = 'dymod_description_shout dymod_module_shout' ] ||
      fail "the module exports '$said'"

    # Old pointers, and a thread inside the old function: it waits for somebody to write into a pipe.
    if command -v gdb >/dev/null && gdb -p $id -batch -ex bt 2>&1 | grep -q ' main '; then
      says "^shout::say.*/libshout\.so\.dymod-.*-1$" 'gdb -p $id -batch -ex '"'frame"
      ask "gdb -p \$id -batch -ex 'thread"
      grep dymod- <<<"$said" && fail "a thread is inside the module"
      mkfifo gate
      trap 'kill $id' EXIT
      cp shout.cpp before.cpp
      { echo '#include <fstream>'; sed 's/return count_calls/std::ifstream("gate").get(); &/' before.cpp; } >shout.cpp
      run "$cmake" --build build --target shout
      echo >&"${PROGRAM[1]}"
      exec {gate}>gate                  # waits for the program to open it
      says 'shout::count.*/libshout\.so\.dymod-' "gdb -p \$id -batch -ex 'thread"
      exec {gate}>&-
      goes_on "${lines[1]/entries 2/entries 3}"
      trap - EXIT
      cp before.cpp shout.cpp
    else
      echo "skipped: no gdb that may look at a process"
    fi
    finish

    # By hand, without the flags that matter.
    mkdir by_hand
    run "$compiler" -std=c++17 -I dymod/include -shared -fPIC -Dshout_EXPORTS shout.cpp -o by_hand/libshout.so build/libroll.so
    says '_ZTV7speaker' 'nm -D' by_hand
    if ! "$compiler" --version | grep -q clang; then says 'count_calls\(\)::calls' "nm -C build/libshout.so" by_hand; fi
    run "$compiler" -std=c++17 -I dymod/include hall.cpp -o by_hand/hall -Wl,--no-as-needed by_hand/libshout.so build/libroll.so -ldl
    says 'NEEDED.*libshout\.so' 'readelf -d' by_hand

    # Another build directory, in which calls do not look.
    run "$cmake" -S . -B other -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-DDYMOD_AUTO_RELOAD=0
    run "$cmake" --build other
    sed -i 's/"new"/"old"/' shout.cpp
    run "$cmake" --build build --target shout
    say_first other/hall "${lines[0]//old/new}"
    id=$PROGRAM_PID
    opened 1 other
    says differ cmp
    says '^policy<false, 0u, true>$' 'nm -C build/hall | grep -o' other
    run "$cmake" --build other --target shout
    answer=${lines[0]//old/new}
    hears "${answer/calls 1/calls 2}"
    opened 1 other
    finish

    # Memory: the program's operator new serves modules, unless the C++ library is a part of the program.
    cat >counted.cpp <<'END'
#include <cstdio>
#include <cstdlib>
#include <new>
#include "shout.hpp"
static int made = 0;
void* operator new(std::size_t size) { ++made; return std::malloc(size); }
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
int main() { const auto one = shout::make_speaker(); std::printf("%d\n", made); }
END
    cp build/libshout.so build/libroll.so .
    run "$compiler" -std=c++17 -I dymod/include counted.cpp -o counted -ldl
    [ "$(./counted 2>"$work/events")" = 1 ] || fail "the module does not use the program's operator new"
    run "$compiler" -std=c++17 -I dymod/include -static-libstdc++ counted.cpp -o counted -ldl
    [ "$(./counted 2>"$work/events")" = 0 ] || fail "the module uses the operator new of a static C++ library"
    ;;

  pages)
    for page in "$dymod"/*.md "$dymod"/docs/*.md; do
      # Each in a folder of its own: two pages may have files of one name. That one's later files need its edits: it is
      # built as a whole.
      mkdir -p "code/${page##*/}"
      [ "${page##*/}" = getting-started.md ] || (cd "code/${page##*/}" && write_blocks "$page")
      for link in $(awk '/^```/ { code = !code } !code' "$page" | grep -o '](\([^)#]*\))' | sed 's/^](//; s/)$//' | grep -v '^http'); do
        [ -e "$(dirname "$page")/$link" ] || fail "$page has a link to $link, which is not there"
      done
      # Those to a heading: its words in small letters, joined by hyphens, without other characters.
      for link in $(awk '/^ *```/ { code = !code } !code' "$page" | grep -o '](\([^):]*[.]md\)\?#[^)]*)' | sed 's/^](//; s/)$//'); do
        target=${link%%#*}
        awk '/^ *```/ { code = !code } !code && /^#/' "$(dirname "$page")/${target:-${page##*/}}" |
          sed 's/^#* //; s/.*/\L&/; s/[^a-z0-9_ -]//g; s/ /-/g' | grep -qxF -- "${link#*#}" || fail "$page has a link to $link, where there is no such heading"
      done
    done
    # Which tests hold a promise.
    tests=$(sed -n 's/^TEST_CASE("//p' "$dymod"/tests/*/*.cpp)
    for name in $(grep -o '| `^[a-z]*:`.*\|, `^[a-z]*:`' "$dymod"/docs/reliability.md | grep -o '\^[a-z]*:'); do
      grep -q "$name " <<<"$tests" || fail "docs/reliability.md names tests $name, and there are none"
    done
    count=0
    for file in code/*/*.[ch]pp; do     # sheep.cpp is compiled as part of the module sheep
      module=${file##*/}
      for mode in "" -DNDEBUG; do
        run "$compiler" -std=c++17 -Wall -Wextra -Werror $mode -I dymod/include -fsyntax-only \
          "-D${module%.*}_EXPORTS" -x c++ - <<<"#include \"$file\""
      done
      count=$((count + 1))
    done
    [ $count -ge 30 ] || fail "only $count code blocks were found"
    ;;

  # Messages that pages quote, of a program and modules that give occasion to them.
  messages)
    compile() {                         # <program or library> <source> <option>…
      run "$compiler" -std=c++17 -I dymod/include "${@:3}" "$2" -o "$1.new" -ldl
      mv "$1.new" "$1"
    }
    cat >host.cpp <<'END'
#include <cstdio>
#include "sheep.hpp"
int main() {
  HERD all = {};
  while (std::getchar() != EOF) {
    sheep::shear(all);
    std::printf("%u\n", sheep::library.generation());
  }
}
END
    cat >sheep.cpp <<'END'
#include "sheep.hpp"
extern const int version;
const int version = VERSION;
void sheep::shear(HERD&) { static_cast<void>(version); }
END
    quoted() {                          # <type> <old fields> <new fields> <page>…
      local scope=${1%herd} before=$2 version page
      printf '#include <dymod/dymod.hpp>\n%sstruct herd { FIELDS };%s\nDYMOD(sheep, (shear, void(HERD&)))\n' \
        "${scope:+namespace ${scope%::} { }" "${scope:+ \}}" >sheep.hpp
      compile host host.cpp "-DHERD=$1" "-DFIELDS=$before"
      for version in 1 2 3; do
        compile libsheep.so sheep.cpp -shared -fPIC -Dsheep_EXPORTS "-DHERD=$1" "-DFIELDS=$before" -DVERSION=$version
        if [ $version = 1 ]; then say_first ./host 1; else hears $version; fi
      done
      compile libsheep.so sheep.cpp -shared -fPIC -Dsheep_EXPORTS "-DHERD=$1" "-DFIELDS=$3" -DVERSION=4
      hears 3
      ls >files
      finish
      for page in "${@:4}"; do
        blocks text "$page" | sed -n "/^dymod: sheep: layout changed: '$1'/,/take the change back/p" | sed "s,/home/me,$work," >expected
        [ -s expected ] || fail "$page has no such message"
        tail -n +4 events | diff - expected || fail "the refusal is in other words than in $page"
      done
    }
    quoted farm::herd 'int a; float b;' 'int a; int b;' "$dymod/docs/errors.md"
    quoted herd 'unsigned size; float wool;' 'unsigned size; double wool;' "$dymod"/{README.md,docs/state.md}
    # Its copies.
    same() { sed 's/dymod-[0-9a-f]\{16\}/dymod-0123456789abcdef/; s/-[0-9]*$/-7/'; }
    blocks text "$dymod/docs/how-it-works.md" | awk '/^libsheep[.]so  /, /[.]lock/ { print $1 }' | sort >expected
    [ "$(wc -l <expected)" -eq 3 ] || fail "how-it-works.md does not show three files"
    grep -E '^libsheep|[.]lock$' files | same | sort -u | diff - expected || fail "the files have other names"
    ;;

  # The commands and the message of the page, in a copy of what they need.
  modules)
    page=$dymod/docs/modules.md
    mkdir bin copy
    ln -s "$cmake" bin/cmake
    PATH=$work/bin:$PATH
    cp -r "$dymod"/{CMakeLists.txt,cmake,examples,include} copy
    cd copy || fail "cannot enter copy"
    text_of() { sed 's,//.*,,' "$1" | tr -d ' \n'; }
    while IFS=: read -r file code; do
      text_of "examples/chase/$file" | grep -qF -- "$(tr -d ' ' <<<"$code")" || fail "$file has not the line that the page shows:$code"
    done < <(blocks text "$page" | grep -E '^[a-z]*\.cpp:')
    while IFS= read -r line; do
      grep -qF -- "${line%)}" examples/chase/CMakeLists.txt || fail "the example's CMakeLists.txt has not the line $line"
    done < <(blocks cmake "$page")

    # Its last part starts the program, which has one more thread than the talk needs.
    command=$(blocks sh "$page")
    line_by_line=
    run eval "${command% && *}"
    say_first "${command##* && }" 'wolf 2, rabbit 7'
    sed -i 's/here.wolf += 2;/here.wolf += 1;/' examples/chase/wolf.cpp
    run "$cmake" --build build/chase --target wolf
    told 'wolf: generation 2 is live'
    sed -i 's/is_hidden, bool(const field& here)/is_hidden, bool(const field\& here, float)/' examples/chase/rabbit.hpp
    sed -i 's/is_hidden(here)/is_hidden(here, 1.0F)/' examples/chase/wolf.cpp
    run "$cmake" --build build/chase --target wolf
    told "build module 'rabbit' as well"
    finish
    blocks text "$page" | sed -n '/^dymod: wolf/,/as well/p' | sed "s,/home/me,$PWD/build/chase," >expected
    sed -n '/^dymod: wolf: type/,/as well/p' "$work/events" | diff - expected || fail "the refusal is in other words"
    ;;

  # The session that the page shows, but for times and for the compiler's own words.
  watching)
    page=$dymod/docs/watching.md
    mkdir bin farm
    ln -s "$cmake" bin/cmake
    PATH=$work/bin:$PATH
    cd farm || fail "cannot enter farm"
    for module in sheep wolf; do
      printf '#include <dymod/dymod.hpp>\nDYMOD(%s, (legs, int()))\n' $module >$module.hpp
      printf '#include "%s.hpp"\n\nint %s::legs() { return 4; }\n' $module $module >$module.cpp
    done
    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.23)
project(farm LANGUAGES CXX)
add_subdirectory(../dymod dymod)
dymod_add_module(sheep sheep.cpp)
dymod_add_module(wolf wolf.cpp)
END
    run "$cmake" -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug
    start_watch "$(blocks sh "$page")"
    is_said started
    sed -i 's/return 4/return 3/' sheep.cpp
    is_said 'sheep.cpp: sheep built'
    sed -i 's/return 3/return mistake/' sheep.cpp
    is_said 'sheep.cpp: not built'
    sed -i 's/return mistake/return 4/' sheep.cpp
    is_said 'sheep.cpp: sheep built' 2
    kill -INT -- "-$terminal"
    same() { sed "s, [0-9]* ms$,,; s,: error: .*mistake.*,: error: mistake,; s,inotifywait tells of,looks for,; s,^.*farm/,farm/,"; }
    blocks text "$page" | same >expected
    grep -E '^dymod_watch: |error: .*mistake' "$work/said" | same | diff - expected || fail "the session is another one"
    ;;

  # What is to be put into other tools' files, and commands for another system.
  tools)
    page=$dymod/docs/debugging.md
    mapfile -t lines < <(awk '/^ *```text/ { block = 1; next } /^ *```/ { block = 0 } block { sub(/^ */, ""); print }' "$page")
    [ ${#lines[@]} -eq 2 ] || fail "debugging.md has ${#lines[@]} lines for debuggers"
    lines+=("$(blocks text "$dymod/docs/how-it-works.md" | grep '^skip')")
    for line in "${lines[@]}"; do
      grep -qxF -- "$line" "$dymod/tests/debug/run.sh" || fail "no debugger is told '$line' in the tests"
    done
    [ "$(blocks json "$page")" = "\"setupCommands\": [{ \"text\": \"-interpreter-exec console \\\"${lines[0]}\\\"\" }]" ] ||
      fail "VS Code is told something else than gdb"

    flags=$(blocks yaml "$page" | sed -n 's/^  Add: \[\(.*\)\]$/\1/p' | tr -d ,)
    [ -n "$flags" ] || fail "clangd is given no flags"
    printf '#include <dymod/dymod.hpp>\nstatic_assert(!dymod::is_dynamic);\n' >reader.cpp
    # shellcheck disable=SC2086
    run "$compiler" -std=c++17 -I dymod/include -DDYMOD_FORCE_DYNAMIC $flags -fsyntax-only reader.cpp

    # Neither of the two is here; what they are pointed to is.
    commands=$(blocks sh "$dymod/docs/installing.md" | sed -n '/^vcpkg /,/^conan /p')
    ports=$(sed -n 's/^vcpkg install dymod --overlay-ports=//p' <<<"$commands")
    recipe=$(sed -n 's/^conan create //p' <<<"$commands")
    [ -n "$ports" ] && [ -f "$ports/dymod/portfile.cmake" ] && [ -n "$recipe" ] && [ -f "$recipe/conanfile.py" ] ||
      fail "installing.md says something else to vcpkg and Conan than where their files are"

    mapfile -t commands < <(blocks sh "$dymod/docs/platforms.md" | grep '^g++')
    [ ${#commands[@]} -eq 2 ] || fail "platforms.md has ${#commands[@]} commands for Windows"
    write_blocks "$dymod/README.md"
    for windows in x86_64-w64-mingw32-g++-posix x86_64-w64-mingw32-g++; do
      command -v $windows >where || continue
      for command in "${commands[@]}"; do
        # shellcheck disable=SC2086
        run ${command/g++/$windows}
      done
      [ -s farm.exe ] && [ -s sheep.dll ] || fail "the commands for Windows do not make farm.exe and sheep.dll"
      break
    done
    ;;

  # Every block of every page is some test's, as blocks.txt says.
  blocks)
    (cd "$dymod" && awk '/^ *```[a-z]/ { sub(/^ *```/, ""); ++count[FILENAME " " $0] } END { for (kind in count) print kind, count[kind] }' \
      ./*.md benchmarks/*.md docs/*.md examples/*/*.md | sed 's,^\./,,' | sort) >there
    sed 's/#.*//; /^ *$/d' "$dymod/tests/readme/blocks.txt" >known
    awk '{ count[$1 " " $2] += $3 } END { for (kind in count) print kind, count[kind] }' known | sort >told_of
    diff there told_of || fail "pages have other blocks (<) than blocks.txt tells of (>): let a test take them, and write down which"
    [ "$(wc -l <there)" -ge 30 ] || fail "few blocks were found"
    while read -r page _ _ takers; do
      [ -n "$takers" ] || fail "nobody takes the blocks of $page"
      for taker in $takers; do
        case $taker in
          drawing | people) ;;
          ci) grep -q readme_command "$dymod/.ci/run" || fail "the README's commands are not run" ;;
          ways) grep -q "page=.*installing.md" "$dymod/tests/consumer/ways/run.sh" || fail "there is no test $taker" ;;
          readme.*)
            grep -q "^  ${taker#readme.})" "$dymod/tests/readme/run.sh" && grep -qw "${taker#readme.}" "$dymod/tests/readme/CMakeLists.txt" ||
              fail "there is no test $taker"
            ;;
          *) fail "what is $taker?" ;;
        esac
      done
    done <known
    ;;

  # The diagram has the steps of the README's list, and so has the page that tells more of them.
  diagram)
    diagram=$dymod/docs/reload.svg
    sed '/^## How a reload happens/,/^Any /!d; s/^[1-8][.] [*][*]\([^*]*\)[*][*].*/\1/p; d' "$dymod/README.md" >steps
    [ "$(wc -l <steps)" -eq 8 ] || { cat steps; fail "the README has other steps than eight"; }
    sed -n 's/.*<text class="name"[^>]*>\([^<]*\)<.*/\1/p' "$diagram" | diff steps - || fail "the diagram has other steps"
    sed '/^## A reload/,/^## /!d; s/^[1-8][.] [*][*]\([^*]*\)[*][*].*/\1/p; d' "$dymod/docs/how-it-works.md" | tr -d .? |
      diff <(tr -d .? <steps) - || fail "docs/how-it-works.md has other steps"
    grep -q '](reload[.]svg)' "$dymod/docs/how-it-works.md" || fail "no page shows the diagram"
    # As an image it is shown without anything of elsewhere.
    if grep -nE 'href|url\(|@import|@font-face|<script|<image' "$diagram"; then fail "the diagram wants something of elsewhere"; fi
    if command -v xmllint >/dev/null; then
      run xmllint --noout "$diagram"
    elif command -v python3 >/dev/null; then
      run python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$diagram"
    else
      echo "skipped: neither xmllint nor python3 is there to parse it"
    fi
    ;;

  # The format of the description, read by the page's words with other tools than dymod.
  description_format)
    page=$dymod/docs/description-format.md
    include=$dymod/include/dymod/detail
    number() { sed -n "s/^#define $1 \"*\([0-9]*\)\"*\$/\1/p" "$include/$2"; }
    format=$(number DYMOD_DETAIL_DESCRIPTION_FORMAT reload/description.hpp)
    layout=$(number DYMOD_DETAIL_BINARY_LAYOUT os/target.hpp)
    grep -q "The description's is $format\*\*" "$page" || fail "the page has another number for the description than $format"
    grep -q "the binary layout's is $layout\*\*" "$page" || fail "the page has another number for the binary layout than $layout"
    grep -q "^\`own_binary\` begins with the text \`dymod binary $layout\`" "$page" || fail "the page has another mark"
    grep -q "section \`.dymod$layout\`" "$page" || fail "the page has another section"
    command -v readelf >/dev/null || { echo "skipped: no readelf"; exit 77; }
    write_blocks "$page"
    flags=(-std=c++17 -shared -fPIC -fvisibility=hidden)
    "$compiler" --version | grep -q clang || flags+=(-fno-gnu-unique)
    build() {                           # <include directory> <library>
      run "$compiler" "${flags[@]}" -I "$1" -Dewe_EXPORTS ewe.cpp -o "$2"
    }
    build dymod/include libewe.so

    section_of() {                      # <address>: name, address and place in the file of the section that holds it
      local name at place size
      while read -r name at place size; do
        at=$((16#$at)) place=$((16#$place)) size=$((16#$size))
        [ "$1" -lt $at ] || [ "$1" -ge $((at + size)) ] || echo "$name $at $place"
      done < <(readelf -SW libewe.so | sed -n 's/^ *\[ *[0-9]*\] \(\.[^ ]*\) *PROGBITS *\([0-9a-f]*\) \([0-9a-f]*\) \([0-9a-f]*\) [0-9a-f]* *[A-Z]*A.*/\1 \2 \3 \4/p')
    }
    bytes_at() {                        # <address> <count>
      local name at place
      read -r name at place <<<"$(section_of "$1")"
      tail -c +$((place + $1 - at + 1)) libewe.so | head -c "$2"
    }
    read -r address size < <(readelf -W --dyn-syms libewe.so | awk '$8 == "dymod_description_ewe" && $4 == "OBJECT" { print $2, $3 }')
    [ -n "${size:-}" ] || fail "there is no symbol dymod_description_ewe"
    address=$((16#$address))
    bytes_at "$address" "$size" | tr '\0' '\n' | cat -v >strings
    # The head is two strings, a record three, the end an empty one.
    awk 'NR == 1 { line = $0; next } NR == 2 { print line " | " $0; next } $0 == "" { ended = 1; exit }
         { line = (NR % 3 == 0 ? $0 : line " | " $0) } NR > 2 && NR % 3 == 2 { print line } END { exit !ended }' strings >records ||
      { cat strings; fail "no empty string ends the records"; }
    its_compiler=$(sed -n 's/^compiler | name | //p' records)
    grep -qE '^(g|clang)\+\+ [0-9]+$' <<<"$its_compiler" || fail "the compiler is '$its_compiler'"
    blocks text "$page" | sed -n "/^dymod description/,/^fields/p" | sed "s/| g++ 12\$/| $its_compiler/" | diff - records ||
      fail "the description is not what the page shows"

    # The note, by the page's table.
    field() { od -An -t d4 -j "$1" -N 4 note | tr -d ' '; }
    read -r at place size < <(readelf -SW libewe.so | sed -n 's/.* \.note\.dymod *NOTE *\([0-9a-f]*\) \([0-9a-f]*\) \([0-9a-f]*\) .*/\1 \2 \3/p')
    at=$((16#$at))
    tail -c +$((16#$place + 1)) libewe.so | head -c $((16#$size)) >note
    [ "$(field 0) $(field 4) $(field 8)" = "6 4 $layout" ] || { od -c note; fail "the note begins otherwise"; }
    [ "$(tail -c +13 note | head -c 8 | od -An -c | tr -d ' ')" = 'dymod\0\0\0' ] || { od -c note; fail "the note has another name"; }
    own_binary=$((at + 20 + $(field 20)))
    [ "$(nm libewe.so | sed -n 's/ [a-zA-Z] dymod_binary$//p')" = "$(printf '%016x' $own_binary)" ] ||
      fail "the note does not lead to own_binary"
    [ "$(bytes_at $own_binary 14)" = "dymod binary $layout" ] || fail "own_binary begins otherwise"

    # Other numbers, and a kind of record that nobody knows, in a program that runs.
    cat >flock.cpp <<'END'
#include <cstdio>
#include "ewe.hpp"
int main() {
  while (std::getchar() != EOF) std::printf("%s, %d horns\n", ewe::count_sheep(2), ram::horns());
}
END
    printf '#include "ewe.hpp"\nint ram::horns() { return 2; }\n' >ram.cpp
    run "$compiler" "${flags[@]}" -I dymod/include -Dram_EXPORTS ram.cpp -o libram.so
    run "$compiler" -std=c++17 -I dymod/include flock.cpp -o flock -ldl
    changed() {                         # <name> <file> <sed program>: headers, and the module built with them
      cp -rL "$dymod/include" "$1"
      sed -i "$3" "$1/dymod/detail/$2"
      if diff -r "$dymod/include" "$1" >/dev/null; then fail "nothing is changed in $1"; fi
      build "$1" "$1.so"
    }
    changed format reload/description.hpp "s/^#define DYMOD_DETAIL_DESCRIPTION_FORMAT .*/#define DYMOD_DETAIL_DESCRIPTION_FORMAT \"$((format + 1))\"/"
    changed kind declare/abi.hpp 's/^  "compiler.0name.0" DYMOD_DETAIL_COMPILER  */  "colour\\0of wool\\0black\\0" &/'
    changed layout os/target.hpp "s/^#define DYMOD_DETAIL_BINARY_LAYOUT .*/#define DYMOD_DETAIL_BINARY_LAYOUT $((layout + 1))/"
    say_first ./flock 'two sheep, 2 horns'
    mv format.so libewe.so
    hears 'two sheep, 2 horns'
    grep -A 3 '^  dymod: ewe' "$page" | sed "s/^  //; s,/home/me,$work,; s/library: 3/library: $((format + 1))/" >expected
    tail -n 4 "$work/events" | diff - expected || fail "another format is refused in other words"
    mv kind.so libewe.so
    hears 'two sheep, 2 horns'
    told 'ewe: generation 2 is live'
    [ "$(grep -c 'ram: generation 1 is loaded' "$work/events")" -eq 1 ] || fail "ram is not loaded once"
    mv layout.so libewe.so
    hears 'two sheep, 2 horns'
    told 'ewe: generation 3 is live'
    [ "$(grep -c 'ram: generation 1 is loaded' "$work/events")" -eq 2 ] || fail "ram is not loaded twice"
    finish
    ;;

  # Whatever names a preset: the pages, the forms, and the workflow for those who host the project.
  presets)
    cd "$dymod" || fail "cannot enter $dymod"
    "$cmake" --list-presets=workflow >"$work/presets" 2>&1 ||
      { echo "skipped: this CMake knows no workflow presets"; exit 77; }
    missing=
    count=0
    while read -r name; do
      grep -qF "\"$name\"" "$work/presets" || missing+=" $name"
      count=$((count + 1))
    done < <({
      cat *.md docs/*.md .github/*.md .github/workflows/*.yml | grep -o -- '--preset [^ `]*' | awk '{ print $2 }'
      awk -F '|' '/^\|.*`/ { print $7 }' docs/platforms.md | grep -o '`[^`]*`' | tr -d '`'
    } | sort -u)
    [ -z "$missing" ] || fail "there are no presets$missing"
    [ $count -ge 12 ] || fail "only $count presets are named"
    ;;

  # What CONTRIBUTING.md speaks of: files, suites, targets.
  contributing)
    cd "$dymod" || fail "cannot enter $dymod"
    page=CONTRIBUTING.md
    [ "$(wc -l <$page)" -le 80 ] || fail "$page is longer than anybody reads"
    for file in $(grep -o '`[^` ]*`' $page | tr -d '`' | grep -E '/|[.](md|txt|hpp)$'); do
      [ -e "$file" ] || [ -e "include/dymod/$file" ] || fail "$page speaks of $file, which is not there"
    done
    while read -r target; do
      grep -rqE "dymod_add_(test_program|host_tests)\($target " tests --include=CMakeLists.txt || fail "there is no target $target"
    done < <(grep -o -- '--target [a-z]*' $page | awk '{ print $2 }' | sort -u)
    for suite in $(grep -o "'^[a-z]*: '" $page | tr -d "'^:"); do
      grep -rq "^TEST_CASE(\"$suite: " tests || fail "no test is called $suite"
    done
    for suite in $(grep -o "'^[^']*\[.\]'" $page | tr -d "'^()" | sed 's/\[.\]//g' | tr '|' ' '); do
      [ -d "tests/$suite" ] || fail "there are no tests $suite"
    done
    # The forms: what the site that shows them insists on.
    if command -v python3 >/dev/null && python3 -c 'import yaml' 2>/dev/null; then
      run python3 - <<'END'
import glob, yaml
forms = [form for form in glob.glob(".github/ISSUE_TEMPLATE/*.yml") if not form.endswith("config.yml")]
assert len(forms) >= 2, forms
for form in forms:
    with open(form, encoding="utf-8") as file:
        content = yaml.safe_load(file)
    assert {"name", "description", "body"} <= content.keys(), form
    asked = [part for part in content["body"] if part["type"] != "markdown"]
    assert asked and all(part["attributes"]["label"] for part in asked), form
    assert len({part["id"] for part in asked}) == len(asked), form
END
    else
      echo "skipped: no python3 with yaml to read the forms"
    fi
    for file in $(grep -oh '\.\./blob/HEAD/[^)]*' .github/ISSUE_TEMPLATE/*.yml | sed 's,.*/HEAD/,,'); do
      [ -e "$file" ] || fail "a form leads to $file, which is not there"
    done
    ;;

  # One place says which version it is. Who copies it agrees, and who reads it is given another.
  version)
    header=include/dymod/version.hpp
    version=$(sed -n 's/^#define DYMOD_VERSION_[MP][A-Z]* //p' "dymod/$header" | paste -sd.)
    grep -qxE '[0-9]+[.][0-9]+[.][0-9]+' <<<"$version" || fail "the version is '$version'"
    is() {                              # <what> <its version>
      [ "$2" = "$version" ] || fail "$1 has the version '$2', and dymod $version"
    }
    is packaging/vcpkg "$(sed -n 's/^  "version": "\(.*\)",$/\1/p' dymod/packaging/vcpkg/dymod/vcpkg.json)"
    is CHANGELOG.md "$(sed -n 's/^## \([0-9.]*\).*/\1/p' dymod/CHANGELOG.md | head -n 1)"
    is docs/installing.md "$(sed -n 's/^ *GIT_TAG v\([0-9.]*\))*$/\1/p' dymod/docs/installing.md)"
    is single_include "$(sed -n 's,^// All headers of dymod \([0-9.]*\) as.*,\1,p' dymod/single_include/dymod.hpp)"
    grep -q "newest release of ${version%%.*}[.]x" dymod/SECURITY.md || fail "SECURITY.md is about other versions"

    mkdir copy
    cp -r dymod/CMakeLists.txt dymod/LICENSE dymod/cmake dymod/include dymod/meson.build dymod/packaging copy
    version=7.8.9
    sed -i 's/\(VERSION_MAJOR\) .*/\1 7/; s/\(VERSION_MINOR\) .*/\1 8/; s/\(VERSION_PATCH\) .*/\1 9/' copy/$header
    run "$cmake" -S copy -B build -G Ninja -DDYMOD_BUILD_TESTS=OFF -DDYMOD_BUILD_EXAMPLES=OFF
    run "$cmake" --install build --prefix "$work/prefix"
    is 'the package for CMake' "$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")$/\1/p' prefix/share/dymod/dymod-config-version.cmake)"
    is 'the package for pkg-config' "$(sed -n 's/^Version: //p' prefix/share/pkgconfig/dymod.pc)"
    if command -v python3 >/dev/null; then
      run python3 copy/packaging/single_header.py "$work/one.hpp"
      is 'the one header' "$(sed -n 's,^// All headers of dymod \([0-9.]*\) as.*,\1,p' one.hpp)"
    fi
    # Meson and Conan read the header, too, and write no version down (ways.meson_subproject, ways.conan).
    if grep -nE '[0-9]+[.][0-9]+[.][0-9]+' copy/meson.build copy/packaging/conan/conanfile.py | grep -v meson_version; then
      fail "a version is written down twice"
    fi
    if command -v meson >/dev/null; then
      mkdir -p user/subprojects
      cp -r copy user/subprojects/dymod
      printf "%s\n" "project('user', 'cpp', meson_version: '>=0.57.0')" "message(dependency('dymod', fallback: 'dymod').version())" \
        >user/meson.build
      run meson setup user/build user
      grep -q 'Message: 7[.]8[.]9$' "$work/log" || { cat "$work/log"; fail "Meson takes another version"; }
    else
      echo "skipped: no meson"
    fi
    ;;

  *)
    fail "there is no case '$case_name'"
    ;;
esac
