// SPDX-License-Identifier: MIT

// What a build was made with that will surprise, though it is taken: read from its copy once it is
// published, and told in a warning, with the cure. Once, until a build without it was there.

#ifndef DYMOD_DETAIL_RELOAD_SURPRISES_HPP
#define DYMOD_DETAIL_RELOAD_SURPRISES_HPP

#include <string.h>  // memcpy, strcmp, strlen, strncmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/state/events.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class surprises {
 public:
  /// @param of     a module
  /// @param taken  its current generation
  surprises(registry& known, record& of, const image& taken) noexcept
      : known_(known), of_(of), taken_(taken) {}

  using image_format = typename Os::image_format;

  /// Queues warnings. The load lock must be held.
  /// @param built  the copy's content, found complete
  void tell(const image_format& built) noexcept {
    tell_of_unique_symbols(built);
    tell_of_static_thread_local(built);
    tell_of_linked_module(built);
    tell_of_library_itself();
    tell_of_captured(built);
  }

 private:
  enum kind : unsigned {  // bits of record::surprises
    unique_symbols = 1,
    static_thread_local = 2,
    linked_module = 4,
    library_itself = 8,
    captured = 16
  };

  void tell_of_unique_symbols(const image_format& built) noexcept {
    const char* const symbol =
        built.find_unique([](const char* name) { return !is_shared_anyway(name); });
    text message;
    if (symbol != nullptr) {
      Os::append_symbol(message << "has unique symbols ('", symbol)
          << "' is one): they are those of the first generation for ever" << cure
          << "build it with -fno-gnu-unique, as dymod_add_module does";
    }
    tell(unique_symbols, message);
  }

  void tell_of_static_thread_local(const image_format& built) noexcept {
    text message;
    if (built.has_static_thread_local()) {
      message
          << "has thread-local objects of the model initial-exec, for which the system has room "
             "in a few generations only"
          << cure << "build it without -ftls-model=initial-exec, and all of it with -fPIC";
    }
    tell(static_thread_local, message);
  }

  void tell_of_linked_module(const image_format& built) noexcept {
    text message;
    const record* other = known_.records.load_acquire();
    for (; other != nullptr && message.empty(); other = other->next) {
      const char* const file_name = other->path + Os::directory_length(other->path);
      if (other == &of_ || built.needs_file(file_name) == nullptr) continue;
      message << "is linked with '" << file_name << "', the library of module '" << other->name
              << "': what it calls there by itself is never reloaded" << cure
              << "link it with dymod::" << other->name
              << " instead, and call what DYMOD lists; never with the library";
    }
    tell(linked_module, message);
  }

  void tell_of_library_itself() noexcept {
    if (taken_.generation != 1 || !Os::is_open_itself(of_.path)) return;
    text message(
        "is open in this program itself, besides its copy: something is linked with it. A "
        "build that rewrites it in place ends the program");
    message << cure << "take it out of the link: dymod opens it";
    tell(library_itself, message);
  }

  void tell_of_captured(const image_format& built) noexcept {
    text message;
    const char* const base = Os::base_of(taken_.handle);
    if (base == nullptr) return;
    built.for_each_open_reference([&](const typename image_format::open_reference& each) {
      const void* holds = nullptr;
      ::memcpy(&holds, base + each.place, sizeof holds);
      if (holds == base + each.wanted || is_shared_anyway(each.name)) return true;
      text owner;
      if (!Os::append_binary_name(owner, holds) || ::strcmp(owner.c_str(), taken_.copy) == 0) {
        return true;
      }
      Os::append_symbol(message << "uses '", each.name) << "' of ";
      if (owner.empty()) {
        message << "the program";
      } else {
        message << "'" << owner << "'";
      }
      message << ", which has one of that name, in place of its own: changes of it do not show"
              << cure
              << "build it with -fvisibility=hidden and -Wl,-Bsymbolic, as dymod_add_module does, "
                 "or the program without -rdynamic";
      return false;
    });
    tell(captured, message);
  }

  // Of the standard library, the compiler, or dymod: nobody edits it, and one for all is what many
  // programs want. Likewise what only says which class something is.
  [[nodiscard]] static bool is_shared_anyway(const char* symbol) noexcept {
    if (skip(symbol, "_Z") == symbol) return skip(symbol, "__") != symbol;
    // operator new, new[], delete, delete[]; typeinfo and its name
    static constexpr const char* wholes[] = {"nw", "na", "dl", "da", "TI", "TS"};
    // What may stand before the outermost namespace, in this order: a guard variable, a table of
    // virtual functions, its parts, something inside a function, a name in parts, const.
    static constexpr const char* before[] = {"GTt", "GV", "TV", "TT", "TC", "Z", "N", "K"};
    static constexpr const char* namespaces[] = {
        "St", "Sa", "Sb", "Ss", "Si", "So", "Sd", "9__gnu_cxx", "10__cxxabiv1", "5dymod"};
    const char* at = symbol + 2;
    for (const char* each : wholes) {
      if (skip(at, each) != at) return true;
    }
    for (const char* each : before) at = skip(at, each);
    for (const char* each : namespaces) {
      if (skip(at, each) != at) return true;
    }
    return false;
  }

  // Behind a beginning, if it is there. What the letters mean: the Itanium C++ ABI, chapter 5.1.
  [[nodiscard]] static const char* skip(const char* symbol, const char* beginning) noexcept {
    const size_t length = ::strlen(beginning);
    return ::strncmp(symbol, beginning, length) == 0 ? symbol + length : symbol;
  }

  /// @param message  a clause without its subject; empty: there is no such surprise
  void tell(kind of_kind, const text& message) noexcept {
    const bool was_told = (of_.surprises & of_kind) != 0;
    of_.surprises &= ~static_cast<unsigned>(of_kind);
    if (message.empty()) return;
    of_.surprises |= of_kind;
    if (was_told) return;
    text words;
    words << "'" << of_.path << "' " << message;
    queue_event(known_, event_kind::warning, of_, taken_.generation, static_cast<text&&>(words), 0);
  }

  static constexpr const char* cure = problem::line_break;

  registry& known_;
  record& of_;
  const image& taken_;
};

}}  // namespace dymod::detail

#endif
