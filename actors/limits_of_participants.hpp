// The bounds of who takes part in conversations as an actor of the same process.
#pragma once

#include <chrono>
#include <cstddef>

#include "actors/limits.hpp"

namespace parley::limits {

/// Commands of a participant that wait, beside those under way: what a socket's buffer would hold
/// of short ones.
inline constexpr std::size_t participant_commands = 1024;
static_assert(participant_commands >= commands_in_flight);
/// Bytes of one delivery, if no single piece is larger: as much as one message to a socket.
inline constexpr std::size_t delivery_bytes = outgoing_message_bytes;
/// When to try again to ask for something where too much waits: the wait is for one's own commands.
inline constexpr auto participant_retry = std::chrono::milliseconds{100};
/// How long an engine that stops waits for answers that participants are owed.
inline constexpr auto parting_deadline = drain_deadline;
/// How long an engine that has ended waits for what still holds its store: milliseconds, if no
/// program keeps any of it.
inline constexpr auto release_deadline = std::chrono::seconds{1};

} // namespace parley::limits
