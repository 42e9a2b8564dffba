# SPDX-License-Identifier: MIT
"""What it costs to compile a file that uses dymod: user and system time of the compiler, at -O0.

Each file is compiled in turn with all others, in another order in each round. The floor of a file is the same file
without what is asked for: an empty one, one that only declares, one with declarations written by hand.

Files are compiled as dymod's CMake target has them compiled: what is not on the way of a call in a file of its own,
once for each target. Beside that, header-only, as without CMake; and both with -g.
"""

import rounds

HEADER = "#include <dymod/dymod.hpp>\n"
STRUCT = "struct herd{0} {{ int sheep; float wool; double milk; char mark; unsigned lambs; }};\n"


def declared(count, type_of=lambda i: "int(int a, int b)"):
    functions = ", ".join(f"(f{i}, {type_of(i)})" for i in range(count))
    return HEADER + f"DYMOD(m, {functions})\n"


def declared_by_hand(count):
    return "namespace m {\n" + "".join(f"int f{i}(int a, int b);\n" for i in range(count)) + "}\n"


def calls(count):
    return "".join(f"int call{i}(int n) {{ return m::f{i}(n, n); }}\n" for i in range(count))


def defined(count):
    return "".join(f"int m::f{i}(int a, int b) {{ return a + b; }}\n" for i in range(count))


def with_structs(count, type_of):
    return "".join(STRUCT.format(i) for i in range(count)) + declared(count, type_of)


SEPARATE = "-DDYMOD_SEPARATE_RUNTIME=1"
DYNAMIC = (SEPARATE,)
STATIC = ("-DNDEBUG", SEPARATE)
MODULE = ("-Dm_EXPORTS", SEPARATE)

# name: (flags, source, name of the floor)
FILES = {
    "empty": (DYNAMIC, "", None),
    "include": (DYNAMIC, HEADER, "empty"),
    "declare 1": (DYNAMIC, declared(1), "empty"),
    "declare 100": (DYNAMIC, declared(100), "declare 1"),
    "declare 256": (DYNAMIC, declared(256), "declare 1"),
    "declare 1, call it": (DYNAMIC, declared(1) + calls(1), "declare 1"),
    "declare 100, call 1": (DYNAMIC, declared(100) + calls(1), "declare 100"),
    "declare 256, call 1": (DYNAMIC, declared(256) + calls(1), "declare 1, call it"),
    "declare 256, call all": (DYNAMIC, declared(256) + calls(256), "declare 256, call 1"),
    "int& in a signature": (DYNAMIC, with_structs(1, lambda i: "void(int& n)"), "empty"),
    "struct in a signature": (DYNAMIC, with_structs(1, lambda i: f"void(herd{i}& h)"), "int& in a signature"),
    "int& in 8 signatures": (DYNAMIC, with_structs(8, lambda i: "void(int& n)"), "empty"),
    "8 structs in 8 signatures": (DYNAMIC, with_structs(8, lambda i: f"void(herd{i}& h)"), "int& in 8 signatures"),
    "static: include": (STATIC, HEADER, "empty"),
    "static: 1 by hand": (STATIC, declared_by_hand(1) + calls(1), "empty"),
    "static: declare 1, call it": (STATIC, declared(1) + calls(1), "static: 1 by hand"),
    "static: 256 by hand": (STATIC, declared_by_hand(256) + calls(1), "empty"),
    "static: declare 256, call 1": (STATIC, declared(256) + calls(1), "static: 256 by hand"),
    "module: 1 by hand": (MODULE, declared_by_hand(1) + defined(1), "empty"),
    "module: define 1": (MODULE, declared(1) + defined(1), "module: 1 by hand"),
    "module: 256 by hand": (MODULE, declared_by_hand(256) + defined(256), "empty"),
    "module: define 256": (MODULE, declared(256) + defined(256), "module: 256 by hand"),
}

# The same files compiled in other ways: (what their names begin with, flags to leave out, flags to add, names).
COMMON = ("empty", "include", "declare 1", "declare 1, call it", "declare 256, call 1")
MODULES = ("module: 1 by hand", "module: define 1")
OTHER_WAYS = (
    ("header-only: ", {SEPARATE}, (), (*COMMON, "int& in 8 signatures", "8 structs in 8 signatures", *MODULES)),
    ("-g: ", set(), ("-g",), (*COMMON, "static: include", *MODULES)),
    ("header-only, -g: ", {SEPARATE}, ("-g",), COMMON),
)


def in_other_ways():
    for prefix, without, added, names in OTHER_WAYS:
        for name in names:
            flags, text, floor = FILES[name]
            yield (prefix + name, (tuple(flag for flag in flags if flag not in without) + added, text,
                                   floor and prefix + floor))


FILES.update(list(in_other_ways()))


def preprocessed_lines(compiler, settings, flags, path):
    output = rounds.run([compiler, "-std=c++17", *flags, "-I", settings.include, "-E", path]).output
    return sum(1 for line in output.splitlines() if line.strip() and not line.startswith("#"))


def measure(settings, samples):
    directory = settings.work / "compile"
    directory.mkdir()
    tasks = []
    for number, (name, (flags, text, _)) in enumerate(FILES.items()):
        path = directory / f"file{number}.cpp"
        path.write_text(text)
        for compiler_name, compiler in settings.compilers.items():
            command = [compiler, "-std=c++17", "-O0", *flags, "-I", settings.include, "-c", path,
                       "-o", directory / "file.o"]
            row = f"{compiler_name}/{name}"
            tasks.append(lambda row=row, command=command: samples.add(row, rounds.run(command).cpu))
            samples.add(f"{row}/lines", preprocessed_lines(compiler, settings, flags, path))
    rounds.in_rounds(settings.rounds(11), tasks)


def report(settings, samples):
    for compiler in settings.compilers:
        rounds.print_against_floors(
            f"Compiling, {compiler} -O0, user and system time", samples,
            [(f"{name}, over: {floor} ({samples.median(f'{compiler}/{name}/lines'):.0f} lines)",
              f"{compiler}/{name}", f"{compiler}/{floor}") for name, (_, _, floor) in FILES.items() if floor])
