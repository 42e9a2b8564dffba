# SPDX-License-Identifier: MIT

# Writes the records that one compiler makes of all types to a file. Run by ctest:
#   cmake -D COMPILER=... -D INCLUDE=... -D STANDARD=c++17 -D FILE=... -D WORK=... -P print_records.cmake

cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/settings.cmake)

file(WRITE ${FILE} "")
foreach(group IN LISTS groups)
  run(${COMPILER} -std=${STANDARD} -w -I${INCLUDE} -DZOO_GROUP=${group} ${here}/records.cpp -o ${group})
  run(./${group})
  file(APPEND ${FILE} "${output}")
endforeach()
