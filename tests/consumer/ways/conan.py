# SPDX-License-Identifier: MIT

"""Runs the recipe without Conan, which is not here: its classes and functions, as far as the recipe uses them.

    conan.py <the recipe> <work directory> <cmake>

Prints the directories in which CMake is to look for the package.
"""

import fnmatch
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import types

recipe, work, cmake = sys.argv[1:]


class Information:
    def __init__(self):
        self.properties = {}
        self.was_cleared = False

    def set_property(self, name, value):
        self.properties[name] = value

    def clear(self):
        self.was_cleared = True


class ConanFile:
    def __init__(self):
        self.recipe_folder = os.path.dirname(recipe)
        self.export_sources_folder = self.source_folder = os.path.join(work, "sources")
        self.build_folder = os.path.join(work, "build")
        self.package_folder = os.path.join(work, "package")
        self.cpp_info = Information()
        self.info = Information()
        self.settings = types.SimpleNamespace(os="Linux")
        self.cache_variables = {}


class CMakeToolchain:
    def __init__(self, conanfile):
        self.cache_variables = conanfile.cache_variables

    def generate(self):
        pass


class CMake:
    def __init__(self, conanfile):
        self.conanfile = conanfile

    def configure(self):
        variables = [f"-D{name}={'ON' if value else 'OFF'}" for name, value in self.conanfile.cache_variables.items()]
        run("-S", self.conanfile.source_folder, "-B", self.conanfile.build_folder, "-G", "Ninja", *variables)

    def install(self):
        run("--install", self.conanfile.build_folder, "--prefix", self.conanfile.package_folder)


def run(*arguments):
    subprocess.run([cmake, *arguments], check=True, stdout=sys.stderr)


def copy(conanfile, pattern, src, dst):
    for file in sorted(pathlib.Path(src).rglob("*")):
        name = file.relative_to(src).as_posix()
        if file.is_file() and fnmatch.fnmatch(name, pattern):
            target = pathlib.Path(dst) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)


def load(conanfile, path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def stand_in(name, **contents):
    module = types.ModuleType(name)
    vars(module).update(contents)
    sys.modules[name] = module


stand_in("conan", ConanFile=ConanFile)
stand_in("conan.tools")
stand_in("conan.tools.cmake", CMake=CMake, CMakeToolchain=CMakeToolchain, cmake_layout=lambda conanfile: None)
stand_in("conan.tools.files", copy=copy, load=load)

sys.dont_write_bytecode = True
specification = importlib.util.spec_from_file_location("conanfile", recipe)
module = importlib.util.module_from_spec(specification)
specification.loader.exec_module(module)

package = module.DymodConan()
package.set_version()
for step in ("export_sources", "layout", "package_id", "generate", "package", "package_info"):
    getattr(package, step)()

assert package.info.was_cleared, "one package for each setting"
assert os.path.exists(os.path.join(package.package_folder, "licenses", "LICENSE")), "no licence"
assert package.cpp_info.properties == {"cmake_find_mode": "none"}
version = pathlib.Path(package.package_folder, "share/dymod/dymod-config-version.cmake").read_text(encoding="utf-8")
assert f'"{package.version}"' in version, f"the recipe has the version {package.version}, and dymod another"
print(";".join(os.path.join(package.package_folder, directory) for directory in package.cpp_info.builddirs))
