// SPDX-License-Identifier: MIT

// Events are queued while the load lock is held and delivered after it is given back, so that a
// handler may call modules, reload them, or take locks of its own.

#ifndef DYMOD_DETAIL_STATE_EVENTS_HPP
#define DYMOD_DETAIL_STATE_EVENTS_HPP

#include <stdio.h>   // snprintf
#include <stdlib.h>  // free, malloc

#include <new>  // placement new

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>
#include <dymod/event.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

struct queued_event {
  event news;  // its message is `message`
  text message;
  queued_event* next;
};

/// Takes place on the heap for good, or not at all.
/// @returns null without memory
template <class Type> [[nodiscard]] Type* allocate() noexcept {
  void* place = ::malloc(sizeof(Type));
  return place ? ::new (place) Type{} : nullptr;
}

/// The lock must be held. Without memory the event is lost: the program matters more.
inline void queue_event(registry& known, event_kind kind, const record& of, unsigned generation,
                        text&& message, double seconds) noexcept {
  queued_event* added = allocate<queued_event>();
  if (added == nullptr) return;
  added->message = static_cast<text&&>(message);
  added->news = event{kind, of.name, generation, of.path, added->message.c_str(), seconds};
  queued_event** end = &known.events;
  while (*end != nullptr) end = &(*end)->next;
  *end = added;
}

// See event.hpp: the field's name may be a macro of the user's.
#pragma push_macro("module")
#undef module
[[nodiscard]] inline const char* module_of(const event& news) noexcept { return news.module; }
#pragma pop_macro("module")

/// "dymod: sheep: …", as all begins that dymod says of a module.
[[nodiscard]] inline text as_said_of(const char* name, const char* message) noexcept {
  text lines("dymod: ");
  lines << name << ": " << message;
  return lines;
}

template <class Os> void print(text&& lines) noexcept {
  lines << "\n";
  Os::write_to_stderr(lines.c_str(), lines.size());
}

/// For what cannot be thrown.
template <class Os> [[noreturn]] void end_process(text&& lines) noexcept {
  print<Os>(static_cast<text&&>(lines));
  Os::abort();
}

/// Gives the lock back and delivers what was queued.
template <class Os> void leave_and_deliver(registry& known) noexcept {
  queued_event* events = known.events;
  known.events = nullptr;
  known.lock.leave<Os>();
  while (events != nullptr) {
    const handler_choice* chosen = known.handler.load_acquire();
    if (chosen != nullptr && chosen->handler.function != nullptr) {
      chosen->handler.function(events->news, chosen->handler.user);
    } else {
      print<Os>(as_said_of(module_of(events->news), events->news.message));
    }
    queued_event* next = events->next;
    events->~queued_event();
    ::free(events);
    events = next;
  }
}

/// "0.8 ms"
inline text& append_duration(text& to, double seconds) noexcept {
  char digits[32];
  static_cast<void>(::snprintf(digits, sizeof digits, "%.1f ms", seconds * 1000));
  return to << digits;
}

}}  // namespace dymod::detail

#endif
