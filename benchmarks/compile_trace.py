#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What clang++ spends its time on in a file that uses dymod: which headers, functions and templates cost most.

    compile_trace.py ["declare 1, call it"]     any file of compile_cost.py
"""

import collections
import json
import re
import sys
import tempfile
from pathlib import Path

import rounds
from compile_cost import FILES

INCLUDE = Path(__file__).resolve().parent.parent / "include"
HOW_MANY = 15


def without_children(events, kind):
    """Time of each event less that of the events of its kind inside, by name, in ms."""
    total = collections.Counter()
    inside = []
    for event in sorted((e for e in events if e["name"] == kind), key=lambda e: (e["ts"], -e["dur"])):
        while inside and event["ts"] >= inside[-1]["ts"] + inside[-1]["dur"]:
            inside.pop()
        if inside:
            total[inside[-1]["args"]["detail"]] -= event["dur"] / 1000
        total[event["args"]["detail"]] += event["dur"] / 1000
        inside.append(event)
    return total


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "declare 1, call it"
    flags, text, _ = FILES[name]
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "file.cpp"
        source.write_text(text)
        rounds.run(["clang++", "-std=c++17", "-O0", *flags, "-I", INCLUDE, "-ftime-trace",
                    "-ftime-trace-granularity=20", "-c", source, "-o", source.with_suffix(".o")])
        events = [e for e in json.loads(source.with_suffix(".json").read_text())["traceEvents"] if "dur" in e]
    totals = [e for e in events if e["name"].startswith("Total ")]
    rounds.print_table(("ms", name), [(f"{e['dur'] / 1000:.1f}", e["name"][6:])
                                      for e in sorted(totals, key=lambda e: -e["dur"])[:HOW_MANY]])
    events = [e for e in events if not e["name"].startswith("Total ")]
    for kind in ("Source", "InstantiateFunction", "InstantiateClass", "CodeGen Function"):
        costs = without_children(events, kind)
        print()
        rounds.print_table(("ms", kind + ", without those inside"),
                           [(f"{ms:.2f}", re.sub(r".*/include/", "", what)[:110])
                            for what, ms in costs.most_common(HOW_MANY)])


main()
