# SPDX-License-Identifier: MIT

# Runs the port without vcpkg, which is not here: its functions, as far as the port uses them.
#   cmake -D PORT_DIRECTORY=... -D WORK=... -P vcpkg.cmake

cmake_minimum_required(VERSION 3.23)

file(READ "${PORT_DIRECTORY}/vcpkg.json" manifest)
string(JSON PORT GET "${manifest}" name)
string(JSON VERSION GET "${manifest}" version)
set(CURRENT_PACKAGES_DIR "${WORK}/packages")

function(run)
  execute_process(COMMAND ${CMAKE_COMMAND} ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 this "" "SOURCE_PATH" "OPTIONS")
  run(-S "${this_SOURCE_PATH}" -B "${WORK}/build" -G Ninja -DCMAKE_BUILD_TYPE=Release --warn-uninitialized
    "-DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}" -DCMAKE_ERROR_ON_ABSOLUTE_INSTALL_DESTINATION=ON
    ${this_OPTIONS})
endfunction()

function(vcpkg_cmake_install)
  run(--build "${WORK}/build" --target install)
endfunction()

# The real one moves the package there, and changes what it says of its prefix.
function(vcpkg_cmake_config_fixup)
  if(ARGC GREATER 0 OR NOT EXISTS "${CURRENT_PACKAGES_DIR}/share/${PORT}/${PORT}-config.cmake")
    message(FATAL_ERROR "the package for CMake is not in share/${PORT}")
  endif()
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 this "" "" "FILE_LIST")
  file(COPY_FILE ${this_FILE_LIST} "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright")
endfunction()

include("${PORT_DIRECTORY}/portfile.cmake")

if(NOT VCPKG_BUILD_TYPE STREQUAL "release")
  message(FATAL_ERROR "the port is built twice")
endif()
file(STRINGS "${CURRENT_PACKAGES_DIR}/share/dymod/dymod-config-version.cmake" version REGEX "\"${VERSION}\"")
if(NOT version)
  message(FATAL_ERROR "vcpkg.json has the version ${VERSION}, and dymod another")
endif()
