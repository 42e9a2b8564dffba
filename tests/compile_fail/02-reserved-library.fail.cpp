// SPDX-License-Identifier: MIT

// `library` is dymod's own name in every module; a function of that name would hide it.
// expect: dymod: 'library' is a name of dymod's own

#include <dymod/dymod.hpp>

DYMOD(sheep, (library, int(int)))
