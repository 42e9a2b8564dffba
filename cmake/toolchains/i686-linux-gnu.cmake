# SPDX-License-Identifier: MIT

# Runs on x86-64 by itself: only the loader and the libraries are elsewhere.
set(triple i686-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(emulator /usr/${triple}/lib/ld-linux.so.2 --library-path /usr/${triple}/lib)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")
