# SPDX-License-Identifier: MIT
"""Figures from a program's output to the table of bars.

    results_test.py <benchmarks/>
"""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, sys.argv.pop(1))

import bars
import results
import rounds


def row(name, **other):
    return {"name": name, "run_type": "iteration", "time_unit": "ns", "cpu_time": 20, "real_time": 30, **other}


class Figures(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.work = Path(directory.name)
        self.settings = rounds.Settings(include=self.work, source=self.work, stage=self.work, work=self.work,
                                        cmake="cmake", compilers={})

    def of_program(self, *rows):
        """What is read from a program that writes these rows where Google Benchmark would."""
        (self.work / "rows").write_text(json.dumps({"benchmarks": rows}))
        program = self.work / "program"
        program.write_text(f"#!/bin/sh\ncp '{self.work}/rows' \"${{1#--benchmark_out=}}\"\n")
        program.chmod(0o755)
        samples = rounds.Samples()
        rounds.run_google_benchmark(self.settings, "program", samples)
        return samples

    def test_a_row_is_processor_time_in_seconds(self):
        samples = self.of_program(row("call/threads:2"), row("call/threads:2", cpu_time=40),
                                  row("call/threads:2", run_type="aggregate", cpu_time=1000))
        self.assertEqual(samples.values, {"program/call/threads:2": [20e-9, 40e-9]})

    def test_a_row_timed_by_hand_is_elapsed_time(self):
        samples = self.of_program(row("20 KB/dymod/iterations:10/manual_time", time_unit="us", bytes=20000))
        self.assertEqual(list(samples.values), ["program/20 KB/dymod", "program/20 KB/dymod/bytes"])
        self.assertAlmostEqual(samples.median("program/20 KB/dymod"), 30e-6)

    def test_a_row_that_failed_ends_the_run(self):
        with self.assertRaises(SystemExit):
            self.of_program(row("call", error_occurred=True, error_message="an answer of old code"))

    def test_results_are_read_as_they_were_written(self):
        samples = rounds.Samples({"measured": [3, 1, 2], "floor": [1.23456]}, {"measured": "floor"})
        written = results.of_this_run(self.settings, samples)
        results.write(self.work / "results.json", written)
        self.assertEqual(results.read(self.work / "results.json"), written)
        self.assertEqual(written.figures, {"measured": 2, "floor": 1.235})

    def test_a_ratio_is_of_one_run(self):
        runs = results.Runs([results.Run({}, {}, False, {"measured": measured, "floor": floor}, {})
                             for measured, floor in ((10, 1), (30, 5), (20, 10))])
        self.assertEqual(runs.ratio("measured", "floor"), 6)
        self.assertEqual(runs.median("measured"), 20)


class Bars(unittest.TestCase):
    def row(self, bar, *figures):
        return bar.row([rounds.Samples({name: [value] for name, value in each.items()}) for each in figures])

    def test_the_worst_pair_counts(self):
        bar = bars.Bar("", 1.5, [("a", "floor"), ("b", "floor"), ("not measured", "floor")])
        self.assertEqual(self.row(bar, {"a": 1, "b": 2, "floor": 1})[1:4], ("2.000 x", "<= 1.50 x", "DOES NOT HOLD"))

    def test_several_runs_are_one_row(self):
        bar = bars.Bar("", 7e-9, [("a", "floor")], "difference")
        runs = [{"a": value, "floor": 1e-9} for value in (9e-9, 6e-9, 7e-9)]
        self.assertEqual(self.row(bar, *runs)[1:4], ("6.0 ns (5.0 ns to 8.0 ns)", "<= 7.0 ns", "holds in 2 of 3"))

    def test_a_bar_of_figures_that_are_not_there_is_left_out(self):
        self.assertEqual(bars.measured_by([rounds.Samples()]), [])


unittest.main()
