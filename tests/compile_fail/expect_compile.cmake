# SPDX-License-Identifier: MIT

# Compiles one file in several modes and judges what the compiler says. Run by ctest:
#   cmake -D COMPILER=... -D INCLUDE=... -D FILE=... [-D TWIN=...]
#         [-D REFUSED_IN=...] [-D ALLOWED_IN=...] [-D STANDARD=c++20] -P expect_compile.cmake
# In the modes of REFUSED_IN the file must be refused, with the message that its line
# "// expect: <regex>" gives; in those of ALLOWED_IN it must compile without a warning, and TWIN
# must do so in all of them. Modes are the three faces of a header with a DYMOD in it: static,
# dynamic, and module (the shared library's side of dynamic); several are separated by commas.

cmake_minimum_required(VERSION 3.25)

set(warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wold-style-cast -Werror)
set(flags_static -DNDEBUG)
set(flags_dynamic -UNDEBUG)
set(flags_module -UNDEBUG -Dsheep_EXPORTS)
if(NOT DEFINED STANDARD)
  set(STANDARD c++17)
endif()

function(compile file mode)
  if(NOT DEFINED flags_${mode})
    message(FATAL_ERROR "no such mode: '${mode}'")
  endif()
  # Options of a case stand in the case: "// flags: -DNAME=value ...".
  file(STRINGS "${file}" own_flags REGEX "^// flags: ")
  string(REGEX REPLACE "^// flags: " "" own_flags "${own_flags}")
  separate_arguments(own_flags UNIX_COMMAND "${own_flags}")
  # -fsyntax-only instantiates templates, so the assertions in thunks are seen.
  set(command ${COMPILER} -std=${STANDARD} -fsyntax-only ${warnings} ${flags_${mode}} ${own_flags}
              -I${INCLUDE} ${file})
  execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${command}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  list(JOIN command " " shown)
  set(result "${result}" PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
  set(shown "in ${mode} mode:\n${shown}\n${output}" PARENT_SCOPE)
endfunction()

function(expect_allowed file mode)
  compile(${file} ${mode})
  if(NOT result EQUAL 0 OR NOT output STREQUAL "")
    message(FATAL_ERROR "expected to compile ${shown}")
  endif()
endfunction()

function(expect_refused file mode)
  file(STRINGS "${file}" expected REGEX "^// expect: ")
  list(LENGTH expected lines)
  if(NOT lines EQUAL 1)
    message(FATAL_ERROR "${file} needs exactly one line '// expect: <regex>'")
  endif()
  string(REGEX REPLACE "^// expect: " "" expected "${expected}")
  compile(${file} ${mode})
  if(result EQUAL 0)
    message(FATAL_ERROR "expected not to compile ${shown}")
  elseif(NOT result EQUAL 1)
    message(FATAL_ERROR "the compiler itself failed (${result}) ${shown}")
  elseif(NOT output MATCHES "${expected}")
    message(FATAL_ERROR "expected the message '${expected}' ${shown}")
  endif()
endfunction()

string(REPLACE "," ";" REFUSED_IN "${REFUSED_IN}")
string(REPLACE "," ";" ALLOWED_IN "${ALLOWED_IN}")
if("${REFUSED_IN}${ALLOWED_IN}" STREQUAL "")
  message(FATAL_ERROR "nothing is expected of ${FILE}")
endif()
foreach(mode IN LISTS REFUSED_IN)
  expect_refused("${FILE}" ${mode})
endforeach()
foreach(mode IN LISTS ALLOWED_IN)
  expect_allowed("${FILE}" ${mode})
endforeach()
if(DEFINED TWIN)
  foreach(mode IN LISTS REFUSED_IN ALLOWED_IN)
    expect_allowed("${TWIN}" ${mode})
  endforeach()
endif()
