# SPDX-License-Identifier: MIT

# Reads the headers of dymod and holds them to rules that no compiler knows: who may ask for NDEBUG
# and for the platform, the first line, the include guard, and what static mode reads.
#   cmake -D COMPILER=... -D INCLUDE=... -D WORK=... -P lint_headers.cmake

cmake_minimum_required(VERSION 3.25)

set(problems "")
string(CONCAT platform_words "_WIN32|__linux__|__APPLE__|__unix__|"
                             "dlfcn\\.h|windows\\.h|unistd\\.h|sys/[a-z]+\\.h")
set(asks_ndebug "")
file(GLOB_RECURSE headers RELATIVE ${INCLUDE} ${INCLUDE}/dymod/*)
foreach(header IN LISTS headers)
  file(READ ${INCLUDE}/${header} text)
  # Comments and texts may name what the code must not use.
  string(REGEX REPLACE "//[^\n]*" "" code "${text}")
  string(REGEX REPLACE "\"[^\"\n]*\"" "" code "${code}")

  if(code MATCHES "NDEBUG")
    list(APPEND asks_ndebug ${header})
  endif()
  if(NOT header MATCHES "^dymod/detail/os/" AND code MATCHES "${platform_words}")
    string(APPEND problems "${header}: '${CMAKE_MATCH_0}' belongs into detail/os/\n")
  endif()
  if(NOT text MATCHES "^// SPDX-License-Identifier: MIT\n\n// ")
    string(APPEND problems "${header}: begins with the SPDX line, a blank line and a comment\n")
  endif()
  string(TOUPPER "${header}" guard)
  string(MAKE_C_IDENTIFIER "${guard}" guard)
  if(NOT text MATCHES "\n#ifndef ${guard}\n#define ${guard}\n.*\n#endif\n$")
    string(APPEND problems "${header}: the include guard is not ${guard}\n")
  endif()
  if(code MATCHES "#pragma once")
    string(APPEND problems "${header}: #pragma once beside the include guard\n")
  endif()
endforeach()

if(NOT asks_ndebug STREQUAL "dymod/config.hpp")
  string(APPEND problems "NDEBUG is config.hpp's to ask for, and is in: ${asks_ndebug}\n")
endif()

file(REMOVE_RECURSE ${WORK})
file(WRITE ${WORK}/static.cpp "#include <dymod/dymod.hpp>\n#include <dymod/persistent.hpp>\n"
                              "DYMOD(sheep, (count, int(int)))\nDYMOD_PERSISTENT(int, counted);\n")
execute_process(COMMAND ${COMPILER} -std=c++17 -DNDEBUG -I${INCLUDE} -M static.cpp
                WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE read COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\\\n" " " read "${read}")
separate_arguments(read UNIX_COMMAND "${read}")
list(POP_FRONT read)  # the target, "static.o:"
set(own 0)
foreach(file IN LISTS read)
  cmake_path(IS_PREFIX INCLUDE "${file}" NORMALIZE is_own)
  # g++ names a header that comes with it by itself: a file that every translation unit reads.
  if(is_own)
    math(EXPR own "${own} + 1")
  elseif(NOT file MATCHES "(^|/)(static\\.cpp|stdc-predef\\.h)$")
    string(APPEND problems "static mode reads ${file}\n")
  endif()
endforeach()
if(own LESS 5)
  string(APPEND problems "static mode reads ${own} headers of dymod: the question was wrong\n")
endif()

if(NOT problems STREQUAL "")
  message(FATAL_ERROR "${problems}")
endif()
