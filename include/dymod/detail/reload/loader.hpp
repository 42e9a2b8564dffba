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
// Any "no" leaves the old generation running. Modules that want something of each other are
// published together, in a wave: a change of both is taken whichever is built first. One thread
// reloads at a time. The load lock is given back while foreign code runs, which is in step 7
// (static constructors) and 8 (hooks); the record is marked as worked on meanwhile.
//
// The platform is a template parameter, so that tests make each step fail. No platform code here.

#ifndef DYMOD_DETAIL_RELOAD_LOADER_HPP
#define DYMOD_DETAIL_RELOAD_LOADER_HPP

#include <stdint.h>  // uint64_t
#include <stdlib.h>  // calloc, free
#include <string.h>  // strcmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/copies.hpp>
#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/fit.hpp>
#include <dymod/detail/reload/functions.hpp>
#include <dymod/detail/reload/hooks.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/reload/records.hpp>
#include <dymod/detail/reload/surprises.hpp>
#include <dymod/detail/state/events.hpp>
#include <dymod/detail/state/guarded.hpp>
#include <dymod/detail/state/objects.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class basic_loader {
 public:
  explicit basic_loader(registry& known) noexcept : known_(known) {}

  /// The first load of a module, or the first of this caller's binary. Waits for another thread's
  /// first load of it, and up to 2 s for a library that is there but not finished.
  /// @param why  what went wrong, on failure
  /// @returns null on failure
  [[nodiscard]] record* load_first(caller& wants, problem& why) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    uint64_t deadline = Os::monotonic() + patience;
    bool had_libraries = false;
    bool alone = false;
    for (;;) {
      if (!known_.lock.template enter<Os>()) {
        why.set(error_code::entered_again)
            << "a signal handler called module '" << wants.name << "' in the middle of a load";
        return nullptr;
      }
      record* found = wants.found.load_relaxed();
      outcome result = outcome::unchanged;
      if (found == nullptr) found = try_load_first(wants, alone, result, why);
      leave();
      if (found != nullptr) {
        // Its callers are listed, whoever closes it. Images are ours to unload.
        if (wants.home == nullptr) Os::keep_library_of(&wants);
        return found;
      }
      const bool late = Os::monotonic() >= deadline;
      if (result == outcome::later && late) return nullptr;
      if (result != outcome::later && result != outcome::busy) return nullptr;
      if (result == outcome::busy && late && had_libraries) {
        // The other thread waits for this one, which is in the middle of opening a library of the
        // program's own: it goes on as if the other were not there.
        alone = true;
        continue;
      }
      if (result == outcome::busy && late) {
        Os::wait_for_libraries();
        had_libraries = true;
        deadline = Os::monotonic() + last_pause;  // for the other to go on, if it has opened its
      }
      Os::sleep_milliseconds(5);
    }
  }

  /// What a call does when the file's key is news. Never waits: what cannot be taken now is looked
  /// at again by a later call.
  /// @param seen  that key
  /// @returns the snapshot that is current afterwards
  [[nodiscard]] DYMOD_DETAIL_SELDOM const snapshot* catch_up(record& known_module,
                                                             const file_key& seen) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (known_.lock.template try_enter<Os>()) {
      problem why;
      // Inside a load, a hook, or while another thread is, the program runs on with what it has.
      if (!anybody_works()) attempt(known_module, seen, false, why);
      leave();
    }
    return known_module.published.load_acquire();
  }

  /// @returns whether the generation on return is greater than on entry
  [[nodiscard]] bool reload(record& known_module) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    const unsigned before = generation_of(known_module);
    const uint64_t deadline = Os::monotonic() + patience;
    while (enter_when_nobody_works()) {
      problem why;
      const outcome result = attempt(known_module, why);
      leave();
      if (result == outcome::later ? Os::monotonic() >= deadline : result != outcome::busy) break;
      Os::sleep_milliseconds(5);
    }
    return generation_of(known_module) > before;
  }

  /// All changed modules or none. Never waits, except for another thread's load or hooks.
  /// @returns whether anything was published
  [[nodiscard]] bool reload_all() noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!enter_when_nobody_works()) return false;
    bool news = false;
    for (record* each = first_record(); each != nullptr; each = each->next) {
      news = news || has_unseen(*each);
    }
    bool all_fit = true;
    for (record* each = first_record(); news && each != nullptr; each = each->next) {
      // What was refused for another module's sake may go with that now.
      if (is_loaded(*each) && !prove(*each, each->refused_for != nullptr)) all_fit = false;
    }
    bool published = false;
    if (news && all_fit) {
      record* refused = nullptr;
      bool any = false;
      begin_wave();
      for (record* each = first_record(); each != nullptr; each = each->next) {
        if (each->proved == nullptr) continue;
        join_wave(*each);
        any = true;
      }
      problem why;
      published = any && publish_wave(refused, why) == outcome::published;
      if (refused != nullptr) {
        conclude(*refused, outcome::refused, refused->pending.key, nullptr, why);
      }
    }
    leave();
    return published;
  }

  /// Closes all images of a module but the current one, and removes their copies. Those that the
  /// system keeps are told of in a warning.
  /// @returns how many the system has unloaded
  [[nodiscard]] unsigned unload_old(record& of) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!enter_when_nobody_works()) return 0;
    unsigned gone = 0;
    for (image* each = of.images; each != nullptr; each = each->previous) {
      if (each == current_image(of) || each->handle == nullptr) continue;
      if (each == of.proved) of.proved = nullptr;
      if (unload(of, *each)) ++gone;
    }
    leave();
    return gone;
  }

  /// Makes an older generation current again: the newest that is loaded and fits. Hooks run.
  /// @returns whether there is one
  [[nodiscard]] bool roll_back(record& of) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!enter_when_nobody_works()) return false;
    image& from = *current_image(of);
    const bool done = go_back(of, true);
    if (done) {
      mark_left(from);
      text message("generation ");
      message << generation_of(of) << " is current again: roll_back() has left generation "
              << from.generation;
      queue_event(known_, event_kind::rolled_back, of, generation_of(of),
                  static_cast<text&&>(message), 0);
    }
    leave();
    return done;
  }

  /// @returns the image that holds an address; null if none does
  [[nodiscard]] image* image_at(const void* address) noexcept {
    const typename Os::quiet undisturbed;
    if (!known_.lock.template enter<Os>()) return nullptr;
    image* const found = image_of<Os>(known_, address);
    known_.lock.template leave<Os>();
    return found;
  }

  /// What follows a crash: the module goes back to the generation before; while somebody loads or
  /// runs hooks, when that is over: it may be waiting for the very thread that crashed. The first
  /// crash of an image counts; an image that is not current any more need not be left.
  /// @param place  line on where it was, or nothing
  void leave_crashed(image& in, const crash_report& report, const text& place) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!known_.lock.template enter<Os>()) return;
    if (!in.left) tell_of_crash(in, report, place);
    leave();
  }

  /// Whether a guarded call may run what has crashed: inside a hook, to save what there is.
  [[nodiscard]] bool may_run_broken() noexcept {
    const typename Os::quiet undisturbed;
    if (!known_.lock.template enter<Os>()) return false;
    const bool inside = is_inside();
    known_.lock.template leave<Os>();
    return inside;
  }

  /// Where the library of this caller ought to be: absolute, owned by the caller object, for ever;
  /// "" while that cannot be told, for want of descriptors or memory.
  [[nodiscard]] const char* expected_path(caller& wants) noexcept {
    const char* path = wants.expected_path.load_acquire();
    if (path != nullptr) return path;
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    const bool entered = known_.lock.template enter<Os>();
    path = records<Os>(known_).expected_path(wants);
    if (entered) known_.lock.template leave<Os>();
    return path;
  }

  /// @returns the module that the caller's first call would find loaded by others; null if none is
  [[nodiscard]] record* find_loaded(caller& wants) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!known_.lock.template enter<Os>()) return nullptr;
    record* const found = records<Os>(known_).find(wants);
    known_.lock.template leave<Os>();
    return found != nullptr && is_loaded(*found) ? found : nullptr;
  }

  /// @returns the module whose image holds the address; null if none does, or is only being opened
  [[nodiscard]] record* module_of(const void* address) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    if (!known_.lock.template enter<Os>()) return nullptr;
    const image* home = image_of<Os>(known_, address);
    known_.lock.template leave<Os>();
    return home != nullptr && is_loaded(*home->of) ? home->of : nullptr;
  }

  /// Gives the load lock back. Inside a load events wait for its end: nobody is to be called while
  /// the system's loader is locked.
  void leave() noexcept {
    if (is_inside()) {
      known_.lock.template leave<Os>();
    } else {
      if (!anybody_works()) settle_crashes();
      leave_and_deliver<Os>(known_);
    }
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
    published,
    busy  // another thread works on it
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
        : file_(copies<Os>(known).create(library, path_, error)), stays_(!file_.is_open()) {}
    copy(const copy&) = delete;
    copy& operator=(const copy&) = delete;
    ~copy() {
      if (stays_) return;
      file_.close();
      Os::remove(path_.c_str());
      if (!debug_path_.empty()) Os::remove(debug_path_.c_str());
    }

    [[nodiscard]] const file& opened() const noexcept { return file_; }
    [[nodiscard]] const char* path() const noexcept { return path_.c_str(); }

    /// The last that is written.
    void finish(const image_format& content) noexcept {
      copies<Os>::separate_debug_file(path_.c_str(), file_, content, debug_path_);
      Os::end_writing(file_);
    }

    /// The file stays.
    void keep(registry& known) noexcept {
      file_.close();
      stays_ = true;
      copies<Os>(known).keep(path_.c_str());
      if (!debug_path_.empty()) copies<Os>(known).keep(debug_path_.c_str());
    }

   private:
    text path_;
    text debug_path_;
    file file_;
    bool stays_;  // or is not there
  };

  // --- who works

  [[nodiscard]] static bool is_worked_on(const record& of) noexcept {
    return of.worked_on_by != 0 && is_of_this_process<Os>(of.worked_on_by);
  }

  // Beyond what this loader publishes.
  [[nodiscard]] bool anybody_works() const noexcept {
    for (const record* each = first_record(); each != nullptr; each = each->next) {
      if (is_worked_on(*each) && !in_wave(*each)) return true;
    }
    return false;
  }

  // Whether this thread is in a static constructor or a hook that dymod has called.
  [[nodiscard]] bool is_inside() const noexcept {
    for (const record* each = first_record(); each != nullptr; each = each->next) {
      if (each->worked_on_by == 0 || in_wave(*each)) continue;
      if (each->worked_on_by == this_thread<Os>()) return true;
    }
    return false;
  }

  // Marks a record, as long as the lock is given back for foreign code.
  void begin_work(record& on) noexcept { on.worked_on_by = known_.lock.holder(); }
  void end_work(record& on) noexcept {
    // Another thread may have loaded it meanwhile, from inside a load of its own.
    if (on.worked_on_by == known_.lock.holder()) on.worked_on_by = 0;
  }

  /// @returns false, without the lock, inside a load or a hook; also on a thread that is opening a
  ///          library of the program's own, for which the one who works waits
  [[nodiscard]] bool enter_when_nobody_works() noexcept {
    uint64_t deadline = Os::monotonic() + patience;
    uint64_t waited_for = 0;
    bool alone = false;
    while (known_.lock.template enter<Os>()) {
      if (!anybody_works()) return true;
      const bool inside = is_inside();
      const bool opening = !hooks<Os>(known_).is_any_running();
      const uint64_t work = known_.copies_made;  // each image that is opened has one of its own
      known_.lock.template leave<Os>();
      if (inside) return false;
      const uint64_t time = Os::monotonic();
      if (!opening || work != waited_for) {
        waited_for = work;
        deadline = time + patience;
        alone = false;
      } else if (time >= deadline) {
        if (alone) return false;
        Os::wait_for_libraries();
        alone = true;
        deadline = Os::monotonic() + last_pause;  // the other has opened it, or waits for us
      }
      Os::sleep_milliseconds(1);
    }
    return false;
  }

  // --- the steps

  // What is there now; a refused build is judged again.
  outcome attempt(record& of, problem& why) noexcept {
    file_key key;
    return look(of, key, why) ? attempt(of, key, true, why) : outcome::absent;
  }

  /// @param insist  judges a refused build again
  outcome attempt(record& of, const file_key& key, bool insist, problem& why) noexcept {
    const outcome checked = check(of, insist, key);
    if (checked != outcome::news) return checked;
    image* fresh = nullptr;
    const outcome judged = judge(of, key, fresh, why);  // before `fresh` is read
    if (judged != outcome::proved) return conclude(of, judged, key, nullptr, why);
    of.proved = fresh;
    begin_wave();
    join_wave(of);
    record* refused = nullptr;
    const outcome result = publish_wave(refused, why);
    // Whichever module of the wave it was: this one does not come without it.
    return result == outcome::published ? result : conclude(of, result, key, nullptr, why);
  }

  /// All but the publishing, for reload_all() and for modules that go together.
  /// @param insist  judges a refused build again
  /// @returns whether this module does not stand in the way of a publication
  [[nodiscard]] bool prove(record& of, bool insist) noexcept {
    file_key key;
    problem why;
    outcome result = look(of, key, why) ? check(of, insist, key) : outcome::absent;
    if (result != outcome::news) of.proved = nullptr;  // not what is there now
    if (result == outcome::unchanged) {
      return key != of.published.load_relaxed()->refused;
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
  [[nodiscard]] static bool look(const record& of, file_key& key, problem& why) noexcept {
    if (Os::look(of.path, key)) return true;
    why.set(error_code::not_found) << "there is no file '" << of.path << "'";
    return false;
  }

  [[nodiscard]] static outcome check(record& of, bool insist, const file_key& key) noexcept {
    if (const snapshot* now = of.published.load_relaxed()) {
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
    const bool settled = is_settled(of, library, key, why);
    const bool same = Os::look(library, now_open) && now_open == key &&
                      Os::look(of.path, now_there) && now_there == key;
    if (!same) {
      why.set(error_code::being_written) << "'" << of.path << "' changed while it was copied";
      // However long that took: what is there now has a time of its own to be finished in.
      of.pending.first_seen = Os::monotonic();
    }
    if (!settled || !same) return outcome::later;
    const bool young = is_young(key);
    file_key written;
    static_cast<void>(Os::look(made.opened(), written));

    view content = Os::map(made.opened());
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
    const snapshot* now = of.published.load_relaxed();
    const uint64_t fingerprint = image_format::fingerprint(content.content());
    const auto is_built_as = [&](const image& other) {
      return other.fingerprint == fingerprint && is_same(content.content(), other.copy);
    };
    if (now != nullptr && is_built_as(*now->current)) return outcome::unchanged;
    for (const image* each = of.any_left ? of.images : nullptr; each != nullptr;
         each = each->previous) {
      if (each->left && is_built_as(*each)) return was_left(of, *each, why);
    }
    if (!fits(of, library_image, why)) return outcome::refused;
    for (image* each = of.unpublished > 0 ? of.images : nullptr; each != nullptr;
         each = each->previous) {
      if (each->generation != 0 || each->handle == nullptr) continue;
      if (!is_built_as(*each)) continue;
      // Opened before and never published: its static constructors are not to run again.
      if (!fit(of, to_compare_with(of), asked_first_about(of)).accepts(*each, why)) {
        return outcome::refused;
      }
      each->key = key;
      each->young = young;
      fresh = each;
      return outcome::proved;
    }
    made.finish(library_image);
    // What was judged is what is opened, and by its name only can it be.
    if (!Os::is_still(made.path(), made.opened(), written)) {
      if (Os::is_absent(made.path())) return vanished(of, why);
      why.set(error_code::copy_failed)
          << "'" << of.path << "' to '" << made.path() << "': somebody has changed the copy";
      return outcome::failed;
    }
    const outcome opened = open(of, made, key, young, fingerprint, fresh, why);
    if (opened == outcome::proved) {
      judged_.in = fresh;
      judged_.content = static_cast<view&&>(content);
      judged_.built = library_image;
    }
    return opened;
  }

  // Step 8, and what the other answers lead to.
  outcome conclude(record& of, outcome result, const file_key& key, image* fresh,
                   problem& why) noexcept {
    const snapshot* now = of.published.load_relaxed();
    const uint64_t time = Os::monotonic();
    const double seconds = static_cast<double>(time - of.pending.first_seen) / 1e9;
    switch (result) {
      case outcome::proved: {
        fresh->generation = of.last_generation + 1;
        fresh->came_after = now != nullptr ? now->current->generation : 0;
        snapshot next{fresh, key, file_key{}, fresh->young, nullptr, nullptr, false};
        if (now != nullptr && now->refused != key) next.refused = now->refused;
        if (!publish(of, next, why)) {
          fresh->generation = 0;
          const bool passing = why.code == error_code::out_of_memory;
          return conclude(of, passing ? outcome::failed : outcome::refused, key, nullptr, why);
        }
        of.last_generation = fresh->generation;
        --of.unpublished;
        of.pending = pending_build{};
        of.refused_for = nullptr;
        forget_refusals_for(of);
        announce(of, fresh->generation, seconds);
        tell_surprises(of, *fresh);
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
        of.refused_for = why.other_module;
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
        of.pending.next_look = time + pause_after_failure(time - of.pending.first_seen);
        return result;
      case outcome::later:
        if (time - of.pending.first_seen >= patience) tell_once(of, why, seconds);
        if (why.code == error_code::incomplete) {
          of.pending.next_look = time + pause_after(time - of.pending.first_seen);
        }
        return result;
      case outcome::news:
      case outcome::absent:
      case outcome::busy:
      case outcome::published: return result;
    }
    return result;
  }

  void tell_surprises(record& of, const image& taken) noexcept {
    surprises<Os> found(known_, of, taken);
    if (judged_.in == &taken) {
      found.tell(judged_.built);
      return;
    }
    const view content = copies<Os>::read(taken.copy);
    image_format built(content.content());
    text flaw;
    if (built.check(Os::target(), flaw) == completeness::complete) found.tell(built);
  }

  // What another module's build was refused for may be there now.
  void forget_refusals_for(const record& published) noexcept {
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (each->refused_for == nullptr) continue;
      if (::strcmp(each->refused_for, published.name) != 0) continue;
      snapshot next = *each->published.load_relaxed();
      next.refused = file_key{};
      problem why;
      if (publish(*each, next, why)) each->refused_for = nullptr;
    }
  }

  // --- modules that want something of each other

  // Waves have numbers, because the lock is given back in the middle of one: another thread, or a
  // hook, may then publish a first load, which is a wave of its own.
  void begin_wave() noexcept { wave_ = ++known_.waves_made; }

  void join_wave(record& of) noexcept {
    of.wave = wave_;
    of.reloads = is_loaded(of);
    begin_work(of);
  }

  [[nodiscard]] bool in_wave(const record& of) const noexcept {
    return wave_ != 0 && of.wave == wave_;
  }

  // What runs once the wave is published.
  [[nodiscard]] image* next_image(const record& of) const noexcept {
    return in_wave(of) ? of.proved : current_image(of);
  }

  // Whether the code that the caller is part of will be current then. Code of a generation that is
  // replaced may still run; it goes on with the last generation that fits it.
  [[nodiscard]] bool stays(const caller& each) const noexcept {
    return each.home == nullptr || each.home == next_image(*each.home->of);
  }

  [[nodiscard]] static bool has_news(const record& of) noexcept {
    file_key key;
    const snapshot* now = of.published.load_relaxed();
    return now != nullptr && !is_worked_on(of) && Os::look(of.path, key) && key != now->key;
  }

  // Whether there is a build that was not judged yet.
  [[nodiscard]] static bool has_unseen(const record& of) noexcept {
    file_key key;
    const snapshot* now = of.published.load_relaxed();
    return now != nullptr && Os::look(of.path, key) &&
           (key == now->key ? now->young : key != now->refused);
  }

  // Whether the caller's module may come along with a new build of its own.
  [[nodiscard]] bool may_go(const caller& each, const record& of) const noexcept {
    return each.home != nullptr && each.home->of != &of && !in_wave(*each.home->of) &&
           has_news(*each.home->of);
  }

  /// Who is to be asked about a build of a module: all who want something of it and stay; also
  /// modules that declare it and have not called it yet. The list is valid until the next one.
  [[nodiscard]] const caller* asked_about(const record& of) noexcept { return ask(of, true); }

  /// Those among them who will stay whatever comes along with the build: who must be content with
  /// it before anything else is looked at.
  [[nodiscard]] const caller* asked_first_about(const record& of) noexcept {
    return ask(of, false);
  }

  [[nodiscard]] const caller* ask(const record& of, bool all) noexcept {
    const caller* asked = nullptr;
    const auto add = [&](caller& each) {
      const bool is_calling = &each == joining_;  // it gets an answer, whatever becomes of its code
      if (!is_calling && (!stays(each) || (!all && may_go(each, of)))) return;
      each.next_asked = asked;
      asked = &each;
    };
    for (caller* each = of.callers; each != nullptr; each = each->next) add(*each);
    if (joining_ != nullptr && joining_to_ == &of) add(*joining_);
    for (record* host = first_record(); host != nullptr; host = host->next) {
      const image* runs = next_image(*host);
      if (runs == nullptr || runs->contained == nullptr) continue;
      for (caller* each = runs->contained->callers; each != nullptr; each = each->next_in_binary) {
        const bool has_called = each->found.load_relaxed() != nullptr;
        if (!has_called && each != joining_ && records<Os>(known_).find(*each) == &of) add(*each);
      }
    }
    return asked;
  }

  // Whether an image gives one caller all it wants.
  /// @param current  whose objects it may have to deal with; null: nobody's
  [[nodiscard]] bool serves(const record& of, const image& offered, const caller& wants,
                            problem& why, const image* current = nullptr) const noexcept {
    if (wants.extern_c) {
      text missing;
      const functions_of<Os> functions(offered, true);
      for (unsigned i = 0; i < wants.function_count; ++i) {
        const char* const name = wants.functions[i];
        if (functions.find(name, i) == nullptr) list_function(missing, name);
      }
      if (none_missing(of.path, missing, words_for(wants), why)) return true;
      if (wants.home != nullptr) why.other_module = wants.home->of->name;
      return false;
    }
    fit wanted(of, current, &wants, true);
    const module_unit* const unit = fit::units_of(offered);
    const bool served = unit == nullptr || wanted.accepts(fit::description_of(*unit), why);
    return served && wanted.accepts(offered, why);
  }

  // Whether any code of the wave wants something of modules.
  [[nodiscard]] bool wave_calls() const noexcept {
    for (const record* each = first_record(); each != nullptr; each = each->next) {
      const image* const next = in_wave(*each) ? each->proved : nullptr;
      if (next == nullptr || next->contained == nullptr) continue;
      if (next->contained->callers != nullptr) return true;
    }
    return false;
  }

  // The first who would be left with something else than it wants.
  [[nodiscard]] const caller* find_misfit(record*& of, problem& why) noexcept {
    const bool calls = wave_calls();
    for (of = first_record(); of != nullptr; of = of->next) {
      if (!calls && !in_wave(*of) && of != joining_to_) continue;
      const image* offered = next_image(*of);
      if (offered == nullptr) continue;
      const image* const before = in_wave(*of) ? to_compare_with(*of) : nullptr;
      for (const caller* each = asked_about(*of); each != nullptr; each = each->next_asked) {
        const bool moves = in_wave(*of) || (each->home != nullptr && in_wave(*each->home->of));
        if (moves && !serves(*of, *offered, *each, why, before)) return each;
      }
    }
    return nullptr;
  }

  /// Publishes all modules of the wave, with those that have to come along.
  /// @param refused  on failure, of which module the build does not fit
  outcome publish_wave(record*& refused, problem& why) noexcept {
    record* of = nullptr;
    while (const caller* unserved = find_misfit(of, why)) {
      record* const home = unserved->home != nullptr ? unserved->home->of : nullptr;
      record* const other = in_wave(*of) ? home : of;
      if (other != nullptr && !in_wave(*other) && !is_inside()) {
        // A first load may come here while others work: perhaps on this very module.
        if (anybody_works()) return end_wave(outcome::busy);
        if (has_news(*other) && prove(*other, true) && other->proved != nullptr) {
          join_wave(*other);
          continue;
        }
      }
      refused = in_wave(*of) ? of : home;
      if (!in_wave(*of)) why.other_module = of->name;
      return end_wave(outcome::refused);
    }
    const bool others_ran = run_hooks(true);
    // Whoever called for the first time while hooks ran has been served by the old generation.
    outcome result = outcome::published;
    const caller* const newcomer = others_ran ? find_misfit(of, why) : nullptr;
    const bool fits_still = newcomer == nullptr;
    if (!fits_still) refused = in_wave(*of) ? of : newcomer->home->of;
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (!in_wave(*each)) continue;
      image* const fresh = each->proved;
      const outcome one =
          fits_still ? conclude(*each, outcome::proved, fresh->key, fresh, why) : outcome::refused;
      if (one != outcome::published) result = one;
    }
    run_hooks(false);
    // What was given as hooks is destroyed by code of the images that are replaced: until that is
    // done nobody unloads them.
    hooks<Os>(known_).remove_replaced();
    return end_wave(result);
  }

  outcome end_wave(outcome result) noexcept {
    for (record* each = first_record(); each != nullptr; each = each->next) {
      if (!in_wave(*each)) continue;
      if (result != outcome::busy) each->proved = nullptr;
      end_work(*each);
    }
    wave_ = 0;
    return result;
  }

  /// @returns whether the lock was given back meanwhile
  bool run_hooks(bool before) noexcept {
    find_hooked();
    return hooks<Os>(known_).run(before,
                                 [this](const record& of) { return in_wave(of) && of.reloads; });
  }

  // A binary need not have called the modules whose reloads it wants to hear of.
  void find_hooked() noexcept {
    for (hook_entry* each = known_.hooks; each != nullptr; each = each->next) {
      if (each->wants == nullptr) continue;
      const record* const found = each->wants->found.load_relaxed();
      if (found != nullptr) each->of = found;
      if (each->of == nullptr) each->of = records<Os>(known_).find(*each->wants);
    }
  }

  // A hook before the reload says that the program takes care of what generations share. After a
  // crash no hook runs.
  [[nodiscard]] const image* to_compare_with(const record& of) noexcept {
    find_hooked();
    const bool cared_for = hooks_run_ && hooks<Os>(known_).any(of, true);
    return cared_for ? nullptr : current_image(of);
  }

  // --- going back

  /// @param with_hooks  run, and take care of what the generations share
  /// @returns whether an older generation is current now
  [[nodiscard]] bool go_back(record& of, bool with_hooks) noexcept {
    image* to = current_image(of);
    bool done = false;
    hooks_run_ = with_hooks;
    while (!done && (to = generation_before(of, to->generation)) != nullptr) {
      problem why;
      record* misfit_of = nullptr;
      begin_wave();
      of.proved = to;
      join_wave(of);
      if (find_misfit(misfit_of, why) == nullptr) {
        if (with_hooks) run_hooks(true);
        // Whoever called for the first time while hooks ran has been served by the newer one.
        done = find_misfit(misfit_of, why) == nullptr && publish_older(of, *to, why);
        if (with_hooks) run_hooks(false);
        hooks<Os>(known_).remove_replaced();
      }
      static_cast<void>(end_wave(outcome::published));
    }
    hooks_run_ = true;
    return done;
  }

  [[nodiscard]] bool publish_older(record& of, image& to, problem& why) noexcept {
    const snapshot* now = of.published.load_relaxed();
    // Refused is what is there now: the build that is left, or a later one that was refused.
    file_key there;
    const bool another = !Os::look(of.path, there) || there != now->key;
    snapshot next{&to, to.key, another ? now->refused : now->key, false, nullptr, nullptr, false};
    if (!another) remember_left(of, next.refused);
    if (!another && is_young(next.refused)) next.refused = file_key{};
    if (!publish(of, next, why)) return false;
    of.refused_for = nullptr;
    forget_refusals_for(of);
    return true;
  }

  // The build that was left is not told of again; but looked at, once, if a later one could look
  // the same.
  static void remember_left(record& of, const file_key& key) noexcept {
    of.told_of = key;
    of.told_code = error_code::rolled_back;
    of.pending = pending_build{};
    of.pending.key = key;
    of.pending.first_seen = Os::monotonic();
    of.pending.next_look = of.pending.first_seen + static_cast<uint64_t>(young_time);
  }

  [[nodiscard]] static image* generation_before(const record& of, unsigned generation) noexcept {
    image* found = nullptr;
    for (image* each = of.images; each != nullptr; each = each->previous) {
      if (each->generation == 0 || each->generation >= generation) continue;
      if (each->left || each->handle == nullptr) continue;
      if (found == nullptr || each->generation > found->generation) found = each;
    }
    return found;
  }

  // Builds like it are refused from now on.
  static void mark_left(image& in) noexcept {
    in.left = true;
    in.of->any_left = true;
  }

  void tell_of_crash(image& in, const crash_report& report, const text& place) noexcept {
    record& of = *in.of;
    in.crash = keep_report(report);
    mark_left(in);
    text message("'");
    message << report.function << "' crashed: " << report.words << " in generation "
            << in.generation;
    if (current_image(of) != &in) {
      message << "; generation " << generation_of(of) << " runs on";
    } else if (anybody_works()) {
      message << ", during a load or a hook: it stays current until that is over";
    } else {
      leave_current(of, message);
    }
    if (!place.empty()) message << problem::line_break << place;
    message << problem::line_break << words_for(error_code::rolled_back).cure;
    queue_event(known_, event_kind::crashed, of, generation_of(of), static_cast<text&&>(message),
                0);
  }

  /// @returns null without memory
  [[nodiscard]] static const crash_report* keep_report(const crash_report& report) noexcept {
    auto* const kept = allocate<crash_report>();
    char* const function = text(report.function).release();
    char* const words = text(report.words).release();
    if (kept != nullptr && function != nullptr && words != nullptr) {
      *kept = crash_report{function, words, report.signal, report.address};
      return kept;
    }
    ::free(words);
    ::free(function);
    ::free(kept);
    return nullptr;
  }

  void leave_current(record& of, text& message) noexcept {
    if (go_back(of, false)) {
      message << "; generation " << generation_of(of) << " is current again";
      return;
    }
    snapshot next = *of.published.load_relaxed();
    next.broken = next.current->crash != nullptr;  // what calls then say
    problem why;
    static_cast<void>(publish(of, next, why));
    message << ", and none before it can take over: calls throw until a new build comes";
  }

  // Those that crashed while somebody worked, if no new build has replaced them.
  void settle_crashes() noexcept {
    for (record* of = first_record(); of != nullptr; of = of->next) {
      const snapshot* const now = of->published.load_relaxed();
      if (now == nullptr || now->broken || now->current->crash == nullptr) continue;
      text message("generation ");
      message << now->current->generation << " has crashed";
      leave_current(*of, message);
      message << problem::line_break << words_for(error_code::rolled_back).cure;
      queue_event(known_, event_kind::crashed, *of, generation_of(*of),
                  static_cast<text&&>(message), 0);
    }
  }

  // Step 5, of a build that was taken once.
  [[nodiscard]] static outcome was_left(const record& of, const image& before,
                                        problem& why) noexcept {
    text& detail = why.set(error_code::rolled_back);
    detail << "'" << of.path << "' is generation " << before.generation << " again, ";
    if (before.crash != nullptr) {
      detail << "in which '" << before.crash->function << "' crashed (" << before.crash->words
             << ")";
    } else {
      detail << "which roll_back() has left";
    }
    return outcome::refused;
  }

  // --- unloading

  [[nodiscard]] bool unload(record& of, image& old) noexcept {
    const handler_choice* const chosen = known_.handler.load_acquire();
    if (chosen != nullptr && chosen->handler.function != nullptr &&
        image_of<Os>(known_, reinterpret_cast<const void*>(chosen->handler.function)) == &old) {
      warn_of(of, old, text("the event handler is part of it"));
      return false;
    }
    const guarded_threads* const guarded = known_.guarded.load_acquire();
    if (guarded != nullptr &&
        image_of<Os>(known_, reinterpret_cast<const void*>(guarded->find)) == &old) {
      warn_of(of, old, text("the handler of crashes is part of it"));
      return false;
    }
    begin_work(of);
    hooks<Os>(known_).remove_of(old);
    binary* const contained = old.contained;
    if (contained != nullptr) forget_callers(*contained);
    old.contained = nullptr;
    void* const handle = old.handle;
    old.handle = nullptr;
    known_.unloading = true;
    known_.lock.template leave<Os>();
    Os::close_library(handle);  // runs its static destructors
    const bool stays = Os::is_loaded(old.copy);
    static_cast<void>(known_.lock.template enter<Os>());
    known_.unloading = false;
    end_work(of);
    copies<Os>(known_).register_cleanup();
    if (stays) {
      // What is left of its code, such as the destructors of thread-local objects, joins anew.
      caller* each = contained != nullptr ? contained->callers : nullptr;
      for (; each != nullptr; each = each->next_in_binary) {
        each->found.store_release(nullptr);
      }
      warn_of(of, old, reason_to_keep(old.copy));
      return false;
    }
    forget_objects_of(known_, old);
    // What was left must be known again when it comes once more.
    if (!old.left) copies<Os>(known_).remove(old.copy);
    return true;
  }

  [[nodiscard]] static text reason_to_keep(const char* path) noexcept {
    const view content = copies<Os>::read(path);
    image_format library_image(content.content());
    text reason;
    text flaw;
    const bool readable = library_image.check(Os::target(), flaw) == completeness::complete;
    const char* const unique =
        readable ? library_image.find_unique([](const char*) { return true; }) : nullptr;
    if (unique != nullptr) {
      Os::append_symbol(reason << "it has unique symbols ('", unique)
          << "'): build it with -fno-gnu-unique";
    } else if (readable && library_image.has_thread_local()) {
      reason << "it has thread-local objects, which live until their threads end";
    } else {
      reason << "something else in the program has it open";
    }
    return reason;
  }

  static void forget_callers(const binary& of) noexcept {
    for (caller* gone = of.callers; gone != nullptr; gone = gone->next_in_binary) {
      record* const found = gone->found.load_relaxed();
      if (found != nullptr) unlink(*found, *gone);
      ::free(const_cast<char*>(gone->expected_path.exchange(nullptr)));
    }
  }

  static void unlink(record& of, const caller& gone) noexcept {
    caller** link = &of.callers;
    while (*link != nullptr && *link != &gone) link = &(*link)->next;
    if (*link != nullptr) *link = gone.next;
  }

  void warn_of(const record& of, const image& old, const text& reason) noexcept {
    text message(old.generation != 0 ? "generation " : "a refused build");
    if (old.generation != 0) message << old.generation;
    message << " stays loaded: " << reason;
    queue_event(known_, event_kind::warning, of, generation_of(of), static_cast<text&&>(message),
                0);
  }

  // --- the parts of the steps

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
    const view other = copies<Os>::read(other_path);
    return image_format::is_same(content, other.content());
  }

  // Step 6.
  [[nodiscard]] bool fits(const record& of, const image_format& library_image,
                          problem& why) noexcept {
    // g++'s names and clang's.
    static constexpr const char* runtimes[] = {
        "libasan.so",       "libtsan.so",       "liblsan.so",       "libhwasan.so",
        "libclang_rt.asan", "libclang_rt.tsan", "libclang_rt.lsan", "libclang_rt.hwasan"};
    const char* const needed = library_image.find_needed([](const char* name) {
      for (const char* runtime : runtimes) {
        if (image_format::begins_with(name, runtime)) return !Os::is_loaded(name);
      }
      return false;
    });
    if (needed != nullptr) {
      why.set(error_code::would_exit)
          << "'" << of.path << "' needs the sanitizer runtime '" << needed
          << "', which this program is not built with and which would end the process";
      return false;
    }
    const caller* const asked = asked_first_about(of);
    // Perhaps nobody: all who want something of it may come along.
    const image* const now = current_image(of);
    bool extern_c = now == nullptr || now->functions == nullptr;
    for (const caller* each = asked; each != nullptr; each = each->next_asked) {
      extern_c = extern_c && each->extern_c;
    }
    return extern_c ? offers_symbols(of, asked, library_image, why)
                    : offers_functions(of, asked, library_image, why);
  }

  [[nodiscard]] static bool offers_symbols(const record& of, const caller* asked,
                                           const image_format& library_image,
                                           problem& why) noexcept {
    text missing;
    const caller* missed_by = nullptr;
    bool only_modules = true;
    for (const caller* each = asked; each != nullptr; each = each->next_asked) {
      for (unsigned i = 0; i < each->function_count; ++i) {
        bytes content;
        if (library_image.find_symbol(each->functions[i], content)) continue;
        list_function(missing, each->functions[i]);
        missed_by = each;
        only_modules = only_modules && each->home != nullptr;
      }
    }
    if (missed_by == nullptr) return true;
    const bool fits = none_missing(of.path, missing, words_for(*missed_by), why);
    if (only_modules) why.other_module = missed_by->home->of->name;
    return fits;
  }

  [[nodiscard]] bool offers_functions(const record& of, const caller* asked,
                                      const image_format& library_image, problem& why) noexcept {
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
    return fit(of, to_compare_with(of), asked).accepts(described, why);
  }

  // Step 7.
  [[nodiscard]] outcome open(record& of, copy& made, const file_key& key, bool young,
                             uint64_t fingerprint, image*& fresh, problem& why) noexcept {
    fresh = allocate<image>();
    text path(made.path());
    if (fresh == nullptr || path.empty()) {
      ::free(fresh);
      why.set(error_code::out_of_memory) << "'" << of.path << "'";
      return outcome::failed;
    }
    fresh->key = key;
    fresh->young = young;
    fresh->fingerprint = fingerprint;
    fresh->copy = path.release();
    fresh->of = &of;
    fresh->previous = of.images;
    of.images = fresh;
    const image* const before = current_image(of);

    begin_work(of);
    known_.lock.template leave<Os>();
    text reason;
    const void* functions = nullptr;
    void* contained = nullptr;
    void* const handle = Os::open_library(fresh->copy);
    if (handle == nullptr) {
      Os::library_error(fresh->copy, reason);
    } else {
      text symbol("dymod_module_");
      symbol << of.name;
      if (const function_pointer offer = Os::symbol(handle, symbol.c_str())) {
        functions = reinterpret_cast<const module_table* (*)()>(offer)();
      }
      contained = Os::binary_in(handle);
    }
    static_cast<void>(known_.lock.template enter<Os>());
    end_work(of);

    if (handle == nullptr) {
      image** link = &of.images;
      while (*link != fresh) link = &(*link)->previous;
      *link = fresh->previous;
      forget_objects_of(known_, *fresh);
      ::free(fresh->copy);
      ::free(fresh);
      return Os::is_absent(made.path()) ? vanished(of, why) : not_opened(of, key, reason, why);
    }
    made.keep(known_);
    ++of.unpublished;
    fresh->handle = handle;
    fresh->functions = functions;
    fresh->contained = static_cast<binary*>(contained);
    if (fresh->contained != nullptr) fresh->contained->is_image = true;
    caller* each = fresh->contained != nullptr ? fresh->contained->callers : nullptr;
    for (; each != nullptr; each = each->next_in_binary) each->home = fresh;
    if (current_image(of) != before) return outcome::busy;  // loaded on another thread meanwhile
    return fit(of, to_compare_with(of), asked_first_about(of)).accepts(*fresh, why)
               ? outcome::proved
               : outcome::refused;
  }

  // Somebody clears the directory away, to build anew.
  [[nodiscard]] static outcome vanished(const record& of, problem& why) noexcept {
    why.set(error_code::being_written) << "'" << of.path << "' has lost its copy";
    return outcome::later;
  }

  // The cause need not be in the file, and may be passing: a library that it needs is still being
  // built, descriptors or memory are short.
  [[nodiscard]] static outcome not_opened(const record& of, const file_key& key, const text& reason,
                                          problem& why) noexcept {
    if (Os::has_room_for(key.size)) {
      why.set(error_code::open_failed) << "'" << of.path << "': " << reason;
    } else {
      why.set(error_code::out_of_memory)
          << "'" << of.path << "': no address space or no mappings left for another image ("
          << reason << ")";
    }
    return outcome::failed;
  }

  [[nodiscard]] static outcome unreadable(const record& of, problem& why) noexcept {
    const int error = Os::last_error();
    if (Os::means_absent(error)) {
      why.set(error_code::not_found) << "there is no file '" << of.path << "'";
      return outcome::absent;
    }
    if (Os::means_in_use(error)) {
      why.set(error_code::being_written) << "'" << of.path << "' is still being written";
      return outcome::later;
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

  // 1 s, 2 s, 4 s, … 10 s: what has lasted will last, and a try copies the whole library.
  [[nodiscard]] static uint64_t pause_after_failure(uint64_t waited) noexcept {
    if (waited < last_pause) return last_pause;
    return waited < 10 * last_pause ? waited : 10 * last_pause;
  }

  // --- publishing

  /// Makes `next` what calls see, with the functions of all callers unless it has them already.
  [[nodiscard]] bool publish(record& of, const snapshot& next, problem& why) noexcept {
    const snapshot* now = of.published.load_relaxed();
    snapshot* published = allocate<snapshot>();
    if (published == nullptr) {
      why.set(error_code::out_of_memory) << "'" << of.path << "'";
      return false;
    }
    *published = next;
    published->previous = now;
    if (published->functions == nullptr) {
      caller* const joins = joining_to_ == &of ? joining_ : nullptr;
      if (joins != nullptr) {
        joins->number = of.numbers_given++;
        joins->next = of.callers;
        of.callers = joins;
      }
      published->functions = resolve(of, *next.current, why);
      if (published->functions == nullptr) {
        if (joins != nullptr) of.callers = joins->next;
        ::free(published);
        return false;
      }
      if (joins != nullptr) joining_ = nullptr;  // it has
    }
    of.published.store_release(published);
    return true;  // NOLINT(clang-analyzer-unix.Malloc): calls read it from there, for ever
  }

  [[nodiscard]] const function_pointer* const* resolve(const record& of, const image& in,
                                                       problem& why) const noexcept {
    const snapshot* now = of.published.load_relaxed();
    auto** tables =
        static_cast<const function_pointer**>(::calloc(of.numbers_given + 1, sizeof(void*)));
    bool complete = tables != nullptr;
    if (!complete) why.set(error_code::out_of_memory) << "'" << of.path << "'";
    for (const caller* each = of.callers; complete && each != nullptr; each = each->next) {
      problem unserved;
      const function_pointer*& table = tables[each->number];
      if (!stays(*each) && !serves(of, in, *each, unserved)) {
        table = now->functions[each->number];
      } else {
        table = resolve_for(*each, of, in, why);
        complete = table != nullptr;
      }
    }
    if (complete) return tables;  // NOLINT(clang-analyzer-unix.Malloc): see publish
    // The rows are not freed: some may be those of the generation before.
    ::free(tables);
    return nullptr;
  }

  [[nodiscard]] static const function_pointer* resolve_for(const caller& wants, const record& of,
                                                           const image& in, problem& why) noexcept {
    auto* table =
        static_cast<function_pointer*>(::calloc(wants.function_count, sizeof(function_pointer)));
    if (table == nullptr) why.set(error_code::out_of_memory) << "'" << of.path << "'";
    const functions_of<Os> functions(in, wants.extern_c);
    for (unsigned i = 0; table != nullptr && i < wants.function_count; ++i) {
      table[i] = functions.find(wants.functions[i], i);
      if (table[i] != nullptr) continue;
      text missing;
      list_function(missing, wants.functions[i]);
      static_cast<void>(none_missing(of.path, missing, words_for(wants), why));
      ::free(table);
      return nullptr;
    }
    return table;
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
    if (!is_loaded(of) || (of.told_of == of.pending.key && of.told_code == why.code)) return;
    of.told_of = of.pending.key;
    of.told_code = why.code;
    const unsigned generation = generation_of(of);
    queue_event(known_, event_kind::rejected, of, generation, why.message(of.name, generation),
                seconds);
  }

  // --- first load

  /// @param alone  as if no other thread worked on it
  [[nodiscard]] record* try_load_first(caller& wants, bool alone, outcome& result,
                                       problem& why) noexcept {
    if (wants.home == nullptr) wants.home = image_of<Os>(known_, &wants);
    record* of = records<Os>(known_).find_library(wants, why);
    if (of == nullptr) return nullptr;
    const bool inside = alone || is_inside();
    bool served = false;
    do {
      result = outcome::unchanged;
      if (is_loaded(*of)) {
        served = attach(wants, *of, why);
        // A new build may serve it; but no reload starts while somebody works.
        if (served || inside) break;
        problem other_why;  // whether it does keeps that build from nobody else
        result = anybody_works() ? outcome::busy : attempt(*of, other_why);
        served = result == outcome::published && attach(wants, *of, why);
        break;
      }
      if (of->worked_on_by == known_.lock.holder()) {
        why.set(error_code::entered_again)
            << "a static constructor in '" << of->path << "' called module '" << of->name << "'";
        break;
      }
      // Inside a load this thread has the lock of the system's loader, which the other waits for,
      // and inside a hook others wait for it: it must not wait, and opens the library for itself.
      if (is_worked_on(*of) && !inside) {
        result = outcome::busy;
        break;
      }
      joining_ = &wants;
      joining_to_ = of;
      result = attempt(*of, why);
      served = joining_ == nullptr;
      joining_ = nullptr;
      joining_to_ = nullptr;
      // Published, but on another thread, which was inside a load.
      if (result == outcome::published && !served) result = outcome::busy;
    } while (result == outcome::busy && inside && is_loaded(*of));
    if (!served) return nullptr;
    wants.found.store_release(of);
    return of;
  }

  // Another binary of the process has loaded the module: its image serves this caller too, if it
  // fits.
  [[nodiscard]] bool attach(caller& wants, record& of, problem& why) noexcept {
    snapshot next = *of.published.load_relaxed();
    if (!serves(of, *next.current, wants, why)) return false;
    next.functions = nullptr;
    joining_ = &wants;
    joining_to_ = &of;
    const bool joined = publish(of, next, why);
    joining_ = nullptr;
    joining_to_ = nullptr;
    return joined;
  }

  [[nodiscard]] static bool is_loaded(const record& of) noexcept {
    return of.published.load_relaxed() != nullptr;
  }

  [[nodiscard]] record* first_record() const noexcept { return known_.records.load_acquire(); }

  // The last build that was found complete and opened, read once for all that is asked of it.
  struct judged_build {
    const image* in = nullptr;
    view content;
    image_format built{bytes{}};  // of the content
  };

  registry& known_;
  judged_build judged_;
  uint64_t wave_ = 0;          // that this loader is about to publish
  bool hooks_run_ = true;      // around it
  caller* joining_ = nullptr;  // asked with those that have joined already
  record* joining_to_ = nullptr;
};

}}  // namespace dymod::detail

#endif
