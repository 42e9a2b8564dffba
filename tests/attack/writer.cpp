// SPDX-License-Identifier: MIT

// Writers that do what linkers do, at their worst moment and for as long as it takes to be seen.
//
// clang-format off
//     writer mapped <from> <to>   as gold: the bytes go into a mapping, and the last of them without
//                                 another change of the file's times
//     writer hole <from> <to>     as bfd: the middle is written last
//     writer patch <from> <to>    as rsync --inplace: over what is there, without a pause, in an instant
//     writer abandon <from> <to>  as gold killed at the end of a link: the build id is zeros, and so is
//                                 a part that no header tells of
//     writer knock <to>           opens it for writing and touches it, again and again: those who ask
//                                 for a lease are told by a signal
//     writer overtake <from> <to> <aside> <process>…
//                                 renames <aside> to <to>, lets the processes begin to copy it, and
//                                 patches it while they stand still
// clang-format on

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>

namespace {

unsigned one_of(unsigned count) { return std::random_device()() % count; }

void sleep_up_to(unsigned microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(one_of(microseconds)));
}

bool write_all(int file, const std::string& content, std::size_t from, std::size_t to) {
  while (from < to) {
    const ssize_t put = ::pwrite(file, content.data() + from, to - from, static_cast<off_t>(from));
    if (put <= 0) return false;
    from += static_cast<std::size_t>(put);
  }
  return true;
}

bool mapped(int file, const std::string& content) {
  const std::size_t third = content.size() / 3;
  if (::ftruncate(file, static_cast<off_t>(content.size())) != 0) return false;
  void* const mapping =
      ::mmap(nullptr, content.size(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapping == MAP_FAILED) return false;
  char* const bytes = static_cast<char*>(mapping);
  std::memcpy(bytes, content.data(), third);
  // Each page is touched, so that the file's times change for the last time.
  volatile char* const page = bytes;
  for (std::size_t at = third; at < 2 * third; at += 4096) page[at] = page[at];
  std::memcpy(bytes + 2 * third, content.data() + 2 * third, content.size() - 2 * third);
  // An instant, or so long that nobody thinks the file young any more.
  sleep_up_to(one_of(4) == 0 ? 60000 : 3000);
  std::memcpy(bytes + third, content.data() + third, third);
  return ::munmap(mapping, content.size()) == 0;
}

bool hole(int file, const std::string& content) {
  const std::size_t third = content.size() / 3;
  if (::ftruncate(file, 0) != 0 || !write_all(file, content, 0, third)) return false;
  if (!write_all(file, content, 2 * third, content.size())) return false;
  sleep_up_to(20000);
  return write_all(file, content, third, 2 * third);
}

bool abandon(int file, std::string content) {
  // What stands before 20 bytes of build id.
  const std::string note("\4\0\0\0\24\0\0\0\3\0\0\0GNU\0", 16);
  const std::size_t at = content.find(note);
  const std::size_t third = content.size() / 3;
  if (at == std::string::npos || ::ftruncate(file, 0) != 0) return false;
  content.replace(at + note.size(), 20, 20, '\0');
  content.replace(third, third, third, '\0');
  return write_all(file, content, 0, content.size());
}

bool patch(int file, const std::string& content) {
  return write_all(file, content, 0, content.size()) &&
         ::ftruncate(file, static_cast<off_t>(content.size())) == 0;
}

bool overtake(const std::string& content, const char* to, char** words, int count) {
  const auto tell_all = [&](int signal) {
    for (int i = 1; i < count; ++i) ::kill(std::atoi(words[i]), signal);
  };
  if (std::rename(words[0], to) != 0) return false;
  sleep_up_to(4000);
  tell_all(SIGSTOP);
  const int file = ::open(to, O_RDWR);
  const bool written = file >= 0 && patch(file, content) && ::close(file) == 0;
  tell_all(SIGCONT);
  return written;
}

bool knock(const char* path) {
  for (int i = 0; i < 20000; ++i) {
    const int file = ::open(path, O_WRONLY);
    if (file < 0 || ::futimens(file, nullptr) != 0) return false;
    ::close(file);
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  const std::string how = count > 1 ? words[1] : "";
  if (how == "knock" && count == 3) return knock(words[2]) ? 0 : 1;
  if (count < 4) return 2;
  std::ifstream from(words[2], std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(from)), {});
  if (content.empty()) return 1;
  if (how == "overtake") {
    return count > 4 && overtake(content, words[3], words + 4, count - 4) ? 0 : 1;
  }
  const int file = ::open(words[3], O_RDWR | O_CREAT, 0755);
  if (file < 0) return 1;
  bool written = false;
  if (how == "mapped") written = mapped(file, content);
  if (how == "hole") written = hole(file, content);
  if (how == "patch") written = patch(file, content);
  if (how == "abandon") written = abandon(file, content);
  return written && ::close(file) == 0 ? 0 : 1;
}
