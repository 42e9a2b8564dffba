// SPDX-License-Identifier: MIT

// DYMOD in a translation unit of the module's shared library (<module>_EXPORTS is defined): the
// functions themselves, the description that is read before the library is opened, and the table
// that is asked for after. Defines no inline variable and no static of an inline function: g++
// shares those between images.

#ifndef DYMOD_DETAIL_DECLARE_MODULE_HPP
#define DYMOD_DETAIL_DECLARE_MODULE_HPP

#include <dymod/detail/call/library.hpp>
#include <dymod/detail/declare/entry.hpp>
#include <dymod/detail/declare/for_each.hpp>
#include <dymod/detail/declare/function_type.hpp>
#include <dymod/detail/declare/layout.hpp>
#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/description.hpp>

// Hidden, because a host that exports its symbols (-rdynamic) must not capture the module's calls
// to itself.
#define DYMOD_DETAIL_MODULE_FUNCTION(name, ...) \
  DYMOD_DETAIL_CHECK_ENTRY(name)                \
  DYMOD_DETAIL_HIDDEN ::dymod::detail::function_type_t<__VA_ARGS__> name;

#define DYMOD_DETAIL_DESCRIPTION_MEMBER(name, ...)                                 \
  char record_of_##name[sizeof(DYMOD_DETAIL_DESCRIPTION_RECORD(name))];            \
  ::dymod::detail::description_type<dymod_detail_description,                      \
                                    ::dymod::detail::function_type_t<__VA_ARGS__>> \
      type_of_##name;

#define DYMOD_DETAIL_DESCRIPTION_VALUE(name, ...)               \
  DYMOD_DETAIL_DESCRIPTION_RECORD(name),                        \
      ::dymod::detail::description_of<dymod_detail_description, \
                                      ::dymod::detail::function_type_t<__VA_ARGS__>>,

#define DYMOD_DETAIL_TABLE_ROW(name, ...) \
  {#name, reinterpret_cast<void (*)()>(   \
              static_cast<::dymod::detail::function_type_t<__VA_ARGS__>*>(&name))},

#define DYMOD_DETAIL_LATER_LAYOUTS(name, ...)                                 \
  ::dymod::detail::later_layouts<dymod_detail_unit, dymod_detail_description, \
                                 ::dymod::detail::function_type_t<__VA_ARGS__>>(),

// The handle of the module inside the module. A module does not reload itself.
#define DYMOD_DETAIL_OWN_LIBRARY()                            \
  DYMOD_DETAIL_GONE constexpr bool reload() { return false; } \
  struct DYMOD_DETAIL_HIDDEN dymod_detail_own_module;         \
  [[maybe_unused]] static constexpr ::dymod::library_handle<  \
      ::dymod::detail::own<dymod_detail_own_module>>          \
      library{};

// The exported description is one translation unit's, whichever the linker keeps. What the others
// know, a static constructor of each puts into a list.
#define DYMOD_DETAIL_MODULE(module_name, ...)                                                      \
  namespace module_name {                                                                          \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_MODULE_FUNCTION, __VA_ARGS__)                                 \
  DYMOD_DETAIL_OWN_LIBRARY()                                                                       \
  struct dymod_detail_description {                                                                \
    char head[sizeof(DYMOD_DETAIL_DESCRIPTION_HEAD)];                                              \
    DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_DESCRIPTION_MEMBER, __VA_ARGS__)                            \
    char end[1];                                                                                   \
  };                                                                                               \
  static constexpr dymod_detail_description dymod_detail_own_description = {                       \
      DYMOD_DETAIL_DESCRIPTION_HEAD,                                                               \
      DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_DESCRIPTION_VALUE, __VA_ARGS__) ""};                      \
  namespace {                                                                                      \
  struct dymod_detail_unit;                                                                        \
  }                                                                                                \
  static constexpr const char* (*dymod_detail_later_layouts[])() = {                               \
      DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_LATER_LAYOUTS, __VA_ARGS__)};                             \
  DYMOD_DETAIL_HIDDEN inline const ::dymod::detail::module_unit* dymod_detail_units = nullptr;     \
  DYMOD_DETAIL_MEANT_CONSTRUCTOR(static const ::dymod::detail::module_unit dymod_detail_this_unit( \
      &dymod_detail_own_description, sizeof dymod_detail_own_description,                          \
      dymod_detail_later_layouts, dymod_detail_units))                                             \
  static const ::dymod::detail::module_table* dymod_detail_table() {                               \
    static const ::dymod::detail::module_function dymod_detail_functions[] = {                     \
        DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_TABLE_ROW, __VA_ARGS__)};                               \
    static const ::dymod::detail::module_table dymod_detail_table_itself = {                       \
        dymod_detail_functions, sizeof dymod_detail_functions / sizeof *dymod_detail_functions,    \
        &dymod_detail_units};                                                                      \
    return &dymod_detail_table_itself;                                                             \
  }                                                                                                \
  extern "C" {                                                                                     \
  extern DYMOD_DETAIL_SHOWN const dymod_detail_description dymod_description_##module_name;        \
  DYMOD_DETAIL_EXPORT_FUNCTION const ::dymod::detail::module_table* dymod_module_##module_name();  \
  DYMOD_DETAIL_EXPORT_FUNCTION const ::dymod::detail::module_table* dymod_module_##module_name() { \
    return dymod_detail_table();                                                                   \
  }                                                                                                \
  }                                                                                                \
  extern "C" DYMOD_DETAIL_EXPORT_DATA const dymod_detail_description                               \
      dymod_description_##module_name = dymod_detail_own_description;                              \
  }

// A module of plain C symbols that happens to be written in C++ and to include its header.
#define DYMOD_DETAIL_MODULE_EXTERN_C_FUNCTION(name, ...) \
  DYMOD_DETAIL_CHECK_ENTRY(name)                         \
  DYMOD_DETAIL_SHOWN ::dymod::detail::function_type_t<__VA_ARGS__> name;

#define DYMOD_DETAIL_MODULE_EXTERN_C(module_name, ...)                      \
  namespace module_name {                                                   \
  extern "C" {                                                              \
  DYMOD_DETAIL_FOR_EACH(DYMOD_DETAIL_MODULE_EXTERN_C_FUNCTION, __VA_ARGS__) \
  }                                                                         \
  DYMOD_DETAIL_OWN_LIBRARY()                                                \
  }

#endif
