// SPDX-License-Identifier: MIT

// A call with a guard (DYMOD_CRASH_GUARD=1): when code of the module crashes, the signal's handler
// jumps back to the thunk, the module goes back to the generation before, and the thunk throws
// dymod::crash. What lies between is skipped: destructors, unlocks.

#ifndef DYMOD_DETAIL_CALL_CRASH_GUARD_HPP
#define DYMOD_DETAIL_CALL_CRASH_GUARD_HPP

#include <dymod/config.hpp>
#include <dymod/detail/os/target.hpp>

// Not for Windows, which config.hpp says where a guard is asked for.
#if DYMOD_DETAIL_OS_HAS_SIGNALS()

#include <setjmp.h>  // sigsetjmp

#include <dymod/detail/call/crash.hpp>
#include <dymod/detail/call/thunk.hpp>
#include <dymod/detail/os/crash_signals.hpp>
#include <dymod/detail/os/os.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/state/events.hpp>
#include <dymod/detail/state/objects.hpp>
#include <dymod/detail/state/process.hpp>
#include <dymod/detail/state/registry.hpp>

namespace dymod {
namespace detail DYMOD_DETAIL_HIDDEN {

// Code of the program itself, and of libraries of its own, is not the module's, whoever calls it.
// What does not use dymod, the C library say, runs on behalf of its caller.
[[nodiscard]] inline bool is_guarded(const void* instruction) noexcept {
  const auto holder = os::native::note::holder_of(instruction);
  const auto* const found = static_cast<const binary*>(holder.place);
  return found != nullptr ? found->is_image : !holder.is_program;
}

/// Handles crashes from now on, if nobody does yet.
/// @returns null if the system refuses
[[nodiscard]] inline const guarded_threads* guard_process(registry& known) noexcept {
  const os::native::quiet undisturbed;
  if (!known.lock.enter<os::native>()) return nullptr;
  const guarded_threads* threads = known.guarded.load_acquire();
  const bool is_first = threads == nullptr;
  if (is_first) {
    threads = os::crash_signals::handle(&is_guarded);
    known.guarded.store_release(threads);
  }
  known.lock.leave<os::native>();
  if (is_first && threads != nullptr) {
    os::native::keep_library_of(reinterpret_cast<const void*>(threads->find));
  }
  return threads;
}

[[nodiscard]] DYMOD_DETAIL_SELDOM inline guarded_thread* guard_thread() noexcept {
  const guarded_threads* const threads = guard_process(process_registry());
  return threads != nullptr ? threads->prepare() : nullptr;
}

/// @returns null if it cannot be had; then calls go without a guard
[[nodiscard]] DYMOD_DETAIL_GONE guarded_thread* this_guarded_thread() noexcept {
  const registry* const known = own_binary.process.load_acquire();
  const guarded_threads* const threads = known != nullptr ? known->guarded.load_acquire() : nullptr;
  guarded_thread* const found =
      threads != nullptr ? os::crash_signals::this_thread(*threads) : nullptr;
  return found != nullptr ? found : guard_thread();
}

/// Throws, or ends the process, with a message.
template <bool Throws>
[[noreturn]] void fail(const char* name, const text& message, const crash_report& report,
                       unsigned generation) noexcept(!Throws) {
  text lines = as_said_of(name, message.c_str());
#if DYMOD_DETAIL_EXCEPTIONS()
  if constexpr (Throws) {
    throw crash(static_cast<text&&>(lines), name, report.function, report.signal, generation,
                report.address);
  }
#endif
  static_cast<void>(report);
  static_cast<void>(generation);
  end_process<os::native>(static_cast<text&&>(lines));
}

/// A call of a module, while it lasts. The function is looked up at its beginning.
template <class Module, unsigned Index, class Policy> class guarded_call {
 public:
  DYMOD_DETAIL_GONE guarded_call() noexcept(!Policy::throws) {
    const snapshot* const now = current_snapshot<Module, Policy>();
    caller& wants = caller_of<Module>::instance;
    if (now->broken) check_whether_to_run(*now->current);
    in_ = now->current;
    function_ = now->functions[wants.number][Index];
    thread_ = this_guarded_thread();
    if (thread_ != nullptr) place_.begin(*thread_);
  }
  guarded_call(const guarded_call&) = delete;
  guarded_call& operator=(const guarded_call&) = delete;
  DYMOD_DETAIL_GONE ~guarded_call() {
    if (thread_ != nullptr) thread_->innermost = place_.outer;
  }

  [[nodiscard]] DYMOD_DETAIL_GONE ::sigjmp_buf& back() noexcept { return place_.back; }
  [[nodiscard]] DYMOD_DETAIL_GONE function_pointer function() const noexcept { return function_; }

  /// The call has crashed.
  [[noreturn]] void leave() noexcept(!Policy::throws) {
    os::crash_signals::go_on_after(place_.crash);
    text called(Module::names()[Index]);
    text words;
    os::crash_signals::append_crash(words, place_.crash);
    text place;
    os::crash_signals::append_place(place, place_.crash);
    // Perhaps a callback of another module.
    image* const owner = native_runtime::image_at(place_.crash.instruction);
    image& in = owner != nullptr ? *owner : *in_;
    text message("'");
    message << called << "' crashed: " << words << " in generation " << in.generation;
    if (!place.empty()) message << problem::line_break << place;
    const crash_report report{called.c_str(), words.c_str(), place_.crash.number,
                              place_.crash.address};
    forget_unfinished_objects<os::native>(process_registry(), &place_);
    native_runtime::leave_crashed(in, report, place);
    fail<Policy::throws>(in.of->name, message, report, in.generation);
  }

 private:
  DYMOD_DETAIL_SELDOM static void check_whether_to_run(const image& broken) noexcept(
      !Policy::throws) {
    if (native_runtime::may_run_broken()) return;
    const crash_report& report = *broken.crash;
    text message("'");
    message << Module::names()[Index] << "' is not called: '" << report.function << "' crashed ("
            << report.words << ") in generation " << broken.generation
            << ", and none before it can take over" << problem::line_break
            << words_for(error_code::rolled_back).cure;
    fail<Policy::throws>(Module::name(), message, report, broken.generation);
  }

  guarded_place place_;
  guarded_thread* thread_;
  image* in_;
  function_pointer function_;
};

}  // namespace DYMOD_DETAIL_HIDDEN

inline namespace dynamic_mode {

/// A thunk whose calls are guarded.
template <class Module, unsigned Index, class Policy, class Type> struct guarded_thunk;

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN guarded_thunk<Module, Index, Policy, Result(Arguments...)> {
  using type = Result(Arguments...);
  static Result call(Arguments... given) {
    static_assert(detail::check_arguments<Arguments...>());
    detail::guarded_call<Module, Index, Policy> here;
    if (sigsetjmp(here.back(), 0) != 0) here.leave();
    return reinterpret_cast<type*>(here.function())(detail::pass<Arguments>::on(given)...);
  }
};

template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct DYMOD_DETAIL_HIDDEN guarded_thunk<Module, Index, Policy, Result(Arguments...) noexcept> {
  using type = Result(Arguments...) noexcept;
  using quiet = typename Policy::without_exceptions;
  static Result call(Arguments... given) noexcept {
    static_assert(detail::check_arguments<Arguments...>());
    detail::guarded_call<Module, Index, quiet> here;
    if (sigsetjmp(here.back(), 0) != 0) here.leave();
    return reinterpret_cast<type*>(here.function())(detail::pass<Arguments>::on(given)...);
  }
};

// What it refuses the other refuses, in words.
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct guarded_thunk<Module, Index, Policy, Result(Arguments..., ...)>
    : thunk<Module, Index, Policy, Result(Arguments..., ...)> {};
template <class Module, unsigned Index, class Policy, class Result, class... Arguments>
struct guarded_thunk<Module, Index, Policy, Result(Arguments..., ...) noexcept>
    : thunk<Module, Index, Policy, Result(Arguments..., ...)> {};

}  // namespace dynamic_mode
}  // namespace dymod

#endif

#endif
