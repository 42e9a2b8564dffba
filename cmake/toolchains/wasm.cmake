# SPDX-License-Identifier: MIT

# WebAssembly by Debian's emscripten, run by Node.js. At build time Emscripten needs NODE_PATH: the preset `wasm`
# sets it.

include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)

# Emscripten 3.1.6 takes a JavaScript with fetch() for a browser.
set(CMAKE_CROSSCOMPILING_EMULATOR node --no-experimental-fetch)

# Compiled without exceptions otherwise.
set(CMAKE_CXX_FLAGS_INIT -fexceptions)

# Catch2 is headers, the same for all systems.
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(CMAKE_PREFIX_PATH /usr)
