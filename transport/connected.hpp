// Who is connected, as who runs the server sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "actors/session.hpp"

namespace parley {

/// Which sessions are wanted.
struct connected_question {
  std::optional<user_id> user = {}; ///< Nobody: everybody's.
  std::size_t most = 0;
};

/// A session, and what waits to be sent to it.
struct connected_session {
  session_address session;
  user_id user;
  device_id device;
  encoding spoken = encoding::msgpack;
  std::uint64_t queued_bytes = 0;
  std::chrono::milliseconds waits{0}; ///< The oldest of that.
};

/// Those that most waits for come first.
struct connected_list {
  std::uint64_t sessions = 0; ///< All that were meant.
  std::vector<connected_session> items;
};

/// Adds the sessions of one shard to those of others; of all, the first ones stay.
void add_connected(connected_list& into, connected_list&& more, std::size_t most);

} // namespace parley
