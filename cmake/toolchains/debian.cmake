# SPDX-License-Identifier: MIT

# Debian's compiler for another processor (g++-<triple>). Included by the files beside it, which say `triple`,
# CMAKE_SYSTEM_PROCESSOR, and what runs its programs here: `emulator`.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${triple}-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR ${emulator})
