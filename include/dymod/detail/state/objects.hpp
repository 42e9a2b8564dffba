// SPDX-License-Identifier: MIT

// The objects of DYMOD_PERSISTENT in one process: which there are, and which images use them. On
// the heap and never freed: code of any generation may refer to them. Under the load lock.

#ifndef DYMOD_DETAIL_STATE_OBJECTS_HPP
#define DYMOD_DETAIL_STATE_OBJECTS_HPP

#include <stdint.h>  // uint64_t
#include <stdlib.h>  // free

#include <dymod/detail/os/target.hpp>
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
  void* object;      // in it; null: not constructed yet
  uint64_t made_by;  // thread that constructs it; 0: none does any more
  char* news;        // to be told once it is constructed; null: none
  bool keeps_code;   // of the generation that made it
  bool told;         // of that
  object_user* users;
  persistent_object* next;
};

/// 0: never published
[[nodiscard]] inline unsigned generation_of(const object_user& user) noexcept {
  return user.by != nullptr ? user.by->generation : user.generation;
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
