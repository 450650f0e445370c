// What a participant is told, as typed values: docs/protocol.md says what each of them means.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/files.hpp"
#include "actors/ids.hpp"
#include "actors/record.hpp"
#include "actors/time.hpp"

namespace parley {

namespace events {

// --- Events of a conversation, each with its number ----------------------------------------------

/// What all of them have.
struct numbered {
  conversation_id conversation;
  sequence seq;
  timestamp at{};
};

/// Somebody wrote something.
struct message : numbered {
  user_id from;
  client_id client;
  std::string body;
  std::optional<std::uint64_t> reply_to;
  std::vector<user_id> mentions;
  std::optional<application_data> meta;
  std::optional<std::uint64_t> thread;
  std::optional<timestamp> expires_at;
  std::vector<file_facts> files;
  std::optional<timestamp> edited_at; ///< In answers to `history` alone.
  bool is_deleted = false;            ///< Then there is nothing but who wrote it, and when.
};
/// Users became members.
struct joined : numbered {
  std::vector<membership> users;
  user_id by;
};
/// A member went, or was taken out: of oneself it is the last event.
struct left : numbered {
  user_id user;
  user_id by;
  std::optional<user_id> owner; ///< Who owns the conversation now that its last owner went.
  std::optional<std::uint64_t> banned_until;
};
/// Something of the conversation or of a member's standing is otherwise now; what is absent stays.
struct changed : numbered {
  user_id by;
  std::optional<user_id> user;
  std::optional<role> as;
  std::optional<std::uint64_t> banned_until;
  std::optional<std::uint64_t> silent_until;
  std::optional<std::string> title;
  std::optional<application_data> meta;
  std::optional<std::uint64_t> slow_mode;
  std::optional<bool> frozen;
};
/// Users were asked in.
struct invited : numbered {
  std::vector<membership> users;
  user_id by;
};
/// An invitation is over without a new member.
struct uninvited : numbered {
  user_id user;
  user_id by;
};
/// A message says something else.
struct edited : numbered {
  sequence message;
  user_id by;
  std::string body;
  std::vector<user_id> mentions;
  bool is_deleted = false; ///< What it said is not there any more.
};
/// A message was deleted for everyone.
struct erased : numbered {
  sequence message;
  user_id by;
  bool has_expired = false;
};
/// Somebody reacted to a message, or took that back.
struct reaction : numbered {
  sequence message;
  user_id user;
  std::string emoji;
  bool is_removed = false;
};
/// A message was pinned, or is no longer.
struct pinned : numbered {
  sequence message;
  user_id by;
  bool is_removed = false;
};
/// The conversation is no more.
struct conversation_deleted : numbered {
  user_id by;
};

/// Anything that has no type here: its type on the wire, and all of it as one MessagePack map.
struct other {
  std::string type;
  std::string msgpack;
};

/// What is in a page.
using listed = std::variant<message, joined, left, changed, invited, uninvited, edited, erased,
                            reaction, pinned, conversation_deleted, other>;

// --- What is told beside them --------------------------------------------------------------------

/// What a conversation is: the answer to `create` and `get`, or told to who joined.
struct conversation {
  conversation_id id;
  conversation_kind kind = conversation_kind::group;
  std::string title;
  std::optional<application_data> meta;
  std::vector<membership> members; ///< Some of them, where there are many.
  std::uint64_t member_count = 0;
  sequence seq; ///< The newest event.
  timestamp created_at{};
};
/// How far a member has got.
struct receipt {
  conversation_id conversation;
  user_id user;
  sequence delivered;
  sequence read;
  timestamp at{};
};
/// Somebody types, or a number of users does.
struct typing {
  conversation_id conversation;
  user_id user;                       ///< Nobody: see `count`.
  std::optional<std::uint64_t> count; ///< Stands for all that was told of typing before.
  bool is_active = false;
  std::chrono::milliseconds expires{};
};
/// How a user is: `online`, `away`, `busy` or `offline`.
struct presence {
  user_id user;
  std::string status;
  std::string text;
  std::optional<timestamp> last_seen;
};
/// Everything of a conversation before a number is gone.
struct trimmed {
  conversation_id conversation;
  sequence before;
};
/// These numbers were not told, since the participant was behind: `sync_events` has them.
struct gap {
  conversation_id conversation;
  sequence from;
  sequence to;
};
/// Everything up to here was told: keep the cursor for `newcomer::since`.
struct checkpoint {
  std::string cursor;
};
/// The same, behind all that was missed since the last time.
struct synced {
  std::string cursor;
};
/// What was missed cannot be told for certain: drop what you had, and read it anew.
struct reset {
  std::string reason;
  std::string cursor;
};
/// The end comes next.
struct bye {
  std::string reason;
};

// --- Answers -------------------------------------------------------------------------------------

/// The first thing that is told.
struct welcome {
  user_id user;
  device_id device;
  std::string session;
  std::string epoch;
  std::string cursor;
};
/// The message is on disk, under this number.
struct sent {
  conversation_id conversation;
  client_id client;
  sequence seq;
  timestamp at{};
};
/// What was asked for is done, with this event if it is one.
struct done {
  sequence seq;
};
/// What was asked for is not done.
struct refused {
  failure why;
};
/// Events of a conversation.
struct page {
  conversation_id conversation;
  std::vector<listed> items;
  sequence first;
  sequence last;
  bool has_more = false;
};
/// One of the user's conversations.
struct listed_conversation {
  conversation_id id;
  conversation_kind kind = conversation_kind::group;
  std::string title;
  sequence seq;
  role as = role::member;
  sequence read;
  std::uint64_t unread = 0;
  std::uint64_t mentions = 0;
  std::optional<message> last;
};
/// Some of the user's conversations, the most recently changed first.
struct conversations {
  std::vector<listed_conversation> items;
  std::optional<std::string> cursor;
};
/// One member.
struct listed_member {
  user_id user;
  role as = role::member;
  timestamp joined_at{};
};
/// Some of a conversation's members.
struct members {
  std::vector<listed_member> items;
  std::optional<std::string> cursor;
};

} // namespace events

/// Everything that may be told.
using event =
    std::variant<events::message, events::joined, events::left, events::changed, events::invited,
                 events::uninvited, events::edited, events::erased, events::reaction,
                 events::pinned, events::conversation_deleted, events::other, events::conversation,
                 events::receipt, events::typing, events::presence, events::trimmed, events::gap,
                 events::checkpoint, events::synced, events::reset, events::bye, events::welcome,
                 events::sent, events::done, events::refused, events::page, events::conversations,
                 events::members>;

/// An event or an answer.
struct told_event {
  reference ref; ///< Of the command that it answers; nothing: it is no answer.
  event what;
};

/// Appends what is in the bytes: MessagePack maps one after another, as clients are sent them.
/// Stops at what is none.
void read_events(std::string_view msgpack_maps, std::vector<told_event>& into);

} // namespace parley
