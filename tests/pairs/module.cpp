// SPDX-License-Identifier: MIT

#include "pair.hpp"

std::string pair::compiler() { return COMPILER; }

std::string pair::join(std::string left, const std::string& right) { return left + right; }

std::map<std::string, int> pair::count(const std::vector<std::string>& words) {
  std::map<std::string, int> counts;
  for (const std::string& word : words) ++counts[word];
  return counts;
}

int pair::call(const std::function<int(int)>& function, int number) { return function(number); }

std::function<int(int)> pair::make_function(int add) {
  return [add, words = std::string(40, 'a')](int number) {
    return number + add + static_cast<int>(words.size());
  };
}

std::unique_ptr<farm::animal> pair::make_sheep() { return std::make_unique<farm::sheep>(); }

std::string pair::listen(const farm::animal& one) { return one.says(); }

void pair::throw_standard(const std::string& words) { throw std::out_of_range(words); }

void pair::throw_own(const std::string& words) { throw farm::lost(words); }

std::string pair::catch_standard(void (*thrower)()) {
  try {
    thrower();
  } catch (const std::out_of_range& error) {
    return error.what();
  }
  return "nothing";
}

std::string pair::catch_own(void (*thrower)()) {
  try {
    thrower();
  } catch (const farm::lost& error) {
    return error.what();
  } catch (const std::runtime_error& error) {
    return std::string("runtime_error ") + error.what();
  }
  return "nothing";
}

bool pair::is_sheep(const farm::animal& one) {
  return dynamic_cast<const farm::sheep*>(&one) != nullptr;
}

std::any pair::wrap(farm::sheep one) { return one; }
