# SPDX-License-Identifier: MIT
"""What each declared function adds to object files, in the program and in the module; and whether a release has
anything of dymod in it at all."""

import rounds
from compile_cost import DYNAMIC, MODULE, STATIC, calls, declared, declared_by_hand, defined

FEW, MANY = 1, 101

# name: (flags, file with dymod, file without), of a number of functions
FILES = {
    "program: a declared function": (DYNAMIC, declared, declared_by_hand),
    "program: a called function": (DYNAMIC, lambda n: declared(n) + calls(n), lambda n: declared_by_hand(n) + calls(n)),
    "module: a defined function": (
        MODULE, lambda n: declared(n) + defined(n), lambda n: declared_by_hand(n) + defined(n)),
}


def compile_to(path, compiler, settings, flags, text):
    source = path.with_suffix(".cpp")
    source.write_text(text)
    rounds.run([compiler, "-std=c++17", *flags, "-I", settings.include, "-c", source, "-o", path])


def loaded_bytes(path):
    """Code, constants and variables; not what only the linker or a debugger reads."""
    text, data, bss = rounds.run(["size", path]).output.splitlines()[1].split()[:3]
    return int(text) + int(data) + int(bss)


def machine_code(path):
    """All sections that are loaded, and what the linker is to do with them."""
    lines = rounds.run(["objdump", "-d", "-r", "-s", "-j", ".text", path]).output.splitlines()
    return [line for line in lines if "file format" not in line]


def measure(settings, samples):
    directory = settings.work / "size"
    directory.mkdir()
    path = directory / "file.o"
    for compiler_name, compiler in settings.compilers.items():
        for level in ("-O0", "-O2"):
            row = f"size/{compiler_name} {level}"
            for name, (flags, *texts) in FILES.items():
                for side, text in zip(("dymod", "by hand"), texts):
                    sizes = []
                    for count in (FEW, MANY):
                        compile_to(path, compiler, settings, [level, *flags], text(count))
                        sizes.append(loaded_bytes(path))
                    samples.add(f"{row}/{name}/{side}", (sizes[1] - sizes[0]) / (MANY - FEW))
            codes = []
            for side, text in (("dymod", declared), ("by hand", declared_by_hand)):
                compile_to(path, compiler, settings, [level, *STATIC], text(8) + calls(8) + defined(8))
                codes.append(machine_code(path))
                samples.add(f"{row}/release/{side}", loaded_bytes(path))
            samples.add(f"{row}/release/other lines",
                        sum(a != b for a, b in zip(*codes)) + abs(len(codes[0]) - len(codes[1])))


def report(settings, samples):
    levels = [f"{compiler} {level}" for compiler in settings.compilers for level in ("-O0", "-O2")]
    rounds.print_against_floors(
        "Object code of each function; the floor is written by hand", samples,
        [(f"{name}, {level}", f"size/{level}/{name}/dymod", f"size/{level}/{name}/by hand")
         for name in FILES for level in levels]
        + [(f"release: a file of 8 functions, {level}", f"size/{level}/release/dymod", f"size/{level}/release/by hand")
           for level in levels], "bytes")
