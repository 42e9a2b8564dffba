# SPDX-License-Identifier: MIT

set(triple arm-linux-gnueabihf)
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(emulator qemu-arm-static)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")

# No notes about an ABI of before g++ 7.
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)
