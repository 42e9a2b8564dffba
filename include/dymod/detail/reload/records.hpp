// SPDX-License-Identifier: MIT

// Which module a caller means: where its library ought to be, and the record of it. All functions
// want the load lock held.

#ifndef DYMOD_DETAIL_RELOAD_RECORDS_HPP
#define DYMOD_DETAIL_RELOAD_RECORDS_HPP

#include <stddef.h>  // size_t
#include <string.h>  // strcmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/state/events.hpp>  // allocate
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

[[nodiscard]] inline image* current_image(const record& of) noexcept {
  const snapshot* now = of.published.load_relaxed();
  return now != nullptr ? now->current : nullptr;
}

/// What follows the last separator of a path.
template <class Os> [[nodiscard]] const char* file_name_in(const char* path) noexcept {
  return path + Os::directory_length(path);
}

/// The image that holds an address; null if it is in no image. The load lock must be held.
template <class Os>
[[nodiscard]] image* image_of(const registry& known, const void* address) noexcept {
  text binary_name;
  Os::append_binary_name(binary_name, address);
  // Of all files of this process no two copies have the same name, whatever directory they are in.
  const char* const name = file_name_in<Os>(binary_name.c_str());
  for (const record* of = known.records.load_acquire(); of != nullptr; of = of->next) {
    for (image* each = of->images; each != nullptr; each = each->previous) {
      if (::strcmp(file_name_in<Os>(each->copy), name) == 0) return each;
    }
  }
  return nullptr;
}

template <class Os> class records {
 public:
  explicit records(registry& known) noexcept : known_(known) {}

  /// Finds or makes the record of the library that is there: the expected one or, beside the
  /// calling binary, one of the usual name.
  [[nodiscard]] record* find_library(caller& wants, problem& why) noexcept {
    file_key key;
    const char* path = expected_path(wants);
    if (Os::look(path, key)) return find_or_make_record(wants, path, why);
    text usual;
    if (path[0] == '\0' || !append_usual_path(usual, wants)) {
      const int error = Os::last_error();
      text& detail = why.set(error_code::copy_failed);
      Os::append_library_name(detail << "'", wants.name);
      Os::describe_error(error, detail << "': ");
      return nullptr;
    }
    if (Os::look(usual.c_str(), key)) return find_or_make_record(wants, usual.c_str(), why);
    // Linkers take it away to write it anew. Others have it: a caller that comes now has it as
    // well.
    record* const known = find(wants);
    if (known != nullptr && known->published.load_relaxed() != nullptr) {
      return known;
    }
    text& detail = why.set(error_code::not_found);
    detail << "there is no file '" << path << "'";
    if (::strcmp(path, usual.c_str()) != 0) detail << ", nor '" << usual << "'";
    return nullptr;
  }

  /// The record that find_library() would find; null if there is none yet.
  [[nodiscard]] record* find(caller& wants) noexcept {
    if (record* found = find_record(wants.name, expected_path(wants))) return found;
    text usual;
    return append_usual_path(usual, wants) ? find_record(wants.name, usual.c_str()) : nullptr;
  }

  /// Where the library of this caller ought to be: absolute, owned by the caller object. Nothing
  /// while that cannot be told.
  [[nodiscard]] const char* expected_path(caller& wants) noexcept {
    const char* path = wants.expected_path.load_acquire();
    if (path != nullptr) return path;
    text made;
    const char* given = wants.library_path();
    bool known = true;
    if (given == nullptr) {
      known = append_usual_path(made, wants);
    } else {
      known = Os::is_absolute(given) || append_directory_of(made, wants);
      Os::append_relative(made, given);
    }
    if (!known) return "";
    path = made.release();
    if (path == nullptr) return "";
    wants.expected_path.store_release(path);
    return path;
  }

 private:
  [[nodiscard]] bool append_usual_path(text& path, const caller& wants) const noexcept {
    const bool known = append_directory_of(path, wants);
    if (known) Os::append_library_name(path, wants.name);
    return known;
  }

  // The directory of the calling binary. An image is a copy, perhaps in another place than the
  // library.
  /// @returns false if it cannot be told now; the system's error says why
  [[nodiscard]] bool append_directory_of(text& path, const caller& wants) const noexcept {
    const image* home = image_of<Os>(known_, &wants);
    if (home == nullptr) return Os::append_binary_directory(path, &wants);
    path.append(home->of->path, Os::directory_length(home->of->path));
    return true;
  }

  [[nodiscard]] record* find_record(const char* name, const char* path) const noexcept {
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (::strcmp(each->name, name) == 0 && is_same_place(each->path, path)) return each;
    }
    return nullptr;
  }

  // Two binaries may name one library by different paths. The directory tells; the file itself is
  // another with each build.
  [[nodiscard]] static bool is_same_place(const char* one, const char* other) noexcept {
    if (::strcmp(one, other) == 0) return true;
    const size_t one_length = Os::directory_length(one);
    const size_t other_length = Os::directory_length(other);
    if (::strcmp(one + one_length, other + other_length) != 0) return false;
    text one_directory;
    text other_directory;
    one_directory.append(one, one_length);
    other_directory.append(other, other_length);
    return Os::is_same_file(one_directory.c_str(), other_directory.c_str());
  }

  [[nodiscard]] record* find_or_make_record(const caller& wants, const char* path,
                                            problem& why) noexcept {
    if (record* known = find_record(wants.name, path)) return known;
    text own_name(wants.name);
    text own_path(path);
    record* made = allocate<record>();
    if (made == nullptr || own_name.empty() || own_path.empty()) {
      why.set(error_code::out_of_memory) << "'" << path << "'";
      return nullptr;
    }
    made->name = own_name.release();
    made->path = own_path.release();
    made->next = first_record();
    known_.records.store_release(made);
    return made;
  }

  [[nodiscard]] record* first_record() const noexcept { return known_.records.load_acquire(); }

  registry& known_;
};

}}  // namespace dymod::detail

#endif
