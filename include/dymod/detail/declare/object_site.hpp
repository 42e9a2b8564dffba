// SPDX-License-Identifier: MIT

// What a variable of DYMOD_PERSISTENT says of itself, and the door to those who find its object
// (reload/objects.hpp); as call/runtime.hpp is for calls.

#ifndef DYMOD_DETAIL_DECLARE_OBJECT_SITE_HPP
#define DYMOD_DETAIL_DECLARE_OBJECT_SITE_HPP

#include <stddef.h>  // size_t
#include <stdint.h>  // uintptr_t

#include <new>  // operator new

#include <dymod/detail/os/native.hpp>
#include <dymod/detail/os/target.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct persistent_object;
template <class Os> class objects;

/// What the compiler says of a place.
struct site_text {
  const char* file;
  const char* unit;      // the source file that is compiled; "": not known
  const char* name;      // of the variable
  const char* lambda;    // what a lambda at that place is called
  const char* function;  // what the function itself is called; "": not known, or there is none
};

/// One variable of one image. Constant-initialised.
class object_site {
 public:
  constexpr object_site() noexcept = default;

  /// For what find() has asked for. Another that constructs the same one is waited for there.
  [[nodiscard]] void* make_room(size_t size) {
    const size_t spare = alignment_ > __STDCPP_DEFAULT_NEW_ALIGNMENT__ ? alignment_ : 0;
    memory_ = nullptr;
    memory_ = ::operator new(size + spare);
    const uintptr_t over = spare == 0 ? 0 : reinterpret_cast<uintptr_t>(memory_) % spare;
    return static_cast<char*>(memory_) + (over == 0 ? 0 : spare - over);
  }

  [[nodiscard]] void* found() const noexcept { return found_; }

 private:
  template <class Os> friend class objects;

  void* found_ = nullptr;
  void* memory_ = nullptr;
  size_t alignment_ = 0;
  persistent_object* making_ = nullptr;  // null: one that nobody will find again
};

/// A type, as far as it can be told from another.
struct object_type {
  const char* text;          // declare/type_text.hpp
  const char* (*layouts)();  // records, declare/layout.hpp
};

/// A function from an old type to the new one.
struct object_conversion {
  object_type from;
  /// Constructs the new object in the room that the site makes.
  void* (*convert)(object_site& site, void* old);
};

/// What a variable is to refer to.
struct object_wanted {
  site_text site;
  object_type type;
  bool (*keeps_code)();
  const char* compiler;
  const object_conversion* conversions;
  unsigned conversion_count;
  size_t alignment;
};

// As class objects, of this process, for variables of this binary.
template <class Os> struct object_runtime {
  [[nodiscard]] static bool find(object_site& site, const object_wanted& wanted);
  static void complete(object_site& site, void* object) noexcept;
  static void abandon(object_site& site) noexcept;
};

using native_object_runtime = object_runtime<os::native>;

/// Room for what a variable is to refer to. If there is none the next who comes by tries again.
[[nodiscard]] inline void* make_room(object_site& site, size_t size) {
  struct attempt {
    object_site* failed;
    ~attempt() {
      if (failed != nullptr) native_object_runtime::abandon(*failed);
    }
  } without_room{&site};
  void* const room = site.make_room(size);
  without_room.failed = nullptr;
  return room;
}

}}  // namespace dymod::detail

#endif
