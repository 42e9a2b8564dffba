# SPDX-License-Identifier: MIT

# A module may have 256 functions; the list itself goes to 264. The first and the last are called,
# in both modes.

. "$(dirname "$0")/common.sh"
libraries=${4:-}

# declare_functions N [,]: a module of N functions f0 ... which return their number; and a host.
declare_functions() {
  {
    printf '#include <dymod/dymod.hpp>\nDYMOD(sheep'
    seq 0 $(($1 - 1)) | sed 's/.*/, (f&, int(int a, int b))/'
    printf '%s)\n' "${2:-}"
  } >sheep.hpp
  {
    printf '#include "sheep.hpp"\n'
    seq 0 $(($1 - 1)) | sed 's/.*/int sheep::f&(int a, int b) { return a * b + &; }/'
  } >sheep.cpp
  cat >host.cpp <<END
#include "sheep.hpp"
int main() {
  return sheep::f0(2, 3) == 6 && sheep::f7(2, 3) == 13 && sheep::f8(2, 3) == 14 &&
         sheep::f$(($1 - 1))(2, 3) == $(($1 + 5)) ? 0 : 1;
}
END
}

for size in 256 264; do
  declare_functions $size
  compile_static sheep.cpp host.cpp -o release
  ./release || fail "$size functions, static: the wrong one was called"
  compile_dynamic -Dsheep_EXPORTS -fPIC -shared sheep.cpp -o libsheep.so
  compile_dynamic host.cpp -o debug $libraries
  ./debug 2>events.txt || fail "$size functions, dynamic: the wrong one was called
$(cat events.txt)"
done

declare_functions 256 ,
compile_static -fsyntax-only host.cpp
compile_dynamic -fsyntax-only host.cpp
compile_dynamic -Dsheep_EXPORTS -fsyntax-only sheep.cpp

# The limit is where it is said to be, and no list is cut off silently.
declare_functions 265
refuses 'error' compile_static -fsyntax-only host.cpp
refuses 'error' compile_dynamic -fsyntax-only host.cpp
