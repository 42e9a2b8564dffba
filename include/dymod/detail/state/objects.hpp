// SPDX-License-Identifier: MIT

// The objects of DYMOD_PERSISTENT in one process: which there are, and which images use them. On
// the heap and never freed: code of any generation may refer to them. Under the load lock.

#ifndef DYMOD_DETAIL_STATE_OBJECTS_HPP
#define DYMOD_DETAIL_STATE_OBJECTS_HPP

#include <stdint.h>  // uint64_t, uintptr_t
#include <stdlib.h>  // free

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/lock.hpp>
#include <dymod/detail/state/registry.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

/// An image that refers to an object.
struct object_user {
  const image* by;      // null once it was unloaded
  unsigned generation;  // that it was; while it is loaded `by` tells
  const void* site;     // its variable
  object_user* next;
};

/// One object. Several may have one key: whenever its type changes there is another.
struct persistent_object {
  record* of;      // whose image made it; null: of the program or a library
  char* key;       // file, function and name of its variable; null: nobody finds it again
  char* type;      // as text (declare/type_text.hpp)
  char* layouts;   // as records (declare/layout.hpp)
  char* compiler;  // that wrote `type`
  void* memory;
  void* object;                  // in it; null: not constructed yet
  uint64_t made_by;              // thread that constructs it; 0: none does any more
  const guarded_place* made_in;  // guarded call in which it does; null: none
  char* news;                    // to be told once it is constructed; null: none
  bool keeps_code;               // of the generation that made it
  bool told;                     // of that
  object_user* users;
  persistent_object* next;
};

/// 0: never published
[[nodiscard]] inline unsigned generation_of(const object_user& user) noexcept {
  return user.by != nullptr ? user.by->generation : user.generation;
}

/// Frees what is known of an object that nobody knows any more; not the object.
inline void discard_object(persistent_object* gone) noexcept {
  while (gone->users != nullptr) {
    object_user* const user = gone->users;
    gone->users = user->next;
    ::free(user);
  }
  ::free(gone->key);
  ::free(gone->type);
  ::free(gone->layouts);
  ::free(gone->compiler);
  ::free(gone->news);
  ::free(gone);
}

/// A guarded call of this thread has crashed: what was being constructed in it nobody ends, and
/// others wait for that. The load lock must not be held. (Calls further in lie before it: stacks
/// grow downwards.)
template <class Os>
void forget_unfinished_objects(registry& known, const guarded_place* crashed) noexcept {
  if (!known.lock.enter<Os>()) return;
  const uint64_t me = this_thread<Os>();
  const auto place = reinterpret_cast<uintptr_t>(crashed);
  for (persistent_object** link = &known.objects; *link != nullptr;) {
    persistent_object* const each = *link;
    const auto made_in = reinterpret_cast<uintptr_t>(each->made_in);
    if (each->made_by == me && made_in != 0 && made_in <= place) {
      *link = each->next;
      discard_object(each);
    } else {
      link = &each->next;
    }
  }
  known.lock.leave<Os>();
}

/// An image is not there any more. What it used stays, and that its generation did.
inline void forget_objects_of(registry& known, const image& gone) noexcept {
  for (persistent_object* each = known.objects; each != nullptr; each = each->next) {
    for (object_user** link = &each->users; *link != nullptr;) {
      object_user* const user = *link;
      if (user->by == &gone) {
        user->by = nullptr;
        user->site = nullptr;
        user->generation = gone.generation;
      }
      if (generation_of(*user) != 0 || user->by != nullptr) {
        link = &user->next;
      } else {
        *link = user->next;
        ::free(user);
      }
    }
  }
}

}}  // namespace dymod::detail

#endif
