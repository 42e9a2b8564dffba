// SPDX-License-Identifier: MIT

// The module of the behaviour suite: every kind of function type that users put into a list. Included by host
// and module, like a user's header.

#ifndef DYMOD_TESTS_BEHAVIOUR_SEED_HPP
#define DYMOD_TESTS_BEHAVIOUR_SEED_HPP

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <dymod/dymod.hpp>

namespace farm {

struct flock_of_sheep {
  int count = 0;
};

// Neither copied nor moved; a function can return it all the same.
struct fixed {
  explicit fixed(int number) : value(number) {}
  fixed(const fixed&) = delete;
  fixed& operator=(const fixed&) = delete;
  int value;
};

using unary = int (*)(int);

}  // namespace farm

DYMOD(seed,
    (count_sheep, const char*(unsigned sheep)),
    (add, int(int a, int b)),
    (greet, auto(std::string name) -> std::string),
    (double_all, std::vector<int>(std::vector<int> numbers)),
    (version, int() noexcept),

    (shear, void(farm::flock_of_sheep& flock, float seconds)),
    (consume, std::unique_ptr<int>(std::unique_ptr<int> wool)),
    (steal, int(std::unique_ptr<int>&& wool)),
    (make_fixed, farm::fixed(int number)),
    (apply, int(farm::unary function, int number)),
    (pick, farm::unary(bool twice)),
    (look_up, std::map<std::string, int>(const std::map<std::string, int>& table, const char* key)),
    (view, const std::string&(const std::string& text)),
    (nothing, void()),
    (fails, void()),
    (count_calls, int()),
)

#endif
