// Assembles the engine's actors; whoever runs it brings the store's actors, the shards and the
// outside world.
#pragma once

#include <optional>
#include <string>

#include "actors/context.hpp"

namespace parley {

/// Spawns the directory, the presences, the expirer, the notifier, the sweeper of files and the
/// supervisor into `context.handles`; `decided` is where the notifier goes on. The caller puts the
/// store's actors and the shards there before anything is sent, then calls `watch_engine`.
void spawn_engine(caf::actor_system& system, const context_ptr& context, position decided = {});

/// From now on the process stops when one of the actors that are there once ends by a fault, and
/// messages expire.
void watch_engine(const context_ptr& context);

/// Spawns the actor of one connection; safe from any thread.
connection_actor spawn_connection(caf::actor_system& system, const context_ptr& context,
                                  session_address session, std::optional<std::string> bearer);

/// The same for somebody whose token was looked at already and who says no `hello`: asks and is
/// answered, is told nothing else, and is not there for others.
connection_actor spawn_visitor(caf::actor_system& system, const context_ptr& context,
                               session_address session, identity who);

/// The same for an actor of this process that takes part: it says `hello` without a token.
connection_actor spawn_participant(caf::actor_system& system, const context_ptr& context,
                                   session_address session, identity who);

/// Asks every actor of the engine to end. What they still have to handle may be sent to one
/// another, so their handles stay until all have ended.
void stop_engine(const context_ptr& context);

/// Forgets the handles once the actor system has no actor left: they refer to one another in
/// circles.
void forget_engine(const context_ptr& context);

} // namespace parley
