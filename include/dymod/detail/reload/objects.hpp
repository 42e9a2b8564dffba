// SPDX-License-Identifier: MIT

// The variables of DYMOD_PERSISTENT, at run time: a generation that comes by one for the first time
// finds the object that an earlier one has made, or carries its value over to its new type, or
// makes one anew and says why. User code (constructors, conversions) runs without the load lock;
// the object is marked as being made meanwhile, and other threads wait for it.
//
// Strings are copied: the image that they are of may be unloaded. No platform code here.

#ifndef DYMOD_DETAIL_RELOAD_OBJECTS_HPP
#define DYMOD_DETAIL_RELOAD_OBJECTS_HPP

#include <stddef.h>  // size_t
#include <stdint.h>  // uint64_t
#include <stdlib.h>  // free, malloc
#include <string.h>  // memcpy, strcmp, strlen, strncmp

#include <new>  // operator new

#include <dymod/detail/declare/object_site.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/layouts.hpp>
#include <dymod/detail/reload/loader.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/reload/records.hpp>
#include <dymod/detail/reload/site_name.hpp>
#include <dymod/detail/reload/type_comparison.hpp>
#include <dymod/detail/state/events.hpp>
#include <dymod/detail/state/guarded.hpp>
#include <dymod/detail/state/objects.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class objects {
 public:
  explicit objects(registry& known) noexcept : known_(known) {}

  /// Finds the variable's object. Waits while another thread constructs it.
  /// @param code  an address in the variable's binary
  /// @returns false if there is none: then one is to be made with `new (site)` and handed to
  ///          complete()
  [[nodiscard]] bool find(object_site& site, const object_wanted& wanted, const void* code) {
    site.alignment_ = wanted.alignment;
    site.making_ = nullptr;
    const object_conversion* conversion = nullptr;
    void* old = nullptr;
    if (!look(site, wanted, code, conversion, old)) return false;
    if (conversion != nullptr) complete(site, conversion->convert(site, old));
    return true;
  }

  /// The object is constructed.
  void complete(object_site& site, void* object) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    site.found_ = object;
    persistent_object* const made = site.making_;
    site.making_ = nullptr;
    if (made == nullptr || !known_.lock.template enter<Os>()) return;
    made->memory = site.memory_;
    made->object = object;
    made->made_by = 0;
    if (made->news != nullptr) warn(*made->of, text(made->news));
    ::free(made->news);
    made->news = nullptr;
    basic_loader<Os>(known_).leave();
  }

  /// Its constructor has thrown: the next who comes by tries again.
  void abandon(object_site& site) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    ::operator delete(site.memory_);
    persistent_object* const made = site.making_;
    site.making_ = nullptr;
    if (made == nullptr || !known_.lock.template enter<Os>()) return;
    persistent_object** link = &known_.objects;
    while (*link != made) link = &(*link)->next;
    *link = made->next;
    known_.lock.template leave<Os>();
    discard_object(made);
  }

 private:
  // Under which number an object is known to be of some generation.
  struct candidate {
    persistent_object* object = nullptr;
    unsigned generation = 0;
  };

  /// @returns whether there is an object, or one that can be carried over
  [[nodiscard]] bool look(object_site& site, const object_wanted& wanted, const void* code,
                          const object_conversion*& conversion, void*& old) noexcept {
    const typename Os::quiet undisturbed;
    const unguarded own_work(known_);
    const guarded_place* const call = own_work.innermost();
    text key;
    append_site_key(key, wanted.site);
    const uint64_t me = this_thread<Os>();
    for (;;) {
      // A signal handler in the middle of a load has one for itself.
      if (!known_.lock.template enter<Os>()) return false;
      image* const home = image_of<Os>(known_, code);
      if (home == nullptr || key.empty()) {
        known_.lock.template leave<Os>();
        return false;
      }
      record& of = *home->of;
      if (const object_user* const other = find_user(of, key, *home)) {
        add(site, wanted, call, of, nullptr, nullptr,
            other->site != &site ? twice(wanted) : text());
        known_.lock.template leave<Os>();
        return false;
      }
      const candidate best = choose(of, key, *home);
      if (best.object != nullptr && best.object->object == nullptr) {
        const bool own = best.object->made_by == me;
        if (own) add(site, wanted, call, of, nullptr, nullptr, text());
        known_.lock.template leave<Os>();
        if (own) return false;  // its constructor has called the new generation
        Os::sleep_milliseconds(1);
        continue;
      }
      differences found("the new build");
      if (best.object != nullptr && is_same(*best.object, best.generation, wanted, found)) {
        if (add_user(*best.object, *home, &site)) {
          site.found_ = best.object->object;
          tell_of_old_code(*best.object, best.generation, wanted);
        }
        basic_loader<Os>(known_).leave();
        return site.found_ != nullptr;
      }
      if (best.object != nullptr) conversion = find_conversion(*best.object, wanted);
      if (conversion != nullptr) old = best.object->object;
      const bool anew = best.object != nullptr && conversion == nullptr;
      add(site, wanted, call, of, &key, home, anew ? begins_anew(wanted, found) : text());
      known_.lock.template leave<Os>();
      return conversion != nullptr;
    }
  }

  // --- which object

  [[nodiscard]] static bool is_findable(const persistent_object& each, const record& of,
                                        const text& key) noexcept {
    if (each.of != &of || each.key == nullptr || ::strcmp(each.key, key.c_str()) != 0) return false;
    // In a forked child nobody goes on with what another thread of its parent was constructing.
    return each.made_by == 0 || is_of_this_process<Os>(each.made_by);
  }

  // By which the same image has come by this key before.
  [[nodiscard]] const object_user* find_user(const record& of, const text& key,
                                             const image& home) const noexcept {
    const persistent_object* each = known_.objects;
    for (; each != nullptr; each = each->next) {
      if (!is_findable(*each, of, key)) continue;
      for (const object_user* user = each->users; user != nullptr; user = user->next) {
        if (user->by == &home) return user;
      }
    }
    return nullptr;
  }

  // The one that the image's own generation would have come by, had it been there: that of the
  // generation that it came after, or that this one came after, and so on. (Not just of the last
  // before it: the program may have gone back.) If none of them has used it: of the last at all.
  // What only builds that were refused have used is as if it were not there.
  [[nodiscard]] candidate choose(const record& of, const text& key,
                                 const image& home) const noexcept {
    unsigned number = home.generation != 0 ? home.generation : generation_of(of);
    for (; number != 0; number = generation_before(of, number)) {
      const candidate found = find_last(of, key, number, number);
      if (found.object != nullptr) return found;
    }
    return find_last(of, key, 1, ~0U);
  }

  [[nodiscard]] static unsigned generation_before(const record& of, unsigned number) noexcept {
    for (const image* each = of.images; each != nullptr; each = each->previous) {
      if (each->generation == number) return each->came_after;
    }
    return 0;
  }

  [[nodiscard]] candidate find_last(const record& of, const text& key, unsigned from,
                                    unsigned to) const noexcept {
    candidate last;
    for (persistent_object* each = known_.objects; each != nullptr; each = each->next) {
      if (!is_findable(*each, of, key)) continue;
      for (const object_user* user = each->users; user != nullptr; user = user->next) {
        const unsigned number = generation_of(*user);
        if (number >= from && number <= to && number > last.generation) last = {each, number};
      }
    }
    return last;
  }

  // --- types

  [[nodiscard]] static bool is_same(const persistent_object& old, unsigned generation,
                                    const object_wanted& wanted, differences& found) noexcept {
    text who("generation ");
    who << generation;
    const bool one_compiler = ::strcmp(old.compiler, wanted.compiler) == 0;
    if (!same_type(old.type, wanted.type.text, one_compiler)) {
      found.add(text(wanted.site.name), 0, who, as_words(old.type), as_words(wanted.type.text));
      return false;
    }
    record_reader all(wanted.type.layouts());
    const char* name = nullptr;
    layout its;
    while (next_layout(all, name, its)) {
      layout mine;
      learn(record_reader(old.layouts), name, mine);
      add_if_different(found, name, who, mine, its);
    }
    return found.none();
  }

  // The first function from a type like the old object's. Its name is another one: the old one's
  // is the new type's now.
  [[nodiscard]] static const object_conversion* find_conversion(
      const persistent_object& old, const object_wanted& wanted) noexcept {
    for (unsigned i = 0; i < wanted.conversion_count; ++i) {
      const object_conversion& each = wanted.conversions[i];
      if (is_alike(old.type, each.from.text) &&
          has_like_layouts(record_reader(old.layouts), record_reader(each.from.layouts()))) {
        return &each;
      }
    }
    return nullptr;
  }

  // Types as text that differ in names of the user's at most.
  [[nodiscard]] static bool is_alike(const char* a, const char* b) noexcept {
    static constexpr char standard[] = "\1std::";
    for (; *a != '\0' && *b != '\0'; ++a, ++b) {
      if (*a != *b) return false;
      if (*a != name_begins) continue;
      const size_t a_length = length_of_name(a);
      const size_t b_length = length_of_name(b);
      const bool named = ::strncmp(a, standard, sizeof standard - 1) == 0 ||
                         ::strncmp(b, standard, sizeof standard - 1) == 0;
      if (named && (a_length != b_length || ::strncmp(a, b, a_length) != 0)) return false;
      a += a_length;
      b += b_length;
      if (*a == '\0' || *b == '\0') return false;
    }
    return *a == *b;
  }

  // From one mark to the other.
  [[nodiscard]] static size_t length_of_name(const char* at) noexcept {
    size_t length = 0;
    while (at[length] != '\0' && at[length] != name_ends) ++length;
    return length;
  }

  [[nodiscard]] static bool has_like_layouts(record_reader a, record_reader b) noexcept {
    const char* name = nullptr;
    layout one;
    layout other;
    for (;;) {
      const bool more = next_layout(a, name, one);
      if (next_layout(b, name, other) != more) return false;
      if (!more) return true;
      if (::strcmp(one.size, other.size) != 0 || different_field(one.fields, other.fields) != 0) {
        return false;
      }
    }
  }

  // --- making

  // An entry for an object that is about to be constructed, by this thread. Without memory for one
  // nobody will find it again.
  /// @param key   null: nobody shall
  /// @param home  whose; with key
  void add(object_site& site, const object_wanted& wanted, const guarded_place* call, record& of,
           const text* key, const image* home, const text& news) noexcept {
    persistent_object* const made = allocate<persistent_object>();
    if (made == nullptr) return;
    const char* const layouts = wanted.type.layouts();
    made->of = &of;
    made->type = copy(wanted.type.text, ::strlen(wanted.type.text) + 1);
    made->layouts = copy(layouts, size_of_records(layouts) + 1);
    made->compiler = copy(wanted.compiler, ::strlen(wanted.compiler) + 1);
    made->made_by = this_thread<Os>();
    made->made_in = call;
    made->keeps_code = wanted.keeps_code();
    if (!news.empty()) made->news = copy(news.c_str(), news.size() + 1);
    bool whole = made->type != nullptr && made->layouts != nullptr && made->compiler != nullptr;
    if (key != nullptr) {
      made->key = copy(key->c_str(), key->size() + 1);
      whole = whole && made->key != nullptr && add_user(*made, *home, &site);
    }
    if (!whole) return discard_object(made);
    made->next = known_.objects;
    known_.objects = made;
    site.making_ = made;
  }

  [[nodiscard]] static bool add_user(persistent_object& to, const image& by,
                                     const void* site) noexcept {
    object_user* const user = allocate<object_user>();
    if (user == nullptr) return false;
    *user = object_user{&by, 0, site, to.users};
    to.users = user;
    return true;
  }

  [[nodiscard]] static char* copy(const char* from, size_t size) noexcept {
    char* const made = static_cast<char*>(::malloc(size));
    if (made != nullptr) ::memcpy(made, from, size);
    return made;
  }

  // --- what is told

  [[nodiscard]] static text begins_anew(const object_wanted& wanted,
                                        const differences& found) noexcept {
    text words;
    append_site(words, wanted.site)
        << " begins anew: its type has changed" << found.sides() << cure
        << "to carry its value over keep the old type under another name, and name a function "
           "from that to the new one in DYMOD_PERSISTENT_FROM";
    return words;
  }

  [[nodiscard]] static text twice(const object_wanted& wanted) noexcept {
    text words;
    append_site(words, wanted.site) << " is there twice: this one begins anew in each generation"
                                    << cure << "give one of the two variables another name";
    return words;
  }

  void tell_of_old_code(persistent_object& of, unsigned generation,
                        const object_wanted& wanted) noexcept {
    if (!of.keeps_code || of.told) return;
    of.told = true;
    text words;
    append_site(words, wanted.site)
        << " keeps the code of generation " << generation
        << ": virtual functions, std::function and pointers to functions stay what they were"
        << cure << "keep plain data in it, and make such objects anew from that";
    warn(*of.of, static_cast<text&&>(words));
  }

  void warn(const record& of, text&& words) noexcept {
    queue_event(known_, event_kind::warning, of, generation_of(of), static_cast<text&&>(words), 0);
  }

  static constexpr const char* cure = problem::line_break;

  registry& known_;
};

}}  // namespace dymod::detail

#endif
