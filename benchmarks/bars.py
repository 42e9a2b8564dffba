#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of bars: what dymod is to cost at most, and whether it holds.

run.py prints it for its own run; this is for several:

    bars.py docs/performance/run_*.json
"""

import statistics
import sys
from dataclasses import dataclass

import results
import rounds


@dataclass
class Bar:
    what: str
    limit: float                # a factor; or seconds, or a count, over the floor
    pairs: list                 # (measured, floor): the worst counts
    kind: str = "ratio"         # or "difference", "count"
    shared_by: int = 1          # so many cause a difference together
    peers: str = ""             # the best of them, measured beside the same floor

    def value(self, samples, measured, floor):
        if self.kind == "count":
            return samples.median(measured)
        value, least = samples.median(measured), samples.median(floor)
        return value / least if self.kind == "ratio" else (value - least) / self.shared_by

    def worst(self, samples):
        """The pair that costs most, or None if nothing of it was measured."""
        pairs = [pair for pair in self.pairs if all(name in samples for name in pair if name)]
        return max(pairs, key=lambda pair: self.value(samples, *pair)) if pairs else None

    def text_of(self, value, digits=3):
        if self.kind == "count":
            return f"{value:.0f}"
        return f"{value:.{digits}f} x" if self.kind == "ratio" else rounds.text_of(value)

    def row(self, runs):
        """What it says of some runs' samples: the median of the runs, from the least to the most."""
        values = sorted(self.value(samples, *self.worst(samples)) for samples in runs)
        measured = self.text_of(statistics.median(values))
        if len(runs) > 1:
            measured += f" ({self.text_of(values[0])} to {self.text_of(values[-1])})"
        limit = "0" if self.limit == 0 else f"<= {self.text_of(self.limit, digits=2)}"
        return (self.what, measured, limit, self.verdict(values), self.beside(runs), self.peers)

    def beside(self, runs):
        if self.kind == "count":
            return ""
        measured, floor = self.worst(runs[0])
        both = [rounds.text_of(statistics.median(samples.median(name) for samples in runs))
                for name in (measured, floor)]
        return f"{both[0]} over {both[1]}, {measured}"

    def verdict(self, values):
        held = sum(value <= self.limit for value in values)
        if held == len(values):
            return "holds"
        return f"holds in {held} of {len(values)}" if held else "DOES NOT HOLD"


def calls(level, row, floor, threads=1, paths=("short path", "eight components")):
    return [(f"call_{level}/{row}/{path}/threads:{threads}",
             f"call_{level}/{floor.format(path=path)}/threads:{threads}") for path in paths]


def compiled(name, floor, compilers=("g++", "clang++")):
    return [(f"{compiler}/{name}", f"{compiler}/{floor}") for compiler in compilers]


def reloaded(program, row):
    return [(f"{program}/{row}/dymod", f"{program}/{row}/floor")]


MS, NS = 1e-3, 1e-9
STAT, POINTER = "stat/{path}", "function pointer"

BARS = [
    Bar("every-call check, -O2, over stat of the path", 1.04, calls("O2", "every call", STAT),
        peers="1.24 (cr), 1.59 (Rust dymod, debug)"),
    Bar("every-call check, -O0", 1.10, calls("O0", "every call", STAT)),
    Bar("every-call check, -O2, 2 threads", 1.10, calls("O2", "every call", STAT, threads=2), peers="crash with threads"),
    Bar("every-call check, -O2, 8 threads", 1.10, calls("O2", "every call", STAT, threads=8)),
    Bar("interval check, -O2, over a function pointer", 7 * NS, calls("O2", "interval", POINTER), "difference",
        peers="none has it"),
    Bar("interval check, -O0", 15 * NS, calls("O0", "interval", POINTER), "difference"),
    Bar("manual, -O2, over a function pointer", 1 * NS, calls("O2", "manual", POINTER), "difference",
        peers="46 ns (Rust dymod), 92 ns (cr)"),
    Bar("crash guard, -O2, over the same call without", 6 * NS,
        calls("O2", "manual, guarded", "manual/{path}"), "difference", peers="91 ns (cr)"),
    Bar("crash guard, -O0", 6 * NS, calls("O0", "manual, guarded", "manual/{path}"), "difference"),
    Bar("release: other lines of machine code", 0,
        [(f"size/{compiler} {level}/release/other lines", None)
         for compiler in ("g++", "clang++") for level in ("-O0", "-O2")], "count", peers="same (Rust dymod)"),
    Bar("reload, 20 KB, -O2, over copy and dlopen", 1.5, reloaded("reload_O2", "20 KB"), peers="2.1 to 2.4"),
    Bar("reload, 20 KB, -O0", 1.5, reloaded("reload_O0", "20 KB")),
    Bar("reload, 50 MB, -O2", 1.15, reloaded("reload_O2", "50 MB"), peers="1.02 (cr, checks nothing)"),
    Bar("reload, 50 MB, -O0", 1.15, reloaded("reload_O0", "50 MB")),
    Bar("reload with 1,000 generations kept, -O2", 1.3, reloaded("generations_O2", "1000 kept")),
    Bar("reload with 1,000 generations kept, -O0", 1.3, reloaded("generations_O0", "1000 kept")),
    Bar("include, dynamic, g++ -O0, over an empty file", 60 * MS,
        compiled("declare 1", "empty", ["g++"]), "difference", peers="209 ms (cr)"),
    Bar("a file that calls one function, over one that only includes", 60 * MS,
        compiled("declare 1, call it", "declare 1"), "difference"),
    Bar("include, static, over an empty file", 2 * MS, compiled("static: include", "empty"), "difference"),
    Bar("256 declared functions, dynamic, over 1", 150 * MS,
        compiled("declare 256, call 1", "declare 1, call it"), "difference"),
    Bar("a struct of 5 fields in signatures (a file with 8)", 4 * MS,
        compiled("8 structs in 8 signatures", "int& in 8 signatures"), "difference", shared_by=8),
]

HEAD = ("what", "measured", "bar", "", "the worst, beside its floor", "the best peer")


def measured_by(runs):
    """The bars that all of some runs' samples say something of."""
    return [bar for bar in BARS if all(bar.worst(samples) for samples in runs)]


def print_bars(runs, is_complete=True):
    known = measured_by(runs)
    if known:
        print("\n## The bars\n")
        rounds.print_table(HEAD, [bar.row(runs) for bar in known])
    missing = [bar.what for bar in BARS if bar not in known]
    if is_complete and missing:
        print(f"\nnot measured: {'; '.join(missing)}")


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    print_bars([results.read(path).samples for path in sys.argv[1:]])
