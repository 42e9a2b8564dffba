#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs all benchmarks and prints what they found; the table of bars last.

The build does it: cmake --workflow --preset benchmark. One part again, or all of it in a hurry:

    build/benchmark/benchmarks/run --only call --quick
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import bars
import compile_cost
import edit_to_live
import object_size
import results
import rounds

LEVELS = ("O2", "O0")
INTERLEAVED = "--benchmark_enable_random_interleaving=true"


def measure_calls(settings, samples):
    for level in LEVELS:
        rounds.run_google_benchmark(settings, f"call_{level}", samples, INTERLEAVED, "--benchmark_min_time=0.005",
                                    f"--benchmark_repetitions={settings.rounds(49)}")


def report_calls(_, samples):
    policies = ("every call", "every call, guarded", "interval", "manual", "manual, guarded")
    for level in LEVELS:
        rows = []
        for threads in (1, 2, 8):
            def add(name, floor):
                rows.append((f"{name}, {threads} thread{'s' if threads > 1 else ''}, over: {floor}",
                             f"call_{level}/{name}/threads:{threads}", f"call_{level}/{floor}/threads:{threads}"))
            for policy in policies:
                for path in ("short path", "eight components", "DYMOD_EXTERN_C"):
                    stat = "stat/eight components" if path == "eight components" else "stat/short path"
                    add(f"{policy}/{path}", stat if policy.startswith("every call") else "function pointer")
            add("coarse clock", "function pointer")
            add("function pointer", "direct call")
            add("static mode/short path", "direct call")
        rounds.print_against_floors(f"A call, the program at -{level}; processor time", samples, rows)


def measure_reloads(settings, samples):
    # 51 modules in one process: they cost the one that is measured alone.
    with rounds.stage_in_memory(settings) as in_memory:
        for level in LEVELS:
            for place, rows, count in ((in_memory, "20 KB|100 functions|256 functions", 301),
                                       (in_memory, "50 modules", 45), (settings, "50 MB", 31)):
                rounds.run_google_benchmark(place, f"reload_{level}", samples, INTERLEAVED,
                                            f"--benchmark_filter=^({rows})/",
                                            f"--benchmark_repetitions={settings.rounds(count)}")


def report_reloads(_, samples):
    for level in LEVELS:
        program = f"reload_{level}"
        rounds.print_against_floors(
            f"A reload, the program at -{level}; the floor: copy, dlopen, dlsym, call", samples,
            [(f"{row} (libraries of {samples.median(f'{program}/{row}/dymod/bytes') / 1000:,.0f} KB), {way}",
              f"{program}/{row}/{way}", f"{program}/{row}/floor")
             for row in ("20 KB", "100 functions", "256 functions", "50 MB", "50 modules")
             for way in ("dymod", "reload_all") if f"{program}/{row}/{way}" in samples])


def measure_generations(settings, samples):
    # A process each: neither is to see the other's generations.
    def run(place, program, counts, way):
        rounds.run_google_benchmark(place, program, samples, f"--benchmark_filter=^({counts}) kept/{way}")
    with rounds.stage_in_memory(settings) as in_memory:
        for count, counts in ((7, "10|100|1000"), (3, "5000")):
            rounds.in_rounds(settings.rounds(count),
                             [lambda level=level, way=way: run(in_memory, f"generations_{level}", counts, way)
                              for level in LEVELS for way in ("dymod", "floor")])


def report_generations(_, samples):
    for level in LEVELS:
        for title, unit, suffix in (("time", "s", ""), ("memory of each", "bytes", "/memory")):
            rounds.print_against_floors(
                f"A reload with generations kept, the program at -{level}: {title}", samples,
                [(f"{count} kept", f"generations_{level}/{count} kept/dymod{suffix}",
                  f"generations_{level}/{count} kept/floor{suffix}")
                 for count in (10, 100, 1000, 5000)], unit)


PARTS = {
    "call": (measure_calls, report_calls),
    "reload": (measure_reloads, report_reloads),
    "generations": (measure_generations, report_generations),
    "compile": (compile_cost.measure, compile_cost.report),
    "size": (object_size.measure, object_size.report),
    "edit": (edit_to_live.measure, edit_to_live.report),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="dymod's sources")
    parser.add_argument("--stage", type=Path, required=True, help="what has been built")
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--results", type=Path, required=True, help="file to write, unless --only is given")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be given again")
    parser.add_argument("--quick", action="store_true", help="few rounds: figures are noise")
    given = parser.parse_args()

    compilers = {name: shutil.which(name) for name in ("g++", "clang++") if shutil.which(name)}
    samples = rounds.Samples()
    with tempfile.TemporaryDirectory(prefix="dymod-") as directory:
        shutil.copytree(given.stage, directory, dirs_exist_ok=True)
        work = Path(directory) / "work"
        work.mkdir()
        settings = rounds.Settings(include=given.source / "include", source=given.source, stage=Path(directory),
                                   work=work, cmake=given.cmake, compilers=compilers, quick=given.quick)
        for name, (measure, report) in PARTS.items():
            if given.only and name not in given.only:
                continue
            print(f"measuring: {name}", flush=True)
            measure(settings, samples)
            report(settings, samples)
        if not given.only:
            results.write(given.results, results.of_this_run(settings, samples))
    bars.print_bars([samples], is_complete=not given.only)
    if not given.only:
        print(f"\nall figures: {given.results}")


main()
