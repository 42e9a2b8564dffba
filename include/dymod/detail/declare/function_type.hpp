// SPDX-License-Identifier: MIT

// What DYMOD asks about the types in its list. Used in both modes, hence without <type_traits>:
// static mode includes no standard header.

#ifndef DYMOD_DETAIL_DECLARE_FUNCTION_TYPE_HPP
#define DYMOD_DETAIL_DECLARE_FUNCTION_TYPE_HPP

namespace dymod::detail {

// Few lines, because release builds preprocess to as many. Not noexcept(Nothrow), which cl does not
// deduce.
// clang-format off
template <class Type> inline constexpr bool is_function = false;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments...)> = true;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments...) noexcept> = true;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments..., ...)> = true;
template <class Result, class... Arguments> inline constexpr bool is_function<Result(Arguments..., ...) noexcept> = true;
// clang-format on

template <class Type> struct function_type {
  static_assert(is_function<Type>, "dymod: DYMOD takes functions: (name, int(int a, int b))");
  using type = Type;
};

// A function type declares a function: `function_type_t<int(int)> twice;` is `int twice(int);`.
template <class Type> using function_type_t = typename function_type<Type>::type;

}  // namespace dymod::detail

#endif
