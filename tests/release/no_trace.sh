# SPDX-License-Identifier: MIT

# Nothing of dymod is left in a release program: no symbol, no text, and nothing that opens
# libraries. Optimised or not.

. "$(dirname "$0")/common.sh"

cat >sheep.hpp <<'END'
#define DYMOD_CRASH_GUARD 1
#include <dymod/crash_guard.hpp>
DYMOD(sheep, (count, int(int)))
DYMOD_EXTERN_C(grass, (grow, int(int)))
END
cat >sheep.cpp <<'END'
#include "sheep.hpp"
int sheep::count(int a) { return a + 40; }
int grass::grow(int a) { return a + 1; }
END
cat >host.cpp <<'END'
#include "sheep.hpp"
int main() {
  const dymod::event_handler before = dymod::set_event_handler(nullptr);
  if (before.function != nullptr || sheep::reload() || dymod::reload_all()) return 1;
  if (dymod::is_dynamic || sheep::library.generation() != 0) return 2;
  if (*sheep::library.path() != 0 || sheep::library.unload_old() != 0) return 2;
  if (sheep::library.roll_back()) return 2;
  int saved = 0;
  dymod::hook saving = sheep::library.before_reload([&saved] { saved = sheep::count(1); });
  sheep::library.after_reload([&saved] { saved = 0; });
  saving.remove();
  if (saved != 0) return 2;
  return sheep::count(1) + grass::grow(0) == 42 ? 0 : 3;
}
END

# Fails if FILE has anything of dymod in it.
has_no_trace() {
  if nm -a "$1" | grep -i dymod || strings -a "$1" | grep -i dymod; then
    fail "$2: dymod is left in $1"
  fi
  if nm "$1" | grep -E ' U (dlopen|dlsym|dladdr|dl_iterate_phdr|stat|sleep|nanosleep|sigaction|sigaltstack|__sigsetjmp|siglongjmp)\b'; then
    fail "$2: $1 uses what only dynamic mode needs"
  fi
}

for level in -O0 -O2; do
  compile_static $level -c sheep.cpp -o sheep.o
  compile_static $level -c host.cpp -o host.o
  "$compiler" sheep.o host.o -o host
  ./host || fail "$level: the release program answers wrongly ($?)"
  for file in sheep.o host.o host; do has_no_trace $file $level; done
done

# The search can find something: in dynamic mode it does.
compile_dynamic -O2 -c host.cpp -o dynamic.o
if (has_no_trace dynamic.o "dynamic mode") >/dev/null 2>&1; then
  fail "nothing was found in a dynamic object either; the search is wrong"
fi
