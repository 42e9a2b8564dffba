// SPDX-License-Identifier: MIT

// What a process knows of its modules: registry -> records (one per module and library) -> the
// published snapshot that calls read, and the callers that want something of it. Every binary (the
// program, its libraries, the images of modules) has a registry; one of them is the process's, see
// process.hpp. Constant-initialised and never destroyed, so that modules can be called before main,
// after it, and from static constructors and destructors. Plain data: who changes it is said at
// each member; what has no word with it, under the load lock.

#ifndef DYMOD_DETAIL_STATE_REGISTRY_HPP
#define DYMOD_DETAIL_STATE_REGISTRY_HPP

#include <stdint.h>  // int64_t, uint64_t

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/atomic.hpp>
#include <dymod/detail/state/file_key.hpp>
#include <dymod/detail/state/lock.hpp>
#include <dymod/event.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

using function_pointer = void (*)();

struct record;
struct binary;
struct guarded_place;

/// How code of an image crashed.
struct crash_report {
  const char* function;  // that was called; an image's are on the heap, for ever
  const char* words;     // "SIGSEGV at address 0x10"
  int signal;
  const void* address;  // as the system tells it
};

/// One opened copy of a library. Never closed by itself: string literals, vtables, threads and
/// frames of old code stay valid.
struct image {
  unsigned generation;    // 0 until published
  file_key key;           // of the library when it was copied
  bool young;             // see snapshot::young
  uint64_t fingerprint;   // of its file, see elf
  void* handle;           // the system's; null while it is being opened and after it was unloaded
  char* copy;             // path of the copy that was opened
  const void* functions;  // what the image offers: const module_table*, null for extern "C" modules
  binary* contained;      // what it wants of other modules; null: nothing
  record* of;
  image* previous;            // opened before this one
  bool left;                  // crashed, or rolled back from: its bytes are not taken again
  const crash_report* crash;  // null: it has not
  unsigned came_after;        // generation that was current until this one was; 0: none
};

/// What a call reads: immutable once published, never freed (some call may still be reading it),
/// and kept within reach, so that leak checkers do not take it for lost.
struct snapshot {
  image* current;
  file_key key;      // of the library file that holds current's bytes; a touch changes it
  file_key refused;  // of the last build refused: not looked at again until the file changes
  bool young;  // the key was so fresh when copied that a second build could look the same: look
               // again
  const function_pointer* const* functions;  // [caller::number][index in the caller's declaration]
  const snapshot* previous;
  bool broken;  // current has crashed, and there is none before it: guarded calls fail
};

/// One binary's declaration of one module. Constant-initialised; one per module and binary.
struct caller {
  const char* name;              // of the module
  const char* const* functions;  // the declared names
  const char* const* types;  // their types and layouts (declare/layout.hpp); not read if extern_c
  unsigned function_count;
  bool extern_c;                  // plain C symbols: no description, no table
  const char* (*library_path)();  // DYMOD_PATH_<module>, null if not defined

  atomic<record*> found;              // null until the first load succeeded
  atomic<uint64_t> last_look;         // ms; for DYMOD_CHECK_INTERVAL_MS
  atomic<const char*> expected_path;  // where the library ought to be; null until asked
  unsigned number;                    // place in snapshot::functions; set before `found`
  image* home;                        // that it is part of; null: of the program or a library
  caller* next;                       // in record::callers
  const caller* next_asked;           // in the list of those asked about a build
  caller* next_in_binary;             // in binary::callers; from static constructors
  bool listed;                        // there

  constexpr caller(const char* module_name, const char* const* names,
                   const char* const* function_types, unsigned count, bool c,
                   const char* (*path)()) noexcept
      : name(module_name),
        functions(names),
        types(function_types),
        function_count(count),
        extern_c(c),
        library_path(path),
        found(nullptr),
        last_look(0),
        expected_path(nullptr),
        number(0),
        home(nullptr),
        next(nullptr),
        next_asked(nullptr),
        next_in_binary(nullptr),
        listed(false) {}
};

/// A build that was seen and could not be judged yet.
struct pending_build {
  file_key key;
  uint64_t first_seen = 0;  // monotonic ns
  uint64_t next_look = 0;   // monotonic ns
};

/// One module from one library. Never freed.
struct record {
  const char* name;
  const char* path;                   // of the library, absolute
  atomic<const snapshot*> published;  // null until the first load succeeded
  record* next;
  caller* callers;           // highest number first
  unsigned numbers_given;    // to callers; none twice: code that is still loaded may use its own
  image* images;             // all that were opened, the last first; some were never published
  unsigned last_generation;  // none twice
  unsigned unpublished;      // images; some of them may be unloaded
  bool any_left;             // image::left, of any image
  pending_build pending;
  file_key told_of;         // the build that the last `rejected` event was about
  error_code told_code;     // and why
  image* proved;            // opened and found to fit, but not published yet
  uint64_t wave;            // number of the last one that `proved` was to be published in
  bool reloads;             // in that wave; else it is its first load, of which no hook hears
  const char* refused_for;  // module whose next build may do away with the refusal; null: none
  uint64_t worked_on_by;    // thread that works on it without the lock: opens it, runs its hooks
  unsigned surprises;       // that were told of, see surprises.hpp
};

/// Something to be run before or after a module's reload.
struct hook_entry {
  uint64_t number;       // never used again
  caller* wants;         // who registered it; null: the module itself
  const record* of;      // of which module; null: not known yet
  image* home;           // its code is part of; null: of the program or a library
  image* registered_by;  // likewise
  bool before;           // the reload; else after
  bool removed;
  uint64_t run_by;               // thread that is in it, or destroys it
  void (*run)(hook_entry*);      // what was given
  void (*destroy)(hook_entry*);  // what was given; null once that has begun
  void (*release)(hook_entry*);  // the rest, after that
  hook_entry* next;
};

/// A thread that has called modules with a guard against crashes.
struct guarded_thread {
  guarded_place* innermost;  // call that is to be left when code crashes; null: none
  void* stack;               // for signal handlers, if it is ours
};

/// Finds the calling thread's. Code of the binary that handles signals for all of the process.
struct guarded_threads {
  unsigned long key;             // the system's, by which they are found
  guarded_thread* (*find)();     // null: it has none yet
  guarded_thread* (*prepare)();  // null without memory
};

/// Who hears of events. Never freed: another thread may be calling it.
struct handler_choice {
  event_handler handler;
  const handler_choice* previous;
};

struct queued_event;

/// Everything dymod knows in one process.
struct registry {
  load_lock lock;
  atomic<record*> records{nullptr};                 // prepended under the lock
  atomic<const handler_choice*> handler{nullptr};   // null: the default
  atomic<const guarded_threads*> guarded{nullptr};  // null: no call is guarded yet
  queued_event* events = nullptr;                   // oldest first
  hook_entry* hooks = nullptr;                      // oldest first
  uint64_t hooks_made = 0;
  uint64_t waves_made = 0;
  struct persistent_object* objects = nullptr;  // the last made first; reload/objects.hpp
  struct copy_directory* copy_directories = nullptr;
  struct copy_file* copies = nullptr;
  uint64_t copies_made = 0;
  int64_t copies_owner = 0;  // process id; a forked child starts its own list
  char token[17] = {};       // 16 hexadecimal digits: this process among all
  bool cleanup_registered = false;
  bool unloading = false;  // the system runs the exit handlers of an image

  constexpr registry() noexcept = default;
};

/// What each binary has, and shows the others of the process. Its layout, with all above, is what
/// they agree on.
struct binary {
  char mark[16] = DYMOD_DETAIL_BINARY_MARK;
  atomic<registry*> process{nullptr};  // of all; null until asked for
  caller* callers = nullptr;           // declared here; from static constructors
  bool is_image = false;               // of a module; else the program or a library of its own
  registry own;                        // used if this binary is the process's first

  constexpr binary() noexcept = default;
};

/// @returns 0 before the first load
[[nodiscard]] inline unsigned generation_of(const record& of) noexcept {
  const snapshot* now = of.published.load_acquire();
  return now != nullptr ? now->current->generation : 0;
}

}}  // namespace dymod::detail

#endif
