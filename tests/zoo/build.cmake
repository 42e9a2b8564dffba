# SPDX-License-Identifier: MIT

# Builds a program and a module of each group of types, as a user with all warnings on does, and
# runs it: it loads all modules and says how many kinds of types there are. Run by ctest:
#   cmake -D COMPILER=... -D INCLUDE=... -D MODE=static|dynamic -D STANDARD=c++17 -D LIBRARIES=...
#         -D LEAST=... -D EMULATOR=... -D WORK=... -P build.cmake

cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/settings.cmake)

# dymod's own, and what is likely to mind questions about types.
set(warnings
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wundef
    -Wmissing-field-initializers -Wmissing-braces -Wunused -Wdeprecated -Wdeprecated-copy
    -Wdeprecated-copy-dtor -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wcast-align
    -Wfloat-equal -Wextra-semi -Wredundant-decls -Wformat=2 -Wfloat-conversion -Wnull-dereference)
execute_process(COMMAND ${COMPILER} --version OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
if(version MATCHES "clang")
  list(APPEND warnings -Wunneeded-internal-declaration -Wunneeded-member-function
       -Wundefined-internal -Wundefined-internal-type -Wundefined-inline -Wundefined-func-template
       -Wused-but-marked-unused -Wunused-member-function -Wunused-template -Wshadow-all -Wcomma
       -Wconditional-uninitialized -Wunreachable-code -Wdeprecated-volatile)
  set(module_flags "")
else()
  list(APPEND warnings -Wvolatile -Wduplicated-cond -Wduplicated-branches -Wlogical-op
       -Wcomma-subscript -Wmismatched-tags -Wcatch-value=3
       -Wno-psabi)  # it notes that g++ 4.6 passed aligned parameters otherwise
  set(module_flags -fno-gnu-unique)
endif()
set(compile ${COMPILER} -std=${STANDARD} ${warnings} -Werror -I${INCLUDE})

set(objects "")
foreach(group IN LISTS groups)
  set(host ${compile} -DZOO_GROUP=${group} -c ${here}/host.cpp -o ${group}.o)
  set(module ${compile} -DZOO_GROUP=${group} ${here}/module.cpp)
  list(APPEND objects ${group}.o)
  if(MODE STREQUAL "dynamic")
    run(${host})
    run(${module} -shared -fPIC -fvisibility=hidden ${module_flags} -Dzoo_${group}_EXPORTS
        -o libzoo_${group}.so)
  elseif(group STREQUAL "unnamed")
    run(${host} -O2 -DNDEBUG -DZOO_ONE_UNIT)
  else()
    # Optimised: some warnings come from the optimiser only.
    run(${host} -O2 -DNDEBUG)
    run(${module} -O2 -DNDEBUG -c -o module_${group}.o)
    list(APPEND objects module_${group}.o)
  endif()
endforeach()
run(${compile} ${here}/main.cpp ${objects} ${LIBRARIES} -pthread -o host)

# News of each module that is loaded go to the second stream.
separate_arguments(EMULATOR UNIX_COMMAND "${EMULATOR}")
execute_process(COMMAND ${EMULATOR} ./host WORKING_DIRECTORY ${WORK} RESULT_VARIABLE result
                OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(NOT result EQUAL 0 OR NOT output MATCHES "^([0-9]+) kinds of types\n$"
   OR CMAKE_MATCH_1 LESS LEAST)
  message(FATAL_ERROR "${result}\n${output}${errors}at least ${LEAST} are expected")
endif()
string(STRIP "${output}" output)
message(STATUS "${output}")
