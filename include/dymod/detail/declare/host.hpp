// SPDX-License-Identifier: MIT

// DYMOD in a translation unit of the host, dynamic mode: each name becomes a reference to a thunk,
// which is a function of the very type that was declared.

#ifndef DYMOD_DETAIL_DECLARE_HOST_HPP
#define DYMOD_DETAIL_DECLARE_HOST_HPP

#include <stddef.h>  // size_t

#include <dymod/config.hpp>
#include <dymod/detail/call/library.hpp>
#include <dymod/detail/call/thunk.hpp>
#include <dymod/detail/declare/entry.hpp>
#include <dymod/detail/declare/for_each.hpp>
#include <dymod/detail/declare/function_type.hpp>
#include <dymod/detail/declare/layout.hpp>

#if DYMOD_CRASH_GUARD
#include <dymod/detail/call/crash_guard.hpp>
#define DYMOD_DETAIL_THUNK guarded_thunk
#else
#define DYMOD_DETAIL_THUNK thunk
#endif

namespace dymod { namespace detail {

// DYMOD_PATH_<module> may be undefined, which a macro cannot ask. Joining the suffix to it gives a
// name that DYMOD declares (null) or, from a string literal, that literal with this suffix.
constexpr const char* operator""_dymod_path(const char* path, size_t) noexcept { return path; }

}}  // namespace dymod::detail

#define DYMOD_DETAIL_POLICY \
  ::dymod::policy<DYMOD_AUTO_RELOAD != 0, DYMOD_CHECK_INTERVAL_MS, DYMOD_DETAIL_EXCEPTIONS() == 1>

#define DYMOD_DETAIL_INDEX(name, ...) name,
#define DYMOD_DETAIL_NAME(name, ...) #name,
#define DYMOD_DETAIL_TYPE(name, ...)              \
  ::dymod::detail::described<dymod_detail_module, \
                             ::dymod::detail::function_type_t<__VA_ARGS__>>::value.characters,

// The names are `inline`, else g++ -O0 compiles what they refer to in every translation unit,
// called or not. Translation units with different policies refer to different thunks: hence a
// namespace for each policy. Its name is made of the policy's tokens, and an interval may be any
// expression: with one, the names are the translation unit's own. Not an inline namespace, beside
// which a user could declare an overload, and learn it from the first call only. Hidden: images do
// not share what they refer to.
#if DYMOD_CHECK_INTERVAL_MS
#define DYMOD_DETAIL_REFERENCE(name, ...) \
  [[maybe_unused]] static constexpr auto& name = __VA_ARGS__;
#else
#define DYMOD_DETAIL_REFERENCE(name, ...)                                         \
  namespace DYMOD_DETAIL_POLICY_NAMESPACE {                                       \
  [[maybe_unused]] DYMOD_DETAIL_HIDDEN inline constexpr auto& name = __VA_ARGS__; \
  }                                                                               \
  using DYMOD_DETAIL_POLICY_NAMESPACE::name;
#endif

// As dymod_thunk_1_0_1: calls look, at every call, and throw.
#define DYMOD_DETAIL_POLICY_NAMESPACE                                                            \
  DYMOD_DETAIL_POLICY_NAMESPACE_(DYMOD_DETAIL_THUNK, DYMOD_AUTO_RELOAD, DYMOD_CHECK_INTERVAL_MS, \
                                 DYMOD_DETAIL_EXCEPTIONS())
#define DYMOD_DETAIL_POLICY_NAMESPACE_(thunk, looks, interval, throws) \
  DYMOD_DETAIL_POLICY_WORDS(thunk, looks, interval, throws)
#define DYMOD_DETAIL_POLICY_WORDS(thunk, looks, interval, throws) \
  dymod_##thunk##_##looks##_##interval##_##throws

#define DYMOD_DETAIL_HOST_FUNCTION(name, ...)                                                 \
  DYMOD_DETAIL_CHECK_ENTRY(name)                                                              \
  DYMOD_DETAIL_REFERENCE(                                                                     \
      name, ::dymod::DYMOD_DETAIL_THUNK<                                                      \
                dymod_detail_module, static_cast<unsigned>(dymod_detail_module::index::name), \
                DYMOD_DETAIL_POLICY, ::dymod::detail::function_type_t<__VA_ARGS__>>::call)

#define DYMOD_DETAIL_HOST(extern_c, module_name, ...)                                              \
  namespace module_name {                                                                          \
  struct DYMOD_DETAIL_HIDDEN dymod_detail_module {                                                 \
    enum class index : unsigned {                                                                  \
      DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_INDEX, __VA_ARGS__) dymod_detail_count                    \
    };                                                                                             \
    static constexpr bool is_extern_c = extern_c;                                                  \
    static constexpr const char* function_names[] = {                                              \
        DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_NAME, __VA_ARGS__)};                                    \
    static constexpr const char* function_types[] = {                                              \
        DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_TYPE, __VA_ARGS__)};                                    \
    static constexpr const char* name() { return #module_name; }                                   \
    static constexpr const char* const* names() { return function_names; }                         \
    static constexpr const char* const* types() { return function_types; }                         \
    static constexpr unsigned count() { return static_cast<unsigned>(index::dymod_detail_count); } \
    static const char* library_path() {                                                            \
      using ::dymod::detail::operator""_dymod_path;                                                \
      [[maybe_unused]] constexpr const char* DYMOD_PATH_##module_name##_dymod_path = nullptr;      \
      return DYMOD_DETAIL_JOIN(DYMOD_PATH_##module_name, _dymod_path);                             \
    }                                                                                              \
  };                                                                                               \
  DYMOD_DETAIL_MEANT_CONSTRUCTOR(                                                                  \
      static const ::dymod::detail::listed_caller<dymod_detail_module> dymod_detail_listed)        \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_HOST_FUNCTION, __VA_ARGS__)                                   \
  DYMOD_DETAIL_REFERENCE(                                                                          \
      reload, ::dymod::module_functions<dymod_detail_module, DYMOD_DETAIL_POLICY>::reload)         \
  [[maybe_unused]] static constexpr ::dymod::library_handle<dymod_detail_module> library{};        \
  }

#endif
