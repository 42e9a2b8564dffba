# SPDX-License-Identifier: MIT
"""The table of bars: what dymod is to cost at most, and whether it holds in this run."""

from dataclasses import dataclass

import rounds


@dataclass
class Bar:
    what: str
    limit: float                # a factor; or seconds, or a count, over the floor
    pairs: list                 # (measured, floor): the worst counts
    kind: str = "ratio"         # or "difference", "count"
    shared_by: int = 1          # so many cause a difference together

    def value(self, samples, measured, floor):
        if self.kind == "count":
            return samples.median(measured)
        value, least = samples.median(measured), samples.median(floor)
        return value / least if self.kind == "ratio" else (value - least) / self.shared_by

    def row(self, samples):
        pairs = [pair for pair in self.pairs if all(name in samples for name in pair if name)]
        if not pairs:
            return None
        measured, floor = max(pairs, key=lambda pair: self.value(samples, *pair))
        value = self.value(samples, measured, floor)
        if self.kind == "count":
            return (self.what, f"{value:.0f}", f"{self.limit:.0f}", self.verdict(value), "")
        beside = f"{rounds.text_of(samples.median(measured))} over {rounds.text_of(samples.median(floor))}, {measured}"
        if self.kind == "ratio":
            return (self.what, f"{value:.3f} x", f"<= {self.limit:.2f} x", self.verdict(value), beside)
        return (self.what, rounds.text_of(value), f"<= {rounds.text_of(self.limit)}", self.verdict(value), beside)

    def verdict(self, value):
        return "holds" if value <= self.limit else "DOES NOT HOLD"


def calls(level, row, floor, threads=1, paths=("short path", "eight components")):
    return [(f"call_{level}/{row}/{path}/threads:{threads}",
             f"call_{level}/{floor.format(path=path)}/threads:{threads}") for path in paths]


def compiled(name, floor, compilers=("g++", "clang++")):
    return [(f"{compiler}/{name}", f"{compiler}/{floor}") for compiler in compilers]


MS, NS = 1e-3, 1e-9
STAT, POINTER = "stat/{path}", "function pointer"

BARS = [
    Bar("every-call check, -O2, any path, over stat", 1.04, calls("O2", "every call", STAT)),
    Bar("the same at -O0", 1.10, calls("O0", "every call", STAT)),
    Bar("the same, -O2, 2 threads", 1.10, calls("O2", "every call", STAT, threads=2)),
    Bar("the same, -O2, 8 threads", 1.10, calls("O2", "every call", STAT, threads=8)),
    Bar("interval check, -O2, over a function pointer", 7 * NS, calls("O2", "interval", POINTER), "difference"),
    Bar("the same at -O0", 15 * NS, calls("O0", "interval", POINTER), "difference"),
    Bar("manual, -O2, over a function pointer", 1 * NS, calls("O2", "manual", POINTER), "difference"),
    Bar("crash guard, -O2, over the same call without", 6 * NS,
        calls("O2", "manual, guarded", "manual/{path}"), "difference"),
    Bar("the same at -O0", 6 * NS, calls("O0", "manual, guarded", "manual/{path}"), "difference"),
    Bar("release: other lines of machine code", 0,
        [(f"size/{compiler} {level}/release/other lines", None)
         for compiler in ("g++", "clang++") for level in ("-O0", "-O2")], "count"),
    Bar("reload, 20 KB, -O2, over copy and dlopen", 1.5, [("reload_O2/20 KB/dymod", "reload_O2/20 KB/floor")]),
    Bar("the same at -O0", 1.5, [("reload_O0/20 KB/dymod", "reload_O0/20 KB/floor")]),
    Bar("reload, 50 MB, -O2", 1.15, [("reload_O2/50 MB/dymod", "reload_O2/50 MB/floor")]),
    Bar("the same at -O0", 1.15, [("reload_O0/50 MB/dymod", "reload_O0/50 MB/floor")]),
    Bar("reload with 1,000 generations kept", 1.3,
        [("generations_O2/1000 kept/dymod", "generations_O2/1000 kept/floor")]),
    Bar("include, dynamic, g++ -O0, over an empty file", 60 * MS,
        compiled("declare 1", "empty", ["g++"]), "difference"),
    Bar("a file that calls one function, over one that only includes", 60 * MS,
        compiled("declare 1, call it", "declare 1"), "difference"),
    Bar("include, static, over an empty file", 2 * MS, compiled("static: include", "empty"), "difference"),
    Bar("256 declared functions, dynamic, over 1", 150 * MS,
        compiled("declare 256, call 1", "declare 1, call it"), "difference"),
    Bar("a struct of 5 fields in signatures (a file with 8)", 4 * MS,
        compiled("8 structs in 8 signatures", "int& in 8 signatures"), "difference", shared_by=8),
]


def print_bars(samples):
    rows = [row for row in (bar.row(samples) for bar in BARS) if row]
    if rows:
        print("\n## The bars\n")
        rounds.print_table(("what", "measured", "bar", "", "the worst, beside its floor"), rows)
