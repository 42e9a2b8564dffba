// SPDX-License-Identifier: MIT

// Step 3 of a reload: where the private copies of libraries live, how they are named, and how they
// go away.
//
// clang-format off
//     libsheep.so                              the build's own file: never opened, the linker may write it
//     libsheep.so.dymod-0123456789abcdef-7     a copy: token of the process, number of the attempt
//     dymod-0123456789abcdef-7.pdb             its debug information, where that is in a second file
//     dymod-0123456789abcdef.lock              locked while that process lives
// clang-format on
//
// A copy stands beside its library, so that libraries found relative to it ($ORIGIN) still are; if
// that directory is read-only or noexec, in a private one, /tmp/dymod-<16 digits>. Copies stay
// while the process lives: debuggers, profilers and sanitizers read them. They go when the process
// ends in an orderly way; those of a process that did not are removed by the next one that makes a
// copy in the directory.
//
// Whatever others put there is theirs: files and directories are used if this process has made
// them, and are removed if they are this user's and no link.
//
// A name never comes twice: the loader would hand out the image it knows under that name. Tried and
// not taken: hard links (same inode: an in-place build changes running code), memfd (gdb hangs,
// $ORIGIN is lost).

#ifndef DYMOD_DETAIL_RELOAD_COPIES_HPP
#define DYMOD_DETAIL_RELOAD_COPIES_HPP

#include <stdint.h>  // uint64_t
#include <stdlib.h>  // free
#include <string.h>  // memcmp, strcmp, strlen, strncmp, strstr

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/events.hpp>
#include <dymod/detail/state/process.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// A directory in which this process holds a lock file.
struct copy_directory {
  char* path;  // with a slash at its end
  char* lock;
  int claim;  // the open lock file: typename Os::file::release()
  bool made;  // by this process, for itself
  copy_directory* next;
};

/// A copy to be removed at exit.
struct copy_file {
  char* path;
  copy_file* next;
};

template <class Os> class copies {
 public:
  explicit copies(registry& known) noexcept : known_(known) {}

  /// Creates an empty file for a copy of the library. The load lock must be held.
  /// @param path   where it is, on success
  /// @param error  the system's, on failure
  /// @returns a closed file on failure
  [[nodiscard]] typename Os::file create(const char* library, text& path, int& error) noexcept {
    become_owner();
    register_cleanup();
    const char* name = library + Os::directory_length(library);
    text directory;
    directory.append(library, Os::directory_length(library));
    typename Os::file copy;
    if (hold_lock_in(directory.c_str())) copy = create_in(directory.c_str(), name, path);
    if (copy.is_open() && Os::may_execute_from(copy)) return copy;
    error = Os::last_error();
    if (copy.is_open()) {
      copy.close();
      Os::remove(path.c_str());
    }
    path.shorten(0);
    Os::append_temporary_directory(path);  // for the message
    const char* const elsewhere = hold_private_directory();
    if (elsewhere != nullptr) copy = create_in(elsewhere, name, path);
    if (!copy.is_open()) error = Os::last_error();
    return copy;
  }

  /// Keeps a copy until the process ends.
  void keep(const char* path) noexcept {
    copy_file* kept = allocate<copy_file>();
    text own(path);
    if (kept == nullptr || own.empty()) {
      ::free(kept);
      return;
    }
    kept->path = own.release();
    kept->next = known_.copies;
    known_.copies = kept;
    // Too late for a handler: the process is nearly gone, and nobody will debug the image any more.
    if (!known_.cleanup_registered) remove_all();
  }

  /// Gives a copy debug information of its own, beside it, if the system has that in a second file.
  /// @param path        of the copy
  /// @param debug_path  of the second file; empty if there is none
  static void separate_debug_file(const char* path, typename Os::file& copy,
                                  const typename Os::image_format& image,
                                  text& debug_path) noexcept {
    append_debug_file(debug_path, path);
    if (!Os::separate_debug_file(copy, path, image, debug_path)) debug_path.shorten(0);
  }

  /// The bytes of a copy, kept or not; none if it cannot be read.
  [[nodiscard]] static typename Os::view read(const char* path) noexcept {
    const typename Os::file opened = Os::open_to_read(path);
    return opened.is_open() ? Os::map(opened) : typename Os::view();
  }

  /// Has all copies removed when the process ends.
  void register_cleanup() noexcept {
    if (!known_.cleanup_registered) known_.cleanup_registered = Os::at_exit(&remove_all_of_process);
  }

  /// Removes one copy now, with its debug information.
  void remove(const char* path) noexcept {
    text debug_path;
    append_debug_file(debug_path, path);
    for (copy_file** link = &known_.copies; *link != nullptr;) {
      copy_file* const gone = *link;
      if (::strcmp(gone->path, path) != 0 && ::strcmp(gone->path, debug_path.c_str()) != 0) {
        link = &gone->next;
        continue;
      }
      *link = gone->next;
      Os::remove(gone->path);
      ::free(gone->path);
      ::free(gone);
    }
  }

  void remove_all() noexcept {
    if (known_.copies_owner != Os::process_id()) return;
    known_.cleanup_registered = false;
    forget_all(true);
  }

  /// Removes from a directory what dead processes left.
  static void sweep(const char* directory, const char* own_token) noexcept {
    // Copies first, their lock last: without its lock a copy is known to be an orphan.
    Os::list_directory(directory, [&](const char* name) {
      const char* token = token_of_copy(name);
      if (token == nullptr || is_token(token, own_token)) return;
      text lock;
      append_lock(lock, directory, token);
      text path(directory);
      path << name;
      const typename Os::file owner = Os::take_over(lock.c_str());
      if ((owner.is_open() || Os::is_absent(lock.c_str())) && Os::is_own_file(path.c_str())) {
        Os::remove(path.c_str());
      }
    });
    Os::list_directory(directory, [&](const char* name) {
      if (!is_lock(name) || is_token(name + 6, own_token)) return;
      text path(directory);
      path << name;
      const typename Os::file owner = Os::take_over(path.c_str());
      if (owner.is_open()) Os::remove(path.c_str());
    });
  }

 private:
  static constexpr size_t token_length = 16;

  static void remove_all_of_process() noexcept {
    registry& known = process_registry();
    // A thread in the middle of a load gets time to end it, but cannot hold up the end of the
    // process; what it leaves then, the next start removes.
    for (int tries = 0; tries < 200; ++tries) {
      if (known.lock.try_enter<Os>()) {
        // Not the end of the process: an image from whose code this was registered is unloaded.
        const bool unloading = known.unloading;
        if (unloading) known.cleanup_registered = false;
        const bool wait = !unloading && is_opening_elsewhere(known);
        if (!unloading && !wait) copies(known).remove_all();
        known.lock.leave<Os>();
        if (!wait) return;
      }
      Os::sleep_milliseconds(1);
    }
  }

  [[nodiscard]] static bool is_opening_elsewhere(const registry& known) noexcept {
    const uint64_t me = this_thread<Os>();
    const record* each = known.records.load_acquire();
    for (; each != nullptr; each = each->next) {
      const uint64_t worker = each->worked_on_by;
      if (worker != 0 && worker != me && is_of_this_process<Os>(worker)) return true;
    }
    return false;
  }

  // With `remove` the files go too. Not in a forked child: they are its parent's, whose locks it
  // goes on holding as it goes on running the images.
  void forget_all(bool remove) noexcept {
    while (known_.copies != nullptr) {
      copy_file* gone = known_.copies;
      known_.copies = gone->next;
      if (remove) Os::remove(gone->path);
      ::free(gone->path);
      ::free(gone);
    }
    while (known_.copy_directories != nullptr) {
      copy_directory* gone = known_.copy_directories;
      known_.copy_directories = gone->next;
      if (remove) {
        Os::remove(gone->lock);
        if (gone->made) Os::remove_directory(gone->path);
        give_back(gone->claim);
      }
      ::free(gone->path);
      ::free(gone->lock);
      ::free(gone);
    }
  }

  static void give_back(int claim) noexcept {
    typename Os::file claimed(claim);
    if (!Os::is_claim(claimed)) claimed.release();
  }

  // A forked child leaves its parent's copies alone and has a name and a lock of its own.
  void become_owner() noexcept {
    const int64_t process = Os::process_id();
    if (known_.copies_owner == process) return;
    known_.copies_owner = process;
    forget_all(false);
    choose_token();
  }

  void choose_token() noexcept { write_token(known_.token); }

  // The digits, and a null behind them.
  static void write_token(char* token) noexcept {
    const uint64_t number = Os::random();
    for (size_t i = 0; i < token_length; ++i) {
      token[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
    }
    token[token_length] = '\0';
  }

  [[nodiscard]] typename Os::file create_in(const char* directory, const char* name,
                                            text& path) noexcept {
    typename Os::file copy;
    // Who may write here knows the token and could take all numbers in advance.
    for (int tries = 0; tries < 100; ++tries) {
      path.shorten(0);
      path << directory << name << ".dymod-" << known_.token << "-"
           << static_cast<unsigned long long>(++known_.copies_made);
      copy = Os::create(path.c_str());
      if (copy.is_open() || !Os::means_taken(Os::last_error())) break;
    }
    return copy;
  }

  [[nodiscard]] bool hold_lock_in(const char* directory) noexcept {
    copy_directory** held = &known_.copy_directories;
    while (*held != nullptr && !is_same_directory((*held)->path, directory)) held = &(*held)->next;
    // A directory that was removed and made again, as by a clean build, has lost its lock.
    if (*held != nullptr && !Os::is_absent((*held)->lock)) return true;
    if (*held != nullptr) {
      give_back((*held)->claim);  // before its number may be that of the new one
      (*held)->claim = -1;
    }
    text lock;
    append_lock(lock, directory, known_.token);
    typename Os::file claimed;
    // Another process may be sweeping here and take the new file for an orphan's.
    for (int tries = 0; tries < 1000; ++tries) {
      claimed = Os::claim(lock.c_str());
      if (claimed.is_open() || !Os::means_taken(Os::last_error())) break;
      Os::sleep_milliseconds(1);
    }
    if (!claimed.is_open()) return false;
    sweep(directory, known_.token);
    if (*held != nullptr) {
      (*held)->claim = claimed.release();
      return true;
    }
    return hold(directory, lock, claimed, false);
  }

  // Two modules may name it by different paths.
  [[nodiscard]] static bool is_same_directory(const char* one, const char* other) noexcept {
    return ::strcmp(one, other) == 0 || Os::is_same_file(one, other);
  }

  // The private directory of this process. Its name is of its own: that of the process may be read
  // off the locks that it holds elsewhere. What is there already is not used, whoever made it.
  /// @returns null if there can be none
  [[nodiscard]] const char* hold_private_directory() noexcept {
    for (copy_directory* held = known_.copy_directories; held != nullptr; held = held->next) {
      // Who clears temporary files away may have taken the lock and left copies: the directory goes
      // with them, at the end.
      if (held->made && !Os::is_absent(held->lock)) return held->path;
    }
    text parent;
    Os::append_temporary_directory(parent);
    for (int tries = 0; tries < 1000; ++tries) {
      char name[token_length + 1];
      write_token(name);
      text directory(parent.c_str());
      directory << "dymod-" << name << "/";
      typename Os::file claimed;
      text lock;
      append_lock(lock, directory.c_str(), known_.token);
      const bool made = Os::create_private_directory(directory.c_str());
      if (made) claimed = Os::claim(lock.c_str());
      if (claimed.is_open()) {
        sweep_private_directories(parent.c_str());
        return hold(directory.c_str(), lock, claimed, true) ? known_.copy_directories->path
                                                            : nullptr;
      }
      const int error = Os::last_error();
      if (made) Os::remove_directory(directory.c_str());
      Os::set_last_error(error);
      // Another process may be sweeping there and take the new directory, or the new file in it,
      // for an orphan's.
      if (!Os::means_taken(error) && !(made && Os::means_absent(error))) break;
    }
    return nullptr;
  }

  [[nodiscard]] bool hold(const char* directory, text& lock, typename Os::file& claimed,
                          bool made) noexcept {
    copy_directory* const held = allocate<copy_directory>();
    text path(directory);
    if (held == nullptr || path.empty() || lock.empty()) {
      ::free(held);
      Os::remove(lock.c_str());
      if (made) Os::remove_directory(directory);
      return false;
    }
    held->path = path.release();
    held->lock = lock.release();
    held->made = made;
    held->claim = claimed.release();
    held->next = known_.copy_directories;
    known_.copy_directories = held;
    return true;
  }

  void sweep_private_directories(const char* parent) noexcept {
    Os::list_directory(parent, [&](const char* name) {
      if (::strlen(name) != 6 + token_length || ::memcmp(name, "dymod-", 6) != 0 ||
          !is_hexadecimal(name + 6)) {
        return;
      }
      text directory(parent);
      directory << name;
      if (!Os::is_own_directory(directory.c_str())) return;
      directory << "/";
      sweep(directory.c_str(), known_.token);
      Os::remove_directory(directory.c_str());  // fails, as it should, while something is in it
    });
  }

  static void append_debug_file(text& to, const char* copy_path) noexcept {
    const char* const name = begin_of_own_name(copy_path);
    if (name == nullptr) return;  // cut, for want of memory
    to.append(copy_path, Os::directory_length(copy_path));
    to << name << Os::debug_extension();
  }

  // "dymod-…" in the name of a copy, or of its debug information; null in other names. The last
  // one: the library's own name may have it too.
  [[nodiscard]] static const char* begin_of_own_name(const char* name) noexcept {
    const char* begin = ::strncmp(name, "dymod-", 6) == 0 ? name : nullptr;
    for (const char* at = ::strstr(name, ".dymod-"); at != nullptr;
         at = ::strstr(at + 1, ".dymod-")) {
      begin = at + 1;
    }
    return begin;
  }

  static void append_lock(text& to, const char* directory, const char* token) noexcept {
    to << directory << "dymod-";
    to.append(token, token_length) << ".lock";
  }

  [[nodiscard]] static bool is_token(const char* at, const char* token) noexcept {
    return ::memcmp(at, token, token_length) == 0;
  }

  [[nodiscard]] static bool is_hexadecimal(const char* at) noexcept {
    for (size_t i = 0; i < token_length; ++i) {
      const bool digit = (at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f');
      if (!digit) return false;
    }
    return true;
  }

  [[nodiscard]] static bool is_lock(const char* name) noexcept {
    return ::strlen(name) == 6 + token_length + 5 && ::memcmp(name, "dymod-", 6) == 0 &&
           is_hexadecimal(name + 6) && ::strcmp(name + 6 + token_length, ".lock") == 0;
  }

  // null if the name is not one of a copy, nor of its debug information
  [[nodiscard]] static const char* token_of_copy(const char* name) noexcept {
    const char* const begin = begin_of_own_name(name);
    if (begin == nullptr || ::strlen(begin) < 6 + token_length + 2) return nullptr;
    const char* token = begin + 6;
    const char* number = token + token_length;
    if (!is_hexadecimal(token) || *number++ != '-') return nullptr;
    do {
      if (*number < '0' || *number > '9') return nullptr;
    } while (*++number != '\0' && *number != '.');
    return ::strcmp(number, begin == name ? Os::debug_extension() : "") == 0 ? token : nullptr;
  }

  registry& known_;
};

}}  // namespace dymod::detail

#endif
