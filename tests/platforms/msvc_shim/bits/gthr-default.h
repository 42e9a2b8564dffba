// SPDX-License-Identifier: MIT

// libstdc++ without threads: winpthreads, which MinGW's has underneath, is not for this target.

#undef _GLIBCXX_HAS_GTHREADS
#include <bits/gthr-single.h>
