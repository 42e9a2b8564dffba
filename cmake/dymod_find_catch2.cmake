# SPDX-License-Identifier: MIT

# Finds the test framework, version 3 or 2, and gives it one name: dymod_catch2_main, Catch2 with a main
# function. The tests include <support/catch.hpp>, which knows the two versions' headers. For dymod's own
# tests only; nothing here is for users of dymod.

option(DYMOD_FETCH_CATCH2 "Download Catch2 when no installed one is found" OFF)

find_package(Catch2 3 QUIET)
if(NOT Catch2_FOUND)
  find_package(Catch2 2 QUIET)
endif()
if(NOT Catch2_FOUND AND DYMOD_FETCH_CATCH2)
  include(FetchContent)
  FetchContent_Declare(Catch2
    GIT_REPOSITORY https://github.com/catchorg/Catch2.git
    GIT_TAG 2b60af89e23d28eefc081bc930831ee9d45ea58b)  # v3.8.1; a tag can be moved, a commit cannot
  FetchContent_MakeAvailable(Catch2)
elseif(NOT Catch2_FOUND)
  message(FATAL_ERROR "dymod's tests need Catch2, version 3 or 2, and none was found. Install it "
    "(Debian, Ubuntu: sudo apt-get install catch2; Fedora: catch2-devel; vcpkg, Homebrew: catch2), or "
    "configure with -DDYMOD_FETCH_CATCH2=ON to have it downloaded.")
endif()

# The library of an installed version 2 is made for one processor and one standard library, whatever is built here.
if(TARGET Catch2::Catch2WithMain AND Catch2_VERSION VERSION_LESS 3)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES Catch2::Catch2WithMain)
  check_cxx_source_compiles("" DYMOD_CATCH2_MAIN_LINKS)
  unset(CMAKE_REQUIRED_LIBRARIES)
else()
  set(DYMOD_CATCH2_MAIN_LINKS ON)
endif()

if(TARGET Catch2::Catch2WithMain AND DYMOD_CATCH2_MAIN_LINKS)
  add_library(dymod_catch2_main INTERFACE)
  target_link_libraries(dymod_catch2_main INTERFACE Catch2::Catch2WithMain)
  # A downloaded Catch2 is built here, and its headers would be held to dymod's warnings.
  target_include_directories(dymod_catch2_main SYSTEM INTERFACE
    $<TARGET_PROPERTY:Catch2::Catch2,INTERFACE_INCLUDE_DIRECTORIES>)
else()
  # One object for all test programs. With -O0 GNU ld takes up to a minute on it, and the compiler no less.
  add_library(dymod_catch2_main STATIC "${CMAKE_CURRENT_LIST_DIR}/../tests/support/catch_main.cpp")
  target_compile_options(dymod_catch2_main PRIVATE -O1 -g0)
  if(CMAKE_CROSSCOMPILING)
    # Its headers alone: the directory that they are in has this system's, too.
    get_target_property(catch2_include Catch2::Catch2 INTERFACE_INCLUDE_DIRECTORIES)
    file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/catch2")
    file(CREATE_LINK "${catch2_include}/catch2" "${CMAKE_CURRENT_BINARY_DIR}/catch2/catch2" SYMBOLIC)
    target_include_directories(dymod_catch2_main SYSTEM PUBLIC "${CMAKE_CURRENT_BINARY_DIR}/catch2")
  else()
    target_link_libraries(dymod_catch2_main PUBLIC Catch2::Catch2)
  endif()
endif()
