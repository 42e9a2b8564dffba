// SPDX-License-Identifier: MIT

// Many hosts of one library, hosts that are killed in the middle of a load, that fork and execute,
// and systems that have run out of something. What is promised: no host hurts another, what a
// killed one left is gone after the next start, and what the system lacks is told in words and got
// over.

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/farm.hpp"
#include "support/mounted.hpp"
#include "support/workshop.hpp"

namespace {

using farms::ask;
using farms::farm;
using farms::left_in;
using workshop::mounted;
using workshop::process;

// A host that starts, does its work and ends: what dead ones left is gone afterwards.
void start_and_end(const std::string& program) {
  process host({program, "call"});
  static_cast<void>(host.hear());
  host.say("return");
  CHECK(host.end() == 3);
}

void end(process& host) {
  host.say("return");
  CHECK(host.end() == 3);
}

void kill(process& host) {
  host.send_signal(SIGKILL);
  CHECK(host.end() == 128 + SIGKILL);
}

// The one child of a process.
pid_t child_of(pid_t parent) {
  const std::string id = std::to_string(parent);
  return std::stoi(workshop::read_file("/proc/" + id + "/task/" + id + "/children"));
}

}  // namespace

// --- many hosts

TEST_CASE("processes: hosts with one process id, in namespaces of their own, share a library",
          "[processes]") {
  const std::vector<std::string> apart = {"/usr/bin/unshare", "--pid", "--fork", "--mount-proc",
                                          "--kill-child"};
  if (workshop::run("unshare --pid --fork --mount-proc true").status != 0) {
    WARN("not allowed to make a process namespace: skipped");
    return;
  }
  farm f;
  f.put(1);
  std::vector<std::string> command = apart;
  command.push_back(f.host);
  std::vector<std::unique_ptr<process>> hosts;
  for (int i = 0; i < 3; ++i) hosts.push_back(std::make_unique<process>(command));
  for (int version = 1; version <= 3; ++version) {
    f.put(version);
    for (const auto& each : hosts) CHECK(ask(*each, "call") == std::to_string(version));
  }
  for (const auto& each : hosts) CHECK(ask(*each, "id") == "1");
  CHECK(f.left_behind().size() == 3 * 4);  // three copies and a lock each

  REQUIRE(::kill(child_of(hosts[0]->id()), SIGKILL) == 0);
  CHECK(hosts[0]->end() != 0);
  CHECK(f.left_behind().size() == 3 * 4);
  process next(command);
  CHECK(ask(next, "call") == "3");
  CHECK(ask(next, "id") == "1");
  CHECK(f.left_behind().size() == 2 * 4 + 2);  // of the living
  f.put(4);
  CHECK(ask(*hosts[1], "call") == "4");
  CHECK(ask(*hosts[2], "call") == "4");
  end(next);
  end(*hosts[1]);
  end(*hosts[2]);
  CHECK(f.left_behind().empty());
}

// --- killed while loading

namespace {

// Starts a host that stops itself on the way, and kills it so many system calls later.
// @returns false if it had ended before
bool kill_after_calls(const std::vector<std::string>& command, int count,
                      const std::function<void()>& when_stopped) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t host = ::fork();
  if (host == 0) {
    const int nothing = ::open("/dev/null", O_RDWR);
    for (int stream = 0; stream < 3; ++stream) ::dup2(nothing, stream);
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  int status = 0;
  const auto go_on = [&](auto request) {
    REQUIRE(::ptrace(request, host, nullptr, nullptr) == 0);
    REQUIRE(::waitpid(host, &status, 0) == host);
  };
  REQUIRE(::waitpid(host, &status, 0) == host);  // before the program's first instruction
  do go_on(PTRACE_CONT);
  while (WIFSTOPPED(status) && WSTOPSIG(status) != SIGSTOP);
  REQUIRE(WIFSTOPPED(status));
  when_stopped();
  // Two stops each, before and after it.
  for (int i = 0; i < 2 * count && WIFSTOPPED(status); ++i) go_on(PTRACE_SYSCALL);
  if (!WIFSTOPPED(status)) {
    CHECK(status == 3 << 8);
    return false;
  }
  ::kill(host, SIGKILL);
  REQUIRE(::waitpid(host, &status, 0) == host);
  CHECK(status == SIGKILL);
  return true;
}

}  // namespace

TEST_CASE("processes: a host killed after any system call of its loads leaves nothing for good",
          "[processes][failure]") {
  farm f;
  f.put(1);
  f.put(2);
  std::vector<std::string> command = {f.host, "stop", "call", "return"};
  std::function<void()> when_stopped = [] {};
  SECTION("first load, and the end of the process") {}
  SECTION("reload") {
    command = {f.host, "call", "stop", "call", "return"};
    when_stopped = [&] { f.put(2); };
  }
  int killed = 0;
  int left = 0;
  for (int count = 1;; ++count) {
    CAPTURE(count);
    f.put(1);
    if (!kill_after_calls(command, count, when_stopped)) break;
    ++killed;
    left += !f.left_behind().empty();
    start_and_end(f.host);
    REQUIRE(f.left_behind().empty());
  }
  CHECK(killed > 20);
  CHECK(left > 10);  // else it was not killed in the middle
  CHECK(f.left_behind().empty());
}

TEST_CASE("processes: a host killed in code of the program's leaves nothing for good",
          "[processes][failure]") {
  farm f;
  f.put(1);
  process living({f.host, "call"});
  REQUIRE(living.hear() == "1");
  const std::vector<std::string> of_the_living = f.left_behind();
  process killed({f.host});
  const std::string deadly =
      "#include <csignal>\n#include <unistd.h>\n"
      "static const int dead = kill(getpid(), SIGKILL);\n";
  SECTION("a static constructor, in the first load") {
    farms::build_sheep(f.library, 2, deadly);
    killed.say("call");
  }
  SECTION("a static constructor, in a reload") {
    REQUIRE(ask(killed, "call") == "1");
    farms::build_sheep(f.library, 2, deadly);
    killed.say("call");
  }
  SECTION("a hook before the reload") {
    REQUIRE(ask(killed, "call") == "1");
    killed.say("kill_before_reload");
    f.put(2);
    killed.say("call");
  }
  SECTION("a hook after the reload") {
    REQUIRE(ask(killed, "call") == "1");
    killed.say("kill_after_reload");
    f.put(2);
    killed.say("call");
  }
  CHECK(killed.end() == 128 + SIGKILL);
  CHECK(f.left_behind().size() > of_the_living.size());
  f.put(3);
  start_and_end(f.host);
  CHECK(f.left_behind() == of_the_living);
  CHECK(ask(living, "call") == "3");
  end(living);
  CHECK(f.left_behind().empty());
}

TEST_CASE("processes: hosts killed at random moments hurt nobody", "[processes][failure]") {
  farm f;
  f.put(1);
  process living({f.host, "call"});
  REQUIRE(living.hear() == "1");
  const std::string token = f.left_behind()[0].substr(0, 6 + 16);  // of "dymod-<token>.lock"
  std::minstd_rand random(4711);
  int answer = 1;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    std::vector<std::unique_ptr<process>> killed;
    for (int i = 0; i < 3; ++i) {
      killed.push_back(std::make_unique<process>(
          std::vector<std::string>{f.host, "call", "call", "call", "call", "return"}));
    }
    answer = answer % 3 + 1;
    f.put(answer);
    ::usleep(static_cast<useconds_t>(random() % 4000));
    for (const auto& each : killed) {
      each->send_signal(SIGKILL);
      const int status = each->end();
      REQUIRE((status == 128 + SIGKILL || status == 3));
    }
    REQUIRE(ask(living, "call") == std::to_string(answer));
  }
  start_and_end(f.host);
  for (const std::string& name : f.left_behind()) CHECK_THAT(name, contains(token));
  end(living);
  CHECK(f.left_behind().empty());
}

// --- fork, exec, chdir

TEST_CASE("processes: however a forked child ends, its parent's copies stay", "[processes]") {
  farm f;
  f.put(1);
  process host({f.host, "call"});
  REQUIRE(host.hear() == "1");
  const std::vector<std::string> of_the_parent = f.left_behind();
  for (const std::string way : {"exit", "_exit", "kill"}) {
    CAPTURE(way);
    f.put(2);
    host.say("fork " + way);
    CHECK(host.hear() == "2");  // a reload of its own
    CHECK(host.hear() == (way == "kill" ? "9" : "0"));
    CHECK(f.left_behind().size() == of_the_parent.size() + (way == "exit" ? 0 : 2));
    f.put(1);
    start_and_end(f.host);
    CHECK(f.left_behind() == of_the_parent);
  }
  f.put(3);
  CHECK(ask(host, "call") == "3");
  end(host);
  CHECK(f.left_behind().empty());
}

TEST_CASE("processes: what a host executes holds nothing of it", "[processes]") {
  farm f;
  f.put(1);
  process host({f.host, "call"});
  REQUIRE(host.hear() == "1");
  f.put(2);
  REQUIRE(ask(host, "call") == "2");
  const pid_t child = std::stoi(ask(host, "fork_and_execute"));
  const std::string directory = "/proc/" + std::to_string(child) + "/";
  workshop::wait_until([&] { return workshop::read_file(directory + "comm") == "sleep\n"; });
  const std::string open_files = workshop::run("ls -l " + directory + "fd").output;
  CHECK_THAT(open_files, contains("pipe:"));
  CHECK_THAT(open_files, !contains(f.folder / ""));
  kill(host);
  CHECK(f.left_behind().size() == 3);
  start_and_end(f.host);
  CHECK(f.left_behind().empty());
  CHECK(::kill(child, SIGKILL) == 0);
}

TEST_CASE("processes: a forked child that runs a killed host's images keeps their copies",
          "[processes]") {
  farm f;
  f.put(1);
  process host({f.host, "call"});
  REQUIRE(host.hear() == "1");
  const std::vector<std::string> copies = f.left_behind();
  const pid_t child = std::stoi(ask(host, "fork_and_stay"));
  kill(host);
  start_and_end(f.host);
  CHECK(f.left_behind() == copies);
  REQUIRE(::kill(child, SIGKILL) == 0);
  // It is nobody's child now: its end is seen when there is no such process any more.
  workshop::wait_until([&] {
    start_and_end(f.host);
    return f.left_behind().empty();
  });
}

TEST_CASE("processes: a host that goes elsewhere between reloads finds its library and its copies",
          "[processes]") {
  farm f;
  f.put(1);
  process host({"/bin/sh", "-c", "cd '" + (f.folder / "") + "' && exec ./host"});
  REQUIRE(ask(host, "call") == "1");
  int answer = 1;
  for (const std::string where : {"/", "/proc", "/tmp"}) {
    CAPTURE(where);
    host.say("go " + where);
    f.put(++answer);
    CHECK(ask(host, "call") == std::to_string(answer));
  }
  CHECK(f.left_behind().size() == 5);
  end(host);
  CHECK(f.left_behind().empty());
}

// --- systems that lack something

TEST_CASE("processes: a library directory that is read-only or noexec", "[processes][failure]") {
  farms::farm_with_ground f;
  const mounted ground(f.ground);
  if (!ground.is_there()) return;
  workshop::run_ok("mkdir '" + f.temporary + "'");
  unsigned long flags = 0;
  SECTION("read-only") { flags = MS_RDONLY; }
  SECTION("noexec") { flags = MS_NOEXEC; }
  // A lock is left where it can be written.
  const std::size_t locks = flags == MS_NOEXEC ? 1 : 0;
  const auto put = [&](int answer) {
    ground.change(0);
    f.put(answer);
    ground.change(flags);
  };
  const auto directories = [&] { return workshop::names_in(f.temporary).size(); };
  put(1);
  {
    process one(f.command());
    process two(f.command());
    process killed(f.command());
    for (int version = 1; version <= 3; ++version) {
      put(version);
      for (process* each : {&one, &two, &killed}) {
        CHECK(ask(*each, "call") == std::to_string(version));
      }
    }
    CHECK(directories() == 3);
    CHECK(left_in(f.ground).size() == 3 * locks);
    kill(killed);
    CHECK(directories() == 3);

    process next(f.command({"call"}));
    CHECK(next.hear() == "3");
    CHECK(directories() == 3);
    CHECK(left_in(f.ground).size() == 3 * locks);
    put(4);
    for (process* each : {&one, &two, &next}) {
      CHECK(ask(*each, "call") == "4");
      end(*each);
    }
  }
  CHECK(directories() == 0);
  CHECK(left_in(f.ground).empty());
}

TEST_CASE("processes: without room for the first copy the call says so, and works once there is",
          "[processes][failure]") {
  farms::farm_with_ground f;
  std::string where = f.ground;
  std::string options = "size=512k";
  bool beside = true;
  SECTION("beside the library: no blocks") {}
  SECTION("in the private directory: no blocks") { beside = false; }
  SECTION("in the private directory: no inodes") {
    beside = false;
    options = "nr_inodes=8";
  }
  const mounted ground(f.ground, beside ? options : "");
  const mounted temporary(f.temporary, beside ? "" : options);
  if (!ground.is_there() || !temporary.is_there()) return;
  f.put(1);
  const mounted& full = beside ? ground : temporary;
  if (!beside) ground.change(MS_RDONLY);
  const std::string fill = options == "size=512k"
                               ? "head -c 1M /dev/zero > filler"
                               : "for i in 1 2 3 4 5 6 7 8 9; do touch filler$i; done";
  static_cast<void>(workshop::run("cd '" + (full / "") + "' && " + fill));
  process host(f.command());
  for (int i = 0; i < 3; ++i) {
    const std::string words = ask(host, "call");
    CHECK_THAT(words, contains("copy failed: '" + f.library + "' to '" + (full / "")));
    CHECK_THAT(words, contains("No space left on device"));
  }
  workshop::run_ok("rm '" + (full / "") + "/'filler*");
  CHECK(ask(host, "call") == "1");
  end(host);
  CHECK(left_in(full / "").empty());
}

TEST_CASE(
    "processes: without room for a copy the running generation stays, and the build is taken "
    "once there is",
    "[processes][failure]") {
  farms::farm_with_ground f;
  const mounted ground(f.ground);
  const mounted temporary(f.temporary, "size=512k,nr_inodes=64");
  if (!ground.is_there() || !temporary.is_there()) return;
  f.put(1);
  ground.change(MS_RDONLY);
  process host(f.command());
  REQUIRE(ask(host, "call") == "1");
  std::string fill;
  SECTION("no blocks") { fill = "head -c 1M /dev/zero > filler"; }
  SECTION("no inodes") { fill = "for i in $(seq 64); do touch filler$i; done"; }
  static_cast<void>(workshop::run("cd '" + f.temporary + "' && " + fill));
  ground.change(0);
  f.put(2);
  ground.change(MS_RDONLY);
  for (int i = 0; i < 100; ++i) REQUIRE(ask(host, "call") == "1");
  CHECK(ask(host, "rejected") == "1");
  CHECK_THAT(ask(host, "told"), contains("No space left on device; generation 1 runs on"));
  workshop::run_ok("rm '" + f.temporary + "/'filler*");
  workshop::wait_until([&] { return ask(host, "call") == "2"; });
  CHECK(ask(host, "rejected") == "1");
  end(host);
  CHECK(left_in(f.temporary).empty());
}

TEST_CASE("processes: no inodes left beside the library: its copies go elsewhere",
          "[processes][failure]") {
  farms::farm_with_ground f;
  const mounted ground(f.ground, "nr_inodes=8");
  if (!ground.is_there()) return;
  workshop::run_ok("mkdir '" + f.temporary + "'");
  f.put(1);
  process host(f.command({"call"}));
  REQUIRE(host.hear() == "1");
  f.put(2);
  static_cast<void>(
      workshop::run("cd '" + f.ground + "' && for i in 1 2 3 4 5 6 7; do touch filler$i; done"));
  CHECK(ask(host, "call") == "2");
  CHECK(workshop::names_in(f.temporary).size() == 1);
  process another(f.command({"call"}));
  CHECK(another.hear() == "2");
  CHECK(workshop::names_in(f.temporary).size() == 2);
  end(host);
  end(another);
  CHECK(left_in(f.ground).empty());
  CHECK(workshop::names_in(f.temporary).empty());
}

TEST_CASE("processes: without descriptors the first call says so, and works once there are",
          "[processes][failure]") {
  farm f;
  f.put(1);
  // By a relative path: then only the kernel knows where the program is.
  for (int descriptors = 0;; ++descriptors) {
    CAPTURE(descriptors);
    process host({"/bin/sh", "-c", "cd '" + (f.folder / "") + "' && exec ./host"});
    host.say("descriptors " + std::to_string(descriptors));
    const std::string words = ask(host, "call");
    const bool enough = words == "1";
    if (!enough) {
      CHECK_THAT(words,
                 contains("oo many open files") || contains("cannot open shared object file"));
      CHECK(ask(host, "generation") == "0");
      host.say("all_descriptors");
      CHECK(ask(host, "call") == "1");
    }
    CHECK(ask(host, "path") == f.library);
    end(host);
    if (!enough) continue;
    CHECK(descriptors > 3);  // the lock, the library, its copy, and that again for the system
    break;
  }
  CHECK(f.left_behind().empty());
}

TEST_CASE(
    "processes: without descriptors the running generation stays, and the build is taken "
    "once there are",
    "[processes][failure]") {
  farm f;
  bool taken = false;
  for (int descriptors = 0; !taken; ++descriptors) {
    CAPTURE(descriptors);
    f.put(1);
    process host({f.host, "call"});
    REQUIRE(host.hear() == "1");
    host.say("descriptors " + std::to_string(descriptors));
    f.put(2);
    const std::string answer = ask(host, "call");
    taken = answer == "2";
    if (!taken) {
      CHECK(answer == "1");
      for (int i = 0; i < 10; ++i) CHECK(ask(host, "reload") == "0");
      CHECK(ask(host, "rejected") == "1");
      const std::string words = ask(host, "told");
      CHECK_THAT(words, contains("oo many open files") || contains("cannot open shared object"));
      CHECK_THAT(words, contains("; generation 1 runs on"));
      host.say("all_descriptors");
      CHECK(ask(host, "reload") == "1");
      CHECK(ask(host, "call") == "2");
    }
    CHECK(ask(host, "generation") == "2");
    end(host);
  }
  CHECK(f.left_behind().empty());
}

TEST_CASE(
    "processes: without address space the running generation stays, and the build is taken "
    "once there is",
    "[processes][failure]") {
  farm f;
  const std::string big = "static char field[64 << 20];\nchar* fence() { return field; }\n";
  f.put(1);
  farms::build_sheep(f.folder / "big.so", 2, big);
  for (const unsigned long room : {0ul, 32ul << 10, 256ul << 10, 2ul << 20, 32ul << 20}) {
    CAPTURE(room);
    f.put(1);
    process host({f.host, "call"});
    REQUIRE(host.hear() == "1");
    host.say("memory " + std::to_string(room));
    workshop::run_ok("cp '" + (f.folder / "big.so") + "' '" + (f.folder / "new") + "'");
    workshop::put_in_place(f.folder / "new", f.library);
    for (int i = 0; i < 10; ++i) CHECK(ask(host, "call") == "1");
    CHECK(ask(host, "reload") == "0");
    host.say("all_memory");
    CHECK(ask(host, "rejected") == "1");
    CHECK_THAT(ask(host, "told"), contains("; generation 1 runs on"));
    CHECK(ask(host, "reload") == "1");
    CHECK(ask(host, "call") == "2");
    end(host);
  }
  CHECK(f.left_behind().empty());
}

TEST_CASE("processes: without address space the first call says so, and works once there is",
          "[processes][failure]") {
  farm f;
  const std::string big = "static char field[64 << 20];\nchar* fence() { return field; }\n";
  farms::build_sheep(f.library, 1, big);
  for (const unsigned long room : {0ul, 32ul << 10, 256ul << 10, 2ul << 20, 32ul << 20}) {
    CAPTURE(room);
    process host({f.host});
    host.say("memory " + std::to_string(room));
    CHECK_THAT(ask(host, "call"), contains("dymod: sheep: "));
    host.say("all_memory");
    CHECK(ask(host, "call") == "1");
    CHECK(ask(host, "path") == f.library);
    end(host);
  }
  CHECK(f.left_behind().empty());
}
