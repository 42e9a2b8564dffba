#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the sources of the modules that reload.cpp and generations.cpp reload, and their one header.

    generate_modules.py <directory>     prints their names, for CMake

Each module's function `number` answers a number that stands in the library as the text "number 00000000": builds.hpp
makes a new build by writing another one. What begins with floor_ is for the floors, which open the same files.
"""

import pathlib
import sys

FUNCTIONS = {"small": 1, "functions_100": 100, "functions_256": 256, "large": 1}
FUNCTIONS.update({f"fifty_{i}": 1 for i in range(50)})

NUMBER = """
static const volatile char digits[] = "number 00000000";
static int number_of_this_build() {
  int number = 0;
  for (int i = 7; i < 15; ++i) number = number * 10 + (digits[i] - '0');
  return number;
}
extern "C" __attribute__((visibility("default"))) int floor_number();
extern "C" int floor_number() { return number_of_this_build(); }
"""

# 15 MB that are loaded, with 20,000 functions and as many places for the loader to relocate, and 35 MB of what a
# debugger reads, which never is.
LARGE_FUNCTIONS = 20_000
LARGE = """
asm(".section .debug_filler, \\"\\", @progbits\\n.fill 8750000, 4, 0x5a5a5a5a\\n.previous");
asm(".section .rodata.filler, \\"a\\", @progbits\\n.fill 3200000, 4, 0x5a5a5a5a\\n.previous");
"""

TABLE_START = """
struct module_to_reload {
  const char* name;
  int (*number)();
  unsigned (*unload_old)();
};

static const module_to_reload modules_to_reload[] = {
"""


def declaration(module):
    functions = ["(number, int())"] + [f"(f{i}, int(int n))" for i in range(1, FUNCTIONS[module])]
    return f"DYMOD({module},\n      " + ",\n      ".join(functions) + ")\n"


def source(module):
    lines = [f'#include "{module}.hpp"', NUMBER, f"int {module}::number() {{ return number_of_this_build(); }}"]
    lines += [f"int {module}::f{i}(int n) {{ return n + {i}; }}" for i in range(1, FUNCTIONS[module])]
    if module == "large":
        lines.append(LARGE)
        lines += [f"static int inner{i}(int n) {{ return n + {i}; }}" for i in range(LARGE_FUNCTIONS)]
        lines.append("extern int (*const volatile inner[])(int);")
        inner = ", ".join(f"inner{i}" for i in range(LARGE_FUNCTIONS))
        lines.append(f"int (*const volatile inner[])(int) = {{{inner}}};")
    else:
        lines.append("extern const volatile char filler[];")
        lines.append("const volatile char filler[4096] = {1};  // with it the smallest is one of 20 KB")
    return "\n".join(lines) + "\n"


def write_if_new(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for module in FUNCTIONS:
        write_if_new(directory / f"{module}.hpp",
                     f"#pragma once\n#include <dymod/dymod.hpp>\n{declaration(module)}")
        write_if_new(directory / f"{module}.cpp", source(module))
    includes = "".join(f'#include "{module}.hpp"\n' for module in FUNCTIONS)
    rows = "".join(f'    {{"{module}", &{module}::number, [] {{ return {module}::library.unload_old(); }}}},\n'
                   for module in FUNCTIONS)
    write_if_new(directory / "modules.hpp", f"#pragma once\n{includes}{TABLE_START}{rows}}};\n")
    print(";".join(FUNCTIONS))


main()
