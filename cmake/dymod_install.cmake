# SPDX-License-Identifier: MIT

# What `cmake --install` puts into a prefix, which may be moved afterwards: the headers, the package for
# find_package(dymod 1 CONFIG) and the one for pkg-config. There is nothing for one processor in them.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_directory "${CMAKE_INSTALL_DATADIR}/dymod")
target_sources(dymod INTERFACE
  "$<INSTALL_INTERFACE:$<${with_runtime}:$<INSTALL_PREFIX>/${package_directory}/runtime.cpp>>")
install(TARGETS dymod EXPORT dymod FILE_SET HEADERS FILE_SET systems)
install(EXPORT dymod
  NAMESPACE dymod::
  FILE dymod-targets.cmake
  DESTINATION "${package_directory}")

write_basic_package_version_file(dymod-config-version.cmake COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(
  FILES
    LICENSE
    cmake/dymod-config.cmake
    cmake/dymod_add_module.cmake
    cmake/dymod_watch.cmake
    cmake/runtime.cpp
    "${CMAKE_CURRENT_BINARY_DIR}/dymod-config-version.cmake"
  DESTINATION "${package_directory}")

cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY "${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig" OUTPUT_VARIABLE way_to_prefix)
set(include_directory "\${prefix}")
cmake_path(APPEND include_directory "${CMAKE_INSTALL_INCLUDEDIR}")
list(TRANSFORM CMAKE_DL_LIBS PREPEND "-l" OUTPUT_VARIABLE libraries)
configure_file(cmake/dymod.pc.in dymod.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/dymod.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
