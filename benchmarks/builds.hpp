// SPDX-License-Identifier: MIT

// New builds of a module, without a compiler: the library's bytes with another number in them, and
// another build id, as a linker would give it. And the floor of a reload: what has to be done to
// run them at all.

#ifndef DYMOD_BENCHMARKS_BUILDS_HPP
#define DYMOD_BENCHMARKS_BUILDS_HPP

#include <stddef.h>  // size_t

#include <chrono>  // steady_clock
#include <string>  // string
#include <vector>  // vector

#include <dymod/event.hpp>

/// Ends the program with what the system says.
[[noreturn]] void fail(const std::string& what);

/// The directory that the program is in, and its modules' libraries are.
[[nodiscard]] std::string directory_of_program();

/// One module's library, to be built again and again.
class builds {
 public:
  /// @param name  the module's; its library stands beside the program
  explicit builds(const std::string& name);

  [[nodiscard]] const std::string& library() const { return library_; }
  /// The number of the build that was written last.
  [[nodiscard]] int number() const { return number_; }
  /// Size of the library; bytes.
  [[nodiscard]] size_t size() const { return bytes_.size(); }

  /// Writes the next build beside the library; not timed.
  void write();
  /// Renames it over the library, as a linker does that writes a temporary file.
  void put() const;

 private:
  std::string library_;
  std::string bytes_;
  size_t digits_;
  size_t build_id_;
  int number_ = 0;
};

/// The floor: a copy of the library beside it, opened with all symbols resolved, one symbol looked
/// up, one call. Nothing is checked.
class floor_image {
 public:
  /// @returns what the library answers
  int open(const std::string& library);
  /// Closes the image and removes the copy; not timed.
  void close();

 private:
  std::string copy_;
  void* handle_ = nullptr;
};

/// An event handler that ends the program if a build is refused, or anything is warned of.
void expect_no_complaint(const dymod::event& news, void* user);

/// Seconds since it was made.
class stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

#endif
