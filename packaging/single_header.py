#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""Writes single_include/dymod.hpp: all headers of dymod as one file.

Does what the preprocessor would do with their #include lines, and leaves everything else to it. A header that is
needed under several conditions stands once for each of them; its include guard says which one counts.

    packaging/single_header.py [the file to write]
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# The first ones are what static and dynamic mode both read, and so stand once, ahead of the conditions.
HEADERS = [
    "dymod/config.hpp",
    "dymod/event.hpp",
    "dymod/detail/declare/conversion.hpp",
    "dymod/detail/declare/entry.hpp",
    "dymod/detail/declare/function_type.hpp",
    "dymod/dymod.hpp",
    "dymod/crash_guard.hpp",
    "dymod/persistent.hpp",
]

HEAD = """\
// SPDX-License-Identifier: MIT

// All headers of dymod {version} as one file, made from them by packaging/single_header.py.

"""

INCLUDE = re.compile(r"#include <(dymod/[^>]*)>")
CONDITIONAL = re.compile(r"# *(if|ifdef|ifndef|elif|else|endif)\b *(.*)")

# There is no other file from which the rest could be compiled.
LEFT_OUT = "if DYMOD_SEPARATE_RUNTIME"
LEFT_IN = "not if DYMOD_SEPARATE_RUNTIME"


class Writer:
    def __init__(self):
        self.lines = []
        self.conditions = []  # of each open #if that of the branch
        self.written = {}  # header: the conditions it stands under, for each place

    def conditions_here(self):
        return {condition for condition in self.conditions if condition != LEFT_IN and not condition.endswith("_HPP")}

    def write(self, header):
        here = self.conditions_here()
        places = self.written.setdefault(header, [])
        if any(place <= here for place in places):
            return
        places.append(here)
        lines = (ROOT / "include" / header).read_text(encoding="utf-8").splitlines()
        self.lines.append(f"// <{header}>")
        for line in lines[1:]:  # without the licence, which is at the top
            conditional = CONDITIONAL.match(line)
            include = INCLUDE.match(line)
            if conditional and self.changes_runtime(*conditional.groups()):
                continue
            if LEFT_OUT in self.conditions:
                continue
            if include:
                self.write(include.group(1))
            else:
                self.lines.append(line)

    def changes_runtime(self, word, condition):
        """Keeps self.conditions. Returns whether the line is one of DYMOD_SEPARATE_RUNTIME's."""
        before = "" if word.startswith("if") else self.conditions.pop()
        after = ""
        if word != "endif":
            after = f"{word} {condition}" if not before else f"not {before}" + (f", {condition}" if condition else "")
            self.conditions.append(after)
        return before in (LEFT_OUT, LEFT_IN) or after in (LEFT_OUT, LEFT_IN)


def main():
    writer = Writer()
    for header in HEADERS:
        writer.write(header)
    version = re.findall(r"#define DYMOD_VERSION_\w+ (\d+)", "\n".join(writer.lines))
    text = HEAD.format(version=".".join(version)) + "\n".join(writer.lines) + "\n"
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "single_include/dymod.hpp"
    target.write_text(re.sub(r"\n{3,}", "\n\n", text), encoding="utf-8")


main()
