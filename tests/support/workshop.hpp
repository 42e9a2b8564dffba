// SPDX-License-Identifier: MIT

// What a test needs to do what a developer does: a folder of its own, files, the real compiler, and
// programs that are started, spoken to and ended.

#ifndef DYMOD_TESTS_SUPPORT_WORKSHOP_HPP
#define DYMOD_TESTS_SUPPORT_WORKSHOP_HPP

#include <functional>  // function
#include <string>      // string
#include <vector>      // vector

#if defined(_WIN32)
#include <stdint.h>  // intptr_t
#else
#include <sys/types.h>  // pid_t
#endif

namespace workshop {

// What the system knows processes and pipes by.
#if defined(_WIN32)
using process_number = intptr_t;
using pipe_number = intptr_t;
#else
using process_number = pid_t;
using pipe_number = int;
#endif

/// What a test says of links, permissions, and files removed while they are open is not for
/// Windows.
#if defined(_WIN32)
inline constexpr bool on_windows = true;
#else
inline constexpr bool on_windows = false;
#endif

/// A new directory, removed with all it holds when destroyed.
class folder {
 public:
  folder();
  ~folder();
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  /// Absolute path of a file in it; the folder itself for "".
  [[nodiscard]] std::string operator/(const std::string& name) const;

 protected:
  std::string path_;
};

/// A folder that is the current directory while the object lives. Modules of the tests have the
/// path /proc/self/cwd/lib<module>.so: a public, absolute path, and yet another one for each test
/// process. On Windows it is the folder of the program, which each test process has for itself:
/// modules of the tests have no path, and are looked for there.
class current_folder : public folder {
 public:
  current_folder();
  ~current_folder();

 private:
  std::string before_;
};

/// Has programs keep temporary files elsewhere while it lives.
class temporary_directory {
 public:
  explicit temporary_directory(const std::string& path);
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

 private:
  std::string before_;
};

/// Sets an environment variable of this process, for all code in it.
void set_environment(const std::string& name, const std::string& value);
/// Names of the files that this process runs code from, without directories, each once.
[[nodiscard]] std::vector<std::string> binaries_in_memory();

/// What the library of a module is usually called: "libsheep.so", "sheep.dll".
[[nodiscard]] std::string library_name(const std::string& module_name);

void write_file(const std::string& path, const std::string& content);
[[nodiscard]] std::string read_file(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);
/// Names in a directory, sorted, without "." and "..".
[[nodiscard]] std::vector<std::string> names_in(const std::string& directory);
/// Whether a file has permissions, in the digits of chmod; on Windows, which has others, true.
[[nodiscard]] bool has_mode(const std::string& path, const std::string& digits);
/// A path as tests write it: with slashes.
[[nodiscard]] std::string with_slashes(std::string path);
/// Renames `from` over `to`: what a linker that writes a temporary file does.
void put_in_place(const std::string& from, const std::string& to);
/// Sets modification time (ns since 1970) as cp -p and tar do.
void set_modified(const std::string& path, long long nanoseconds);
[[nodiscard]] std::string replaced(std::string text, const std::string& from,
                                   const std::string& to);

struct result {
  int status;          // exit code; 128 + signal if one ended it
  std::string output;  // both streams
};

/// Runs a shell command to its end.
[[nodiscard]] result run(const std::string& command);
/// The same; a failure fails the test and shows the output.
std::string run_ok(const std::string& command);

/// Command line of the compiler under test, with the include path of dymod and -std=c++17.
[[nodiscard]] std::string compiler();
/// Compiles C++ source text to a module's library, complete before it appears under `library`.
void build_module(const std::string& name, const std::string& source, const std::string& library,
                  const std::string& flags = "");
/// C++ text for sources of modules whose builds differ in a number only: number(), 0 to 99999. The
/// compiler makes one build, and numbered() the others: thousands of builds cost nothing.
inline constexpr char number_function[] = R"(
static volatile const char digits[] = "number 00000";
static int number() {
  int n = 0;
  for (int i = 7; i < 12; ++i) n = n * 10 + (digits[i] - '0');
  return n;
}
)";
/// The bytes of a library with that text in it, with another number.
[[nodiscard]] std::string numbered(const std::string& library, int number);

/// What to build modules with that are to run in this process: -fsanitize as it is built with.
[[nodiscard]] std::string sanitizer();

/// Compiles C++ source text to a program.
void build_program(const std::string& source, const std::string& program,
                   const std::string& flags = "");

/// Makes a program that has been built for another processor one that can be started here, as any
/// other is. build_program() has done that.
void make_startable(const std::string& program);

/// A program that is running, with its standard input and its output (both streams) in our hands.
class process {
 public:
  explicit process(const std::vector<std::string>& arguments);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  void say(const std::string& line);
  /// The next line of its output, without the line break; "" at its end. A silent minute fails the
  /// test.
  [[nodiscard]] std::string hear();
  /// On Windows every signal ends it.
  void send_signal(int signal);
  /// Closes its input, waits for its end. @returns exit code, or 128 + signal
  int end();
  /// Whether it has not ended yet; its end is still to be waited for.
  [[nodiscard]] bool is_running() const;
  [[nodiscard]] process_number id() const { return id_; }
  /// All that is still to be heard.
  [[nodiscard]] std::string rest();

 private:
  void wait_for_output() const;
  // "" at the end of what there is to hear.
  [[nodiscard]] std::string next_block() const;

  process_number id_ = -1;
  pipe_number in_ = -1;
  pipe_number out_ = -1;
  std::string heard_;
};

/// Calls `condition` until it is true. A minute without success fails the test: no test relies on
/// how long anything takes.
void wait_until(const std::function<bool()>& condition);

}  // namespace workshop

#endif
