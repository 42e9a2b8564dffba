// SPDX-License-Identifier: MIT

// The reload, step by step. A build is judged before a byte of it runs, and nothing of the running
// generation is given up before the new one is published:
//
// clang-format off
//     1 check      the file's key is not the current generation's, nor the last refused one's
//     2 settled?   nobody writes it
//     3 copy       to a name never used before; then 2 and the key again
//     4 complete?  the copy has all that its headers promise
//     5 same?      the bytes of the current generation: a touch is no change
//     6 fits?      it offers all that the callers want; opening it would not end the process
//     7 open       all symbols resolved
//     8 publish    one atomic store
// clang-format on
//
// Any "no" leaves the old generation running. The platform is a template parameter, so that tests
// make each step fail. No platform code here.

#ifndef DYMOD_DETAIL_RELOAD_LOADER_HPP
#define DYMOD_DETAIL_RELOAD_LOADER_HPP

#include <stdint.h>  // uint64_t
#include <stdlib.h>  // calloc, free
#include <string.h>  // memcmp, strcmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/copies.hpp>
#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/fit.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/state/events.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class basic_loader {
 public:
  explicit basic_loader(registry& known) noexcept : known_(known) {}

  /// The first load of a module, or the first of this caller's binary. Waits for other threads, and
  /// up to 2 s for a library that is there but not finished.
  /// @param why  what went wrong, on failure
  /// @returns null on failure
  [[nodiscard]] record* load_first(caller& wants, problem& why) noexcept {
    const typename Os::quiet undisturbed;
    const uint64_t deadline = Os::monotonic() + patience;
    for (;;) {
      known_.lock.template enter<Os>();
      record* found = wants.found.load(std::memory_order_relaxed);
      outcome result = outcome::unchanged;
      if (found == nullptr) found = try_load_first(wants, result, why);
      leave_and_deliver<Os>(known_);
      if (found != nullptr || result != outcome::later || Os::monotonic() >= deadline) return found;
      Os::sleep_milliseconds(5);
    }
  }

  /// What a call does when the file's key is news. Never waits: what cannot be taken now is looked
  /// at again by a later call.
  /// @returns the snapshot that is current afterwards
  [[nodiscard]] const snapshot* catch_up(record& known_module) noexcept {
    const typename Os::quiet undisturbed;
    if (known_.lock.template try_enter<Os>()) {
      // Inside a load or a handler of it the program runs on with what it has.
      if (known_.lock.depth() == 1) {
        problem why;
        attempt(known_module, false, why);
      }
      leave_and_deliver<Os>(known_);
    }
    return known_module.published.load(std::memory_order_acquire);
  }

  /// @returns whether the generation on return is greater than on entry
  [[nodiscard]] bool reload(record& known_module) noexcept {
    const typename Os::quiet undisturbed;
    const unsigned before = generation_of(known_module);
    const uint64_t deadline = Os::monotonic() + patience;
    for (;;) {
      known_.lock.template enter<Os>();
      outcome result = outcome::unchanged;
      problem why;
      if (known_.lock.depth() == 1) result = attempt(known_module, true, why);
      leave_and_deliver<Os>(known_);
      if (result != outcome::later || Os::monotonic() >= deadline) break;
      Os::sleep_milliseconds(5);
    }
    return generation_of(known_module) > before;
  }

  /// All changed modules or none. Never waits, except for another thread's load.
  /// @returns whether anything was published
  [[nodiscard]] bool reload_all() noexcept {
    const typename Os::quiet undisturbed;
    known_.lock.template enter<Os>();
    bool published = false;
    if (known_.lock.depth() == 1) {
      bool all_fit = true;
      for (record* each = first_record(); each != nullptr; each = each->next) {
        problem why;
        if (is_loaded(*each) && !prove(*each, why)) all_fit = false;
      }
      for (record* each = first_record(); all_fit && each != nullptr; each = each->next) {
        image* fresh = each->proved;
        if (fresh == nullptr) continue;
        problem why;
        each->proved = nullptr;
        const outcome result = conclude(*each, outcome::proved, fresh->key, fresh, why);
        published = published || result == outcome::published;
      }
    }
    leave_and_deliver<Os>(known_);
    return published;
  }

  [[nodiscard]] static unsigned generation_of(const record& of) noexcept {
    const snapshot* now = of.published.load(std::memory_order_acquire);
    return now != nullptr ? now->current->generation : 0;
  }

  /// Where the library of this caller ought to be: absolute, owned by the caller object, for ever.
  [[nodiscard]] static const char* expected_path(caller& wants) noexcept {
    const char* known = wants.expected_path.load(std::memory_order_acquire);
    if (known != nullptr) return known;
    const typename Os::quiet undisturbed;
    text path;
    const char* given = wants.library_path();
    if (given == nullptr) {
      append_usual_path(path, wants);
    } else {
      if (!Os::is_absolute(given)) Os::append_binary_directory(path, &wants);
      path << given;
    }
    const char* made = path.release();
    if (made == nullptr) return "";
    if (wants.expected_path.compare_exchange_strong(known, made, std::memory_order_acq_rel)) {
      return made;
    }
    ::free(const_cast<char*>(made));
    return known;
  }

 private:
  using file = typename Os::file;
  using view = typename Os::view;
  using image_format = typename Os::image_format;

  enum class outcome : unsigned char {
    news,       // a build to be judged
    unchanged,  // nothing new
    absent,     // no file
    later,      // not finished: look again
    failed,     // could not be judged for a reason outside the file: look again in a while
    refused,    // this file will not do
    proved,     // opened and fit
    published
  };

  static constexpr uint64_t millisecond = 1000000;            // ns
  static constexpr uint64_t patience = 2000 * millisecond;    // for a library that is not finished
  static constexpr uint64_t first_pause = 100 * millisecond;  // between looks at an incomplete one
  static constexpr uint64_t last_pause = 1000 * millisecond;
  static constexpr int64_t second = 1000 * int64_t{millisecond};
  static constexpr int64_t quiet_time =
      50 * int64_t{millisecond};  // where writers cannot be asked for
  static constexpr int64_t young_time =
      20 * int64_t{millisecond};  // several ticks of old kernels' file clock

  class copy {
   public:
    copy(registry& known, const char* library, int& error) noexcept
        : file_(copies<Os>(known).create(library, path_, error)) {}
    copy(const copy&) = delete;
    copy& operator=(const copy&) = delete;
    ~copy() {
      if (file_.is_open()) Os::remove(path_.c_str());
    }

    [[nodiscard]] const file& opened() const noexcept { return file_; }
    [[nodiscard]] const char* path() const noexcept { return path_.c_str(); }

    /// The file stays, and its path is given away.
    [[nodiscard]] char* keep(registry& known) noexcept {
      file_.close();
      copies<Os>(known).keep(path_.c_str());
      return path_.release();
    }

   private:
    text path_;
    file file_;
  };

  // --- the steps

  outcome attempt(record& of, bool insist, problem& why) noexcept {
    file_key key;
    const outcome checked = check(of, insist, key, why);
    if (checked != outcome::news) return checked;
    image* fresh = nullptr;
    const outcome judged = judge(of, key, fresh, why);  // before `fresh` is read
    return conclude(of, judged, key, fresh, why);
  }

  /// All but the publishing, for reload_all().
  /// @returns whether this module does not stand in the way of a publication
  [[nodiscard]] bool prove(record& of, problem& why) noexcept {
    file_key key;
    outcome result = check(of, false, key, why);
    if (result != outcome::news) of.proved = nullptr;  // not what is there now
    if (result == outcome::unchanged) {
      return key != of.published.load(std::memory_order_relaxed)->refused;
    }
    if (result == outcome::news) {
      image* fresh = nullptr;
      result = judge(of, key, fresh, why);
      if (result == outcome::proved) of.proved = fresh;
      if (result != outcome::proved) conclude(of, result, key, nullptr, why);
    }
    return result == outcome::proved || result == outcome::unchanged || result == outcome::absent;
  }

  // Step 1.
  [[nodiscard]] static outcome check(record& of, bool insist, file_key& key,
                                     problem& why) noexcept {
    if (!Os::look(of.path, key)) {
      why.set(error_code::not_found) << "there is no file '" << of.path << "'";
      return outcome::absent;
    }
    if (const snapshot* now = of.published.load(std::memory_order_relaxed)) {
      if (key == now->key && (!now->young || is_young(key))) return outcome::unchanged;
      if (key == now->refused && !insist) return outcome::unchanged;
    }
    const uint64_t time = Os::monotonic();
    if (of.pending.first_seen == 0 || of.pending.key != key) {
      of.pending = pending_build{};
      of.pending.key = key;
      of.pending.first_seen = time;
    }
    return time >= of.pending.next_look || insist ? outcome::news : outcome::later;
  }

  // Steps 2 to 7.
  [[nodiscard]] outcome judge(record& of, const file_key& key, image*& fresh,
                              problem& why) noexcept {
    image* const proved = of.proved;
    of.proved = nullptr;
    if (proved != nullptr && proved->key == key) {
      fresh = proved;
      return outcome::proved;
    }
    const file library = Os::open_to_read(of.path);
    if (!library.is_open()) return unreadable(of, why);
    if (!Os::is_regular(library)) {
      why.set(error_code::not_a_library) << "'" << of.path << "' is not a file";
      return outcome::refused;
    }
    if (key.size == 0) return incomplete(of, "is empty", why);
    if (!is_settled(of, library, key, why)) return outcome::later;

    int error = 0;
    copy made(known_, of.path, error);
    if (!made.opened().is_open() || !Os::copy(library, made.opened())) {
      if (made.opened().is_open()) error = Os::last_error();
      text& detail = why.set(error_code::copy_failed);
      detail << "'" << of.path << "'";
      if (made.path()[0] != '\0') detail << " to '" << made.path() << "'";
      Os::describe_error(error, detail << ": ");
      return outcome::failed;
    }
    file_key now_open;
    file_key now_there;
    if (!is_settled(of, library, key, why) || !Os::look(library, now_open) || now_open != key ||
        !Os::look(of.path, now_there) || now_there != key) {
      why.set(error_code::being_written) << "'" << of.path << "' changed while it was copied";
      return outcome::later;
    }
    const bool young = is_young(key);

    const view content = Os::map(made.opened());
    if (!content.is_open()) {
      Os::describe_error(Os::last_error(), why.set(error_code::copy_failed)
                                               << "'" << made.path() << "': ");
      return outcome::failed;
    }
    image_format library_image(content.content());
    text flaw;
    switch (library_image.check(Os::target(), flaw)) {
      case completeness::complete: break;
      case completeness::incomplete: return incomplete(of, flaw.c_str(), why);
      case completeness::garbage:
        why.set(error_code::not_a_library) << "'" << of.path << "' " << flaw;
        return outcome::refused;
    }
    const snapshot* now = of.published.load(std::memory_order_relaxed);
    if (now != nullptr && is_same(content.content(), now->current->copy)) return outcome::unchanged;
    if (!fits(of, library_image, why)) return outcome::refused;
    for (image* each = of.images; each != nullptr; each = each->previous) {
      if (each->generation != 0 || !is_same(content.content(), each->copy)) continue;
      // Opened before and never published: its static constructors are not to run again.
      if (!fit(of, current_image(of)).accepts(*each, why)) return outcome::refused;
      each->key = key;
      each->young = young;
      fresh = each;
      return outcome::proved;
    }
    return open(of, made, key, young, fresh, why);
  }

  // Step 8, and what the other answers lead to.
  outcome conclude(record& of, outcome result, const file_key& key, image* fresh,
                   problem& why) noexcept {
    const snapshot* now = of.published.load(std::memory_order_relaxed);
    const uint64_t time = Os::monotonic();
    const double seconds = static_cast<double>(time - of.pending.first_seen) / 1e9;
    switch (result) {
      case outcome::proved: {
        fresh->generation = generation_of(of) + 1;
        snapshot next{fresh, key, file_key{}, fresh->young, nullptr, nullptr};
        if (now != nullptr && now->refused != key) next.refused = now->refused;
        if (!publish(of, next, why)) {
          fresh->generation = 0;
          const bool passing = why.code == error_code::out_of_memory;
          return conclude(of, passing ? outcome::failed : outcome::refused, key, nullptr, why);
        }
        of.pending = pending_build{};
        announce(of, fresh->generation, seconds);
        return outcome::published;
      }
      case outcome::unchanged:
        if (now != nullptr) {
          snapshot next = *now;
          next.key = key;
          next.young = key != now->key && is_young(key);
          static_cast<void>(publish(of, next, why));
        }
        of.pending = pending_build{};
        return result;
      case outcome::refused:
        if (now == nullptr || key == now->refused) return result;
        tell_once(of, why, seconds);
        if (is_young(key)) {
          // A better build within the same tick would look the same: once more, later.
          of.pending.next_look = time + static_cast<uint64_t>(young_time);
        } else {
          snapshot next = *now;
          next.refused = key;
          static_cast<void>(publish(of, next, why));
          of.pending = pending_build{};
        }
        return result;
      case outcome::failed:
        tell_once(of, why, seconds);
        of.pending.next_look = time + last_pause;
        return result;
      case outcome::later:
        if (time - of.pending.first_seen >= patience) tell_once(of, why, seconds);
        if (why.code == error_code::incomplete) {
          of.pending.next_look = time + pause_after(time - of.pending.first_seen);
        }
        return result;
      case outcome::news:
      case outcome::absent:
      case outcome::published: return result;
    }
    return result;
  }

  // Step 2. Where writers cannot be asked for: when nothing has touched the file for a while, by
  // its stamps or, if those come from a clock that is ahead, by our own watch.
  [[nodiscard]] static bool is_settled(const record& of, const file& library, const file_key& key,
                                       problem& why) noexcept {
    const auto found = Os::writers_of(library);
    if (found == Os::writers::none) return true;
    why.set(error_code::being_written) << "'" << of.path << "' is still being written";
    if (found == Os::writers::some) return false;
    const uint64_t watched = Os::monotonic() - of.pending.first_seen;
    return Os::file_clock() - key.touched() >= quiet_time ||
           watched >= static_cast<uint64_t>(quiet_time);
  }

  // So fresh that on an old kernel a second build within the same tick of its clock would look the
  // same. A stamp from a clock that is ahead tells nothing.
  [[nodiscard]] static bool is_young(const file_key& key) noexcept {
    const int64_t age = Os::file_clock() - key.touched();
    const bool whole_seconds = key.modified % second == 0 && key.changed % second == 0;
    const int64_t grain = whole_seconds ? 2 * second : young_time;
    return age < grain && age > -grain;
  }

  // Step 5.
  [[nodiscard]] static bool is_same(bytes content, const char* other_path) noexcept {
    const file other = Os::open_to_read(other_path);
    if (!other.is_open()) return false;
    const view known = Os::map(other);
    return known.content().size == content.size &&
           ::memcmp(known.content().data, content.data, static_cast<size_t>(content.size)) == 0;
  }

  // Step 6.
  [[nodiscard]] bool fits(const record& of, const image_format& library_image,
                          problem& why) noexcept {
    // g++'s names and clang's.
    static constexpr const char* runtimes[] = {
        "libasan.so",       "libtsan.so",       "liblsan.so",       "libhwasan.so",
        "libclang_rt.asan", "libclang_rt.tsan", "libclang_rt.lsan", "libclang_rt.hwasan"};
    for (const char* runtime : runtimes) {
      const char* needed = library_image.needs(runtime);
      if (needed == nullptr || Os::is_loaded(needed)) continue;
      why.set(error_code::would_exit)
          << "'" << of.path << "' needs the sanitizer runtime '" << needed
          << "', which this program is not built with and which would end the process";
      return false;
    }
    bool extern_c = true;
    for (const caller* each = of.callers; each != nullptr; each = each->next) {
      extern_c = extern_c && each->extern_c;
    }
    return extern_c ? offers_symbols(of, library_image, why)
                    : offers_functions(of, library_image, why);
  }

  [[nodiscard]] static bool offers_symbols(const record& of, const image_format& library_image,
                                           problem& why) noexcept {
    text missing;
    for (const caller* each = of.callers; each != nullptr; each = each->next) {
      for (unsigned i = 0; i < each->function_count; ++i) {
        bytes content;
        if (!library_image.find_symbol(each->functions[i], content)) {
          list_function(missing, each->functions[i]);
        }
      }
    }
    return none_missing(of.path, missing, why);
  }

  [[nodiscard]] static bool offers_functions(const record& of, const image_format& library_image,
                                             problem& why) noexcept {
    text symbol("dymod_description_");
    symbol << of.name;
    bytes content;
    const bool found = library_image.find_symbol(symbol.c_str(), content);
    const description described(content);
    if (!found || described.format() == nullptr) {
      why.set(error_code::no_description)
          << "'" << of.path << "' has no description of module '" << of.name << "'";
      return false;
    }
    if (!described.readable()) {
      differences formats;
      formats.add(text("the format"), 0, text("the host"), text(DYMOD_DETAIL_DESCRIPTION_FORMAT),
                  text(described.format()));
      return formats.tell(of.path, why, error_code::format_mismatch);
    }
    return fit(of, current_image(of)).accepts(described, why);
  }

  [[nodiscard]] static const image* current_image(const record& of) noexcept {
    const snapshot* now = of.published.load(std::memory_order_relaxed);
    return now != nullptr ? now->current : nullptr;
  }

  // Step 7.
  [[nodiscard]] outcome open(record& of, copy& made, const file_key& key, bool young, image*& fresh,
                             problem& why) noexcept {
    fresh = allocate<image>();
    if (fresh == nullptr) {
      why.set(error_code::out_of_memory) << "'" << of.path << "'";
      return outcome::failed;
    }
    of.loaded_by = known_.lock.holder();
    fresh->handle = Os::open_library(made.path());
    of.loaded_by = 0;
    if (fresh->handle == nullptr) {
      Os::library_error(why.set(error_code::open_failed) << "'" << of.path << "': ");
      ::free(fresh);
      return outcome::refused;
    }
    fresh->key = key;
    fresh->young = young;
    text symbol("dymod_module_");
    symbol << of.name;
    if (const function_pointer offer = Os::symbol(fresh->handle, symbol.c_str())) {
      fresh->functions = reinterpret_cast<const module_table* (*)()>(offer)();
    }
    fresh->copy = made.keep(known_);
    fresh->previous = of.images;
    of.images = fresh;
    return fit(of, current_image(of)).accepts(*fresh, why) ? outcome::proved : outcome::refused;
  }

  [[nodiscard]] static outcome unreadable(const record& of, problem& why) noexcept {
    const int error = Os::last_error();
    if (Os::means_absent(error)) {
      why.set(error_code::not_found) << "there is no file '" << of.path << "'";
      return outcome::absent;
    }
    Os::describe_error(error, why.set(error_code::copy_failed) << "'" << of.path << "': ");
    return outcome::failed;
  }

  [[nodiscard]] static outcome incomplete(const record& of, const char* flaw,
                                          problem& why) noexcept {
    why.set(error_code::incomplete) << "'" << of.path << "' " << flaw;
    return outcome::later;
  }

  // 100 ms, 200 ms, … 1 s, as the time since the first look grows.
  [[nodiscard]] static uint64_t pause_after(uint64_t waited) noexcept {
    uint64_t pause = first_pause;
    for (uint64_t sum = first_pause; sum <= waited && pause < last_pause; sum += pause) {
      pause += first_pause;
    }
    return pause;
  }

  // --- publishing

  /// Makes `next` what calls see, with the functions of all callers unless it has them already.
  [[nodiscard]] static bool publish(record& of, const snapshot& next, problem& why) noexcept {
    const unsigned count = of.callers != nullptr ? of.callers->number + 1 : 0;
    const snapshot* now = of.published.load(std::memory_order_relaxed);
    snapshot* published = allocate<snapshot>();
    if (published == nullptr) {
      why.set(error_code::out_of_memory) << "'" << of.path << "'";
      return false;
    }
    *published = next;
    published->previous = now;
    if (published->functions == nullptr) {
      published->functions = resolve(of, *next.current, count, why);
      if (published->functions == nullptr) {
        ::free(published);
        return false;
      }
    }
    of.published.store(published, std::memory_order_release);
    return true;  // NOLINT(clang-analyzer-unix.Malloc): calls read it from there, for ever
  }

  [[nodiscard]] static const function_pointer* const* resolve(const record& of, const image& in,
                                                              unsigned count,
                                                              problem& why) noexcept {
    auto** tables = static_cast<const function_pointer**>(::calloc(count, sizeof(void*)));
    bool complete = tables != nullptr;
    why.set(error_code::out_of_memory) << "'" << of.path << "'";
    for (const caller* each = of.callers; complete && each != nullptr; each = each->next) {
      tables[each->number] = resolve_for(*each, of, in, why);
      complete = tables[each->number] != nullptr;
    }
    if (complete || tables == nullptr) return tables;
    for (unsigned i = 0; i < count; ++i) ::free(const_cast<function_pointer*>(tables[i]));
    ::free(tables);
    return nullptr;
  }

  [[nodiscard]] static const function_pointer* resolve_for(const caller& wants, const record& of,
                                                           const image& in, problem& why) noexcept {
    auto* table =
        static_cast<function_pointer*>(::calloc(wants.function_count, sizeof(function_pointer)));
    for (unsigned i = 0; table != nullptr && i < wants.function_count; ++i) {
      table[i] = find_function(in, wants, i);
      if (table[i] != nullptr) continue;
      why.set(error_code::missing_function) << "'" << of.path << "' does not define '"
                                            << wants.functions[i] << "', which the host declares";
      ::free(table);
      return nullptr;
    }
    return table;
  }

  [[nodiscard]] static function_pointer find_function(const image& in, const caller& wants,
                                                      unsigned index) noexcept {
    const char* name = wants.functions[index];
    if (wants.extern_c) return Os::symbol(in.handle, name);
    const auto* table = static_cast<const module_table*>(in.functions);
    if (table == nullptr) return nullptr;
    if (index < table->count && ::strcmp(table->functions[index].name, name) == 0) {
      return table->functions[index].function;
    }
    for (unsigned i = 0; i < table->count; ++i) {
      if (::strcmp(table->functions[i].name, name) == 0) return table->functions[i].function;
    }
    return nullptr;
  }

  void announce(const record& of, unsigned generation, double seconds) noexcept {
    text message("generation ");
    message << generation << (generation == 1 ? " is loaded" : " is live") << ", after ";
    append_duration(message, seconds) << ", from '" << of.path << "'";
    queue_event(known_, generation == 1 ? event_kind::loaded : event_kind::reloaded, of, generation,
                static_cast<text&&>(message), seconds);
  }

  // A build that is looked at again is not told of again, unless for another reason. Before the
  // first load it is the caller who is told.
  void tell_once(record& of, const problem& why, double seconds) noexcept {
    if (!is_loaded(of) || (of.pending.told && of.pending.told_code == why.code)) return;
    of.pending.told = true;
    of.pending.told_code = why.code;
    const unsigned generation = generation_of(of);
    queue_event(known_, event_kind::rejected, of, generation, why.message(of.name, generation),
                seconds);
  }

  // --- first load

  [[nodiscard]] record* try_load_first(caller& wants, outcome& result, problem& why) noexcept {
    record* of = find_library(wants, why);
    if (of == nullptr) return nullptr;
    if (!is_loaded(*of) && of->loaded_by == known_.lock.holder()) {
      why.set(error_code::entered_again)
          << "a static constructor in '" << of->path << "' called module '" << of->name << "'";
      return nullptr;
    }
    // In a child forked while this very load was under way the caller is listed already.
    if (of->callers != &wants) {
      wants.number = of->callers != nullptr ? of->callers->number + 1 : 0;
      wants.next = of->callers;
      of->callers = &wants;
      of->proved = nullptr;  // judged without this caller
    }
    bool served = is_loaded(*of) && attach(*of, why);
    if (!served) {
      result = attempt(*of, true, why);
      served = result == outcome::published;
    }
    if (served) {
      wants.found.store(of, std::memory_order_release);
      return of;
    }
    // A caller that got nothing has no say.
    caller** link = &of->callers;
    while (*link != &wants) link = &(*link)->next;
    *link = wants.next;
    return nullptr;
  }

  // Another binary of the process has loaded the module: its image serves this caller too, if it
  // fits.
  [[nodiscard]] static bool attach(record& of, problem& why) noexcept {
    snapshot next = *of.published.load(std::memory_order_relaxed);
    fit wanted(of, nullptr);
    if (const module_unit* unit = fit::units_of(*next.current)) {
      if (!wanted.accepts(fit::description_of(*unit), why)) return false;
    }
    if (!wanted.accepts(*next.current, why)) return false;
    next.functions = nullptr;
    return publish(of, next, why);
  }

  /// Finds or makes the record of the library that is there: the expected one or, beside the
  /// calling binary, one of the usual name.
  [[nodiscard]] record* find_library(caller& wants, problem& why) noexcept {
    file_key key;
    const char* path = expected_path(wants);
    if (Os::look(path, key)) return find_or_make_record(wants, path, why);
    text usual;
    append_usual_path(usual, wants);
    if (Os::look(usual.c_str(), key)) return find_or_make_record(wants, usual.c_str(), why);
    text& detail = why.set(error_code::not_found);
    detail << "there is no file '" << path << "'";
    if (::strcmp(path, usual.c_str()) != 0) detail << ", nor '" << usual << "'";
    return nullptr;
  }

  static void append_usual_path(text& path, caller& wants) noexcept {
    Os::append_binary_directory(path, &wants);
    Os::append_library_name(path, wants.name);
  }

  [[nodiscard]] record* find_or_make_record(const caller& wants, const char* path,
                                            problem& why) noexcept {
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (::strcmp(each->name, wants.name) == 0 && ::strcmp(each->path, path) == 0) return each;
    }
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
    known_.records.store(made, std::memory_order_release);
    return made;
  }

  [[nodiscard]] static bool is_loaded(const record& of) noexcept {
    return of.published.load(std::memory_order_relaxed) != nullptr;
  }

  [[nodiscard]] record* first_record() const noexcept {
    return known_.records.load(std::memory_order_acquire);
  }

  registry& known_;
};

}}  // namespace dymod::detail

#endif
