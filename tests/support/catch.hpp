// SPDX-License-Identifier: MIT

// Catch2, whichever version cmake/dymod_find_catch2.cmake found: headers and one matcher have
// different names. Nothing else belongs here.

#ifndef DYMOD_TESTS_SUPPORT_CATCH_HPP
#define DYMOD_TESTS_SUPPORT_CATCH_HPP

#include <string>  // string

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
inline auto contains(const std::string& words) { return Catch::Matchers::ContainsSubstring(words); }
#else
#include <catch2/catch.hpp>
inline auto contains(const std::string& words) { return Catch::Matchers::Contains(words); }
#endif

#endif
