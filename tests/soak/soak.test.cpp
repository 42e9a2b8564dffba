// SPDX-License-Identifier: MIT

// A day's work of reloads in one process: what they cost, and what happens when the system has no
// more to give. Figures are printed; what is asserted are bounds that only a leak exceeds, and no
// time.

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <dymod/dymod.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

DYMOD(sheep, (answer, int()), (toss, void()))

namespace {

const std::string source = std::string("#include <dymod/dymod.hpp>\n") + workshop::number_function +
                           "DYMOD(sheep, (answer, int()), (toss, void()))\n"
                           "int sheep::answer() { return number(); }\n"
                           "void sheep::toss() { throw number(); }\n";

class host {
 public:
  host() {
    before_ = dymod::set_event_handler(
        [](const dymod::event& news, void* user) {
          host& self = *static_cast<host*>(user);
          if (news.kind != dymod::event_kind::rejected) return;
          ++self.rejections;
          self.complaint = news.message;
        },
        this);
    // Without debug information, of which each copy would have its own.
    workshop::build_module("sheep", source, folder_ / "base.so", "-g0");
    library_ = workshop::read_file(folder_ / "base.so");
  }
  ~host() { dymod::set_event_handler(before_.function, before_.user); }
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  void prepare(int number) const {
    workshop::write_file(folder_ / "next.so", workshop::numbered(library_, number));
  }
  void put() const { workshop::put_in_place(folder_ / "next.so", folder_ / "libsheep.so"); }
  void put(int number) const {
    prepare(number);
    put();
  }

  /// What the copies take on disk, in KiB.
  long copies() const { return std::stol(workshop::run_ok("du -sk '" + (folder_ / "") + "'")); }

  int rejections = 0;
  std::string complaint;

 private:
  workshop::current_folder folder_;
  std::string library_;
  dymod::event_handler before_;
};

using nanoseconds = std::chrono::nanoseconds;

template <class Function> nanoseconds duration_of(const Function& function) {
  const auto begin = std::chrono::steady_clock::now();
  function();
  return std::chrono::steady_clock::now() - begin;
}

double median_in_microseconds(std::vector<nanoseconds> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
  return static_cast<double>(times[times.size() / 2].count()) / 1000;
}

long count_lines(const std::string& path) {
  std::ifstream file(path);
  long count = 0;
  for (std::string line; std::getline(file, line);) ++count;
  return count;
}

// What the process has of the system, after a number of reloads.
struct holdings {
  long resident;  // KiB
  long maps;
  long files;
};

holdings count_holdings() {
  std::ifstream file("/proc/self/statm");
  long all = 0;
  long resident = 0;
  file >> all >> resident;
  return {resident * ::sysconf(_SC_PAGESIZE) / 1024, count_lines("/proc/self/maps"),
          static_cast<long>(workshop::names_in("/proc/self/fd").size())};
}

struct growth {
  holdings first;  // after the first reload
  holdings last;
};

/// @param unload_every  so many reloads old generations are unloaded; 0: never
growth reload_ten_thousand_times(int unload_every) {
  const host h;
  h.put(0);
  REQUIRE(sheep::answer() == 0);
  growth grown{};
  std::vector<nanoseconds> times;
  std::printf("%10s %12s %12s %10s %8s %8s %12s\n", "reloads", "reload, us", "throw, us",
              "resident", "maps", "files", "on disk");
  for (int number = 1; number <= 10000; ++number) {
    h.put(number);
    int answer = -1;
    times.push_back(duration_of([&] { answer = sheep::answer(); }));
    REQUIRE(answer == number);
    if (unload_every != 0 && number % unload_every == 0) {
      REQUIRE(sheep::library.unload_old() == static_cast<unsigned>(unload_every));
    }
    if (number == 1) grown.first = count_holdings();
    if (number != 100 && number != 1000 && number != 5000 && number != 10000) continue;
    grown.last = count_holdings();
    const std::vector<nanoseconds> latest(times.end() - 100, times.end());
    std::vector<nanoseconds> throws;
    for (int i = 0; i < 100; ++i) {
      throws.push_back(duration_of([] { CHECK_THROWS_AS(sheep::toss(), int); }));
    }
    std::printf("%10d %12.0f %12.1f %6ld KiB %8ld %8ld %8ld KiB\n", number,
                median_in_microseconds(latest), median_in_microseconds(throws), grown.last.resident,
                grown.last.maps, grown.last.files, h.copies());
  }
  CHECK(h.rejections == 0);
  CHECK(sheep::library.generation() == 10001);
  return grown;
}

// Maps of this process, as many as the system lets it have but for some.
class crowd {
 public:
  /// @param limit  what the system lets it have
  crowd(std::size_t limit, std::size_t left) {
    region_ = static_cast<char*>(::mmap(nullptr, limit * page(), PROT_NONE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    REQUIRE(region_ != MAP_FAILED);
    ::munmap(region_, limit * page());
    std::size_t made = 0;
    // Neighbours that may be accessed in different ways stay apart.
    while (made < limit &&
           ::mmap(region_ + made * page(), page(), made % 2 == 0 ? PROT_NONE : PROT_READ,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
      ++made;
    }
    // What is left may become a library's: it is none of ours from here on.
    size_ = (made - left) * page();
    ::munmap(region_ + size_, left * page());
  }
  ~crowd() { ::munmap(region_, size_); }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

 private:
  static std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

  std::size_t size_;
  char* region_;
};

/// @returns how many maps a process may have; 0 where it would take too long to use them up
std::size_t map_limit() {
  std::size_t limit = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> limit;
  if (limit > 0 && limit <= 300000) return limit;
  WARN("no limit of maps, or a very high one: skipped");
  return 0;
}

// The C library has no room to ask for more while there is a crowd.
void keep_some_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 24);
  std::free(std::malloc(1 << 19));
}

}  // namespace

TEST_CASE("soak: ten thousand reloads", "[soak]") {
  const growth grown = reload_ten_thousand_times(0);
  CHECK(grown.last.files == grown.first.files);
  CHECK(grown.last.maps - grown.first.maps < 10000 * 8);
  CHECK(grown.last.resident - grown.first.resident < 10000 * 100);
}

TEST_CASE("soak: ten thousand reloads, old generations unloaded every hundred", "[soak]") {
  const growth grown = reload_ten_thousand_times(100);
  CHECK(grown.last.files == grown.first.files);
  CHECK(grown.last.maps - grown.first.maps < 100);
  CHECK(grown.last.resident - grown.first.resident < 10000 * 4);
}

TEST_CASE("soak: without room for its maps a build is refused once and taken when there is room",
          "[soak][failure]") {
  const std::size_t limit = map_limit();
  if (limit == 0) return;
  host h;
  h.put(100);
  REQUIRE(sheep::answer() == 100);
  keep_some_memory();
  // Each step of a reload that needs a map is the first to find none.
  std::size_t left = 0;
  for (bool is_taken = false; !is_taken; ++left) {
    REQUIRE(left < 100);
    CAPTURE(left);
    const int before = sheep::answer();
    const unsigned generation = sheep::library.generation();
    h.rejections = 0;
    h.prepare(before + 1);
    {
      const crowd all(limit, left);
      h.put();
      for (int call = 0; call < 100; ++call) is_taken = sheep::answer() != before;
    }
    CHECK(h.rejections == (is_taken ? 0 : 1));
    if (!is_taken) CHECK_THAT(h.complaint, contains("memory"));
    workshop::wait_until([&] { return sheep::answer() == before + 1; });
    CHECK(h.rejections == (is_taken ? 0 : 1));
    CHECK(sheep::library.generation() == generation + 1);
  }
  CHECK(left > 1);
}

TEST_CASE("soak: at the limit of maps unload_old makes room for the build that was refused",
          "[soak][failure]") {
  const std::size_t limit = map_limit();
  if (limit == 0) return;
  host h;
  for (int number = 1; number <= 20; ++number) {
    h.put(number);
    REQUIRE(sheep::answer() == number);
  }
  keep_some_memory();
  h.prepare(21);
  const crowd all(limit, 0);
  h.put();
  for (int call = 0; call < 100; ++call) REQUIRE(sheep::answer() == 20);
  CHECK(h.rejections == 1);
  CHECK_THAT(h.complaint, contains("memory"));
  CHECK_THAT(h.complaint, contains("; generation 20 runs on"));
  CHECK(sheep::library.unload_old() == 19);
  workshop::wait_until([] { return sheep::answer() == 21; });
  CHECK(h.rejections == 1);
}
