// SPDX-License-Identifier: MIT

// What stands inside a struct: fields of every sort, their number, their alignment.

#ifndef DYMOD_TEST_ZOO_MEMBERS_HPP
#define DYMOD_TEST_ZOO_MEMBERS_HPP

#include <complex>  // complex
#include <cstddef>  // byte, nullptr_t, size_t
#include <memory>   // unique_ptr
#include <string>   // string

#include "zoo.hpp"

namespace zoo {

// No field at all, yet a size.
struct no_fields {};
// Each narrows to another: a question that converts must not warn.
struct all_numbers {
  bool a;
  char b;
  signed char c;
  unsigned char d;
  short e;
  unsigned short f;
  int g;
  unsigned h;
  long i;
  unsigned long j;
  long long k;
  unsigned long long l;
  float m;
  double n;
  long double o;
};
struct all_characters {
  char a;
  wchar_t b;
  char16_t c;
  char32_t d;
};
struct bytes_and_null {
  std::byte a;
  std::nullptr_t b;
};
// Fields that brace initialisation cannot reach.
class private_fields {
 public:
  int sum() const { return a_ + b_; }

 private:
  int a_ = 0;
  int b_ = 0;
};
class protected_fields {
 protected:
  int a = 0;
  double b = 0;
};
// One of them makes it no aggregate.
struct mixed_access {
  int a;
  int sum() const { return a + b_; }

 private:
  int b_ = 0;
};
// An aggregate since C++14, also with fewer initialisers.
struct default_initialisers {
  int a = 1;
  double b{2};
  std::string c = "three";
};
// Not assignable.
struct const_fields {
  const int a;
  const double b;
};
struct volatile_fields {
  volatile int a;
  const volatile char b;
};
struct mutable_fields {
  mutable int a;
  mutable std::string b;
};
// Initialised from lvalues only, from anything, from rvalues only; never from {}.
struct reference_field {
  int& a;
};
struct const_reference_field {
  const int& a;
  const std::string& b;
};
struct rvalue_reference_field {
  int&& a;
};
struct array_reference_field {
  int (&a)[3];
};
struct function_reference_field {
  int (&a)(int);
};
// Brace elision: three initialisers may fill one field.
struct array_fields {
  int a[3];
  char b;
};
struct many_dimensions {
  int a[2][3][4];
  const short b[2][1];
};
// A string literal initialises it, and nothing else does.
struct character_arrays {
  char a[64];
  wchar_t b[8];
  unsigned char c[16];
};
struct two_numbers {
  int a;
  double b;
};
struct array_of_structs {
  two_numbers a[2];
  two_numbers b;
};
struct array_of_move_only {
  std::unique_ptr<int> a[2];
};
// Extensions: fields without an element.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wc99-extensions"
#pragma GCC diagnostic ignored "-Wzero-length-array"
#pragma GCC diagnostic ignored "-Wgnu-anonymous-struct"
#pragma GCC diagnostic ignored "-Wnested-anon-types"
#endif
struct flexible_array {
  int size;
  char data[];
};
struct zero_length_array {
  int size;
  int data[0];
};
// An anonymous struct is an extension too.
struct anonymous_struct {
  int a;
  struct {
    int b;
    char c;
  };
};
struct nested_anonymous {
  union {
    struct {
      int a;
      union {
        int b;
        float c;
      };
    };
    double d;
  };
  int e;
};
#pragma GCC diagnostic pop
// A bit-field binds to no reference, and its type does not tell its size.
struct bit_fields {
  unsigned a : 3;
  unsigned b : 5;
  int c : 9;
};
// Padding without a name takes no initialiser.
struct unnamed_bit_fields {
  unsigned a : 3;
  unsigned : 5;
  unsigned b : 2;
};
struct zero_width_bit_field {
  unsigned a : 3;
  unsigned : 0;
  unsigned b : 2;
};
// More fields than eight per byte of the size.
struct twelve_bits {
  bool a : 1, b : 1, c : 1, d : 1, e : 1, f : 1, g : 1, h : 1, i : 1, j : 1, k : 1, l : 1;
};
struct wide_bit_fields {
  unsigned long long a : 40;
  unsigned long long b : 40;
};
enum class direction : unsigned char { north, south };
enum plain_enumeration { plain_zero, plain_one };
struct enumeration_bit_fields {
  direction a : 1;
  plain_enumeration b : 2;
  bool c : 1;
};
// Only unnamed ones: an aggregate of no fields.
struct only_padding {
  unsigned : 7;
};
// Only the first member is initialised.
union number {
  int a;
  double b;
};
// Not to be copied, destroyed or made as it is; with constructors no aggregate.
union text_or_number {
  text_or_number() : number_(0) {}
  text_or_number(const text_or_number&) : number_(0) {}
  text_or_number& operator=(const text_or_number&) { return *this; }
  ~text_or_number() {}

 private:
  std::string text_;
  int number_;
};
union empty_union {};
// One initialiser for two names; structured bindings refuse it, also inside SFINAE.
struct anonymous_union {
  int kind;
  union {
    int a;
    float b;
  };
};
struct union_fields {
  number a;
  number b[2];
};
struct thirty_three {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20,
      a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32;
};
#define ZOO_TEN(n) n##0, n##1, n##2, n##3, n##4, n##5, n##6, n##7, n##8, n##9
struct hundred {
  short ZOO_TEN(a), ZOO_TEN(b), ZOO_TEN(c), ZOO_TEN(d), ZOO_TEN(e);
  char ZOO_TEN(f), ZOO_TEN(g), ZOO_TEN(h), ZOO_TEN(i), ZOO_TEN(j);
};
#undef ZOO_TEN
// A question per byte of the size would never end.
struct megabyte {
  unsigned char data[1 << 20];
};
struct array_of_bytes_and_more {
  megabyte a[4];
  int b;
};
struct alignas(64) cache_line {
  int a;
};
struct aligned_field {
  char a;
  alignas(32) int b;
};
// No reference may bind to b.
struct __attribute__((packed)) packed {
  char a;
  int b;
  double c;
};
struct half_packed {
  char a;
  __attribute__((packed)) int b;
};
struct member_pointers {
  int two_numbers::*a;
  int (private_fields::*b)() const;
  double two_numbers::*const* c;
};
struct function_pointers {
  int (*a)(int);
  void (*b)(two_numbers) noexcept;
  int (*(*c)(char))(int);
  void (*d)(const char*, ...);
};
struct pointers {
  void* a;
  const char* const* b;
  int (*c)[3];
  volatile int* const d;
};
#if defined(__SIZEOF_INT128__)
__extension__ typedef __int128 wide_integer;
__extension__ typedef unsigned __int128 wide_unsigned;
#else
typedef long long wide_integer;
typedef unsigned long long wide_unsigned;
#endif
struct wide_integers {
  wide_integer a;
  wide_unsigned b;
};
// No template takes such a type for what it is.
typedef float four_floats __attribute__((vector_size(16)));
struct vector_registers {
  four_floats a;
  float b;
};
#if defined(__SIZEOF_FLOAT128__)
__extension__ typedef __float128 long_float;
#else
typedef long double long_float;
#endif
struct long_floats {
  long_float a;
};
__extension__ typedef _Complex double c_complex;
struct complex_numbers {
  std::complex<double> a;
  c_complex b;
};
// What std::aligned_storage is.
struct byte_buffer {
  alignas(double) unsigned char data[sizeof(double) * 3];
  bool used;
};
enum small_enumeration : char { small_zero };
enum class declared_only : short;
enum class large_enumeration : unsigned long long { all = ~0ULL };
enum class no_enumerators {};
struct enumerations {
  direction a;
  plain_enumeration b;
  small_enumeration c;
  declared_only d;
  large_enumeration e;
};
// A field that is an aggregate itself: its braces may be left out.
struct nested_aggregates {
  two_numbers a;
  struct {
    int x, y;
  } b;
  no_fields c;
};
// C++17: a base takes an initialiser, whose braces may be left out as well.
struct aggregate_with_base : two_numbers {
  int c;
};
struct aggregate_with_empty_base : no_fields {
  int a;
};
struct aggregate_of_bases_only : two_numbers, no_fields {};
struct field_with_base {
  aggregate_with_base a;
  aggregate_with_empty_base b;
};
// A field whose name is also its type's, and fields that are called what headers may call things.
struct names_of_others {
  int type, value, records, left, right, fields, layout, name, Type, size_t;
};
typedef struct {
  int a;
} named_by_typedef;

#if __cplusplus > 201703L
struct utf8_characters {
  char8_t a;
  char8_t b[4];
};
// Two fields at one place; the size is not a sum.
struct no_unique_address {
  [[no_unique_address]] no_fields a;
  int b;
  [[no_unique_address]] only_padding c;
};
struct default_bit_fields {
  unsigned a : 3 = 1;
  bool b : 1 {true};
};
#define ZOO_KINDS_OF_CXX20(value) \
  value(utf8_characters) value(no_unique_address) value(default_bit_fields)
#else
#define ZOO_KINDS_OF_CXX20(value)
#endif

}  // namespace zoo

// A struct of the global namespace, named with `struct` in front as in C.
struct global_struct {
  int a;
};

// clang-format off
#define ZOO_KINDS(value, immovable, unfinished, pointed, parameter)                                          \
  value(no_fields) value(all_numbers) value(all_characters) value(bytes_and_null)                   \
  value(private_fields) value(protected_fields) value(mixed_access) value(default_initialisers)     \
  value(const_fields) value(volatile_fields) value(mutable_fields) value(reference_field)           \
  value(const_reference_field) value(rvalue_reference_field) value(array_reference_field)           \
  value(function_reference_field) value(array_fields) value(many_dimensions)                        \
  value(character_arrays) value(two_numbers) value(array_of_structs) value(array_of_move_only)      \
  unfinished(flexible_array) unfinished(zero_length_array) value(anonymous_struct)                       \
  value(nested_anonymous) value(bit_fields) value(unnamed_bit_fields) value(zero_width_bit_field)   \
  value(twelve_bits) value(wide_bit_fields) value(direction) value(plain_enumeration)               \
  value(enumeration_bit_fields) value(only_padding) value(number) value(text_or_number)             \
  value(empty_union) value(anonymous_union) value(union_fields) value(thirty_three) value(hundred)  \
  value(megabyte) value(array_of_bytes_and_more) value(cache_line) value(aligned_field)             \
  value(packed) value(half_packed) value(member_pointers) value(function_pointers) value(pointers)  \
  value(wide_integer) value(wide_unsigned) value(wide_integers) value(four_floats)                  \
  value(vector_registers) value(long_float) value(long_floats) value(c_complex)                     \
  value(complex_numbers) value(byte_buffer) value(small_enumeration) value(declared_only)           \
  value(large_enumeration) value(no_enumerators) value(enumerations) value(nested_aggregates)       \
  value(aggregate_with_base) value(aggregate_with_empty_base) value(aggregate_of_bases_only)        \
  value(field_with_base) value(names_of_others) value(named_by_typedef)                 \
  parameter(elaborated, struct global_struct)                                                       \
  ZOO_KINDS_OF_CXX20(value)
// clang-format on

DYMOD(zoo_members, ZOO_LIST)

namespace group = zoo_members;

#endif
