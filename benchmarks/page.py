#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the tables of docs/performance.md from docs/performance/run_*.json, each between its two markers.

    page.py             writes them
    page.py --check     fails if a table is another, or if a plot is of other figures
"""

import hashlib
import re
import sys
from pathlib import Path

import bars
import results
import rounds

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
DIRECTORY = PAGE.with_suffix("")
TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def result_files():
    return sorted(DIRECTORY.glob("run_*.json"))


def stamp():
    """Stands in each plot: what it was made of."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in result_files())).hexdigest()[:16]


def text_of(value, unit="s"):
    text = rounds.text_of(value, unit).replace(" us", " µs")
    return text[1:] if text.startswith("-0.0 ") else text.replace("-", "−")


def markdown(head, rows):
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]]) + "\n"


def both(runs, measured, floor, unit="s"):
    """Two figures, their unit once: 12 / 10 ms."""
    texts = [text_of(runs.median(name), unit) for name in (measured, floor)]
    number, _, name = texts[0].partition(" ")
    return f"{number} / {texts[1]}" if texts[1].endswith(f" {name}") else f"{texts[0]} / {texts[1]}"


def ratio(runs, measured, floor, unit="s"):
    if measured not in runs or floor not in runs:
        return ""
    return f"**{runs.ratio(measured, floor):.2f} ×** ({both(runs, measured, floor, unit)})"


def more(runs, measured, floor, unit="s"):
    difference = text_of(runs.over(measured, floor), unit)
    return difference if difference.startswith("−") else f"+{difference}"


def over(runs, measured, floor, unit="s"):
    if measured not in runs or floor not in runs:
        return ""
    return f"**{more(runs, measured, floor, unit)}** ({both(runs, measured, floor, unit)})"


def table_of_bars(runs):
    samples = [run.samples for run in runs.runs]
    rows = []
    for bar in bars.measured_by(samples):
        what, measured, limit, verdict, _, peers = bar.row(samples)
        beside = "" if bar.kind == "count" else both(runs, *bar.worst(samples[0]))
        rows.append((what, measured, beside, limit, verdict, peers))
    text = markdown(("what", "measured", "measured / floor", "bar", "does it hold", "best peer"), rows)
    for plain, printed in ((" x", " ×"), (" us", " µs"), ("<=", "≤"), ("DOES NOT HOLD", "**no**")):
        text = text.replace(plain, printed)
    return text


def table_of_machine(runs):
    """All runs are of one machine."""
    run = runs.runs[0]
    facts = {**run.machine, "compilers": "; ".join(run.compilers.values()), "runs": str(len(runs.runs))}
    return markdown(("", ""), [(name, str(value)) for name, value in facts.items()])


def table_of_calls(runs):
    columns = (("O2", 1), ("O2", 2), ("O2", 8), ("O0", 1), ("O0", 2))
    stat = [(f"{policy}, {path}", f"{policy}/{path}", f"stat/{path}", ratio)
            for policy in ("every call", "every call, guarded") for path in ("short path", "eight components")]
    pointer = [(text, row, "function pointer", over)
               for text, row in (("interval", "interval/short path"), ("manual", "manual/short path"),
                                 ("manual, guarded", "manual, guarded/short path"),
                                 ("manual, `DYMOD_EXTERN_C`", "manual/DYMOD_EXTERN_C"),
                                 ("*the coarse clock alone*", "coarse clock"))]
    static = [("static mode", "static mode/short path", "direct call", over)]
    return markdown(
        ("call", "floor", *(f"-{level}, {threads} thread{'s' * (threads > 1)}" for level, threads in columns)),
        [(text, "`stat`" if floor.startswith("stat") else floor,
          *(cell(runs, f"call_{level}/{row}/threads:{threads}", f"call_{level}/{floor}/threads:{threads}")
            for level, threads in columns)) for text, row, floor, cell in stat + pointer + static])


def table_of_reloads(runs):
    rows = [(text, row, way) for text, row, way in (
        ("20 KB, 1 function", "20 KB", "dymod"), ("100 functions", "100 functions", "dymod"),
        ("256 functions", "256 functions", "dymod"), ("50 MB", "50 MB", "dymod"),
        ("50 modules of 20 KB, by calls", "50 modules", "dymod"),
        ("50 modules of 20 KB, `reload_all()`", "50 modules", "reload_all"))]
    return markdown(("reload of", "program at -O2", "program at -O0"),
                    [(text, *(ratio(runs, f"reload_{level}/{row}/{way}", f"reload_{level}/{row}/floor")
                              for level in ("O2", "O0"))) for text, row, way in rows])


def table_of_generations(runs):
    def pair(level, count, suffix=""):
        return [f"generations_{level}/{count} kept/{side}{suffix}" for side in ("dymod", "floor")]
    return markdown(("generations kept", "a reload, -O2", "a reload, -O0", "memory of each, -O2"),
                    [(f"{count:,}", ratio(runs, *pair("O2", count)), ratio(runs, *pair("O0", count)),
                      ratio(runs, *pair("O2", count, "/memory"), "bytes")) for count in (10, 100, 1000, 5000)])


def table_of_files(runs):
    names = {name.partition("/")[2]: floor.partition("/")[2] for name, floor in runs.runs[0].floors.items()
             if name.startswith("g++/")}
    return markdown(("the file", "over the file", "lines", "g++", "clang++"),
                    [(name, floor, f"{runs.median(f'g++/{name}/lines'):,.0f}",
                      *(over(runs, f"{compiler}/{name}", f"{compiler}/{floor}") for compiler in ("g++", "clang++")))
                     for name, floor in names.items()])


def table_of_sizes(runs):
    rows = ("program: a declared function", "program: a called function", "module: a defined function", "release")
    columns = [f"{compiler} {level}" for compiler in ("g++", "clang++") for level in ("-O2", "-O0")]
    return markdown(("each", *columns),
                    [(row if row != "release" else "release: a file of 8 functions",
                      *(over(runs, f"size/{column}/{row}/dymod", f"size/{column}/{row}/by hand", "bytes")
                        for column in columns)) for row in rows])


def ways_to_build(runs):
    return [name.split("/")[1] for name in runs.runs[0].floors if name.startswith("edit/")]


def table_of_edits(runs):
    def part(way, name):
        return f"{text_of(runs.median(f'edit/{way}/{name}'))} ({runs.ratio(f'edit/{way}/{name}', f'edit/{way}/live'):.0%})"
    return markdown(("built with", "from saving to the answer", "of it the compiler", "the linker", "build system and reload"),
                    [(way, ratio(runs, f"edit/{way}/live", f"edit/{way}/commands"), part(way, "compiler"),
                      part(way, "linker"), text_of(runs.over(f"edit/{way}/live", f"edit/{way}/commands")))
                     for way in ways_to_build(runs)])



TABLES = {
    "bars": table_of_bars,
    "machine": table_of_machine,
    "calls": table_of_calls,
    "reloads": table_of_reloads,
    "generations": table_of_generations,
    "files": table_of_files,
    "sizes": table_of_sizes,
    "edits": table_of_edits,
}


def committed_runs():
    runs = [results.read(path) for path in result_files()]
    if not runs:
        sys.exit(f"no results: {DIRECTORY}/run_*.json")
    for run in runs:
        if run.machine != runs[0].machine or run.is_quick:
            sys.exit("results of several machines, or of --quick")
    return results.Runs(runs)


def main():
    runs = committed_runs()
    old = PAGE.read_text()
    new = TABLE.sub(lambda found: found[1] + TABLES[found[2]](runs) + found[3], old)
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(new)
        return
    problems = [f"{PAGE.name} has no table '{name}'" for name in TABLES if f"<!-- table: {name} -->" not in old]
    if new != old:
        problems.append(f"tables of {PAGE.name} are of other figures")
    problems += [f"{plot.name} is of other figures" for plot in sorted(DIRECTORY.glob("*.svg"))
                 if f"figures {stamp()}<" not in plot.read_text()]
    problems += [f"{PAGE.name} shows no {plot.name}" for plot in sorted(DIRECTORY.glob("*.svg"))
                 if f"performance/{plot.name}" not in old]
    if problems:
        sys.exit("\n".join([*problems, "benchmarks/page.py and benchmarks/plots.py write them anew"]))


if __name__ == "__main__":
    main()
