// SPDX-License-Identifier: MIT

// What a host and modules of other compilers hand to each other: objects whose layout, code and
// type identity both compilers must agree on.

#ifndef DYMOD_TESTS_PAIRS_PAIR_HPP
#define DYMOD_TESTS_PAIRS_PAIR_HPP

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <dymod/dymod.hpp>

namespace farm {

struct animal {
  virtual ~animal() = default;
  virtual std::string says() const = 0;
};
struct sheep : animal {
  std::string says() const override { return "baa"; }
};

struct lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace farm

// clang-format off
DYMOD(pair,
      (compiler, std::string()),
      (join, std::string(std::string left, const std::string& right)),
      (count, std::map<std::string, int>(const std::vector<std::string>& words)),
      (call, int(const std::function<int(int)>& function, int number)),
      (make_function, std::function<int(int)>(int add)),
      (make_sheep, std::unique_ptr<farm::animal>()),
      (listen, std::string(const farm::animal& one)),
      (throw_standard, void(const std::string& words)),
      (throw_own, void(const std::string& words)),
      (catch_standard, std::string(void (*thrower)())),
      (catch_own, std::string(void (*thrower)())),
      (is_sheep, bool(const farm::animal& one)),
      (wrap, std::any(farm::sheep one)),
)
// clang-format on

#endif
