// A gateway for other CAF nodes: publish it with CAF's middleman, and they take part by questions
// and answers.
#pragma once

#include <chrono>
#include <cstddef>

#include "engine/engine.hpp"
#include "engine/gateway_interface.hpp"

namespace parley {

/// How much a gateway keeps for its callers.
struct gateway_options {
  /// Events that are kept for one caller who does not fetch them; of more none is, and they come
  /// from the store when they are asked for.
  std::size_t most_events = 1000;
  /// How long a `fetch` waits at most, whatever it asks for.
  std::chrono::milliseconds longest_patience = std::chrono::seconds{20};
  /// How long somebody is remembered who asks for nothing: then they go on from their cursor anew.
  std::chrono::milliseconds idle = std::chrono::minutes{2};
};

/// Spawns it in the engine's actor system. Callers' tokens are believed as
/// engine_options::authenticate says. It ends with the engine; send it an exit before to end it
/// alone.
gateway_actor spawn_gateway(engine& of, gateway_options options = {});

} // namespace parley
