// SPDX-License-Identifier: MIT

// What is POSIX in the workshop; see workshop.hpp.

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
#include <sstream>
#include <stdexcept>

#include "workshop.hpp"

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

current_folder::current_folder() : before_(current_directory()) {
  if (::chdir((*this / "").c_str()) != 0) complain("chdir");
}

current_folder::~current_folder() { static_cast<void>(::chdir(before_.c_str()) == 0); }

temporary_directory::temporary_directory(const std::string& path) {
  if (const char* named = std::getenv("TMPDIR")) before_ = named;
  ::setenv("TMPDIR", path.c_str(), 1);
}

temporary_directory::~temporary_directory() {
  if (before_.empty()) {
    ::unsetenv("TMPDIR");
  } else {
    ::setenv("TMPDIR", before_.c_str(), 1);
  }
}

void set_environment(const std::string& name, const std::string& value) {
  if (::setenv(name.c_str(), value.c_str(), 1) != 0) complain(name);
}

std::vector<std::string> binaries_in_memory() {
  std::vector<std::string> names;
  std::istringstream maps(read_file("/proc/self/maps"));
  for (std::string line; std::getline(maps, line);) {
    const std::size_t last = line.rfind('/');
    if (last == std::string::npos) continue;
    const std::string name = line.substr(last + 1, line.find(' ', last) - last - 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string library_name(const std::string& module_name) { return "lib" + module_name + ".so"; }

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

bool has_mode(const std::string& path, const std::string& digits) {
  return run_ok("stat -c %a '" + path + "'") == digits + "\n";
}

std::string with_slashes(std::string path) { return path; }

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

result run(const std::string& command) {
  FILE* pipe = ::popen(("( " + command + "\n) 2>&1").c_str(), "r");
  if (pipe == nullptr) complain(command);
  std::string output;
  char block[4096];
  while (const std::size_t got = std::fread(block, 1, sizeof block, pipe))
    output.append(block, got);
  return {exit_code(::pclose(pipe)), output};
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

void process::wait_for_output() const {
  pollfd ready{out_, POLLIN, 0};
  if (::poll(&ready, 1, 60000) == 0)
    throw std::runtime_error("the program was silent for a minute");
}

std::string process::next_block() const {
  char block[4096];
  const ssize_t got = ::read(out_, block, sizeof block);
  return got > 0 ? std::string(block, static_cast<std::size_t>(got)) : "";
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

}  // namespace workshop
