// SPDX-License-Identifier: MIT

// What is different on Windows: names in all alphabets and of all lengths, files that cannot be
// written while they are in use, the system's words, program databases.

#include <windows.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <dymod/detail/reload/runtime.hpp>
#include <dymod/dymod.hpp>

#include "support/catch.hpp"
#include "support/farm.hpp"
#include "support/workshop.hpp"

DYMOD(sheep, (answer, int()), (sure_answer, int() noexcept))
DYMOD(wolf, (answer, int()))

#include "lamb.hpp"

int call_with_windows_before();
int call_with_windows_after();

namespace {

using farms::ask;

std::wstring wide(const std::string& text) {
  std::wstring result(text.size() + 1, L'\0');
  result.resize(static_cast<std::size_t>(
      ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(),
                            static_cast<int>(result.size()))));
  return result;
}

// A file that is held open, as a linker or a debugger does.
class opened_file {
 public:
  opened_file(const std::string& path, DWORD access, DWORD share)
      : handle_(::CreateFileW(wide(path).c_str(), access, share, nullptr, OPEN_EXISTING,
                              FILE_ATTRIBUTE_NORMAL, nullptr)) {
    if (handle_ == INVALID_HANDLE_VALUE) throw std::runtime_error("cannot open " + path);
  }
  ~opened_file() { ::CloseHandle(handle_); }
  opened_file(const opened_file&) = delete;
  opened_file& operator=(const opened_file&) = delete;

  void overwrite(const std::string& content) const {
    DWORD written = 0;
    ::SetFilePointer(handle_, 0, nullptr, FILE_BEGIN);
    if (!::WriteFile(handle_, content.data(), static_cast<DWORD>(content.size()), &written,
                     nullptr) ||
        !::SetEndOfFile(handle_)) {
      throw std::runtime_error("cannot write");
    }
  }

 private:
  HANDLE handle_;
};

// A host in a folder, its library beside it.
struct pen {
  explicit pen(const std::string& name = "pen") : place(folder / name) {
    if (!::CreateDirectoryW(wide(place).c_str(), nullptr)) throw std::runtime_error(place);
    workshop::write_file(host, workshop::read_file(DYMOD_TEST_HOST));
  }

  // Each is compiled once.
  std::string build(int answer) {
    const std::string aside = folder / ("sheep" + std::to_string(answer) + ".dll");
    if (!workshop::exists(aside)) farms::build_sheep(aside, answer);
    return aside;
  }

  void put(int answer) {
    workshop::write_file(library + ".new", workshop::read_file(build(answer)));
    workshop::put_in_place(library + ".new", library);
  }

  std::vector<std::string> left() const { return farms::left_in(place); }

  workshop::folder folder;
  std::string place;
  std::string host = place + "/host.exe";
  std::string library = place + "/" + workshop::library_name("sheep");
};

// What a module with a C++ header-free body is built from.
void build_wolf(const std::string& library, int answer, const std::string& flags = "",
                const std::string& more = "") {
  workshop::build_module("wolf",
                         "#include <dymod/dymod.hpp>\nDYMOD(wolf, (answer, int()))\n" + more +
                             "int wolf::answer() { return " + std::to_string(answer) + "; }\n",
                         library, flags);
}

}  // namespace

TEST_CASE("windows: names with spaces, umlauts, an emoji and Greek letters", "[windows]") {
  pen here("Größe & Maß 🐑 αβγ");
  here.put(1);
  workshop::process host({here.host});
  CHECK(ask(host, "call") == "1");
  here.put(2);
  CHECK(ask(host, "call") == "2");
  CHECK_THAT(ask(host, "path"), contains("\\Größe & Maß 🐑 αβγ\\sheep.dll"));
  workshop::write_file(here.library, "not a library");
  CHECK(ask(host, "call") == "2");
  CHECK_THAT(ask(host, "told"), contains("\\Größe & Maß 🐑 αβγ\\sheep.dll' does not begin like"));
}

TEST_CASE("windows: a path of more than 260 characters", "[windows]") {
  using namespace dymod::detail;
  const workshop::folder folder;
  std::string deep = folder / "";
  for (int i = 0; i < 8; ++i) deep += "/forty characters of a name, and of another";
  workshop::run_ok("mkdir -p '" + deep + "'");
  static std::string library;
  library = deep + "/sheep.dll";
  REQUIRE(library.size() > 300);
  // wine takes such a path as it is, Windows only so.
  const auto path_for_system = [](const std::string& path) {
    return std::wstring(os::native::wide(path.c_str()).c_str());
  };
  const std::string share = "//server/share/" + std::string(300, 'x');
  CHECK(path_for_system(library).substr(0, 7) == L"\\\\?\\Z:\\");
  CHECK(path_for_system(share).substr(0, 20) == L"\\\\?\\UNC\\server\\share");
  CHECK(path_for_system("C:/short") == L"C:\\short");
  CHECK(path_for_system("C:/\xe4") == L"C:\\\xe4");  // not UTF-8
  farms::build_sheep(folder / "sheep.dll", 1);
  workshop::run_ok("mv '" + (folder / "sheep.dll") + "' '" + library + "'");

  static const char* const names[] = {"answer"};
  static const char* const types[] = {"int()\0"};
  static registry known;
  static caller wants("sheep", names, types, 1, false, [] { return library.c_str(); });
  basic_loader<os::native> loader(known);
  problem why;
  record* const found = loader.load_first(wants, why);
  CAPTURE(why.message("sheep").c_str());
  REQUIRE(found != nullptr);
  const auto answer = [&] {
    return reinterpret_cast<int (*)()>(
        found->published.load_acquire()->functions[wants.number][0])();
  };
  CHECK(answer() == 1);
  farms::build_sheep(folder / "sheep.dll", 2);
  workshop::run_ok("mv '" + (folder / "sheep.dll") + "' '" + library + "'");
  CHECK(loader.reload(*found));
  CHECK(answer() == 2);
}

TEST_CASE("windows: a build is not taken while somebody writes it", "[windows]") {
  pen here;
  here.put(1);
  const std::string second = workshop::read_file(here.build(2));
  workshop::process host({here.host});
  REQUIRE(ask(host, "call") == "1");
  {
    const opened_file linker(here.library, GENERIC_READ | GENERIC_WRITE,
                             FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
    linker.overwrite(second.substr(0, second.size() / 2));
    for (int i = 0; i < 20; ++i) REQUIRE(ask(host, "call") == "1");
    linker.overwrite(second);
    // Complete, but still open.
    for (int i = 0; i < 20; ++i) REQUIRE(ask(host, "call") == "1");
  }
  workshop::wait_until([&] { return ask(host, "call") == "2"; });
  CHECK(ask(host, "generation") == "2");
  CHECK(ask(host, "rejected") == "0");
}

TEST_CASE("windows: a build that nobody may open yet is waited for", "[windows]") {
  pen here;
  here.put(1);
  workshop::process host({here.host});
  SECTION("by the first call") {
    {
      const opened_file linker(here.library, GENERIC_READ | GENERIC_WRITE, 0);
      CHECK_THAT(ask(host, "call"), contains("is still being written"));
    }
    CHECK(ask(host, "call") == "1");
  }
  SECTION("by a later one") {
    REQUIRE(ask(host, "call") == "1");
    const std::string second = workshop::read_file(here.build(2));
    {
      const opened_file linker(here.library, GENERIC_READ | GENERIC_WRITE, 0);
      linker.overwrite(second);
      for (int i = 0; i < 20; ++i) REQUIRE(ask(host, "call") == "1");
    }
    workshop::wait_until([&] { return ask(host, "call") == "2"; });
    CHECK(ask(host, "generation") == "2");
  }
  CHECK(ask(host, "rejected") == "0");
}

TEST_CASE("windows: modules in one directory have one lock, however its path is written",
          "[windows]") {
  using namespace dymod::detail;
  pen here;
  registry known;
  copies<os::native> made(known);
  int error = 0;
  for (const std::string& place : {here.place, here.place + "/", here.place + "/../pen/"}) {
    for (const char separator : {'/', '\\'}) {
      std::string library = place + "/sheep.dll";
      for (char& each : library) each = each == '/' ? separator : each;
      text path;
      REQUIRE(made.create(library.c_str(), path, error).is_open());
      CHECK_THAT(path.c_str(), contains(library + ".dymod-"));
      os::native::remove(path.c_str());
    }
  }
  CHECK(here.left().size() == 1);
  made.remove_all();
}

TEST_CASE("windows: the library itself is never in use", "[windows]") {
  pen here;
  here.put(1);
  workshop::process host({here.host});
  REQUIRE(ask(host, "call") == "1");
  SECTION("it can be removed") {
    REQUIRE(::DeleteFileW(wide(here.library).c_str()));
    CHECK(ask(host, "call") == "1");
    here.put(2);
  }
  SECTION("it can be written") {
    workshop::write_file(here.library, workshop::read_file(here.build(2)));
  }
  SECTION("it can be renamed") {
    REQUIRE(::MoveFileW(wide(here.library).c_str(), wide(here.library + ".old").c_str()));
    CHECK(ask(host, "call") == "1");
    here.put(2);
  }
  workshop::wait_until([&] { return ask(host, "call") == "2"; });
}

TEST_CASE("windows: an older build put back with its old time is taken", "[windows]") {
  pen here;
  const std::string old = here.build(1);
  here.put(2);
  workshop::process host({here.host});
  REQUIRE(ask(host, "call") == "2");
  // Keeps the time of its last writing.
  REQUIRE(::CopyFileW(wide(old).c_str(), wide(here.library).c_str(), FALSE));
  workshop::wait_until([&] { return ask(host, "call") == "1"; });
}

TEST_CASE("windows: what a process leaves is removed by the next one", "[windows]") {
  pen here;
  here.put(1);
  workshop::process living({here.host});
  REQUIRE(ask(living, "call") == "1");
  {
    workshop::process killed({here.host});
    REQUIRE(ask(killed, "call") == "1");
    here.put(2);
    REQUIRE(ask(killed, "call") == "2");
    CHECK(here.left().size() == 2 + 3);  // locks and copies
    killed.send_signal(9);
  }
  // The system removes the lock; the copies were in use.
  workshop::wait_until([&] { return here.left().size() == 2 + 2; });
  {
    workshop::process next({here.host});
    REQUIRE(ask(next, "call") == "2");
    CHECK(here.left().size() == 2 + 2);
    next.say("exit");
    CHECK(next.end() == 3);
  }
  CHECK(ask(living, "call") == "2");
  living.say("exit");
  CHECK(living.end() == 3);
  workshop::process last({here.host});
  REQUIRE(ask(last, "call") == "2");
  CHECK(here.left().size() == 2);
}

TEST_CASE("windows: old generations can be unloaded, and their copies removed", "[windows]") {
  pen here;
  here.put(1);
  workshop::process host({here.host});
  REQUIRE(ask(host, "call") == "1");
  here.put(2);
  REQUIRE(ask(host, "call") == "2");
  CHECK(here.left().size() == 3);
  CHECK(ask(host, "unload") == "1");
  CHECK(here.left().size() == 2);
  CHECK(ask(host, "call") == "2");
}

TEST_CASE("windows: a damaged or foreign build is refused in words", "[windows]") {
  pen here;
  here.put(1);
  std::string file = workshop::read_file(here.build(2));
  workshop::process host({here.host});
  REQUIRE(ask(host, "call") == "1");
  std::string expected;
  SECTION("garbage") {
    file = "This is a text.\n";
    expected = "does not begin like a library; generation 1 runs on";
  }
  SECTION("another processor") {
    const std::size_t header = file.find(std::string("PE\0\0", 4));
    file[header + 4] = 0x4c;  // IMAGE_FILE_MACHINE_I386
    file[header + 5] = 0x01;
    expected = "is made for another processor (64 bits, PE machine 332; this program: 64 bits, PE ";
  }
  SECTION("a program") {
    file = workshop::read_file(here.host);
    expected = "is a PE file but not a library";
  }
  SECTION("cut for good") {
    file.resize(file.size() / 3);
    expected = "ends inside its section";
  }
  SECTION("no description") {
    workshop::write_file(here.folder / "plain.cpp", "extern \"C\" int plain() { return 1; }\n");
    workshop::run_ok(workshop::compiler() + "-shared '" + (here.folder / "plain.cpp") + "' -o '" +
                     (here.folder / "plain.dll") + "' " DYMOD_TEST_LINK);
    file = workshop::read_file(here.folder / "plain.dll");
    expected = "has no description of module 'sheep'";
  }
  workshop::write_file(here.library, file);
  workshop::wait_until([&] { return ask(host, "rejected") == "1" || ask(host, "call") != "1"; });
  CHECK_THAT(ask(host, "told"), contains(expected));
  CHECK(ask(host, "rejected") == "1");
  CHECK(here.left().size() == 2);
  here.put(3);
  workshop::wait_until([&] { return ask(host, "call") == "3"; });
}

TEST_CASE("windows: a library cut or zeroed anywhere is refused, or works", "[windows]") {
  using namespace dymod::detail;
  const workshop::folder folder;
  const std::string flags = GENERATE("", "-s");
  workshop::build_module("sheep", farms::module_source(2), folder / "sheep.dll", flags);
  const std::string whole = workshop::read_file(folder / "sheep.dll");
  unsigned complete = 0;
  unsigned refused = 0;
  for (std::size_t i = 0; i <= 128; ++i) {
    const std::size_t size = whole.size() * i / 128 & ~std::size_t{1};
    for (const bool zeroed : {false, true}) {
      std::string file = whole.substr(0, size);
      if (zeroed) file.resize(whole.size());
      text why;
      pe image({reinterpret_cast<const unsigned char*>(file.data()), file.size()});
      const completeness answer = image.check(os::native::target(), why);
      CAPTURE(size, whole.size(), zeroed, why.c_str());
      REQUIRE(answer != completeness::garbage);
      if (answer == completeness::incomplete) ++refused;
      if (answer == completeness::incomplete) continue;
      ++complete;
      const std::string name = folder / ("cut" + std::to_string(i) + (zeroed ? "z" : "c") + ".dll");
      workshop::write_file(name, file);
      const HMODULE opened = ::LoadLibraryW(wide(name).c_str());
      REQUIRE(opened != nullptr);
      const auto offer = reinterpret_cast<const module_table* (*)()>(
          os::native::symbol(opened, "dymod_module_sheep"));
      REQUIRE(offer != nullptr);
      CHECK(reinterpret_cast<int (*)()>(offer()->functions[0].function)() == 2);
      ::FreeLibrary(opened);
    }
  }
  // The whole file, and what lacks some of what only debuggers read.
  CHECK(complete >= 2);
  CHECK(refused > 100);
}

TEST_CASE("windows: a library that is missing is told by its name", "[windows]") {
  pen here;
  here.put(1);
  workshop::process host({here.host});
  REQUIRE(ask(host, "call") == "1");
  const std::string fence = here.folder / "fence";
  workshop::write_file(fence + ".cpp",
                       "extern \"C\" __declspec(dllexport) int fence() { return 4; }\n");
  workshop::run_ok(workshop::compiler() + "-shared '" + fence + ".cpp' -o '" + fence + ".dll' " +
                   "-Wl,--out-implib,'" + fence + ".lib' " DYMOD_TEST_LINK);
  workshop::write_file(fence + "d.cpp",
                       farms::declaration +
                           "extern \"C\" __declspec(dllimport) int fence();\n"
                           "int sheep::answer() { return fence(); }\n"
                           "int sheep::sure_answer() noexcept { return fence(); }\n");
  workshop::run_ok(workshop::compiler() + "-shared -Dsheep_EXPORTS '" + fence + "d.cpp' '" + fence +
                   ".lib' -o '" + fence + "d.dll' " DYMOD_TEST_LINK);
  workshop::put_in_place(fence + "d.dll", here.library);
  CHECK(ask(host, "call") == "1");
  dymod::detail::text words;
  dymod::detail::os::native::describe_error(ERROR_MOD_NOT_FOUND, words);
  CHECK_THAT(ask(host, "told"), contains(words.c_str()));
  CHECK_THAT(ask(host, "told"), contains("needs 'fence.dll', which is neither beside it nor on"));
  // Beside the module: its copy finds it there.
  workshop::put_in_place(fence + ".dll", here.place + "/fence.dll");
  CHECK(ask(host, "reload") == "yes");
  CHECK(ask(host, "call") == "4");
}

TEST_CASE("windows: a call leaves the thread's error and error mode alone", "[windows]") {
  const workshop::current_folder here;
  DWORD before = 0;
  REQUIRE(::SetThreadErrorMode(SEM_NOGPFAULTERRORBOX, &before));
  farms::build_sheep(here / "sheep.dll", 1);
  ::SetLastError(4711);
  CHECK(sheep::answer() == 1);
  CHECK(::GetLastError() == 4711);
  farms::build_sheep(here / "sheep.dll", 2);
  ::SetLastError(4711);
  CHECK(sheep::answer() == 2);
  CHECK(::GetLastError() == 4711);
  REQUIRE(::DeleteFileW(wide(here / "sheep.dll").c_str()));
  ::SetLastError(4711);
  CHECK(sheep::answer() == 2);
  CHECK(::GetLastError() == 4711);
  CHECK(::GetThreadErrorMode() == SEM_NOGPFAULTERRORBOX);
}

TEST_CASE("windows: a module of dymod_add_module is sheep.dll, wherever its path says",
          "[windows]") {
  CHECK(lamb::call("Dolly") == "Come here, Dolly!");
  CHECK_THROWS_WITH(lamb::refuse(), "no");
  const std::string path = lamb::library.path();
  CHECK(path.substr(1, 1) ==
        ":");  // CMake gave it without a drive, if this is another system's build
  CHECK(path.substr(path.size() - 9) == "/lamb.dll");
}

TEST_CASE("windows: the two commands without CMake", "[windows]") {
  const workshop::folder folder;
  const std::string here = folder / "";
  workshop::write_file(here + "/sheep.hpp",
                       "#include <dymod/dymod.hpp>\nDYMOD(sheep, (name, const char*()))\n");
  workshop::write_file(here + "/sheep.cpp",
                       "#include \"sheep.hpp\"\nconst char* sheep::name() { return \"Dolly\"; }\n");
  workshop::write_file(here + "/main.cpp",
                       "#include <cstdio>\n#include \"sheep.hpp\"\nint main() {\n"
                       "  while (std::getchar() != EOF) {\n"
                       "    std::puts(sheep::name());\n    std::fflush(stdout);\n  }\n}\n");
  std::vector<std::string> commands;
  std::istringstream page(workshop::read_file(DYMOD_TEST_DOCS "/platforms.md"));
  for (std::string line; std::getline(page, line);) {
    if (line.compare(0, 4, "g++ ") != 0) continue;
    line = workshop::replaced(line, "g++ -std=c++17 -g -I dymod/include", workshop::compiler());
    commands.push_back("cd '" + here + "' && " + line + " " DYMOD_TEST_LINK);
  }
  REQUIRE(commands.size() == 2);
  for (const std::string& command : commands) workshop::run_ok(command);
  workshop::process farm({here + "/farm.exe"});
  CHECK_THAT(ask(farm, ""), contains("generation 1 is loaded"));
  CHECK(farm.hear() == "Dolly");
  workshop::write_file(
      here + "/sheep.cpp",
      workshop::replaced(workshop::read_file(here + "/sheep.cpp"), "Dolly", "Polly"));
  workshop::run_ok(commands[1]);
  CHECK_THAT(ask(farm, ""), contains("generation 2 is live"));
  CHECK(farm.hear() == "Polly");
}

TEST_CASE("windows: with <windows.h> before dymod and behind it", "[windows]") {
  CHECK_THROWS_AS(call_with_windows_before(), dymod::error);
  CHECK_THROWS_AS(call_with_windows_after(), dymod::error);
}

TEST_CASE("windows: a library of the program that calls the module has its generation",
          "[windows]") {
  const workshop::current_folder here;
  const std::string plugin = here / "plugin";
  build_wolf(here / "wolf.dll", 1);
  workshop::write_file(plugin + ".cpp",
                       "#include <dymod/dymod.hpp>\n"
                       "DYMOD(wolf, (answer, int()))\n"
                       "extern \"C\" __declspec(dllexport) int call() { return wolf::answer(); }\n"
                       "extern \"C\" __declspec(dllexport) unsigned generation() {\n"
                       "  return wolf::library.generation();\n"
                       "}\n");
  workshop::run_ok(workshop::compiler() + "-shared '" + plugin + ".cpp' -o '" + plugin +
                   ".dll' " DYMOD_TEST_LINK);
  const HMODULE opened = ::LoadLibraryW(L"plugin.dll");
  REQUIRE(opened != nullptr);
  const auto call =
      reinterpret_cast<int (*)()>(reinterpret_cast<void (*)()>(::GetProcAddress(opened, "call")));
  const auto generation = reinterpret_cast<unsigned (*)()>(
      reinterpret_cast<void (*)()>(::GetProcAddress(opened, "generation")));
  CHECK(wolf::answer() == 1);
  CHECK(call() == 1);
  CHECK(generation() == 1);
  build_wolf(here / "wolf.dll", 2);
  CHECK(call() == 2);
  CHECK(wolf::answer() == 2);
  CHECK(wolf::library.generation() == 2);
  CHECK(generation() == 2);
  CHECK(farms::left_in(here / "").size() == 1 + 2);
}

TEST_CASE("windows: a generation that the system keeps is told of", "[windows]") {
  const workshop::current_folder here;
  static std::string told;
  dymod::set_event_handler(
      [](const dymod::event& news, void*) {
        if (news.kind == dymod::event_kind::warning) told = news.message;
      },
      nullptr);
  build_wolf(here / "wolf.dll", 1, "",
             "struct guard { int n = 1; ~guard() { n = 0; } };\nthread_local guard mine;\n"
             "int touch = mine.n;\n");
  CHECK(wolf::answer() == 1);
  build_wolf(here / "wolf.dll", 2);
  CHECK(wolf::answer() == 2);
  if (wolf::library.unload_old() == 0) {
    CHECK_THAT(told, contains("generation 1 stays loaded"));
  } else {
    CHECK(told.empty());
  }
  CHECK(wolf::answer() == 2);
}

TEST_CASE("windows: a debugger that reads the module's program database locks a copy's",
          "[windows]") {
  using namespace dymod::detail;
  const workshop::current_folder here;
  // Written by lld's linker only.
  const std::string compiler =
      "clang++-19 --target=x86_64-w64-windows-gnu -fuse-ld=lld -static -std=c++17 -g -gcodeview "
      "-I '" DYMOD_TEST_INCLUDE "' -shared -Dwolf_EXPORTS ";
  if (workshop::run("clang++-19 --version && ld.lld-19 --version").status != 0) {
    WARN("clang++-19 and lld-19 are not installed: skipped");
    return;
  }
  const auto build = [&](int answer) {
    const std::string source = here / "wolf.cpp";
    workshop::write_file(source,
                         "#include <dymod/dymod.hpp>\nDYMOD(wolf, (answer, int()))\n"
                         "int wolf::answer() { return " +
                             std::to_string(answer) + "; }\n");
    workshop::run_ok(compiler + "'" + source + "' -o '" + (here / "wolf.new") + "' -Wl,--pdb='" +
                     (here / "wolf.pdb") + "' -lpthread");
    workshop::put_in_place(here / "wolf.new", here / "wolf.dll");
  };
  const auto database_of = [&](const std::string& name) {
    const std::string file = workshop::read_file(here / name);
    const pe image({reinterpret_cast<const unsigned char*>(file.data()), file.size()});
    pe::debug_file_name found;
    if (!image.find_debug_file(found)) return std::string("none");
    return std::string(reinterpret_cast<const char*>(found.characters));
  };
  build(1);
  REQUIRE_THAT(database_of("wolf.dll"), contains("wolf.pdb"));
  CHECK(wolf::answer() == 1);

  std::string copy;
  std::string database;
  for (const std::string& name : farms::left_in(here / "")) {
    if (name.find("wolf.dll.dymod-") == 0) copy = name;
    if (name.size() > 4 && name.substr(name.size() - 4) == ".pdb") database = name;
  }
  REQUIRE_FALSE(copy.empty());
  REQUIRE_FALSE(database.empty());
  CHECK(workshop::read_file(here / database) == workshop::read_file(here / "wolf.pdb"));
  CHECK_THAT(database_of(copy), contains(database));
  CHECK_THAT(database_of("wolf.dll"), contains("wolf.pdb"));
  // As a debugger does, which finds the name in the copy.
  const opened_file debugger(here / database, GENERIC_READ, FILE_SHARE_READ);
  const unsigned generation = wolf::library.generation();
  build(2);  // writes wolf.pdb
  CHECK(wolf::answer() == 2);
  CHECK(wolf::library.generation() == generation + 1);
  SECTION("written again with the same content: no reload") {
    workshop::write_file(here / "wolf.dll", workshop::read_file(here / "wolf.dll"));
    CHECK(wolf::answer() == 2);
    CHECK_FALSE(wolf::reload());
    CHECK(wolf::library.generation() == generation + 1);
  }
}
