# SPDX-License-Identifier: MIT

# The same by clang++-19 and lld-19, with the headers and libraries of g++-mingw-w64-x86-64-posix.

include("${CMAKE_CURRENT_LIST_DIR}/mingw.cmake")
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_COMPILER_TARGET x86_64-w64-windows-gnu)
foreach(kind IN ITEMS EXE SHARED MODULE)
  string(APPEND CMAKE_${kind}_LINKER_FLAGS_INIT " -fuse-ld=lld -lpthread")
endforeach()
