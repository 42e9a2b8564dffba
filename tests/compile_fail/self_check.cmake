# SPDX-License-Identifier: MIT

# Checks the harness before anything is believed of it: expect_compile.cmake must report what is
# wrong as wrong, and every case on disk must be registered (a forgotten one would pass for ever).
#   cmake -D COMPILER=... -D INCLUDE=... -D CASES=a,b,... -D FOLDER=... -P self_check.cmake

cmake_minimum_required(VERSION 3.25)

# Runs the harness; `words` is what it must report, "" if nothing.
function(harness words)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -D COMPILER=${COMPILER} -D INCLUDE=${INCLUDE} ${ARGN} -P
            ${FOLDER}/expect_compile.cmake
    WORKING_DIRECTORY ${FOLDER}/self_check
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  # cmake breaks its messages into lines of its own choice.
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  if(words STREQUAL "")
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "harness, ${ARGN}: nothing is wrong, reported was: ${output}")
    endif()
  elseif(result EQUAL 0 OR NOT output MATCHES "${words}")
    message(FATAL_ERROR "harness, ${ARGN}: '${words}' is wrong, reported was: '${output}'")
  endif()
endfunction()

harness("" -D FILE=error.cpp -D REFUSED_IN=static)
harness("expected to compile" -D FILE=error.cpp -D ALLOWED_IN=static)
harness("expected the message" -D FILE=wrong_message.cpp -D REFUSED_IN=static)
harness("" -D FILE=no_error.cpp -D ALLOWED_IN=static)
harness("expected not to compile" -D FILE=no_error.cpp -D REFUSED_IN=static)
harness("expected to compile" -D FILE=warning.cpp -D ALLOWED_IN=static)
harness("exactly one line" -D FILE=no_expectation.cpp -D REFUSED_IN=static)
harness("expected to compile" -D FILE=error.cpp -D REFUSED_IN=static -D TWIN=error.cpp)
harness("" -D FILE=error.cpp -D REFUSED_IN=static -D TWIN=no_error.cpp)
harness("" -D FILE=mode.cpp -D REFUSED_IN=dynamic -D ALLOWED_IN=static,module)
harness("expected not to compile in static" -D FILE=mode.cpp -D REFUSED_IN=dynamic,static)
harness("expected to compile in dynamic" -D FILE=mode.cpp -D ALLOWED_IN=static,dynamic)
harness("no such mode" -D FILE=no_error.cpp -D ALLOWED_IN=sttaic)
harness("nothing is expected" -D FILE=no_error.cpp)

string(REPLACE "," ";" CASES "${CASES}")
file(GLOB on_disk RELATIVE ${FOLDER} ${FOLDER}/*.cpp)
foreach(file IN LISTS on_disk)
  string(REGEX REPLACE "\\.(fail|ok)\\.cpp$" "" name "${file}")
  if(NOT name IN_LIST CASES)
    message(FATAL_ERROR "${file} is not registered in ${FOLDER}/CMakeLists.txt")
  endif()
endforeach()
