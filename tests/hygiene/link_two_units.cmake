# SPDX-License-Identifier: MIT

# Headers define nothing twice: a host and a module of two translation units each, with different
# policies, are built, linked with all symbols looked at, and run. Run by ctest:
#   cmake -D COMPILER=... -D INCLUDE=... -D MODE=static|dynamic -D LIBRARIES=... -D EMULATOR=...
#         -D WORK=... -P link_two_units.cmake

cmake_minimum_required(VERSION 3.25)

set(here ${CMAKE_CURRENT_LIST_DIR}/link)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

function(run)
  list(JOIN ARGN " " shown)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${ARGN} WORKING_DIRECTORY ${WORK}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${shown}\n${result}\n${output}")
  endif()
endfunction()

set(compile ${COMPILER} -std=c++17 -I${INCLUDE})
set(policy_first -DDYMOD_AUTO_RELOAD=0)
set(policy_second -DDYMOD_AUTO_RELOAD=1 -DDYMOD_CHECK_INTERVAL_MS=5)

if(MODE STREQUAL "static")
  list(APPEND compile -DNDEBUG)
  set(objects "")
  foreach(unit IN ITEMS first second)
    run(${compile} ${policy_${unit}} -c ${here}/${unit}.cpp -o ${unit}.o)
    run(${compile} ${policy_${unit}} -c ${here}/module_${unit}.cpp -o module_${unit}.o)
    list(APPEND objects ${unit}.o module_${unit}.o)
  endforeach()
  run(${COMPILER} ${objects} -o host)
else()
  list(APPEND compile -UNDEBUG)
  foreach(unit IN ITEMS first second)
    run(${compile} ${policy_${unit}} -c ${here}/${unit}.cpp -o ${unit}.o)
    run(${compile} -fPIC -Dsheep_EXPORTS -c ${here}/module_${unit}.cpp -o module_${unit}.o)
  endforeach()
  run(${COMPILER} -shared module_first.o module_second.o -o libsheep.so)
  run(${COMPILER} first.o second.o -o host ${LIBRARIES})
endif()
separate_arguments(EMULATOR UNIX_COMMAND "${EMULATOR}")
run(${EMULATOR} ./host)
