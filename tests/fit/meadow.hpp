// SPDX-License-Identifier: MIT

// What the host of fit.test.cpp and its module share. The host is compiled with it as it stands;
// the module with what a test has made of it.

#ifndef DYMOD_TESTS_FIT_MEADOW_HPP
#define DYMOD_TESTS_FIT_MEADOW_HPP

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include <dymod/dymod.hpp>

// clang-format off
namespace farm {

enum class color : std::uint8_t { brown, white };
struct point { float x; float y; };
struct sheep { int age; float wool; color coat; point at; };
struct wolf { const char* name; double hunger; sheep* prey; };
struct hut { int doors; };
struct pen : hut { sheep* inside[4]; bool closed; };
class secret { public: int get() const { return a_ + b_; } private: int a_ = 1; int b_ = 2; };
union value { int whole; float real; };
struct flags { unsigned open : 1; unsigned full : 3; };
template <class Content> struct box { Content content; unsigned count; };
struct listener { virtual ~listener() = default; virtual void hear(int) {} };
struct helper;
struct weather;  // only the module knows more

}  // namespace farm

DYMOD(meadow,
      (answer, int()),
      (count, int(const farm::sheep& one, int add)),
      (hunt, farm::sheep*(farm::wolf& w, std::uint32_t steps)),
      (shut, void(farm::pen* p)),
      (tell, std::string(const std::string& text, std::vector<farm::sheep>& all)),
      (pick, farm::value(farm::flags f) noexcept),
      (put, void(farm::box<farm::point>& b, int (*judge)(int))),
      (paint, void(farm::color c)),
      (watch, void(farm::listener& l, const farm::secret& s)),
      (forecast, farm::weather*(farm::weather* w)))
// clang-format on

#endif
