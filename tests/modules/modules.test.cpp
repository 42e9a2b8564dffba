// SPDX-License-Identifier: MIT

// Many binaries in one process: programs, linked libraries, plugins, and modules that call modules.
// Whole programs, compiled here and spoken to.

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/workshop.hpp"

namespace {

using workshop::process;

const std::string include_dymod = "#include <dymod/dymod.hpp>\n";

// A program does one thing for each line it is told, and says what came of it, at last a dot.
const std::string listening = R"(
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <dlfcn.h>

struct command { const char* name; void (*run)(); };

[[maybe_unused]] static int listen(std::initializer_list<command> known) {
  char line[256];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    line[std::strcspn(line, "\n")] = '\0';
    bool done = false;
    for (const command& each : known) {
      if (std::strcmp(each.name, line) != 0) continue;
      each.run();
      done = true;
    }
    std::puts(done ? "." : "what?\n.");
    std::fflush(stdout);
  }
  return 0;
}

[[maybe_unused]] static void* open_local(const char* path) {
  void* const opened = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (opened == nullptr) std::printf("%s\n", dlerror());
  return opened;
}

template <class Type> Type* function_in(void* library, const char* name) {
  return reinterpret_cast<Type*>(dlsym(library, name));
}
)";

const std::string talk = include_dymod + listening + R"(
[[maybe_unused]] static void tell(const dymod::event& news, void* who) {
  if (who != nullptr) std::printf("%s ", static_cast<const char*>(who));
  if (news.kind == dymod::event_kind::loaded || news.kind == dymod::event_kind::reloaded)
    std::printf("%s %u\n", news.module, news.generation);
  else
    std::printf("%s: %s\n", news.module, news.message);
}

template <class Function> void answer(Function function) {
  try {
    std::printf("%d\n", static_cast<int>(function()));
  } catch (const dymod::error& error) {
    std::printf("%s\n", error.what());
  }
}
)";

/// Has a program do something. @returns what it says, its lines parted by line breaks
std::string ask(process& program, const std::string& command) {
  program.say(command);
  std::string all;
  for (;;) {
    const std::string line = program.hear();
    if (line == ".") return all;
    if (line.empty()) throw std::runtime_error("the program ended at '" + command + "' " + all);
    all += (all.empty() ? "" : "\n") + line;
  }
}

/// A folder with headers, libraries and one program.
struct farm {
  workshop::folder folder;

  std::string operator/(const std::string& name) const { return folder / name; }
  std::string quoted(const std::string& name) const { return "'" + (folder / name) + "'"; }
  std::string here() const { return "-I " + quoted("") + " "; }

  void write(const std::string& name, const std::string& content) const {
    workshop::write_file(folder / name, content);
  }

  void build(const std::string& name, const std::string& source,
             const std::string& flags = "") const {
    workshop::build_module(name, source, folder / ("lib" + name + ".so"), here() + flags);
  }

  // For put().
  void build_aside(const std::string& name, const std::string& source,
                   const std::string& aside) const {
    workshop::build_module(name, source, folder / aside, here());
  }

  void put(const std::string& aside, const std::string& name) const {
    workshop::run_ok("cp " + quoted(aside) + " " + quoted("being put"));
    workshop::put_in_place(folder / "being put", folder / ("lib" + name + ".so"));
  }

  // What any binary may contain. @returns the object file, quoted
  std::string object(const std::string& name, const std::string& source) const {
    write(name + ".cpp", source);
    workshop::run_ok(workshop::compiler() + "-c -fPIC -fvisibility=hidden " + here() +
                     quoted(name + ".cpp") + " -o " + quoted(name + ".o"));
    return quoted(name + ".o") + " ";
  }

  void program(const std::string& source, const std::string& flags = "") const {
    workshop::build_program(source, folder / "host", here() + flags);
  }
};

const std::string sheep_list = "DYMOD(sheep, (answer, int()))\n";

std::string sheep_source(int answer) {
  return include_dymod + sheep_list + "int sheep::answer() { return " + std::to_string(answer) +
         "; }\n";
}

// What libraries other than modules offer.
const std::string shown = "extern \"C\" __attribute__((visibility(\"default\"))) ";

}  // namespace

// --- one generation

TEST_CASE("modules: one current generation, whoever calls", "[modules]") {
  const farm f;
  for (int i = 1; i <= 6; ++i) f.build_aside("sheep", sheep_source(i), std::to_string(i) + ".so");
  // In each binary, what looks for a new build and what does not.
  const std::string objects =
      f.object("look", include_dymod + sheep_list + "int look() { return sheep::answer(); }\n") +
      f.object("still", "#define DYMOD_AUTO_RELOAD 0\n" + include_dymod + sheep_list +
                            "int still() { return sheep::answer(); }\n"
                            "unsigned generation() { return sheep::library.generation(); }\n");
  const std::string use = "int look();\nint still();\nunsigned generation();\n";
  const std::string wolf_list =
      "DYMOD(wolf, (look, int()), (still, int()), (generation, unsigned()))\n";
  f.build("wolf",
          include_dymod + use + wolf_list +
              "int wolf::look() { return ::look(); }\nint wolf::still() { return ::still(); }\n"
              "unsigned wolf::generation() { return ::generation(); }\n",
          objects);
  const auto exported = [&](const std::string& prefix) {
    return use + shown + "int " + prefix + "_look() { return look(); }\n" + shown + "int " +
           prefix + "_still() { return still(); }\n" + shown + "unsigned " + prefix +
           "_generation() { return generation(); }\n";
  };
  f.build("barn", exported("barn"), objects);
  f.build("plugin",
          talk + exported("plugin") + shown +
              "void plugin_listens() {\n"
              "  static char name[] = \"the plugin hears\";\n"
              "  dymod::set_event_handler(&tell, name);\n}\n",
          objects);
  f.program(talk + use + wolf_list + R"(
extern "C" int barn_look();
extern "C" int barn_still();
extern "C" unsigned barn_generation();
static void* plugin;
template <class Result> void ask_plugin(const char* name) {
  answer(function_in<Result()>(plugin, name));
}
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  plugin = open_local(words[1]);
  return listen({{"program looks", [] { answer(look); }},
                 {"program calls", [] { answer(still); }},
                 {"program counts", [] { answer(generation); }},
                 {"library looks", [] { answer(barn_look); }},
                 {"library calls", [] { answer(barn_still); }},
                 {"library counts", [] { answer(barn_generation); }},
                 {"module looks", [] { answer(wolf::look); }},
                 {"module calls", [] { answer(wolf::still); }},
                 {"module counts", [] { answer(wolf::generation); }},
                 {"plugin looks", [] { ask_plugin<int>("plugin_look"); }},
                 {"plugin calls", [] { ask_plugin<int>("plugin_still"); }},
                 {"plugin counts", [] { ask_plugin<unsigned>("plugin_generation"); }},
                 {"plugin listens", [] { function_in<void()>(plugin, "plugin_listens")(); }}});
}
)",
            objects + f.quoted("libbarn.so") + " -Wl,-rpath," + f.quoted(""));

  const std::vector<std::string> callers = {"program", "library", "plugin", "module"};
  for (const std::string& first : callers) {
    CAPTURE(first);
    f.put("1.so", "sheep");
    process host({f / "host", f / "libplugin.so"});
    const auto all_run = [&](int number) {
      for (const std::string& each : callers) {
        CAPTURE(each, number);
        CHECK(ask(host, each + " calls") == std::to_string(number));
        CHECK(ask(host, each + " counts") == std::to_string(number));
      }
    };

    // "loaded" is told once, whoever comes later.
    CHECK(ask(host, first + " calls") == (first == "module" ? "wolf 1\nsheep 1\n1" : "sheep 1\n1"));
    for (const std::string& each : callers) {
      if (each == first) continue;
      CHECK(ask(host, each + " calls") == (each == "module" ? "wolf 1\n1" : "1"));
    }
    int number = 1;
    all_run(number);
    for (const std::string& looking : callers) {
      CAPTURE(looking);
      const std::string next = std::to_string(number + 1);
      f.put(next + ".so", "sheep");
      all_run(number);  // nobody has looked
      CHECK(ask(host, looking + " looks") == "sheep " + next + "\n" + next);
      all_run(++number);
    }
    CHECK(ask(host, "plugin listens").empty());
    f.put("6.so", "sheep");
    CHECK(ask(host, "program looks") == "the plugin hears sheep 6\n6");
    CHECK(host.end() == 0);
  }
}

TEST_CASE("modules: plugins of a program that knows nothing of dymod", "[modules]") {
  const farm f;
  for (int i = 1; i <= 4; ++i) f.build_aside("sheep", sheep_source(i), std::to_string(i) + ".so");
  f.put("1.so", "sheep");
  const std::string plugin = talk + sheep_list + shown +
                             "void ask() {\n"
                             "  dymod::set_event_handler(&tell);\n"
                             "  answer(sheep::answer);\n"
                             "  answer([] { return sheep::library.generation(); });\n}\n";
  f.build("first", plugin);
  f.build("second", plugin);
  f.program(listening + R"(
static const char* folder;
static void* plugins[2];
template <int I> void open() {
  char path[4096];
  std::snprintf(path, sizeof path, "%s/lib%s.so", folder, I == 0 ? "first" : "second");
  plugins[I] = open_local(path);
}
template <int I> void call() { function_in<void()>(plugins[I], "ask")(); }
int main(int, char** words) {
  folder = words[1];
  return listen({{"open the first", open<0>},
                 {"close the first", [] { std::printf("%d\n", dlclose(plugins[0])); }},
                 {"call the first", call<0>},
                 {"open the second", open<1>},
                 {"call the second", call<1>}});
}
)");
  process host({f / "host", f / ""});
  CHECK(ask(host, "open the first").empty());
  bool has_called = false;
  SECTION("the first has called") { has_called = true; }
  SECTION("the first has not called") {}
  if (has_called) CHECK(ask(host, "call the first") == "sheep 1\n1\n1");
  CHECK(ask(host, "open the second").empty());
  CHECK(ask(host, "call the second") == (has_called ? "1\n1" : "sheep 1\n1\n1"));
  CHECK(ask(host, "close the first") == "0");
  CHECK(ask(host, "call the second") == "1\n1");
  f.put("2.so", "sheep");
  CHECK(ask(host, "call the second") == "sheep 2\n2\n2");
  f.put("3.so", "sheep");
  CHECK(ask(host, "open the first").empty());
  CHECK(ask(host, "call the first") == "sheep 3\n3\n3");
  CHECK(ask(host, "call the second") == "3\n3");
  f.put("4.so", "sheep");
  CHECK(ask(host, "call the second") == "sheep 4\n4\n4");
  CHECK(ask(host, "call the first") == "4\n4");
  CHECK(host.end() == 0);
}

// --- how binaries find each other

namespace {

struct way {
  std::string compile;  // flags
  std::string link;
  std::string link_program;  // the program only
  std::string change = "";   // what is done to both after that; "": nothing
};

// Builds a program of two files, a library of it and a module in one way with each linker there
// is, and asks whether they know of each other.
void survives(const way& built) {
  const farm f;
  const std::string both = "DYMOD(sheep, (answer, int()), (extra, int()))\n";
  const std::string one = sheep_list;
  const std::string wolf_list = "DYMOD(wolf, (idle, int()), (call, int()), (count, unsigned()))\n";
  const auto source = [&](const std::string& list, int number) {
    return include_dymod + list + "int sheep::answer() { return " + std::to_string(number) +
           "; }\n" + (list == both ? "int sheep::extra() { return 0; }\n" : "");
  };
  f.build_aside("sheep", source(both, 1), "1.so");
  f.build_aside("sheep", source(one, 2), "2.so");
  f.build_aside("sheep", source(both, 3), "3.so");
  const auto compile = [&](const std::string& name, const std::string& flags,
                           const std::string& text) {
    f.write(name + ".cpp", text);
    workshop::run_ok(workshop::compiler() + built.compile + " " + flags + " -c " +
                     f.quoted(name + ".cpp") + " -o " + f.quoted(name + ".o"));
    return f.quoted(name + ".o") + " ";
  };
  const std::string module_flags = "-fPIC -fvisibility=hidden -Dwolf_EXPORTS";
  // The module wants more of sheep than the program does, and does not look.
  const std::string wolf_object =
      compile("wolf", module_flags,
              "#define DYMOD_AUTO_RELOAD 0\n" + include_dymod + both + wolf_list +
                  "int wolf::idle() { return 0; }\nint wolf::call() { return sheep::answer(); }\n"
                  "unsigned wolf::count() { return sheep::library.generation(); }\n");
  // Notes of two alignments, which some linkers put into one segment, with padding between them.
  const std::string notes = R"(
__asm__(".pushsection .note.four,\"a\",%note\n.balign 4\n"
        ".long 4, 4, 1\n.asciz \"abc\"\n.long 7\n.popsection\n"
        ".pushsection .note.eight,\"a\",%note\n.balign 8\n"
        ".long 4, 8, 2\n.asciz \"abc\"\n.quad 7\n.popsection\n");
)";
  const std::string objects =
      compile("other", "",
              notes + include_dymod + wolf_list +
                  "int idle() { return wolf::idle(); }\nint call() { return wolf::call(); }\n"
                  "unsigned count() { return wolf::count(); }\n") +
      compile("main", "", talk + sheep_list + R"(
int idle();
int call();
unsigned count();
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"sheep", [] { answer(sheep::answer); }},
                 {"idle", [] { answer(idle); }},
                 {"call", [] { answer(call); }},
                 {"count", [] { answer(count); }}});
}
)");
  const std::string nothing = compile("nothing", "", "int main() { return 0; }\n");

  int ran = 0;
  for (const std::string linker : {"bfd", "gold", "lld", "mold"}) {
    const std::string link =
        workshop::compiler() + built.compile + " " + built.link + " -fuse-ld=" + linker + " ";
    const std::string link_program = link + built.link_program + " ";
    // Not installed, or without a plugin for what this compiler optimises at link time.
    if (workshop::run(link_program + nothing + "-o " + f.quoted("nothing")).status != 0) continue;
    CAPTURE(linker, built.compile, built.link, built.link_program);
    workshop::run_ok(link_program + objects + "-o " + f.quoted("host") + " -ldl -pthread");
    workshop::run_ok(link + "-shared " + wolf_object + "-o " + f.quoted("libwolf.so"));
    if (!built.change.empty()) {
      for (const auto* each : {"host", "libwolf.so"}) {
        workshop::run_ok(built.change + " " + f.quoted(each));
      }
    }
    workshop::make_startable(f / "host");
    f.put("1.so", "sheep");
    process host({f / "host"});
    CHECK(ask(host, "sheep") == "sheep 1\n1");
    CHECK(ask(host, "idle") == "wolf 1\n0");
    // What the module wants is known before it has called.
    f.put("2.so", "sheep");
    CHECK_THAT(ask(host, "sheep"), contains("which module 'wolf' declares; generation 1 runs on"));
    CHECK(ask(host, "call") == "1");
    f.put("3.so", "sheep");
    CHECK(ask(host, "call") == "1");
    CHECK(ask(host, "sheep") == "sheep 2\n3");
    CHECK(ask(host, "call") == "3");
    CHECK(ask(host, "count") == "2");
    CHECK(host.end() == 0);
    ++ran;
  }
  // Only link-time optimisation may find no linker that is able to.
  if (built.compile.find("lto") == std::string::npos) CHECK(ran > 0);
  if (ran == 0) WARN("no linker for " + built.compile + ": skipped");
}

}  // namespace

TEST_CASE("modules: binaries find each other, linked plainly", "[modules][linkers]") {
  survives({"", "", ""});
}
TEST_CASE("modules: binaries find each other, -no-pie", "[modules][linkers]") {
  survives({"-fno-pie", "", "-no-pie"});
}
TEST_CASE("modules: binaries find each other, --gc-sections", "[modules][linkers]") {
  survives({"-O2 -ffunction-sections -fdata-sections", "-Wl,--gc-sections", ""});
}
TEST_CASE("modules: binaries find each other, -flto", "[modules][linkers]") {
  survives({"-O2 -flto", "", ""});
}
TEST_CASE("modules: binaries find each other, -flto and --gc-sections", "[modules][linkers]") {
  survives({"-O2 -flto -ffunction-sections -fdata-sections", "-Wl,--gc-sections", ""});
}
TEST_CASE("modules: binaries find each other, -flto=thin", "[modules][linkers]") {
  if (workshop::run("echo 'int x;' | " + workshop::compiler() +
                    " -flto=thin -x c++ -c - -o /dev/null")
          .status != 0) {
    WARN("the compiler has no -flto=thin: skipped");
    return;
  }
  survives({"-O2 -flto=thin", "-Wl,--gc-sections", ""});
}
TEST_CASE("modules: binaries find each other, -rdynamic", "[modules][linkers]") {
  survives({"", "", "-rdynamic"});
}
TEST_CASE("modules: binaries find each other, stripped", "[modules][linkers]") {
  survives({"", "-s", ""});
}
TEST_CASE("modules: binaries find each other, with a build id", "[modules][linkers]") {
  survives({"", "-Wl,--build-id", ""});
}
TEST_CASE("modules: binaries find each other, static C++ libraries", "[modules][linkers]") {
  survives({"", "", "-static-libstdc++ -static-libgcc"});
}

TEST_CASE("modules: binaries find each other, changed by patchelf", "[modules][linkers]") {
  if (workshop::run("patchelf --version").status != 0) {
    WARN("no patchelf: skipped");
    return;
  }
  // It moves the notes, and does not know what they are about.
  survives({"", "", "", "patchelf --set-rpath /" + std::string(300, 'a')});
}

TEST_CASE("modules: a static program reloads a module that keeps to itself", "[modules][linkers]") {
  // No more: the system has a second C library for the modules of such a program, in which none
  // finds another binary.
  const farm f;
  f.write("nothing.cpp", "int main() { return 0; }\n");
  for (const std::string link : {"-static", "-static-pie"}) {
    CAPTURE(link);
    if (workshop::run(workshop::compiler() + link + " -fPIE " + f.quoted("nothing.cpp") + " -o " +
                      f.quoted("nothing"))
            .status != 0) {
      WARN("no static libraries: skipped");
      continue;
    }
    f.build("sheep", sheep_source(1));
    f.program(talk + sheep_list + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"sheep", [] { answer(sheep::answer); }}});
}
)",
              "-fPIE " + link);
    process host({f / "host"});
    CHECK(ask(host, "sheep") == "sheep 1\n1");
    f.build("sheep", sheep_source(2));
    CHECK(ask(host, "sheep") == "sheep 2\n2");
    CHECK(host.end() == 0);
  }
}

// --- loads on several threads

namespace {

// What the programs below need to bring threads to where they are wanted, without guessing.
const std::string threads = R"(
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

[[maybe_unused]] static std::string in_folder(const std::string& name) {
  return std::string(std::getenv("FOLDER")) + "/" + name;
}
[[maybe_unused]] static void set_flag(const std::string& name, const std::string& content = "") {
  const std::string path = in_folder(name);
  FILE* const file = std::fopen((path + ".new").c_str(), "w");
  std::fputs(content.c_str(), file);
  std::fclose(file);
  std::rename((path + ".new").c_str(), path.c_str());
}
[[maybe_unused]] static void wait_for_flag(const std::string& name) {
  struct stat status;
  while (stat(in_folder(name).c_str(), &status) != 0) sched_yield();
}
// Copies of a module's library that the process has made: the last is opened next, or is being.
[[maybe_unused]] static int copies_of(const std::string& name) {
  int found = 0;
  for (const auto& each : std::filesystem::directory_iterator(std::getenv("FOLDER"))) {
    found += each.path().filename().string().rfind("lib" + name + ".so.dymod-", 0) == 0;
  }
  return found;
}
[[maybe_unused]] static void wait_for_copies(const std::string& name, int count) {
  while (copies_of(name) < count) sched_yield();
}
[[maybe_unused]] static std::string my_thread() { return std::to_string(syscall(SYS_gettid)); }
// Until a thread, whose number is in a file, sleeps: it waits for something.
[[maybe_unused]] static void wait_until_sleeping(const std::string& flag) {
  wait_for_flag(flag);
  char number[32] = "";
  FILE* file = std::fopen(in_folder(flag).c_str(), "r");
  if (std::fgets(number, sizeof number, file) == nullptr) std::abort();
  std::fclose(file);
  for (char state = 'R'; state != 'S'; sched_yield()) {
    file = std::fopen(("/proc/self/task/" + std::string(number) + "/stat").c_str(), "r");
    if (file == nullptr || std::fscanf(file, "%*d (%*[^)]) %c", &state) != 1) std::abort();
    std::fclose(file);
  }
}
)";

struct threaded_farm : farm {
  threaded_farm() { ::setenv("FOLDER", (folder / "").c_str(), 1); }
};

}  // namespace

TEST_CASE("modules: a plugin's constructor calls a module that another thread reloads",
          "[modules][threads]") {
  const threaded_farm f;
  f.build_aside("sheep", sheep_source(2), "2.so");
  f.build("sheep", sheep_source(1));
  // The system's loader is locked while the constructor runs, and the other thread is about to open
  // the copy.
  f.build("plugin", include_dymod + sheep_list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_for_copies("sheep", 2);
  return sheep::answer();
}
static int heard = constructed();
)" + shown + "int ask() { return heard * 10 + sheep::answer(); }\n");
  f.program(talk + sheep_list + threads + R"(
static void* plugin;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  static const char* const path = words[1];
  return listen({{"call", [] { answer(sheep::answer); }},
                 {"race", [] {
                   std::thread opening([] { plugin = open_local(path); });
                   wait_for_flag("inside");
                   answer(sheep::answer);
                   opening.join();
                   answer(function_in<int()>(plugin, "ask"));
                 }}});
}
)");
  process host({f / "host", f / "libplugin.so"});
  CHECK(ask(host, "call") == "sheep 1\n1");
  f.put("2.so", "sheep");
  CHECK(ask(host, "race") == "sheep 2\n2\n12");
}

TEST_CASE("modules: a module's constructor calls a module that another thread loads first",
          "[modules][threads]") {
  const threaded_farm f;
  f.build("sheep", sheep_source(1));
  const std::string wolf_list = "DYMOD(wolf, (ask, int()))\n";
  f.build("wolf", include_dymod + sheep_list + wolf_list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_for_copies("sheep", 1);
  return sheep::answer();
}
static int heard = constructed();
int wolf::ask() { return heard * 10 + sheep::answer(); }
)");
  f.program(talk + sheep_list + wolf_list + threads + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"race", [] {
                   static int heard = 0;
                   std::thread calling([] { heard = wolf::ask(); });
                   wait_for_flag("inside");
                   answer(sheep::answer);
                   calling.join();
                   answer([] { return heard; });
                   answer([] { return sheep::library.generation(); });
                 }},
                 {"call", [] { answer(wolf::ask); answer(sheep::answer); }}});
}
)");
  process host({f / "host"});
  const std::string told = ask(host, "race");
  CAPTURE(told);
  CHECK_THAT(told, contains("sheep 1\n"));
  CHECK(told.find("sheep 1\n") == told.rfind("sheep 1\n"));
  CHECK_THAT(told, contains("1\n11\n1"));
  f.build("sheep", sheep_source(2));
  CHECK(ask(host, "call") == "sheep 2\n12\n2");
}

TEST_CASE("modules: a plugin's constructor calls a module that another thread loads first",
          "[modules][threads]") {
  const threaded_farm f;
  f.build("sheep", sheep_source(1));
  f.build("plugin", include_dymod + sheep_list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_for_copies("sheep", 1);
  return sheep::answer();
}
static int heard = constructed();
)" + shown + "int ask() { return heard * 10 + sheep::answer(); }\n");
  f.program(talk + sheep_list + threads + R"(
static void* plugin;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  static const char* const path = words[1];
  return listen({{"race", [] {
                   std::thread opening([] { plugin = open_local(path); });
                   wait_for_flag("inside");
                   answer(sheep::answer);
                   opening.join();
                   answer(function_in<int()>(plugin, "ask"));
                   answer([] { return sheep::library.generation(); });
                 }}});
}
)");
  process host({f / "host", f / "libplugin.so"});
  const std::string told = ask(host, "race");
  CAPTURE(told);
  CHECK_THAT(told, contains("sheep 1\n"));
  CHECK(told.find("sheep 1\n") == told.rfind("sheep 1\n"));
  CHECK_THAT(told, contains("1\n11\n1"));
}

TEST_CASE("modules: a plugin's constructor calls a module while another binary calls it first",
          "[modules][threads]") {
  const threaded_farm f;
  f.build("sheep", sheep_source(1));
  // The other thread waits for the system's loader, which is locked by this one.
  f.build("plugin", include_dymod + sheep_list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_until_sleeping("calling");
  return sheep::answer();
}
static int heard = constructed();
)" + shown + "int ask() { return heard * 10 + sheep::answer(); }\n");
  f.build("barn", include_dymod + sheep_list + shown + "int ask() { return sheep::answer(); }\n");
  f.program(talk + sheep_list + threads + R"(
static void* plugin;
static void* barn;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  static const char* const path = words[1];
  barn = open_local(words[2]);
  return listen({{"call", [] { answer(sheep::answer); }},
                 {"race", [] {
                   static auto* const call = function_in<int()>(barn, "ask");
                   std::thread opening([] { plugin = open_local(path); });
                   wait_for_flag("inside");
                   std::thread calling([] { set_flag("calling", my_thread()); answer(call); });
                   opening.join();
                   calling.join();
                   answer(function_in<int()>(plugin, "ask"));
                 }}});
}
)");
  process host({f / "host", f / "libplugin.so", f / "libbarn.so"});
  CHECK(ask(host, "call") == "sheep 1\n1");
  CHECK(ask(host, "race") == "1\n11");
}

TEST_CASE("modules: a plugin's constructor calls a module whose build another thread judges",
          "[modules][threads]") {
  const threaded_farm f;
  f.build_aside("sheep", sheep_source(2), "2.so");
  f.build("sheep", sheep_source(1));
  const std::string wolf_list = "DYMOD(wolf, (idle, int()))\n";
  // What it declares and has not called is looked for, beside it, with each build of any module.
  f.build("wolf", include_dymod + "DYMOD(dog, (answer, int()))\n" + wolf_list +
                      "int wolf::idle() { return 0; }\n");
  f.build("plugin", include_dymod + sheep_list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_for_copies("sheep", 2);
  wait_until_sleeping("calling");
  return sheep::answer();
}
static int heard = constructed();
)" + shown + "int ask() { return heard * 10 + sheep::answer(); }\n");
  f.program(talk + sheep_list + wolf_list + threads + R"(
static void* plugin;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  static const char* const path = words[1];
  return listen({{"call", [] { answer(sheep::answer); answer(wolf::idle); }},
                 {"race", [] {
                   std::thread opening([] { plugin = open_local(path); });
                   wait_for_flag("inside");
                   std::thread calling([] {
                     set_flag("calling", my_thread());
                     answer(sheep::answer);
                   });
                   opening.join();
                   calling.join();
                   answer(function_in<int()>(plugin, "ask"));
                 }}});
}
)");
  process host({f / "host", f / "libplugin.so"});
  CHECK(ask(host, "call") == "sheep 1\n1\nwolf 1\n0");
  f.put("2.so", "sheep");
  CHECK(ask(host, "race") == "sheep 2\n2\n12");
}

TEST_CASE("modules: a plugin's constructor calls a module of C while another binary does",
          "[modules][threads]") {
  const threaded_farm f;
  const std::string list = "DYMOD_EXTERN_C(goat, (goat_answer, int()))\n";
  f.build("goat", shown + "int goat_answer() { return 1; }\n");
  f.build("barn", include_dymod + list + shown + "int ask() { return goat::goat_answer(); }\n");
  f.build("plugin", include_dymod + list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_for_flag("called");  // it waits for nobody
  return goat::goat_answer();
}
static int heard = constructed();
)" + shown + "int ask() { return heard; }\n");
  f.program(talk + list + threads + R"(
static void* plugin;
static void* barn;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  static const char* const path = words[1];
  barn = open_local(words[2]);
  return listen({{"call", [] { answer(function_in<int()>(barn, "ask")); }},
                 {"race", [] {
                   std::thread opening([] { plugin = open_local(path); });
                   wait_for_flag("inside");
                   std::thread calling([] {
                     answer(goat::goat_answer);
                     set_flag("called");
                   });
                   opening.join();
                   calling.join();
                   answer(function_in<int()>(plugin, "ask"));
                 }}});
}
)");
  process host({f / "host", f / "libplugin.so", f / "libbarn.so"});
  CHECK(ask(host, "call") == "goat 1\n1");
  CHECK(ask(host, "race") == "1\n1");
}

TEST_CASE("modules: a plugin's constructor reloads while another thread does",
          "[modules][threads]") {
  const threaded_farm f;
  f.build_aside("sheep", sheep_source(2), "2.so");
  f.build("sheep", sheep_source(1));
  f.build("plugin", include_dymod + sheep_list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_for_copies("sheep", 2);
  const bool reloaded = sheep::reload() && sheep::reload();
  return (reloaded || dymod::reload_all() ? 100 : 0) + sheep::answer();
}
static int heard = constructed();
)" + shown + "int ask() { return heard * 10 + sheep::answer(); }\n");
  f.program(talk + sheep_list + threads + R"(
static void* plugin;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  static const char* const path = words[1];
  return listen({{"call", [] { answer(sheep::answer); }},
                 {"race", [] {
                   std::thread opening([] { plugin = open_local(path); });
                   wait_for_flag("inside");
                   answer(sheep::answer);
                   opening.join();
                   answer(function_in<int()>(plugin, "ask"));
                 }}});
}
)");
  process host({f / "host", f / "libplugin.so"});
  CHECK(ask(host, "call") == "sheep 1\n1");
  f.put("2.so", "sheep");
  CHECK(ask(host, "race") == "sheep 2\n2\n12");
}

TEST_CASE("modules: two threads call a module first, one waits for the other's load",
          "[modules][threads]") {
  const threaded_farm f;
  // The constructor goes on once the other thread waits.
  f.build("sheep", include_dymod + sheep_list + listening + threads + R"(
static int constructed() {
  set_flag("inside");
  wait_until_sleeping("calling");
  std::puts("constructed");
  return 1;
}
static int one = constructed();
int sheep::answer() { return one; }
)");
  f.program(talk + sheep_list + threads + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"race", [] {
    static int first = 0;
    static int second = 0;
    std::thread loading([] { first = sheep::answer(); });
    wait_for_flag("inside");
    std::thread calling([] { set_flag("calling", my_thread()); second = sheep::answer(); });
    loading.join();
    calling.join();
    answer([] { return first + second; });
  }}});
}
)");
  process host({f / "host"});
  CHECK(ask(host, "race") == "constructed\nsheep 1\n2");
}

// --- modules that want something of each other

namespace {

const std::string ping_list = "DYMOD(ping, (hit, int(int times)))\n";

// Two modules that call each other; `type` is of the function between them, from pong to ping.
struct table : farm {
  void write_pong(const std::string& type) const {
    write("pong.hpp", include_dymod + "DYMOD(pong, (back, " + type + "), (serve, int()))\n");
  }
  void build_ping(int number, const std::string& call) const {
    build("ping", include_dymod + ping_list +
                      "#include \"pong.hpp\"\nint ping::hit(int times) {\n  return " +
                      std::to_string(number) + " + (times > 0 ? static_cast<int>(" + call +
                      ") : 0);\n}\n");
  }
  void build_pong(int number, const std::string& head) const {
    build("pong", include_dymod + ping_list + "#include \"pong.hpp\"\n" + head + " {\n  return " +
                      std::to_string(number) +
                      " + (times > 0 ? ping::hit(times - 1) : 0);\n}\n"
                      "int pong::serve() { return ping::hit(3); }\n");
  }
};

// The function between them, as it was and as it becomes.
const std::string old_type = "int(int times)";
const std::string old_head = "int pong::back(int times)";
const std::string old_call = "pong::back(times - 1)";
const std::string new_type = "long(int times, int spin)";
const std::string new_head = "long pong::back(int times, int)";
const std::string new_call = "pong::back(times - 1, 1)";

}  // namespace

TEST_CASE("modules: two that call each other, edited one at a time and together", "[modules]") {
  const table t;
  t.write_pong(old_type);
  t.build_ping(1000, old_call);
  t.build_pong(1, old_head);
  t.program(talk + ping_list + "DYMOD(pong, (serve, int()))\n" + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"hit", [] { answer([] { return ping::hit(3); }); }},
                 {"serve", [] { answer(pong::serve); }},
                 {"all", [] { std::printf("%d\n", dymod::reload_all()); }}});
}
)");
  process host({t / "host"});
  CHECK(ask(host, "hit") == "ping 1\npong 1\n2002");
  t.build_ping(2000, old_call);
  CHECK(ask(host, "hit") == "ping 2\n4002");
  t.build_pong(2, old_head);
  CHECK(ask(host, "hit") == "pong 2\n4004");

  t.write_pong(new_type);
  SECTION("the one that defines the function is built first") {
    t.build_pong(3, new_head);
    CHECK(ask(host, "hit") == "pong: type changed: 'back' in '" + (t / "libpong.so") +
                                  "'; generation 2 runs on\n"
                                  "    back in module 'ping': int(int)\n"
                                  "    back in the library:   long(int, int)\n"
                                  "    build module 'ping' as well, from the same header\n4004");
    CHECK(ask(host, "hit") == "4004");
    CHECK(ask(host, "all") == "0");
    t.build_ping(3000, new_call);
  }
  SECTION("the one that calls the function is built first") {
    t.build_ping(3000, new_call);
    CHECK(ask(host, "hit") == "ping: type changed: 'back' in '" + (t / "libpong.so") +
                                  "'; generation 2 runs on\n"
                                  "    back in module 'ping': long(int, int)\n"
                                  "    back in the library:   int(int)\n"
                                  "    build module 'pong' as well, from the same header\n4004");
    CHECK(ask(host, "hit") == "4004");
    CHECK(ask(host, "all") == "0");
    t.build_pong(3, new_head);
  }
  std::string next = "hit";
  SECTION("both are built before anybody calls the one that calls the function") {
    t.build_ping(3000, new_call);
    t.build_pong(3, new_head);
  }
  SECTION("both are built before anybody calls the one that defines the function") {
    t.build_ping(3000, new_call);
    t.build_pong(3, new_head);
    next = "serve";
  }
  const std::string told = ask(host, next);
  CAPTURE(told);
  CHECK_THAT(told, !contains("type changed"));
  CHECK_THAT(told, contains("ping 3\n"));
  CHECK_THAT(told, contains("pong 3\n"));
  CHECK(ask(host, "hit") == "6006");
  // They go on one at a time.
  t.build_pong(4, new_head);
  CHECK(ask(host, "hit") == "pong 4\n6008");
  t.build_ping(4000, new_call);
  CHECK(ask(host, "hit") == "ping 4\n8008");
}

TEST_CASE("modules: what the program wants otherwise no other build will mend", "[modules]") {
  const table t;
  t.write_pong(old_type);
  t.build_ping(1000, old_call);
  t.build_pong(1, old_head);
  t.program(talk + ping_list + "#include \"pong.hpp\"\n" + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"hit", [] { answer([] { return ping::hit(1); }); }},
                 {"back", [] { answer([] { return pong::back(1); }); }}});
}
)");
  process host({t / "host"});
  CHECK(ask(host, "back") == "pong 1\nping 1\n1001");
  t.write_pong(new_type);
  const std::string for_good =
      "rebuild all from the same header and start the program again, or take the change back\n";
  SECTION("the one that defines the function is built first") {
    t.build_pong(2, new_head);
    CHECK_THAT(ask(host, "back"), contains(for_good + "1001"));
    t.build_ping(2000, new_call);
  }
  SECTION("the one that calls the function is built first") {
    t.build_ping(2000, new_call);
    CHECK_THAT(ask(host, "hit"), contains("build module 'pong' as well, from the same header\n"));
    t.build_pong(2, new_head);
    CHECK_THAT(ask(host, "back"), contains(for_good + "1001"));
  }
  const std::string told = ask(host, "hit");
  CAPTURE(told);
  CHECK(told.find("ping 2\n") == std::string::npos);
  CHECK(ask(host, "hit") == "1001");
  CHECK(ask(host, "back") == "1001");
  // The change taken back.
  t.write_pong(old_type);
  t.build_pong(3, old_head);
  CHECK(ask(host, "back") == "pong 2\n1003");
  t.build_ping(3000, old_call);
  CHECK(ask(host, "hit") == "ping 2\n3003");
}

TEST_CASE("modules: two that call each other, through many reloads with a thread that calls",
          "[modules][threads]") {
  const farm f;
  const std::string lists = include_dymod +
                            "struct volley { int first_ping; int pong; int last_ping; };\n"
                            "DYMOD(ping, (hit, volley()), (end, int()), (pongs, "
                            "unsigned()))\nDYMOD(pong, (back, void(volley& all)))\n";
  f.build("ping", lists + workshop::number_function +
                      "volley ping::hit() {\n"
                      "  volley all{number(), 0, 0};\n  pong::back(all);\n  return all;\n}\n"
                      "int ping::end() { return number(); }\n"
                      "unsigned ping::pongs() { return pong::library.generation(); }\n");
  f.build("pong", lists + workshop::number_function +
                      "void pong::back(volley& all) {\n"
                      "  all.pong = number();\n  all.last_ping = ping::end();\n}\n");
  f.program(talk + lists + R"(
#include <atomic>
#include <thread>
static std::atomic<int> wrong{0};
static volley seen{};
static volley call() { return ping::hit(); }
int main() {
  dymod::set_event_handler([](const dymod::event& news, void*) {
    if (news.kind == dymod::event_kind::rejected) ++wrong;
  });
  std::atomic<bool> go_on{true};
  std::atomic<bool> begun{false};
  std::thread calling([&] {
    volley before{};
    for (; go_on; begun = true) {
      const volley now = call();
      // Never back, never nonsense.
      if (now.first_ping < before.last_ping || now.pong < before.pong ||
          now.last_ping < now.first_ping || now.last_ping > 25 || now.pong > 25) ++wrong;
      before = now;
    }
  });
  while (!begun) std::this_thread::yield();
  const int status = listen({
      {"hit", [] {
        seen = call();
        std::printf("%d %d %d\n", seen.first_ping, seen.pong, seen.last_ping);
      }},
      {"wrong", [] { std::printf("%d\n", wrong.load()); }},
      {"counts", [] {
        std::printf("%u %u\n", ping::library.generation(), ping::pongs());
      }}});
  go_on = false;
  calling.join();
  return status;
}
)",
            "-pthread");
  const std::string images[] = {workshop::read_file(f / "libping.so"),
                                workshop::read_file(f / "libpong.so")};
  process host({f / "host"});
  CHECK(ask(host, "hit") == "0 0 0");
  for (int i = 1; i <= 50; ++i) {
    const bool is_ping = i % 2 == 1;
    const int ping = (i + 1) / 2;
    const int pong = i / 2;
    f.write("next", workshop::numbered(images[is_ping ? 0 : 1], is_ping ? ping : pong));
    workshop::put_in_place(f / "next", f / (is_ping ? "libping.so" : "libpong.so"));
    const std::string all =
        std::to_string(ping) + " " + std::to_string(pong) + " " + std::to_string(ping);
    workshop::wait_until([&] { return ask(host, "hit") == all; });
  }
  CHECK(ask(host, "counts") == "26 26");
  CHECK(ask(host, "wrong") == "0");
  CHECK(host.end() == 0);
}

TEST_CASE("modules: reload() of a binary that has not called the module yet", "[modules]") {
  const farm f;
  const std::string list = "DYMOD(sheep, (answer, int()))\n";
  const auto build = [&](int answer) {
    f.build("sheep", include_dymod + list + "int sheep::answer() { return " +
                         std::to_string(answer) + "; }\n");
  };
  build(1);
  const std::string reloads =
      include_dymod + list + shown + "int ask() { return sheep::reload(); }\n";
  f.build("early", reloads);
  f.build("late", reloads);
  f.program(talk + list + R"(
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  static auto* const early = function_in<int()>(open_local(words[1]), "ask");
  static auto* const late = function_in<int()>(open_local(words[2]), "ask");
  return listen({{"call", [] { answer(sheep::answer); }},
                 {"early", [] { answer(early); }},
                 {"late", [] { answer(late); }}});
}
)");
  process host({f / "host", f / "libearly.so", f / "liblate.so"});
  CHECK(ask(host, "call") == "sheep 1\n1");
  CHECK(ask(host, "early") == "0");  // others have loaded it, and nothing is new
  build(2);
  CHECK(ask(host, "late") == "sheep 2\n1");
  CHECK(ask(host, "early") == "0");
  CHECK(ask(host, "call") == "2");
}

TEST_CASE("modules: callers with different lists of one module", "[modules]") {
  const farm f;
  const std::string both = "DYMOD(sheep, (answer, int()), (extra, int()))\n";
  const auto source = [&](int number) {
    return include_dymod + both + "int sheep::answer() { return " + std::to_string(number) +
           "; }\nint sheep::extra() { return " + std::to_string(number * 10) + "; }\n";
  };
  f.build("sheep", source(1));
  const std::string wolf_list = "DYMOD(wolf, (extra, int()))\n";
  f.build("wolf",
          include_dymod + both + wolf_list + "int wolf::extra() { return sheep::extra(); }\n");
  f.build("plugin", talk + "DYMOD(sheep, (answer, double()))\n" + shown +
                        "void ask() { answer(sheep::answer); }\n" + shown +
                        "unsigned count() { return sheep::library.generation(); }\n");
  f.program(talk + sheep_list + wolf_list + R"(
static void* plugin;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  plugin = open_local(words[1]);
  return listen({{"sheep", [] { answer(sheep::answer); }},
                 {"wolf", [] { answer(wolf::extra); }},
                 {"plugin", [] { function_in<void()>(plugin, "ask")(); }},
                 {"plugin counts", [] { answer(function_in<unsigned()>(plugin, "count")); }}});
}
)");
  process host({f / "host", f / "libplugin.so"});
  const std::string words = "dymod: sheep: type changed: 'answer' in '" + (f / "libsheep.so") +
                            "'\n"
                            "    answer in the host:    double()\n"
                            "    answer in the library: int()\n"
                            "    rebuild all from the same header and start the program again, or "
                            "take the change back";
  SECTION("the program calls first") { CHECK(ask(host, "sheep") == "sheep 1\n1"); }
  SECTION("the module calls first") {
    CHECK(ask(host, "wolf") == "wolf 1\nsheep 1\n10");
    CHECK(ask(host, "sheep") == "1");
  }
  SECTION("the plugin calls first") {
    CHECK(ask(host, "plugin") == words);
    CHECK(ask(host, "sheep") == "sheep 1\n1");
  }
  static_cast<void>(ask(host, "wolf"));
  CHECK(ask(host, "wolf") == "10");
  CHECK(ask(host, "plugin") == words);
  CHECK(ask(host, "plugin") == words);
  CHECK(ask(host, "plugin counts") == "1");  // what is current, though not for it
  CHECK(ask(host, "sheep") == "1");

  f.build("sheep", source(2));
  CHECK(ask(host, "sheep") == "sheep 2\n2");
  CHECK(ask(host, "wolf") == "20");

  f.build("sheep", sheep_source(3));
  CHECK(ask(host, "sheep") == "sheep: function missing: '" + (f / "libsheep.so") +
                                  "' does not define 'extra', which module 'wolf' declares; "
                                  "generation 2 runs on\n"
                                  "    build module 'wolf' as well, from the same header\n2");
  CHECK(ask(host, "wolf") == "20");
  // The module does without: both are taken.
  f.build("wolf", include_dymod + sheep_list + wolf_list + "int wolf::extra() { return 7; }\n");
  CHECK_THAT(ask(host, "wolf"), contains("7"));
  CHECK_THAT(ask(host, "sheep"), contains("3"));
  CHECK(ask(host, "wolf") == "7");
  CHECK(ask(host, "sheep") == "3");
}

TEST_CASE("modules: code of a replaced generation goes on with what fits it", "[modules]") {
  const farm f;
  const std::string wolf_list = "DYMOD(wolf, (ask, int()), (keep, auto() -> int (*)()))\n";
  const auto build_wolf = [&](const std::string& list) {
    f.build("wolf", include_dymod + list + wolf_list +
                        "static int ask_sheep() { return static_cast<int>(10 * sheep::answer()); "
                        "}\n"
                        "int wolf::ask() { return ask_sheep(); }\n"
                        "int (*wolf::keep())() { return &ask_sheep; }\n");
  };
  const std::string other_list = "DYMOD(sheep, (answer, double()))\n";
  const auto build_other = [&](const std::string& number) {
    f.build("sheep",
            include_dymod + other_list + "double sheep::answer() { return " + number + "; }\n");
  };
  f.build("sheep", sheep_source(1));
  build_wolf(sheep_list);
  f.program(talk + wolf_list + R"(
static int (*kept)();
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"ask", [] { answer(wolf::ask); }},
                 {"keep", [] { kept = wolf::keep(); }},
                 {"kept", [] { answer(kept); }}});
}
)");
  process host({f / "host"});
  static_cast<void>(ask(host, "keep"));
  CHECK(ask(host, "kept") == "sheep 1\n10");
  f.build("sheep", sheep_source(2));
  CHECK(ask(host, "kept") == "sheep 2\n20");

  build_other("2.5");
  CHECK_THAT(ask(host, "kept"), contains("build module 'wolf' as well, from the same header\n20"));
  build_wolf(other_list);
  const std::string told = ask(host, "ask");
  CAPTURE(told);
  CHECK_THAT(told, contains("wolf 2"));
  CHECK_THAT(told, contains("sheep 3"));
  CHECK(ask(host, "ask") == "25");
  CHECK(ask(host, "kept") == "20");
  build_other("3.5");
  CHECK(ask(host, "kept") == "sheep 4\n20");
  CHECK(ask(host, "ask") == "35");
  // And with the next that fits again.
  f.build("sheep", sheep_source(4));
  build_wolf(sheep_list);
  CHECK_THAT(ask(host, "ask"), contains("wolf 3"));
  CHECK(ask(host, "ask") == "40");
  CHECK(ask(host, "kept") == "40");
}

TEST_CASE("modules: reload_all publishes what only modules load, and all or none", "[modules]") {
  const farm f;
  const std::string wolf_list = "DYMOD(wolf, (ask, int()))\n";
  const std::string still = "#define DYMOD_AUTO_RELOAD 0\n";
  const auto build_wolf = [&](int number, const std::string& list) {
    f.build("wolf", still + include_dymod + list + wolf_list + "int wolf::ask() { return " +
                        std::to_string(number) + " + static_cast<int>(sheep::answer()); }\n");
  };
  const std::string other_list = "DYMOD(sheep, (answer, long()))\n";
  const auto build_other = [&](int number) {
    f.build("sheep", include_dymod + other_list + "long sheep::answer() { return " +
                         std::to_string(number) + "; }\n");
  };
  f.build("sheep", sheep_source(1));
  build_wolf(100, sheep_list);
  f.program(still + talk + wolf_list + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"ask", [] { answer(wolf::ask); }},
                 {"all", [] { std::printf("%d\n", dymod::reload_all()); }}});
}
)");
  process host({f / "host"});
  CHECK(ask(host, "ask") == "wolf 1\nsheep 1\n101");
  f.build("sheep", sheep_source(2));
  CHECK(ask(host, "ask") == "101");
  CHECK(ask(host, "all") == "sheep 2\n1");
  CHECK(ask(host, "ask") == "102");
  CHECK(ask(host, "all") == "0");

  // A change of both.
  build_other(3);
  build_wolf(300, other_list);
  std::string told = ask(host, "all");
  CHECK((told == "sheep 3\nwolf 2\n1" || told == "wolf 2\nsheep 3\n1"));
  CHECK(ask(host, "ask") == "303");

  // One of them will not do, whichever.
  SECTION("the module that is called is broken") {
    f.write("garbage", "garbage");
    f.put("garbage", "sheep");
    build_wolf(400, other_list);
    CHECK_THAT(ask(host, "all"), contains("sheep: not a library of this system"));
  }
  SECTION("the module that calls is broken") {
    build_other(4);
    f.write("garbage", "garbage");
    f.put("garbage", "wolf");
    CHECK_THAT(ask(host, "all"), contains("wolf: not a library of this system"));
  }
  SECTION("the module that calls was not rebuilt for the change") {
    f.build("sheep", sheep_source(4));
    CHECK_THAT(ask(host, "all"), contains("build module 'wolf' as well"));
  }
  SECTION("the module that is called was not rebuilt for the change") {
    build_wolf(400, sheep_list);
    CHECK_THAT(ask(host, "all"), contains("build module 'sheep' as well"));
  }
  CHECK(ask(host, "ask") == "303");
  CHECK(ask(host, "all") == "0");
  CHECK(ask(host, "ask") == "303");
  build_other(5);
  build_wolf(500, other_list);
  told = ask(host, "all");
  CHECK((told == "sheep 4\nwolf 3\n1" || told == "wolf 3\nsheep 4\n1"));
  CHECK(ask(host, "ask") == "505");
}

TEST_CASE("modules: what a module declares and has not called counts", "[modules]") {
  const farm f;
  const std::string both = "DYMOD(sheep, (answer, int()), (extra, int()))\n";
  const std::string wolf_list = "DYMOD(wolf, (idle, int()))\n";
  f.build("sheep", include_dymod + both +
                       "int sheep::answer() { return 1; }\nint sheep::extra() { return 1; }\n");
  f.build("wolf", include_dymod + both + wolf_list + "int wolf::idle() { return 0; }\n");
  f.program(talk + sheep_list + wolf_list + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"sheep", [] { answer(sheep::answer); }},
                 {"idle", [] { answer(wolf::idle); }},
                 {"all", [] { std::printf("%d\n", dymod::reload_all()); }}});
}
)");
  process host({f / "host"});
  CHECK(ask(host, "sheep") == "sheep 1\n1");
  CHECK(ask(host, "idle") == "wolf 1\n0");
  f.build("sheep", sheep_source(2));
  const std::string refused = "sheep: function missing: '" + (f / "libsheep.so") +
                              "' does not define 'extra', which module 'wolf' declares; "
                              "generation 1 runs on\n"
                              "    build module 'wolf' as well, from the same header\n";
  SECTION("at a call") { CHECK(ask(host, "sheep") == refused + "1"); }
  SECTION("at reload_all()") { CHECK(ask(host, "all") == refused + "0"); }
  CHECK(ask(host, "sheep") == "1");
  f.build("wolf", include_dymod + sheep_list + wolf_list + "int wolf::idle() { return 5; }\n");
  const std::string told = ask(host, "all");
  CHECK((told == "sheep 2\nwolf 2\n1" || told == "wolf 2\nsheep 2\n1"));
  CHECK(ask(host, "sheep") == "2");
}

// --- where libraries are

TEST_CASE("modules: a module finds another beside its library, not beside its copy",
          "[modules][failure]") {
  const farm f;
  workshop::run_ok("mkdir " + f.quoted("modules") + " " + f.quoted("copies"));
  const std::string where = f / "modules";
  // Copies must go elsewhere. Modes do not stop root, so that mounts a file system.
  const bool is_root = ::geteuid() == 0;
  if (is_root && ::mount("none", where.c_str(), "tmpfs", 0, nullptr) != 0) {
    WARN("not allowed to mount a file system: skipped");
    return;
  }
  struct unmounted {
    std::string where;
    bool is_mounted;
    ~unmounted() {
      if (is_mounted) ::umount2(where.c_str(), MNT_DETACH);
    }
  } const afterwards{where, is_root};
  const std::string wolf_list = "DYMOD(wolf, (ask, int()), (where, const char*()))\n";
  f.build("sheep", sheep_source(1));
  f.build("wolf", include_dymod + sheep_list + wolf_list +
                      "int wolf::ask() { return sheep::answer(); }\n"
                      "const char* wolf::where() { return sheep::library.path(); }\n");
  workshop::run_ok("mv " + f.quoted("libsheep.so") + " " + f.quoted("libwolf.so") + " " +
                   f.quoted("modules/"));
  if (is_root) {
    REQUIRE(::mount("none", where.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  } else {
    REQUIRE(::chmod(where.c_str(), 0555) == 0);
  }
  f.program("#define DYMOD_PATH_wolf \"" + where + "/libwolf.so\"\n" + talk + wolf_list + R"(
int main() {
  dymod::set_event_handler(&tell);
  return listen({{"ask", [] { answer(wolf::ask); }},
                 {"where", [] { std::puts(wolf::where()); }}});
}
)");
  // Neither beside the program nor beside the copy.
  f.build("sheep", sheep_source(66));
  ::setenv("TMPDIR", (f / "copies").c_str(), 1);
  process host({f / "host"});
  CHECK(ask(host, "ask") == "wolf 1\nsheep 1\n1");
  CHECK(ask(host, "where") == where + "/libsheep.so");
  CHECK(workshop::names_in(where) == std::vector<std::string>{"libsheep.so", "libwolf.so"});
  CHECK(workshop::names_in(f / "copies").size() == 1);
  CHECK(host.end() == 0);
}

TEST_CASE("modules: one library by two paths is one module", "[modules]") {
  const farm f;
  workshop::run_ok("mkdir " + f.quoted("modules") + " && ln -s modules " + f.quoted("link"));
  f.build("plugin", "#define DYMOD_PATH_sheep \"link/libsheep.so\"\n" + include_dymod + sheep_list +
                        shown + "int ask() { return sheep::answer(); }\n" + shown +
                        "unsigned count() { return sheep::library.generation(); }\n");
  f.program("#define DYMOD_PATH_sheep \"" + (f / "modules/libsheep.so") + "\"\n" + talk +
            sheep_list + R"(
static void* plugin;
int main(int, char** words) {
  dymod::set_event_handler(&tell);
  plugin = open_local(words[1]);
  return listen({{"program", [] {
                   answer(sheep::answer);
                   answer([] { return sheep::library.generation(); });
                 }},
                 {"plugin", [] {
                   answer(function_in<int()>(plugin, "ask"));
                   answer(function_in<unsigned()>(plugin, "count"));
                 }}});
}
)");
  for (const std::string first : {"program", "plugin"}) {
    CAPTURE(first);
    const std::string second = first == "program" ? "plugin" : "program";
    workshop::build_module("sheep", sheep_source(1), f / "modules/libsheep.so");
    process host({f / "host", f / "libplugin.so"});
    CHECK(ask(host, first) == "sheep 1\n1\n1");
    CHECK(ask(host, second) == "1\n1");
    workshop::build_module("sheep", sheep_source(2), f / "modules/libsheep.so");
    CHECK(ask(host, second) == "sheep 2\n2\n2");
    CHECK(ask(host, first) == "2\n2");
    CHECK(host.end() == 0);
  }
}
