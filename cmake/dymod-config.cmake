# SPDX-License-Identifier: MIT

# Installed: what find_package(dymod 1 CONFIG) brings, the target dymod::dymod and dymod_add_module().

if(CMAKE_VERSION VERSION_LESS 3.23)
  set(dymod_FOUND FALSE)
  set(dymod_NOT_FOUND_MESSAGE "dymod needs CMake 3.23, and this is ${CMAKE_VERSION}")
  return()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/dymod-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/dymod_add_module.cmake")
