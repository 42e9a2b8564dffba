# SPDX-License-Identifier: MIT

# A release build reads next to nothing: after the preprocessor a file with a DYMOD in it has a few
# lines of code, none of them from a standard header, and it compiles where there are no standard
# headers at all.

. "$(dirname "$0")/common.sh"
limit=$4

cat >declared.cpp <<'END'
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int(int)), (shear, void(float) noexcept), (name, const char*()))
DYMOD_EXTERN_C(grass, (grow, int(int)))
int use();
int use() { return sheep::count(1) + grass::grow(2) + (sheep::reload() || sheep::library.roll_back() ? 1 : 0); }
END

# Line markers and blank lines are no code; there would be as many as comments.
compile_static -DDYMOD_CRASH_GUARD=1 -E declared.cpp | grep -v '^#' | grep -v '^[[:space:]]*$' >code.txt
lines=$(wc -l <code.txt)
grep -q 'sheep::count(1)' code.txt || fail "the use itself is missing"
[ "$lines" -le "$limit" ] || fail "$lines lines of code, at most $limit were promised:
$(cat code.txt)"

# Who handles crashes has their class as well.
{ printf '#define DYMOD_CRASH_GUARD 1\n#include <dymod/crash_guard.hpp>\n'; cat declared.cpp; } >guarded.cpp
compile_static -E guarded.cpp | grep -v '^#' | grep -v '^[[:space:]]*$' >guarded.txt
[ "$(wc -l <guarded.txt)" -le $((limit + 20)) ] || fail "more lines for crashes:
$(cat guarded.txt)"

# -H names each file that is opened, one a line, behind as many dots as it is deep.
compile_static -H -fsyntax-only guarded.cpp 2>&1 | grep '^\.' >opened.txt
grep -q 'dymod/dymod\.hpp$' opened.txt || fail "dymod.hpp itself is not in the list"
sed 's/^\.* //' opened.txt | while read -r file; do
  case $file in
    "$include"/dymod/*) ;;
    *) fail "static mode opens $file" ;;
  esac
done

for file in declared guarded; do
  compile_static -nostdinc -nostdinc++ -c $file.cpp -o $file.o
done

# The same of variables that survive, which are a header of their own.
cat >persistent.cpp <<'END'
#include <dymod/persistent.hpp>
DYMOD_PERSISTENT(int, counted, 3);
int count();
int count() { return ++counted; }
END
compile_static -E persistent.cpp | grep -v '^#' | grep -v '^[[:space:]]*$' >code.txt
lines=$(wc -l <code.txt)
grep -q 'counted *{ *3' code.txt || fail "the variable itself is missing"
[ "$lines" -le "$limit" ] || fail "$lines lines of code, at most $limit were promised:
$(cat code.txt)"

# The question can be answered with no: dynamic mode needs standard headers.
refuses 'file not found|No such file' compile_dynamic -nostdinc -nostdinc++ -c declared.cpp -o x.o
