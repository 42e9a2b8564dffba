// SPDX-License-Identifier: MIT

// What is behind the door (call/runtime.hpp).

#ifndef DYMOD_DETAIL_RELOAD_RUNTIME_HPP
#define DYMOD_DETAIL_RELOAD_RUNTIME_HPP

#include <stdint.h>  // uint64_t

#include <dymod/detail/call/runtime.hpp>
#include <dymod/detail/os/os.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/hooks.hpp>
#include <dymod/detail/reload/loader.hpp>
#include <dymod/detail/state/events.hpp>
#include <dymod/detail/state/process.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>
#include <dymod/event.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> void runtime<Os>::list(caller& wants) noexcept { list_in_binary(wants); }

template <class Os>
record* runtime<Os>::load_first(caller& wants, error_code& code, text& lines) noexcept {
  problem why;
  record* const loaded = basic_loader<Os>(process_registry()).load_first(wants, why);
  if (loaded != nullptr) return loaded;
  code = why.code;
  lines = as_said_of(wants.name, why.message(wants.name).c_str());
  return nullptr;
}

template <class Os> record& runtime<Os>::load_first_or_end(caller& wants) noexcept {
  error_code code{};
  text lines;
  record* const loaded = load_first(wants, code, lines);
  if (loaded == nullptr) end_process<Os>(static_cast<text&&>(lines));
  return *loaded;
}

template <class Os> const snapshot* runtime<Os>::look(caller& wants) noexcept {
  record* const known = wants.found.load_acquire();
  if (known == nullptr) return nullptr;
  const snapshot* const now = known->published.load_acquire();
  file_key key;
  const bool is_there = Os::look(known->path, key);
  if (!is_there || (key == now->key ? !now->young : key == now->refused)) return now;
  return basic_loader<Os>(process_registry()).catch_up(*known, key);
}

template <class Os>
const snapshot* runtime<Os>::look_at_intervals(caller& wants, unsigned interval) noexcept {
  const uint64_t time = Os::coarse_milliseconds();
  if (time - wants.last_look.load_relaxed() >= interval) {
    wants.last_look.store_relaxed(time);
    return look(wants);
  }
  const record* const known = wants.found.load_acquire();
  return known != nullptr ? known->published.load_acquire() : nullptr;
}

template <class Os> bool runtime<Os>::reload(record& known) noexcept {
  return basic_loader<Os>(process_registry()).reload(known);
}

template <class Os> bool runtime<Os>::reload_all() noexcept {
  return basic_loader<Os>(process_registry()).reload_all();
}

template <class Os> bool runtime<Os>::roll_back(record& known) noexcept {
  return basic_loader<Os>(process_registry()).roll_back(known);
}

template <class Os> unsigned runtime<Os>::unload_old(record& known) noexcept {
  return basic_loader<Os>(process_registry()).unload_old(known);
}

template <class Os> record* runtime<Os>::find_loaded(caller& wants) noexcept {
  return basic_loader<Os>(process_registry()).find_loaded(wants);
}

template <class Os> const char* runtime<Os>::expected_path(caller& wants) noexcept {
  return basic_loader<Os>(process_registry()).expected_path(wants);
}

template <class Os> record* runtime<Os>::find_own() noexcept {
  return basic_loader<Os>(process_registry()).module_of(&own_binary);
}

template <class Os> uint64_t runtime<Os>::add_hook(hook_entry& added, const void* code) noexcept {
  return hooks<Os>(process_registry()).add(added, code);
}

template <class Os> void runtime<Os>::remove_hook(uint64_t number) noexcept {
  hooks<Os>(process_registry()).remove(number);
}

template <class Os>
event_handler runtime<Os>::set_event_handler(event_function function, void* user) noexcept {
  atomic<const handler_choice*>& current = process_registry().handler;
  const handler_choice* before = current.load_acquire();
  handler_choice* next = allocate<handler_choice>();
  if (next != nullptr) {
    next->handler = event_handler{function, user};
    do {
      next->previous = before;
    } while (!current.compare_exchange(before, next));
  }
  return before != nullptr ? before->handler : event_handler{nullptr, nullptr};
}

template <class Os> bool runtime<Os>::may_run_broken() noexcept {
  return basic_loader<Os>(process_registry()).may_run_broken();
}

template <class Os> image* runtime<Os>::image_at(const void* address) noexcept {
  return basic_loader<Os>(process_registry()).image_at(address);
}

template <class Os>
void runtime<Os>::leave_crashed(image& in, const crash_report& report, const text& place) noexcept {
  basic_loader<Os>(process_registry()).leave_crashed(in, report, place);
}

}}  // namespace dymod::detail

#endif
