// The conversation, the people and the message that every stage handles.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "actors/commands.hpp"
#include "actors/record.hpp"

namespace parley::counts {

inline constexpr std::size_t members = 100;
inline constexpr std::size_t body_bytes = 200;

inline const conversation_id room{"c5d41402abc4b2a76b9719d911017c592"};
inline const timestamp noon{std::chrono::hours{24 * 365 * 55 + 12}};

/// The name of one of the members.
user_id member(std::size_t index);
/// The sender's name for a command; as long as a UUID.
client_id client(std::uint64_t number);
/// A text of `body_bytes`.
const std::string& body();
/// The command that sends it.
send_message message(std::uint64_t number);
/// The message as its conversation hands it to the log.
std::shared_ptr<record> recorded(std::uint64_t seq);

/// Ends the program when a stage does not do what it is counted for.
inline void require(bool holds, const char* what) {
  if (!holds)
    throw std::logic_error(what);
}

} // namespace parley::counts
