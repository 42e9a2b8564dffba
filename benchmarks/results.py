# SPDX-License-Identifier: MIT
"""The file that a run leaves: the machine, the compilers, and the median of each figure, in seconds, bytes or counts.
Some of them together: the medians of the runs."""

import json
import os
import platform
import re
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

import rounds


@dataclass
class Run:
    """Figures by name, and what they were measured on."""
    machine: dict
    compilers: dict             # name: version
    is_quick: bool              # its figures are noise
    figures: dict
    floors: dict                # name: that of its floor

    @property
    def samples(self):
        return rounds.Samples({name: [value] for name, value in self.figures.items()}, self.floors)


@dataclass
class Runs:
    """Runs on one machine. A ratio is that of figures of one run, then the median of the runs."""
    runs: list

    def __contains__(self, name):
        return all(name in run.figures for run in self.runs)

    def median_of(self, value_of):
        return statistics.median(value_of(run.figures) for run in self.runs)

    def median(self, name):
        return self.median_of(lambda figures: figures[name])

    def ratio(self, measured, floor):
        return self.median_of(lambda figures: figures[measured] / figures[floor])

    def over(self, measured, floor):
        return self.median_of(lambda figures: figures[measured] - figures[floor])


def first_match(pattern, path):
    found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def file_system_of(directory):
    return rounds.run(["df", "--output=fstype", directory]).output.split()[-1]


def this_machine(settings):
    return {
        "system": first_match(r'^PRETTY_NAME="?([^"\n]*)', "/etc/os-release"),
        "kernel": platform.release(),
        "C library": " ".join(platform.libc_ver()),
        "processor": first_match(r"^model name\s*: (.*)", "/proc/cpuinfo"),
        "cores": len(os.sched_getaffinity(0)),
        "virtual": "yes" if re.search(r"\bhypervisor\b", Path("/proc/cpuinfo").read_text()) else "no",
        "file system": file_system_of(settings.stage),
        "that of reloads but the 50 MB": file_system_of(rounds.directory_in_memory() or settings.stage),
    }


def of_this_run(settings, samples):
    versions = {name: rounds.run([path, "--version"]).output.splitlines()[0]
                for name, path in settings.compilers.items()}
    # Four digits are more than can be measured again.
    figures = {name: float(f"{samples.median(name):.4g}") for name in sorted(samples.values)}
    return Run(this_machine(settings), versions, settings.quick, figures, samples.floors)


def write(path, run):
    Path(path).write_text(json.dumps(asdict(run), indent=1) + "\n")


def read(path):
    return Run(**json.loads(Path(path).read_text()))
