// SPDX-License-Identifier: MIT

// What DYMOD asks about the types in its list. Used in both modes, hence without <type_traits>:
// static mode includes no standard header.

#ifndef DYMOD_DETAIL_DECLARE_FUNCTION_TYPE_HPP
#define DYMOD_DETAIL_DECLARE_FUNCTION_TYPE_HPP

namespace dymod {
namespace detail {

template <class Type>
struct is_function {
  static constexpr bool value = false;
};

template <class Result, class... Arguments>
struct is_function<Result(Arguments...)> {
  static constexpr bool value = true;
};

template <class Result, class... Arguments>
struct is_function<Result(Arguments...) noexcept> {
  static constexpr bool value = true;
};

template <class Result, class... Arguments>
struct is_function<Result(Arguments..., ...)> {
  static constexpr bool value = true;
};

template <class Result, class... Arguments>
struct is_function<Result(Arguments..., ...) noexcept> {
  static constexpr bool value = true;
};

template <class Type, bool IsFunction = is_function<Type>::value>
struct function_type {
  using type = Type;
};

// `void()` after the assertion, so that one mistake gives one message.
template <class Type>
struct function_type<Type, false> {
  static_assert(is_function<Type>::value,
                "dymod: DYMOD takes functions, written as (name, type) with a function type such "
                "as int(int a, int b)");
  using type = void();
};

// A function type declares a function: `function_type_t<int(int)> twice;` is `int twice(int);`.
template <class Type>
using function_type_t = typename function_type<Type>::type;

}  // namespace detail
}  // namespace dymod

#endif
