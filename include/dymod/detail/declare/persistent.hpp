// SPDX-License-Identifier: MIT

// DYMOD_PERSISTENT in dynamic mode: a site, which looks for the object or makes a place for a new
// one, and a reference to it. The constructor stands in the user's own code, so that arguments may
// be anything that is known there and are evaluated only when an object is made.

#ifndef DYMOD_DETAIL_DECLARE_PERSISTENT_HPP
#define DYMOD_DETAIL_DECLARE_PERSISTENT_HPP

#include <stddef.h>  // size_t

#include <new>          // placement new
#include <type_traits>  // conditional, extent, is_array, is_class, is_destructible, is_function, is_member_function_pointer, is_polymorphic, is_reference, remove_all_extents, remove_cv

#include <dymod/config.hpp>
#include <dymod/detail/declare/abi.hpp>
#include <dymod/detail/declare/conversion.hpp>
#include <dymod/detail/declare/layout.hpp>
#include <dymod/detail/declare/object_site.hpp>
#include <dymod/detail/declare/type_text.hpp>
#include <dymod/detail/os/target.hpp>

#if DYMOD_SEPARATE_RUNTIME
extern template struct dymod::detail::object_runtime<dymod::detail::os::native>;
#else
#include <dymod/detail/reload/object_runtime.hpp>
#endif

// `::new (site) type{…}` asks for these, in the global namespace only. The latter two are called
// when the constructor, or one of its arguments, throws.
DYMOD_DETAIL_HIDDEN inline void* operator new(size_t size, ::dymod::detail::object_site& site) {
  return ::dymod::detail::make_room(site, size);
}
DYMOD_DETAIL_HIDDEN inline void* operator new[](size_t size, ::dymod::detail::object_site& site) {
  return ::dymod::detail::make_room(site, size);
}
DYMOD_DETAIL_HIDDEN inline void operator delete(void*, ::dymod::detail::object_site& site) {
  ::dymod::detail::native_object_runtime::abandon(site);
}
DYMOD_DETAIL_HIDDEN inline void operator delete[](void* place, ::dymod::detail::object_site& site) {
  operator delete(place, site);
}

namespace dymod { namespace detail {

// Of one translation unit: what it knows of a type the next may not.
namespace {  // NOLINT(cert-dcl59-cpp): one in each is what is wanted
struct this_unit;
}

// Types of the standard library that call code through a pointer which their text does not show.
template <class Type> constexpr bool is_known_to_keep_code() {
  if constexpr (is_of_standard_library<Type>()) {
    name_view rest = compilers_name<Type>;
    for (; rest.size != 0 && *rest.characters != '<'; ++rest.characters, --rest.size) {
      if (begins_with(rest, {"::shared_ptr<", 13}) || begins_with(rest, {"::weak_ptr<", 11}))
        return true;
      if (begins_with(rest, {"::any", 5}) && rest.size == 5) return true;
    }
  }
  return false;
}

/// Whether objects of a type run the code that they were made by, as far as the type shows: a
/// class with virtual functions or a function, itself or behind pointers and template arguments.
template <class Type, class Moment> struct keeps_code {
  static constexpr bool value() {
    if constexpr (std::is_function_v<Type> || std::is_member_function_pointer_v<Type>) {
      return true;
    } else if constexpr (std::is_class_v<Type> && !has_hidden_arguments<Type>() &&
                         can_be_measured<Type, Moment>()) {
      return std::is_polymorphic_v<Type> || is_known_to_keep_code<Type>();
    } else {
      return false;
    }
  }
};
template <class Type, class Moment>
struct keeps_code<const Type, Moment> : keeps_code<Type, Moment> {};
template <class Type, class Moment> struct keeps_code<Type*, Moment> : keeps_code<Type, Moment> {};
template <class Type, class Moment> struct keeps_code<Type&, Moment> : keeps_code<Type, Moment> {};
template <class Type, size_t Size, class Moment>
struct keeps_code<Type[Size], Moment> : keeps_code<Type, Moment> {};
template <class Type, size_t Size, class Moment>
struct keeps_code<const Type[Size], Moment> : keeps_code<Type, Moment> {};
template <template <class...> class Template, class... Arguments, class Moment>
struct keeps_code<Template<Arguments...>, Moment> {
  static constexpr bool value() {
    return is_known_to_keep_code<Template<Arguments...>>() ||
           (keeps_code<Arguments, Moment>::value() || ...);
  }
};
template <template <class, size_t> class Template, class Argument, size_t Number, class Moment>
struct keeps_code<Template<Argument, Number>, Moment> : keeps_code<Argument, Moment> {};

// Asked at the end of the translation unit, see layouts_at_end().
template <class Unit, class Type> bool keeps_code_at_end() {
  constexpr bool whole = std::is_class_v<Type> && std::is_polymorphic_v<Type>;
  return whole || keeps_code<Type, Unit>::value();
}

template <class Type> struct type_record { static constexpr auto text = text_of<Type>(); };

template <class Unit, class Type> constexpr object_type describe_type() {
  return {type_record<Type>::text.characters, &layouts_at_end<Unit, Type>};
}

template <class Type, auto Function> void* convert(object_site& site, void* old) {
  using from = typename conversion_parts<decltype(Function)>::from;
  // A reference as it is; a value is given what is in the old object.
  using given = std::conditional_t<std::is_reference_v<from>, from, from&&>;
  auto& object = *static_cast<bare_t<from>*>(old);
  return ::new (site) Type(Function(static_cast<given>(object)));
}

template <class Unit, auto Function> constexpr object_type describe_source() {
  return describe_type<Unit, bare_t<typename conversion_parts<decltype(Function)>::from>>();
}

// Not the type that the user wrote: the object itself is no constant, so that a later build's may
// be a variable.
template <class Type> using made_type = std::remove_cv_t<Type>;

template <class Type, class Conversions> class DYMOD_DETAIL_HIDDEN persistent_site;
template <class Type, auto... Functions>
class DYMOD_DETAIL_HIDDEN persistent_site<Type, conversions<Functions...>> : public object_site {
  static_assert(!std::is_array_v<Type> || std::extent_v<Type> != 0,
                "dymod: a persistent array says its size, int[3]");
  static_assert(std::is_destructible_v<std::remove_all_extents_t<Type>>,
                "dymod: the type of a persistent variable cannot be destroyed, which release mode "
                "must do at the end of the program");

 public:
  using object_made = made_type<Type>;

  constexpr persistent_site() noexcept = default;

  /// @returns whether there is an object; else one is to be made and handed to made()
  template <class Unit> bool find(const site_text& written) {
    static constexpr object_conversion known[] = {
        {describe_source<Unit, Functions>(), &convert<object_made, Functions>}..., {}};
    const object_wanted wanted = {written,
                                  describe_type<Unit, object_made>(),
                                  &keeps_code_at_end<Unit, object_made>,
                                  DYMOD_DETAIL_COMPILER,
                                  known,
                                  sizeof...(Functions),
                                  alignof(Type)};
    return native_object_runtime::find(*this, wanted);
  }

  [[nodiscard]] Type& object() const noexcept { return *static_cast<Type*>(found()); }

  [[nodiscard]] Type& made(void* object) noexcept {
    native_object_runtime::complete(*this, object);
    return *static_cast<Type*>(object);
  }
};

// In a template `site.template find<unit>()` would do, outside of one compilers differ.
template <class Unit, class Site> bool find_object(Site& site, const site_text& written) {
  return site.template find<Unit>(written);
}

}}  // namespace dymod::detail

// The enclosing function is what the compiler calls a lambda in it (reload/site_name.hpp). clang++
// leaves out the arguments of function templates, and has them in its name for the function itself,
// which at namespace scope is "", with a warning.
#if defined(_MSC_VER) && !defined(__clang__)
#define DYMOD_DETAIL_LAMBDA_NAME [] { return __FUNCSIG__; }()
#else
#define DYMOD_DETAIL_LAMBDA_NAME [] { return __PRETTY_FUNCTION__; }()
#endif
#if defined(__clang__)
#define DYMOD_DETAIL_FUNCTION_NAME __PRETTY_FUNCTION__
#define DYMOD_DETAIL_QUIET_BEGIN                                                                 \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wglobal-constructors\"") \
      _Pragma("clang diagnostic ignored \"-Wpredefined-identifier-outside-function\"")
#define DYMOD_DETAIL_QUIET_END _Pragma("clang diagnostic pop")
#else
#define DYMOD_DETAIL_FUNCTION_NAME ""
#define DYMOD_DETAIL_QUIET_BEGIN
#define DYMOD_DETAIL_QUIET_END
#endif

// The source file that is compiled: a variable of a header at namespace scope is one in each.
#if defined(__GNUC__) || defined(__clang__)
#define DYMOD_DETAIL_BASE_FILE __BASE_FILE__
#else
#define DYMOD_DETAIL_BASE_FILE ""
#endif

#define DYMOD_DETAIL_PERSISTENT(functions, type, name, ...)                                      \
  DYMOD_DETAIL_QUIET_BEGIN                                                                       \
  static ::dymod::detail::persistent_site<                                                       \
      DYMOD_DETAIL_BARE(type), ::dymod::detail::conversions<DYMOD_DETAIL_BARE(functions)>>       \
      dymod_detail_site_of_##name;                                                               \
  static ::dymod::detail::written_type<DYMOD_DETAIL_BARE(type)>& name =                          \
      ::dymod::detail::find_object<::dymod::detail::this_unit>(                                  \
          dymod_detail_site_of_##name, {__FILE__, DYMOD_DETAIL_BASE_FILE, #name,                 \
                                        DYMOD_DETAIL_LAMBDA_NAME, DYMOD_DETAIL_FUNCTION_NAME})   \
          ? dymod_detail_site_of_##name.object()                                                 \
          : dymod_detail_site_of_##name.made(::new (                                             \
                dymod_detail_site_of_##name)::dymod::detail::made_type<DYMOD_DETAIL_BARE(type)>{ \
                __VA_ARGS__}) DYMOD_DETAIL_QUIET_END

#endif
