# What is installed: the server, and for programs that embed it the libraries, their headers, a CMake package and
# files for pkg-config. `cmake --install build/release --prefix /usr` takes all of it, `cpack` makes two Debian packages.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Everything that other CAF nodes need to speak to a gateway: headers, and CAF.
add_library(parley_gateway INTERFACE)
target_link_libraries(parley_gateway INTERFACE CAF::core)
target_include_directories(parley_gateway INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")

set(parley_parts actors persistence engine transport server gateway)
foreach(part IN LISTS parley_parts)
  add_library(parley::${part} ALIAS parley_${part})
  set_target_properties(parley_${part} PROPERTIES EXPORT_NAME ${part})
endforeach()

install(TARGETS parleyd RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT server)
# Where it was built, as `./dev package` does; the server finds it there.
install(DIRECTORY web/page/dist/ DESTINATION "${CMAKE_INSTALL_DATADIR}/parley/page" COMPONENT server OPTIONAL)
install(FILES deploy/parleyd.service deploy/parleyd.socket DESTINATION lib/systemd/system COMPONENT server)
install(FILES deploy/parley.sysusers DESTINATION lib/sysusers.d RENAME parley.conf COMPONENT server)
install(FILES deploy/alerts.yml deploy/dashboard.json DESTINATION "${CMAKE_INSTALL_DATADIR}/parley" COMPONENT server)
install(FILES docs/operations.md docs/protocol.md DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/parley" COMPONENT server)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/parley" RENAME copyright COMPONENT server)

list(TRANSFORM parley_parts PREPEND parley_ OUTPUT_VARIABLE parley_libraries)
install(TARGETS ${parley_libraries} EXPORT parley
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# --- Headers -------------------------------------------------------------------------------------

# Where each public header is, and what it is called once it is installed. What they include comes along, under
# parley/FOLDER/, and every include names its header by that path: no other include directory is needed.
set(parley_public_headers
  engine/engine.hpp=engine.hpp
  engine/options.hpp=options.hpp
  engine/participant.hpp=participant.hpp
  engine/events.hpp=events.hpp
  engine/gateway.hpp=gateway.hpp
  engine/gateway_interface.hpp=gateway_interface.hpp
  transport/main_server.hpp=server.hpp)
install(CODE "
  set(parley_source \"${PROJECT_SOURCE_DIR}\")
  set(parley_include \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/parley\")
  set(parley_public_headers \"${parley_public_headers}\")
  include(\"${PROJECT_SOURCE_DIR}/cmake/install_headers.cmake\")" COMPONENT dev)

# --- The package ---------------------------------------------------------------------------------

set(parley_package "${CMAKE_INSTALL_LIBDIR}/cmake/parley")
install(EXPORT parley NAMESPACE parley:: DESTINATION "${parley_package}" FILE parley-targets.cmake COMPONENT dev)
configure_package_config_file(cmake/parley-config.cmake.in "${PROJECT_BINARY_DIR}/parley-config.cmake"
  INSTALL_DESTINATION "${parley_package}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/parley-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/parley-config.cmake" "${PROJECT_BINARY_DIR}/parley-config-version.cmake"
  cmake/FindCAF.cmake cmake/FindLMDB.cmake cmake/Findlibjwt.cmake cmake/Findxxhash.cmake cmake/Findzstd.cmake
  DESTINATION "${parley_package}" COMPONENT dev)

# The files say where they are themselves, so that what is installed may be moved.
file(RELATIVE_PATH parley_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
foreach(part engine server)
  configure_file(cmake/parley-${part}.pc.in "${PROJECT_BINARY_DIR}/parley-${part}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/parley-${part}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT dev)
endforeach()

# --- Debian packages -----------------------------------------------------------------------------

if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME parley)
set(CPACK_PACKAGE_CONTACT "Parley contributors <parley@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "messaging engine: one process, one data directory")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL server dev)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME parleyd)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/deploy/postinst")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libparley-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
string(JOIN ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  libcaf-dev libspdlog-dev libmsgpack-cxx-dev libssl-dev libxxhash-dev libicu-dev liblmdb-dev libsqlite3-dev
  libarchive-dev libzstd-dev)
# Of who embeds the server, too.
string(JOIN ", " CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS
  libboost-dev nlohmann-json3-dev libjwt-dev libcli11-dev prometheus-cpp-dev zlib1g-dev)
include(CPack)
