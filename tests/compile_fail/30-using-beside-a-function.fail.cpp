// SPDX-License-Identifier: MIT

// Difference between the modes: the name of a function brought into a scope joins the overloads
// there; the name of a reference clashes with them.
// expect: (conflicts with|already in scope)

#include <dymod/dymod.hpp>

DYMOD(sheep, (count, int(int)))

int count(double weight);
using sheep::count;
