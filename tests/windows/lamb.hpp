// SPDX-License-Identifier: MIT

// A module by dymod_add_module().

#ifndef DYMOD_TESTS_WINDOWS_LAMB_HPP
#define DYMOD_TESTS_WINDOWS_LAMB_HPP

#include <string>

#include <dymod/dymod.hpp>

DYMOD(lamb, (call, std::string(const std::string& name)), (refuse, void()))

#endif
