// SPDX-License-Identifier: MIT

// Why a build was refused, in words. One line says what, with its path and the system's words;
// where two sides differ, one line says what each has; the last says what to do.

#ifndef DYMOD_DETAIL_RELOAD_PROBLEM_HPP
#define DYMOD_DETAIL_RELOAD_PROBLEM_HPP

#include <string.h>  // strstr

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/text.hpp>
#include <dymod/event.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// What happened (the first words of a message) and what to do about it (the last), for each step.
struct step_words {
  error_code code;
  const char* what;
  const char* cure;
};

// clang-format off
inline constexpr step_words all_step_words[] = {
    {error_code::not_found, "no library", "build the module"},
    {error_code::being_written, "not finished", "wait for the build to end"},
    {error_code::copy_failed, "copy failed",
     "make the file readable, and room beside it or in $TMPDIR for a copy that nobody else changes"},
    {error_code::incomplete, "incomplete library",
     "the build was interrupted, or the section headers were stripped: build the module again"},
    {error_code::not_a_library, "not a library of this system",
     "build the module again, with the compiler of the host"},
    {error_code::no_description, "not built as this module",
     "its sources must include the header with the DYMOD list and be compiled as a shared library, with "
     "<module>_EXPORTS defined (CMake does that for a target of the module's name) and without NDEBUG"},
    {error_code::format_mismatch, "built with another version of dymod",
     "build host and module with the same dymod headers"},
    {error_code::abi_mismatch, "built for another C++ ABI",
     "build host and module with the same standard library and the same switches of it"},
    {error_code::missing_function, "function missing", "rebuild host and module from the same header"},
    {error_code::type_mismatch, "type changed",
     "rebuild all from the same header and start the program again, or take the change back"},
    {error_code::layout_mismatch, "layout changed",
     "rebuild all from the same headers and start the program again, or take the change back"},
    {error_code::would_exit, "not opened", "build host and module with the same -fsanitize options"},
    {error_code::open_failed, "the system refuses to open it",
     "mend what the system complains of, or build the module again; it is tried again"},
    {error_code::entered_again, "called during its own first load",
     "a module's static constructors must not call the module through the host"},
    {error_code::out_of_memory, "no memory for it",
     "free some memory, by library.unload_old() perhaps; it is tried again"},
    {error_code::rolled_back, "not taken again", "mend what was wrong with it, and build the module"}};
// clang-format on

/// Never null: every error_code has a row.
[[nodiscard]] inline const step_words& words_for(error_code code) noexcept {
  const step_words* found = all_step_words;
  while (found->code != code) ++found;
  return *found;
}

/// A reason to refuse, collected while a build is judged.
struct problem {
  error_code code = error_code::not_found;
  text detail;                         // what exactly; a path in quotes and a clause
  text sides;                          // where two sides differ: a line for each
  const char* other_module = nullptr;  // whose build would do away with it; null: that of none
  bool only_generations = false;       // differ, of what modules hand to each other

  /// @returns the place to write the details to
  text& set(error_code what) noexcept {
    code = what;
    detail.shorten(0);
    sides.shorten(0);
    other_module = nullptr;
    only_generations = false;
    return detail;
  }

  /// @param name     of the module
  /// @param runs_on  the generation that stays current; 0: none
  [[nodiscard]] text message(const char* name, unsigned runs_on = 0) const noexcept {
    const step_words& words = words_for(code);
    text lines;
    lines << words.what << ": " << detail;
    if (runs_on != 0) lines << "; generation " << runs_on << " runs on";
    lines << sides << line_break;
    if (other_module != nullptr) {
      lines << "build module '" << other_module << "' as well, from the same header";
      return lines;
    }
    if (only_generations) {
      lines << "carry what there is over in library.before_reload() and after_reload(), start the "
               "program again, or take the change back";
      return lines;
    }
    // The one placeholder of the table: the module's name.
    const char* mark = ::strstr(words.cure, "<module>");
    if (mark == nullptr) return static_cast<text&&>(lines << words.cure);
    lines.append(words.cure, static_cast<size_t>(mark - words.cure)) << name << mark + 8;
    return lines;
  }

  static constexpr const char* line_break = "\n    ";
};

/// How two sides differ, each thing once.
class differences {
 public:
  /// @param other  what the second side is called
  explicit differences(const char* other = "the library") noexcept : other_(other) {}

  /// @param name   of what differs
  /// @param field  the number of its first field that differs; 0: not a matter of fields
  /// @param who    has it otherwise than the library
  void add(const text& name, unsigned field, const text& who, const text& mine,
           const text& its) noexcept {
    text quoted;
    quoted << "'" << name << "'";
    if (::strstr(known_.c_str(), quoted.c_str()) != nullptr) return;
    known_ << quoted;
    ++count_;
    if (count_ > most) return;
    if (count_ > 1) names_ << ", ";
    names_ << quoted;
    if (field != 0) names_ << " (field " << field << ")";
    const text other(other_);
    const size_t width = who.size() > other.size() ? who.size() : other.size();
    add_side(name, who, width, mine);
    add_side(name, other, width, its);
  }

  [[nodiscard]] bool none() const noexcept { return count_ == 0; }

  /// @returns false: a build with differences is refused
  [[nodiscard]] bool tell(const char* path, problem& why, error_code code) const noexcept {
    append_names(why.set(code)) << " in '" << path << "'";
    why.sides << sides_;
    return false;
  }

  /// "'herd' (field 2), 'wolf'"
  text& append_names(text& to) const noexcept {
    to << names_;
    if (count_ > most) to << " and " << count_ - most << " more";
    return to;
  }

  /// A line break and a line for each side.
  [[nodiscard]] const text& sides() const noexcept { return sides_; }

 private:
  static constexpr unsigned most = 8;  // told in full: a header that changed can change everything

  void add_side(const text& name, const text& who, size_t width, const text& what) noexcept {
    sides_ << problem::line_break << name << " in " << who << ": ";
    for (size_t i = who.size(); i < width; ++i) sides_ << " ";
    sides_ << what;
  }

  const char* other_;
  text known_;  // all, also those that are not told
  text names_;
  text sides_;
  unsigned count_ = 0;
};

}}  // namespace dymod::detail

#endif
