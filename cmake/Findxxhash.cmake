# Finds xxHash as a header, compiled into whoever uses it: xxhash_VERSION and the target xxhash::header.

find_path(xxhash_INCLUDE_DIR xxhash.h)
mark_as_advanced(xxhash_INCLUDE_DIR)

if(xxhash_INCLUDE_DIR)
  foreach(part MAJOR MINOR RELEASE)
    file(STRINGS "${xxhash_INCLUDE_DIR}/xxhash.h" line REGEX "#define XXH_VERSION_${part} +[0-9]+")
    string(REGEX MATCH "[0-9]+" xxhash_${part} "${line}")
  endforeach()
  set(xxhash_VERSION "${xxhash_MAJOR}.${xxhash_MINOR}.${xxhash_RELEASE}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(xxhash
  REQUIRED_VARS xxhash_INCLUDE_DIR
  VERSION_VAR xxhash_VERSION)

if(xxhash_FOUND AND NOT TARGET xxhash::header)
  add_library(xxhash::header INTERFACE IMPORTED)
  set_target_properties(xxhash::header PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${xxhash_INCLUDE_DIR}")
endif()
