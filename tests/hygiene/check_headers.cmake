# SPDX-License-Identifier: MIT

# Compiles the headers of dymod, as found on disk, under one set of conditions, with all warnings as
# errors. Run by ctest:
#   cmake -D COMPILER=... -D INCLUDE=... -D MODE=static|dynamic|module -D FLAGS="..." [-D EACH=ON]
#         [-D PRELUDE=hostile_macros.hpp] -D WORK=... -P check_headers.cmake
# EACH: every header in a translation unit of its own, included twice. Otherwise all in one, twice,
# with a use of them.

cmake_minimum_required(VERSION 3.25)

set(warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wold-style-cast -Werror)
set(flags_static -DNDEBUG)
set(flags_dynamic -UNDEBUG)
set(flags_module -UNDEBUG -Dsheep_EXPORTS -Dgrass_EXPORTS)
set(here ${CMAKE_CURRENT_LIST_DIR})
separate_arguments(FLAGS UNIX_COMMAND "${FLAGS}")
if(NOT DEFINED flags_${MODE})
  message(FATAL_ERROR "no such mode: '${MODE}'")
endif()
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

function(run)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C
                          ${COMPILER} -I${INCLUDE} -I${here} ${ARGN}
                  WORKING_DIRECTORY ${WORK}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT result EQUAL 0 OR NOT errors STREQUAL "")
    list(JOIN ARGN " " shown)
    message(FATAL_ERROR "${COMPILER} ${shown}\n${output}${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# What this mode reads.
file(WRITE ${WORK}/read.cpp "#include <dymod/dymod.hpp>\n#include <dymod/persistent.hpp>\n")
run(-std=c++17 ${flags_${MODE}} -M read.cpp)
string(REPLACE "\\\n" " " output "${output}")
separate_arguments(read UNIX_COMMAND "${output}")
set(headers "")
foreach(file IN LISTS read)
  if(file MATCHES "\\.hpp$")
    file(RELATIVE_PATH file ${INCLUDE} ${file})
    list(APPEND headers ${file})
  endif()
endforeach()
if(NOT MODE STREQUAL "static")
  # Static mode promises something of the headers that it reads, and nothing of the others. Those of other
  # systems are for their compilers.
  file(GLOB_RECURSE all RELATIVE ${INCLUDE} ${INCLUDE}/dymod/*.hpp)
  list(FILTER all EXCLUDE REGEX "^dymod/detail/os/")
  list(APPEND headers ${all})
  list(REMOVE_DUPLICATES headers)
endif()
if(NOT MODE STREQUAL "static" AND NOT EACH)
  # The other face of the same names; the two never meet in one translation unit.
  list(REMOVE_ITEM headers dymod/detail/declare/static.hpp)
endif()
list(LENGTH headers count)
if(count LESS 5 OR NOT "dymod/config.hpp" IN_LIST headers)
  message(FATAL_ERROR "these cannot be all headers: '${headers}'")
endif()

set(text "")
foreach(again IN ITEMS FALSE TRUE)
  foreach(header IN LISTS headers)
    if(DEFINED PRELUDE)
      string(APPEND text "#include <${PRELUDE}>\n")
    endif()
    string(APPEND text "#include <${header}>\n")
    if(EACH AND NOT again)
      string(MAKE_C_IDENTIFIER ${header} name)
      file(WRITE ${WORK}/${name}.cpp "#include <${header}>\n#include <${header}>\n")
      run(${flags_${MODE}} ${warnings} ${FLAGS} ${name}.cpp)
    endif()
  endforeach()
endforeach()
if(NOT EACH)
  string(APPEND text "#include <use.hpp>\nint main() { return use_sheep(); }\n")
  file(WRITE ${WORK}/all.cpp "${text}")
  run(${flags_${MODE}} ${warnings} ${FLAGS} all.cpp)
endif()
message(STATUS "${count} headers")
