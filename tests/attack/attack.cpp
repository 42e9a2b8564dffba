// SPDX-License-Identifier: MIT

// The attack suite: several hosts (host.cpp) call one module without a pause, while real tools do
// to its library whatever they can (attacks.hpp), and are killed in the middle of it. In campaigns:
// the module is small or large, hosts are started, all attacks come in rounds of random order, then
// one build is the last, which every host must reach. No host may ever die, get an answer that is
// not of one whole build, take the same bytes for news, or leave a copy behind.
//
//     attack [--seconds=25] [--seed=<number>] …         a long run: --seconds=600
//
// clang-format off
//     --seconds=<n>         of attack; campaigns last 6 s or one round, whichever is longer
//     --campaign=<n>        so many seconds instead of 6
//     --seed=<n>            what was chosen at random is chosen again; the machine's own moods are not
//     --only=<name>;…       these attacks only (they must leave a build, one of them)
//     --sizes=<name>;…      small, large
//     --roles=<name>;…      of the hosts: calls, threads, unloads, reloads, all
//     --kill=<percent>      of the commands that may be killed; 25
//     --patience=<n>        seconds for the hosts to reach the last build; 60
//     --until-failure       ends at the first
//     --program=<path>      another host than the build's, for calls, threads and unloads
// clang-format on
//
// Libraries that a host died of are kept in evidence/ of the current directory. Deferrals (calls
// that saw news and ran what they had) are not counted: a program is not told of them.

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "attacks.hpp"
#include "support/workshop.hpp"

namespace {

using clock = std::chrono::steady_clock;
using strings = std::vector<std::string>;

constexpr int wrong_answer = 99;        // exit code of host.cpp
constexpr unsigned most_failures = 10;  // of one campaign: then it ends
constexpr unsigned builds = 5;  // stamps 1 to 5; the last is that of the last build of a campaign

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

strings split(const std::string& text, char mark) {
  strings parts;
  std::istringstream from(text);
  for (std::string part; std::getline(from, part, mark);) parts.push_back(part);
  return parts;
}

bool is_among(const std::string& name, const strings& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_attack(const std::string& name) {
  return std::any_of(std::begin(attacks), std::end(attacks),
                     [&](const attack& each) { return each.name == name; });
}

struct options {
  options(int count, char** words) {
    for (int i = 1; i < count; ++i) {
      const std::string word = words[i];
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
      if (name == "--seconds") {
        seconds = std::stod(value);
      } else if (name == "--campaign") {
        campaign = std::stod(value);
      } else if (name == "--seed") {
        seed = static_cast<unsigned>(std::stoul(value));
      } else if (name == "--only") {
        only = split(value, ';');
        for (const std::string& each : only) {
          if (!is_attack(each)) throw std::runtime_error("no such attack: " + each);
        }
      } else if (name == "--sizes") {
        sizes = split(value, ';');
      } else if (name == "--roles") {
        roles = split(value, ';');
      } else if (name == "--kill") {
        kill = static_cast<unsigned>(std::stoul(value));
      } else if (name == "--patience") {
        patience = std::stod(value);
      } else if (name == "--until-failure") {
        until_failure = true;
      } else if (name == "--program") {
        program = value;
      } else {
        throw std::runtime_error("no such option: " + word + "; see the head of attack.cpp");
      }
    }
  }

  double seconds = 25;
  double campaign = 6;
  unsigned seed = std::random_device()();
  strings only;
  strings sizes = {"small", "large"};
  strings roles = {"calls", "threads", "unloads", "reloads", "all"};
  unsigned kill = 25;
  double patience = 60;
  bool until_failure = false;
  std::string program = DYMOD_ATTACK_HOST;
};

struct attack_count {
  unsigned whole = 0;
  unsigned killed = 0;
  unsigned failed = 0;  // the tool said so, as strip of a half library
  double seconds = 0;   // that it took when last it was not killed
};

struct totals {
  std::map<std::string, attack_count> attacks;
  std::set<std::string> missing_tools;
  std::map<std::string, unsigned> failures;
  std::map<std::string, unsigned> refusals;
  unsigned long loads = 0;
  unsigned hosts = 0;
  unsigned on_last_build = 0;
  unsigned to_reach_last_build = 0;
};

class campaign {
 public:
  campaign(const options& chosen, const std::string& size, std::mt19937& random, totals& sum)
      : chosen_(chosen), size_(size), random_(random), sum_(sum) {
    workshop::run_ok("mkdir '" + (folder_ / "build") + "' '" + (folder_ / "made") + "' '" +
                     (folder_ / "install") + "' '" + (folder_ / "tmp") + "'");
    workshop::run_ok("cp '" + chosen.program + "' '" + (folder_ / "calls") + "'");
    workshop::run_ok("cp '" DYMOD_ATTACK_HOST_MANUAL "' '" + (folder_ / "manual") + "'");
    workshop::write_file(folder_ / "install/cmake_install.cmake",
                         "file(INSTALL DESTINATION $ENV{dir} TYPE FILE RENAME libsheep.so "
                         "FILES $ENV{new})\n");
    for (unsigned stamp = 1; stamp <= builds; ++stamp) {
      workshop::run_ok(std::string(link) + " " + objects(stamp) + " -o '" + made(stamp) + "'");
      // Old, and each another time.
      workshop::set_modified(made(stamp), 1000000000LL * (1000000000LL + stamp));
    }
    workshop::run_ok("cp '" + made(1) + "' '" + out() + "'");
    for (const std::string& role : chosen.roles) hosts_.push_back({role, nullptr, ""});
    for (host& each : hosts_) start(each);
  }

  /// Attacks with all there is, in random order, until the time is over.
  void attack_for(double seconds) {
    const auto start = clock::now();
    do {
      std::vector<const attack*> round;
      for (const attack& each : attacks) {
        if (is_chosen(each)) round.push_back(&each);
      }
      std::shuffle(round.begin(), round.end(), random_);
      for (const attack* each : round) {
        run(*each, 1 + one_of(builds - 1), each->killable && one_of(100) < chosen_.kill);
        look_after_hosts();
        if (is_over()) return;
        // At full speed, but now and then so that a build is taken, or a ruin looked at.
        if (one_of(3) == 0) sleep_up_to(0.03);
      }
    } while (seconds_since(start) < seconds);
  }

  /// The last build, by an attack of this number among those that leave one.
  void end_with(unsigned number) {
    std::vector<const attack*> last;
    for (const attack& each : attacks) {
      if (is_chosen(each) && each.behind == leaves::build) last.push_back(&each);
    }
    if (last.empty()) throw std::runtime_error("no attack among these leaves a build");
    const attack& act = *last[(number + number / last.size()) % last.size()];  // of both sizes
    if (!run(act, builds, false)) throw std::runtime_error(act.name + std::string(" failed"));
    const auto start = clock::now();
    wait_for_last_build();
    std::printf("%-5s  last build by %-24s  all there after %.1f s\n", size_.c_str(), act.name,
                seconds_since(start));
    if (!is_over()) touch_it();
    end_hosts();
  }

 private:
  struct host {
    std::string role;
    std::unique_ptr<workshop::process> process;
    std::string heard;  // that was no answer
  };

  struct report {
    unsigned generation = 0;
    bool all_on_last_build = false;
  };

  // --- names

  static constexpr const char* link = DYMOD_TEST_COMPILER " -shared -Wl,--build-id";
  std::string objects(unsigned stamp) const {
    return "@" DYMOD_ATTACK_OBJECTS "/sheep.objects " + parts(stamp);
  }
  std::string parts(unsigned stamp) const {
    return "@" DYMOD_ATTACK_OBJECTS "/" + size_ + "." + std::to_string(stamp) + ".objects";
  }
  std::string made(unsigned stamp) const {
    return folder_ / ("made/" + std::to_string(stamp) + ".so");
  }
  std::string out() const { return folder_ / "build/libsheep.so"; }

  // --- chance

  unsigned one_of(unsigned count) { return static_cast<unsigned>(random_() % count); }
  void sleep_up_to(double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds * one_of(1000) / 1000));
  }

  // --- attacks

  bool is_chosen(const attack& each) {
    if (!chosen_.only.empty() && !is_among(each.name, chosen_.only)) return false;
    if (each.tool[0] == '\0' || has_tool(each.tool)) return true;
    sum_.missing_tools.insert(each.tool);
    return false;
  }

  static bool has_tool(const std::string& name) {
    static std::map<std::string, bool> known;
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    return known[name] = workshop::run("command -v " + name).status == 0;
  }

  /// @returns whether the command was successful
  bool run(const attack& what, unsigned stamp, bool kill) {
    attack_count& count = sum_.attacks[what.name];
    if (count.whole == 0) kill = false;  // how long it takes is not known yet
    const double until = count.seconds * one_of(1100) / 1000;
    std::string pids;
    for (const host& each : hosts_) pids += std::to_string(each.process->id()) + " ";

    const auto start = clock::now();
    const pid_t group = ::fork();
    if (group < 0) throw std::runtime_error("fork");
    if (group == 0) {
      ::setpgid(0, 0);
      const std::string old = made(stamp == 1 ? 2 : stamp - 1);
      ::setenv("out", out().c_str(), 1);
      ::setenv("dir", (folder_ / "build").c_str(), 1);
      ::setenv("new", made(stamp).c_str(), 1);
      ::setenv("old", old.c_str(), 1);
      ::setenv("aside", (folder_ / "aside").c_str(), 1);
      ::setenv("objects", objects(stamp).c_str(), 1);
      ::setenv("strangers", parts(stamp).c_str(), 1);
      ::setenv("link", link, 1);
      ::setenv("writer", DYMOD_ATTACK_WRITER, 1);
      ::setenv("cmake", DYMOD_ATTACK_CMAKE, 1);
      ::setenv("install", (folder_ / "install").c_str(), 1);
      ::setenv("hosts", pids.c_str(), 1);
      ::execl("/bin/sh", "sh", "-c", what.command, nullptr);
      ::_exit(127);
    }
    ::setpgid(group, group);  // whichever of the two comes first
    int status = 0;
    bool killed = false;
    while (::waitpid(group, &status, kill ? WNOHANG : 0) == 0) {
      if (seconds_since(start) >= until) {
        ::kill(-group, SIGKILL);
        killed = true;
        kill = false;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    const bool successful = status == 0;
    std::string words = what.name;
    if (killed) {
      words += ", killed after " + std::to_string(until * 1000) + " ms";
      ++count.killed;
    } else {
      count.seconds = seconds_since(start);
      ++(successful ? count.whole : count.failed);
    }
    recent_.push_front(words + " (build " + std::to_string(stamp) + ")");
    if (recent_.size() > 5) recent_.pop_back();
    return successful;
  }

  // --- hosts

  void start(host& of) {
    const bool manual = of.role == "reloads" || of.role == "all";
    // What a life costs in memory and disk is what it loads.
    const std::string life = size_ == "small" ? "200" : "20";
    of.process = std::make_unique<workshop::process>(
        strings{"/usr/bin/env", "TMPDIR=" + (folder_ / "tmp"),
                folder_ / (manual ? "manual" : "calls"), of.role, life});
    ++sum_.hosts;
  }

  /// Hosts that have ended are replaced; only those that have lived their life may.
  void look_after_hosts() {
    for (host& each : hosts_) {
      if (each.process->is_running()) continue;
      bury(each);
      start(each);
    }
  }

  void bury(host& gone) {
    if (!has_ended(gone)) {
      fail("hung", "host '" + gone.role + "' does not end");
      gone.process->send_signal(SIGKILL);
    }
    const std::string words = gone.heard + gone.process->rest();
    gone.heard.clear();
    const int status = gone.process->end();
    bool done = false;
    for (const std::string& line : split(words, '\n')) {
      std::istringstream from(line);
      std::string what;
      unsigned count = 0;
      from >> what;
      if (what == "done") done = true;
      if (what == "loads" && from >> count) sum_.loads += count;
      if (what == "refused" && from >> count) {
        std::string reason;
        std::getline(from >> std::ws, reason);
        sum_.refusals[reason] += count;
        if (!may_refuse_as(reason)) fail("refused for nothing", gone.role + ": " + reason);
      }
    }
    if (status == 0 && done) return;
    const std::string number = status > 128 ? "signal " + std::to_string(status - 128) + " (" +
                                                  ::strsignal(status - 128) + ")"
                                            : "exit code " + std::to_string(status);
    fail(status == wrong_answer ? "wrong answer" : "crash",
         "host '" + gone.role + "' ended by " + number + "\n" + words + keep_evidence(gone.role));
  }

  bool may_refuse_as(const std::string& reason) {
    if (reason == "incomplete library" || reason == "not finished") return true;
    return std::any_of(std::begin(attacks), std::end(attacks), [&](const attack& each) {
      return reason == each.refused && is_chosen(each);
    });
  }

  bool has_ended(host& of) {
    const auto start = clock::now();
    while (of.process->is_running()) {
      if (seconds_since(start) > 60) return false;
      sleep_up_to(0.01);
    }
    return true;
  }

  report ask(host& of) {
    report said;
    try {
      of.process->say("report");
    } catch (const std::runtime_error&) {
      return said;  // it has just ended
    }
    try {
      for (std::string line = of.process->hear(); !line.empty(); line = of.process->hear()) {
        std::istringstream from(line);
        std::string what;
        if (!(from >> what >> said.generation) || what != "report") {
          of.heard += line + "\n";
          continue;
        }
        said.all_on_last_build = true;
        for (unsigned stamp = 0; from >> stamp;) said.all_on_last_build &= stamp == builds;
        return said;
      }
    } catch (const std::runtime_error& silence) {
      fail("hung", "host '" + of.role + "': " + silence.what());
      of.process->send_signal(SIGKILL);
    }
    return said;  // its end is for look_after_hosts()
  }

  void wait_for_last_build() {
    const auto start = clock::now();
    std::set<const host*> there;
    while (there.size() < hosts_.size() && seconds_since(start) < chosen_.patience && !is_over()) {
      look_after_hosts();
      for (host& each : hosts_) {
        if (there.count(&each) == 0 && ask(each).all_on_last_build) there.insert(&each);
      }
      sleep_up_to(0.01);
    }
    sum_.to_reach_last_build += static_cast<unsigned>(hosts_.size());
    sum_.on_last_build += static_cast<unsigned>(there.size());
    for (const host& each : hosts_) {
      if (there.count(&each) == 0 && !is_over()) {
        fail("not final", "host '" + each.role + "' does not run the last build");
      }
    }
  }

  // The same bytes in other ways, which every host looks at and nobody takes for news.
  void touch_it() {
    const auto generations = [this] {
      std::vector<unsigned> all;
      // One report may have been on its way; behind the second there is a whole look.
      for (int i = 0; i < 2; ++i) {
        all.clear();
        for (host& each : hosts_) all.push_back(ask(each).generation);
      }
      return all;
    };
    const std::vector<unsigned> before = generations();
    for (const attack& each : attacks) {
      if (each.behind != leaves::the_same || !is_chosen(each)) continue;
      run(each, builds, false);
      const std::vector<unsigned> after = generations();
      look_after_hosts();
      if (is_over() || after == before) continue;
      for (std::size_t i = 0; i < hosts_.size(); ++i) {
        if (after[i] == before[i]) continue;
        fail("spurious reload", "host '" + hosts_[i].role +
                                    "' took the same bytes for news after '" + each.name +
                                    "': generation " + std::to_string(before[i]) + " became " +
                                    std::to_string(after[i]));
      }
      return;
    }
  }

  void end_hosts() {
    const bool whole = failures_ == 0;
    for (host& each : hosts_) {
      if (each.process->is_running()) each.process->say("end");
      bury(each);
    }
    hosts_.clear();
    if (!whole) return;  // who was killed leaves what it had to the next start
    for (const char* directory : {"build", "tmp"}) {
      for (const std::string& name : workshop::names_in(folder_ / directory)) {
        if (name.find("dymod-") != std::string::npos) fail("left behind", name);
      }
    }
  }

  // --- failures

  void fail(const std::string& kind, const std::string& words) {
    ++failures_;
    ++sum_.failures[kind];
    std::printf("FAILED: %s: %s library, %s\n    the last attacks:", kind.c_str(), size_.c_str(),
                words.c_str());
    for (const std::string& each : recent_) std::printf(" %s;", each.c_str());
    std::printf("\n");
    std::fflush(stdout);
  }

  bool is_over() const { return failures_ >= (chosen_.until_failure ? 1 : most_failures); }

  /// Keeps the copies of hosts that are gone, and what is in the library's place.
  std::string keep_evidence(const std::string& role) {
    static int number = 0;
    const std::string kept = "evidence/" + std::to_string(++number) + "-" + role;
    if (number > 5) return "    (no more evidence is kept)";
    workshop::run_ok("rm -rf " + kept + " && mkdir -p " + kept);
    static_cast<void>(workshop::run("cp '" + out() + "' " + kept));
    for (const std::string& name : workshop::names_in(folder_ / "build")) {
      const std::size_t mark = name.find(".dymod-");
      if (mark == std::string::npos) continue;
      const std::string lock =
          folder_ / ("build/" + name.substr(mark + 1, std::strlen("dymod-") + 16) + ".lock");
      const int opened = ::open(lock.c_str(), O_RDONLY | O_CLOEXEC);
      const bool lives = opened >= 0 && ::flock(opened, LOCK_SH | LOCK_NB) != 0;
      if (opened >= 0) ::close(opened);
      if (!lives)
        static_cast<void>(workshop::run("cp '" + (folder_ / ("build/" + name)) + "' " + kept));
    }
    return "    kept: " + kept;
  }

  const options& chosen_;
  const std::string size_;
  std::mt19937& random_;
  totals& sum_;
  const workshop::folder folder_;
  std::vector<host> hosts_;
  std::deque<std::string> recent_;
  unsigned failures_ = 0;
};

void print(const totals& sum) {
  std::printf("\n%-24s %8s %8s %8s\n", "attack", "whole", "killed", "failed");
  for (const attack& each : attacks) {
    const auto found = sum.attacks.find(each.name);
    if (found == sum.attacks.end()) continue;
    std::printf("%-24s %8u %8u %8u\n", each.name, found->second.whole, found->second.killed,
                found->second.failed);
  }
  for (const std::string& tool : sum.missing_tools) {
    std::printf("not installed, skipped: %s\n", tool.c_str());
  }
  unsigned refusals = 0;
  for (const auto& each : sum.refusals) refusals += each.second;
  const auto failures = [&](const char* kind) {
    const auto found = sum.failures.find(kind);
    return found != sum.failures.end() ? found->second : 0;
  };
  std::printf("\n%-24s %8u\n%-24s %8lu\n%-24s %8u\n", "hosts", sum.hosts, "loads", sum.loads,
              "refusals", refusals);
  for (const auto& each : sum.refusals) {
    std::printf("    %-20s %8u\n", each.first.c_str(), each.second);
  }
  for (const char* kind :
       {"crash", "wrong answer", "spurious reload", "refused for nothing", "hung", "left behind"}) {
    std::printf("%-24s %8u\n", kind, failures(kind));
  }
  std::printf("%-24s %8u of %u\n", "on the last build", sum.on_last_build, sum.to_reach_last_build);
}

}  // namespace

int main(int count, char** words) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  ::signal(SIGPIPE, SIG_IGN);
  try {
    const options chosen(count, words);
    std::printf("seed=%u\n", chosen.seed);
    std::mt19937 random(chosen.seed);
    totals sum;
    const auto start = clock::now();
    unsigned number = 0;
    const unsigned first_end = static_cast<unsigned>(random());
    while ((number < chosen.sizes.size() || seconds_since(start) < chosen.seconds) &&
           !(chosen.until_failure && !sum.failures.empty())) {
      campaign now(chosen, chosen.sizes[number % chosen.sizes.size()], random, sum);
      now.attack_for(chosen.campaign);
      now.end_with(first_end + number);
      ++number;
    }
    print(sum);
    std::printf("%s\n", sum.failures.empty() ? "all held" : "FAILED");
    return sum.failures.empty() ? 0 : 1;
  } catch (const std::exception& caught) {
    std::printf("the suite itself failed: %s\n", caught.what());
    return 2;
  }
}
