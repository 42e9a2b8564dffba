// SPDX-License-Identifier: MIT

// Types as text: spelled as the types they are, alike from the compilers, told apart when they
// differ.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <dymod/detail/declare/type_text.hpp>
#include <dymod/detail/reload/type_comparison.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

namespace farm {

struct herd {};
enum class color { brown };
template <class Type> struct pen {};
struct incomplete;

}  // namespace farm

using namespace dymod::detail;

namespace {

template <class Type> std::string spelled() {
  text words;
  append_type(words, text_of<Type>().characters);
  return words.c_str();
}

}  // namespace

TEST_CASE("types: are spelled as C++", "[types]") {
  CHECK(spelled<const char*(std::uint32_t)>() == "const char*(unsigned int)");
  CHECK(spelled<void()>() == "void()");
  CHECK(spelled<void() noexcept>() == "void() noexcept");
  CHECK(spelled<auto(std::string)->std::string>() == "std::string(std::string)");
  CHECK(spelled<long(unsigned long, long long, signed char, wchar_t, char16_t, long double)>() ==
        "long(unsigned long, long long, signed char, wchar_t, char16_t, long double)");
  CHECK(spelled<int(const int)>() == "int(int)");
  CHECK(spelled<int(const int*, int* const&, volatile int&, int&&)>() ==
        "int(const int*, int* const&, int volatile&, int&&)");
  CHECK(spelled<void(int (*)(char))>() == "void(int (*)(char))");
  CHECK(spelled<auto(int)->int (*)(long)>() == "int (*(int))(long)");
  CHECK(spelled<void(const int(&)[3], int(*)[2][5])>() == "void(const int (&)[3], int (*)[2][5])");
  CHECK(spelled<void(farm::herd&, farm::color, farm::incomplete*)>() ==
        "void(farm::herd&, farm::color, farm::incomplete*)");
  CHECK(spelled<farm::pen<farm::herd>(farm::pen<const unsigned long*>)>() ==
        "farm::pen<farm::herd>(farm::pen<const unsigned long*>)");
  CHECK(spelled<std::array<double, 16>()>() == "std::array<double, 16>()");
  CHECK(spelled<void(std::function<int(char)>)>() == "void(std::function<int(char)>)");
  CHECK(spelled<void(const std::vector<int>&)>() ==
        "void(const std::vector<int, std::allocator<int>>&)");
}

TEST_CASE("types: the keyword that cl writes before a name is none of it", "[types]") {
  const auto keyword = [](const char* words) { return keyword_length(words + 2); };
  CHECK(keyword("f<struct herd>(void)") == 7);
  CHECK(keyword("f<class std::vector<int,class std::allocator<int> > >(void)") == 6);
  CHECK(keyword("f<union u>(void)") == 6);
  CHECK(keyword("f<enum farm::color>(void)") == 5);
  CHECK(keyword("f<structure>(void)") == 0);
  CHECK(keyword("f<enumerator>(void)") == 0);
  CHECK(keyword("f<c") == 0);
}

TEST_CASE("types: differ when the types do", "[types]") {
  const auto same = [](auto* a, auto* b) {
    using first = std::remove_pointer_t<decltype(a)>;
    using second = std::remove_pointer_t<decltype(b)>;
    return same_type(text_of<first>().characters, text_of<second>().characters, true);
  };
  using plain = int(int);
  CHECK(same(static_cast<plain*>(nullptr), static_cast<int (*)(const int)>(nullptr)));
  CHECK_FALSE(same(static_cast<plain*>(nullptr), static_cast<int (*)(long)>(nullptr)));
  CHECK_FALSE(same(static_cast<plain*>(nullptr), static_cast<long (*)(int)>(nullptr)));
  CHECK_FALSE(same(static_cast<plain*>(nullptr), static_cast<int (*)(int, int)>(nullptr)));
  CHECK_FALSE(same(static_cast<plain*>(nullptr), static_cast<int (*)(int&)>(nullptr)));
  CHECK_FALSE(same(static_cast<plain*>(nullptr), static_cast<int (*)(unsigned)>(nullptr)));
  CHECK_FALSE(same(static_cast<plain*>(nullptr), static_cast<int (*)(int) noexcept>(nullptr)));
  CHECK_FALSE(same(static_cast<plain*>(nullptr), static_cast<int (*)(farm::color)>(nullptr)));
  CHECK_FALSE(same(static_cast<void (*)(farm::pen<int>)>(nullptr),
                   static_cast<void (*)(farm::pen<long>)>(nullptr)));
}

TEST_CASE("types: names may differ between two compilers, and nothing else", "[types]") {
  const char* const one = "void(\1std::__cxx11::basic_string\2<char>, int)";
  CHECK(same_type(one, "void(\1std::basic_string\2<char>, int)", false));
  CHECK_FALSE(same_type(one, "void(\1std::basic_string\2<char>, int)", true));
  CHECK_FALSE(same_type(one, "void(\1std::basic_string\2<char>, long)", false));
  CHECK_FALSE(same_type(one, "void(\1std::basic_string\2<wchar_t>, int)", false));
  CHECK_FALSE(same_type(one, "void(\1std::basic_string", false));
  CHECK_FALSE(same_type(one, "void(", false));
}

TEST_CASE("types: g++ and clang++ write the same text for all but names", "[types]") {
  const std::string source =
      "#include <array>\n#include <chrono>\n#include <cstdio>\n#include <functional>\n"
      "#include <map>\n#include <memory>\n#include <string>\n#include <vector>\n"
      "#include <dymod/detail/declare/type_text.hpp>\n"
      "namespace farm { struct herd {}; enum color {}; template <class T> struct pen { struct gate "
      "{}; }; }\n"
      "namespace { struct hidden {}; }\n"
      "#define SHOW(...) std::puts(dymod::detail::text_of<__VA_ARGS__>().characters);\n"
      "int main() {\n"
      "SHOW(const char*(unsigned)) SHOW(long(unsigned long, unsigned long long, short, bool))\n"
      "SHOW(std::string(std::vector<std::string>&)) SHOW(std::map<std::string, farm::herd>())\n"
      "SHOW(void(std::function<void(farm::color)>, std::unique_ptr<int>)) SHOW(std::array<long, "
      "3>())\n"
      "SHOW(void(int (*)(char), int (&)[4], int volatile* const*)) "
      "SHOW(void(farm::pen<long>::gate))\n"
      "SHOW(std::chrono::milliseconds(hidden*)) SHOW(void(int farm::herd::*)) SHOW(void(const "
      "int[2][3]))\n}\n";
  const workshop::folder folder;
  std::vector<std::string> texts;
  for (const std::string compiler : {"g++", "clang++"}) {
    if (workshop::run(compiler + " --version").status != 0) {
      WARN(compiler << " is not installed: skipped");
      return;
    }
    workshop::write_file(folder / "types.cpp", source);
    workshop::run_ok(compiler + " -std=c++17 -I '" DYMOD_TEST_INCLUDE "' '" +
                     (folder / "types.cpp") + "' -o '" + (folder / "types") + "'");
    texts.push_back(workshop::run_ok("'" + (folder / "types") + "'"));
  }
  CHECK(same_type(texts[0].c_str(), texts[1].c_str(), false));
}
