// What the engine asks of the read model, and what it gets back: plain values, no store behind
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/record.hpp"

namespace parley {

/// A member with the facts that `members` and resume need.
struct member_facts {
  user_id user;
  role as = role::member;
  sequence joined_seq;
  timestamp joined_at{};
  sequence sees_from = {}; ///< The first number they may see.
};

/// What keeps a user from inviting some others, the gravest first.
enum class invitation_obstacle : std::uint8_t {
  none,
  blocked,         ///< One of them has blocked the user, or is blocked.
  too_many,        ///< One of them has as many invitations as one may have.
  too_many_of_one, ///< One of them has as many of this user's.
};
/// The same, and who they are where a block stands between.
struct invitation_obstacles {
  invitation_obstacle gravest = invitation_obstacle::none;
  std::vector<user_id> blocked = {};
};

/// A member's cursors and when they last moved.
struct receipt_facts {
  user_id user;
  receipt now;
  timestamp at{};
  bool is_private = false;  ///< Only their own devices are told.
  user_list_ptr apart = {}; ///< Others who are not told, sorted.
};

/// Since when a member has a message.
struct message_receipt {
  user_id user;
  timestamp delivered_at{};
  std::optional<timestamp> read_at;
};
/// A page of those who have a message, by user.
struct receipt_page {
  /// Of all members but the author who may have the message, as the reader is told.
  struct totals {
    std::uint64_t delivered = 0;
    std::uint64_t read = 0;
    std::uint64_t of = 0;
  };
  std::vector<message_receipt> items;
  std::optional<std::string> cursor = {}; ///< Names the last member looked at when there are more.
  std::optional<totals> counts = {};      ///< When they were asked for.
};

/// An event as it was delivered, with its number.
struct stored_event {
  sequence seq;
  std::string bytes; ///< The MessagePack map.
  /// A message of which `history` says more than this: a newer body, reactions.
  bool restated = false;
};

/// One `edited` event of a message.
struct message_edit {
  sequence seq;
  user_id by;
  timestamp at{};
  friend bool operator==(const message_edit&, const message_edit&) = default;
};

/// Which message, and whose reaction to it, a command is about.
struct message_question {
  sequence message;
  user_id user;
  std::string emoji; ///< Empty when no reaction is asked about.
  friend bool operator==(const message_question&, const message_question&) = default;
};

/// The same of several messages, by rising number.
struct messages_question {
  std::vector<sequence> messages;
  user_id user; ///< Nobody: whoever may see what.
  std::string emoji;
  friend bool operator==(const messages_question&, const messages_question&) = default;
};

/// What has to be known of a message before something is done to it.
struct known_message {
  sequence seq;
  user_id from;
  timestamp at{};
  bool erased = false;
  mentioned mentions; ///< As of now.
  std::vector<message_edit> edits;
  std::size_t emojis = 0;      ///< Different ones among its reactions.
  bool emoji_is_there = false; ///< Somebody put the one that was asked about.
  bool reacted = false;        ///< The one who asked did.
  bool hidden = false;         ///< From the one who asked, by themselves.
  bool pinned = false;
  std::uint64_t expires_at = 0; ///< Milliseconds since the Unix epoch; 0: never.
  sequence thread = {};         ///< The message in whose thread it is, or 0.
  sequence thread_read = {};    ///< How far the one who asked has read its own thread.
  std::size_t bytes = 0;        ///< Of what the store has of it beside its event.
};

/// A message on the conversation's list of pinned ones.
struct pinned_message {
  sequence message;
  sequence seq; ///< Of the event that pinned it.
  user_id by;
  timestamp at{};
  friend bool operator==(const pinned_message&, const pinned_message&) = default;
};

/// Who is invited to a conversation, as what, and by whom.
struct invitation {
  user_id user;
  role as = role::member;
  user_id by;
  timestamp at{};
  sequence seq = {}; ///< Of the event that says so.
  friend bool operator==(const invitation&, const invitation&) = default;
};
/// What a user is invited to.
struct listed_invitation {
  conversation_id conversation;
  conversation_kind kind = conversation_kind::group;
  std::string title;
  invitation offered;
};
/// A page of that, the newest first.
struct invitation_page {
  std::vector<listed_invitation> items;
  std::optional<std::string> cursor; ///< Names the last one when there are more.
};

/// Everything a conversation actor starts from; `exists` is false for one that was never made.
struct conversation_snapshot {
  bool exists = false;
  bool deleted = false; ///< It existed once; then head and head_position still tell of it.
  conversation_kind kind = conversation_kind::group;
  std::string title;
  std::string meta; ///< MessagePack of a map, or nothing.
  user_id creator;
  timestamp created_at{};
  moderation moderated = {};
  /// When members posted last, as far as that may matter for slow mode.
  std::vector<std::pair<user_id, timestamp>> posted = {};
  sequence head;            ///< The last event's number.
  position head_position;   ///< The batch that holds it.
  message_ordinal messages; ///< How many messages there are.
  bool hides = false;       ///< Some messages are hidden from some members.
  sequence kept_from = {};  ///< Events before it are gone; 0 when none are.
  bool held = false;        ///< Nothing in it may go.
  std::vector<member_facts> members;
  std::vector<pinned_message> pins;           ///< By number.
  std::vector<restriction> restrictions = {}; ///< By user.
  std::vector<user_id> blockers = {};         ///< Of a pair, also of one without a conversation.
  std::vector<invitation> invitations = {};   ///< By user.
  std::vector<stored_event> tail; ///< The newest events, rising, bounded by limits::tail_*.
};

/// Which events a page wants: a range of numbers, both ends included, and which end matters.
struct page_range {
  sequence first;            ///< Lowest number wanted, at least 1.
  sequence last;             ///< Highest number wanted.
  bool newest_first = false; ///< When the limit cuts: keep the newest instead of the oldest.
  std::size_t limit = 0;     ///< Events, at most limits::page.
  bool more_outside =
      false; ///< There are events outside the range that the client may want: `more`.
  sequence pulled_from = {}; ///< Of a `sync`: numbers from here on need not be pulled any more.
  sequence sees_from = {};   ///< Of what is before, no edit says anything.
};

/// A user's conversation in `list`.
struct listed_conversation {
  conversation_id conversation;
  conversation_kind kind = conversation_kind::group;
  std::string title;
  std::string meta; ///< MessagePack of a map, or nothing.
  sequence head;
  position head_position;
  role as = role::member;
  moderation moderated = {};
  sequence read;               ///< The user's cursor.
  std::uint64_t unread = 0;    ///< Messages of others behind it.
  std::uint64_t mentions = 0;  ///< Those of them that mention the user.
  preferences kept;            ///< What the user has set.
  std::string last_message;    ///< The newest message's event, or nothing.
  std::vector<user_id> direct; ///< For a direct conversation: both users.
  sequence kept_from = {};     ///< Events before it are gone; 0 when none are.
};

/// A page of a user's conversations, the most recently changed first.
struct conversation_list {
  std::vector<listed_conversation> items;
  std::optional<std::string> cursor; ///< Names the last item when there are more.
};

/// What a message said from some event on.
struct message_version {
  sequence seq;
  user_id by;
  timestamp at{};
  std::string body;
};
/// A page of what it said, the first version first.
struct version_page {
  std::vector<message_version> items;
  std::optional<std::string> cursor; ///< Names the last one when there are more.
};

/// Somebody's reaction to a message.
struct message_reaction {
  std::string emoji;
  user_id user;
};
/// A page of those, by emoji and user.
struct reaction_page {
  std::vector<message_reaction> items;
  std::optional<std::string> cursor; ///< Names the last one when there are more.
};

/// What became of a message that was deleted for everyone.
struct erasure_facts {
  user_id from;
  sequence seq; ///< Of the event that deleted it.
  user_id by;
  timestamp at{};
  bool expired = false;
  std::size_t versions = 0;              ///< So many bodies went.
  std::optional<timestamp> compacted_at; ///< Since then they are in no file of the store.
  std::size_t files = 0;                 ///< So many files were in it.
};

/// What is found out about who is to be told of a conversation's newest messages.
struct notifiable {
  std::vector<notice> notices;
  std::optional<user_id> next; ///< The last member looked at when there are more.
};

/// A portion of the messages that were sent since a position.
struct recent_messages {
  struct item {
    conversation_id conversation;
    sequence seq;
    position at;
  };
  std::vector<item> items;                                  ///< In no order.
  std::optional<std::pair<conversation_id, sequence>> next; ///< Where the next portion begins.
};

/// Something a user was told of and has not read.
struct listed_notification {
  conversation_id conversation;
  conversation_kind kind = conversation_kind::group;
  std::string title;
  sequence seq;
  timestamp at{};
  std::uint64_t unread = 0;
  std::uint64_t mentions = 0;
  bool quiet = false;
  bool seen = false;
  std::string last_message; ///< The newest message's event, or nothing.
  std::uint64_t count = 0;  ///< What of it is new: nobody dismissed it.
  bool joined = false;      ///< It is told of together with others.
};
/// What a user was told of together.
struct joined_notices {
  std::uint64_t conversations = 0;
  std::uint64_t count = 0;
  std::uint64_t unread = 0;
  std::uint64_t mentions = 0;
  timestamp at{};    ///< Of the latest.
  bool quiet = true; ///< All of them are.
};
/// A page of those, the latest first.
struct notification_page {
  std::vector<listed_notification> items;
  std::uint64_t unseen = 0; ///< Of all.
  std::optional<std::string> cursor;
};

/// Whom a user has blocked, and since when.
struct blocked_user {
  user_id user;
  timestamp at{};
};
/// A page of those, by user.
struct block_page {
  std::vector<blocked_user> items;
  std::optional<std::string> cursor; ///< Names the last one when there are more.
};

/// How much is unread in some conversations.
struct unread_sum {
  std::uint64_t conversations = 0; ///< In which anything is.
  std::uint64_t unread = 0;
  std::uint64_t mentions = 0;
};
/// How much is unread in all that a user has not hidden.
struct unread_totals {
  unread_sum at_hand;
  unread_sum archived;
};

/// A message of which it is time to go.
struct due_message {
  conversation_id conversation;
  sequence seq;
};
/// Those that are to go by now, and when the next one is.
struct due_messages {
  std::vector<due_message> items;
  std::optional<timestamp> next;
  std::string place; ///< Names the last one that was looked at.
  bool more = false; ///< There are some behind it.
};

/// Of which conversations the oldest events are to go: of those that are named, or, without any,
/// of a portion of all.
struct retention_question {
  retention_bounds server = {}; ///< For every conversation.
  timestamp now{};
  bool by_time = true; ///< Whether `now` is to be believed.
  std::vector<conversation_id> named = {};
  std::string behind = {}; ///< A trimmable_events::next, or nothing to begin at the first.
};
/// A conversation of which some are.
struct trimmable_conversation {
  conversation_id conversation;
  sequence kept_from;            ///< The first one that stays.
  retention_bounds settled = {}; ///< By the conversation itself.
  bool more = false;             ///< Behind those there may be more that are to go.
};
struct trimmable_events {
  std::vector<trimmable_conversation> items = {};
  std::optional<std::string> next = {};   ///< Where the next portion begins, if there is one.
  std::vector<conversation_id> left = {}; ///< Named, and not looked at: it was enough.
};

/// A conversation of which nothing may go.
struct held_conversation {
  conversation_id conversation;
  user_id by;
  timestamp at{};
};
/// A page of those, by conversation.
struct hold_page {
  std::vector<held_conversation> items = {};
  std::optional<std::string> cursor = {}; ///< Names the last one when there are more.
};

/// A message that a search found.
struct search_hit {
  conversation_id conversation;
  sequence seq;
  user_id from;
  timestamp at{};
  std::string snippet;
  /// [start, length] in characters of the snippet.
  std::vector<std::pair<std::size_t, std::size_t>> marks;
};

/// A page of what a search found.
struct search_results {
  std::vector<search_hit> hits;
  std::optional<std::string> cursor; ///< Names the place to go on from when there may be more.
  search_order order = search_order::newest; ///< That the hits are in.
};

/// What one conversation did while a user was away.
struct missed_conversation {
  conversation_id conversation;
  std::string introduction;         ///< `conversation` envelope when joined since; else empty.
  std::vector<stored_event> events; ///< The newest missed ones, rising.
  sequence gap_first;               ///< With gap_last: older missed ones that are not in `events`.
  sequence gap_last;                ///< 0 when there is no gap.
  bool ended = false; ///< The user left since; nothing more will come and no sync is allowed.
  std::vector<receipt_facts> receipts; ///< Those that moved since.
  std::optional<preferences> kept;     ///< What the user keeps of it, if that changed since.
  std::vector<sequence> hidden;        ///< Messages that the user has hidden since.
  sequence trimmed = {};               ///< Events before it went since; 0 when none did.
};

/// Everything a session needs to go live: read at one applied position.
struct catch_up {
  position as_of;
  std::vector<conversation_id> memberships; ///< Current ones.
  std::vector<missed_conversation> missed;  ///< Only when a position to resume from was given.
  /// Set when the model cannot prove that nothing is missing (position beyond the log's head).
  bool unprovable = false;
};

/// With whom of those that were asked about a user shares a conversation.
struct shared_users {
  position as_of;              ///< The applied position at which this was so.
  std::vector<user_id> shared; ///< In the order they were asked.
  std::size_t reached = 0;     ///< So many of those asked about were looked at, from the first on.
};

/// When a user was seen last, if ever, and whether others are told.
struct seen_facts {
  std::optional<timestamp> at;
  bool is_shown = true;
};

/// What bears on whether others are shown what a user does.
struct dealings {
  position as_of;                ///< The applied position at which this was so.
  std::vector<user_id> blocked;  ///< By the user.
  std::vector<user_id> blockers; ///< Of the user.
  bool is_complete = true;       ///< There are no more of these than limits::dealings.
  bool types = true;             ///< The user lets others know that they type.
  bool shows_reads = true;       ///< And what they have read.
};

/// A member's cursors, and what bears on who is told of them.
struct cursors_found {
  member_cursors cursors;
  dealings dealt;
};

} // namespace parley
