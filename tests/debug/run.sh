#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# A program, and two builds of a module: the program calls the first, puts the second in place and calls that.
# Under a debugger or another tool both are to be seen with their files and lines.
#
#   run.sh <case> <dymod's source directory> <work directory> <cmake>

set -u
case_name=$1
dymod=$2
work=$3
compiler=${CXX:-g++}

fail() {
  echo "FAILED: $*"
  exit 1
}

need() { command -v "$1" >/dev/null || { echo "$1 is not installed"; exit 77; }; }

run() {
  echo "\$ $*"
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "the command failed: $*"; }
}

# expect <file> <pattern> <how often>
expect() {
  [ "$(grep -cE -- "$2" "$1")" -eq "$3" ] || { cat "$1"; fail "'$2' was to be there $3 times"; }
}

rm -rf "$work"
mkdir -p "$work"
cd "$work" || fail "cannot enter $work"
options=(-std=c++17 -g -I "$dymod/include")

cat >sheep.hpp <<'END'
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int(int legs)))
END
cat >first.cpp <<'END'
#include "sheep.hpp"
int sheep::count(int legs) {
  int* const found = new int(legs / 4);
  const int counted = found[BEYOND];
  delete found;
  return counted;
}
END
# Two lines more: what a breakpoint at a line finds in it is another statement.
sed 's,^int sheep::count,// Two\n// lines more.\n&,; s,legs / 4,legs / 2,' first.cpp >second.cpp
cat >main.cpp <<'END'
#include <cstdio>
#include "sheep.hpp"
int main() {
  int all = sheep::count(40);
  std::puts("first");
  std::fflush(stdout);
  if (std::rename("second.so", "libsheep.so") != 0 || std::getchar() == EOF) return 1;
  all += sheep::count(80);
  std::puts("second");
  std::fflush(stdout);
  std::getchar();
  std::printf("%d\n", all);
}
END

build() {                               # <what the builds read: 0 is right> <the same of the second> <flags>…
  local beyond=$1 second_beyond=$2
  shift 2
  run "$compiler" "${options[@]}" "$@" main.cpp -o main -ldl
  for build in first second; do
    # Their source is called sheep.cpp in both.
    cp $build.cpp sheep.cpp
    run "$compiler" "${options[@]}" "$@" "-DBEYOND=$beyond" -shared -fPIC -fvisibility=hidden -Dsheep_EXPORTS sheep.cpp -o $build.so
    beyond=$second_beyond
  done
  mv first.so libsheep.so
}

# Runs gdb with the commands of standard input; the program gets two lines.
in_gdb() {
  { printf '%s\n' 'set pagination off' 'set confirm off' 'set breakpoint pending on' 'set debuginfod enabled off'; cat; } >commands
  printf '\n\n' >input
  gdb -q -nx -batch -x commands ./main >told 2>&1 </dev/null
  if grep -q 'ptrace: Operation not permitted\|Could not trace the inferior' told; then
    echo "debugging is not allowed here"
    exit 77
  fi
}

# Runs lldb with the commands of standard input; the program gets two lines.
in_lldb() {
  need lldb
  cat >commands
  printf '\n\n' >input
  lldb --no-lldbinit --no-use-colors -b -s commands ./main >told 2>&1 </dev/null
  if grep -q 'Operation not permitted' told; then echo "debugging is not allowed here"; exit 77; fi
}

case $case_name in
  # Set before the program starts, by line and by function: hit in every generation, with the right variables.
  gdb_breakpoints)
    need gdb
    build 0 0
    in_gdb <<'END'
break sheep.cpp:6
break sheep::count
run <input
info args
continue
info args
continue
info args
continue
info args
continue
END
    expect told '^Breakpoint [0-9.]+, sheep::count \(legs=40\)' 2
    expect told '^Breakpoint [0-9.]+, sheep::count \(legs=80\)' 2
    expect told '^legs = 40' 2
    expect told '^legs = 80' 2
    expect told 'exited normally' 1
    ;;

  # From the call to the function of the module: two steps, the first into the line that hands it on.
  gdb_step)
    need gdb
    build 0 0
    in_gdb <<'END'
skip -rfu ^dymod::detail::
break main.cpp:4
break main.cpp:8
run <input
step
step
info args
backtrace 3
continue
step
step
info args
END
    expect told '^sheep::count \(legs=40\) at .*sheep.cpp:' 1
    expect told '^sheep::count \(legs=80\) at .*sheep.cpp:' 1
    expect told '^legs = 40' 1
    expect told '^legs = 80' 1
    expect told '^#2 .* main \(\) at .*main.cpp:4' 1
    ;;

  # A call that is guarded: gdb stops where the module crashes, and the guard does its work afterwards; or at once, if
  # gdb is told not to stop.
  gdb_crash)
    need gdb
    sed -i 's,found\[BEYOND\],*(BEYOND == 0 ? found : nullptr),' first.cpp second.cpp
    sed -i 's,#include "sheep.hpp",#include <dymod/crash_guard.hpp>\n&,
      s,all += \(.*\);,try { all += \1; } catch (const dymod::crash\&) {},' main.cpp
    build 0 1 -DDYMOD_CRASH_GUARD=1
    in_gdb <<'END'
run <input
info args
continue
END
    expect told '^Program received signal SIGSEGV' 1
    expect told 'sheep::count \(legs=80\) at sheep.cpp:6' 1
    expect told '^legs = 80' 1
    expect told "'count' crashed: SIGSEGV at address 0x0 in generation 2; generation 1 is current again" 1
    expect told 'exited normally' 1

    build 0 1 -DDYMOD_CRASH_GUARD=1
    in_gdb <<'END'
handle SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT nostop noprint pass
run <input
END
    expect told 'received signal' 0
    expect told "'count' crashed: SIGSEGV at address 0x0 in generation 2; generation 1 is current again" 1
    expect told 'exited normally' 1
    ;;

  # A debugger that comes later reads the copies: the build's own file is another by then.
  gdb_attach)
    need gdb
    build 0 0
    coproc HOST { exec ./main 2>events; }
    read -r -t 60 answer <&"${HOST[0]}" || fail "the program says nothing"
    echo >&"${HOST[1]}"
    read -r -t 60 answer <&"${HOST[0]}" || fail "the program says nothing more"
    [ "$answer" = second ] || fail "the program says '$answer'"
    cat >commands <<'END'
set pagination off
set debuginfod enabled off
info sharedlibrary
info line sheep.cpp:5
END
    gdb -q -nx -batch -p "$HOST_PID" -x commands >told 2>&1 </dev/null
    if grep -q 'Operation not permitted' told; then kill "$HOST_PID"; echo "debugging is not allowed here"; exit 77; fi
    expect told 'Yes +.*libsheep.so.dymod-[0-9a-f]{16}-[12]$' 2
    expect told 'Line [0-9]+ of "sheep.cpp" starts at address' 2
    host=$HOST_PID
    echo >&"${HOST[1]}"
    wait "$host" || fail "the program ends with an error after gdb has left"
    ;;

  # The same with lldb, for which pending breakpoints are the default.
  lldb_breakpoints)
    build 0 0
    in_lldb <<'END'
breakpoint set --file sheep.cpp --line 6
breakpoint set --name sheep::count
process launch --stdin input
continue
continue
continue
continue
END
    expect told 'frame #0: .*libsheep.so.dymod-[0-9a-f]{16}-1`sheep::count\(legs=40\) at sheep.cpp' 2
    expect told 'frame #0: .*libsheep.so.dymod-[0-9a-f]{16}-2`sheep::count\(legs=80\) at sheep.cpp' 2
    expect told 'exited with status = 0' 1
    ;;

  # Without optimisation lldb stops in inlined functions whatever it was told to avoid: four steps.
  lldb_step)
    build 0 0
    in_lldb <<'END'
settings set target.process.thread.step-avoid-regexp ^std::|^dymod::detail::
breakpoint set --file main.cpp --line 4
breakpoint set --file main.cpp --line 8
process launch --stdin input
thread step-in
thread step-in
thread step-in
thread step-in
continue
thread step-in
thread step-in
thread step-in
thread step-in
END
    expect told 'frame #0: .*-1`sheep::count\(legs=40\) at sheep.cpp' 1
    expect told 'frame #0: .*-2`sheep::count\(legs=80\) at sheep.cpp' 1
    ;;

  valgrind)
    need valgrind
    build 1 1
    printf '\n\n' | valgrind --error-exitcode=9 --num-callers=4 ./main >told 2>&1
    [ $? -eq 9 ] || { cat told; fail "valgrind was to find something"; }
    expect told 'at 0x[0-9A-F]+: sheep::count\(int\) \(sheep.cpp:4\)' 1
    expect told 'at 0x[0-9A-F]+: sheep::count\(int\) \(sheep.cpp:6\)' 1
    ;;

  address_sanitizer)
    echo 'int main() {}' >empty.cpp
    "$compiler" -fsanitize=address empty.cpp -o empty 2>/dev/null && ./empty || { echo "no AddressSanitizer"; exit 77; }
    build 1 1 -fsanitize=address
    printf '\n\n' | ./main >told 2>&1
    expect told '#0 0x[0-9a-f]+ in sheep::count\(int\) .*sheep.cpp:4' 1
    build 0 1 -fsanitize=address
    printf '\n\n' | ./main >told 2>&1
    expect told '#0 0x[0-9a-f]+ in sheep::count\(int\) .*sheep.cpp:6' 1
    ;;

  *)
    fail "there is no case '$case_name'"
    ;;
esac
