// What the log keeps: one record per event, in batches that are committed, applied and delivered as
// a whole.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/files.hpp"
#include "actors/ids.hpp"
#include "actors/time.hpp"

namespace parley {

/// Milliseconds since the Unix epoch, as the wire has it.
inline std::int64_t to_wire(timestamp at) { return at.time_since_epoch().count(); }

/// The first half of a SHA-256 over a command's content: tells a retry from a conflict.
using fingerprint = std::array<std::uint8_t, 16>;

/// Names a command for ever: (scope, sender, client_id). The scope is the conversation, but for
/// `create` it is a name derived from the creator and the client_id, so that all creations of a
/// user share one name space.
struct idempotency_key {
  conversation_id scope;
  user_id sender;
  client_id client;
  friend bool operator==(const idempotency_key&, const idempotency_key&) = default;
};

/// Key-value pairs already encoded, without the map's header: what an answer without `ref` holds.
struct raw_fields {
  std::uint32_t count = 0;
  std::string bytes;
  friend bool operator==(const raw_fields&, const raw_fields&) = default;
};

/// Where an idempotency key led: enough to give the first answer again.
struct known_command {
  fingerprint content{};
  conversation_id conversation; ///< Where the event is; differs from the scope for creations.
  sequence seq;
  timestamp at;
  raw_fields answer; ///< What the first answer said, where it does not follow from the rest.
};

/// A user in a conversation, as `joined` names it.
struct membership {
  user_id user;
  role as = role::member;
  friend bool operator==(const membership&, const membership&) = default;
};

/// How far a member has got in a conversation: the newest number that reached one of their devices,
/// the newest that they have seen, and the newest that others are told they have seen.
struct receipt {
  sequence delivered;
  sequence read;
  sequence shown; ///< At most `read`, which is further where one read in private.
  friend bool operator==(const receipt&, const receipt&) = default;
};
/// How far one device of a member has got by itself.
struct device_receipt {
  device_id device;
  sequence delivered;
  sequence read;
  timestamp at{}; ///< When one of them last moved.
  friend bool operator==(const device_receipt&, const device_receipt&) = default;
};
/// A member's cursors, and those of the devices that moved last, the latest first.
struct member_cursors {
  receipt now;
  std::vector<device_receipt> devices = {};

  /// The device's own, if it has any.
  const device_receipt* of(const device_id& device) const;
  friend bool operator==(const member_cursors&, const member_cursors&) = default;
};
/// Puts a device in front of the others; beyond limits::devices_per_receipt the last one goes.
void take_in(std::vector<device_receipt>& devices, device_receipt moved);
/// Who is told of a move of a member's cursors, the fewest first.
enum class receipt_audience : std::uint8_t { nobody, own_devices, everyone };
/// Where a member's cursors, and those of some of their devices, stand from now on.
struct member_receipt {
  user_id user;
  receipt now;
  std::vector<device_receipt> devices = {}; ///< The earliest first; all at the record's time.
  receipt_audience told = receipt_audience::everyone; ///< Not stored.
  user_list_ptr apart = {}; ///< Who is not told all the same, sorted; not stored.
  friend bool operator==(const member_receipt&, const member_receipt&) = default;
};

/// Whom a message mentions: users by name, and whether everyone (`@all`, `@here`).
struct mentioned {
  std::vector<user_id> users;
  bool everyone = false;
  friend bool operator==(const mentioned&, const mentioned&) = default;
};

/// What a record does to its conversation, beside carrying an event.
enum class record_kind : std::uint8_t {
  created,
  message,
  joined,
  left,
  changed,
  noted,       ///< Nothing but a key: of a command that changed nothing, so that it never will.
  receipts,    ///< Moves cursors of members.
  deleted,     ///< Ends the conversation: the last event its members get.
  seen,        ///< No conversation's: `actor` was there at `at`.
  edited,      ///< Gives a message another body.
  erased,      ///< Ends a message; its number stays.
  reacted,     ///< Puts a reaction to a message, or takes it back.
  set,         ///< Changes what `actor` keeps of the conversation for themselves.
  hidden,      ///< Takes a message out of `actor`'s sight.
  pinned,      ///< Pins a message, or takes the pin away.
  thread_read, ///< Moves `actor`'s cursor in the thread of a message.
  blocked,     ///< `actor` wants nothing to do with `left`, or again: of two users, not of their
               ///< direct conversation, which need not be there.
  unblocked,
  notified,      ///< Members who are told that they have not read a message; no event.
  dismissed,     ///< `actor` has seen what they were told.
  tuned,         ///< Changes how `actor` wants to be told.
  invited,       ///< Offers users a `role` each.
  uninvited,     ///< Ends such an offer: `actor` takes it back, or does not want it.
  file_added,    ///< No conversation's: `actor` has uploaded `file`.
  files_dropped, ///< No conversation's and nobody's: `files` go, unless they are in use again.
  profiled,      ///< Changes what `actor` shows of themselves.
  trimmed,       ///< Nobody's: every event before `change`'s number is gone.
  held,          ///< `actor` has everything kept.
  released,      ///< And no longer.
  user_erased,   ///< No conversation's and nobody's: how far the erasing of a user has got is in
                 ///< `event`, which is no event.
  exported,      ///< Nobody's, too: the receipt of an export is in `event`, which is no event.
};
/// The last of them, for those who read them from bytes.
inline constexpr record_kind last_record_kind = record_kind::exported;
/// Whether a record of this kind says something of files alone.
constexpr bool is_about_files(record_kind kind) noexcept {
  return kind == record_kind::file_added || kind == record_kind::files_dropped;
}
/// Whether a record of this kind says something of two users.
constexpr bool is_about_users(record_kind kind) noexcept {
  return kind == record_kind::blocked || kind == record_kind::unblocked;
}
/// Whether a record of this kind is what a user has settled alone.
constexpr bool is_of_user(record_kind kind) noexcept {
  return kind == record_kind::dismissed || kind == record_kind::tuned ||
         kind == record_kind::profiled;
}
/// Whether a record of this kind belongs to a conversation and continues it.
constexpr bool is_of_conversation(record_kind kind) noexcept {
  return kind != record_kind::seen && kind != record_kind::notified && !is_about_users(kind) &&
         !is_of_user(kind) && !is_about_files(kind) && kind != record_kind::user_erased &&
         kind != record_kind::exported;
}
/// Whether a record of this kind begins or ends a hold.
constexpr bool is_about_holds(record_kind kind) noexcept {
  return kind == record_kind::held || kind == record_kind::released;
}
/// Whether a record of this kind is an event with a number of its own. One that is not carries the
/// conversation's newest number and no event.
constexpr bool is_numbered(record_kind kind) noexcept {
  return is_of_conversation(kind) && kind != record_kind::noted && kind != record_kind::receipts &&
         kind != record_kind::set && kind != record_kind::hidden &&
         kind != record_kind::thread_read && kind != record_kind::trimmed && !is_about_holds(kind);
}
/// Whether a record of this kind is about users who are invited.
constexpr bool is_about_invitations(record_kind kind) noexcept {
  return kind == record_kind::invited || kind == record_kind::uninvited;
}
/// Whether only the devices of `actor` are told.
constexpr bool is_private(record_kind kind) noexcept {
  return kind == record_kind::set || kind == record_kind::hidden ||
         kind == record_kind::thread_read || is_about_users(kind) || is_of_user(kind);
}

/// How long a user is kept out of a conversation, or silent in it: milliseconds since the Unix
/// epoch, 0 for not at all.
struct restriction {
  user_id user;
  std::uint64_t banned_until = 0;
  std::uint64_t silent_until = 0;

  /// Nothing is kept of it any more.
  bool is_over(timestamp now) const noexcept {
    const auto passed = static_cast<std::uint64_t>(to_wire(now));
    return banned_until <= passed && silent_until <= passed;
  }
  friend bool operator==(const restriction&, const restriction&) = default;
};

/// What a `changed` record sets; what is absent stays.
struct settings_change {
  std::optional<std::string> title;
  std::optional<std::string> meta;             ///< MessagePack of a map.
  std::optional<std::uint64_t> slow_mode = {}; ///< Seconds.
  std::optional<bool> frozen = {};
  std::optional<permissions> rights = {};
  std::optional<shown_past> history = {};
  std::optional<retention_bounds> retention = {};
  friend bool operator==(const settings_change&, const settings_change&) = default;
};

/// What stays of an event whose content is erased: the same number, without what it said.
struct tombstone {
  sequence seq;
  std::string event; ///< The MessagePack map that stands there from now on.
  friend bool operator==(const tombstone&, const tombstone&) = default;
};

/// Takes what a record sets.
inline void apply(const settings_change& what, moderation& to) {
  to.slow_mode = what.slow_mode.value_or(to.slow_mode);
  to.frozen = what.frozen.value_or(to.frozen);
  to.rights = what.rights.value_or(to.rights);
  to.history = what.history.value_or(to.history);
  to.retention = what.retention.value_or(to.retention);
}

/// What becomes of a message that was sent earlier; a new body is in the event alone.
struct message_change {
  sequence message;
  user_id author;                         ///< Who sent the message.
  mentioned before = {};                  ///< Whom it mentioned so far.
  std::vector<tombstone> tombstones = {}; ///< For `erased`: of the message and its edits.
  std::string emoji = {};                 ///< For `reacted`.
  bool removed = false;                   ///< For `reacted` and `pinned`: taken back.
  sequence thread = {};                   ///< Whose thread the message is in; not stored.
  std::size_t kept_bytes = 0;             ///< What the store has of the message so far; not stored.
  std::vector<user_id> unseen_by = {}; ///< For `edited`: members to whom the message is not shown,
                                       ///< sorted; not stored.
};

/// A member who is told that there is something to read, and how much that is by then.
struct notice {
  user_id user;
  std::uint64_t unread = 0;
  std::uint64_t mentions = 0; ///< Of them.
  bool quiet = false;         ///< They do not want to be disturbed now.
  friend bool operator==(const notice&, const notice&) = default;
};

/// What a record says of notifications, and of what else a user settles alone.
struct notification_change {
  std::vector<notice> notices = {}; ///< For `notified`: up to the record's `seq`.
  position decided = {};            ///< Likewise: of messages up to here all is decided; or 0.
  std::optional<conversation_id> dismissed = {}; ///< For `dismissed`: only of this one.
  notification_settings settings = {};           ///< For `tuned`: what is absent stays.
  std::optional<user_profile> profile = {};      ///< For `profiled`: all of it, as it is then.
  friend bool operator==(const notification_change&, const notification_change&) = default;
};

/// What is settled when a conversation is made.
struct creation {
  conversation_kind kind = conversation_kind::group;
  std::string title;
};

/// One event on its way to the log: its facts for the read model, its bytes for everyone else.
struct record {
  record_kind kind = record_kind::message;
  conversation_id conversation;
  sequence seq;
  timestamp at{};
  user_id actor;                      ///< Who did it: `from` or `by`.
  std::optional<idempotency_key> key; ///< Present when the command carried a client_id.
  fingerprint content{};              ///< Of the command; meaningful with `key`.
  raw_fields answer;                  ///< As in known_command; meaningful with `key`.
  message_ordinal ordinal;            ///< Messages in the conversation up to and with this one.
  std::vector<membership> joined;     ///< For `created` and `joined`.
  std::optional<user_id> left;        ///< For `left`; for `blocked` and `unblocked` the other user.
  /// Members who have another role from now on; for `invited` and `uninvited` the users who are
  /// offered one.
  std::vector<membership> roles;
  settings_change settings; ///< For `changed`.
  std::optional<restriction>
      restricted; ///< For `changed` and `left`: what is kept of a user from now on.
  std::optional<creation> created;      ///< For `created`.
  std::vector<member_receipt> receipts; ///< For `receipts`.
  mentioned mentions;                   ///< For `message` and `edited`.
  sequence thread = {};                 ///< For `message`: the one in whose thread it is, or 0.
  std::uint64_t expires_at = 0; ///< For `message`: milliseconds since the Unix epoch; 0: never.
  /// For `edited`, `erased`, `reacted`, `hidden`, `pinned` and `trimmed`; elsewhere, since most
  /// records are messages.
  std::shared_ptr<const message_change> change;
  std::shared_ptr<const preferences> kept = {}; ///< For `set`.
  std::shared_ptr<const notification_change> told =
      {};                          ///< For `notified`, `dismissed`, `tuned` and `profiled`.
  std::vector<file_id> files = {}; ///< For `message`: what is in it; for `files_dropped`.
  std::shared_ptr<const file_facts> file = {}; ///< For `file_added`.
  std::string event; ///< The MessagePack map as delivered, stored and synced.
  /// The `conversation` event that those who joined get before `event`, or the `invitation` of
  /// those who are invited; not stored.
  std::string introduction;
  /// The receipts are for the devices of those whose they are, for nobody else; not stored.
  bool receipts_are_private = false;
  /// Who asked for a `set`, and is not told; not stored.
  std::optional<session_address> asked_by;
  /// Whose membership ends with a `deleted`; not stored, since the store knows.
  std::vector<user_id> ended;
  /// Whose invitations it ends otherwise than by taking them in; not stored.
  std::vector<user_id> uninvited = {};
};
using record_ptr = std::shared_ptr<const record>;

/// Whether the record keeps a user out, who is no longer invited then either.
inline bool bans(const record& what) noexcept {
  return what.restricted &&
         what.restricted->banned_until > static_cast<std::uint64_t>(to_wire(what.at));
}

/// The number the conversation's last record must have for this one to continue it.
inline sequence follows(const record& what) noexcept {
  return is_numbered(what.kind) ? what.seq.previous() : what.seq;
}

/// Bytes of what a record says of an earlier message.
inline std::size_t change_bytes(const record& what) noexcept {
  if (!what.change)
    return 0;
  std::size_t bytes = sizeof(message_change) + what.change->emoji.size() +
                      what.change->author.str().size() +
                      what.change->before.users.size() * (sizeof(user_id) + 32);
  for (const auto& each : what.change->tombstones)
    bytes += sizeof(tombstone) + each.event.size();
  return bytes + what.change->unseen_by.size() * (sizeof(user_id) + 32);
}

/// Bytes of what a record says that its actor keeps for themselves.
inline std::size_t preference_bytes(const record& what) noexcept {
  std::size_t bytes = what.kept ? sizeof(preferences) : 0;
  if (what.kept && what.kept->quiet)
    for (const auto& each : *what.kept->quiet)
      bytes += sizeof(std::string) + each.size();
  return bytes;
}

/// Bytes of the cursors that a record moves.
inline std::size_t bytes_of_receipts(const record& what) noexcept {
  std::size_t bytes = 0;
  for (const auto& each : what.receipts) {
    bytes += sizeof(member_receipt) + 32 + (each.apart ? each.apart->size() * sizeof(user_id) : 0);
    for (const auto& device : each.devices)
      bytes += sizeof(device_receipt) + device.device.str().size();
  }
  return bytes;
}

/// Bytes of what a record says of notifications.
inline std::size_t notice_bytes(const record& what) noexcept {
  if (!what.told)
    return 0;
  std::size_t bytes = sizeof(notification_change);
  for (const auto& each : what.told->notices)
    bytes += sizeof(notice) + each.user.str().size();
  for (const auto& each : what.told->settings.quiet.value_or(std::vector<std::string>{}))
    bytes += sizeof(std::string) + each.size();
  if (const auto& shown = what.told->profile)
    bytes += shown->name.size() + shown->avatar.size() + shown->text.size();
  return bytes + what.told->settings.zone.value_or("").size() +
         (what.told->dismissed ? what.told->dismissed->str().size() : 0);
}

/// What a record takes in memory, about: what bounds of queues and rings are counted in.
inline std::size_t memory_of(const record& what) {
  return sizeof(record) + preference_bytes(what) + notice_bytes(what) + change_bytes(what) +
         what.event.size() + what.introduction.size() + what.answer.bytes.size() +
         what.files.size() * (sizeof(file_id) + 32) +
         (what.joined.size() + what.roles.size()) * (sizeof(membership) + 32) +
         bytes_of_receipts(what) +
         (what.mentions.users.size() + what.ended.size() + what.uninvited.size()) *
             (sizeof(user_id) + 32);
}

/// An answer on its way to a session; an empty envelope only returns the command's credit.
struct reply {
  session_address to;
  std::string envelope; ///< One encoded MessagePack map, or nothing.
};

/// A batch as it was committed: what every shard, and the applier, gets in log order.
struct committed_batch {
  position at;
  std::vector<record_ptr> records;
  std::vector<reply> acks;
};

} // namespace parley
