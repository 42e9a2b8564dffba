// SPDX-License-Identifier: MIT

// What DYMOD_PERSISTENT is given, taken apart: a type or a list of functions that may stand in
// parentheses, and functions from an old type to the new one, which are checked alike in all modes.
// No standard header.

#ifndef DYMOD_DETAIL_DECLARE_CONVERSION_HPP
#define DYMOD_DETAIL_DECLARE_CONVERSION_HPP

#include <dymod/detail/declare/for_each.hpp>  // DYMOD_DETAIL_IS_ENTRY, DYMOD_DETAIL_JOIN

// What stands in the parentheses, or all if there are none.
#define DYMOD_DETAIL_BARE(x) DYMOD_DETAIL_JOIN(DYMOD_DETAIL_BARE_, DYMOD_DETAIL_IS_ENTRY(x))(x)
#define DYMOD_DETAIL_BARE_0(x) x
#define DYMOD_DETAIL_BARE_1(x) DYMOD_DETAIL_BARE_ALL x
#define DYMOD_DETAIL_BARE_ALL(...) __VA_ARGS__

namespace dymod { namespace detail {

// Few lines, because release builds preprocess to as many.
// clang-format off
template <class Type> struct without_const { using type = Type; };
template <class Type> struct without_const<const Type> { using type = Type; };
template <class Type> struct without_const<volatile Type> { using type = Type; };
template <class Type> struct without_const<const volatile Type> { using type = Type; };
template <class Type> struct without_reference { using type = Type; };
template <class Type> struct without_reference<Type&> { using type = Type; };
template <class Type> struct without_reference<Type&&> { using type = Type; };
template <class Type> using without_const_t = typename without_const<Type>::type;
template <class Type> using bare_t = without_const_t<typename without_reference<Type>::type>;

template <class One, class Other> inline constexpr bool is_one_type = false;
template <class Type> inline constexpr bool is_one_type<Type, Type> = true;

template <class Function> struct conversion_parts { static constexpr bool known = false; };
template <class To, class From> struct conversion_parts<To (*)(From)> {
  static constexpr bool known = true;
  using from = From;
  using to = To;
};
template <class To, class From> struct conversion_parts<To (*)(From) noexcept> : conversion_parts<To (*)(From)> {};
// clang-format on

template <class Type, class Function> constexpr bool check_conversion() {
  using parts = conversion_parts<Function>;
  static_assert(parts::known,
                "dymod: DYMOD_PERSISTENT_FROM takes a function from the old type to the new one, "
                "'herd from_herd_1(const herd_1& old)', or several in parentheses");
  if constexpr (parts::known) {
    static_assert(
        is_one_type<without_const_t<typename parts::to>, without_const_t<Type>>,
        "dymod: a function in DYMOD_PERSISTENT_FROM must return the type of the variable");
    static_assert(!is_one_type<bare_t<typename parts::from>, without_const_t<Type>>,
                  "dymod: a function in DYMOD_PERSISTENT_FROM takes the type of the variable "
                  "itself; keep the old type under another name and take that");
    static_assert(sizeof(bare_t<typename parts::from>) != 0,
                  "dymod: a function in DYMOD_PERSISTENT_FROM needs the old type's definition");
  }
  return parts::known;
}

template <auto... Functions> struct conversions {};

template <class Type, auto... Functions> constexpr bool conversions_fit() {
  return (check_conversion<Type, decltype(Functions)>() && ... && true);
}

// An array type declares an array.
template <class Type> using written_type = Type;

}}  // namespace dymod::detail

#endif
