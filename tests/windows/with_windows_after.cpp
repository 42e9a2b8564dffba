// SPDX-License-Identifier: MIT

// dymod before <windows.h>, of which nothing is to be seen until then.

#include <dymod/dymod.hpp>

DYMOD(calf, (answer, int()))

#if defined(WINAPI) || defined(CreateFile) || defined(DWORD) || defined(min) || defined(ERROR)
#error "dymod shows <windows.h>"
#endif
namespace mine {
using DWORD = float;
using HANDLE = double;
}  // namespace mine

#include <windows.h>
// Behind it.
#include <psapi.h>

int call_with_windows_after() { return calf::answer(); }
