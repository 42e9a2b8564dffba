#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws the plots of docs/performance.md from docs/performance/run_*.json, with Debian's python3-matplotlib.

The same figures make the same files. Colours are readable on white and on black, for the page is shown on both.
"""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

import page

TEXT, FLOOR, LINKER = "#737c86", "#9aa4af", "#b9a3d6"
COLOURS = {"O2": "#3b82d0", "O0": "#d07a28", "g++": "#3b82d0", "clang++": "#d07a28"}
LEVELS = {"O2": "program at -O2", "O0": "program at -O0"}

matplotlib.rcParams.update({
    "svg.hashsalt": "dymod", "svg.fonttype": "none", "font.family": "DejaVu Sans", "font.size": 9,
    "text.color": TEXT, "axes.labelcolor": TEXT, "axes.edgecolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10, "axes.titlelocation": "left",
    "legend.frameon": False, "grid.color": TEXT, "grid.alpha": 0.25, "grid.linewidth": 0.6,
    "figure.constrained_layout.use": True, "figure.figsize": (8.2, 4)})


def save(figure, name):
    figure.savefig(page.DIRECTORY / f"{name}.svg", transparent=True,
                   metadata={"Date": None, "Creator": None, "Description": f"figures {page.stamp()}"})
    plt.close(figure)


def add_legend(axes, colours):
    """Above, at the right, beside the title."""
    entries = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in colours.values()]
    axes.legend(entries, colours, loc="lower right", bbox_to_anchor=(1, 1), ncol=len(colours), fontsize=8,
                borderaxespad=0.3, handlelength=1, handleheight=1)


def tidy_bars(axes, texts):
    axes.set_yticks(range(len(texts)), texts)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.invert_yaxis()
    axes.xaxis.grid(True)
    axes.set_axisbelow(True)


def write_beside(axes, x, y, text):
    axes.annotate(text, (x, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)


def bars_over_floors(axes, groups, legend):
    """Rows of bars that begin with their floor: groups are (text, [(series, floor, value, what to write)])."""
    height = 0.8 / max(len(bars) for _, bars in groups)
    for place, (_, bars) in enumerate(groups):
        for number, (series, floor, value, text) in enumerate(bars):
            y = place + (number - (len(bars) - 1) / 2) * height
            axes.barh(y, min(floor, value), height * 0.86, color=FLOOR)
            axes.barh(y, max(value - floor, 0), height * 0.86, left=floor, color=COLOURS[series])
            write_beside(axes, max(floor, value), y, text)
    tidy_bars(axes, [text for text, _ in groups])
    longest = max(max(floor, value) for _, bars in groups for _, floor, value, _ in bars)
    axes.set_xlim(0, longest * 1.36)  # room for what is written
    add_legend(axes, legend)


def ratios(runs, rows):
    """Groups of bars whose floors are 1; rows are (text, [(series, measured, floor)])."""
    return [(text, [(series, 1, runs.ratio(measured, floor),
                     f"{runs.ratio(measured, floor):.2f} × ({page.both(runs, measured, floor)})")
                    for series, measured, floor in bars if measured in runs and floor in runs]) for text, bars in rows]


def differences(runs, rows, scale):
    """Groups of bars of as many seconds; rows are (text, [(series, measured, floor)])."""
    groups = []
    for text, bars in rows:
        found = [(series, runs.median(floor) / scale, runs.median(measured) / scale,
                  f"{page.more(runs, measured, floor)} ({page.both(runs, measured, floor)})")
                 for series, measured, floor in bars if measured in runs and floor in runs]
        if found:
            groups.append((text, found))
    return groups


def plot_calls(runs):
    figure, (above, below) = plt.subplots(2, 1, figsize=(8.2, 6.6), gridspec_kw={"height_ratios": (6, 5)})

    def rows(wanted):
        return [(text, [(level, f"call_{level}/{row}/threads:{threads}", f"call_{level}/{floor}/threads:{threads}")
                        for level in LEVELS]) for text, row, floor, threads in wanted]
    bars_over_floors(above, ratios(runs, rows((
        ("short path", "every call/short path", "stat/short path", 1),
        ("eight components", "every call/eight components", "stat/eight components", 1),
        ("short path, 2 threads", "every call/short path", "stat/short path", 2),
        ("short path, 8 threads", "every call/short path", "stat/short path", 8),
        ("short path, guarded", "every call, guarded/short path", "stat/short path", 1)))),
        {"stat of the same path": FLOOR, **{text: COLOURS[level] for level, text in LEVELS.items()}})
    above.set_title("Every call looks")
    above.set_xlabel("a call, × stat")
    bars_over_floors(below, differences(runs, rows((
        ("interval", "interval/short path", "function pointer", 1),
        ("manual", "manual/short path", "function pointer", 1),
        ("manual, guarded", "manual, guarded/short path", "function pointer", 1),
        ("the coarse clock alone", "coarse clock", "function pointer", 1),
        ("static mode", "static mode/short path", "direct call", 1))), 1e-9),
        {"function pointer (static mode: direct call)": FLOOR})
    below.set_title("Calls that do not")
    below.set_xlabel("a call, ns")
    save(figure, "call")


def plot_reloads(runs):
    rows = [(text, [(level, f"reload_{level}/{row}/{way}", f"reload_{level}/{row}/floor") for level in LEVELS])
            for text, row, way in (
                ("20 KB, 1 function", "20 KB", "dymod"), ("100 functions", "100 functions", "dymod"),
                ("256 functions", "256 functions", "dymod"), ("50 MB", "50 MB", "dymod"),
                ("50 modules, by calls", "50 modules", "dymod"),
                ("50 modules, reload_all()", "50 modules", "reload_all"))]
    figure, axes = plt.subplots(figsize=(8.2, 4.2))
    bars_over_floors(axes, ratios(runs, rows),
                     {"copy, dlopen, dlsym, call": FLOOR, **{text: COLOURS[level] for level, text in LEVELS.items()}})
    axes.set_title("A reload")
    axes.set_xlabel("from the new library in place to the first answer, × floor")
    save(figure, "reload")


def plot_generations(runs):
    counts = (10, 100, 1000, 5000)
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.6))
    for axes, suffix, scale in ((left, "", 1e-6), (right, "/memory", 1e3)):
        heights = []
        for level, text in LEVELS.items():
            for side, colour in (("floor", FLOOR), ("dymod", COLOURS[level])):
                values = [runs.median(f"generations_{level}/{count} kept/{side}{suffix}") / scale for count in counts]
                axes.plot(counts, values, "-" if level == "O2" else "--", color=colour, marker="o", markersize=4,
                          label=f"{side}, {text}")
                heights.append(values)
        for count, height in zip(counts, map(max, zip(*heights))):
            name = f"generations_O2/{count} kept"
            axes.annotate(f"{runs.ratio(f'{name}/dymod{suffix}', f'{name}/floor{suffix}'):.2f} ×", (count, height),
                          xytext=(0, 8), textcoords="offset points", ha="center", fontsize=8)
        axes.set_xscale("log")
        axes.set_xlim(6, 9000)
        axes.set_xticks(counts, [f"{count:,}" for count in counts])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("generations kept")
        axes.yaxis.grid(True)
    left.set_yscale("log")
    left.set_ylim(left.get_ylim()[0] * 0.8, left.get_ylim()[1] * 1.6)
    left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    left.yaxis.set_minor_locator(NullLocator())
    left.set_ylabel("µs")
    left.set_title("A reload (× at -O2)")
    right.set_ylim(0, right.get_ylim()[1] * 1.08)
    right.set_ylabel("KB")
    right.set_title("Memory of each generation (× at -O2)")
    left.legend(loc="upper left", fontsize=8)
    save(figure, "generations")


def plot_edits(runs):
    ways = page.ways_to_build(runs)
    figure, axes = plt.subplots(figsize=(8.2, 0.6 + 0.45 * len(ways) + 0.7))
    parts = {"compiler": FLOOR, "linker": LINKER, "build system and reload": COLOURS["O2"]}
    for place, way in enumerate(ways):
        names = f"edit/{way}/live", f"edit/{way}/commands"
        left = 0
        for seconds, colour in zip((runs.median(f"edit/{way}/compiler"), runs.median(f"edit/{way}/linker"),
                                    runs.over(*names)), parts.values()):
            axes.barh(place, seconds * 1e3, 0.62, left=left, color=colour)
            left += seconds * 1e3
        write_beside(axes, left, place, f"{runs.ratio(*names):.2f} × ({page.both(runs, *names)})")
    tidy_bars(axes, ways)
    axes.set_xlim(0, axes.get_xlim()[1] * 1.26)
    axes.set_title("From saving to the first answer of the new code")
    axes.set_xlabel("ms; × compiler and linker")
    add_legend(axes, parts)
    save(figure, "edit")


def plot_files(runs):
    names = {name.partition("/")[2]: floor.partition("/")[2] for name, floor in runs.runs[0].floors.items()
             if name.startswith("g++/")}
    rows = [(f"{name}\nover: {floor}", [(compiler, f"{compiler}/{name}", f"{compiler}/{floor}")
                                       for compiler in ("g++", "clang++")])
            for name, floor in names.items()
            if not any(part in name for part in ("by hand", "&", "header-only", "-g"))]  # the table has them
    groups = differences(runs, rows, 1e-3)
    figure, axes = plt.subplots(figsize=(8.2, 0.9 + 0.46 * len(groups)))
    bars_over_floors(axes, groups,
                     {"the file it is over": FLOOR, **{name: COLOURS[name] for name in ("g++", "clang++")}})
    axes.set_title("Compiling at -O0")
    axes.set_xlabel("compiler's user and system time, ms")
    save(figure, "compile")


def main():
    runs = page.committed_runs()
    for plot in (plot_calls, plot_reloads, plot_generations, plot_edits, plot_files):
        plot(runs)


main()
