# Precompiled headers: one for code that speaks CAF, one for the edge. Each is built once, by a target
# that has nothing else in it, and shared. A source still includes whatever it uses.

set(pch_std <utility> <algorithm> <array> <atomic> <chrono> <cstddef> <cstdint> <deque> <functional>
  <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread> <tuple>
  <unordered_map> <unordered_set> <variant> <vector>)
set(pch_caf <caf/actor_companion.hpp> <caf/actor_system.hpp> <caf/actor_system_config.hpp>
  <caf/event_based_actor.hpp> <caf/scoped_actor.hpp> <caf/send.hpp> <caf/stateful_actor.hpp>
  <caf/typed_actor.hpp> <caf/typed_event_based_actor.hpp>)
# <utility> comes first: Asio 1.74 uses std::exchange without including it.
set(pch_edge <boost/asio.hpp> <boost/beast/core.hpp> <boost/beast/http.hpp>
  <boost/beast/websocket.hpp> <nlohmann/json.hpp>)

set(empty_source "${PROJECT_BINARY_DIR}/precompiled.cpp")
file(CONFIGURE OUTPUT "${empty_source}" CONTENT "")

function(parley_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LINKS;USED_BY")
  add_library(${name} OBJECT "${empty_source}")
  target_link_libraries(${name} PRIVATE ${arg_LINKS} parley_flags)
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
  list(TRANSFORM arg_USED_BY APPEND _checked OUTPUT_VARIABLE checked)
  foreach(user IN LISTS arg_USED_BY checked)
    if(NOT TARGET ${user})
      continue()
    endif()
    get_target_property(kind ${user} TYPE)
    if(NOT kind STREQUAL "INTERFACE_LIBRARY")
      target_precompile_headers(${user} REUSE_FROM ${name})
    endif()
  endforeach()
endfunction()

parley_precompiled(parley_pch_caf
  HEADERS ${pch_std} ${pch_caf}
  LINKS CAF::core spdlog::spdlog msgpackc-cxx
  USED_BY parley_actors parley_persistence parley_engine parley_counts)
parley_precompiled(parley_pch_edge
  HEADERS ${pch_std} ${pch_edge}
  LINKS CAF::core spdlog::spdlog msgpackc-cxx Boost::headers nlohmann_json::nlohmann_json
  USED_BY parley_transport parley_server parleyd)
# The load client speaks to sockets by itself.
target_precompile_headers(parley_load PRIVATE ${pch_std})
