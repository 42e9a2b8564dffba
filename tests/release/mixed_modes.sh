# SPDX-License-Identifier: MIT

# A host of one static and one dynamic translation unit would run two copies of the module. It does
# not link.

. "$(dirname "$0")/common.sh"
libraries=${4:-}

cat >sheep.hpp <<'END'
#include <dymod/dymod.hpp>
DYMOD(sheep, (count, int(int)))
int other();
END
cat >other.cpp <<'END'
#include "sheep.hpp"
int other() { return sheep::count(1); }
END
cat >main.cpp <<'END'
#include "sheep.hpp"
int main() { return sheep::count(1) + other(); }
END

compile_dynamic -c main.cpp -o main.o
compile_static -c other.cpp -o static_other.o
# ld and gold say the first, lld and mold the second.
refuses "undefined (reference to|symbol: ) *[\`']?sheep::count\(int\)" \
  "$compiler" main.o static_other.o -o host $libraries

# The passing twin: both dynamic.
compile_dynamic -c other.cpp -o other.o
"$compiler" main.o other.o -o host $libraries
