// Every actor's typed interface and every message between actors, one sentence each: read this
// first.
//
// The way of a message: shard -> connection -> directory -> conversation -> log writer -> shards.
// The way of presence: shard or connection -> presences -> presence -> shards.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/caf.hpp"
#include "actors/commands.hpp"
#include "actors/conversation_request.hpp"
#include "actors/errors.hpp"
#include "actors/ids.hpp"
#include "actors/outbox.hpp"
#include "actors/queries.hpp"
#include "actors/record.hpp"

namespace parley {

// --- Messages to a connection ------------------------------------------------------------------

/// The session decoded a command of its client.
struct command_received {
  envelope asked;
};
/// The socket is gone; nothing sent to it will arrive.
struct connection_closed {};

using connection_actor = takes<command_received, connection_closed>;

// --- Messages to a transport shard -------------------------------------------------------------

/// Who a session turned out to be, and how long its token is good.
struct identity {
  user_id user;
  device_id device;
  timestamp expires_at{};
  bool admin = false;
};

/// A batch of the log is on disk: show its events, give its acknowledgements.
struct committed {
  std::shared_ptr<const committed_batch> batch;
};
/// A command is answered, or only finished when the envelope is empty.
struct answer {
  std::uint64_t session = 0;
  std::string envelope;
  /// For an answered `sync`: the numbers it covered, which fills a gap.
  std::optional<conversation_id> pulled;
  sequence pulled_first;
  sequence pulled_last;
};
/// The connection checked the token of a `hello`: bring the session up to date and let it live.
struct admit {
  std::uint64_t session = 0;
  identity who;
  reference ref;
  std::optional<std::string> since;
};
/// The session may not go on: say why, then close.
struct refuse {
  std::uint64_t session = 0;
  std::string envelope;
  error_code why = error_code::unauthenticated;
};
/// The session's token was renewed.
struct renew {
  std::uint64_t session = 0;
  timestamp expires_at{};
};
/// What an admitted session missed has been read.
struct caught_up {
  std::uint64_t session = 0;
  result<std::shared_ptr<const catch_up>> missed;
};
/// Something of the moment for a conversation's sessions: not in the log, dropped under pressure.
struct whispered {
  conversation_id conversation;
  user_id except; ///< Whose sessions are not told.
  std::string envelope;
};
/// How a user is, for the sessions of this shard that watch them.
struct presence_told {
  std::shared_ptr<const std::vector<std::uint64_t>> sessions;
  user_id user;
  std::string envelope;
};
/// The session was ended by its user from another one.
struct session_ended {
  std::uint64_t session = 0;
};
/// Whether sockets should wait, because the log or the read model is behind.
struct throttle {
  bool on = false;
};
/// The server stops: close every session with `bye` and 1012 (a shard), or write down who is there
/// (a presence).
struct drain {};

using shard_actor = takes<committed, answer, admit, refuse, renew, caught_up, whispered,
                          presence_told, session_ended, throttle, drain>;

// --- Messages to the directory and to conversations ---------------------------------------------

/// A command for one conversation, in memory or not.
struct ask {
  request_ptr what;
};
/// A conversation has nothing to keep in memory and would like to go.
struct went_idle {
  conversation_id conversation;
};
/// A conversation's answer to `passivate`: gone, or still needed.
struct passivated {
  conversation_id conversation;
  bool gone = false;
};
/// A `create` of this scope was answered: the next one may be decided.
struct creation_settled {
  conversation_id scope;
};
/// Time to look for conversations nobody has asked for a while.
struct sweep {};

using directory_actor = takes<ask, went_idle, passivated, creation_settled, sweep>;

/// The read model's image of the conversation has been read.
struct loaded {
  result<std::shared_ptr<const conversation_snapshot>> snapshot;
};
/// Keys were looked up: where each led, in the order they were asked, or nothing.
struct keys_found {
  result<std::vector<std::optional<known_command>>> found;
};
/// Members' cursors were looked up, in the order they were asked; nothing for who is no member.
struct receipts_found {
  result<std::vector<std::optional<receipt>>> found;
};
/// Messages were looked up: those of the numbers that are messages and may be seen, rising.
struct message_found {
  result<std::vector<known_message>> found;
};
/// Everything of this conversation up to this append is on disk.
struct appended {
  append_number last;
  position at;
};
/// This append is not in the log and never will be.
struct append_failed {
  append_number number;
  failure why;
};
/// Time to see who has stopped typing without a word (the conversation to itself).
struct typing_due {};
/// Leave memory unless something is under way.
struct passivate {};

using conversation_actor = takes<ask, loaded, keys_found, receipts_found, message_found, appended,
                                 append_failed, typing_due, passivate>;

// --- Messages to the presences and to one user's presence ----------------------------------------

/// The token of a `hello` was good: let the session in, unless its user has too many.
struct arrived {
  session_address session;
  identity who;
  reference ref;
  std::optional<std::string> since;
};
/// What can be asked about presence and sessions.
using presence_command =
    std::variant<set_presence, watch_users, unwatch_users, list_sessions, end_session>;
/// A command about presence or sessions on its way.
struct presence_asked {
  asker who;
  presence_command what;
};
/// A session as its shard knows it.
struct known_session {
  user_id user;
  device_id device;
  std::uint64_t number = 0;
};
/// Which sessions of a shard are there, a portion of them at a time, or are gone.
struct sessions_reported {
  std::uint32_t shard = 0;
  std::vector<known_session> here;
  std::vector<known_session> gone;
};
/// A presence that handled so many messages of the presences has nothing to keep in memory.
struct presence_idle {
  user_id user;
  std::uint64_t handled = 0;
};
/// Time to look whether memberships changed (the presences to themselves).
struct sharing_due {};

using presences_actor =
    takes<arrived, presence_asked, sessions_reported, presence_idle, sharing_due, drain>;

/// A session of another user, or of this one, wants to be told how this user is.
struct watched {
  user_id by;
  session_address session;
};
/// The session wants to be told no more.
struct unwatched {
  user_id by;
  session_address session;
};
/// The session is still there.
struct session_here {
  session_address session;
  device_id device;
};
/// The session is gone.
struct session_gone {
  session_address session;
};
/// Somebody joined or left somewhere since this was said last.
struct memberships_moved {};
/// With whom the user shares a conversation has been read.
struct shared_found {
  result<shared_users> found;
};
/// When the user was seen last has been read; nothing for someone who never was.
struct seen_found {
  result<std::optional<timestamp>> found;
};
/// Time to tell those who watch (the presence to itself).
struct presence_tick {};
/// Something ends by itself about now (the presence to itself).
struct presence_due {
  instant when;
};

using presence_actor = takes<arrived, presence_asked, watched, unwatched, session_here,
                             session_gone, memberships_moved, shared_found, seen_found,
                             presence_tick, presence_due, drain, passivate>;

// --- Messages to the expirer ---------------------------------------------------------------------

/// A message was stored that is to go at this moment.
struct expiry_noted {
  timestamp earliest{};
};
/// Time to look for messages that are to go (the expirer to itself).
struct expiry_due {
  instant when{};
};
/// Which are to go has been read.
struct due_found {
  result<due_messages> found;
};

using expirer_actor = takes<expiry_noted, expiry_due, due_found>;

// --- Messages to the persistence actors ---------------------------------------------------------

/// Commit this record; it continues the conversation's last one.
struct append {
  conversation_actor from; ///< Nobody for a record that nobody waits for.
  append_number number;
  record_ptr what;
  std::vector<reply> acks; ///< What is answered once it is on disk.
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

using applier_actor = takes<committed, hurry, apply_due, apply_finished>;

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
/// Read whom a user has blocked and answer the client with it.
struct read_blocks {
  list_blocks what;
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

/// Read which messages are to go by now.
struct read_due {
  timestamp until{};
  std::string behind; ///< A due_messages::place, or nothing to begin at the first.
  position at_least;
  expirer_actor to;
};

using reader_actor = takes<load_conversation, find_keys, find_receipts, find_message, read_page,
                           read_inquiry, read_list, read_catch_up, read_shared, read_seen, read_due,
                           read_blocks, read_totals, applied>;

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

// --- Messages to the supervisor -----------------------------------------------------------------

/// Something the promises rest on has failed: nothing may be acknowledged any more.
struct fail_stop {
  std::string why;
};

using supervisor_actor = takes<fail_stop>;

} // namespace parley

PARLEY_MESSAGE(parley::command_received)
PARLEY_MESSAGE(parley::connection_closed)
PARLEY_MESSAGE(parley::committed)
PARLEY_MESSAGE(parley::answer)
PARLEY_MESSAGE(parley::admit)
PARLEY_MESSAGE(parley::refuse)
PARLEY_MESSAGE(parley::renew)
PARLEY_MESSAGE(parley::caught_up)
PARLEY_MESSAGE(parley::whispered)
PARLEY_MESSAGE(parley::presence_told)
PARLEY_MESSAGE(parley::session_ended)
PARLEY_MESSAGE(parley::throttle)
PARLEY_MESSAGE(parley::drain)
PARLEY_MESSAGE(parley::ask)
PARLEY_MESSAGE(parley::went_idle)
PARLEY_MESSAGE(parley::passivated)
PARLEY_MESSAGE(parley::creation_settled)
PARLEY_MESSAGE(parley::sweep)
PARLEY_MESSAGE(parley::loaded)
PARLEY_MESSAGE(parley::keys_found)
PARLEY_MESSAGE(parley::receipts_found)
PARLEY_MESSAGE(parley::message_found)
PARLEY_MESSAGE(parley::appended)
PARLEY_MESSAGE(parley::append_failed)
PARLEY_MESSAGE(parley::typing_due)
PARLEY_MESSAGE(parley::passivate)
PARLEY_MESSAGE(parley::arrived)
PARLEY_MESSAGE(parley::presence_asked)
PARLEY_MESSAGE(parley::sessions_reported)
PARLEY_MESSAGE(parley::presence_idle)
PARLEY_MESSAGE(parley::sharing_due)
PARLEY_MESSAGE(parley::watched)
PARLEY_MESSAGE(parley::unwatched)
PARLEY_MESSAGE(parley::session_here)
PARLEY_MESSAGE(parley::session_gone)
PARLEY_MESSAGE(parley::memberships_moved)
PARLEY_MESSAGE(parley::shared_found)
PARLEY_MESSAGE(parley::seen_found)
PARLEY_MESSAGE(parley::presence_tick)
PARLEY_MESSAGE(parley::presence_due)
PARLEY_MESSAGE(parley::expiry_noted)
PARLEY_MESSAGE(parley::expiry_due)
PARLEY_MESSAGE(parley::due_found)
PARLEY_MESSAGE(parley::append)
PARLEY_MESSAGE(parley::commit_due)
PARLEY_MESSAGE(parley::commit_finished)
PARLEY_MESSAGE(parley::applied)
PARLEY_MESSAGE(parley::hurry)
PARLEY_MESSAGE(parley::apply_due)
PARLEY_MESSAGE(parley::apply_finished)
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
PARLEY_MESSAGE(parley::read_blocks)
PARLEY_MESSAGE(parley::read_totals)
PARLEY_MESSAGE(parley::read_search)
PARLEY_MESSAGE(parley::index_due)
PARLEY_MESSAGE(parley::index_finished)
PARLEY_MESSAGE(parley::index_damaged)
PARLEY_MESSAGE(parley::patience_over)
PARLEY_MESSAGE(parley::fail_stop)
