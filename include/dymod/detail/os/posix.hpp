// SPDX-License-Identifier: MIT

// POSIX systems: Linux, with what it does better, and macOS, with what it lacks. Every system call
// of dymod is in this folder. The functions are the contract that each platform fulfils; the steps
// of a reload take the platform as a template parameter, so that a test can derive from this one
// and let any call fail.
//
// None of them throws. Those that can fail for a reason worth telling leave it in errno;
// describe_error() turns it into words.

#ifndef DYMOD_DETAIL_OS_POSIX_HPP
#define DYMOD_DETAIL_OS_POSIX_HPP

#include <cxxabi.h>    // __cxa_demangle
#include <dirent.h>    // opendir, readdir
#include <dlfcn.h>     // dladdr, dlopen, dlsym
#include <errno.h>     // errno
#include <fcntl.h>     // fcntl, open, F_SETLEASE
#include <limits.h>    // PATH_MAX
#include <pthread.h>   // pthread_setcancelstate, pthread_threadid_np
#include <signal.h>    // SIGURG
#include <stdint.h>    // int64_t, uint64_t
#include <stdio.h>     // fgets, fopen
#include <stdlib.h>    // abort, atexit, free, getenv, malloc, strtoull
#include <string.h>    // memcpy, strchr, strerror_r
#include <sys/file.h>  // flock
#include <sys/mman.h>  // mmap
#include <sys/stat.h>  // fstat, stat
#include <time.h>      // clock_gettime, nanosleep
#include <unistd.h>    // getentropy, getpid, issetugid, pread, write
#if defined(__linux__)
#include <sys/auxv.h>     // getauxval
#include <sys/statvfs.h>  // fstatvfs, ST_NOEXEC
#include <sys/syscall.h>  // SYS_gettid

#include <dymod/detail/os/elf_note.hpp>
#include <dymod/detail/reload/elf.hpp>
#else
#include <sys/mount.h>   // fstatfs, MNT_NOEXEC
#include <sys/random.h>  // getentropy

#include <dymod/detail/os/macho_note.hpp>
#include <dymod/detail/reload/macho.hpp>
#endif

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/bytes.hpp>
#include <dymod/detail/state/file_key.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

struct posix {
  /// Reader of this system's shared libraries, and what the system tells of those it has opened.
#if defined(__linux__)
  using image_format = elf;
  using image_target = elf_target;
  using note = elf_note;
#else
  using image_format = macho;
  using image_target = macho_target;
  using note = macho_note;
#endif

  // --- files

  /// An open file, closed when destroyed.
  class file {
   public:
    file() noexcept = default;
    explicit file(int descriptor) noexcept : descriptor_(descriptor) {}
    file(file&& other) noexcept : descriptor_(other.release()) {}
    file& operator=(file&& other) noexcept {
      close();
      descriptor_ = other.release();
      return *this;
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    /// Leaves the file open for the rest of the process's life.
    int release() noexcept {
      const int descriptor = descriptor_;
      descriptor_ = -1;
      return descriptor;
    }

    void close() noexcept {
      if (descriptor_ >= 0) ::close(descriptor_);
      descriptor_ = -1;
    }

   private:
    int descriptor_ = -1;
  };

  /// A file's bytes in memory, read-only, gone when destroyed.
  class view {
   public:
    enum class kept : unsigned char { mapped, on_heap };

    view() noexcept = default;
    view(bytes content, kept where) noexcept : content_(content), where_(where) {}
    view(view&& other) noexcept : content_(other.content_), where_(other.where_) {
      other.content_ = bytes{};
    }
    view& operator=(view&& other) noexcept {
      close();
      content_ = other.content_;
      where_ = other.where_;
      other.content_ = bytes{};
      return *this;
    }
    view(const view&) = delete;
    view& operator=(const view&) = delete;
    ~view() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return content_.data != nullptr; }
    [[nodiscard]] bytes content() const noexcept { return content_; }

   private:
    void close() noexcept {
      auto* const data = const_cast<unsigned char*>(content_.data);
      if (where_ == kept::on_heap) {
        ::free(data);
      } else if (data != nullptr) {
        ::munmap(data, static_cast<size_t>(content_.size));
      }
      content_ = bytes{};
    }

    bytes content_;
    kept where_ = kept::mapped;
  };

  /// What every call does: asks for the key of the file at `path` (symbolic links are followed).
  /// errno is left as it was: a call must not show the caller that something was asked.
  /// @returns false if there is no such file
  [[nodiscard]] DYMOD_DETAIL_GONE static bool look(const char* path, file_key& key) noexcept {
    const int error = errno;
    file_status status;
    if (!ask(path, status)) {
      errno = error;
      return false;
    }
    key = key_of(status);
    return true;
  }

  [[nodiscard]] static bool look(const file& opened, file_key& key) noexcept {
    file_status status;
    if (!ask(opened, status)) return false;
    key = key_of(status);
    return true;
  }

  [[nodiscard]] static file open_to_read(const char* path) noexcept {
    // O_NONBLOCK: somebody may have put a pipe there.
    return open_file(path, O_RDONLY | O_NONBLOCK);
  }

  /// Creates a file that was not there before, for its owner alone, and to be written through this
  /// one opening only: strip and patchelf change every library in a folder that they can open.
  [[nodiscard]] static file create(const char* path) noexcept {
    file created = open_file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!created.is_open()) return created;
    // Whatever the umask: this process opens it again by its name. To ask costs a quarter.
    file_status status;
    const bool is_right = ask(created, status) && (status.st_mode & 0777) == 0400;
    if (!is_right) static_cast<void>(::fchmod(created.descriptor(), 0400));
    return created;
  }

  /// Whether `path` leads to the open file itself, by no link, and it is still as `key` says, which
  /// was asked of the open file.
  [[nodiscard]] static bool is_still(const char* path, const file& /*opened*/,
                                     const file_key& key) noexcept {
    file_status status;
    return ask_link(path, status) && key_of(status) == key;
  }

  /// Whether two paths lead to one file or directory.
  [[nodiscard]] static bool is_same_file(const char* one, const char* other) noexcept {
    file_key one_key;
    file_key other_key;
    return look(one, one_key) && look(other, other_key) && is_same_file(one_key, other_key);
  }

  [[nodiscard]] static bool is_regular(const file& opened) noexcept {
    file_status status;
    return ask(opened, status) && S_ISREG(status.st_mode);
  }

  enum class writers : unsigned char { none, some, unknown };

  /// Whether somebody has the file open for writing.
  [[nodiscard]] static writers writers_of(const file& opened) noexcept {
#if defined(F_SETLEASE) && defined(F_SETSIG)
    const int descriptor = opened.descriptor();
    // A writer who opens the file while the lease is held makes the kernel send a signal, SIGIO by
    // default, which ends the process. SIGURG is ignored unless the program wants it.
    if (::fcntl(descriptor, F_SETSIG, SIGURG) != 0) return writers::unknown;
    if (::fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) {
      return errno == EAGAIN ? writers::some : writers::unknown;
    }
    // At once: a writer who opens the file meanwhile waits for us.
    ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return writers::none;
#else
    static_cast<void>(opened);
    return writers::unknown;
#endif
  }

  /// Copies everything, in the kernel where it can.
  [[nodiscard]] static bool copy(const file& from, const file& to) noexcept {
    if (::lseek(from.descriptor(), 0, SEEK_SET) != 0) return false;
#if defined(__linux__)
    for (bool any = false;;) {
      const ssize_t copied = ::copy_file_range(from.descriptor(), nullptr, to.descriptor(), nullptr,
                                               size_t{1} << 30, 0);
      if (copied > 0) {
        any = true;
        continue;
      }
      if (copied == 0) {
        // Some file systems say 0 when they cannot; an empty copy is copied again below.
        if (any) return true;
        break;
      }
      if (errno == EINTR) continue;
      break;  // not here (or not at all: the loop below will say why)
    }
#endif
    return copy_through_memory(from, to);
  }

  /// Gives a copy that is being written debug information of its own, where the system has that in
  /// a second file: a debugger that reads the build's own would keep the next build from writing
  /// it.
  /// @param debug_path  of the second file, in the directory of the copy
  /// @returns whether there is one
  [[nodiscard]] static bool separate_debug_file(const file& /*copy*/, const char* /*path*/,
                                                const image_format& /*image*/,
                                                const text& /*debug_path*/) noexcept {
    return false;
  }

  /// Of the names of such files. None here; the name would be different from all others.
  [[nodiscard]] static const char* debug_extension() noexcept { return ".debug"; }

  /// A file that create() has made is complete: it may be opened as a library now.
  static void end_writing(file&) noexcept {}

  [[nodiscard]] static view map(const file& opened) noexcept {
    // Of a file of 150 KB a map costs 18 us with the faults and the unmapping, a read 4 us.
    constexpr uint64_t most_to_read = uint64_t{256} * 1024;
    file_key key;
    if (!look(opened, key) || key.size == 0) return view();
    if (key.size <= most_to_read) {
      view whole = read_whole(opened, static_cast<size_t>(key.size));
      if (whole.is_open()) return whole;
    }
    const auto size = static_cast<size_t>(key.size);
    if (size != key.size) {  // a program of 32 bits
      errno = ENOMEM;
      return view();
    }
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, opened.descriptor(), 0);
    if (data == MAP_FAILED) return view();
    return view(bytes{static_cast<const unsigned char*>(data), key.size}, view::kept::mapped);
  }

  static void remove(const char* path) noexcept { ::unlink(path); }
  static void remove_directory(const char* path) noexcept { ::rmdir(path); }

  /// Creates a directory that was not there before and that nobody else can enter.
  [[nodiscard]] static bool create_private_directory(const char* path) noexcept {
    return ::mkdir(path, 0700) == 0;
  }

  /// Whether a directory of this user, and no link to one, is at `path`.
  [[nodiscard]] static bool is_own_directory(const char* path) noexcept {
    return is_own(path, S_IFDIR);
  }

  /// Whether code may be run from files on the file system of this open file.
  [[nodiscard]] static bool may_execute_from(const file& opened) noexcept {
#if defined(__linux__)
    struct ::statvfs status;
    if (::fstatvfs(opened.descriptor(), &status) == 0) return (status.f_flag & ST_NOEXEC) == 0;
#else
    struct ::statfs status;
    if (::fstatfs(opened.descriptor(), &status) == 0) return (status.f_flags & MNT_NOEXEC) == 0;
#endif
    return true;
  }

  /// Where private directories may be made; absolute, with a slash at its end. $TMPDIR, unless
  /// whoever started the program has fewer rights than it has, or others could take away there what
  /// is made.
  static void append_temporary_directory(text& to) noexcept {
    const char* const named = ::getenv("TMPDIR");
    to << (named != nullptr && may_use_temporary(named) ? named : "/tmp") << "/";
  }

  /// Calls `visit(name)` for each name in a directory; those of "." and ".." too.
  template <class Visit> static void list_directory(const char* path, Visit visit) noexcept {
    DIR* directory = ::opendir(path);
    if (directory == nullptr) return;
    while (const auto* found = next_in(directory)) visit(found->d_name);
    ::closedir(directory);
  }

  // --- claims: a file whose lock says that its maker lives

  /// Creates `path` and locks it for as long as the file stays open: in this process and those
  /// forked from it, seen by all others, also in other containers. The system gives the lock back
  /// however the process ends.
  /// @returns a closed file if it could not be created; means_taken() of the error: try again
  [[nodiscard]] static file claim(const char* path) noexcept {
    file claimed = create(path);
    if (!claimed.is_open()) return claimed;
    // Between creation and lock a sweeper may have found the file unlocked and removed it.
    const bool locked = ::flock(claimed.descriptor(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno != EWOULDBLOCK) {
      const int error = errno;  // no locks on this file system
      remove(path);
      errno = error;
      return file();
    }
    if (!locked || !is_at(claimed, path)) {
      errno = EEXIST;
      return file();
    }
    return claimed;
  }

  /// Whether this is a file that claim() has opened, and not another one of its number, after the
  /// program has closed all descriptors that it did not know, as daemons do when they start.
  [[nodiscard]] static bool is_claim(const file& opened) noexcept {
    file_status status;
    return ask(opened, status) && S_ISREG(status.st_mode) && status.st_size == 0 &&
           (status.st_mode & 0777) == 0400;
  }

  /// Takes over a claim whose maker is gone.
  /// @returns a closed file if there is none, its maker lives, or it is not this user's
  [[nodiscard]] static file take_over(const char* path) noexcept {
    file claimed = open_file(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    file_status status;
    // Another sweeper may have been faster, and the name may be a new process's by now.
    if (!claimed.is_open() || !ask(claimed, status) || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid() || ::flock(claimed.descriptor(), LOCK_EX | LOCK_NB) != 0 ||
        !is_at(claimed, path)) {
      return file();
    }
    return claimed;
  }

  /// Whether nothing, not even a broken link, is at `path`.
  [[nodiscard]] static bool is_absent(const char* path) noexcept {
    file_status status;
    return !ask_link(path, status) && errno == ENOENT;
  }

  /// Whether a regular file of this user, and no link to one, is at `path`.
  [[nodiscard]] static bool is_own_file(const char* path) noexcept { return is_own(path, S_IFREG); }

  // --- libraries

  /// Opens a library with all its symbols resolved, visible to nobody else.
  /// @returns null if the system refuses; library_error() says why
  [[nodiscard]] static void* open_library(const char* path) noexcept {
    return ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
  }

  /// The system's words for the last failure of open_library() on this thread, which was about the
  /// library at `path`.
  static void library_error(const char* /*path*/, text& words) noexcept {
    const char* reason = ::dlerror();
    words << (reason != nullptr ? reason : "no reason given");
  }

  /// Whether this process could take in another library of that many bytes. Asked after a failure:
  /// glibc says no more than "failed to map segment".
  [[nodiscard]] static bool has_room_for(uint64_t size) noexcept {
    // As many mappings as a library and those that it needs may have: the system limits both.
    constexpr size_t mappings = 64;
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const size_t total = static_cast<size_t>(size) + mappings * page;
    void* const room =
        ::mmap(nullptr, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return false;
    bool fits = true;
    for (size_t i = 0; fits && i < mappings; i += 2) {
      fits = ::mprotect(static_cast<char*>(room) + i * page, page, PROT_READ) == 0;
    }
    ::munmap(room, total);
    return fits;
  }

  using function_pointer = void (*)();

  /// @returns null if the library has no such symbol
  [[nodiscard]] static function_pointer symbol(void* library, const char* name) noexcept {
    return reinterpret_cast<function_pointer>(::dlsym(library, name));
  }

  /// The function at an address that the library's file tells. Waits for nobody.
  [[nodiscard]] static function_pointer function_at(void* library, uint64_t address) noexcept {
    uintptr_t base = 0;
    if (!note::find_base(library, base)) return nullptr;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the system tells addresses as numbers
    return reinterpret_cast<function_pointer>(base + static_cast<uintptr_t>(address));
  }

  /// Where the address 0 of the library's file is; null if the system does not tell.
  [[nodiscard]] static const char* base_of(void* library) noexcept {
    return reinterpret_cast<const char*>(function_at(library, 0));
  }

  /// A symbol as people write it.
  static text& append_symbol(text& to, const char* symbol) noexcept {
    // Else it is taken for a type: 'f' is float.
    const bool is_mangled = ::strncmp(symbol, "_Z", 2) == 0;
    char* const words =
        is_mangled ? ::abi::__cxa_demangle(symbol, nullptr, nullptr, nullptr) : nullptr;
    to << (words != nullptr ? words : symbol);
    ::free(words);
    return to;
  }

  /// Whether this process has the library of that name.
  [[nodiscard]] static bool is_loaded(const char* name) noexcept {
    // RTLD_LOCAL, which is 0 on Linux: macOS shows an open library's symbols to all without it.
    void* const found = ::dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (found != nullptr) ::dlclose(found);
    return found != nullptr;
  }

  /// Closes a library. The system may keep it: is_loaded() tells.
  static void close_library(void* library) noexcept { static_cast<void>(::dlclose(library)); }

  // --- binaries of this process: the program, and all libraries

  /// Has the others of the process find this binary.
  static void be_found() noexcept { note::carry(); }

  /// Where `own_binary` of the first binary that uses dymod is, in the order of loading; null if
  /// not even this one says so. That binary stays loaded for ever.
  [[nodiscard]] static void* first_binary() noexcept {
    be_found();
    const void* before = nullptr;
    for (;;) {
      const note::first found = note::find_first();
      const bool is_program = found.name.empty();
      if (found.place == nullptr || is_program || keep_loaded(found.name.c_str())) {
        return found.place;
      }
      // Not there any more: a library that failed to load, or was unloaded, on another thread. Or
      // the system does not know it by its own name; then it cannot be kept, either.
      if (found.place == before) return found.place;
      before = found.place;
    }
  }

  /// Where `own_binary` of a library that open_library() opened is; null if it does not use dymod.
  [[nodiscard]] static void* binary_in(void* library) noexcept { return note::find_in(library); }

  /// What the system knows the binary that holds the address as; for a library that open_library()
  /// opened, a path with the same last part as the one it was given. Never waits for static
  /// constructors, as dladdr() does on Linux: whoever runs them, inside the system's loader, may be
  /// waiting for the load lock.
  /// @returns false if no binary does
  static bool append_binary_name(text& to, const void* address) noexcept {
    return note::append_name(to, address);
  }

  /// Whether a binary of this process is the file at `path` itself. Waits for nobody.
  [[nodiscard]] static bool is_open_itself(const char* path) noexcept {
    const char* const name = path + directory_length(path);
    return note::any_name([&](const char* path_of) {
      const char* const name_of = path_of + directory_length(path_of);
      // Perhaps with a version behind it.
      if (::strncmp(name_of, name, ::strlen(name)) != 0) return false;
      return is_same_file(path_of, path);
    });
  }

  /// Returns once no other thread opens or closes a library; at once on a thread that does.
  static void wait_for_libraries() noexcept {
    void* const program = ::dlopen(nullptr, RTLD_LAZY);
    if (program != nullptr) ::dlclose(program);
  }

  /// Keeps the library that holds an address loaded for ever, whoever closes it; nothing for the
  /// program. Waits for whoever is opening one, hence not under the load lock.
  static void keep_library_of(const void* address) noexcept {
    text name;
    append_binary_name(name, address);
    if (!name.empty()) keep_loaded(name.c_str());
  }

  /// What images must be made for.
  [[nodiscard]] static image_target target() noexcept {
#if defined(__linux__)
    const uint16_t one = 1;
    unsigned char first = 0;
    ::memcpy(&first, &one, 1);
    return elf_target{sizeof(void*), first == 0, machine()};
#elif defined(__arm64e__)
    return macho_target{machine(), true};
#else
    return macho_target{machine(), false};
#endif
  }

  /// "lib<name>.so"; macOS: "lib<name>.dylib"
  static void append_library_name(text& to, const char* name) noexcept {
#if defined(__linux__)
    to << "lib" << name << ".so";
#else
    to << "lib" << name << ".dylib";
#endif
  }

  /// The directory of the binary (program or library) that holds the address, with a slash at its
  /// end.
  /// @returns false if it cannot be told now, for want of descriptors or memory
  [[nodiscard]] static bool append_binary_directory(text& to, const void* address) noexcept {
    // Asked of the kernel: the loader knows a binary by what it was opened as, perhaps relative to
    // a directory that has been left since.
    const size_t before = to.size();
    FILE* const maps = ::fopen("/proc/self/maps", "re");
    if (maps == nullptr && means_short(last_error())) return false;
    char line[PATH_MAX + 128];
    while (maps != nullptr && to.size() == before && ::fgets(line, sizeof line, maps) != nullptr) {
      // "start-end …", in hexadecimal, and at the end the path: the only part with a slash in it.
      char* rest = nullptr;
      const unsigned long long start = ::strtoull(line, &rest, 16);
      const unsigned long long end = *rest == '-' ? ::strtoull(rest + 1, &rest, 16) : 0;
      const unsigned long long wanted = reinterpret_cast<uintptr_t>(address);
      const char* name = ::strchr(rest, '/');
      if (wanted >= start && wanted < end && name != nullptr) {
        to.append(name, directory_length(name));
      }
    }
    if (maps != nullptr) static_cast<void>(::fclose(maps));
    if (to.size() != before) return true;
    // Without /proc. Never the current directory: rather a path where nothing is.
    Dl_info found;
    const bool known = ::dladdr(address, &found) != 0 && is_absolute(found.dli_fname);
    const char* const name = known ? found.dli_fname : "/";
    to.append(name, directory_length(name));
    return true;
  }

  /// How much of a path names the directory, the last slash included; 0 without one.
  [[nodiscard]] static size_t directory_length(const char* path) noexcept {
    size_t length = 0;
    for (size_t i = 0; path[i] != '\0'; ++i) {
      if (path[i] == '/') length = i + 1;
    }
    return length;
  }

  [[nodiscard]] static bool is_absolute(const char* path) noexcept { return path[0] == '/'; }

  /// What a path that is not absolute means in a directory.
  /// @param to  the directory, with a slash at its end
  static void append_relative(text& to, const char* path) noexcept { to << path; }

  // --- process and time

  [[nodiscard]] static uint32_t process_id() noexcept { return static_cast<uint32_t>(::getpid()); }

  [[nodiscard]] static uint32_t thread_id() noexcept {
#if defined(__linux__)
    return static_cast<uint32_t>(::syscall(SYS_gettid));
#else
    uint64_t number = 0;
    ::pthread_threadid_np(nullptr, &number);
    return static_cast<uint32_t>(number);
#endif
  }

  /// ns, never goes back.
  [[nodiscard]] static uint64_t monotonic() noexcept { return nanoseconds(CLOCK_MONOTONIC); }

  /// ms, never goes back; a few ns to ask, a few ms coarse.
  [[nodiscard]] static uint64_t coarse_milliseconds() noexcept {
#if defined(__linux__)
    const clockid_t coarse = CLOCK_MONOTONIC_COARSE;
#else
    const clockid_t coarse = CLOCK_MONOTONIC_RAW_APPROX;
#endif
    struct ::timespec now;
    ::clock_gettime(coarse, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
  }

  /// ns since 1970, of the clock that stamps files.
  [[nodiscard]] static int64_t file_clock() noexcept {
    return static_cast<int64_t>(nanoseconds(CLOCK_REALTIME));
  }

  static void sleep_milliseconds(unsigned milliseconds) noexcept {
    struct ::timespec time;
    time.tv_sec = static_cast<time_t>(milliseconds / 1000);
    time.tv_nsec = static_cast<long>(milliseconds % 1000) * 1000000;
    ::nanosleep(&time, nullptr);
  }

  /// Not to be guessed, and never the same in two processes.
  [[nodiscard]] static uint64_t random() noexcept {
    uint64_t number = 0;
    if (::getentropy(&number, sizeof number) != 0) {
      // A very old kernel, or a sandbox. It can be guessed then, and need not be refused: names are
      // created, never opened, so that who has guessed one makes us take the next.
      number = static_cast<uint64_t>(file_clock()) * 0x9e3779b97f4a7c15u ^ monotonic() ^
               reinterpret_cast<uintptr_t>(&number) ^ static_cast<uint64_t>(process_id()) << 32;
    }
    return number;
  }

  /// Has `function` called when the process ends by exit(), return from main, or quick_exit(),
  /// which macOS does not have.
  /// @returns false when it is too late for that
  [[nodiscard]] static bool at_exit(void (*function)()) noexcept {
#if defined(__linux__)
    return ::atexit(function) == 0 && ::at_quick_exit(function) == 0;
#else
    return ::atexit(function) == 0;
#endif
  }

  /// One write, so that lines of several threads do not mix.
  static void write_to_stderr(const char* characters, size_t count) noexcept {
    while (count > 0) {
      const ssize_t written = ::write(STDERR_FILENO, characters, count);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      characters += written;
      count -= static_cast<size_t>(written);
    }
  }

  [[noreturn]] static void abort() noexcept { ::abort(); }

  /// While it lives the thread is not cancelled, and at its end errno is what it was: a call to a
  /// module must not show that files were touched on the way.
  class quiet {
   public:
    quiet() noexcept : error_(errno) { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    quiet(const quiet&) = delete;
    quiet& operator=(const quiet&) = delete;
    ~quiet() {
      ::pthread_setcancelstate(before_, nullptr);
      errno = error_;
    }

   private:
    int error_;
    int before_ = PTHREAD_CANCEL_ENABLE;
  };

  // --- errors

  /// errno of the last call that failed.
  [[nodiscard]] static int last_error() noexcept { return errno; }
  static void set_last_error(int error) noexcept { errno = error; }
  [[nodiscard]] static bool means_absent(int error) noexcept {
    return error == ENOENT || error == ENOTDIR;
  }
  [[nodiscard]] static bool means_taken(int error) noexcept { return error == EEXIST; }
  /// Whether a file was not opened because somebody who writes it lets nobody else in.
  [[nodiscard]] static bool means_in_use(int /*error*/) noexcept { return false; }

  static void describe_error(int error, text& words) noexcept {
    char buffer[256] = "";
    words << words_of(::strerror_r(error, buffer, sizeof buffer), buffer);
  }

 private:
#if defined(_LARGEFILE64_SOURCE)
  // glibc's. What the others tell of files has no room for inode numbers that do not fit into the
  // program's words: they fail.
  using file_status = struct ::stat64;
  [[nodiscard]] static bool ask(const char* path, file_status& status) noexcept {
    return ::stat64(path, &status) == 0;
  }
  [[nodiscard]] static bool ask_link(const char* path, file_status& status) noexcept {
    return ::lstat64(path, &status) == 0;
  }
  [[nodiscard]] static bool ask(const file& opened, file_status& status) noexcept {
    return ::fstat64(opened.descriptor(), &status) == 0;
  }
  [[nodiscard]] static const ::dirent64* next_in(DIR* directory) noexcept {
    return ::readdir64(directory);
  }
#else
  using file_status = struct ::stat;
  [[nodiscard]] static bool ask(const char* path, file_status& status) noexcept {
    return ::stat(path, &status) == 0;
  }
  [[nodiscard]] static bool ask_link(const char* path, file_status& status) noexcept {
    return ::lstat(path, &status) == 0;
  }
  [[nodiscard]] static bool ask(const file& opened, file_status& status) noexcept {
    return ::fstat(opened.descriptor(), &status) == 0;
  }
  [[nodiscard]] static const ::dirent* next_in(DIR* directory) noexcept {
    return ::readdir(directory);
  }
#endif

  // strerror_r returns the words (GNU) or a number (POSIX).
  [[nodiscard]] static const char* words_of(const char* words, const char*) noexcept {
    return words;
  }
  [[nodiscard]] static const char* words_of(int, const char* buffer) noexcept { return buffer; }

  [[nodiscard]] static bool means_short(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
  }

  [[nodiscard]] static bool may_use_temporary(const char* named) noexcept {
#if defined(__linux__)
    if (::getauxval(AT_SECURE) != 0) return false;  // setuid, setgid, file capabilities
#else
    if (::issetugid() != 0) return false;
#endif
    file_status status;
    const bool shared = ask(named, status) && (status.st_mode & S_IWOTH) != 0;
    return is_absolute(named) && (!shared || (status.st_mode & S_ISVTX) != 0);
  }

  [[nodiscard]] static bool is_own(const char* path, mode_t type) noexcept {
    file_status status;
    return ask_link(path, status) && (status.st_mode & S_IFMT) == type &&
           status.st_uid == ::geteuid();
  }

  /// @returns false if no library of this name is loaded
  static bool keep_loaded(const char* name) noexcept {
    return ::dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
  }

  [[nodiscard]] static bool is_same_file(const file_key& one, const file_key& other) noexcept {
    return one.inode == other.inode && one.device == other.device;
  }

  [[nodiscard]] static bool is_at(const file& opened, const char* path) noexcept {
    file_key ours;
    file_key there;
    return look(opened, ours) && look(path, there) && is_same_file(ours, there);
  }

  [[nodiscard]] static file open_file(const char* path, int flags) noexcept {
    for (;;) {
      const int descriptor = ::open(path, flags | O_CLOEXEC, 0400);
      if (descriptor >= 0 || errno != EINTR) return file(descriptor);
    }
  }

  [[nodiscard]] static file_key key_of(const file_status& status) noexcept {
    file_key key;
    key.device = static_cast<uint64_t>(status.st_dev);
    key.inode = static_cast<uint64_t>(status.st_ino);
    key.size = static_cast<uint64_t>(status.st_size);
#if defined(__linux__)
    key.modified = nanoseconds_of(status.st_mtim);
    key.changed = nanoseconds_of(status.st_ctim);
#else
    key.modified = nanoseconds_of(status.st_mtimespec);
    key.changed = nanoseconds_of(status.st_ctimespec);
#endif
    return key;
  }

  [[nodiscard]] static int64_t nanoseconds_of(const struct ::timespec& time) noexcept {
    return static_cast<int64_t>(time.tv_sec) * 1000000000 + static_cast<int64_t>(time.tv_nsec);
  }

  [[nodiscard]] static uint64_t nanoseconds(clockid_t clock) noexcept {
    struct ::timespec now;
    ::clock_gettime(clock, &now);
    return static_cast<uint64_t>(nanoseconds_of(now));
  }

  /// @returns nothing if that is not what the file has, or without memory
  [[nodiscard]] static view read_whole(const file& opened, size_t size) noexcept {
    auto* const data = static_cast<unsigned char*>(::malloc(size));
    if (data == nullptr) return view();
    view whole(bytes{data, size}, view::kept::on_heap);
    for (size_t done = 0; done < size;) {
      const ssize_t got =
          ::pread(opened.descriptor(), data + done, size - done, static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return view();
      done += static_cast<size_t>(got);
    }
    return whole;
  }

  [[nodiscard]] static bool copy_through_memory(const file& from, const file& to) noexcept {
    unsigned char block[65536];
    if (::lseek(from.descriptor(), 0, SEEK_SET) != 0) return false;
    if (::lseek(to.descriptor(), 0, SEEK_SET) != 0) return false;
    for (;;) {
      const ssize_t got = ::read(from.descriptor(), block, sizeof block);
      if (got == 0) return true;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      for (ssize_t done = 0; done < got;) {
        const ssize_t put = ::write(to.descriptor(), block + done, static_cast<size_t>(got - done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        done += put;
      }
    }
  }

  // e_machine of this process, from the System V ABI's list, or macOS's cputype; 0 for processors
  // not tried.
  [[nodiscard]] static unsigned machine() noexcept {
#if defined(__APPLE__) && defined(__x86_64__)
    return 0x01000007;
#elif defined(__APPLE__) && defined(__aarch64__)
    return 0x0100000c;
#elif defined(__x86_64__)
    return 62;
#elif defined(__i386__)
    return 3;
#elif defined(__aarch64__)
    return 183;
#elif defined(__arm__)
    return 40;
#elif defined(__riscv)
    return 243;
#elif defined(__s390__)
    return 22;
#elif defined(__powerpc64__)
    return 21;
#else
    return 0;
#endif
  }
};

}}}  // namespace dymod::detail::os

#endif
