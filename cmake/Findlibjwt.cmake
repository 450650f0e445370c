# Finds the JSON Web Token library through pkg-config: libjwt_FOUND, libjwt_VERSION and the target libjwt::libjwt.

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_LIBJWT QUIET libjwt)
endif()

find_path(libjwt_INCLUDE_DIR jwt.h HINTS ${PC_LIBJWT_INCLUDE_DIRS})
find_library(libjwt_LIBRARY jwt HINTS ${PC_LIBJWT_LIBRARY_DIRS})
mark_as_advanced(libjwt_INCLUDE_DIR libjwt_LIBRARY)
set(libjwt_VERSION "${PC_LIBJWT_VERSION}")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libjwt
  REQUIRED_VARS libjwt_LIBRARY libjwt_INCLUDE_DIR
  VERSION_VAR libjwt_VERSION)

if(libjwt_FOUND AND NOT TARGET libjwt::libjwt)
  add_library(libjwt::libjwt UNKNOWN IMPORTED)
  set_target_properties(libjwt::libjwt PROPERTIES
    IMPORTED_LOCATION "${libjwt_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${libjwt_INCLUDE_DIR}")
endif()
