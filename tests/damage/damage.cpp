// SPDX-License-Identifier: MIT

// Damaged libraries, given to a host that has generation 1 of their module: whatever is wrong with
// them, the host is to live, and to answer as generation 1 does or as the whole library would.
//
//     damage cut <generation 1> <generation 2> <offers>
//     damage zeroed <generation 1> <generation 2> <offers>
//         Generation 2, cut at every byte, or with zeros from every byte on. All are given to the
//         check of completeness; those that it lets pass are offered to a host, each in a process
//         of its own. So that not only the check is asked, `offers` of the others, too, are offered
//         to one host, which runs on, and then gets the whole library.
//     damage random <generation 1> <generation 2> <trials> <seed>
//         Single bits flipped, and 64 bytes in a row made random. Nothing is promised of those:
//         what becomes of them is counted.
//
// Works in the current directory.

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <random>
#include <string>
#include <vector>

#define DYMOD_FORCE_DYNAMIC
#define DYMOD_PATH_sheep "/proc/self/cwd/libsheep.so"
#include <dymod/detail/os/os.hpp>

#include "sheep.hpp"

#include "support/workshop.hpp"

namespace {

using dymod::detail::bytes;
using dymod::detail::completeness;

const std::string library = "libsheep.so";

enum class verdict {
  taken,                // and the answers are those of the whole library
  refused_by_check,     // not complete: looked at again later
  refused_as_other,     // not a library of this system
  refused_by_fit,       // not this module, or not with these functions
  refused_by_system,    // dlopen says no
  crash_while_opening,  // or the process was ended
  crash_when_called,
  wrong_answer,
  hang
};

const char* const words_of[] = {"taken, all answers right",
                                "refused: incomplete",
                                "refused: not a library of this system",
                                "refused: not this module, or functions missing",
                                "refused: by the system's loader",
                                "crash while opening",
                                "crash when called",
                                "wrong answer",
                                "hang"};

bool is_harmless(verdict found) { return found < verdict::crash_while_opening; }

void require(bool holds, const std::string& what) {
  if (holds) return;
  std::printf("FAILED: %s\n", what.c_str());
  std::exit(1);
}

// --- the host

std::string answers() {
  std::string all;
  for (int i = 0; i < 6; ++i) {
    all += std::to_string(sheep::count(i)) + " " + sheep::name(i) + " " +
           std::to_string(sheep::shear(i)) + "\n";
  }
  int legs = 0;
  all += std::to_string(sheep::visit([&legs](int more) { return legs += more; })) + " ";
  return all + std::to_string(legs) + " " + std::to_string(sheep::wake());
}

// What a forked host tells its parent, also when it ends badly. In memory that both have.
struct told {
  bool took_it;
  bool answered;
  char refusal[512];
  char answers[512];
};

told& new_told() {
  void* const place =
      ::mmap(nullptr, sizeof(told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  require(place != MAP_FAILED, "no shared memory");
  return *new (place) told{};
}

template <std::size_t Size> void tell(char (&to)[Size], const std::string& words) {
  std::snprintf(to, Size, "%s", words.c_str());
}

void hear(const dymod::event& news, void* user) {
  told& parent = *static_cast<told*>(user);
  if (news.kind == dymod::event_kind::reloaded) parent.took_it = true;
  if (news.kind == dymod::event_kind::rejected) tell(parent.refusal, news.message);
}

// Whatever the damaged code does: not for ever, not with all memory, and in silence.
void limit_this_process() {
  const ::rlimit seconds{2, 3};  // of the processor's time, which no other process can use up
  const ::rlimit memory{std::size_t{1} << 30, std::size_t{1} << 30};
  const ::rlimit no_dump{0, 0};
  ::setrlimit(RLIMIT_CPU, &seconds);
  ::setrlimit(RLIMIT_AS, &memory);
  ::setrlimit(RLIMIT_CORE, &no_dump);
  ::alarm(30);  // for one that waits
  if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(3);
}

// The number that dymod gave to the last copy it made and kept: each file it judges is one more.
long last_copy() {
  long last = 0;
  for (const std::string& name : workshop::names_in(".")) {
    if (name.find(library + ".dymod-") != 0) continue;
    last = std::max(last, std::strtol(name.c_str() + name.rfind('-') + 1, nullptr, 10));
  }
  return last;
}

// Two builds, and what they answer.
struct experiment {
  std::string first;
  std::string second;
  std::string first_answers;
  std::string second_answers;
  long first_copy;
  told& host = new_told();

  experiment(const char* first_path, const char* second_path)
      : first(workshop::read_file(first_path)), second(workshop::read_file(second_path)) {
    put(first);
    first_answers = answers();
    first_copy = last_copy();
    require(offer(second) == verdict::wrong_answer && host.took_it, "a whole library is not taken");
    second_answers = host.answers;
    require(second_answers != first_answers, "the builds answer alike");
    require(offer(second) == verdict::taken, "the answers are others the next time");
  }

  static void put(const std::string& file) {
    workshop::write_file("aside", file);
    workshop::put_in_place("aside", library);
  }

  // Offers a file to a host of its own: this process as it is, with generation 1 loaded, forked.
  verdict offer(const std::string& file) {
    put(file);
    host = told{};
    const ::pid_t child = ::fork();
    require(child >= 0, "fork");
    if (child == 0) {
      limit_this_process();
      dymod::set_event_handler(hear, &host);
      try {
        tell(host.answers, answers());
      } catch (...) {
        tell(host.answers, "an exception");
      }
      host.answered = true;
      ::_exit(0);
    }
    int status = 0;
    require(::waitpid(child, &status, 0) == child, "waitpid");
    return judge(status);
  }

  [[nodiscard]] verdict judge(int status) const {
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGXCPU || signal == SIGKILL || signal == SIGALRM) return verdict::hang;
    if (!host.answered) {
      return host.took_it ? verdict::crash_when_called : verdict::crash_while_opening;
    }
    const std::string& expected = host.took_it ? second_answers : first_answers;
    if (host.answers != expected) return verdict::wrong_answer;
    if (host.took_it) return verdict::taken;
    const std::string refusal = host.refusal;
    const auto is_told = [&](const char* words) { return refusal.find(words) != refusal.npos; };
    if (refusal.empty()) return verdict::refused_by_check;  // for the time being
    if (is_told("not a library of this system")) return verdict::refused_as_other;
    if (is_told("the system refuses")) return verdict::refused_by_system;
    return verdict::refused_by_fit;
  }
};

// --- every cut and every tail of zeros

enum class kind { cut, zeroed };

std::string damaged(const std::string& whole, kind how, std::size_t from) {
  std::string file = whole.substr(0, from);
  if (how == kind::zeroed) file.resize(whole.size(), '\0');
  return file;
}

bool is_complete(const std::string& file, std::size_t size) {
  const bytes content{reinterpret_cast<const unsigned char*>(file.data()), size};
  dymod::detail::text why;
  return dymod::detail::elf(content).check(dymod::detail::os::native::target(), why) ==
         completeness::complete;
}

// Where the damage may begin so that the check sees it, and where it does not.
struct division {
  std::vector<std::size_t> refused;
  std::vector<std::size_t> complete;
};

division divide(const std::string& whole, kind how) {
  division found;
  std::string file = whole;
  for (std::size_t from = whole.size(); from-- > 0;) {
    if (how == kind::zeroed) file[from] = '\0';
    // An empty file is not given to the check.
    const bool complete = (how == kind::zeroed || from > 0) &&
                          is_complete(file, how == kind::zeroed ? file.size() : from);
    (complete ? found.complete : found.refused).push_back(from);
  }
  return found;
}

// A host that gets one damaged file after the other, and at last the whole one.
// @returns what was wrong; empty: nothing
std::string run_on(const experiment& with, kind how, const std::vector<std::size_t>& starts) {
  with.put(with.first);
  with.host = told{};
  const ::pid_t child = ::fork();
  require(child >= 0, "fork");
  if (child == 0) {
    dymod::set_event_handler(hear, &with.host);
    for (const std::size_t from : starts) {
      with.put(damaged(with.second, how, from));
      for (int i = 0; i < 2; ++i) {
        if (answers() == with.first_answers && sheep::library.generation() == 1) continue;
        tell(with.host.refusal,
             "the host was led astray by damage from byte " + std::to_string(from));
        ::_exit(1);
      }
    }
    with.put(with.second);
    const bool whole = answers() == with.second_answers && sheep::library.generation() == 2;
    const auto judged = static_cast<std::size_t>(last_copy() - with.first_copy);
    if (!whole) tell(with.host.refusal, "the whole library was not taken");
    if (judged < starts.size() + 1) {
      tell(with.host.refusal, "only " + std::to_string(judged) + " files were judged");
    }
    with.host.answered = true;
    ::_exit(whole && judged > starts.size() ? 0 : 1);
  }
  int status = 0;
  require(::waitpid(child, &status, 0) == child, "waitpid");
  if (status == 0) return "";
  return with.host.answered || WIFEXITED(status) ? with.host.refusal : "the host died";
}

bool try_every(experiment& with, kind how, std::size_t offers) {
  constexpr unsigned enough = 20;  // failures to believe it
  division found = divide(with.second, how);
  std::minstd_rand random(1);
  std::shuffle(found.complete.begin(), found.complete.end(), random);
  std::map<verdict, unsigned> count;
  unsigned failures = 0;
  for (const std::size_t from : found.complete) {
    const verdict result = with.offer(damaged(with.second, how, from));
    ++count[result];
    if (is_harmless(result)) continue;
    if (failures == 0) std::printf("FAILED: from byte %zu on\n", from);
    if (++failures == enough) break;
  }
  std::printf("%s: %zu files, %zu refused by the check, %zu not:",
              how == kind::cut ? "cut at every byte" : "zeros from every byte on",
              found.refused.size() + found.complete.size(), found.refused.size(),
              found.complete.size());
  for (const auto& [result, times] : count) {
    std::printf(" %u %s;", times, words_of[static_cast<std::size_t>(result)]);
  }
  std::shuffle(found.refused.begin(), found.refused.end(), random);
  found.refused.erase(std::remove(found.refused.begin(), found.refused.end(), 0),
                      found.refused.end());
  found.refused.resize(std::min(offers, found.refused.size()));
  const std::string wrong = run_on(with, how, found.refused);
  std::printf(" %zu of those refused offered to one host%s%s\n", found.refused.size(),
              wrong.empty() ? "" : ": FAILED: ", wrong.c_str());
  return failures == 0 && wrong.empty();
}

// --- random damage

void try_random(experiment& with, std::size_t trials, unsigned seed) {
  std::FILE* const log = std::fopen("trials", "w");
  require(log != nullptr, "no file for the trials");
  std::minstd_rand random(seed);
  std::map<verdict, unsigned> count[2];
  for (const int span : {0, 1}) {
    for (std::size_t i = 0; i < trials; ++i) {
      std::string file = with.second;
      const std::size_t from = random() % file.size();
      if (span == 0) file[from] = static_cast<char>(file[from] ^ (1 << random() % 8));
      for (std::size_t k = 0; span == 1 && k < 64 && from + k < file.size(); ++k) {
        file[from + k] = static_cast<char>(random() / 7 % 256);
      }
      const verdict result = with.offer(file);
      ++count[span][result];
      std::fprintf(log, "%s\t%zu\t%s\t%s\n", span == 0 ? "bit" : "span", from,
                   words_of[static_cast<std::size_t>(result)], with.host.refusal);
    }
  }
  std::fclose(log);
  std::printf("  %-48s %12s %12s\n", "", "bit flipped", "64 random");
  for (std::size_t i = 0; i < std::size(words_of); ++i) {
    const auto result = static_cast<verdict>(i);
    std::printf("  %-48s %12u %12u\n", words_of[i], count[0][result], count[1][result]);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) return 2;
  const std::string what = arguments[1];
  const std::size_t number = std::strtoul(arguments[4], nullptr, 10);
  experiment with(arguments[2], arguments[3]);
  if (what == "random") {
    try_random(with, number, count > 5 ? static_cast<unsigned>(std::atoi(arguments[5])) : 1);
    return 0;
  }
  return try_every(with, what == "cut" ? kind::cut : kind::zeroed, number) ? 0 : 1;
}
