// What a shard knows of a socket behind which there is a session of the engine.
#pragma once

#include "actors/interfaces.hpp"
#include "transport/socket_session.hpp"

namespace parley {

/// What `session::socket` points to.
class engine_socket {
public:
  virtual ~engine_socket() = default;
  /// The actor that gets the session's commands.
  virtual const connection_actor& connection() const noexcept = 0;
  /// What is flushed when the session has something to say.
  virtual socket_session& socket() noexcept = 0;
};

} // namespace parley
