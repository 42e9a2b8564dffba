// SPDX-License-Identifier: MIT

// Somebody edits what host and module share and rebuilds only the module. What does not fit is
// refused, with what differs on both sides, before a byte of it runs; what makes no difference is
// taken. meadow.hpp and meadow.cpp are what is edited.

#include <regex>
#include <string>
#include <vector>

#include <dymod/detail/reload/fit.hpp>

#include "support/catch.hpp"
#include "support/workshop.hpp"

#include "meadow.hpp"

// A module whose header knows less than the next one's.
namespace farm {
struct fence;
}
DYMOD(early, (look, int(farm::fence* one)))
namespace farm {
struct fence {
  int posts;
};
}  // namespace farm
DYMOD(later, (look, int(farm::fence* one)))

// Declarations of the same module that came too late, for one reason or another.
namespace outdated {
DYMOD(meadow, (answer, long()))
}
namespace partial {
DYMOD(meadow, (answer, int()))
}

namespace {

// An integer as wide as a word of memory, where that has 64 bits.
const std::string int64 = workshop::on_windows ? "long long" : "long";

struct edit {
  std::string from;
  std::string to;
};

// A misfit: what is edited in the header and in the source, and what the message must say.
struct misfit {
  std::vector<edit> header;
  std::vector<edit> source;
  std::string what;
  std::string host;
  std::string library;
};

std::string edited(std::string text, const std::vector<edit>& edits) {
  for (const edit& each : edits) text = workshop::replaced(text, each.from, each.to);
  return text;
}

// The words of a message that are the same where words of memory have 32 bits and where 64. Tests
// are written for 64, and are exact there.
std::string for_any_word_size(const std::string& words) {
  if (sizeof(void*) == 8) return words;
  const std::string sizes =
      std::regex_replace(words, std::regex("size [0-9]+, alignment [0-9]+"), "size");
  return std::regex_replace(sizes, std::regex("long long"), "long");
}

auto says(const std::string& words) { return contains(for_any_word_size(words)); }

class scene {
 public:
  scene() {
    before_ = dymod::set_event_handler(
        [](const dymod::event& news, void* user) {
          if (news.kind == dymod::event_kind::rejected) {
            static_cast<scene*>(user)->rejections_.push_back(news.message);
          }
        },
        this);
    build({}, {});
    current_ = answer_;
    REQUIRE(meadow::answer() == current_);
    REQUIRE(std::remove("constructor-ran") == 0);
  }
  ~scene() { dymod::set_event_handler(before_.function, before_.user); }
  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;

  void build(const std::vector<edit>& header, const std::vector<edit>& source,
             const std::string& flags = "") {
    write_sources(header, source);
    ++answer_;
    workshop::run_ok(workshop::compiler() + command(flags));
    workshop::put_in_place("meadow.new", workshop::library_name("meadow"));
  }

  // The same, with a compiler command of its own.
  void build_with(const std::string& compiler, const std::string& flags) {
    write_sources({}, {});
    ++answer_;
    workshop::run_ok(compiler + " -std=c++17 -I '" DYMOD_TEST_INCLUDE "' " + command(flags));
    workshop::put_in_place("meadow.new", workshop::library_name("meadow"));
  }

  void is_taken() {
    CAPTURE(rejections_);
    current_ = answer_;
    REQUIRE(meadow::answer() == current_);
  }

  // Refused once, without having run; the old code runs on.
  // @returns the message
  std::string is_refused() {
    const std::size_t before = rejections_.size();
    for (int i = 0; i < 20; ++i) REQUIRE(meadow::answer() == current_);
    REQUIRE(rejections_.size() == before + 1);
    return for_any_word_size(rejections_.back());
  }

  void refuses(const misfit& each) {
    CAPTURE(each.header.empty() ? each.source.front().to : each.header.front().to);
    build(each.header, each.source);
    const std::string message = is_refused();
    CHECK_THAT(message, contains(each.what + " in '" + meadow::library.path() + "'; generation "));
    CHECK_THAT(message, says(each.host + "\n"));
    CHECK_THAT(message, says(each.library + "\n"));
    CHECK_THAT(message, contains("\n    rebuild all from the same header"));
  }

  void refuses_type(const std::vector<edit>& header, const std::vector<edit>& source,
                    const std::string& function, const std::string& host,
                    const std::string& library) {
    refuses({header, source, "type changed: '" + function + "'",
             "\n    " + function + " in the host:    " + host,
             "\n    " + function + " in the library: " + library});
  }

  void refuses_layout(const std::vector<edit>& header, const std::vector<edit>& source,
                      const std::string& type, const std::string& host,
                      const std::string& library) {
    refuses({header, source, "", "\n    " + type + " in the host:    " + host,
             "\n    " + type + " in the library: " + library});
    CHECK_THAT(rejections_.back(), contains("layout changed: '"));
    CHECK_THAT(rejections_.back(), contains("'" + type + "'"));
  }

  [[nodiscard]] static bool constructor_ran() { return workshop::exists("constructor-ran"); }

 private:
  static void write_sources(const std::vector<edit>& header, const std::vector<edit>& source) {
    const std::string from = DYMOD_TEST_SOURCE;
    workshop::write_file("meadow.hpp", edited(workshop::read_file(from + "/meadow.hpp"), header));
    workshop::write_file("meadow.cpp", edited(workshop::read_file(from + "/meadow.cpp"), source));
  }

  std::string command(const std::string& flags) const {
    return DYMOD_TEST_LIBRARY " -Dmeadow_EXPORTS -DANSWER=" + std::to_string(answer_) +
           " meadow.cpp -o meadow.new " + flags + " " DYMOD_TEST_LINK;
  }

  workshop::current_folder folder_;
  int answer_ = 0;
  int current_ = 0;
  std::vector<std::string> rejections_;
  dymod::event_handler before_;
};

}  // namespace

TEST_CASE("fit: a result that changed is refused, with both types", "[fit][failure]") {
  scene s;
  s.refuses_type({{"int()", "long()"}}, {{"int meadow::answer", "long meadow::answer"}}, "answer",
                 "int()", "long()");
  s.refuses_type({{"int()", "unsigned()"}}, {{"int meadow::answer", "unsigned meadow::answer"}},
                 "answer", "int()", "unsigned int()");
  s.refuses_type({{"farm::sheep*(farm", "const farm::sheep*(farm"}},
                 {{"farm::sheep* meadow", "const farm::sheep* meadow"}}, "hunt",
                 "farm::sheep*(farm::wolf&, unsigned int)",
                 "const farm::sheep*(farm::wolf&, unsigned int)");
  s.refuses_type(
      {{"std::string(const", "const char*(const"}},
      {{"std::string meadow", "const char* meadow"}, {"return text", "return text.c_str()"}},
      "tell",
      "std::string(const std::string&, std::vector<farm::sheep, "
      "std::allocator<farm::sheep>>&)",
      "const char*(const std::string&, std::vector<farm::sheep, "
      "std::allocator<farm::sheep>>&)");
  s.refuses_type({{"noexcept", ""}}, {{"noexcept", ""}}, "pick",
                 "farm::value(farm::flags) noexcept", "farm::value(farm::flags)");
  s.refuses_type({{"void(farm::pen", "bool(farm::pen"}},
                 {{"void meadow::shut", "bool meadow::shut"}, {"= true;", "= true; return true;"}},
                 "shut", "void(farm::pen*)", "bool(farm::pen*)");
  s.refuses_type({{"farm::weather*(farm", "farm::weather&(farm"}},
                 {{"farm::weather* meadow", "farm::weather& meadow"}, {"return w;", "return *w;"}},
                 "forecast", "farm::weather*(farm::weather*)", "farm::weather&(farm::weather*)");
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: a parameter that changed is refused, with both types", "[fit][failure]") {
  scene s;
  const std::string count = "int(const farm::sheep&, int)";
  const auto refuses_count = [&](const std::string& parameters, const std::string& words) {
    s.refuses_type(
        {{"const farm::sheep& one, int add", parameters}},
        {{"(const farm::sheep&, int add) { return add; }", "(" + parameters + ") { return 0; }"}},
        "count", count, words);
  };
  refuses_count("const farm::sheep&, int, int", "int(const farm::sheep&, int, int)");
  refuses_count("const farm::sheep&", "int(const farm::sheep&)");
  refuses_count("farm::sheep&, int", "int(farm::sheep&, int)");
  refuses_count("farm::sheep, int", "int(farm::sheep, int)");
  refuses_count("const farm::sheep*, int", "int(const farm::sheep*, int)");
  refuses_count("const farm::sheep&, short", "int(const farm::sheep&, short)");
  refuses_count("const farm::sheep&, long long", "int(const farm::sheep&, long long)");
  refuses_count("const farm::sheep&, float", "int(const farm::sheep&, float)");
  refuses_count("int, const farm::sheep&", "int(int, const farm::sheep&)");
  refuses_count("const farm::wolf&, int", "int(const farm::wolf&, int)");
  refuses_count("const farm::sheep&, farm::color", "int(const farm::sheep&, farm::color)");
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: a parameter of a class type that changed is refused", "[fit][failure]") {
  scene s;
  s.refuses_type({{"std::uint32_t steps", "std::uint64_t steps"}},
                 {{"std::uint32_t", "std::uint64_t"}}, "hunt",
                 "farm::sheep*(farm::wolf&, unsigned int)",
                 "farm::sheep*(farm::wolf&, unsigned " + int64 + ")");
  const std::string tell =
      "std::string(const std::string&, std::vector<farm::sheep, std::allocator<farm::sheep>>&)";
  s.refuses_type({{"const std::string& text", "std::string_view text"}},
                 {{"const std::string& text", "std::string_view text"},
                  {"return text;", "return std::string(text);"}},
                 "tell", tell,
                 "std::string(std::string_view, "
                 "std::vector<farm::sheep, std::allocator<farm::sheep>>&)");
  s.refuses_type({{"std::vector<farm::sheep>", "std::vector<farm::sheep*>"}},
                 {{"std::vector<farm::sheep>", "std::vector<farm::sheep*>"}}, "tell", tell,
                 "std::string(const std::string&, std::vector<farm::sheep*, "
                 "std::allocator<farm::sheep*>>&)");
  s.refuses_type({{"std::vector<farm::sheep>", "std::list<farm::sheep>"}},
                 {{"std::vector<farm::sheep>", "std::list<farm::sheep>"}}, "tell", tell,
                 "std::string(const std::string&, std::list<farm::sheep, "
                 "std::allocator<farm::sheep>>&)");
  s.refuses_type({{"farm::flags f", "const farm::flags& f"}},
                 {{"farm::flags", "const farm::flags&"}}, "pick",
                 "farm::value(farm::flags) noexcept", "farm::value(const farm::flags&) noexcept");
  s.refuses_type({{"farm::box<farm::point>", "farm::box<float>"}},
                 {{"farm::box<farm::point>", "farm::box<float>"}}, "put",
                 "void(farm::box<farm::point>&, int (*)(int))",
                 "void(farm::box<float>&, int (*)(int))");
  s.refuses_type({{"int (*judge)(int)", "int (*judge)(long)"}}, {{"int (*)(int)", "int (*)(long)"}},
                 "put", "void(farm::box<farm::point>&, int (*)(int))",
                 "void(farm::box<farm::point>&, int (*)(long))");
  s.refuses_type({{"farm::listener& l", "farm::listener* l"}},
                 {{"farm::listener& l", "farm::listener* l"}, {"l.hear", "l->hear"}}, "watch",
                 "void(farm::listener&, const farm::secret&)",
                 "void(farm::listener*, const farm::secret&)");
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: a struct of another size is refused, with both layouts", "[fit][failure]") {
  scene s;
  const std::string sheep = "size 20, alignment 4, fields int, float, enumeration, class";
  s.refuses_layout({{"point at; }", "point at; int legs; }"}}, {}, "farm::sheep", sheep,
                   "size 24, alignment 4, fields int, float, enumeration, class, int");
  s.refuses_layout({{"{ int age;", "{ " + int64 + " number; int age;"}}, {}, "farm::sheep", sheep,
                   "size 32, alignment 8, fields " + int64 + ", int, float, enumeration, class");
  s.refuses_layout({{"point at; }", "}"}}, {}, "farm::sheep", sheep,
                   "size 12, alignment 4, fields int, float, enumeration");
  s.refuses_layout({{"struct sheep {", "struct alignas(32) sheep {"}}, {}, "farm::sheep", sheep,
                   "size 32, alignment 32, fields int, float, enumeration, class");
  s.refuses_layout({{"inside[4]", "inside[5]"}}, {}, "farm::pen",
                   "size 48, alignment 8, fields class, 4 pointer, bool",
                   "size 56, alignment 8, fields class, 5 pointer, bool");
  s.refuses_layout({{"pen : hut", "pen"}}, {}, "farm::pen",
                   "size 48, alignment 8, fields class, 4 pointer, bool",
                   "size 40, alignment 8, fields 4 pointer, bool");
  s.refuses_layout({{"int b_ = 2;", "int b_ = 2; int c_ = 3;"}}, {}, "farm::secret",
                   "size 8, alignment 4", "size 12, alignment 4");
  s.refuses_layout({{"float real;", "double real;"}}, {}, "farm::value", "size 4, alignment 4",
                   "size 8, alignment 8");
  s.refuses_layout({{"virtual void hear(int) {}", "virtual void hear(int) {} int ears = 2;"}}, {},
                   "farm::listener", "size 8, alignment 8", "size 16, alignment 8");
  s.refuses_layout({{"float x; float y;", "double x; double y;"}}, {}, "farm::point",
                   "size 8, alignment 4, fields 2 float", "size 16, alignment 8, fields 2 double");
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE(
    "fit: a struct with other fields of the same size is refused, with the first that differs",
    "[fit][failure]") {
  scene s;
  const auto refuses_field = [&](const edit& header, const std::string& type,
                                 const std::string& field, const std::string& host,
                                 const std::string& library) {
    s.refuses({{header},
               {},
               "layout changed: '" + type + "' (field " + field + ")",
               "\n    " + type + " in the host:    " + host,
               "\n    " + type + " in the library: " + library});
  };
  const std::string sheep = "size 20, alignment 4, fields int, float, enumeration, class";
  refuses_field({"int age; float wool;", "float wool; int age;"}, "farm::sheep", "1", sheep,
                "size 20, alignment 4, fields float, int, enumeration, class");
  refuses_field({"float wool;", "int wool;"}, "farm::sheep", "2", sheep,
                "size 20, alignment 4, fields 2 int, enumeration, class");
  refuses_field({"int age;", "unsigned age;"}, "farm::sheep", "1", sheep,
                "size 20, alignment 4, fields unsigned int, float, enumeration, class");
  refuses_field({"color coat;", "char coat;"}, "farm::sheep", "3", sheep,
                "size 20, alignment 4, fields int, float, char, class");
  refuses_field({"color coat;", "color coat; bool shorn;"}, "farm::sheep", "4", sheep,
                "size 20, alignment 4, fields int, float, enumeration, bool, class");
  refuses_field({"point at;", "float x; float y;"}, "farm::sheep", "4", sheep,
                "size 20, alignment 4, fields int, float, enumeration, 2 float");
  const std::string wolf = "size 24, alignment 8, fields pointer, double, pointer";
  refuses_field({"const char* name;", int64 + " name;"}, "farm::wolf", "1", wolf,
                "size 24, alignment 8, fields " + int64 + ", double, pointer");
  refuses_field({"double hunger;", "std::int64_t hunger;"}, "farm::wolf", "2", wolf,
                "size 24, alignment 8, fields pointer, " + int64 + ", pointer");
  refuses_field({"bool closed;", "bool closed; bool locked;"}, "farm::pen", "7",
                "size 48, alignment 8, fields class, 4 pointer, bool",
                "size 48, alignment 8, fields class, 4 pointer, 2 bool");
  refuses_field({"unsigned full : 3;", "unsigned full : 3; unsigned old : 2;"}, "farm::flags", "3",
                "size 4, alignment 4, fields 2 unsigned int",
                "size 4, alignment 4, fields 3 unsigned int");
  refuses_field({"Content content; unsigned count;", "unsigned count; Content content;"},
                "farm::box<farm::point>", "1", "size 12, alignment 4, fields class, unsigned int",
                "size 12, alignment 4, fields unsigned int, class");
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: an enumeration of another size is refused", "[fit][failure]") {
  scene s;
  s.refuses_layout({{"color : std::uint8_t", "color"}}, {}, "farm::color", "size 1, alignment 1",
                   "size 4, alignment 4");
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: many differences are told together, each once", "[fit][failure]") {
  scene s;
  s.build(
      {{"int add", "long add"}, {"std::uint32_t steps", "std::uint64_t steps"}},
      {{"int add", "long add"}, {"return add", "return 0"}, {"std::uint32_t", "std::uint64_t"}});
  const std::string message = s.is_refused();
  CHECK_THAT(message, contains("type changed: 'hunt', 'count' in ") ||
                          contains("type changed: 'count', 'hunt' in "));
  CHECK_THAT(message, contains("\n    count in the library: int(const farm::sheep&, long)\n"));
  CHECK_THAT(message, says("\n    hunt in the library: farm::sheep*(farm::wolf&, unsigned " +
                           int64 + ")\n"));
}

TEST_CASE("fit: a function that is gone or has another name is refused", "[fit][failure]") {
  scene s;
  s.build({{"(shut, void(farm::pen* p)),", ""}},
          {{"void meadow::shut(farm::pen* p) { p->closed = true; }", ""}});
  CHECK_THAT(s.is_refused(),
             contains("function missing: '" + std::string(meadow::library.path()) +
                      "' does not define 'shut', which the host declares; generation "));
  s.build({{"(shut,", "(close,"}, {"(watch,", "(look,"}},
          {{"meadow::shut", "meadow::close"}, {"meadow::watch", "meadow::look"}});
  CHECK_THAT(s.is_refused(), contains(" does not define 'shut', 'watch', which the host declares"));
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: a build for another C++ ABI is refused, with what differs", "[fit][failure]") {
  scene s;
  s.build({}, {}, "-D_GLIBCXX_USE_CXX11_ABI=0");
  CHECK_THAT(s.is_refused(), contains("built for another C++ ABI: '_GLIBCXX_USE_CXX11_ABI' in '" +
                                      std::string(meadow::library.path())));
  s.build({}, {}, "-D_GLIBCXX_DEBUG");
  const std::string message = s.is_refused();
  CHECK_THAT(message, contains("\n    _GLIBCXX_DEBUG in the host:    not defined\n"));
  CHECK_THAT(message, contains("\n    _GLIBCXX_DEBUG in the library: defined\n"));
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: what is not a build of this module is refused", "[fit][failure]") {
  scene s;
  s.build({}, {}, "-DNDEBUG");
  CHECK_THAT(s.is_refused(), contains("not built as this module"));
  s.build({{"DYMOD(meadow,", "DYMOD(lawn,"}},
          {{"int meadow::answer()", "namespace meadow = lawn; int meadow::answer()"}},
          "-Dlawn_EXPORTS");
  CHECK_THAT(s.is_refused(), contains("has no description of module 'meadow'"));
  CHECK_FALSE(scene::constructor_ran());
}

TEST_CASE("fit: a type that only the module knows is compared with the current generation's",
          "[fit][failure]") {
  scene s;
  const auto refuses = [&](const edit& source, const std::string& field, const std::string& words) {
    s.build({}, {source});
    const std::string message = s.is_refused();
    CHECK_THAT(message, contains("layout changed: 'farm::weather' (field " + field + ") in "));
    CHECK_THAT(message, contains("\n    farm::weather in generation "));
    CHECK_THAT(message, says(": size 8, alignment 4, fields int, float\n"));
    CHECK_THAT(message, says("\n    farm::weather in the library:  " + words + "\n"));
  };
  refuses({"float rain;", "double rain;"}, "2", "size 16, alignment 8, fields int, double");
  refuses({"float rain;", "int rain;"}, "2", "size 8, alignment 4, fields 2 int");
  refuses({"float rain;", "float rain; float snow;"}, "3",
          "size 12, alignment 4, fields int, 2 float");
  // Unknown in the next generation, and compared again with the one after that.
  s.build({},
          {{"namespace farm {", "#if 0\nnamespace farm {"}, {"rain; }; }", "rain; }; }\n#endif"}});
  s.is_taken();
  s.build({}, {{"float rain;", "double rain;"}});
  s.is_taken();
  s.build({}, {});
  CHECK_THAT(s.is_refused(), says("size 16, alignment 8, fields int, double"));
}

TEST_CASE("fit: one source file that knows a type is enough", "[fit][failure]") {
  scene s;
  const std::vector<edit> unknown = {{"namespace farm {", "#if 0\nnamespace farm {"},
                                     {"rain; }; }", "rain; }; }\n#endif"}};
  const auto other = [](const std::string& weather, bool before) {
    const std::string known = "namespace farm { struct weather { " + weather + " }; }\n";
    workshop::write_file("other.cpp", before ? known + "#include \"meadow.hpp\"\n"
                                             : "#include \"meadow.hpp\"\n" + known);
  };
  // The order of the files decides whose description the linker keeps.
  other("double wind;", false);
  s.build({}, unknown, "other.cpp");
  CHECK_THAT(s.is_refused(), contains("fields double"));
  other("int wind; long rain;", true);
  s.build({}, unknown, "other.cpp");
  CHECK_THAT(s.is_refused(), contains("fields int, long"));
  other("int wind; float rain;", true);
  s.build({}, unknown, "other.cpp");
  s.is_taken();
  s.build({}, {{"float rain;", "long rain;"}});
  CHECK_THAT(s.is_refused(), contains("fields int, long"));
  // What the other file has as well the program's own declaration knows.
  workshop::write_file("other.cpp",
                       "namespace farm { struct helper { int a; }; }\n#include \"meadow.hpp\"\n");
  s.build({}, {}, "other.cpp");
  s.is_taken();
}

TEST_CASE("fit: who first calls a module that is loaded already is told of misfits as well",
          "[fit][failure]") {
  scene s;
  CHECK(partial::meadow::answer() == meadow::answer());
  try {
    static_cast<void>(outdated::meadow::answer());
    FAIL("was to throw");
  } catch (const dymod::error& error) {
    CHECK(error.code() == dymod::error_code::type_mismatch);
    CHECK_THAT(error.what(), contains("\n    answer in the host:    long()\n"));
    CHECK_THAT(error.what(), contains("\n    answer in the library: int()\n"));
  }
  s.build({}, {});
  s.is_taken();
  CHECK(partial::meadow::answer() == meadow::answer());
}

TEST_CASE("fit: a declaration knows what was completed before it, whatever others knew",
          "[fit][failure]") {
  const workshop::current_folder folder;
  const auto build = [](const std::string& posts) {
    workshop::build_module("later",
                           "#include <dymod/dymod.hpp>\n"
                           "namespace farm { struct fence { " +
                               posts +
                               " posts; }; }\nDYMOD(later, (look, int(farm::fence* one)))\n"
                               "int later::look(farm::fence*) { return 1; }\n",
                           workshop::library_name("later"));
  };
  farm::fence fence{};
  build("float");
  CHECK_THROWS_AS(later::look(&fence), dymod::error);
  build("int");
  CHECK(later::look(&fence) == 1);
  build("float");
  CHECK(later::look(&fence) == 1);
  CHECK_FALSE(later::reload());
}

TEST_CASE("fit: a build refused after it was opened is opened once", "[fit][failure]") {
  scene s;
  s.build({}, {{"float rain;", "double rain;"}});
  static_cast<void>(s.is_refused());
  REQUIRE(scene::constructor_ran());
  REQUIRE(std::remove("constructor-ran") == 0);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(meadow::reload());
  CHECK_FALSE(dymod::reload_all());
  CHECK_FALSE(scene::constructor_ran());
  s.build({}, {});
  s.is_taken();
}

TEST_CASE("fit: fields of a big struct are compared up to the 32nd", "[fit][failure]") {
  const auto compared = [](const char* mine, const char* its) {
    return dymod::detail::different_field(mine, its);
  };
  CHECK(compared("if", "if") == 0);
  CHECK(compared("if", "ii") == 2);
  CHECK(compared("if", "i") == 2);
  CHECK(compared("i?", "if") == 0);
  CHECK(compared("i?", "i") == 2);
  CHECK(compared("if+", "if+") == 0);
  CHECK(compared("if+", "ff+") == 1);
  CHECK(compared("if+", "if") == 0);
  CHECK(compared(nullptr, "if") == 0);
  struct person {
    int number;
    char name[64];
  };
  const std::string letters = dymod::detail::fields_of<person>().letters;
  CHECK(letters == "i" + std::string(31, 'c') + "+");
}

TEST_CASE("fit: harmless edits of the source are taken", "[fit]") {
  scene s;
  const auto takes = [&](const std::vector<edit>& source) {
    CAPTURE(source.front().to);
    s.build({}, source);
    s.is_taken();
  };
  takes({{"{ return add; }", "{ return add * 2 + 1; }"}});
  takes({{"// The module", "/* A comment */ // The module"}});
  takes({{"int meadow::count", "static int twice(int n) { return 2 * n; }\nint meadow::count"},
         {"{ return add; }", "{ return twice(add); }"}});
  takes({{"int meadow::count(const farm::sheep&, int add)",
          "int meadow::count(const farm::sheep& one, int more)"},
         {"return add", "return one.age + more"}});
  takes({{"farm::value meadow::pick(farm::flags)", "farm::value meadow::pick(const farm::flags)"}});
  takes({{"return {};", "static int calls = 0; ++calls; return {calls};"}});
  takes({{"#include <cstdio>", "#include <cstdio>\n#include <map>\nstd::map<int, int> more;"}});
  takes({{"namespace farm {",
          "namespace { struct hidden { int a; }; hidden one; }\nnamespace farm {"},
         {"return made", "return one.a == 0 && made"}});
  takes({{"int meadow::answer()", "struct later { int n; };\nint meadow::answer()"}});
  takes({{"int meadow::answer() {", "int meadow::answer() { try { throw 1; } catch (int) {}"}});
  takes(
      {{"farm::weather* meadow::forecast(farm::weather* w) { return w; }", ""},
       {"int meadow::answer()",
        "farm::weather* meadow::forecast(farm::weather* w) { return w; }\nint meadow::answer()"}});
  takes(
      {{"{ int wind; float rain; }", "{ int gusts; float drops; void blow() {} static int n; }"}});
}

TEST_CASE("fit: harmless edits of the header are taken", "[fit]") {
  scene s;
  const auto takes = [&](const std::vector<edit>& header, const std::vector<edit>& source) {
    CAPTURE(header.front().to);
    s.build(header, source);
    s.is_taken();
  };
  takes({{"const farm::sheep& one, int add", "const farm::sheep& other, int more"}}, {});
  takes({{"std::uint32_t steps", "unsigned int steps"}}, {});
  takes({{"std::uint32_t steps", "const std::uint32_t steps"}}, {});
  takes({{"int(const farm::sheep& one, int add)", "auto(const farm::sheep& one, int add) -> int"}},
        {});
  takes({{"(answer, int()),", "(answer, int()), (more, int(long)),"}},
        {{"int meadow::answer", "int meadow::more(long) { return 1; }\nint meadow::answer"}});
  takes({{"(farm::weather* w))", "(farm::weather* w)), (more, farm::helper*())"}},
        {{"int meadow::answer",
          "farm::helper* meadow::more() { return nullptr; }\nint meadow::answer"}});
  // What only a function of the module's own mentions is nobody's business.
  takes({{"(farm::weather* w))", "(farm::weather* w)), (more, farm::helper*())"},
         {"struct helper;", "struct helper { int a; };"}},
        {{"int meadow::answer",
          "farm::helper* meadow::more() { return nullptr; }\nint meadow::answer"}});
  takes({{"(farm::weather* w))", "(farm::weather* w)), (more, farm::helper*())"},
         {"struct helper;", "struct helper { long a; };"}},
        {{"int meadow::answer",
          "farm::helper* meadow::more() { return nullptr; }\nint meadow::answer"}});
  takes({{"(answer, int()),", ""}, {"(farm::weather* w))", "(farm::weather* w)), (answer, int())"}},
        {});
  takes({{"int age;", "int years;"}}, {});
  takes({{"int age;", "int age = 3;"}}, {});
  takes({{"{ brown, white }", "{ black, brown, white }"}}, {});
  takes({{"struct point { float x; float y; };",
          "struct point { float x; float y; float length() const { return x; } static int n; };"}},
        {});
}

TEST_CASE("fit: harmless edits of classes are taken", "[fit]") {
  scene s;
  const auto takes = [&](const std::vector<edit>& header) {
    CAPTURE(header.front().to);
    s.build(header, {});
    s.is_taken();
  };
  takes({{"struct wolf {", "class wolf { public:"}});
  takes({{"double hunger;",
          "double hunger; using number = int; enum mood { calm }; struct tooth {};"}});
  takes({{"struct hut {", "struct fence {}; struct hut {"}});
  takes({{"struct point { float x; float y; };",
          "class den; using coordinate = float; struct point { coordinate x; coordinate y; };"}});
  // No longer an aggregate: its fields are not known any more, and fit.
  takes({{"struct sheep {", "struct sheep { sheep() {}"}});
  takes({{"return a_ + b_;", "return a_ - b_;"}});
  takes({{"int a_ = 1; int b_ = 2;", "int b_ = 1; int a_ = 2;"}});
  takes({{"std::vector<farm::sheep>& all", "farm::flock& all"},
         {"struct wolf", "using flock = std::vector<sheep>; struct wolf"}});
}

TEST_CASE("fit: other compiler options and other compilers are taken", "[fit]") {
  scene s;
  for (const std::string flags :
       {"-O2", "-O3 -DNDEBUG -DDYMOD_FORCE_DYNAMIC", "-Og", "-std=c++20", "-std=c++2b",
        "-fno-exceptions", "-fno-rtti", "-g0", "-ffunction-sections -Wl,--gc-sections", "-s",
        "-fvisibility=default", "-Wl,-Bsymbolic"}) {
    if (workshop::on_windows && flags == "-Wl,-Bsymbolic") continue;  // of ELF
    CAPTURE(flags);
    s.build({}, {}, flags);
    s.is_taken();
  }
#if defined(_LIBCPP_VERSION)
  s.build_with("clang++", "");
  CHECK_THAT(s.is_refused(), contains("\n    the standard library in the host:    libc++ ABI "));
  const std::vector<std::string> compilers = {"clang++ -stdlib=libc++"};
#else
  const std::string target = DYMOD_TEST_TRIPLE;
  const std::vector<std::string> compilers =
      target.empty() ? std::vector<std::string>{"g++", "clang++"}
                     : std::vector<std::string>{"clang++ --target=" + target};
#endif
  for (const std::string& compiler : compilers) {
    if (workshop::on_windows) continue;  // theirs are libraries of the system below
    if (workshop::run(compiler + " --version").status != 0) continue;
    CAPTURE(compiler);
    s.build_with(compiler, "");
    s.is_taken();
    s.build_with(compiler, "-O2 -std=c++20");
    s.is_taken();
  }
}
