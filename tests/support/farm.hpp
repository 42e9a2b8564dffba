// SPDX-License-Identifier: MIT

// A folder with the obedient host (obedient_host.cpp) and the library that it calls.

#ifndef DYMOD_TESTS_SUPPORT_FARM_HPP
#define DYMOD_TESTS_SUPPORT_FARM_HPP

#include <string>
#include <vector>

#include "support/workshop.hpp"

namespace farms {

inline const std::string declaration =
    "#include <dymod/dymod.hpp>\n"
    "DYMOD(sheep, (answer, int()), (sure_answer, int() noexcept))\n";

/// @param more  stands before the functions
inline std::string module_source(int answer, const std::string& more = "") {
  const std::string number = std::to_string(answer);
  return declaration + more + "int sheep::answer() { return " + number + "; }\n" +
         "int sheep::sure_answer() noexcept { return " + number + "; }\n";
}

inline void build_sheep(const std::string& library, int answer, const std::string& more = "") {
  workshop::build_module("sheep", module_source(answer, more), library);
}

/// Tells a host something that it answers with a line.
inline std::string ask(workshop::process& host, const std::string& line) {
  host.say(line);
  return host.hear();
}

/// What is in a directory besides what the test put there.
inline std::vector<std::string> left_in(const std::string& directory) {
  std::vector<std::string> found;
  for (const std::string& name : workshop::names_in(directory)) {
    if (name.find("dymod-") != std::string::npos) found.push_back(name);
  }
  return found;
}

struct farm {
  explicit farm(const std::string& program = DYMOD_TEST_HOST) {
    workshop::run_ok("cp '" + program + "' '" + host + "'");
    workshop::make_startable(host);
  }

  [[nodiscard]] std::vector<std::string> left_behind() const { return left_in(folder / ""); }

  /// Puts a library with that answer in its place, at one stroke. It is compiled once.
  void put(int answer) const { put(answer, library); }
  void put(int answer, const std::string& where) const {
    const std::string aside = folder / ("sheep" + std::to_string(answer) + ".so");
    if (!workshop::exists(aside)) build_sheep(aside, answer);
    workshop::write_file(where + ".new", workshop::read_file(aside));
    workshop::put_in_place(where + ".new", where);
  }

  workshop::folder folder;
  std::string host = folder / "host";
  std::string library = folder / "libsheep.so";
};

/// A farm whose library is in a directory of its own, `ground`, and its temporary files in another,
/// both made by whoever uses it: file systems of any kind.
struct farm_with_ground : farm {
  farm_with_ground() : farm(DYMOD_TEST_HOST_OF_GROUND) { library = ground + "/libsheep.so"; }

  /// What starts the host.
  /// @param words  what it is told on its command line
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& words = {}) const {
    std::vector<std::string> all = {"/usr/bin/env", "TMPDIR=" + temporary, host};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }

  std::string ground = folder / "ground";
  std::string temporary = folder / "temporary";
};

}  // namespace farms

#endif
