# SPDX-License-Identifier: MIT
"""What all measurements share: processes and what they cost, rounds in which everything takes its turn, medians."""

import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass
class Settings:
    """Where things are, and how often each is measured."""
    include: Path               # dymod's headers
    source: Path                # dymod's sources, a CMake project
    stage: Path                 # programs and modules, in a directory with a short path
    work: Path                  # an empty directory
    cmake: str
    compilers: dict             # name: path
    quick: bool = False

    def rounds(self, usual):
        return max(1, usual // 5) if self.quick else usual


MEMORY, ENOUGH = Path("/dev/shm"), 1_000_000_000


def directory_in_memory():
    """None if there is none, or programs may not run there."""
    if not MEMORY.is_dir():
        return None
    status = os.statvfs(MEMORY)
    has_room = status.f_bavail * status.f_frsize > ENOUGH
    return MEMORY if has_room and not status.f_flag & os.ST_NOEXEC else None


@contextmanager
def stage_in_memory(settings):
    """Settings with the stage on a file system in memory, if possible, for copies of small files. Elsewhere it depends
    on history how long it takes to create one: ext4 without a journal passes over the inodes that were deleted in the
    last minutes, and whoever tests or measures reloads deletes thousands (12 to 900 us were seen). Both sides of a
    ratio would have it, and what dymod adds would look small."""
    with tempfile.TemporaryDirectory(prefix="dymod-", dir=directory_in_memory()) as directory:
        shutil.copytree(settings.stage, directory, dirs_exist_ok=True, ignore=lambda *_: [settings.work.name])
        yield replace(settings, stage=Path(directory))


@dataclass
class Samples:
    """Measured values by name. Values of one name have one unit: seconds, or bytes."""
    values: dict = field(default_factory=dict)
    floors: dict = field(default_factory=dict)  # what was reported beside what

    def add(self, name, value):
        self.values.setdefault(name, []).append(value)

    def median(self, name):
        return statistics.median(self.values[name])

    def __contains__(self, name):
        return name in self.values


@dataclass
class Cost:
    cpu: float                  # user and system time of the process and all that it started; seconds
    elapsed: float              # seconds
    output: str


def run(command, **options):
    """Runs a command to its end. If it fails, so do we."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)
    elapsed = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}\nexit code {done.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, elapsed, done.stdout)


def in_rounds(count, tasks):
    """Calls every task once per round, in another order each time: what disturbs the machine disturbs all alike."""
    order = list(tasks)
    for _ in range(count):
        random.shuffle(order)
        for task in order:
            task()


def run_google_benchmark(settings, program, samples, *arguments):
    """Runs a program in the stage; `<program>/<row>` are its rows, their memory `<program>/<row>/memory`."""
    os.sync()  # what went before is not to be written to disk while this one is measured
    result = settings.work / f"{program}.json"
    run([settings.stage / program, f"--benchmark_out={result}", "--benchmark_out_format=json", *arguments])
    for row in json.loads(result.read_text())["benchmarks"]:
        if row["run_type"] != "iteration":
            continue
        if row.get("error_occurred"):
            sys.exit(f"{program}: {row['name']}: {row['error_message']}")
        parts = row["name"].split("/")
        is_timed_by_hand = parts[-1] == "manual_time"
        name = "/".join([program] + [part for part in parts
                                     if not part.startswith(("iterations:", "repeats:")) and part != "manual_time"])
        # Processor time, else what other programs do in the meantime would count.
        time_of_row = row["real_time"] if is_timed_by_hand else row["cpu_time"]
        samples.add(name, time_of_row * {"ns": 1e-9, "us": 1e-6}[row["time_unit"]])
        for counter in ("memory", "bytes"):
            if counter in row:
                samples.add(f"{name}/{counter}", row[counter])


def text_of(value, unit="s"):
    if unit == "bytes":
        return f"{value:,.0f} bytes"
    for scale, name in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if abs(value) >= scale:
            digits = f"{value / scale:#.3g}".rstrip(".") if abs(value) < 999.5 * scale else f"{value / scale:.0f}"
            return f"{digits} {name}"
    return f"{value / 1e-9:.1f} ns" if abs(value) < 99.95e-9 else f"{value / 1e-9:.0f} ns"


def print_table(head, rows):
    """Columns as wide as what is in them."""
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    line = "  ".join
    print(line(str(cell).ljust(width) for cell, width in zip(head, widths)).rstrip())
    print(line("-" * width for width in widths))
    for row in rows:
        print(line(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def print_against_floors(title, samples, rows, unit="s"):
    """Rows are (name to print, its samples, the floor's): the ratio first, and nothing without its floor."""
    print(f"\n## {title}\n")
    table = []
    for name, measured, floor in rows:
        samples.floors[measured] = floor
        value, least = samples.median(measured), samples.median(floor)
        ratio = f"{value / least:.2f}" if least else ("1.00" if value == least else "-")
        table.append((ratio, text_of(value - least, unit), text_of(value, unit), text_of(least, unit), name))
    print_table(("x floor", "over it", "measured", "floor", "what"), table)
