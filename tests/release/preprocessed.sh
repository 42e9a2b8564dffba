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
int use() { return sheep::count(1) + grass::grow(2) + (sheep::reload() ? 1 : 0); }
END

# Line markers and blank lines are no code; there would be as many as comments.
compile_static -E declared.cpp | grep -v '^#' | grep -v '^[[:space:]]*$' >code.txt
lines=$(wc -l <code.txt)
grep -q 'sheep::count(1)' code.txt || fail "the use itself is missing"
[ "$lines" -le "$limit" ] || fail "$lines lines of code, at most $limit were promised:
$(cat code.txt)"

# -H names each file that is opened, one a line, behind as many dots as it is deep.
compile_static -H -fsyntax-only declared.cpp 2>&1 | grep '^\.' >opened.txt
grep -q 'dymod/dymod\.hpp$' opened.txt || fail "dymod.hpp itself is not in the list"
sed 's/^\.* //' opened.txt | while read -r file; do
  case $file in
    "$include"/dymod/*) ;;
    *) fail "static mode opens $file" ;;
  esac
done

compile_static -nostdinc -nostdinc++ -c declared.cpp -o declared.o

# The question can be answered with no: dynamic mode needs standard headers.
refuses 'file not found|No such file' compile_dynamic -nostdinc -nostdinc++ -c declared.cpp -o x.o
