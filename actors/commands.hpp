// What a client can ask for, as typed values: the result of decoding an envelope at the edge.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/commands_of_users.hpp"
#include "actors/errors.hpp"
#include "actors/ids.hpp"
#include "actors/invitations.hpp"
#include "actors/permissions.hpp"
#include "actors/profiles.hpp"
#include "actors/questions.hpp"

namespace parley {

/// What kind of conversation it is; decides who may do what.
enum class conversation_kind : std::uint8_t { direct, group, channel };
/// For whom a message is deleted.
enum class audience : std::uint8_t { everyone, me };

std::string_view to_string(conversation_kind kind) noexcept;
std::string_view to_string(role value) noexcept;
std::string_view to_string(audience value) noexcept;
/// The value a client means by `text`, or nothing.
std::optional<conversation_kind> parse_kind(std::string_view text) noexcept;
std::optional<role> parse_role(std::string_view text) noexcept;
std::optional<audience> parse_audience(std::string_view text) noexcept;

/// First command of a connection: who is it, and from where does it go on.
struct hello {
  static constexpr std::string_view name = "hello";
  std::optional<std::string> token; ///< Absent when the upgrade carried a bearer token.
  std::optional<device_id> device;
  std::optional<std::string> since; ///< A cursor from an earlier session.
  static void fields(auto&& each) {
    each("token", &hello::token);
    each("device", &hello::device);
    each("since", &hello::since);
  }
};

/// Asks for a `pong`.
struct ping {
  static constexpr std::string_view name = "ping";
  static void fields(auto&&) {}
};

/// A newer token for the same user.
struct refresh {
  static constexpr std::string_view name = "refresh";
  std::string token;
  static void fields(auto&& each) { each("token", &refresh::token); }
};

/// Makes a conversation, or finds the direct one of a pair.
struct create {
  static constexpr std::string_view name = "create";
  conversation_kind kind = conversation_kind::group;
  std::optional<user_id> with;
  std::optional<std::string> title;
  std::optional<std::vector<user_id>> members;
  std::optional<client_id> client;
  static void fields(auto&& each) {
    each("kind", &create::kind);
    each("with", &create::with);
    each("title", &create::title);
    each("members", &create::members);
    each("client_id", &create::client);
  }
};

/// A map of the application's own, as the bytes of one MessagePack map in its shortest form.
struct application_data {
  std::string msgpack;
  friend bool operator==(const application_data&, const application_data&) = default;
};

/// What became of a message before its conversation got to see it; no client's to say.
struct screening_note {
  std::array<std::uint8_t, 16> as_said{}; ///< Its fingerprint, as the client said it.
  std::optional<failure> refused = {};    ///< Why it is not to be sent.
};

/// Posts a message.
struct send_message {
  static constexpr std::string_view name = "send";
  conversation_id conversation;
  client_id client;
  std::string body;
  std::optional<std::uint64_t> reply_to = {};        ///< The number of a message here.
  std::optional<std::vector<user_id>> mentions = {}; ///< Members, `@all`, `@here`.
  std::optional<application_data> meta = {};
  std::optional<std::uint64_t> expires_in = {};        ///< Seconds.
  std::optional<std::uint64_t> thread = {};            ///< The number of the message that began it.
  std::optional<std::vector<file_id>> files = {};      ///< What the sender has uploaded.
  std::shared_ptr<const screening_note> screened = {}; ///< Null: it is as the client said it.
  static void fields(auto&& each) {
    each("conversation", &send_message::conversation);
    each("client_id", &send_message::client);
    each("body", &send_message::body);
    each("reply_to", &send_message::reply_to);
    each("mentions", &send_message::mentions);
    each("meta", &send_message::meta);
    each("expires_in", &send_message::expires_in);
    each("thread", &send_message::thread);
    each("files", &send_message::files);
  }
};

/// Adds users to a group or channel.
struct add_members {
  static constexpr std::string_view name = "add";
  conversation_id conversation;
  std::vector<user_id> users;
  std::optional<role> as;
  std::optional<client_id> client;
  static void fields(auto&& each) {
    each("conversation", &add_members::conversation);
    each("users", &add_members::users);
    each("role", &add_members::as);
    each("client_id", &add_members::client);
  }
};

/// Takes a member out.
struct remove_member {
  static constexpr std::string_view name = "remove";
  conversation_id conversation;
  user_id user;
  std::optional<client_id> client;
  static void fields(auto&& each) {
    each("conversation", &remove_member::conversation);
    each("user", &remove_member::user);
    each("client_id", &remove_member::client);
  }
};

/// Takes a user out, if they are there, and keeps them out.
struct ban_user {
  static constexpr std::string_view name = "ban";
  conversation_id conversation;
  user_id user;
  std::optional<std::uint64_t> until = {}; ///< Milliseconds since the Unix epoch; absent: for good.
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &ban_user::conversation);
    each("user", &ban_user::user);
    each("until", &ban_user::until);
    each("client_id", &ban_user::client);
  }
};

/// Lets a user be added again.
struct unban_user {
  static constexpr std::string_view name = "unban";
  conversation_id conversation;
  user_id user;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &unban_user::conversation);
    each("user", &unban_user::user);
    each("client_id", &unban_user::client);
  }
};

/// Keeps a member from saying anything for some time.
struct silence_member {
  static constexpr std::string_view name = "silence";
  conversation_id conversation;
  user_id user;
  std::uint64_t until = 0; ///< Milliseconds since the Unix epoch; 0 ends it.
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &silence_member::conversation);
    each("user", &silence_member::user);
    each("until", &silence_member::until);
    each("client_id", &silence_member::client);
  }
};

/// Takes oneself out.
struct leave {
  static constexpr std::string_view name = "leave";
  conversation_id conversation;
  std::optional<client_id> client;
  static void fields(auto&& each) {
    each("conversation", &leave::conversation);
    each("client_id", &leave::client);
  }
};

/// Gives a member another role.
struct change_role {
  static constexpr std::string_view name = "role";
  conversation_id conversation;
  user_id user;
  role as = role::member;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &change_role::conversation);
    each("user", &change_role::user);
    each("role", &change_role::as);
    each("client_id", &change_role::client);
  }
};

/// Changes what a conversation is called, what the application keeps with it, and how it is
/// moderated.
struct update_conversation {
  static constexpr std::string_view name = "update";
  conversation_id conversation;
  std::optional<std::string> title = {};
  std::optional<application_data> meta = {};
  std::optional<std::uint64_t> slow_mode = {}; ///< Seconds; 0 ends it.
  std::optional<bool> frozen = {};
  std::optional<permissions> rights = {}; ///< All of them: what is not named is as the kind has it.
  std::optional<client_id> client = {};
  std::optional<shown_past> history = {};
  std::optional<retention_bounds> retention = {}; ///< Both bounds.
  static void fields(auto&& each) {
    each("conversation", &update_conversation::conversation);
    each("title", &update_conversation::title);
    each("meta", &update_conversation::meta);
    each("slow_mode", &update_conversation::slow_mode);
    each("frozen", &update_conversation::frozen);
    each("permissions", &update_conversation::rights);
    each("client_id", &update_conversation::client);
    each("history", &update_conversation::history);
    each("retention", &update_conversation::retention);
  }
};

/// Gives one's own message another body.
struct edit_message {
  static constexpr std::string_view name = "edit";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::string body;
  std::optional<std::vector<user_id>> mentions = {}; ///< Absent: those it had.
  std::optional<client_id> client = {};
  std::shared_ptr<const screening_note> screened = {}; ///< As in send_message.
  static void fields(auto&& each) {
    each("conversation", &edit_message::conversation);
    each("message", &edit_message::message);
    each("body", &edit_message::body);
    each("mentions", &edit_message::mentions);
    each("client_id", &edit_message::client);
  }
};

/// Deletes a message or a run of them, or without one the conversation with all that is in it.
struct erase {
  static constexpr std::string_view name = "delete";
  conversation_id conversation;
  std::optional<std::uint64_t> message = {};
  std::optional<audience> whom = {}; ///< Needed for a message.
  std::optional<client_id> client = {};
  std::optional<std::uint64_t> through = {}; ///< The last one of a run that begins with `message`.
  static void fields(auto&& each) {
    each("conversation", &erase::conversation);
    each("message", &erase::message);
    each("for", &erase::whom);
    each("client_id", &erase::client);
    each("through", &erase::through);
  }
};

/// Puts one's reaction to a message, one of each kind, or takes it back.
struct react {
  static constexpr std::string_view name = "react";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::string emoji;
  std::optional<bool> remove = {};
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &react::conversation);
    each("message", &react::message);
    each("emoji", &react::emoji);
    each("remove", &react::remove);
    each("client_id", &react::client);
  }
};

/// Puts a message on the conversation's list of pinned ones, or takes it off.
struct pin_message {
  static constexpr std::string_view name = "pin";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::optional<bool> remove = {};
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &pin_message::conversation);
    each("message", &pin_message::message);
    each("remove", &pin_message::remove);
    each("client_id", &pin_message::client);
  }
};

/// Moves the cursor of what reached a device of mine.
struct mark_delivered {
  static constexpr std::string_view name = "delivered";
  conversation_id conversation;
  std::uint64_t seq = 0;
  std::optional<client_id> client = {};
  std::optional<device_id> device = {}; ///< Of the session that says so; no client's to say.
  static void fields(auto&& each) {
    each("conversation", &mark_delivered::conversation);
    each("seq", &mark_delivered::seq);
    each("client_id", &mark_delivered::client);
  }
};

/// Moves the cursor of what I have seen, never back.
struct mark_read {
  static constexpr std::string_view name = "read";
  conversation_id conversation;
  std::uint64_t seq = 0;
  std::optional<client_id> client = {};
  std::optional<bool> in_private = {};  ///< Others are not told.
  std::optional<device_id> device = {}; ///< Of the session that says so; no client's to say.
  static void fields(auto&& each) {
    each("conversation", &mark_read::conversation);
    each("seq", &mark_read::seq);
    each("client_id", &mark_read::client);
    each("private", &mark_read::in_private);
  }
};

/// Moves the cursor of what I have seen of a thread, never back.
struct read_thread {
  static constexpr std::string_view name = "read_thread";
  conversation_id conversation;
  std::uint64_t message = 0; ///< The one that began it.
  std::uint64_t seq = 0;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &read_thread::conversation);
    each("message", &read_thread::message);
    each("seq", &read_thread::seq);
    each("client_id", &read_thread::client);
  }
};

/// Sets the cursor of what I have seen to just before a number, back if need be.
struct mark_unread {
  static constexpr std::string_view name = "unread";
  conversation_id conversation;
  std::uint64_t seq = 0;
  std::optional<client_id> client = {};
  std::optional<device_id> device = {}; ///< Of the session that says so; no client's to say.
  static void fields(auto&& each) {
    each("conversation", &mark_unread::conversation);
    each("seq", &mark_unread::seq);
    each("client_id", &mark_unread::client);
  }
};

/// What one keeps of a conversation for oneself; what is absent stays.
struct preferences {
  std::optional<bool> archived = {};
  std::optional<std::uint64_t> muted_until =
      {}; ///< Milliseconds since the Unix epoch; 0: not muted.
  std::optional<bool> pinned = {};
  std::optional<notify_level> notify = {};
  std::optional<std::vector<std::string>> quiet =
      {}; ///< Weekly, in the user's time zone, as parse_quiet_span reads them.
  std::optional<bool> hidden = {}; ///< On no list until somebody writes.
  friend bool operator==(const preferences&, const preferences&) = default;
};

/// Changes what one keeps of a conversation for oneself.
struct set_preferences : preferences {
  static constexpr std::string_view name = "set";
  conversation_id conversation;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &set_preferences::conversation);
    each("archived", &set_preferences::archived);
    each("muted_until", &set_preferences::muted_until);
    each("pinned", &set_preferences::pinned);
    each("notify", &set_preferences::notify);
    each("quiet", &set_preferences::quiet);
    each("hidden", &set_preferences::hidden);
    each("client_id", &set_preferences::client);
  }
};

/// Tells the others that one is writing, or has stopped.
struct set_typing {
  static constexpr std::string_view name = "typing";
  conversation_id conversation;
  bool active = false;
  static void fields(auto&& each) {
    each("conversation", &set_typing::conversation);
    each("active", &set_typing::active);
  }
};

/// An administrator has everything in a conversation kept, or lets it go again.
struct hold_conversation {
  static constexpr std::string_view name = "hold";
  conversation_id conversation;
  bool on = false;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &hold_conversation::conversation);
    each("on", &hold_conversation::on);
    each("client_id", &hold_conversation::client);
  }
};

/// Every command, in the order of the protocol's tables.
using command = std::variant<
    hello, ping, refresh, create, send_message, add_members, remove_member, ban_user, unban_user,
    silence_member, leave, change_role, update_conversation, edit_message, erase, react,
    pin_message, read_thread, block_user, unblock_user, set_notifications, dismiss_notifications,
    mark_delivered, mark_read, mark_unread, set_preferences, set_typing, set_presence, watch_users,
    unwatch_users, list_sessions, end_session, get_conversation, get_members, history, sync_events,
    get_receipts, get_versions, get_reactions, get_erasure, get_thread, get_pins, get_restrictions,
    list_conversations, list_blocks, get_totals, list_notifications, get_notification_settings,
    search_messages, invite_users, accept_invitation, decline_invitation, uninvite_user,
    get_invited, list_invitations, get_file, get_devices, get_profile, set_profile, get_presences,
    hold_conversation, list_holds>;

/// A command with the reference its answer shall carry.
struct envelope {
  reference ref;
  command what;
};

} // namespace parley
