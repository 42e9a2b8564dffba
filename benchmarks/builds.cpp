// SPDX-License-Identifier: MIT

#include "builds.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

void fail(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

std::string directory_of_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

builds::builds(const std::string& name) : library_(directory_of_program() + "/lib" + name + ".so") {
  bytes_.resize(std::filesystem::file_size(library_));
  std::ifstream(library_, std::ios::binary)
      .read(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
  digits_ = bytes_.find("number 0");  // there will be no ten millions of builds
  // Length of the name, of the id, its type, the name.
  const std::string build_id_note("\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0", 16);
  build_id_ = bytes_.find(build_id_note);
  if (digits_ == std::string::npos || build_id_ == std::string::npos) fail(library_);
  digits_ += std::strlen("number ");
  build_id_ += build_id_note.size();
  // Runs in one directory may follow each other.
  number_ = std::stoi(bytes_.substr(digits_, 8));
}

void builds::write() {
  ++number_;
  const std::string digits = std::to_string(100000000 + number_).substr(1);
  bytes_.replace(digits_, digits.size(), digits);
  bytes_.replace(build_id_, digits.size(), digits);
  std::ofstream file(library_ + ".new", std::ios::binary);
  file << bytes_;
  file.close();
  if (!file) fail(library_ + ".new");
}

void builds::put() const {
  if (std::rename((library_ + ".new").c_str(), library_.c_str()) != 0) fail(library_);
}

int floor_image::open(const std::string& library) {
  // The loader would hand out an image that it knows by name.
  static int copies = 0;
  copy_ = library + ".floor" + std::to_string(++copies);
  const int from = ::open(library.c_str(), O_RDONLY | O_CLOEXEC);
  const int to = ::open(copy_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0500);
  struct ::stat status;
  if (from < 0 || to < 0 || ::fstat(from, &status) != 0) fail(copy_);
  for (off_t left = status.st_size; left > 0;) {
    const ssize_t copied =
        ::copy_file_range(from, nullptr, to, nullptr, static_cast<size_t>(left), 0);
    if (copied <= 0) fail(copy_);
    left -= copied;
  }
  ::close(from);
  ::close(to);
  handle_ = ::dlopen(copy_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) fail(::dlerror());
  void* const found = ::dlsym(handle_, "floor_number");
  if (found == nullptr) fail(::dlerror());
  return reinterpret_cast<int (*)()>(found)();
}

void floor_image::close() {
  if (handle_ != nullptr) ::dlclose(handle_);
  handle_ = nullptr;
  ::unlink(copy_.c_str());
}

void expect_no_complaint(const dymod::event& news, void*) {
  if (news.kind == dymod::event_kind::loaded || news.kind == dymod::event_kind::reloaded) return;
  errno = 0;
  fail(news.message);
}
