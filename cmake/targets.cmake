# How Parley's targets are made: a folder may still be empty, its target exists all the same.

# Sources under the project's root, at any depth; asked again at each build.
function(parley_glob result pattern)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${pattern}")
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# A static library, or, while it has no sources, an interface that passes its links on. Where UBSan is built in, the
# sources that match CHECKED have all of its checks, and the others the cheap half; with PARLEY_FUZZ they also count
# what runs, for libFuzzer.
function(parley_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CHECKED" "SOURCES;LINKS")
  if(arg_CHECKED AND PARLEY_SANITIZE MATCHES undefined)
    set(checked ${arg_SOURCES})
    list(FILTER checked INCLUDE REGEX "${arg_CHECKED}")
    list(REMOVE_ITEM arg_SOURCES ${checked})
    add_library(${name}_checked OBJECT ${checked})
    target_link_libraries(${name}_checked PUBLIC ${arg_LINKS} PRIVATE parley_flags)
    target_include_directories(${name}_checked PUBLIC "${PROJECT_SOURCE_DIR}")
    if(PARLEY_FUZZ) # what -fsanitize=fuzzer means, and what may be added to a precompiled header
      target_compile_options(${name}_checked PRIVATE
        -fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp,indirect-calls)
    endif()
    list(APPEND arg_SOURCES "$<TARGET_OBJECTS:${name}_checked>")
    set(fewer_checks parley_fewer_checks)
  endif()
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    # What is only for compiling is nobody else's: an installed library links nothing for it.
    target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE "$<BUILD_INTERFACE:parley_flags>")
    if(fewer_checks)
      target_link_libraries(${name} PRIVATE "$<BUILD_INTERFACE:${fewer_checks}>")
    endif()
    target_compile_features(${name} PUBLIC cxx_std_20)
    target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_LINKS})
    target_include_directories(${name} INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  endif()
endfunction()

# An executable, compiled file by file; without sources there is none.
function(parley_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  if(arg_SOURCES)
    add_executable(${name} ${arg_SOURCES})
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
    target_link_libraries(${name} PRIVATE ${arg_LINKS} parley_flags)
  endif()
endfunction()
