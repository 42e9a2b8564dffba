# SPDX-License-Identifier: MIT
"""How long it takes from saving a module's source to the first answer of the new code in a program that runs.

A project of its own for each way to build, with dymod_add_module. The floor is what the compiler's and the linker's
command take of it: the rest is the build system's and dymod's.
"""

import pathlib
import select
import shutil
import subprocess
import sys
import time

import rounds

PROJECT = """
cmake_minimum_required(VERSION 3.23)
project(edit LANGUAGES CXX)
add_subdirectory("{source}" dymod)
dymod_add_module(edited edited.cpp)
add_executable(host "{host}")
target_include_directories(host PRIVATE "${{CMAKE_CURRENT_SOURCE_DIR}}")
target_link_libraries(host PRIVATE dymod::edited)
"""

HEADER = """
#pragma once
#include <string>
#include <vector>
#include <dymod/dymod.hpp>
DYMOD(edited, (answer, int()), (names, std::vector<std::string>(int count)))
"""

MODULE = """
#include "edited.hpp"
#include <algorithm>
#include <map>
int edited::answer() {{ return {number}; }}
std::vector<std::string> edited::names(int count) {{
  std::map<int, std::string> found;
  for (int i = 0; i < count; ++i) found[i] = std::to_string(i * {number});
  std::vector<std::string> all;
  for (const auto& each : found) all.push_back(each.second);
  std::sort(all.begin(), all.end());
  return all;
}}
"""

LINKERS = ("gold", "lld", "mold")
PATIENCE = 60  # seconds; what is not there by then will never be


class Way:
    """One way to build, with a program that runs."""

    def __init__(self, name, settings, number, flags):
        self.name = name
        self.cmake = settings.cmake
        self.source = settings.work / f"edit{number}"
        self.build = self.source / "build"
        self.number = 0
        self.source.mkdir()
        host = pathlib.Path(__file__).parent / "edit_to_live_host.cpp"
        (self.source / "CMakeLists.txt").write_text(PROJECT.format(source=settings.source, host=host))
        (self.source / "edited.hpp").write_text(HEADER)
        self.save()
        rounds.run([self.cmake, "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                    f"-DCMAKE_CXX_COMPILER={next(iter(settings.compilers.values()))}", *flags])
        rounds.run([self.cmake, "--build", self.build])
        # Unbuffered: what has been read ahead would be waited for.
        self.host = subprocess.Popen([self.build / "host"], stdout=subprocess.PIPE, bufsize=0)
        self.wait_for_answer()

    def save(self):
        self.number += 1
        (self.source / "edited.cpp").write_text(MODULE.format(number=self.number))

    def wait_for_answer(self):
        """When the new code answered first."""
        while select.select([self.host.stdout], [], [], PATIENCE)[0]:
            line = self.host.stdout.readline()
            if not line:
                sys.exit(f"{self.name}: the program has ended")
            number, moment = line.split()
            if int(number) == self.number:
                return float(moment)
        sys.exit(f"{self.name}: the new code does not answer")

    def seconds_in_last_build(self, output):
        """Of the command that makes it, by the build system's log; its last line about it counts."""
        lines = [line.split("\t") for line in (self.build / ".ninja_log").read_text().splitlines()[1:]]
        return [(int(end) - int(start)) / 1000 for start, end, _, made, _ in lines if made.endswith(output)][-1]

    def measure(self, samples):
        self.save()
        start = time.monotonic()
        rounds.run([self.cmake, "--build", self.build, "--target", "edited"])
        live = self.wait_for_answer() - start
        compiler = self.seconds_in_last_build("edited.cpp.o")
        linker = self.seconds_in_last_build("libedited.so")
        for name, seconds in (("live", live), ("compiler", compiler), ("linker", linker),
                              ("commands", compiler + linker)):
            samples.add(f"edit/{self.name}/{name}", seconds)


def ways(settings):
    all_ways = {"as it is": []}
    all_ways.update({linker: [f"-DCMAKE_MODULE_LINKER_FLAGS=-fuse-ld={linker}"]
                     for linker in LINKERS if shutil.which(f"ld.{linker}")})
    all_ways["split debug info"] = ["-DCMAKE_CXX_FLAGS=-gsplit-dwarf"]
    return [Way(name, settings, number, flags) for number, (name, flags) in enumerate(all_ways.items())]


def measure(settings, samples):
    prepared = ways(settings)
    rounds.in_rounds(settings.rounds(9), [lambda way=way: way.measure(samples) for way in prepared])
    for way in prepared:
        way.host.kill()
        way.host.wait()


def report(settings, samples):
    names = [name for name in ("as it is", *LINKERS, "split debug info") if f"edit/{name}/live" in samples]
    rounds.print_against_floors(
        "From saving to the first answer of the new code; the floor: the compiler's and the linker's command", samples,
        [(f"{name}: compiler {rounds.text_of(samples.median(f'edit/{name}/compiler'))}, "
          f"linker {rounds.text_of(samples.median(f'edit/{name}/linker'))}",
          f"edit/{name}/live", f"edit/{name}/commands") for name in names])
