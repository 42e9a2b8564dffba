# SPDX-License-Identifier: MIT

# What the scripts of this folder have in common.

set(here ${CMAKE_CURRENT_LIST_DIR})
set(groups members classes templates incomplete standard unnamed)
separate_arguments(LIBRARIES UNIX_COMMAND "${LIBRARIES}")
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

# Runs a command that must succeed and say nothing on its second stream: no warning either.
function(run)
  list(JOIN ARGN " " shown)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${ARGN} WORKING_DIRECTORY ${WORK}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT result EQUAL 0 OR NOT errors STREQUAL "")
    message(FATAL_ERROR "${shown}\n${result}\n${output}${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()
