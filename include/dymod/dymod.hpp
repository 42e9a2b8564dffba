// SPDX-License-Identifier: MIT

// dymod: functions that are linked statically in release and hot-swapped in debug. The header to
// include.
//
//     DYMOD(sheep,
//         (count_sheep, const char*(std::uint32_t sheep)),
//         (shear,       void(herd& h, float seconds)))
//
// What becomes of it, in this folder:
//
// clang-format off
//     config.hpp                 the mode: NDEBUG and its overrides
//     ├─ static    ────────────► detail/declare/static.hpp    plain declarations; no standard header
//     ├─ <module>_EXPORTS ─────► detail/declare/module.hpp    declarations, description and table
//     └─ host, dynamic ────────► detail/declare/host.hpp      references to thunks
//            a call ───────────► detail/call/thunk.hpp        look, load the snapshot, jump
//            a new build ──────► detail/reload/loader.hpp     the eight steps
//            what is known ────► detail/state/registry.hpp
//            the system ───────► detail/os/
// clang-format on

#ifndef DYMOD_DYMOD_HPP
#define DYMOD_DYMOD_HPP

#include <dymod/config.hpp>
#include <dymod/event.hpp>
#include <dymod/version.hpp>

#if DYMOD_DETAIL_DYNAMIC()

#include <dymod/detail/declare/host.hpp>
#include <dymod/detail/declare/module.hpp>

#define DYMOD_DETAIL_DECLARE_0(module_name, ...) DYMOD_DETAIL_HOST(false, module_name, __VA_ARGS__)
#define DYMOD_DETAIL_DECLARE_1(module_name, ...) DYMOD_DETAIL_MODULE(module_name, __VA_ARGS__)
#define DYMOD_DETAIL_DECLARE_EXTERN_C_0(module_name, ...) \
  DYMOD_DETAIL_HOST(true, module_name, __VA_ARGS__)
#define DYMOD_DETAIL_DECLARE_EXTERN_C_1(module_name, ...) \
  DYMOD_DETAIL_MODULE_EXTERN_C(module_name, __VA_ARGS__)

/// Declares a module: `DYMOD(module, (name, type)...)`, at global scope or inside a namespace, in
/// one header that host and module include. `type` is a C++ function type: `int(int a, int b)`,
/// `auto(std::string) -> std::string`, `void() noexcept`. At least 256 functions; a trailing comma
/// is fine. Gives the namespace `module` with the functions, `reload()` and `library`; these two
/// are no names for functions of it. What is wrong with a list the compiler says. Calls throw
/// dymod::error while no generation could be loaded; they may be made on any thread.
#define DYMOD(module_name, ...)                                                        \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_DECLARE_, DYMOD_DETAIL_IS_SET(module_name##_EXPORTS)) \
  (module_name, __VA_ARGS__)

/// The same for a library that knows nothing of dymod and has plain C symbols (C, Rust, Zig, an
/// existing one). That the names are there is checked at each reload; that the types are right
/// cannot be. In static mode functions of one name are one function, in
/// whichever modules.
#define DYMOD_EXTERN_C(module_name, ...)                                                        \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_DECLARE_EXTERN_C_, DYMOD_DETAIL_IS_SET(module_name##_EXPORTS)) \
  (module_name, __VA_ARGS__)

#else

#include <dymod/detail/declare/static.hpp>

#define DYMOD(module_name, ...) DYMOD_DETAIL_STATIC(module_name, __VA_ARGS__)
#define DYMOD_EXTERN_C(module_name, ...) DYMOD_DETAIL_STATIC_EXTERN_C(module_name, __VA_ARGS__)

#endif

#endif
