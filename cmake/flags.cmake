# How every target of ours is compiled: `parley_flags` carries warnings, sanitizers and hardening.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# -g1 keeps function names and lines for a stack trace, at a fraction of the size of -g.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

add_library(parley_flags INTERFACE)
target_compile_options(parley_flags INTERFACE -Wall -Wextra -Wpedantic -Werror)

# Position independent in the same way everywhere, so that targets may share precompiled headers.
target_compile_options(parley_flags INTERFACE -fPIE)
target_link_options(parley_flags INTERFACE -pie)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlapping copies in plain string concatenation (GCC bug 105651).
  target_compile_options(parley_flags INTERFACE -Wno-restrict)
endif()

if(PARLEY_SANITIZE)
  # The directory's options come first on the command line, so that a target may take from them.
  add_compile_options(
    -fsanitize=${PARLEY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(parley_flags INTERFACE -fsanitize=${PARLEY_SANITIZE})
  target_compile_definitions(parley_flags INTERFACE PARLEY_SANITIZED)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code misleads this analysis; the other presets keep it.
    target_compile_options(parley_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(PARLEY_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio has fences, which ThreadSanitizer does not see; the locks beside them it does.
    target_compile_options(parley_flags INTERFACE -Wno-tsan)
  endif()
endif()

# Failpoints and mutants (actors/fault.hpp), for the proof.
if(PARLEY_FAULTS)
  target_compile_definitions(parley_flags INTERFACE PARLEY_FAULTS)
endif()

# The cheap half of UBSan; the other half makes the compiler work half as long again.
add_library(parley_fewer_checks INTERFACE)
set(parley_dear_checks vptr,null,alignment,object-size)
if(PARLEY_SANITIZE MATCHES undefined)
  target_compile_options(parley_fewer_checks INTERFACE -fno-sanitize=${parley_dear_checks})
endif()

# The standard library's own checks of indices and iterators are cheap enough for a server on the open net.
target_compile_definitions(parley_flags INTERFACE _GLIBCXX_ASSERTIONS)

set(parley_hardening -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
  -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND parley_hardening -fcf-protection=full)
endif()
target_compile_options(parley_flags INTERFACE "$<$<CONFIG:Release>:${parley_hardening}>")
target_link_options(parley_flags INTERFACE "$<$<CONFIG:Release>:-Wl,-z,relro,-z,now>")

# ccache needs to be told that precompiled headers are a matter of their content alone.
find_program(PARLEY_CCACHE ccache)
if(PARLEY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    "${PARLEY_CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_compile_options(parley_flags INTERFACE -fpch-preprocess)
  endif()
endif()
