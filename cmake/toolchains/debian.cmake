# SPDX-License-Identifier: MIT

# Debian's compiler for another processor (g++-<triple>). Included by the files beside it, which say `triple`,
# CMAKE_SYSTEM_PROCESSOR, and what runs its programs here: `emulator`.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${triple}-g++)
if(emulator MATCHES "^qemu")
  find_program(DYMOD_${emulator} ${emulator} REQUIRED)  # qemu-user-static; tests change PATH
  set(emulator "${DYMOD_${emulator}}" -L /usr/${triple})
endif()
set(CMAKE_CROSSCOMPILING_EMULATOR ${emulator})
