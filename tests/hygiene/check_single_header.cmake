# SPDX-License-Identifier: MIT

# The single header says to the compiler what include/ says, and is what the script makes of it.
#   cmake -D COMPILER=... -D MODES="..." -D SOURCE=... [-D PYTHON=...] -D WORK=... -P check_single_header.cmake
# MODES: a macro that is defined, for each.

cmake_minimum_required(VERSION 3.25)

set(cure "run packaging/single_header.py")
file(REMOVE_RECURSE ${WORK})
file(WRITE ${WORK}/use.cpp
  "#include \"all.hpp\"\nDYMOD(sheep, (count, int(int)))\nDYMOD_PERSISTENT(int, counted);\n")

# In the order of the script.
file(STRINGS ${SOURCE}/packaging/single_header.py names REGEX "^    \"dymod/.*\\.hpp\",$")
list(TRANSFORM names REPLACE "^    \"(.*)\",$" "#include <\\1>\n")
list(JOIN names "" includes)
file(WRITE ${WORK}/folder/all.hpp "${includes}")
file(WRITE ${WORK}/single/all.hpp "#include <dymod.hpp>\n")

separate_arguments(MODES)
foreach(mode IN LISTS MODES)
  foreach(kind IN ITEMS folder single)
    execute_process(COMMAND ${COMPILER} -std=c++17 -E -P -D${mode}
                            -I${WORK}/${kind} -I${SOURCE}/include -I${SOURCE}/single_include use.cpp
                    WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE ${kind} COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX REPLACE "\n+" "\n" ${kind} "${${kind}}")  # clang++ has an empty line where a file ends
  endforeach()
  if(folder MATCHES "DYMOD\\(sheep")
    message(FATAL_ERROR "with ${mode} there is no DYMOD: the question was wrong")
  endif()
  if(NOT folder STREQUAL single)
    file(WRITE ${WORK}/folder.ii "${folder}")
    file(WRITE ${WORK}/single.ii "${single}")
    message(FATAL_ERROR "with ${mode} the single header says something else, see ${WORK}/*.ii; ${cure}")
  endif()
endforeach()

if(PYTHON)
  execute_process(COMMAND ${PYTHON} ${SOURCE}/packaging/single_header.py ${WORK}/dymod.hpp COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${WORK}/dymod.hpp ${SOURCE}/single_include/dymod.hpp
                  RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "single_include/dymod.hpp is not up to date: ${cure}")
  endif()
endif()
