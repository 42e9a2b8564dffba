# SPDX-License-Identifier: MIT

# An overlay port: the sources are the copy of dymod that this file is in.
#   vcpkg install dymod --overlay-ports=dymod/packaging/vcpkg

set(VCPKG_BUILD_TYPE release)  # the same headers for debug
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DDYMOD_BUILD_TESTS=OFF -DDYMOD_BUILD_EXAMPLES=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup()
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
