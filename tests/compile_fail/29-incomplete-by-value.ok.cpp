// SPDX-License-Identifier: MIT

// What to write instead in both modes: pointers and references, or the definition first.

#include <dymod/dymod.hpp>

struct herd;
struct lamb {};

DYMOD(sheep, (sell, herd*(herd&)), (sell_lamb, lamb(lamb)))
