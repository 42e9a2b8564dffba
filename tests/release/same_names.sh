# SPDX-License-Identifier: MIT

# Two modules may have functions of one name. The program calls the right one in both modes.

. "$(dirname "$0")/common.sh"
libraries=${4:-}

for module in sheep wolf; do
  cat >$module.hpp <<END
#include <dymod/dymod.hpp>
DYMOD($module, (update, const char*(int step)))
END
  cat >$module.cpp <<END
#include "$module.hpp"
const char* $module::update(int step) { return step == 1 ? "$module" : "wrong step"; }
END
done
cat >host.cpp <<'END'
#include "sheep.hpp"
#include "wolf.hpp"
#include <stdio.h>
int main() {
  const auto pointer = &wolf::update;
  printf("%s %s %s\n", sheep::update(1), wolf::update(1), pointer(1));
}
END

compile_static sheep.cpp wolf.cpp host.cpp -o release
# Found beside the program, under the system's usual name.
for module in sheep wolf; do
  compile_dynamic -D${module}_EXPORTS -fPIC -shared $module.cpp -o lib$module.so
done
compile_dynamic host.cpp -o debug $libraries

for program in release debug; do
  answer=$(./$program 2>events.txt)
  [ "$answer" = "sheep wolf wolf" ] || fail "$program: '$answer' $(cat events.txt)"
done
# Both were really loaded, and nothing of them is linked into the program.
grep -q 'sheep' events.txt && grep -q 'wolf' events.txt || fail "no word of both: $(cat events.txt)"
if nm -C debug | grep -E ' [TtWw] (sheep|wolf)::update'; then
  fail "linked into the debug program"
fi
