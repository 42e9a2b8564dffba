// SPDX-License-Identifier: MIT

// What every entry of a DYMOD list is checked for, in every mode, before it becomes a declaration:
// reserved names and names listed twice. No standard header.

#ifndef DYMOD_DETAIL_DECLARE_ENTRY_HPP
#define DYMOD_DETAIL_DECLARE_ENTRY_HPP

#include <dymod/detail/declare/for_each.hpp>  // DYMOD_DETAIL_SECOND

#define DYMOD_DETAIL_RESERVED_reload ~, 1
#define DYMOD_DETAIL_RESERVED_library ~, 1
#define DYMOD_DETAIL_IS_RESERVED(name) DYMOD_DETAIL_SECOND(DYMOD_DETAIL_RESERVED_##name, 0, ~)

// A function may be declared twice, an enumeration may not: its name is the error message.
#define DYMOD_DETAIL_CHECK_ENTRY(name)                                           \
  static_assert(!DYMOD_DETAIL_IS_RESERVED(name),                                 \
                "dymod: '" #name                                                 \
                "' is a name of dymod's own in every module; name the function " \
                "otherwise");                                                    \
  enum class dymod_error_##name##_is_listed_twice{};

#define DYMOD_DETAIL_SET_ ~, 1
#define DYMOD_DETAIL_SET_1 ~, 1

// 1 if the macro given is defined as 1 or as nothing (as -DNAME and CMake do), 0 if it is not
// defined.
#define DYMOD_DETAIL_IS_SET(macro) DYMOD_DETAIL_IS_SET_(macro)
#define DYMOD_DETAIL_IS_SET_(value) DYMOD_DETAIL_SECOND(DYMOD_DETAIL_SET_##value, 0, ~)

#endif
