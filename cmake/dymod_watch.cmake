# SPDX-License-Identifier: MIT

# What the target dymod_watch runs until Ctrl-C: builds the modules whenever a source file of theirs is saved, or a
# header that they include. dymod_add_module() writes down of what the modules are made; which headers that includes
# the build system knows, and is asked after each build.
#
#   cmake -D PROJECT=<the file that dymod_add_module() has written> -P dymod_watch.cmake
#
# It runs inside a build of the same directory and starts others there. That is safe as long as the outer one does
# nothing but wait: dymod_watch depends on nothing.

cmake_minimum_required(VERSION 3.23)

# What a make tells those that it starts; the builds that are started here are no part of it.
foreach(variable IN ITEMS MAKEFLAGS MFLAGS MAKELEVEL NINJA_STATUS)
  unset(ENV{${variable}})
endforeach()

function(say text)
  message(NOTICE "dymod_watch: ${text}")
endfunction()

# Of all files as a list: microseconds, or "missing".
function(get_stamps result)
  set(stamps)
  foreach(file IN LISTS ARGN)
    file(TIMESTAMP "${file}" stamp "%s%f")
    if(NOT stamp)
      set(stamp "missing")
    endif()
    list(APPEND stamps ${stamp})
  endforeach()
  set(${result} "${stamps}" PARENT_SCOPE)
endfunction()

# ----- What there is to watch

# Sets modules, libraries, is_dynamic, binary_directory, configuration, ninja, ignored_directories, sources and objects.
macro(read_project)
  set(sources)
  set(objects)
  include("${PROJECT}")
endmacro()

# For the lines of that file: a target that modules are made of.
macro(dymod_watch_target directory target_sources target_objects)
  foreach(source IN ITEMS ${target_sources})
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${directory}" NORMALIZE)
    list(APPEND sources "${source}")
  endforeach()
  foreach(object IN ITEMS ${target_objects})
    cmake_path(NORMAL_PATH object)
    list(APPEND objects "${object}")
  endforeach()
endmacro()

# Sets the variable files_<object> for each object file.
function(read_dependencies)
  foreach(object IN LISTS objects)
    set("files_${object}")
  endforeach()
  if(ninja)
    read_ninja_log()
  endif()
  foreach(object IN LISTS objects)
    # Ninja takes the compiler's notes over and removes them, but only if there were no errors.
    if(EXISTS "${object}.d")
      read_compiler_notes("${object}.d" noted)
      list(APPEND "files_${object}" ${noted})
    endif()
    set(files)
    foreach(file IN LISTS "files_${object}")
      cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${binary_directory}" NORMALIZE)
      list(APPEND files "${file}")
    endforeach()
    set("files_${object}" "${files}" PARENT_SCOPE)
  endforeach()
endfunction()

macro(read_ninja_log)
  set(names)
  foreach(object IN LISTS objects)
    file(RELATIVE_PATH name "${binary_directory}" "${object}")
    list(APPEND names "${name}")
  endforeach()
  execute_process(COMMAND ${ninja} -t deps ${names} OUTPUT_VARIABLE lines ERROR_QUIET)
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line IN LISTS lines)
    if(line MATCHES "^    (.*)")
      list(APPEND "files_${object}" "${CMAKE_MATCH_1}")
    elseif(line MATCHES "^(.*): #deps ")
      set(object "${binary_directory}/${CMAKE_MATCH_1}")
    endif()
  endforeach()
endmacro()

# A rule of a makefile, "sheep.o: sheep.cpp a\ name\ with\ spaces.hpp", in lines that end in backslashes.
function(read_compiler_notes file result)
  file(READ "${file}" files)
  string(REGEX REPLACE "\\\\\r?\n" " " files "${files}")
  string(REGEX REPLACE "^.*[.]o(bj)?: " "" files "${files}")
  string(REPLACE "\\ " "\n" files "${files}")
  string(REGEX REPLACE "[ \r]+|\n$" ";" files "${files}")
  string(REPLACE "\n" " " files "${files}")
  string(REPLACE "\\#" "#" files "${files}")
  string(REPLACE "$$" "$" files "${files}")
  list(REMOVE_ITEM files "")
  set(${result} "${files}" PARENT_SCOPE)
endfunction()

# While a build is broken, the files beside the known ones count as well: one of them may be what was missing. The
# names that editors give to temporary files are others.
function(find_neighbours result)
  set(neighbours)
  foreach(directory IN LISTS directories)
    foreach(suffix IN ITEMS h hh hpp hxx inc inl ipp tpp)
      file(GLOB found LIST_DIRECTORIES FALSE "${directory}/*.${suffix}")
      list(APPEND neighbours ${found})
    endforeach()
  endforeach()
  set(${result} "${neighbours}" PARENT_SCOPE)
endfunction()

# Sets files and stamps: what is to be watched, and when it was saved; and directories: where that is. What was known
# already keeps its stamp, so that it is a changed file if it was saved during the build.
macro(look_around begin is_broken)
  read_dependencies()
  set(found ${sources})
  foreach(object IN LISTS objects)
    list(APPEND found ${files_${object}})
  endforeach()
  if(${is_broken})
    list(APPEND found ${files})  # a file that could not be compiled may have lost its list
  endif()
  list(REMOVE_DUPLICATES found)
  foreach(directory IN LISTS ignored_directories)
    string(REGEX REPLACE "([^A-Za-z0-9/_-])" "[\\1]" directory "${directory}")
    list(FILTER found EXCLUDE REGEX "^${directory}/")
  endforeach()

  set(directories)
  foreach(file IN LISTS found)
    cmake_path(GET file PARENT_PATH directory)
    list(APPEND directories "${directory}")
  endforeach()
  list(REMOVE_DUPLICATES directories)
  if(${is_broken})
    find_neighbours(neighbours)
    list(APPEND found ${neighbours})
    list(REMOVE_DUPLICATES found)
  endif()

  set(found_stamps)
  foreach(file IN LISTS found)
    list(FIND files "${file}" position)
    if(position GREATER_EQUAL 0)
      list(GET stamps ${position} stamp)
    else()
      get_stamps(stamp "${file}")
      if(stamp GREATER ${begin})
        set(stamp "saved during the build")
      endif()
    endif()
    list(APPEND found_stamps "${stamp}")
  endforeach()
  set(files ${found})
  set(stamps ${found_stamps})
endmacro()

# ----- Waiting

# A shell's sleep is a small program, CMake's is CMake. More files are looked at less often, so that an idle watch
# takes about as much of a processor, whatever the number of files.
function(nap milliseconds)
  math(EXPR seconds "${milliseconds} / 1000")
  math(EXPR fraction "${milliseconds} % 1000 + 1000")
  string(SUBSTRING ${fraction} 1 3 fraction)
  execute_process(COMMAND ${sleep} ${seconds}.${fraction})
endfunction()

# Until it is time to look again. inotifywait only makes the wait shorter: it misses what happens while it is not
# running, and on some file systems everything.
macro(pause)
  if(inotifywait AND quick_looks EQUAL 0)
    execute_process(
      COMMAND "${inotifywait}" -qq -t 1 -e close_write,moved_to,create,delete ${directories}
      RESULT_VARIABLE result
      ERROR_QUIET)
    if(NOT result EQUAL 2)  # something has happened: often the first of several things; or a directory is gone
      set(quick_looks 5)
    endif()
  else()
    list(LENGTH files milliseconds)
    math(EXPR milliseconds "${shortest_nap} + ${milliseconds} / 3")
    nap(${milliseconds})
    if(quick_looks GREATER 0)
      math(EXPR quick_looks "${quick_looks} - 1")
    endif()
  endif()
endmacro()

function(find_changes result)
  get_stamps(now ${files})
  set(changed)
  if(NOT now STREQUAL stamps)
    foreach(file stamp stamp_now IN ZIP_LISTS files stamps now)
      if(NOT stamp STREQUAL stamp_now)
        list(APPEND changed "${file}")
      endif()
    endforeach()
  endif()
  if(is_broken)
    find_neighbours(neighbours)
    list(REMOVE_ITEM neighbours ${files})
    list(APPEND changed ${neighbours})
  endif()
  set(${result} "${changed}" PARENT_SCOPE)
endfunction()

# Sets changed. Editors empty a file before they write it, or rename it before they write another: what was changed
# is left alone until nothing more happens to it.
macro(wait_for_changes)
  find_changes(changed)
  while(NOT changed)
    pause()
    find_changes(changed)
  endwhile()
  get_stamps(now ${files})
  set(before)
  while(NOT now STREQUAL before)
    set(before ${now})
    nap(50)
    get_stamps(now ${files})
  endwhile()
  find_changes(changed)
  set(stamps ${now})
endmacro()

# ----- Building

# A make takes what was saved while it was being compiled for compiled, and an older file that was moved here, too.
function(remove_outdated_objects)
  foreach(object IN LISTS objects)
    foreach(file IN LISTS changed)
      if(file IN_LIST "files_${object}")
        file(REMOVE "${object}")
      endif()
    endforeach()
  endforeach()
endfunction()

# Sets is_broken; says the compiler's words, and one line.
function(build reason)
  get_stamps(before ${libraries})
  string(TIMESTAMP begin "%s%f")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" --build "${binary_directory}" --config "${configuration}" --target ${modules}
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output
    RESULT_VARIABLE result)
  string(TIMESTAMP end "%s%f")
  get_stamps(after ${libraries})

  # What is left are the compiler's words, and what they are about.
  set(chatter "\\[ *[0-9]+[%/]|Consolidate compiler|ninja: (build stopped|no work)|[a-z0-9-]*make(\\[[0-9]+\\])?: [*]")
  string(REGEX REPLACE "(^|\n)(${chatter})[^\n]*" "" output "${output}")
  string(REGEX REPLACE "(\nFAILED: [^\n]*)\n[^\n]*" "\\1" output "${output}")
  string(STRIP "${output}" output)
  if(output)
    message(NOTICE "${output}")
  endif()

  set(built)
  foreach(module stamp_before stamp_after IN ZIP_LISTS modules before after)
    if(NOT stamp_before STREQUAL stamp_after)
      list(APPEND built ${module})
    endif()
  endforeach()
  list(JOIN built ", " answer)
  if(NOT result EQUAL 0)
    set(answer "not built")
  elseif(built)
    string(APPEND answer " built")
  else()
    set(answer "nothing to build")
  endif()
  math(EXPR milliseconds "(${end} - ${begin}) / 1000")
  say("${reason}: ${answer}, ${milliseconds} ms")

  string(COMPARE NOTEQUAL "${result}" "0" is_broken)
  set(is_broken ${is_broken} PARENT_SCOPE)
  set(begin ${begin} PARENT_SCOPE)
endfunction()

function(describe_changes result)
  set(names)
  foreach(file IN LISTS changed)
    cmake_path(GET file FILENAME name)
    list(APPEND names "${name}")
  endforeach()
  list(LENGTH names count)
  if(count GREATER 3)
    list(SUBLIST names 0 3 names)
    list(APPEND names "...")
  endif()
  list(JOIN names ", " names)
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

# ----- The loop

find_program(inotifywait inotifywait)
set(quick_looks 0)
set(shortest_nap 100)
find_program(sleep sleep)
if(sleep)
  execute_process(COMMAND "${sleep}" 0.001 RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
endif()
if(NOT sleep OR NOT result EQUAL 0)
  set(sleep "${CMAKE_COMMAND}" -E sleep)
  set(shortest_nap 150)
endif()

read_project()
if(NOT is_dynamic)
  message(FATAL_ERROR "dymod_watch: in this build (${configuration}) modules are a part of the program, and nothing that "
    "runs would change; watch one that is configured with -DCMAKE_BUILD_TYPE=Debug")
endif()
if(inotifywait)
  say("inotifywait tells of changes")
else()
  say("looks for changes")
endif()
set(files)
set(stamps)
build("started")
while(TRUE)
  # The build may have run CMake.
  set(built_modules ${modules})
  read_project()
  look_around(${begin} ${is_broken})
  if(NOT modules STREQUAL built_modules)
    build("other modules")
    continue()
  endif()
  wait_for_changes()
  if(changed)
    remove_outdated_objects()
    describe_changes(reason)
    build("${reason}")
  endif()
endwhile()
