# SPDX-License-Identifier: MIT

# Headers define nothing twice: a host and a module of two translation units each, with different
# policies, are built, linked with all symbols looked at, and run. Run by ctest:
#   cmake -D COMPILER=... -D INCLUDE=... -D MODE=static|dynamic|separate -D LIBRARIES=... -D EMULATOR=...
#         -D WORK=... -P link_two_units.cmake
# separate: as dynamic, but one unit of each only declares the runtime, which is there three times: in
# the other unit, and twice by itself, as when a program and a static library of it both bring it.

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
if(MODE STREQUAL "separate")
  # Without an interval, names are the same in all units of one policy; it may be written in any way.
  set(policy_second "-DDYMOD_AUTO_RELOAD=(2 - 1)" -DDYMOD_CHECK_INTERVAL_MS=0u)
endif()

if(MODE STREQUAL "static")
  list(APPEND compile -DNDEBUG)
  set(objects "")
  foreach(unit IN ITEMS first second)
    run(${compile} ${policy_${unit}} -c ${here}/${unit}.cpp -o ${unit}.o)
    run(${compile} ${policy_${unit}} -c ${here}/module_${unit}.cpp -o module_${unit}.o)
    list(APPEND objects ${unit}.o module_${unit}.o)
  endforeach()
  run(${COMPILER} ${objects} -o host)
elseif(MODE STREQUAL "separate")
  set(separate -DDYMOD_SEPARATE_RUNTIME=1)
  set(runtime ${INCLUDE}/../cmake/runtime.cpp)
  foreach(part IN ITEMS host module)
    set(flags_host "")
    set(flags_module -fPIC -Dsheep_EXPORTS)
    foreach(again IN ITEMS 1 2)
      run(${compile} ${flags_${part}} ${separate} -c ${runtime} -o ${part}_runtime${again}.o)
    endforeach()
  endforeach()
  run(${compile} ${policy_first} ${separate} -c ${here}/first.cpp -o first.o)
  run(${compile} ${policy_second} -c ${here}/second.cpp -o second.o)
  run(${compile} ${flags_module} -c ${here}/module_first.cpp -o module_first.o)
  run(${compile} ${flags_module} ${separate} -c ${here}/module_second.cpp -o module_second.o)
  run(${COMPILER} -shared module_first.o module_second.o module_runtime1.o module_runtime2.o -o
      libsheep.so)
  run(${COMPILER} first.o second.o host_runtime1.o host_runtime2.o -o host ${LIBRARIES})
  # And no unit brings it.
  run(${compile} ${policy_second} ${separate} -c ${here}/second.cpp -o second.o)
  run(${COMPILER} first.o second.o host_runtime1.o -o host ${LIBRARIES})
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
