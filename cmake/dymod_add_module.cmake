# SPDX-License-Identifier: MIT

# dymod_add_module(<name> <source>...): a module as a target. Where the flags make modules dynamic, <name> is
# a MODULE library that the running host swaps; where they make them static, a STATIC library; with a
# generator that has both kinds of configurations, a MODULE library with a STATIC twin. In all of them:
#
#   target_link_libraries(<name> PRIVATE fmt::fmt)      the module's own needs, as for any library
#   target_link_libraries(app PRIVATE dymod::<name>)    the host (or another module) calls the module
#
# Nothing that belongs to the including project is changed. Included by dymod's CMakeLists.txt and by the installed
# dymod-config.cmake; runtime.cpp is beside this file in both places.

include_guard(GLOBAL)

function(dymod_add_module name)
  set(sources ${ARGN})
  if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "dymod_add_module: '${name}' cannot be the name of a C++ namespace; use the name "
      "that the header gives to DYMOD(...)")
  endif()
  if(name STREQUAL "watch")
    message(FATAL_ERROR "dymod_add_module: no module can be named 'watch': dymod_watch is the target that rebuilds all "
      "of them whenever they are saved; give the module another name, in the header too")
  endif()
  if(NOT sources)
    message(FATAL_ERROR "dymod_add_module: module '${name}' has no source files; "
      "write dymod_add_module(${name} ${name}.cpp)")
  endif()
  if(ARGV1 MATCHES "^(STATIC|SHARED|MODULE|OBJECT|INTERFACE|SOURCES)$")
    message(FATAL_ERROR "dymod_add_module: '${ARGV1}' is no source file of module '${name}', whose kind of library follows "
      "from the configuration; write dymod_add_module(${name} ${name}.cpp)")
  endif()
  foreach(target IN ITEMS ${name} dymod::${name} dymod_${name} dymod_${name}_static)
    if(TARGET ${target})
      message(FATAL_ERROR "dymod_add_module: there is a target '${target}' already, so '${name}' cannot be "
        "added; give the module another name, in the header too")
    endif()
  endforeach()

  _dymod_sort_configurations(dynamic_configurations static_configurations)
  if(NOT static_configurations)
    set(dynamic 1)
    set(static 0)
  elseif(NOT dynamic_configurations)
    set(dynamic 0)
    set(static 1)
  else()
    list(JOIN dynamic_configurations "," dynamic_configurations)
    set(dynamic "$<CONFIG:${dynamic_configurations}>")
    set(static "$<NOT:${dynamic}>")
  endif()

  # What users link: the one name that exists whatever kind of target the module is.
  add_library(dymod_${name} INTERFACE)
  add_library(dymod::${name} ALIAS dymod_${name})

  # The answer is passed on so that the header comes to the same one, whatever flags a single target adds
  # (a module optimised with -O2 -DNDEBUG in a debug program; a host somewhere else in the tree).
  set(mode_definition "$<IF:${dynamic},DYMOD_FORCE_DYNAMIC,DYMOD_FORCE_STATIC>")
  target_compile_definitions(dymod_${name} INTERFACE "${mode_definition}")
  target_link_libraries(dymod_${name} INTERFACE dymod::dymod)

  if(dynamic STREQUAL "0")
    add_library(${name} STATIC ${sources})
    target_link_libraries(dymod_${name} INTERFACE ${name})
  else()
    add_library(${name} MODULE ${sources})
    _dymod_set_module_flags(${name} "${dynamic}")
    target_compile_definitions(dymod_${name} INTERFACE
      "$<${dynamic}:DYMOD_PATH_${name}=\"$<TARGET_FILE:${name}>\">")

    # CMake links nothing to a MODULE library, and rightly: the host does not link it. It is to be built
    # whenever the host is, and what the user declared PUBLIC on it is to reach the host. Modules do not wait
    # for each other: they may call each other in a circle, which CMake takes for static libraries only.
    add_library(dymod_${name}_order INTERFACE)
    add_dependencies(dymod_${name}_order ${name})
    set_target_properties(${name} PROPERTIES DYMOD_IS_MODULE ON)
    set(is_module "$<BOOL:$<TARGET_PROPERTY:DYMOD_IS_MODULE>>")
    target_link_libraries(dymod_${name} INTERFACE "$<$<AND:${dynamic},$<NOT:${is_module}>>:dymod_${name}_order>")
    _dymod_forward_usage_requirements(${name} dymod_${name})

    if(NOT static STREQUAL "0")
      _dymod_add_static_twin(${name} "${dynamic}" "${static}")
      target_link_libraries(dymod_${name} INTERFACE "$<${static}:dymod_${name}_static>")
    endif()
  endif()
  target_compile_definitions(${name} PRIVATE "${mode_definition}")
  target_link_libraries(${name} PRIVATE dymod::dymod)
  set_target_properties(${name} PROPERTIES DYMOD_IS_DYNAMIC "${dynamic}")

  # At the end of all, when every target has what it links.
  get_property(modules GLOBAL PROPERTY DYMOD_MODULES)
  if(NOT modules)
    cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _dymod_refuse_bare_links "${CMAKE_SOURCE_DIR}")
    cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _dymod_order_modules)
    cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _dymod_add_watch)
  endif()
  set_property(GLOBAL APPEND PROPERTY DYMOD_MODULES ${name})
endfunction()

# dymod's own source file is compiled by itself, without what a user's other sources or precompiled headers
# define; in programs optimised whatever the build is, because a part of it runs at each call (Microsoft's
# compiler cannot do that together with its checks at run time); and not at all for a target that is written in C.
function(_dymod_place_runtime directory runtime)
  set_source_files_properties("${runtime}" DIRECTORY "${directory}" PROPERTIES
    COMPILE_OPTIONS "$<$<NOT:$<OR:$<CXX_COMPILER_ID:MSVC>,$<BOOL:$<TARGET_PROPERTY:DYMOD_IS_MODULE>>>>:-O2>"
    SKIP_UNITY_BUILD_INCLUSION ON
    SKIP_PRECOMPILE_HEADERS ON)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_property(is_known TARGET ${target} PROPERTY DYMOD_WITHOUT_RUNTIME SET)
    if(NOT is_known)
      _dymod_find_language(${target} "${directory}")
    endif()
  endforeach()
  get_property(subdirectories DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(subdirectory IN LISTS subdirectories)
    _dymod_place_runtime("${subdirectory}" "${runtime}")
  endforeach()
endfunction()

function(_dymod_find_language target directory)
  get_property(sources TARGET ${target} PROPERTY SOURCES)
  set(is_c OFF)
  if(sources)
    set(is_c ON)
  endif()
  foreach(source IN LISTS sources)
    get_source_file_property(language "${source}" DIRECTORY "${directory}" LANGUAGE)
    if(language STREQUAL "CXX" OR NOT source MATCHES "\\.([cmsSh]|asm)$")
      set(is_c OFF)
    endif()
  endforeach()
  set_property(TARGET ${target} PROPERTY DYMOD_WITHOUT_RUNTIME ${is_c})
endfunction()

# A target that links the module itself would have its own copy of the functions in a static build, and is an
# error of CMake's, in words about library types, in a dynamic one.
function(_dymod_refuse_bare_links directory)
  get_property(modules GLOBAL PROPERTY DYMOD_MODULES)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_property(linked TARGET ${target} PROPERTY LINK_LIBRARIES)
    get_property(passed_on TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES)
    foreach(module IN LISTS modules)
      if("${module}" IN_LIST linked OR ("${module}" IN_LIST passed_on AND NOT target STREQUAL "dymod_${module}"))
        message(FATAL_ERROR "dymod_add_module: target '${target}' links '${module}', which is a module: debug "
          "builds load it and cannot link it. Link dymod::${module} in its place")
      endif()
    endforeach()
  endforeach()
  get_property(subdirectories DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(subdirectory IN LISTS subdirectories)
    _dymod_refuse_bare_links("${subdirectory}")
  endforeach()
endfunction()

# Whoever calls a module has the modules built that it calls in turn.
function(_dymod_order_modules)
  get_property(modules GLOBAL PROPERTY DYMOD_MODULES)
  foreach(module IN LISTS modules)
    set(called "${module}")
    set(next "${module}")
    while(next)
      list(POP_FRONT next current)
      get_property(linked TARGET ${current} PROPERTY LINK_LIBRARIES)
      foreach(other IN LISTS modules)
        if(NOT other IN_LIST called AND "${linked}" MATCHES "dymod(::|_)${other}([^A-Za-z0-9_]|$)")
          list(APPEND called ${other})
          list(APPEND next ${other})
        endif()
      endforeach()
    endwhile()
    if(TARGET dymod_${module}_order)
      add_dependencies(dymod_${module}_order ${called})
    endif()
  endforeach()
endfunction()

# The target dymod_watch. For its script is written down of what the modules are made, in each configuration.
function(_dymod_add_watch)
  get_property(modules GLOBAL PROPERTY DYMOD_MODULES)
  _dymod_find_parts("${modules}" parts)
  set(libraries)
  set(is_dynamic)
  set(lists "${CMAKE_SOURCE_DIR}/CMakeLists.txt")
  foreach(module IN LISTS modules)
    list(APPEND libraries "$<TARGET_FILE:${module}>")
    get_target_property(dynamic ${module} DYMOD_IS_DYNAMIC)
    list(APPEND is_dynamic "${dynamic}")
    get_target_property(directory ${module} SOURCE_DIR)
    list(APPEND lists "${directory}/CMakeLists.txt")
  endforeach()
  list(JOIN is_dynamic "," is_dynamic)
  set(ninja "")
  if(CMAKE_GENERATOR MATCHES "^Ninja")
    set(ninja "${CMAKE_MAKE_PROGRAM};-C;${CMAKE_BINARY_DIR}")
    if(CMAKE_GENERATOR STREQUAL "Ninja Multi-Config")
      list(APPEND ninja -f "build-$<CONFIG>.ninja")
    endif()
  endif()

  # The compiler's, and where nobody saves anything but the build.
  set(ignored_directories)
  foreach(language IN ITEMS C CXX)
    if(DEFINED CMAKE_${language}_IMPLICIT_INCLUDE_DIRECTORIES)
      list(APPEND ignored_directories ${CMAKE_${language}_IMPLICIT_INCLUDE_DIRECTORIES})
    endif()
  endforeach()
  cmake_path(IS_PREFIX CMAKE_BINARY_DIR "${CMAKE_SOURCE_DIR}" has_sources)
  if(NOT has_sources)
    list(APPEND ignored_directories "${CMAKE_BINARY_DIR}")
  endif()
  string(CONCAT content
    "set(modules \"${modules}\")\n"
    "set(libraries \"${libraries}\")\n"
    "set(is_dynamic $<OR:${is_dynamic}>)\n"
    "set(binary_directory \"${CMAKE_BINARY_DIR}\")\n"
    "set(configuration \"$<CONFIG>\")\n"
    "set(ninja \"${ninja}\")\n"
    "set(ignored_directories \"${ignored_directories}\")\n"
    "dymod_watch_target(\"${CMAKE_SOURCE_DIR}\" \"${lists}\" \"\")\n")
  foreach(part IN LISTS parts)
    get_target_property(directory ${part} SOURCE_DIR)
    string(APPEND content
      "dymod_watch_target(\"${directory}\" \"$<TARGET_PROPERTY:${part},SOURCES>\" \"$<TARGET_OBJECTS:${part}>\")\n")
  endforeach()
  file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/CMakeFiles/dymod_watch.$<CONFIG>.cmake" CONTENT "${content}")

  add_custom_target(dymod_watch
    COMMAND "${CMAKE_COMMAND}" -D "PROJECT=${CMAKE_BINARY_DIR}/CMakeFiles/dymod_watch.$<CONFIG>.cmake"
      -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/dymod_watch.cmake"
    COMMENT "Building the modules whenever they are saved; Ctrl-C ends it"
    USES_TERMINAL VERBATIM)
endfunction()

# The modules and the project's own libraries that they link.
function(_dymod_find_parts modules result)
  set(parts ${modules})
  set(next ${modules})
  while(next)
    list(POP_FRONT next current)
    get_property(linked TARGET ${current} PROPERTY LINK_LIBRARIES)
    get_property(passed_on TARGET ${current} PROPERTY INTERFACE_LINK_LIBRARIES)
    foreach(other IN LISTS linked passed_on)
      string(REGEX REPLACE "^[$]<LINK_ONLY:(.*)>$" "\\1" other "${other}")
      if(TARGET "${other}")
        get_target_property(alias ${other} ALIASED_TARGET)
        if(alias)
          set(other ${alias})
        endif()
        get_target_property(is_imported ${other} IMPORTED)
        if(NOT is_imported AND NOT other IN_LIST parts)
          list(APPEND parts ${other})
          list(APPEND next ${other})
        endif()
      endif()
    endforeach()
  endwhile()
  foreach(part IN LISTS parts)
    get_target_property(type ${part} TYPE)
    if(type STREQUAL "INTERFACE_LIBRARY")
      list(REMOVE_ITEM parts ${part})
    endif()
  endforeach()
  set(${result} "${parts}" PARENT_SCOPE)
endfunction()

# Sorts the configurations of this build by what the header would say in them, given the flags that every
# target of this directory gets. Entries that are generator expressions are not looked into.
function(_dymod_sort_configurations dynamic_result static_result)
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(multi_config)
    set(configurations ${CMAKE_CONFIGURATION_TYPES})
  elseif(CMAKE_BUILD_TYPE)
    set(configurations ${CMAKE_BUILD_TYPE})
  else()
    set(configurations "none")  # no build type: CMAKE_CXX_FLAGS alone, and no CMAKE_CXX_FLAGS_NONE is set
  endif()

  set(dynamic_configurations)
  set(static_configurations)
  foreach(configuration IN LISTS configurations)
    _dymod_get_flags("${configuration}" flags)
    set(ndebug FALSE)
    set(force_static FALSE)
    set(force_dynamic FALSE)
    foreach(flag IN LISTS flags)
      if(flag MATCHES "^[-/]([DU])(NDEBUG|DYMOD_FORCE_STATIC|DYMOD_FORCE_DYNAMIC)(=.*)?$")
        string(COMPARE EQUAL "${CMAKE_MATCH_1}" "D" defined)
        string(TOLOWER "${CMAKE_MATCH_2}" variable)
        string(REPLACE "dymod_" "" variable "${variable}")
        set(${variable} ${defined})
      endif()
    endforeach()

    # Both overrides at once are the header's to refuse, in words.
    if(force_static OR CMAKE_SYSTEM_NAME MATCHES "^(Emscripten|WASI)$" OR (ndebug AND NOT force_dynamic))
      list(APPEND static_configurations ${configuration})
    else()
      list(APPEND dynamic_configurations ${configuration})
    endif()
  endforeach()
  set(${dynamic_result} "${dynamic_configurations}" PARENT_SCOPE)
  set(${static_result} "${static_configurations}" PARENT_SCOPE)
endfunction()

# The flags in the order in which the compiler gets them: a later -U undoes an earlier -D.
function(_dymod_get_flags configuration result)
  get_directory_property(definitions COMPILE_DEFINITIONS)
  get_directory_property(options COMPILE_OPTIONS)
  list(TRANSFORM definitions PREPEND "-D")
  string(TOUPPER "CMAKE_CXX_FLAGS_${configuration}" configuration_flags)
  set(flags "${definitions};${CMAKE_CXX_FLAGS}")
  if(DEFINED ${configuration_flags})
    list(APPEND flags "${${configuration_flags}}")
  endif()
  list(APPEND flags "${options}")
  string(REPLACE "SHELL:" "" flags "${flags}")
  string(REGEX REPLACE "[ \t]+" ";" flags "${flags}")
  string(REGEX REPLACE "(^|;)([-/][DU]);" "\\1\\2" flags "${flags}")  # "-D NAME"
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

# docs/limits.md says which surprise each of these flags prevents.
function(_dymod_set_module_flags name dynamic)
  # A precompiled DYMOD is to hear of types that are completed behind it.
  set_target_properties(${name} PROPERTIES
    PCH_INSTANTIATE_TEMPLATES OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)

  if(WIN32)
    # sheep.dll, whoever builds it. Nobody links the import library; Microsoft's linker would give it the name of
    # the static twin. What is exported says the header.
    set_target_properties(${name} PROPERTIES
      PREFIX ""
      IMPORT_SUFFIX "_import${CMAKE_IMPORT_LIBRARY_SUFFIX}"
      WINDOWS_EXPORT_ALL_SYMBOLS OFF)

    # Without it the functions that say what a module is are not exported.
    target_compile_options(${name} PRIVATE
      "$<$<AND:${dynamic},$<COMPILE_LANG_AND_ID:CXX,GNU>>:-fkeep-inline-dllexport>")
  endif()

  if(MSVC)
    # Else the library is written a second time for its manifest, when a host may be reading it already.
    target_link_options(${name} PRIVATE LINKER:/MANIFEST:NO)
  endif()

  # clang has no such symbols, and refuses the option.
  target_compile_options(${name} PRIVATE
    "$<$<AND:${dynamic},$<COMPILE_LANG_AND_ID:CXX,GNU>>:-fno-gnu-unique>")

  if(UNIX AND NOT APPLE)
    target_link_options(${name} PRIVATE "LINKER:-Bsymbolic")

    # clang leaves a sanitizer's symbols to the executable.
    set(sanitized "$<BOOL:$<FILTER:$<TARGET_PROPERTY:${name},COMPILE_OPTIONS>,INCLUDE,-fsanitize>>")
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND "${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize")
      set(sanitized 1)
    elseif(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      set(sanitized 0)
    endif()
    target_link_options(${name} PRIVATE "$<$<NOT:${sanitized}>:LINKER:--no-undefined>")
  endif()
endfunction()

function(_dymod_forward_usage_requirements from to)
  foreach(requirement IN ITEMS INCLUDE_DIRECTORIES SYSTEM_INCLUDE_DIRECTORIES COMPILE_DEFINITIONS
      COMPILE_OPTIONS COMPILE_FEATURES LINK_LIBRARIES LINK_OPTIONS LINK_DIRECTORIES)
    set_property(TARGET ${to} APPEND PROPERTY
      INTERFACE_${requirement} "$<TARGET_PROPERTY:${from},INTERFACE_${requirement}>")
  endforeach()
endfunction()

# The module for the static configurations. It is built from what the user says about <name>, whenever that
# is said. Multi-config generators know dependencies between targets, not between configurations of targets,
# so both kinds of library are built in every configuration: the one that is not wanted is empty.
function(_dymod_add_static_twin name dynamic static)
  set(twin dymod_${name}_static)
  add_library(${twin} STATIC EXCLUDE_FROM_ALL)
  set_target_properties(${twin} PROPERTIES OUTPUT_NAME ${name} DYMOD_IS_MODULE ON DYMOD_WITHOUT_RUNTIME ON)
  foreach(property IN ITEMS INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS COMPILE_FEATURES
      PRECOMPILE_HEADERS)
    set_property(TARGET ${twin} PROPERTY ${property} "$<TARGET_PROPERTY:${name},${property}>")
  endforeach()
  target_link_libraries(${twin} PRIVATE "$<GENEX_EVAL:$<TARGET_PROPERTY:${name},LINK_LIBRARIES>>")

  # So that `--target <name>` compiles the module's sources in every configuration.
  add_dependencies(${name} ${twin})

  cmake_language(EVAL CODE
    "cmake_language(DEFER CALL _dymod_finish_static_twin [[${name}]] [[${dynamic}]] [[${static}]])")
endfunction()

# Runs at the end of the directory: these properties are plain values, which no generator expression can
# follow, and the user may have set them after the call to dymod_add_module().
function(_dymod_finish_static_twin name dynamic static)
  set(twin dymod_${name}_static)
  _dymod_find_language(${name} "${CMAKE_CURRENT_SOURCE_DIR}")
  get_target_property(is_c ${name} DYMOD_WITHOUT_RUNTIME)
  set(empty_source "${CMAKE_CURRENT_BINARY_DIR}/dymod_empty/${name}.cpp")
  set(content "// The other kind of library has the module's sources.\n")
  if(is_c)
    set(empty_source "${CMAKE_CURRENT_BINARY_DIR}/dymod_empty/${name}.c")
    set(content "/* The other kind of library has the module's sources. */\ntypedef int dymod_empty;\n")
  endif()
  file(CONFIGURE OUTPUT "${empty_source}" CONTENT "${content}")
  get_target_property(sources ${name} SOURCES)
  set_property(TARGET ${name} PROPERTY SOURCES "$<IF:${dynamic},${sources},${empty_source}>")
  set_property(TARGET ${twin} PROPERTY SOURCES "$<IF:${static},${sources},${empty_source}>")

  set(properties LINKER_LANGUAGE FOLDER UNITY_BUILD UNITY_BUILD_BATCH_SIZE UNITY_BUILD_MODE
    INTERPROCEDURAL_OPTIMIZATION COMPILE_WARNING_AS_ERROR NO_SYSTEM_FROM_IMPORTED AUTOMOC AUTOUIC AUTORCC)
  foreach(language IN ITEMS C CXX)
    foreach(suffix IN ITEMS STANDARD STANDARD_REQUIRED EXTENSIONS CLANG_TIDY COMPILER_LAUNCHER CPPCHECK
        CPPLINT INCLUDE_WHAT_YOU_USE)
      list(APPEND properties ${language}_${suffix})
    endforeach()
  endforeach()
  foreach(configuration IN LISTS CMAKE_CONFIGURATION_TYPES)
    string(TOUPPER "INTERPROCEDURAL_OPTIMIZATION_${configuration}" property)
    list(APPEND properties ${property})
  endforeach()
  foreach(property IN LISTS properties)
    get_property(is_set TARGET ${name} PROPERTY ${property} SET)
    if(is_set)
      get_target_property(value ${name} ${property})
      set_property(TARGET ${twin} PROPERTY ${property} "${value}")
    endif()
  endforeach()
endfunction()

# At the end of all, when every target has its sources.
cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [[${CMAKE_SOURCE_DIR}]] CALL _dymod_place_runtime
  [[${CMAKE_SOURCE_DIR}]] [[${CMAKE_CURRENT_LIST_DIR}/runtime.cpp]])")
