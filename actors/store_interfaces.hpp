// The interfaces of the store's actors and every message to them, one sentence each.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "actors/interfaces.hpp"

namespace parley {

// --- Messages to the persistence actors ---------------------------------------------------------

/// Commit this record; it continues the conversation's last one.
struct append {
  conversation_actor from; ///< Nobody for a record that nobody waits for.
  append_number number;
  record_ptr what;
  std::vector<reply> acks; ///< What is answered once it is on disk.
  told_outcome told = {};  ///< Who is no conversation hears how it ended; called by the log writer.
};
/// Commit what is waiting (the log writer to itself, behind what its mailbox holds already).
struct commit_due {};
/// How a commit ended (from the commit thread).
struct commit_finished {
  /// The batch's position; or `unavailable`: nothing was written; or `internal`: fail-stop.
  result<position> at;
};
/// The read model has everything up to here for certain.
struct applied {
  position at;
};

using log_writer_actor = takes<append, commit_due, commit_finished, applied>;

/// Somebody waits for the read model to reach this position.
struct hurry {
  position wanted;
};
/// Apply what is waiting (the applier to itself).
struct apply_due {};
/// How a transaction of the read model ended (from the applier's thread).
struct apply_finished {
  result<position> at;
};

/// Pack old events if there is nothing else to do (the applier to itself).
struct cool_due {};
/// How packing a portion of old events ended (from the applier's thread).
struct cool_finished {
  result<bool> more; ///< Whether there may be more of them.
};

using applier_actor = takes<committed, hurry, apply_due, apply_finished, cool_due, cool_finished>;

/// Read what a conversation starts from, once everything up to `at_least` is applied.
struct load_conversation {
  conversation_id conversation;
  position at_least;
  conversation_actor to;
};
/// Look up idempotency keys that are older than what the conversation remembers.
struct find_keys {
  std::vector<idempotency_key> keys;
  position at_least;
  conversation_actor to;
};
/// Look up the cursors of members.
struct find_receipts {
  conversation_id conversation;
  std::vector<user_id> users;
  position at_least;
  conversation_actor to;
};
/// Look up what has to be known of messages.
struct find_message {
  conversation_id conversation;
  messages_question what;
  position at_least;
  conversation_actor to;
};
/// Look up what keeps a user from inviting these others.
struct find_invited {
  std::vector<user_id> users;
  user_id by;
  bool counts = true; ///< How many invitations they have, beside who has blocked whom.
  position at_least;
  conversation_actor to;
};
/// Read who has a message, what it said or who reacted to it, and answer the client with it.
struct read_inquiry {
  message_inquiry what;
  position at_least;
  asker to;
};
/// Read a page of events and answer the client with it.
struct read_page {
  conversation_id conversation;
  page_range range;
  sequence head;          ///< The newest event that may be shown.
  bool fills_gap = false; ///< A `sync`: tells the session what was pulled.
  position at_least;
  asker to;
};
/// Read a page of a user's conversations and answer the client with it.
struct read_list {
  list_conversations what;
  timestamp now{};
  position at_least;
  asker to;
};
/// Read whom a user has blocked, what they are invited to or were told, how they want to be, or
/// whose profiles they may see, what is held, and answer the client with it.
struct read_own_list {
  std::variant<list_blocks, list_invitations, list_notifications, get_notification_settings,
               get_profile, list_holds>
      what;
  position at_least;
  asker to;
};
/// Read what is unread in all of a user's conversations and answer the client with it.
struct read_totals {
  timestamp now{};
  position at_least;
  asker to;
};
/// Read a user's memberships and what they missed since a position.
struct read_catch_up {
  user_id user;
  std::optional<position> since;
  position at_least;
  session_address to;
};
/// Read with whom a user shares a conversation.
struct read_shared {
  user_id user;
  std::vector<user_id> others;
  position at_least;
  presence_actor to;
};
/// Read when a user was seen last.
struct read_seen {
  user_id user;
  position at_least;
  presence_actor to;
};

/// Read what bears on whether others are shown what a user does.
struct read_dealings {
  user_id user;
  position at_least;
  conversation_actor to;
};
/// Read what a user shows of themselves.
struct find_profile {
  user_id user;
  position at_least;
  std::function<void(const result<user_profile>&)> to; ///< Called by the reader.
};

/// Read which messages are to go by now.
struct read_due {
  timestamp until{};
  std::string behind; ///< A due_messages::place, or nothing to begin at the first.
  position at_least;
  expirer_actor to;
};

/// Read which members have not read a conversation up to a number, behind a member.
struct read_notifiable {
  conversation_id conversation;
  std::uint64_t look = 0; ///< Numbers what is asked.
  sequence last;
  std::optional<user_id> behind;
  timestamp now{};
  position at_least;
  notifier_actor to;
};
/// Read which messages were sent behind a position and up to another.
struct read_recent {
  position since;
  position until;
  std::pair<conversation_id, sequence> from; ///< recent_messages::next, or nothing.
  notifier_actor to;
};

/// Read of which conversations the oldest events are to go.
struct read_trimmable {
  retention_question what;
  position at_least;
  trimmer_actor to;
};

using reader_actor =
    takes<load_conversation, find_keys, find_receipts, find_message, find_invited, read_page,
          read_inquiry, read_list, read_catch_up, read_shared, read_seen, read_due, read_own_list,
          read_totals, read_notifiable, read_recent, read_files, applied, read_dealings,
          find_profile, read_trimmable, read_erasures>;

/// Look for messages and answer the client with what is found.
struct read_search {
  search_messages what;
  position at_least;
  asker to;
};
/// Time to bring the index up to date (the indexer to itself).
struct index_due {};
/// How a step of the index's writer ended (from its thread).
struct index_finished {
  result<position> at;        ///< Where the index is.
  bool steps_left = false;    ///< There is more to do than what is committed since.
  bool is_rebuilding = false; ///< It is so far behind that nothing can be looked for.
  bool is_gone = false;       ///< It was damaged, and is made anew from the next step on.
};
/// A search found the index damaged.
struct index_damaged {};
/// Somebody may have waited for the index long enough (the indexer to itself).
struct patience_over {};

using indexer_actor =
    takes<committed, applied, read_search, index_due, index_finished, index_damaged, patience_over>;

} // namespace parley

PARLEY_MESSAGE(parley::append)
PARLEY_MESSAGE(parley::commit_due)
PARLEY_MESSAGE(parley::commit_finished)
PARLEY_MESSAGE(parley::applied)
PARLEY_MESSAGE(parley::hurry)
PARLEY_MESSAGE(parley::apply_due)
PARLEY_MESSAGE(parley::apply_finished)
PARLEY_MESSAGE(parley::cool_due)
PARLEY_MESSAGE(parley::cool_finished)
PARLEY_MESSAGE(parley::load_conversation)
PARLEY_MESSAGE(parley::find_keys)
PARLEY_MESSAGE(parley::find_receipts)
PARLEY_MESSAGE(parley::find_message)
PARLEY_MESSAGE(parley::read_page)
PARLEY_MESSAGE(parley::read_inquiry)
PARLEY_MESSAGE(parley::read_list)
PARLEY_MESSAGE(parley::read_catch_up)
PARLEY_MESSAGE(parley::read_shared)
PARLEY_MESSAGE(parley::read_seen)
PARLEY_MESSAGE(parley::read_due)
PARLEY_MESSAGE(parley::read_own_list)
PARLEY_MESSAGE(parley::find_invited)
PARLEY_MESSAGE(parley::read_totals)
PARLEY_MESSAGE(parley::read_notifiable)
PARLEY_MESSAGE(parley::read_recent)
PARLEY_MESSAGE(parley::read_search)
PARLEY_MESSAGE(parley::index_due)
PARLEY_MESSAGE(parley::index_finished)
PARLEY_MESSAGE(parley::index_damaged)
PARLEY_MESSAGE(parley::patience_over)
PARLEY_MESSAGE(parley::read_dealings)
PARLEY_MESSAGE(parley::find_profile)
PARLEY_MESSAGE(parley::read_trimmable)
