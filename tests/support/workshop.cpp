// SPDX-License-Identifier: MIT

// What is the same on all systems; workshop_posix.cpp and workshop_windows.cpp have the rest.

#include "workshop.hpp"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

namespace workshop {

folder::~folder() {
  if (path_.empty()) return;
  static_cast<void>(run("chmod -R u+w '" + path_ + "'; rm -rf '" + path_ + "'"));
}

std::string folder::operator/(const std::string& name) const {
  return name.empty() ? path_ : path_ + "/" + name;
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(std::filesystem::u8path(path), std::ios::binary);
  file << content;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

std::string read_file(const std::string& path) {
  std::ifstream file(std::filesystem::u8path(path), std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("'" + from + "' is not in the text");
  return text.replace(at, from.size(), to);
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
  return "'" DYMOD_TEST_COMPILER "' " DYMOD_TEST_TARGET " -std=c++17 -g -I '" DYMOD_TEST_INCLUDE
         "' ";
}

void build_module(const std::string& name, const std::string& source, const std::string& library,
                  const std::string& flags) {
  write_file(library + ".cpp", source);
  run_ok(compiler() + DYMOD_TEST_LIBRARY " -D" + name + "_EXPORTS " + flags + " '" + library +
         ".cpp' -o '" + library + ".new' " DYMOD_TEST_LINK);
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
  make_startable(program);
}

void make_startable(const std::string& program) {
  const std::string emulator = DYMOD_TEST_EMULATOR;
  if (emulator.empty()) return;
  // A script in its place: the program may be started by a shell, by env, or through PATH.
  const std::string foreign = program + ".foreign";
  put_in_place(program, foreign);
  write_file(program, "#!/bin/sh\nexec " + emulator + " '" + foreign + "' \"$@\"\n");
  run_ok("chmod +x '" + program + "'");
}

std::string process::hear() {
  for (;;) {
    const std::size_t end = heard_.find('\n');
    if (end != std::string::npos) {
      const std::string line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      return line;
    }
    wait_for_output();
    const std::string more = next_block();
    if (more.empty()) {
      std::string line;
      line.swap(heard_);
      return line;
    }
    heard_ += more;
  }
}

std::string process::rest() {
  std::string all = heard_;
  heard_.clear();
  for (std::string more = next_block(); !more.empty(); more = next_block()) all += more;
  return all;
}

void wait_until(const std::function<bool()>& condition) {
  const std::time_t deadline = std::time(nullptr) + 60;
  while (!condition()) {
    if (std::time(nullptr) > deadline)
      throw std::runtime_error("it did not happen within a minute");
    // Not yield(): where other threads keep all processors busy, who yields comes last.
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

}  // namespace workshop
