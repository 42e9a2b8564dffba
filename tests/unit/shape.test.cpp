// SPDX-License-Identifier: MIT

// The fields of aggregates, and that the two ways to find them say the same: host and image may
// have been asked in different ways by different compilers.

#include <any>
#include <array>
#include <functional>
#include <string>

#include <dymod/detail/declare/shape.hpp>

#include "support/catch.hpp"

namespace {

using namespace dymod::detail;

[[maybe_unused]] int global;

struct empty {};
struct plain {
  int a;
  float b;
  double c;
  char d;
  unsigned e;
};
struct all_kinds {
  bool a;
  char b;
  signed char c;
  unsigned char d;
  wchar_t e;
  char16_t f;
  char32_t g;
  short h;
  unsigned short i;
  int j;
  unsigned k;
  long l;
  unsigned long m;
  long long n;
  unsigned long long o;
  float p;
  double q;
  long double r;
};
struct pointers {
  int* a;
  void (*b)(int);
  int plain::*c;
  int (plain::*d)();
  const char* e;
};
struct enumerations {
  enum class scoped { value } a;
  enum unscoped { other } b;
};
struct bit_fields {
  unsigned a : 3;
  unsigned b : 5;
  int : 0;
  int c;
};
struct array {
  int a;
  char b[24];
  float c;
};
struct longest {
  int a[32];
};
struct too_long {
  int a[33];
};
struct much_too_long {
  int a;
  char b[64];
};
struct long_with_classes {
  int a[31];
  std::string b;
  std::string c;
};
struct array_of_classes {
  plain a[3];
  int b;
};
struct arrays_of_classes {
  struct {
    int a;
  } a[2][2];
};
struct padded {
  alignas(16) float a[4];
  char b;
};
struct derived : plain {
  float f;
};
struct empty_member {
  empty a;
  int b;
};
struct classes {
  int a;
  struct {
    int b;
    float c;
  } d;
  double e;
};
union either {
  int a;
  float b;
};
struct with_union {
  either a;
  int b;
};
struct anonymous_union {
  int a;
  union {
    int b;
    float c;
  };
  double d;
};
struct changeable {
  mutable int a;
  float b;
};
struct at_any_time {
  volatile int a;
  int b;
};
struct constants {
  const int a;
  const float b;
};
struct with_defaults {
  int a = 5;
  int b;
};
struct constants_with_defaults {
  const int a = 1;
  const float b = 2;
};
struct defaults_inside {
  with_defaults a;
  with_defaults b;
  float c = 1;
};
struct reference {
  int& a;
  int b;
};
struct constant_reference {
  int a;
  const int& b = 5;
};
struct reference_with_default {
  int a;
  int& b = global;
};
struct with_string {
  int a;
  std::string b;
  int c;
};
struct with_any {
  std::any a;
  int b;
};
struct with_function {
  std::function<void()> a;
  int b;
};
struct with_array {
  std::array<float, 4> a;
  int b;
};
struct with_destructor {
  int a;
  ~with_destructor() {}
};
class hidden {
 public:
  hidden() = default;
  hidden(int value) : a_(value), b_(value) {}
  [[nodiscard]] int sum() const { return a_ + b_; }

 private:
  int a_;
  int b_;
};
struct with_hidden {
  hidden a;
  int b;
};
struct constant_constructor {
  constant_constructor() = default;
  constexpr constant_constructor(int value) : a(value) {}
  int a;
};
struct with_constant_constructor {
  constant_constructor a;
  int b;
};
struct no_default {
  no_default(int value) : a(value) {}
  int a;
};
struct with_no_default {
  no_default a;
  int b;
};
struct unmovable {
  unmovable() = default;
  unmovable(unmovable&&) = delete;
  int a;
};
struct with_unmovable {
  unmovable a;
  int b;
};
struct explicit_default {
  struct inner {
    explicit inner() = default;
    int a;
  } a;
  int b;
};
struct from_anything {
  from_anything() = default;
  template <class Other> from_anything(Other) : a(0) {}
  int a;
};
struct with_from_anything {
  from_anything a;
  int b;
};
struct unknown_kind {
  decltype(nullptr) a;
  int b;
};

template <class Type> std::string letters() { return fields_of<Type>().letters; }

template <class... Types> void require_one_answer() {
  const bool same[] = {letters<Types>() == fields_asked_for<Types>().letters...};
  const std::string answers[] = {letters<Types>()...};
  for (std::size_t i = 0; i < sizeof...(Types); ++i) {
    CAPTURE(i, answers[i]);
    CHECK(same[i]);
  }
}

}  // namespace

TEST_CASE("shape: a letter for each field", "[shape]") {
  CHECK(letters<empty>().empty());
  CHECK(letters<plain>() == "ifdcj");
  CHECK(letters<all_kinds>() == "bcahwSUstijlmxyfde");
  CHECK(letters<pointers>() == "PPMMP");
  CHECK(letters<enumerations>() == "EE");
  CHECK(letters<bit_fields>() == "jji");
  CHECK(letters<array>() == "i" + std::string(24, 'c') + "f");
  CHECK(letters<longest>() == std::string(32, 'i'));
  CHECK(letters<too_long>() == std::string(32, 'i') + "+");
  CHECK(letters<much_too_long>() == "i" + std::string(31, 'c') + "+");
  CHECK(letters<array_of_classes>() == "CCCi");
  CHECK(letters<derived>() == "Cf");
  CHECK(letters<with_defaults>() == "ii");
  CHECK(letters<defaults_inside>() == "CCf");
  CHECK(letters<anonymous_union>() == "iCd");
  CHECK(letters<with_string>() == "iCi");
  CHECK(letters<at_any_time>() == "ii");
}

TEST_CASE("shape: the quick way and the other give one answer", "[shape]") {
  require_one_answer<empty, plain, all_kinds, pointers, enumerations, bit_fields, array, longest,
                     too_long, much_too_long, long_with_classes, array_of_classes,
                     arrays_of_classes, padded, derived, empty_member, classes, with_union,
                     anonymous_union, changeable, at_any_time, constants, with_defaults,
                     constants_with_defaults, defaults_inside>();
  require_one_answer<reference, constant_reference, reference_with_default, with_string, with_any,
                     with_function, with_array, with_destructor, with_hidden,
                     with_constant_constructor, with_no_default, with_unmovable, explicit_default,
                     with_from_anything, unknown_kind>();
}
