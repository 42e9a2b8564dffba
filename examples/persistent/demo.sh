#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Builds a copy of this example, starts it, and edits and rebuilds the module while it runs: its code, and the
# struct of what it keeps. Each line that the program prints is compared with what it has to be.
#
#   demo.sh <dymod's source directory> <work directory> [cmake]

example=persistent
. "$1/examples/demo_tools.sh"

rebuild() { run "$cmake" --build debug --target birds; }

prints() {                              # <line>: at the next wing beat
  local line
  echo >&"${SKY[1]}"
  read -r -t 60 line <&"${SKY[0]}" || fail "the program says nothing; expected: $1"
  [ "$line" = "$1" ] || fail "the program says '$line', not '$1'"
  printf '   %s\n' "$line"
}

warnings() { grep -c "begins anew" events; }

echo "Two birds, kept by the module:"
run "$cmake" -S persistent -B debug -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDYMOD_SOURCE="$dymod"
run "$cmake" --build debug
coproc SKY { exec debug/sky 2>events; }
prints '.v......v............... 1'
prints '..v.......v............. 2'

echo "The code changes; the birds are where they were:"
edit birds.cpp "char picture([[maybe_unused]] const bird& one) { return 'v'; }" \
  "char picture([[maybe_unused]] const bird& one) { return '^'; }"
rebuild
prints '...^........^........... 3'

echo "Their struct grows, and a function says what becomes of the old ones:"
edit birds.cpp 'struct bird {' 'struct bird_1 {
  std::size_t place;
  std::size_t speed;
};

struct bird {
  char picture;'
edit birds.cpp 'DYMOD_PERSISTENT(std::vector<bird>, swarm, bird{0, 1}, bird{6, 2});' \
  "std::vector<bird> from_bird_1(const std::vector<bird_1>& old) {
  std::vector<bird> all;
  for (const bird_1& each : old) all.push_back({each.speed > 1 ? 'w' : 'v', each.place, each.speed});
  return all;
}

DYMOD_PERSISTENT_FROM(from_bird_1, std::vector<bird>, swarm, bird{'v', 0, 1}, bird{'v', 6, 2});"
edit birds.cpp "char picture([[maybe_unused]] const bird& one) { return '^'; }" \
  "char picture(const bird& one) { return one.picture; }"
rebuild
prints '....v.........w......... 4'
prints '.....v..........w....... 5'
[ "$(warnings)" -eq 0 ] || fail "nothing was to be warned of"

echo "It grows again, and nobody says what becomes of them: they begin anew, and a warning says so."
edit birds.cpp '  char picture;' '  double weight;
  char picture;'
edit birds.cpp "DYMOD_PERSISTENT_FROM(from_bird_1, std::vector<bird>, swarm, bird{'v', 0, 1}, bird{'v', 6, 2});" \
  "DYMOD_PERSISTENT(std::vector<bird>, swarm, bird{0.1, 'o', 0, 1}, bird{0.2, 'O', 6, 2});"
edit birds.cpp 'std::vector<bird> from_bird_1(const std::vector<bird_1>& old) {' \
  '[[maybe_unused]] std::vector<bird> from_bird_1(const std::vector<bird_1>& old) {'
edit birds.cpp "  for (const bird_1& each : old) all.push_back({each.speed > 1 ? 'w' : 'v', each.place, each.speed});" \
  "  for (const bird_1& each : old) all.push_back({0.1, 'v', each.place, each.speed});"
rebuild
prints '.o......O............... 6'
prints '..o.......O............. 7'
[ "$(warnings)" -eq 1 ] || fail "one warning was to be there"
sed -n '/begins anew/,/DYMOD_PERSISTENT_FROM/p' events | sed "s,$work/,,; s,^,   ,"
grep -q 'bird in generation 3: *size [0-9]*, alignment [0-9]*, fields char, 2 unsigned' events ||
  fail "the warning was to say what the last generation had"
grep -q 'bird in the new build: size [0-9]*, alignment [0-9]*, fields double, char, 2 unsigned' events ||
  fail "the warning was to say what the new build has"

input=${SKY[1]} id=$SKY_PID
exec {input}>&-
wait "$id" || fail "the program ends with an error"
grep -q 'generation 4 is live' events || fail "four generations were to be there"

echo "A release of the same sources:"
run "$cmake" -S persistent -B release -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYMOD_SOURCE="$dymod"
run "$cmake" --build release
printf '\n\n' | release/sky >lines || fail "the release program ends with an error"
sed 's,^,   ,' lines
[ "$(cat lines)" = '.o......O............... 1
..o.......O............. 2' ] || fail "the release was to begin with the birds that its source says"
if strings -a release/sky | grep -i dymod; then fail "dymod is left in the release"; fi
echo "All of it happened as it had to."
