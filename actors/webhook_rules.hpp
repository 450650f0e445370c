// What is told of whom by webhooks, under which name, and when it is tried again: no clock, no
// chance of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/ids.hpp"
#include "actors/record.hpp"
#include "actors/webhooks.hpp"

namespace parley::webhook_rules {

/// The name of an event's type; empty for what has no number.
std::string_view type_of(record_kind kind) noexcept;

/// What has become of a user's notification of a conversation.
enum class notice_news : std::uint8_t {
  made, ///< It is there, or has grown.
  over, ///< It was read, or what it told of is gone.
};
std::string_view type_of(notice_news what) noexcept;

/// Whether a pattern, `*`, `message.*` or a type's name, means anything.
bool is_pattern(std::string_view pattern) noexcept;

bool wants(const webhook_endpoint& who, record_kind kind) noexcept;
bool wants(const webhook_endpoint& who, conversation_kind kind) noexcept;
/// `*` stands for events alone: whoever wants notifications asks for them.
bool wants(const webhook_endpoint& who, notice_news what) noexcept;

/// Names an event to an endpoint for ever (Standard Webhooks, `webhook-id`).
std::string id_of(std::string_view epoch, std::string_view endpoint,
                  const conversation_id& conversation, sequence seq);
/// A user's notification of a conversation, and a batch of the log.
struct notice_name {
  const conversation_id& conversation;
  const user_id& user;
  position at;
};
/// The same of what became of it in that batch.
std::string id_of(std::string_view epoch, std::string_view endpoint, const notice_name& of,
                  notice_news what);

/// How long it has been going wrong.
struct trouble {
  std::uint64_t failures = 0; ///< In a row.
  timestamp since{};          ///< The first of them; meaningful with failures.
  friend bool operator==(const trouble&, const trouble&) = default;
};

/// What follows from a failure: another attempt, or none.
struct verdict {
  trouble now;
  std::optional<timestamp> again; ///< Nothing: the event becomes a dead letter.
};

/// An attempt at an event that came to the outbox at `noted` failed. `chance` is any number: the
/// delay is anything up to a bound that doubles ("full jitter"), but as long as the endpoint asks.
verdict judge(const webhook_answer& answer, const trouble& before, timestamp noted, timestamp now,
              std::uint64_t chance);

} // namespace parley::webhook_rules
