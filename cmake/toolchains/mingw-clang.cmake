# SPDX-License-Identifier: MIT

# The same by clang++-19 and lld-19, with the headers and libraries of g++-mingw-w64-x86-64-posix.

include("${CMAKE_CURRENT_LIST_DIR}/mingw.cmake")
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_COMPILER_TARGET x86_64-w64-windows-gnu)
string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -fuse-ld=lld")
string(APPEND CMAKE_SHARED_LINKER_FLAGS_INIT " -fuse-ld=lld")
string(APPEND CMAKE_MODULE_LINKER_FLAGS_INIT " -fuse-ld=lld")
set(CMAKE_CXX_STANDARD_LIBRARIES_INIT "-lpthread")
