# SPDX-License-Identifier: MIT

"""For Conan 2. The sources are the copy of dymod that this file is in: conan create dymod/packaging/conan"""

import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class DymodConan(ConanFile):
    name = "dymod"
    license = "MIT"
    description = "C++ functions that are linked statically in release and hot-swapped while the program runs in debug"
    topics = ("hot-reload", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def _root(self):
        return os.path.join(self.recipe_folder, os.pardir, os.pardir)

    def set_version(self):
        version = load(self, os.path.join(self._root(), "include", "dymod", "version.hpp"))
        self.version = ".".join(re.findall(r"#define DYMOD_VERSION_\w+ (\d+)", version))

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*"):
            copy(self, pattern, src=self._root(), dst=self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def package_id(self):
        self.info.clear()

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["DYMOD_BUILD_TESTS"] = False
        toolchain.cache_variables["DYMOD_BUILD_EXAMPLES"] = False
        toolchain.generate()

    def package(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.install()
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))

    # dymod's own package for CMake has dymod_add_module(), and compiles once what is not on the way of a call.
    def package_info(self):
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("share", "dymod")]
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        if self.settings.os == "Linux":
            self.cpp_info.system_libs = ["dl"]
