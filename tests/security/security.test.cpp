// SPDX-License-Identifier: MIT

// What SECURITY.md promises, as far as it takes other users and whole programs to show it. The rest
// is in tests/unit ("steps: copy", "steps: open", "copies").

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <regex>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/farm.hpp"
#include "support/mounted.hpp"
#include "support/workshop.hpp"

namespace {

using farms::ask;
using farms::farm_with_ground;
using farms::left_in;
using workshop::mounted;
using workshop::process;

// Somebody who is neither root nor this user.
const std::vector<std::string> as_nobody = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
                                            "--clear-groups"};

std::vector<std::string> by_nobody(const std::vector<std::string>& command) {
  std::vector<std::string> all = as_nobody;
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

// A farm that anybody may enter; the ground and the temporary directory are there.
struct public_farm : farm_with_ground {
  public_farm() {
    workshop::run_ok("chmod 755 '" + (folder / "") + "' && mkdir -m 1777 '" + ground + "' '" +
                     temporary + "'");
    put(1);
  }
};

bool may_be_somebody_else() {
  if (::geteuid() == 0 && workshop::run("setpriv --version").status == 0) return true;
  WARN("not allowed to be another user: skipped");
  return false;
}

std::string mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  char text[8];
  std::snprintf(text, sizeof text, "%03o", status.st_mode & 07777u);
  return text;
}

// Where the images of a process are.
std::string images_of(pid_t host) {
  return workshop::run_ok("grep -o '/.*[.]so[.]dymod-.*' /proc/" + std::to_string(host) + "/maps");
}

}  // namespace

TEST_CASE("security: copies, locks and private directories are their owner's alone", "[security]") {
  farm_with_ground f;
  const mounted ground(f.ground);
  if (!ground.is_there()) return;
  workshop::run_ok("mkdir '" + f.temporary + "'");
  f.put(1);
  std::string mask;
  SECTION("a mask that lets everybody in") { mask = "0"; }
  SECTION("a mask that lets nobody in") { mask = "0277"; }
  std::vector<std::string> command = {"/bin/sh", "-c", "umask " + mask + "; exec \"$@\"", "sh"};
  for (const std::string& word : f.command({"call"})) command.push_back(word);
  process beside(command);
  CHECK(beside.hear() == "1");
  CHECK(left_in(f.ground).size() == 2);
  for (const std::string& name : left_in(f.ground)) CHECK(mode_of(ground / name) == "400");
  ground.change(MS_NOEXEC);
  process elsewhere(command);
  CHECK(elsewhere.hear() == "1");
  const std::vector<std::string> made = workshop::names_in(f.temporary);
  REQUIRE(made.size() == 1);
  const std::string directory = f.temporary + "/" + made[0];
  CHECK(mode_of(directory) == (mask == "0" ? "700" : "500"));
  CHECK(workshop::names_in(directory).size() == 2);
  for (const std::string& name : workshop::names_in(directory)) {
    CHECK(mode_of(directory + "/" + name) == "400");
  }
}

TEST_CASE("security: what another user's killed host left is not touched", "[security]") {
  if (!may_be_somebody_else()) return;
  public_farm f;
  const auto killed = [](const std::vector<std::string>& command) {
    process host(command);
    CHECK(host.hear() == "1");
    host.send_signal(SIGKILL);
    CHECK(host.end() == 128 + SIGKILL);
  };
  const auto starts = [](const std::vector<std::string>& command) {
    process host(command);
    CHECK(host.hear() == "1");
    host.say("return");
    CHECK(host.end() == 3);
  };
  const std::vector<std::string> mine = f.command({"call"});
  const std::vector<std::string> theirs = by_nobody(mine);
  // Somebody may have cleared its lock away; the copy has an owner all the same.
  const std::string lock = "'" + f.ground + "'/*.lock";
  SECTION("by root") {
    killed(theirs);
    starts(mine);
    CHECK(left_in(f.ground).size() == 2);
    workshop::run_ok("rm " + lock);
    starts(mine);
    CHECK(left_in(f.ground).size() == 1);
    starts(theirs);
  }
  SECTION("by somebody without rights, where everybody may remove everything") {
    REQUIRE(::chmod(f.ground.c_str(), 0777) == 0);
    killed(mine);
    starts(theirs);
    CHECK(left_in(f.ground).size() == 2);
    workshop::run_ok("rm " + lock);
    starts(theirs);
    CHECK(left_in(f.ground).size() == 1);
    starts(mine);
  }
  CHECK(left_in(f.ground).empty());
}

TEST_CASE("security: a private directory that another user has made is not used", "[security]") {
  if (!may_be_somebody_else()) return;
  public_farm f;
  workshop::run_ok("rm -r '" + f.ground + "' '" + f.temporary + "'");
  const mounted ground(f.ground);
  if (!ground.is_there()) return;
  f.put(1);
  ground.change(MS_NOEXEC);
  // No temporary directory yet. The lock beside the library tells the host's token to everybody.
  process host(f.command({"call"}));
  CHECK_THAT(host.hear(), contains("copy failed"));
  const std::vector<std::string> lock = left_in(f.ground);
  REQUIRE(lock.size() == 1);
  const std::string guess = f.temporary + "/" + lock[0].substr(0, 6 + 16);
  const std::string theirs = f.folder / "theirs";
  workshop::run_ok("mkdir -m 1777 '" + f.temporary + "' && mkdir -m 777 '" + theirs +
                   "' && chown 65534 '" + theirs + "'");
  SECTION("as it is") { workshop::run_ok("cp -a '" + theirs + "' '" + guess + "'"); }
  SECTION("by a link") { workshop::run_ok("ln -s '" + theirs + "' '" + guess + "'"); }
  CHECK(ask(host, "call") == "1");
  CHECK(workshop::names_in(guess).empty());
  CHECK_THAT(images_of(host.id()), contains(f.temporary + "/dymod-"));
  CHECK_THAT(images_of(host.id()), !contains(guess));
  host.say("return");
  CHECK(host.end() == 3);
  CHECK(workshop::names_in(f.temporary).size() == 1);
}

TEST_CASE("security: $TMPDIR counts for nothing in a program with more rights than its user",
          "[security]") {
  if (!may_be_somebody_else()) return;
  public_farm f;
  workshop::run_ok("chmod 755 '" + f.ground + "' && chown 65534 '" + f.host + "' && chmod u+s '" +
                   f.host + "'");
  // glibc takes the variable away, other systems' libraries leave it: as if it were one of those.
  process host(f.command({"user", "temporary " + f.temporary, "call"}));
  if (host.hear() != "65534") {
    WARN("setuid means nothing on this file system: skipped");
    return;
  }
  CHECK(host.hear() == "1");
  CHECK(workshop::names_in(f.temporary).empty());
  CHECK_THAT(images_of(host.id()), contains("/tmp/dymod-"));
  host.say("return");
  CHECK(host.end() == 3);
}

TEST_CASE("security: a $TMPDIR in which others may take away what is made is not used",
          "[security]") {
  if (!may_be_somebody_else()) return;
  public_farm f;
  workshop::run_ok("chmod 755 '" + f.ground + "' && chmod 777 '" + f.temporary + "'");
  process host(by_nobody(f.command({"call"})));
  CHECK(host.hear() == "1");
  CHECK(workshop::names_in(f.temporary).empty());
  CHECK_THAT(images_of(host.id()), contains("/tmp/dymod-"));
  host.say("return");
  CHECK(host.end() == 3);
}

TEST_CASE("security: tools that change all libraries of a folder do not change a running image",
          "[security]") {
  if (!may_be_somebody_else()) return;
  public_farm f;
  std::string tool;
  SECTION("strip") { tool = "strip"; }
  SECTION("patchelf") { tool = "patchelf --set-rpath /a/long/path/that/was/not/there/before"; }
  SECTION("cp") { tool = "cp /dev/null"; }
  if (workshop::run("command -v " + tool.substr(0, tool.find(' '))).status != 0) {
    WARN("a tool is not installed: skipped");
    return;
  }
  workshop::run_ok("chown 65534 '" + f.library + "'");
  process host(by_nobody(f.command({"call"})));
  REQUIRE(host.hear() == "1");
  const std::string image = images_of(host.id());
  const std::string copy = image.substr(0, image.find('\n'));
  const std::string before = workshop::read_file(copy);
  std::string command;
  for (const std::string& word : as_nobody) command += word + " ";
  static_cast<void>(workshop::run("for each in '" + f.ground + "'/*.so.dymod-*; do " + command +
                                  tool + " \"$each\"; done"));
  CHECK(workshop::read_file(copy) == before);
  CHECK(ask(host, "call") == "1");
  f.put(2);
  workshop::run_ok("chown 65534 '" + f.library + "'");
  workshop::wait_until([&] { return ask(host, "call") == "2"; });
  host.say("return");
  CHECK(host.end() == 3);
  CHECK(left_in(f.ground).empty());
}

TEST_CASE("security: without the system's random numbers names still differ", "[security]") {
  if (workshop::run("strace -V").status != 0) {
    WARN("strace is not installed: skipped");
    return;
  }
  farm_with_ground f;
  workshop::run_ok("mkdir '" + f.ground + "' '" + f.temporary + "'");
  f.put(1);
  std::vector<std::string> command = {"/usr/bin/strace", "-qq", "-o",
                                      "/dev/null",       "-e",  "inject=getrandom:error=ENOSYS"};
  for (const std::string& word : f.command({"call"})) command.push_back(word);
  process one(command);
  process two(command);
  CHECK(one.hear() == "1");
  CHECK(two.hear() == "1");
  CHECK(left_in(f.ground).size() == 4);
  for (process* each : {&one, &two}) {
    each->say("return");
    CHECK(each->end() == 3);
  }
  CHECK(left_in(f.ground).empty());
}

TEST_CASE("security: every test that the page names is there", "[security]") {
  const std::string page = workshop::read_file(DYMOD_TEST_SECURITY_PAGE);
  const std::string tests = workshop::run_ok("cat '" DYMOD_TEST_SOURCES "'/*/*.test.cpp");
  const std::regex name("\"([a-z]+: [^\"]+)\"");
  int found = 0;
  for (std::sregex_iterator each(page.begin(), page.end(), name), end; each != end; ++each) {
    const std::string test_case = "TEST_CASE(" + each->str();
    CAPTURE(test_case);
    CHECK(tests.find(test_case) != std::string::npos);
    ++found;
  }
  CHECK(found > 10);
}
