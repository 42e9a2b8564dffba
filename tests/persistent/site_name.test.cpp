// SPDX-License-Identifier: MIT

// By what a variable is known: texts as compilers write them, those that are not here as well.

#include <string>

#include <dymod/detail/reload/site_name.hpp>

#include "support/catch.hpp"

namespace {

using namespace dymod::detail;

std::string enclosing(const char* lambda, const char* function = "") {
  text found;
  return append_enclosing(found, lambda, function).c_str();
}

std::string plain(const char* path) {
  text found;
  return append_plain_path(found, path).c_str();
}

std::string key(const char* lambda, const char* unit) {
  text found;
  return append_site_key(found, {"a.hpp", unit, "x", lambda, ""}).c_str();
}

}  // namespace

TEST_CASE("site name: what g++ calls a lambda", "[persistent]") {
  CHECK(enclosing("<lambda()>") == "");
  CHECK(enclosing("farm::<lambda()>") == "farm");
  CHECK(enclosing("{anonymous}::<lambda()>") == "{anonymous}");
  CHECK(enclosing("f(int)::<lambda()>") == "f(int)");
  CHECK(enclosing("g<const char*>(const char*)::<lambda()>") == "g<const char*>(const char*)");
  CHECK(enclosing("box<char, 3>::operator()(int) const::<lambda()>") ==
        "box<char, 3>::operator()(int) const");
  CHECK(enclosing("main()::<lambda(int)>::<lambda()>") == "main()::<lambda(int)>");
  CHECK(enclosing("main()::<lambda()>::<lambda()>") == "main()::<lambda()>");
  CHECK(enclosing("box::operator int()::<lambda()>") == "box::operator int()");
  CHECK(enclosing("f()::<lambda(auto:12, auto:13 ...)>::<lambda()>") ==
        "f()::<lambda(auto, auto ...)>");
  CHECK(enclosing("farm_auto::f()::<lambda()>") == "farm_auto::f()");
}

TEST_CASE("site name: what clang++ calls a lambda, and a function", "[persistent]") {
  CHECK(enclosing("auto (anonymous class)::operator()() const") == "");
  CHECK(enclosing("auto farm::(anonymous class)::operator()() const") == "farm");
  CHECK(enclosing("auto (anonymous namespace)::(anonymous class)::operator()() const") ==
        "(anonymous namespace)");
  CHECK(enclosing("auto f(int)::(anonymous class)::operator()() const", "int f(int)") == "f(int)");
  CHECK(enclosing("auto (anonymous namespace)::f()::(anonymous class)::operator()() const") ==
        "(anonymous namespace)::f()");
  CHECK(enclosing("auto count()::(anonymous class)::operator()() const",
                  "int &count() [T = int[3]]") == "count() [T = int[3]]");
  CHECK(enclosing("auto box<char, 3>::m(double)::(anonymous class)::operator()() const [T = char, "
                  "N = 3]",
                  "const char *box<char, 3>::m(U) const [T = char, N = 3, U = double]") ==
        "box<char, 3>::m(double) [T = char, N = 3, U = double]");
  CHECK(enclosing("auto call((lambda at /farm/a.cpp:21:8))::(anonymous class)::operator()() const",
                  "void call(F) [F = (lambda at /farm/a.cpp:21:8)]") ==
        "call((lambda at /farm/a.cpp)) [F = (lambda at /farm/a.cpp)]");
  CHECK(enclosing("auto take((unnamed enum at a.cpp:4:1))::(anonymous class)::operator()() const",
                  "void take(T) [T = (unnamed enum at a.cpp:4:1)]") ==
        "take((unnamed enum at a.cpp)) [T = (unnamed enum at a.cpp)]");
  CHECK(enclosing("auto f(int)::(lambda at a.cpp:3:7)::operator()() const", "int f(int)") ==
        "f(int)");
}

TEST_CASE("site name: what Microsoft's compiler calls a lambda", "[persistent]") {
  CHECK(enclosing("auto __cdecl f::<lambda_1>::operator ()(void) const") == "f");
  CHECK(enclosing("auto __cdecl <lambda_6d3c>::operator ()(void) const") == "");
  CHECK(enclosing("auto __cdecl farm::<lambda_6d3c>::operator ()(void) const") == "farm");
}

TEST_CASE("site name: anything is taken", "[persistent]") {
  for (const char* each : {"", ":", "::", ")", "<lambda()>x", " ", "auto", "::operator()() const",
                           "auto ::operator()() const", "<lambda_", "cdecl <lambda_", "[]", " [",
                           "(lambda at ", "a (lambda at 3", "auto )::operator()() const"}) {
    CAPTURE(each);
    CHECK(enclosing(each, each).size() <= 2 * std::string(each).size() + 1);
    CHECK(plain(each).size() <= std::string(each).size());
  }
}

TEST_CASE("site name: one file has one path", "[persistent]") {
  CHECK(plain("/farm/sheep.cpp") == "/farm/sheep.cpp");
  CHECK(plain("/farm/tools/../sheep.cpp") == "/farm/sheep.cpp");
  CHECK(plain("/farm/./a//b/./../sheep.cpp") == "/farm/a/sheep.cpp");
  CHECK(plain("../../farm/sheep.cpp") == "../../farm/sheep.cpp");
  CHECK(plain("../a/../sheep.cpp") == "../sheep.cpp");
  CHECK(plain("./sheep.cpp") == "sheep.cpp");
  CHECK(plain("a/b/../../../sheep.cpp") == "../sheep.cpp");
  CHECK(plain("C:\\farm\\a\\..\\sheep.cpp") == "C:/farm/sheep.cpp");
  CHECK(plain("/../sheep.cpp") == "/../sheep.cpp");
}

TEST_CASE("site name: a variable of a header is one per source file at namespace scope only",
          "[persistent]") {
  CHECK(key("farm::<lambda()>", "one.cpp") != key("farm::<lambda()>", "two.cpp"));
  CHECK(key("f(int)::<lambda()>", "one.cpp") == key("f(int)::<lambda()>", "two.cpp"));
  const char* const unnamed = "auto (anonymous namespace)::(anonymous class)::operator()() const";
  CHECK(key(unnamed, "one.cpp") != key(unnamed, "two.cpp"));
}
