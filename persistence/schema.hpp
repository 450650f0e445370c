// The read model's tables: how their keys and values are spelled. README.md has the grammar.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/erasures.hpp"
#include "actors/errors.hpp"
#include "actors/queries.hpp"
#include "actors/record.hpp"

namespace parley {

/// The version of the model's format; any other is refused, since none was ever released.
inline constexpr std::uint64_t model_format = 9;

/// The tables, by their place in the environment.
enum class model_table : unsigned {
  meta,          ///< Name -> number or text.
  events,        ///< (conversation, seq) -> the event as delivered.
  dedupe,        ///< Idempotency key -> where it led.
  members,       ///< (conversation, user) -> role and join.
  memberships,   ///< (user, conversation) -> when the user was a member.
  conversations, ///< Conversation -> facts and heads.
  receipts,      ///< (conversation, user) -> the member's cursors.
  journal,       ///< (conversation, user, cursor, number) -> older moves of the cursor.
  tallies,       ///< (conversation, what, user, seq) -> how many up to here.
  condemned,     ///< What was deleted and has rows that are still going: conversations, messages.
  users,         ///< User -> when they were seen last.
  messages,      ///< (conversation, seq) -> what became of a message since it was sent.
  reactions,     ///< (conversation, seq, emoji, user) -> the event that says so.
  hidden,        ///< (conversation, seq, user) -> since when the user does not see the message.
  preferences,   ///< (user, conversation) -> what the user keeps of it for themselves.
  corrections,   ///< (conversation, what, user, blocks of numbers) -> by how much the tallies are
                 ///< off.
  pins,          ///< (conversation, seq) -> who pinned the message, and when.
  restrictions,  ///< (conversation, user) -> until when they are kept out, or silent.
  expiries,      ///< (time, conversation, seq): a message that is to go then.
  replies,       ///< (conversation, message, seq) -> who wrote this one in its thread.
  thread_reads,  ///< (conversation, message, user) -> how far they have read its thread.
  pair_blocks,   ///< (direct conversation, user) -> whom of the two the user has blocked.
  blocked,       ///< (user, blocked user) -> since when.
  notices,       ///< (user, conversation) -> what the user was told and has not read.
  tunings,       ///< User -> how they want to be told.
  invitations,   ///< (conversation, user) -> who offered them which role, and when.
  invited,       ///< (user, conversation) -> the batch in which they were invited.
  files,         ///< File -> what it is, whose, and in how many messages.
  file_uses,     ///< (file, conversation, seq): a message that it is in.
  unused_files,  ///< (time, file): one that is in no message and is to go then.
  unsent_files,  ///< (user, file) -> bytes of what they uploaded and never sent.
  blocked_by,    ///< (blocked user, user): the other way round than `blocked`.
  profiles,      ///< User -> what they show of themselves.
  holds,         ///< Conversation -> who has everything in it kept, and since when.
  cold,          ///< (conversation, last seq) -> a run of old events, compressed.
  erasures,      ///< Receipt -> a user who is being erased, or was.
  exports,       ///< Receipt -> an archive that somebody had.
};
inline constexpr std::array model_table_names{
    std::string_view{"meta"},         std::string_view{"events"},
    std::string_view{"dedupe"},       std::string_view{"members"},
    std::string_view{"memberships"},  std::string_view{"conversations"},
    std::string_view{"receipts"},     std::string_view{"journal"},
    std::string_view{"tallies"},      std::string_view{"condemned"},
    std::string_view{"users"},        std::string_view{"messages"},
    std::string_view{"reactions"},    std::string_view{"hidden"},
    std::string_view{"preferences"},  std::string_view{"corrections"},
    std::string_view{"pins"},         std::string_view{"restrictions"},
    std::string_view{"expiries"},     std::string_view{"replies"},
    std::string_view{"thread_reads"}, std::string_view{"pair_blocks"},
    std::string_view{"blocked"},      std::string_view{"notices"},
    std::string_view{"tunings"},      std::string_view{"invitations"},
    std::string_view{"invited"},      std::string_view{"files"},
    std::string_view{"file_uses"},    std::string_view{"unused_files"},
    std::string_view{"unsent_files"}, std::string_view{"blocked_by"},
    std::string_view{"profiles"},     std::string_view{"holds"},
    std::string_view{"cold"},         std::string_view{"erasures"},
    std::string_view{"exports"}};

// --- Rows ----------------------------------------------------------------------------------------

class cold_segment;

struct event_row {
  position at;
  record_kind kind = record_kind::message;
  message_ordinal ordinal;
  std::string_view event;                           ///< Points into what it was decoded from.
  std::shared_ptr<const cold_segment> segment = {}; ///< What that is, when it is a segment.
};

/// A run of consecutive events of one conversation that stands for their rows.
struct cold_row {
  sequence first;
  std::uint64_t raw_bytes = 0; ///< What `packed` takes when it is unpacked.
  std::string_view packed;     ///< Points into what it was decoded from.
};

struct member_row {
  role as = role::member;
  sequence joined_seq;
  timestamp joined_at{};
  sequence sees_from = {}; ///< The first number they may see; 0 for all.
};

/// From the event `joined` to the event `left`; a `left` of 0 means still there.
struct membership_period {
  sequence joined;
  position joined_at;
  sequence left;
  position left_at;
};

/// Every time a user was in a conversation, oldest first: what a session saw live can be told again
/// exactly, even if the user was taken out and came back meanwhile.
struct membership_row {
  bool shortened = false; ///< The oldest periods were dropped.
  std::vector<membership_period> periods;
  bool active() const noexcept { return !periods.empty() && periods.back().left.value() == 0; }
};
/// Periods that are kept per user and conversation.
inline constexpr std::size_t kept_periods = 32;

struct conversation_row {
  conversation_kind kind = conversation_kind::group;
  std::string title;
  std::string meta; ///< MessagePack of a map, or nothing.
  user_id creator;
  timestamp created_at{};
  sequence head;
  position head_position;
  message_ordinal messages;
  sequence last_message; ///< The newest message's number, 0 without one.
  std::uint64_t members = 0;
  std::uint64_t mentions = 0; ///< Messages that mention anyone.
  position receipts_at;       ///< The batch in which a member's cursor last moved.
  bool deleted = false;       ///< Nothing is left of it but its last event.
  std::string creation_key;   ///< The `dedupe` row of its creation, or nothing.
  std::uint64_t hidden = 0;   ///< Rows in `hidden`.
  position hidden_at;         ///< The batch in which the last one came.
  moderation moderated = {};
  std::uint64_t restated = 0; ///< Messages of which the table `messages` has something to say.
  sequence kept_from = {};    ///< Events before it are gone, or going; 0 when none are.
  message_ordinal gone = {};  ///< Messages among them.
  position trimmed_at = {};   ///< The batch that says so.
  timestamp trimmed_when{};
};
/// The first number of which there is an event.
inline sequence first_kept(const conversation_row& row) noexcept {
  return std::max(row.kept_from, sequence{1});
}

/// Who has everything in a conversation kept, and since when.
struct hold_row {
  user_id by;
  timestamp at{};
};

/// Which of a member's two cursors.
enum class cursor_kind : std::uint8_t { delivered, read };

/// A cursor came to a number.
struct cursor_move {
  sequence to;
  timestamp at{};
};

/// The moves of one cursor, rising: when a number was first passed is a search. A move back takes
/// away what it passes.
struct cursor_moves {
  sequence older; ///< Names the journal's newest row of this cursor; 0 without one.
  std::vector<cursor_move> newest;
};
/// Moves that a receipt's row or a row of the journal holds at most.
inline constexpr std::size_t moves_per_row = 16;

/// A member's cursors, and the counts at the `read` one that make `unread` a subtraction.
struct receipt_row {
  receipt now;
  sequence since; ///< Where the cursors began: the event `joined`.
  position moved; ///< The batch in which one last moved; 0 when none did.
  timestamp moved_at{};
  position told; ///< The batch in which one moved that others are told of; 0 when none did.
  timestamp told_at{};
  std::uint64_t others = 0;   ///< Messages of others up to `now.read`.
  std::uint64_t mentions = 0; ///< Messages of others up to there that mention the member.
  cursor_moves delivered;
  cursor_moves read;                        ///< As others are told: of `now.shown`.
  std::vector<device_receipt> devices = {}; ///< As member_cursors has them.
};

/// When a row's cursors last moved, and when others were last told of it.
struct receipt_moved {
  position any;
  position told;
};

struct journal_row {
  sequence older; ///< The row before this one; 0 without one.
  std::vector<cursor_move> moves;
};

/// What is tallied, each a list of message numbers of its own.
enum class tally : std::uint8_t {
  own,         ///< Messages of a user.
  named,       ///< Messages of others that mention a user by name.
  everyone,    ///< Messages that mention everyone; of no user.
  everyone_by, ///< Messages of a user that mention everyone.
};

/// A number of a list, and of an old part of it those that follow, so that they need no rows.
struct tally_row {
  std::uint64_t count = 0;         ///< How many there are up to and with the key's number.
  std::vector<std::uint64_t> more; ///< Those that follow, each as what it adds to the one before.
};

struct user_row {
  timestamp last_seen{};
};

/// What a user was told of a conversation; gone once they have read that far.
struct notice_row {
  sequence seq; ///< The newest message then.
  timestamp at{};
  bool quiet = false;
  bool seen = false;    ///< Dismissed by itself.
  position since;       ///< The batch that says so.
  sequence behind = {}; ///< What is new comes behind this number.
  bool joined = false;  ///< It was told of together with others.
};

/// What a user has settled of all that they are told.
struct tuning_row {
  notification_settings settings;
  position seen; ///< All that they were told up to this batch is dismissed.
};

/// What a user keeps of a conversation.
struct preference_row {
  preferences kept;
  sequence archived_at; ///< The newest number when it was put away.
  sequence hidden_at;   ///< The newest number when it was hidden.
  position changed;
};

/// A user who is being erased, or was, and how far the store has got with forgetting the name.
struct erasure_row {
  user_erasure what;
  std::uint64_t stage = 0; ///< Which tables are being gone through.
  std::string place;       ///< The last key there that was dealt with.
};

/// What a user is invited to.
struct invited_row {
  position at;
};

/// What became of a message. One that was erased has nothing but the mentions it was sent with,
/// which the tallies still count, and when it was edited.
struct message_row {
  bool erased = false;
  sequence erased_in;              ///< The event that says so; meaningful with `erased`.
  std::optional<std::string> body; ///< The newest; absent: as it was sent.
  timestamp edited_at{};
  std::optional<mentioned> sent_with; ///< Whom it mentioned at first, once it was edited or erased.
  mentioned mentions;                 ///< Whom it mentions now; meaningful with `sent_with`.
  std::optional<std::vector<user_id>> mentioning; ///< As the last edit that named any had it.
  std::vector<message_edit> edits;
  std::vector<std::pair<std::string, std::uint64_t>> reactions; ///< Emojis and how many.
  std::uint64_t replies = 0;         ///< Messages in its thread that were not deleted.
  sequence last_reply = {};          ///< The newest of them.
  std::vector<user_id> participants; ///< Who wrote them last, the latest first.
  std::uint64_t files = 0;           ///< That were in it; meaningful with `erased`.
};

/// What is counted wrongly by the tallies since messages were edited or erased.
enum class correction : std::uint8_t {
  messages, ///< Of all messages; of no user.
  own,      ///< As tally::own, and so on.
  named,
  everyone,
  everyone_by,
  hidden,       ///< Messages of others that a user has hidden.
  hidden_named, ///< Those of them that mention the user.
};

// --- Keys: big-endian, so that their order is the order of what they name
// --------------------------

std::string event_key(const conversation_id& conversation, sequence seq);
/// What the keys of all tallies of a conversation begin with.
std::string tallies_prefix(const conversation_id& conversation);
/// What the keys of all events of a conversation begin with.
std::string event_prefix(const conversation_id& conversation);
std::string dedupe_key(const idempotency_key& key);
/// What the keys of all idempotency keys in a scope begin with; others' may, too.
std::string dedupe_prefix(const conversation_id& scope);
std::string member_key(const conversation_id& conversation, const user_id& user);
std::string member_prefix(const conversation_id& conversation);
std::string membership_key(const user_id& user, const conversation_id& conversation);
std::string membership_prefix(const user_id& user);
std::string blocked_key(const user_id& user, const user_id& whom);

std::string receipt_key(const conversation_id& conversation, const user_id& user);
std::string receipt_prefix(const conversation_id& conversation);
std::string journal_prefix(const conversation_id& conversation, const user_id& user,
                           cursor_kind which);
std::string journal_key(const conversation_id& conversation, const user_id& user, cursor_kind which,
                        sequence first);
/// An erased message in the table of what is condemned: no conversation has an id like this.
std::string condemned_message_key(const conversation_id& conversation, sequence message);
/// What the keys of its reactions begin with; nothing when the key is a conversation's.
std::optional<std::string> condemned_reactions(std::string_view key);
std::string hidden_key(const conversation_id& conversation, sequence message, const user_id& user);
std::string reactions_prefix(const conversation_id& conversation);
std::string reaction_prefix(const conversation_id& conversation, sequence message,
                            std::string_view emoji);
std::string reaction_key(const conversation_id& conversation, sequence message,
                         std::string_view emoji, const user_id& user);
/// `at`: milliseconds since the Unix epoch.
std::string expiry_key(std::uint64_t at, const conversation_id& conversation, sequence message);
struct expiry_place {
  std::uint64_t at = 0;
  conversation_id conversation;
  sequence message;
};
std::optional<expiry_place> split_expiry_key(std::string_view key);
/// `file` must be spelled like an id of one.
std::string file_use_key(const file_id& file, const conversation_id& conversation, sequence seq);
struct file_use_place {
  file_id file;
  conversation_id conversation;
  sequence message;
};
std::optional<file_use_place> split_file_use_key(std::string_view key);
std::string unused_file_key(timestamp at, const file_id& file);
std::optional<std::pair<timestamp, file_id>> split_unused_file_key(std::string_view key);
std::string unsent_file_key(const user_id& by, const file_id& file);
/// What the keys of all corrections of a conversation begin with.
std::string corrections_prefix(const conversation_id& conversation);
std::string correction_prefix(const conversation_id& conversation, correction what,
                              const user_id& user);
std::string tally_prefix(const conversation_id& conversation, tally what, const user_id& user);
std::string tally_key(std::string prefix, sequence seq);

/// The two parts of a key; nothing when it is none.
std::optional<std::pair<conversation_id, sequence>> split_event_key(std::string_view key);
std::optional<std::pair<conversation_id, user_id>> split_member_key(std::string_view key);
std::optional<std::pair<user_id, conversation_id>> split_membership_key(std::string_view key);
std::optional<std::pair<conversation_id, user_id>> split_receipt_key(std::string_view key);

struct journal_place {
  conversation_id conversation;
  user_id user;
  cursor_kind which = cursor_kind::delivered;
  sequence first;
};
std::optional<journal_place> split_journal_key(std::string_view key);

struct hidden_place {
  conversation_id conversation;
  sequence message;
  user_id user;
};
std::optional<hidden_place> split_hidden_key(std::string_view key);

std::string reply_key(const conversation_id& conversation, sequence thread, sequence seq);
struct reply_place {
  conversation_id conversation;
  sequence thread;
  sequence seq;
};
std::optional<reply_place> split_reply_key(std::string_view key);

struct reaction_place {
  conversation_id conversation;
  sequence message;
  std::string emoji;
  user_id user;
};
std::optional<reaction_place> split_reaction_key(std::string_view key);

struct tally_place {
  conversation_id conversation;
  tally what = tally::own;
  user_id user; ///< Empty for `everyone`.
  sequence seq;
};
std::optional<tally_place> split_tally_key(std::string_view key);

/// The numbers that a row of a list stands for, rising: that of its key, and those that follow.
std::vector<sequence> numbers_of(sequence first, const tally_row& row);
inline std::vector<sequence> numbers_of(const tally_place& place, const tally_row& row) {
  return numbers_of(place.seq, row);
}

// --- Values: a checksum over where they belong and what they say, then MessagePack
// ------------------

std::string encode_row(const std::string& key, const event_row& row);
std::string encode_row(const std::string& key, const known_command& row);
std::string encode_row(const std::string& key, const member_row& row);
std::string encode_row(const std::string& key, const membership_row& row);
std::string encode_row(const std::string& key, const conversation_row& row);
std::string encode_row(const std::string& key, const receipt_row& row);
std::string encode_row(const std::string& key, const journal_row& row);
std::string encode_tally(const std::string& key, std::uint64_t count);
std::string encode_row(const std::string& key, const tally_row& row);
std::string encode_row(const std::string& key, const user_row& row);
std::string encode_row(const std::string& key, const message_row& row);
std::string encode_row(const std::string& key, const notice_row& row);
std::string encode_row(const std::string& key, const tuning_row& row);
std::string encode_row(const std::string& key, const user_profile& row);
std::string encode_row(const std::string& key, const preference_row& row);
std::string encode_reaction_row(const std::string& key, sequence event);
std::string encode_hidden_row(const std::string& key, position since);
std::string encode_row(const std::string& key, const pinned_message& row);
std::string encode_row(const std::string& key, const restriction& row);
std::string encode_row(const std::string& key, const invitation& row);
std::string encode_row(const std::string& key, const invited_row& row);
std::string encode_reply(const std::string& key, const user_id& author);
std::string encode_thread_read_row(const std::string& key, sequence read);
std::string encode_pair_block(const std::string& key, const user_id& whom);
std::string encode_blocked_row(const std::string& key, timestamp since);
std::string encode_row(const std::string& key, const hold_row& row);
std::string encode_row(const std::string& key, const stored_file& row);
std::string encode_unsent(const std::string& key, std::uint64_t bytes);
std::string encode_row(const std::string& key, const cold_row& row);
std::string encode_correction(const std::string& key, std::int64_t sum);
std::string encode_row(const std::string& key, const erasure_row& row);
std::string encode_meta(const std::string& key, std::uint64_t number);
std::string encode_meta(const std::string& key, std::string_view text);

/// The row, or `internal` naming table and key when the value is not what was written there.
result<event_row> decode_event(std::string_view key, std::string_view value);
result<known_command> decode_dedupe(std::string_view key, std::string_view value);
result<member_row> decode_member(std::string_view key, std::string_view value);
result<membership_row> decode_membership(std::string_view key, std::string_view value);
result<conversation_row> decode_conversation(std::string_view key, std::string_view value);
result<receipt_row> decode_receipt(std::string_view key, std::string_view value);
/// Only when a cursor last moved, which is what most rows are looked at for.
result<receipt_moved> decode_receipt_moved(std::string_view key, std::string_view value);
result<journal_row> decode_journal(std::string_view key, std::string_view value);
result<tally_row> decode_tally(std::string_view key, std::string_view value);
result<user_row> decode_user(std::string_view key, std::string_view value);
result<message_row> decode_message(std::string_view key, std::string_view value);
result<preference_row> decode_preferences(std::string_view key, std::string_view value);
result<notice_row> decode_notice(std::string_view key, std::string_view value);
result<tuning_row> decode_tuning(std::string_view key, std::string_view value);
result<user_profile> decode_profile(std::string_view key, std::string_view value);
result<sequence> decode_reaction(std::string_view key, std::string_view value);
result<position> decode_hidden(std::string_view key, std::string_view value);
/// Without the user, who is in the key.
result<restriction> decode_restriction(std::string_view key, std::string_view value);
/// Without the message's number, which is in the key.
result<pinned_message> decode_pin(std::string_view key, std::string_view value);
result<user_id> decode_reply(std::string_view key, std::string_view value);
result<sequence> decode_thread_read(std::string_view key, std::string_view value);
result<user_id> decode_pair_block(std::string_view key, std::string_view value);
result<timestamp> decode_blocked(std::string_view key, std::string_view value);
/// Without the user, who is in the key.
result<invitation> decode_invitation(std::string_view key, std::string_view value);
result<invited_row> decode_invited(std::string_view key, std::string_view value);
result<hold_row> decode_hold(std::string_view key, std::string_view value);
result<stored_file> decode_file(std::string_view key, std::string_view value);
result<std::uint64_t> decode_unsent(std::string_view key, std::string_view value);
result<cold_row> decode_cold(std::string_view key, std::string_view value);
result<std::int64_t> decode_correction(std::string_view key, std::string_view value);
result<erasure_row> decode_erasure(std::string_view key, std::string_view value);
/// What a `user_erased` record says; nothing when it cannot be read.
std::optional<user_erasure> erasure_step_in(std::string_view event);
result<std::uint64_t> decode_meta_number(std::string_view key, std::string_view value);
result<std::string> decode_meta_text(std::string_view key, std::string_view value);

/// `table "key"`, for messages to people; bytes that are no plain text are escaped.
std::string describe_row(model_table table, std::string_view key);

} // namespace parley
