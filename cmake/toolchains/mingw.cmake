# SPDX-License-Identifier: MIT

# Windows programs by Debian's g++-mingw-w64-x86-64-posix, run under wine.

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_CURRENT_LIST_DIR}/../../tests/support/windows_program.sh")

# Libraries of the compiler, such as libstdc++-6.dll, are not where wine looks.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-static")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-static")

# Catch2 is headers, the same for all systems.
set(CMAKE_PREFIX_PATH /usr)
