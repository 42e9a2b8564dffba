// SPDX-License-Identifier: MIT

// Whole programs, compiled here and run as processes: how they start, where they look for the
// library, how they end, and what they leave behind.

#include <signal.h>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/farm.hpp"
#include "support/workshop.hpp"

namespace {

using workshop::process;

using farms::build_sheep;
using farms::declaration;
using farms::farm;
using farms::left_in;
using farms::module_source;

}  // namespace

TEST_CASE("hosts: every kind of exit that runs handlers leaves nothing behind", "[hosts]") {
  const farm f;
  build_sheep(f.library, 1);
  for (const std::string way :
       {"return", "exit", "quick_exit", "thread_exit", "main_thread_ends"}) {
    CAPTURE(way);
    process host({f.host});
    host.say("call");
    REQUIRE(host.hear() == "1");
    build_sheep(f.library, 1);
    build_sheep(f.library, 2);
    host.say("call");
    REQUIRE(host.hear() == "2");
    CHECK(f.left_behind().size() == 3);
    host.say(way);
    CHECK(host.end() == (way == "main_thread_ends" ? 0 : 3));
    CHECK(f.left_behind().empty());
    build_sheep(f.library, 1);
  }
}

TEST_CASE("hosts: nothing is left behind when every build was refused", "[hosts][failure]") {
  const farm f;
  workshop::write_file(f.library, "garbage");
  for (const std::string way : {"return", "exit", "quick_exit", "thread_exit"}) {
    CAPTURE(way);
    process host({f.host});
    host.say("call");
    CHECK_THAT(host.hear(), contains("not a library of this system"));
    host.say(way);
    CHECK(host.end() == 3);
    CHECK(f.left_behind().empty());
  }
}

TEST_CASE("hosts: a child forked while a thread of its parent loads is not stuck",
          "[hosts][threads]") {
  const workshop::folder folder;
  // The constructor says that it is there, and goes on when it is told to; in the child it need not
  // wait.
  workshop::build_module(
      "sheep",
      declaration +
          "#include <cstdlib>\n#include <unistd.h>\n"
          "static int constructed = []() -> int {\n"
          "  if (getpid() != std::atoi(std::getenv(\"PARENT\"))) return 0;\n"
          "  char byte = 0;\n"
          "  return write(std::atoi(std::getenv(\"INSIDE\")), &byte, 1) == 1 &&\n"
          "         read(std::atoi(std::getenv(\"GO_ON\")), &byte, 1) == 1;\n"
          "}();\n"
          "int sheep::answer() { return 1; }\nint sheep::sure_answer() noexcept { return 1; }\n",
      folder / "libsheep.so");
  workshop::build_program(
      declaration +
          "#include <cstdlib>\n#include <string>\n#include <thread>\n#include <unistd.h>\n"
          "#include <sys/wait.h>\n"
          "int main() {\n"
          "  int inside[2]; int go_on[2]; char byte = 0; int status = -1;\n"
          "  if (pipe(inside) != 0 || pipe(go_on) != 0) return 1;\n"
          "  setenv(\"PARENT\", std::to_string(getpid()).c_str(), 1);\n"
          "  setenv(\"INSIDE\", std::to_string(inside[1]).c_str(), 1);\n"
          "  setenv(\"GO_ON\", std::to_string(go_on[0]).c_str(), 1);\n"
          "  std::thread loading([] { sheep::answer(); });\n"
          "  if (read(inside[0], &byte, 1) != 1) return 2;\n"
          "  const pid_t child = fork();\n"
          "  if (child == 0) { alarm(30); _exit(sheep::answer() == 1 ? 0 : 3); }\n"
          "  waitpid(child, &status, 0);\n"
          "  if (write(go_on[1], &byte, 1) != 1) return 4;\n"
          "  loading.join();\n"
          "  return status == 0 && sheep::answer() == 1 ? 0 : 5;\n}\n",
      folder / "host");
  CHECK(workshop::run("'" + (folder / "host") + "'").status == 0);
}

TEST_CASE("hosts: modules can be called, and first called, from static destructors", "[hosts]") {
  const farm f;
  build_sheep(f.library, 1);
  SECTION("first called") {
    process host({f.host});
    host.say("at_the_end");
    host.say("return");
    CHECK(host.hear() == "1");
    CHECK(host.end() == 3);
  }
  SECTION("called again, with a new build") {
    process host({f.host});
    host.say("call");
    CHECK(host.hear() == "1");
    build_sheep(f.library, 2);
    host.say("at_the_end");
    host.say("exit");
    CHECK(host.hear() == "2");
    CHECK(host.end() == 3);
  }
  CHECK(f.left_behind().empty());
}

TEST_CASE("hosts: modules can be first called from static constructors", "[hosts]") {
  const workshop::folder folder;
  build_sheep(folder / "libsheep.so", 1);
  workshop::build_program(declaration +
                              "#include <cstdio>\n"
                              "static int before_main = sheep::answer();\n"
                              "int main() { std::printf(\"%d %u\\n\", before_main, "
                              "sheep::library.generation()); }\n",
                          folder / "host");
  CHECK_THAT(workshop::run_ok("'" + (folder / "host") + "'"), contains("1 1\n"));
  CHECK(left_in(folder / "").empty());
}

TEST_CASE("hosts: what a killed host left is removed at the next start", "[hosts][failure]") {
  const farm f;
  build_sheep(f.library, 1);
  process living({f.host});
  living.say("call");
  REQUIRE(living.hear() == "1");
  {
    process killed({f.host});
    killed.say("call");
    REQUIRE(killed.hear() == "1");
    CHECK(f.left_behind().size() == 4);
    killed.send_signal(SIGKILL);
    CHECK(killed.end() == 128 + SIGKILL);
  }
  CHECK(f.left_behind().size() == 4);
  process next({f.host});
  next.say("call");
  REQUIRE(next.hear() == "1");
  CHECK(f.left_behind().size() == 4);  // two hosts, each with a copy and a lock
  next.say("return");
  CHECK(next.end() == 3);
  CHECK(f.left_behind().size() == 2);
  living.say("return");
  CHECK(living.end() == 3);
  CHECK(f.left_behind().empty());
}

TEST_CASE("hosts: many hosts share one library", "[hosts]") {
  const farm f;
  build_sheep(f.library, 1);
  std::vector<std::unique_ptr<process>> hosts;
  for (int i = 0; i < 8; ++i)
    hosts.push_back(std::make_unique<process>(std::vector<std::string>{f.host}));
  for (int version = 1; version <= 3; ++version) {
    if (version > 1) build_sheep(f.library, version);
    for (const auto& each : hosts) each->say("call");
    for (const auto& each : hosts) CHECK(each->hear() == std::to_string(version));
  }
  for (const auto& each : hosts) {
    each->say("return");
    CHECK(each->end() == 3);
  }
  CHECK(f.left_behind().empty());
}

TEST_CASE("hosts: a forked child calls, reloads and ends without harm to its parent", "[hosts]") {
  const farm f;
  build_sheep(f.library, 1);
  process host({f.host});
  host.say("call");
  REQUIRE(host.hear() == "1");
  host.say("fork exit");
  CHECK(host.hear() == "1");
  CHECK(host.hear() == "0");
  CHECK(f.left_behind().size() == 2);  // the parent's
  build_sheep(f.library, 2);
  host.say("fork exit");
  CHECK(host.hear() == "2");
  CHECK(host.hear() == "0");
  CHECK(f.left_behind().size() == 2);  // the child has removed its own
  host.say("call");
  CHECK(host.hear() == "2");
  host.say("return");
  CHECK(host.end() == 3);
  CHECK(f.left_behind().empty());
}

TEST_CASE("hosts: the library is found beside the binary, wherever the program stands", "[hosts]") {
  const farm f;
  build_sheep(f.library, 1);
  SECTION("started by a relative path, the first call from elsewhere") {
    const std::string output =
        workshop::run_ok("cd '" + (f.folder / "") + "' && printf 'go /\\npath\\ncall\\n' | ./host");
    CHECK(output == f.library + "\n1\n");
  }
  SECTION("started by name") {
    const std::string output =
        workshop::run_ok("cd / && printf 'call\\n' | PATH='" + (f.folder / "") + "' host");
    CHECK(output == "1\n");
  }
  SECTION("never in the current directory") {
    workshop::run_ok("mkdir '" + (f.folder / "elsewhere") + "' && mv '" + f.library + "' '" +
                     (f.folder / "elsewhere") + "'");
    const std::string output = workshop::run_ok(
        "cd '" + (f.folder / "elsewhere") + "' && printf 'call\\n' | LD_LIBRARY_PATH=. ../host");
    CHECK_THAT(output, contains("no library: there is no file '" + f.library + "'\n"));
  }
}

TEST_CASE("hosts: a plugin opened by a relative path finds the library beside itself", "[hosts]") {
  const workshop::folder folder;
  workshop::run_ok("mkdir '" + (folder / "plugins") + "' '" + (folder / "elsewhere") + "'");
  build_sheep(folder / "plugins/libsheep.so", 7);
  build_sheep(folder / "elsewhere/libsheep.so", 66);
  workshop::build_module("plugin",
                         declaration + "extern \"C\" int ask() { return sheep::answer(); }\n",
                         folder / "plugins/libplugin.so", "-fvisibility=default");
  workshop::build_program(
      "#include <dlfcn.h>\n#include <unistd.h>\n"
      "int main() {\n"
      "  void* plugin = dlopen(\"./libplugin.so\", RTLD_NOW);\n"
      "  if (chdir(\"../elsewhere\") != 0) return 1;\n"
      "  return reinterpret_cast<int (*)()>(dlsym(plugin, \"ask\"))();\n}\n",
      folder / "host");
  CHECK(workshop::run("cd '" + (folder / "plugins") + "' && ../host").status == 7);
}

TEST_CASE("hosts: DYMOD_PATH names the library", "[hosts]") {
  const workshop::folder folder;
  const std::string program =
      declaration +
      "#include <cstdio>\nint main() try { std::printf(\"%d \", sheep::answer()); "
      "std::puts(sheep::library.path()); } catch (const dymod::error& e) { std::puts(e.what()); "
      "}\n";
  const auto run_host = [&] {
    return workshop::run_ok("cd / && '" + (folder / "host") + "' 2>/dev/null");
  };
  workshop::run_ok("mkdir '" + (folder / "modules") + "'");
  SECTION("relative to the binary") {
    workshop::build_program(program, folder / "host", "-DDYMOD_PATH_sheep='\"modules/s.so\"'");
    build_sheep(folder / "modules/s.so", 1);
    CHECK(run_host() == "1 " + (folder / "modules/s.so") + "\n");
  }
  SECTION("absolute, put together from pieces") {
    workshop::build_program("#define FOLDER \"" + (folder / "") +
                                "\"\n#define DYMOD_PATH_sheep FOLDER \"/modules/s.so\"\n" + program,
                            folder / "host");
    build_sheep(folder / "modules/s.so", 1);
    CHECK(run_host() == "1 " + (folder / "modules/s.so") + "\n");
  }
  SECTION("nothing there: the usual name beside the binary") {
    workshop::build_program(program, folder / "host", "-DDYMOD_PATH_sheep='\"/nowhere/s.so\"'");
    build_sheep(folder / "libsheep.so", 1);
    CHECK(run_host() == "1 " + (folder / "libsheep.so") + "\n");
  }
  SECTION("nothing anywhere: both places are told") {
    workshop::build_program(program, folder / "host", "-DDYMOD_PATH_sheep='\"/nowhere/s.so\"'");
    CHECK(run_host() == "dymod: sheep: no library: there is no file '/nowhere/s.so', nor '" +
                            (folder / "libsheep.so") + "'\n    build the module\n");
  }
}

TEST_CASE("hosts: without a library a noexcept function says why and ends the program",
          "[hosts][failure]") {
  const workshop::folder folder;
  workshop::build_program(declaration + "int main() { return sheep::sure_answer(); }\n",
                          folder / "host");
  const workshop::result ended = workshop::run("'" + (folder / "host") + "'");
  CHECK(ended.status == 128 + SIGABRT);
  CHECK_THAT(ended.output, contains("dymod: sheep: no library: there is no file '" +
                                    (folder / "libsheep.so") + "'\n    build the module\n"));
}

TEST_CASE("hosts: without exceptions every function does", "[hosts][failure]") {
  const workshop::folder folder;
  workshop::build_program(declaration + "int main() { return sheep::answer(); }\n", folder / "host",
                          "-fno-exceptions -fno-rtti");
  const workshop::result ended = workshop::run("'" + (folder / "host") + "'");
  CHECK(ended.status == 128 + SIGABRT);
  CHECK_THAT(ended.output, contains("\n    build the module\n"));

  workshop::build_module("sheep", module_source(7), folder / "libsheep.so",
                         "-fno-exceptions -fno-rtti");
  CHECK(workshop::run("'" + (folder / "host") + "'").status == 7);
}

TEST_CASE("hosts: one that exports its symbols does not capture the module's calls", "[hosts]") {
  // The same inline function in both, edited in the module: at -O0 a host linked with -rdynamic
  // would win.
  const workshop::folder folder;
  const auto shared = [](int number) {
    return "inline int helper() { return " + std::to_string(number) + "; }\n";
  };
  workshop::build_program(
      shared(1) + declaration + "int main() { return helper() * 10 + sheep::answer(); }\n",
      folder / "host", "-O0 -rdynamic");
  workshop::build_module(
      "sheep",
      shared(2) + workshop::replaced(module_source(0), "{ return 0; }",
                                     "{ return helper() + sheep::sure_answer(); }"),
      folder / "libsheep.so", "-O0");
  CHECK(workshop::run("'" + (folder / "host") + "'").status == 12);
}

TEST_CASE("hosts: each binary of a process has its own address for a module's function",
          "[hosts]") {
  const workshop::folder folder;
  build_sheep(folder / "libsheep.so", 5);
  workshop::build_module("plugin",
                         declaration + "int (*sheep_of_plugin())() { return &sheep::answer; }\n",
                         folder / "libplugin.so", "-fvisibility=default");
  workshop::build_program(declaration +
                              "int (*sheep_of_plugin())();\n"
                              "int main() {\n"
                              "  if (sheep_of_plugin() == &sheep::answer) return 1;\n"
                              "  return sheep_of_plugin()() * 10 + sheep::answer();\n}\n",
                          folder / "host",
                          "-L '" + (folder / "") + "' -lplugin -Wl,-rpath,'" + (folder / "") + "'");
  CHECK(workshop::run("'" + (folder / "host") + "'").status == 55);
  CHECK(left_in(folder / "").empty());
}

TEST_CASE("hosts: a module of plain C symbols", "[hosts]") {
  const workshop::folder folder;
  workshop::build_program(
      "#include <dymod/dymod.hpp>\n#include <cstdio>\n"
      "DYMOD_EXTERN_C(meadow, (meadow_add, int(int a, int b)), (meadow_name, const char*()))\n"
      "int main() {\n"
      "  dymod::set_event_handler([](const dymod::event& e, void*) { std::printf(\"%s\\n\", "
      "e.message); "
      "});\n"
      "  char line[9];\n"
      "  while (std::fgets(line, sizeof line, stdin)) { std::printf(\"%d %s\\n\", "
      "meadow::meadow_add(1, 2), meadow::meadow_name()); std::fflush(stdout); }\n}\n",
      folder / "host");
  const auto build = [&](const std::string& source) {
    workshop::write_file(folder / "meadow.c", source);
    workshop::run_ok("'" DYMOD_TEST_C_COMPILER "' -shared -fPIC '" + (folder / "meadow.c") +
                     "' -o '" + (folder / "new.so") + "'");
    workshop::put_in_place(folder / "new.so", folder / "libmeadow.so");
  };
  build(
      "int meadow_add(int a, int b) { return a + b; }\nconst char* meadow_name(void) { return "
      "\"green\"; }\n");
  process host({folder / "host"});
  host.say("");
  CHECK_THAT(host.hear(), contains("generation 1 is loaded"));
  CHECK(host.hear() == "3 green");
  build("int meadow_add(int a, int b) { return a * b; }\n");
  host.say("");
  CHECK_THAT(host.hear(), contains("does not define 'meadow_name', which the host declares"));
  CHECK(host.hear() == "    rebuild host and module from the same header");
  CHECK(host.hear() == "3 green");
  build(
      "int meadow_add(int a, int b) { return a * b; }\nconst char* meadow_name(void) { return "
      "\"blue\"; }\n");
  host.say("");
  CHECK_THAT(host.hear(), contains("generation 2 is live"));
  CHECK(host.hear() == "2 blue");
  CHECK(host.end() == 0);
}

TEST_CASE("hosts: a call costs one stat and nothing else that grows", "[hosts]") {
  if (workshop::run("strace -V").status != 0) {
    WARN("strace is not installed: skipped");
    return;
  }
  const workshop::folder folder;
  build_sheep(folder / "libsheep.so", 1);
  workshop::build_program(
      declaration +
          "#include <cstdlib>\n"
          "int main(int, char** words) {\n"
          "  int wrong = 0;\n"
          "  for (int i = std::atoi(words[1]); i > 0; --i) wrong += sheep::answer() != 1;\n"
          "  return wrong != 0;\n}\n",
      folder / "host", "-O2");
  // Calls by name, of a run that makes so many calls to the module.
  const auto count = [&](const std::string& calls) {
    workshop::run_ok("strace -f -c -U name,calls -o '" + (folder / "trace") + "' '" +
                     (folder / "host") + "' " + calls);
    return workshop::run_ok("grep -v -e total -e -- '" + (folder / "trace") +
                            "' | tail -n +2 | sort | tr -s ' '");
  };
  const std::string few = count("1000");
  const std::string many = count("21000");
  CAPTURE(few, many);
  // Every system call is made equally often in both runs, but for 20,000 more stats.
  const auto stats = [](const std::string& table) {
    const std::size_t at = table.find("newfstatat ");
    const std::size_t old = table.find("stat ");
    const std::size_t start = at != std::string::npos ? at + 11 : old + 5;
    return std::stol(table.substr(start));
  };
  const auto without_stats = [&](std::string table) {
    return workshop::replaced(table, std::to_string(stats(table)), "some");
  };
  CHECK(stats(many) - stats(few) == 20000);
  CHECK(without_stats(many) == without_stats(few));
}
