// SPDX-License-Identifier: MIT

// Plain POSIX; see workshop.hpp.

#include "workshop.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

namespace workshop {

namespace {

[[noreturn]] void complain(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string current_directory() {
  char path[4096];
  if (::getcwd(path, sizeof path) == nullptr) complain("getcwd");
  return path;
}

}  // namespace

folder::folder() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base != nullptr ? base : "/tmp") + "/dymod-test-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) complain(path_);
}

folder::~folder() {
  static_cast<void>(run("chmod -R u+w '" + path_ + "'; rm -rf '" + path_ + "'"));
}

std::string folder::operator/(const std::string& name) const {
  return name.empty() ? path_ : path_ + "/" + name;
}

current_folder::current_folder() : before_(current_directory()) {
  if (::chdir((*this / "").c_str()) != 0) complain("chdir");
}

current_folder::~current_folder() { static_cast<void>(::chdir(before_.c_str()) == 0); }

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (!file.flush()) complain(path);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) complain(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

bool exists(const std::string& path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  DIR* opened = ::opendir(directory.c_str());
  if (opened == nullptr) complain(directory);
  while (const dirent* found = ::readdir(opened)) {
    const std::string name = found->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(opened);
  std::sort(names.begin(), names.end());
  return names;
}

void put_in_place(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) complain(to);
}

void set_modified(const std::string& path, long long nanoseconds) {
  timespec times[2];
  times[0].tv_sec = 0;
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = static_cast<time_t>(nanoseconds / 1000000000);
  times[1].tv_nsec = static_cast<long>(nanoseconds % 1000000000);
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) complain(path);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("'" + from + "' is not in the text");
  return text.replace(at, from.size(), to);
}

result run(const std::string& command) {
  FILE* pipe = ::popen(("( " + command + "\n) 2>&1").c_str(), "r");
  if (pipe == nullptr) complain(command);
  std::string output;
  char block[4096];
  while (const std::size_t got = std::fread(block, 1, sizeof block, pipe))
    output.append(block, got);
  return {exit_code(::pclose(pipe)), output};
}

std::string run_ok(const std::string& command) {
  result done = run(command);
  if (done.status != 0) {
    throw std::runtime_error("exit code " + std::to_string(done.status) + " from: " + command +
                             "\n" + done.output);
  }
  return done.output;
}

std::string compiler() {
  return "'" DYMOD_TEST_COMPILER "' -std=c++17 -g -I '" DYMOD_TEST_INCLUDE "' ";
}

void build_module(const std::string& name, const std::string& source, const std::string& library,
                  const std::string& flags) {
  write_file(library + ".cpp", source);
  run_ok(compiler() + "-shared -fPIC -fvisibility=hidden -D" + name + "_EXPORTS " + flags + " '" +
         library + ".cpp' -o '" + library + ".new'");
  put_in_place(library + ".new", library);
}

std::string numbered(const std::string& library, int number) {
  return replaced(library, "number 00000", "number " + std::to_string(100000 + number).substr(1));
}

std::string sanitizer() {
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
  return " -fsanitize=thread ";
#elif defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
  return " -fsanitize=address,undefined -fno-sanitize-recover=all ";
#else
  return " ";
#endif
}

void build_program(const std::string& source, const std::string& program,
                   const std::string& flags) {
  write_file(program + ".cpp", source);
  run_ok(compiler() + "'" + program + ".cpp' -o '" + program + "' " + flags + " -ldl -pthread");
}

process::process(const std::vector<std::string>& arguments) {
  int to[2];
  int from[2];
  if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) complain("pipe");
  std::vector<char*> words;
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  id_ = ::fork();
  if (id_ < 0) complain("fork");
  if (id_ == 0) {
    ::dup2(to[0], 0);
    ::dup2(from[1], 1);
    ::dup2(from[1], 2);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(to[0]);
  ::close(from[1]);
  in_ = to[1];
  out_ = from[0];
}

process::~process() {
  if (id_ > 0) {
    ::kill(id_, SIGKILL);
    int status = 0;
    ::waitpid(id_, &status, 0);
  }
  if (in_ >= 0) ::close(in_);
  if (out_ >= 0) ::close(out_);
}

void process::say(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) complain(line);
}

std::string process::hear() {
  for (;;) {
    const std::size_t end = heard_.find('\n');
    if (end != std::string::npos) {
      const std::string line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      return line;
    }
    pollfd ready{out_, POLLIN, 0};
    if (::poll(&ready, 1, 60000) == 0)
      throw std::runtime_error("the program was silent for a minute");
    char block[4096];
    const ssize_t got = ::read(out_, block, sizeof block);
    if (got <= 0) {
      std::string line;
      line.swap(heard_);
      return line;
    }
    heard_.append(block, static_cast<std::size_t>(got));
  }
}

std::string process::rest() {
  std::string all = heard_;
  heard_.clear();
  char block[4096];
  ssize_t got = 0;
  while ((got = ::read(out_, block, sizeof block)) > 0) {
    all.append(block, static_cast<std::size_t>(got));
  }
  return all;
}

bool process::is_running() const {
  siginfo_t ended;
  ended.si_pid = 0;
  return ::waitid(P_PID, static_cast<id_t>(id_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

void process::send_signal(int signal) { ::kill(id_, signal); }

int process::end() {
  if (in_ >= 0) ::close(in_);
  in_ = -1;
  int status = 0;
  if (::waitpid(id_, &status, 0) != id_) complain("waitpid");
  id_ = -1;
  return exit_code(status);
}

void wait_until(const std::function<bool()>& condition) {
  const std::time_t deadline = std::time(nullptr) + 60;
  while (!condition()) {
    if (std::time(nullptr) > deadline)
      throw std::runtime_error("it did not happen within a minute");
    // Not sched_yield(): where other threads keep all processors busy, who yields comes last.
    const timespec a_moment{0, 100000};
    ::nanosleep(&a_moment, nullptr);
  }
}

}  // namespace workshop
