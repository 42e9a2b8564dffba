// SPDX-License-Identifier: MIT

// `reload` is dymod's own name in every module; a function of that name would hide it.
// expect: dymod: 'reload' is a name of dymod's own

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)), (reload, bool()))
