// SPDX-License-Identifier: MIT

// The modules of these tests, for the program and for the modules.

#ifndef DYMOD_TESTS_CRASH_SHEEP_HPP
#define DYMOD_TESTS_CRASH_SHEEP_HPP

#include <string>

#include <dymod/dymod.hpp>

struct herd;  // only the module knows more

// clang-format off
DYMOD(sheep,
    (answer, int()),
    (crash, int(int how)),
    (quiet, int(int how) noexcept),
    (ask, int(int (*what)(int), int number)),
    (ask_and_crash, int(void (*what)(), int how)),
    (greet, std::string(std::string name, int how)),
    (fail, int(int number)),
    (set_errno, int(int number)),
)
#if !defined(DYMOD_TEST_ONLY_SHEEP)  // a module that calls no other one
DYMOD(wolf,
    (answer, int()),
    (crash, int(int how)),
    (through, int(int how, int& destroyed)),
    (caught, int(int how)),
)
DYMOD(meadow, (make, herd*()), (answer, int(herd* all)), (crash, int(int how)))
DYMOD_EXTERN_C(grass, (grass_answer, int()), (grass_crash, int(int how)))
#endif
// clang-format on

#endif
