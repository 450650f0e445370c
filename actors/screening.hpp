// Screening: what an application that looks at messages before they are sent is asked, and what it
// may say.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/log_gate.hpp"

namespace parley {

/// A message that somebody wants to send, or to give another body.
struct screened_message {
  conversation_id conversation;
  user_id from;
  std::optional<std::uint64_t> message = {}; ///< Whose body is to be replaced; nothing: a new one.
  std::optional<client_id> client = {};
  std::string body;
  std::optional<std::uint64_t> reply_to = {};
  std::optional<std::uint64_t> thread = {};
  std::vector<user_id> mentions = {};
  std::optional<application_data> meta = {};
  std::vector<file_id> files = {};
};
using screened_message_ptr = std::shared_ptr<const screened_message>;

/// What becomes of it.
enum class screening : std::uint8_t { allowed, rejected, rewritten };
inline constexpr std::size_t screenings = 3;

/// What the application says. Texts must be UTF-8 in normalisation form C without control
/// characters, `meta` a MessagePack map in its shortest form: nobody looks at that again.
struct screening_verdict {
  screening what = screening::allowed;
  std::string body = {};                     ///< Of what was rewritten.
  std::optional<application_data> meta = {}; ///< Likewise; nothing: as it was.
  std::string reason = {};                   ///< Of what was rejected: for its author to read.
};

/// Whether all of it is short enough to be sent; else the message counts as not screened.
bool is_in_bounds(const screening_verdict& verdict) noexcept;

/// How messages are screened.
struct screening_policy {
  std::chrono::milliseconds patience{2000}; ///< Then it counts as failed.
  bool fails_open = false; ///< What could not be screened is sent; otherwise it is `unavailable`.
  std::shared_ptr<log_gate> told = std::make_shared<log_gate>(); ///< Of failures.
};

} // namespace parley
