// SPDX-License-Identifier: MIT

// Does all with the module that there is, then waits for a line and does it with the next. What an
// earlier module made is used on: its code is another compiler's.
//   host by_name|by_address    how the C++ library tells types from each other

#include "pair.hpp"

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <typeinfo>

namespace {

bool failed = false;

void check(bool holds, const char* what) {
  if (holds) return;
  std::cout << "FAILED: " << what << "\n";
  failed = true;
}

struct wolf : farm::animal {
  std::string says() const override { return "a long howl, longer than a short string is"; }
};

void throw_standard() { throw std::out_of_range("of the host"); }
void throw_own() { throw farm::lost("of the host"); }

std::string caught_from(void (*thrower)(const std::string&)) {
  try {
    thrower("of the module");
  } catch (const farm::lost& error) {
    return std::string("lost ") + error.what();
  } catch (const std::out_of_range& error) {
    return std::string("out_of_range ") + error.what();
  } catch (const std::runtime_error& error) {
    return std::string("runtime_error ") + error.what();
  }
  return "nothing";
}

void check_objects() {
  const std::string text = "a text that is longer than what a string holds without memory";
  check(pair::join("short", text) == "short" + text, "strings");
  check(pair::join(text, "") == text, "long strings");
  const auto counts = pair::count({"sheep", "wolf", "sheep", text});
  check(counts.size() == 3 && counts.at("sheep") == 2 && counts.at(text) == 1, "containers");
  const std::string kept = text;
  check(pair::call([kept](int number) { return number + static_cast<int>(kept.size()); }, 1) ==
            1 + static_cast<int>(text.size()),
        "the module calls a std::function");
  check(pair::make_function(2)(100) == 142, "the host calls a std::function");
  check(pair::make_sheep()->says() == "baa", "a virtual call into the module");
  check(pair::listen(wolf()) == "a long howl, longer than a short string is",
        "a virtual call into the host");
}

void check_types(bool by_name) {
  check(caught_from(pair::throw_standard) == "out_of_range of the module",
        "a standard exception thrown by the module");
  check(pair::catch_standard(throw_standard) == "of the host",
        "a standard exception thrown by the host");
  check(caught_from(pair::throw_own) ==
            (by_name ? "lost of the module" : "runtime_error of the module"),
        "an exception of a shared header thrown by the module");
  check(pair::catch_own(throw_own) == (by_name ? "of the host" : "runtime_error of the host"),
        "an exception of a shared header thrown by the host");
  check(pair::is_sheep(farm::sheep()) == by_name, "dynamic_cast in the module");
  check(!pair::is_sheep(wolf()), "dynamic_cast to another class");
  const auto made = pair::make_sheep();
  check((dynamic_cast<farm::sheep*>(made.get()) != nullptr) == by_name, "dynamic_cast in the host");
  const auto& like_it = *made;
  check((typeid(like_it) == typeid(farm::sheep)) == by_name, "typeid");
  const std::any wrapped = pair::wrap(farm::sheep());
  check((std::any_cast<farm::sheep>(&wrapped) != nullptr) == by_name, "std::any");
}

}  // namespace

int main(int, char** arguments) {
  const bool by_name = std::strcmp(arguments[1], "by_name") == 0;
  std::vector<std::unique_ptr<farm::animal>> animals;
  std::vector<std::function<int(int)>> functions;
  std::string line;
  do {
    try {
      check_objects();
      check_types(by_name);
      animals.push_back(pair::make_sheep());
      functions.push_back(pair::make_function(static_cast<int>(functions.size())));
      for (const auto& each : animals) {
        check(pair::listen(*each) == "baa", "an object of an earlier module");
      }
      for (std::size_t i = 0; i < functions.size(); ++i) {
        check(pair::call(functions[i], 1) == 41 + static_cast<int>(i),
              "a std::function of an earlier module");
      }
      std::cout << pair::compiler() << ", generation " << pair::library.generation() << std::endl;
    } catch (const dymod::error& error) {
      std::cout << error.what() << std::endl;
    }
  } while (std::getline(std::cin, line));
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
