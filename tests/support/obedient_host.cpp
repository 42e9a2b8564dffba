// SPDX-License-Identifier: MIT

// A host that does as it is told: by the words of its command line, then by the lines of its input.
// What answers does so with one line.

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <dymod/dymod.hpp>

DYMOD(sheep, (answer, int()), (sure_answer, int() noexcept))

namespace {

struct at_the_end {
  bool calls = false;
  ~at_the_end() {
    if (!calls) return;
    std::printf("%d\n", sheep::answer());
    std::fflush(stdout);
  }
} last;

unsigned rejected = 0;
std::string told = "nothing";

void answer() {
  try {
    std::printf("%d\n", sheep::answer());
  } catch (const std::exception& error) {
    const std::string words = error.what();
    std::printf("%s\n", words.substr(0, words.find('\n')).c_str());
  }
  std::fflush(stdout);
}

void say(long long number) {
  std::printf("%lld\n", number);
  std::fflush(stdout);
}

void limit(int resource, rlim_t number) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) std::abort();
  now.rlim_cur = number;
  if (::setrlimit(resource, &now) != 0) std::abort();
}

// Descriptors below the limit that are not in use: all that are, but for that many.
void leave_descriptors(int count) {
  limit(RLIMIT_NOFILE, 256);
  std::vector<int> opened;
  for (int next = 0; (next = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) {
    opened.push_back(next);
  }
  for (int i = 0; i < count; ++i) {
    ::close(opened.back());
    opened.pop_back();
  }
}

// Address space: what is in use, and that many bytes.
void leave_memory(rlim_t count) {
  FILE* const file = std::fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  if (file == nullptr || std::fscanf(file, "%lu", &pages) != 1) std::abort();
  std::fclose(file);
  limit(RLIMIT_AS, pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + count);
}

void fork_one(const std::string& end) {
  const pid_t child = ::fork();
  if (child == 0) {
    answer();
    if (end == "exit") std::exit(0);
    if (end == "_exit") ::_exit(0);
    if (end == "kill") ::raise(SIGKILL);
    std::abort();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  say(status);
}

// A child that lives on; says who it is.
void fork_and_stay(bool executes) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    if (executes) ::execl("/bin/sleep", "sleep", "60", static_cast<char*>(nullptr));
    for (;;) ::pause();
  }
  say(child);
}

void obey(const std::string& line) {
  const std::size_t space = line.find(' ');
  const std::string what = line.substr(0, space);
  const std::string which = space == std::string::npos ? "" : line.substr(space + 1);
  if (what == "call") answer();
  if (what == "reload") say(sheep::reload());
  if (what == "generation") say(sheep::library.generation());
  if (what == "path") std::printf("%s\n", sheep::library.path());
  if (what == "rejected") say(rejected);
  if (what == "told") std::printf("%s\n", told.c_str());
  if (what == "id") say(::getpid());
  if (what == "user") say(::geteuid());
  if (what == "temporary") ::setenv("TMPDIR", which.c_str(), 1);
  if (what == "go" && ::chdir(which.c_str()) != 0) std::abort();
  if (what == "fork") fork_one(which);
  if (what == "fork_and_stay") fork_and_stay(false);
  if (what == "fork_and_execute") fork_and_stay(true);
  if (what == "stop") ::raise(SIGSTOP);
  if (what == "kill_before_reload") sheep::library.before_reload([] { ::raise(SIGKILL); });
  if (what == "kill_after_reload") sheep::library.after_reload([] { ::raise(SIGKILL); });
  if (what == "descriptors") leave_descriptors(std::stoi(which));
  if (what == "all_descriptors") limit(RLIMIT_NOFILE, 512);
  if (what == "memory") leave_memory(std::stoul(which));
  if (what == "all_memory") limit(RLIMIT_AS, RLIM_INFINITY);
  if (what == "exit") std::exit(3);
  if (what == "quick_exit") std::quick_exit(3);
  if (what == "thread_exit") std::thread([] { std::exit(3); }).join();
  if (what == "main_thread_ends") {
    std::thread([] {}).detach();
    ::pthread_exit(nullptr);
  }
  if (what == "at_the_end") last.calls = true;
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  dymod::set_event_handler(
      [](const dymod::event& news, void*) {
        if (news.kind != dymod::event_kind::rejected) return;
        ++rejected;
        told = news.message;
        told.resize(told.find('\n'));
      },
      nullptr);
  for (int i = 1; i < count; ++i) {
    if (words[i] == std::string("return")) return 3;
    obey(words[i]);
  }
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "return") return 3;
    obey(line);
  }
}
