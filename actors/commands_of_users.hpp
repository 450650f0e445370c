// The commands that are about users rather than conversations: whom one has blocked, how one is and
// wants to be told, one's sessions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/ids.hpp"

namespace parley {

/// Of what in a conversation one wants to be told.
enum class notify_level : std::uint8_t { all, mentions, none };

/// What a user says of themselves; `invisible` is shown to others as if they were not there.
enum class presence_status : std::uint8_t { online, away, busy, invisible };

std::string_view to_string(presence_status value) noexcept;
std::string_view to_string(notify_level value) noexcept;
/// The value a client means by `text`, or nothing.
std::optional<presence_status> parse_status(std::string_view text) noexcept;
std::optional<notify_level> parse_notify_level(std::string_view text) noexcept;

/// Ends all direct dealings with another user: no messages, no typing, receipts or presence.
struct block_user {
  static constexpr std::string_view name = "block";
  user_id user;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("user", &block_user::user);
    each("client_id", &block_user::client);
  }
};

/// Takes that back.
struct unblock_user {
  static constexpr std::string_view name = "unblock";
  user_id user;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("user", &unblock_user::user);
    each("client_id", &unblock_user::client);
  }
};

/// How a user wants to be told of what they have not read, in all conversations, and what others
/// are told of them.
struct notification_settings {
  std::optional<notify_level> notify = {}; ///< Where a conversation's own is not set.
  std::optional<std::uint64_t> quiet_until =
      {}; ///< Milliseconds since the Unix epoch; 0: not disturbed by this.
  std::optional<std::vector<std::string>> quiet = {}; ///< Weekly, as parse_quiet_span reads them.
  std::optional<std::string> zone = {};               ///< The time zone of these; UTC without one.
  std::optional<bool> typing = {};    ///< Whether others are told that one types; true without it.
  std::optional<bool> last_seen = {}; ///< Whether they are told when one was seen last; likewise.
  std::optional<bool> receipts = {};  ///< Whether they are told what one has read; likewise.
  friend bool operator==(const notification_settings&, const notification_settings&) = default;
};

/// Changes that.
struct set_notifications : notification_settings {
  static constexpr std::string_view name = "preferences";
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("notify", &set_notifications::notify);
    each("quiet_until", &set_notifications::quiet_until);
    each("quiet", &set_notifications::quiet);
    each("zone", &set_notifications::zone);
    each("typing", &set_notifications::typing);
    each("last_seen", &set_notifications::last_seen);
    each("receipts", &set_notifications::receipts);
    each("client_id", &set_notifications::client);
  }
};

/// One has seen what one was told of a conversation, or of all.
struct dismiss_notifications {
  static constexpr std::string_view name = "dismiss";
  std::optional<conversation_id> conversation = {};
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &dismiss_notifications::conversation);
    each("client_id", &dismiss_notifications::client);
  }
};

/// Says how one is, for this session.
struct set_presence {
  static constexpr std::string_view name = "presence";
  presence_status status = presence_status::online;
  std::optional<std::string> text = {};
  static void fields(auto&& each) {
    each("status", &set_presence::status);
    each("text", &set_presence::text);
  }
};

/// Asks to be told how users are, now and whenever that changes.
struct watch_users {
  static constexpr std::string_view name = "watch";
  std::vector<user_id> users;
  static void fields(auto&& each) { each("users", &watch_users::users); }
};

/// Asks to be told no more.
struct unwatch_users {
  static constexpr std::string_view name = "unwatch";
  std::vector<user_id> users;
  static void fields(auto&& each) { each("users", &unwatch_users::users); }
};

/// Asks for one's own sessions.
struct list_sessions {
  static constexpr std::string_view name = "sessions";
  static void fields(auto&&) {}
};

/// Ends one of one's own sessions, or all but the one that asks.
struct end_session {
  static constexpr std::string_view name = "end_session";
  std::optional<std::string> session = {}; ///< As `sessions` and `welcome` name it.
  std::optional<bool> all = {};            ///< True instead of `session`.
  static void fields(auto&& each) {
    each("session", &end_session::session);
    each("all", &end_session::all);
  }
};

} // namespace parley
