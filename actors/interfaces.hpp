// Every actor's typed interface and every message between actors, one sentence each: read this
// first. Those of the store's actors are in store_interfaces.hpp.
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
#include "actors/erasure_messages.hpp"
#include "actors/errors.hpp"
#include "actors/file_messages.hpp"
#include "actors/identity.hpp"
#include "actors/ids.hpp"
#include "actors/outbox.hpp"
#include "actors/queries.hpp"
#include "actors/record.hpp"
#include "actors/screening.hpp"

namespace parley {

// --- Messages to a connection ------------------------------------------------------------------

/// The session decoded a command of its client.
struct command_received {
  envelope asked;
};
/// The socket is gone; nothing sent to it will arrive.
struct connection_closed {};

/// What the application says of a message that it was asked about, or why it could not be asked.
struct screened {
  std::uint64_t number = 0;
  result<screening_verdict> verdict;
};

using connection_actor = takes<command_received, connection_closed, screened>;

/// Look at a message, and tell the connection with this number what becomes of it.
struct screen {
  std::uint64_t number = 0;
  screened_message_ptr what;
  connection_actor to;
};
using screener_actor = takes<screen>;

// --- Messages to a transport shard -------------------------------------------------------------

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
  std::shared_ptr<const std::vector<user_id>> apart = {}; ///< Nor theirs; null: nobody's.
};
/// How a user is, or what they show of themselves, for the sessions of this shard that watch them.
struct presence_told {
  std::shared_ptr<const std::vector<std::uint64_t>> sessions;
  user_id user;
  std::string envelope;
  bool is_profile = false;
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
                          presence_told, session_ended, throttle, drain, user_ended>;

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

using directory_actor = takes<ask, went_idle, passivated, creation_settled, sweep, user_forgotten>;

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
  result<std::vector<std::optional<cursors_found>>> found;
};
/// Messages were looked up: those of the numbers that are messages and may be seen, rising.
struct message_found {
  result<std::vector<known_message>> found;
};
/// What keeps whoever asked from inviting these users.
struct invited_found {
  result<invitation_obstacles> found;
};
/// What bears on whether others are shown what a user does.
struct dealings_found {
  user_id user;
  result<dealings> found;
};
/// What a user shows of themselves so far.
struct profile_found {
  result<user_profile> found;
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

using conversation_actor =
    takes<ask, loaded, keys_found, receipts_found, message_found, invited_found, files_found,
          appended, append_failed, typing_due, passivate, dealings_found, profile_found>;

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
/// A user shows something else of themselves, or lets others know something else, from now on.
struct person_changed {
  user_id user;
  std::optional<user_profile> profile;
  std::optional<bool> last_seen; ///< Whether others are told.
};
/// Time to look whether memberships changed (the presences to themselves).
struct sharing_due {};

using presences_actor = takes<arrived, presence_asked, sessions_reported, presence_idle,
                              sharing_due, drain, person_changed, user_forgotten>;

/// A session of another user, or of this one, wants to be told how this user is, or no more.
struct watch_changed {
  user_id by;
  session_address session;
  bool watches = true;
};
/// The session is still there, or gone.
struct session_checked {
  session_address session;
  std::optional<device_id> device = {}; ///< None: it is gone.
};
/// Somebody joined or left somewhere since this was said last.
struct memberships_moved {};
/// With whom the user shares a conversation has been read.
struct shared_found {
  result<shared_users> found;
};
/// When the user was seen last has been read.
struct seen_found {
  result<seen_facts> found;
};
/// Time to tell those who watch (the presence to itself).
struct presence_tick {};
/// Something ends by itself about now (the presence to itself).
struct presence_due {
  instant when;
};

using presence_actor = takes<arrived, presence_asked, watch_changed, session_checked,
                             memberships_moved, shared_found, seen_found, presence_tick,
                             presence_due, drain, passivate, person_changed, user_forgotten>;

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

// --- Messages to the trimmer ---------------------------------------------------------------------

/// A conversation may have more than is to be kept of it.
struct trim_noted {
  conversation_id conversation;
};
/// Time to look for events that are to go (the trimmer to itself).
struct trim_due {
  instant when{};
};
/// Which are to go has been read.
struct trimmable_found {
  result<trimmable_events> found;
};

using trimmer_actor = takes<trim_noted, trim_due, trimmable_found>;

// --- Messages to the notifier
// ---------------------------------------------------------------------

/// Time to see who has not read what (the notifier to itself).
struct notices_due {
  instant when{};
};
/// Which members have not read a conversation's newest messages.
struct notifiable_found {
  conversation_id conversation;
  std::uint64_t look = 0; ///< As it was asked.
  result<notifiable> found;
};
/// Which messages were sent that the notifier has not heard of.
struct recent_found {
  result<recent_messages> found;
};

using notifier_actor = takes<committed, notices_due, notifiable_found, recent_found>;

// --- Messages to the supervisor -----------------------------------------------------------------

/// Something the promises rest on has failed: nothing may be acknowledged any more.
struct fail_stop {
  std::string why;
};

using supervisor_actor = takes<fail_stop>;

} // namespace parley

PARLEY_MESSAGE(parley::command_received)
PARLEY_MESSAGE(parley::connection_closed)
PARLEY_MESSAGE(parley::screened)
PARLEY_MESSAGE(parley::screen)
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
PARLEY_MESSAGE(parley::invited_found)
PARLEY_MESSAGE(parley::appended)
PARLEY_MESSAGE(parley::append_failed)
PARLEY_MESSAGE(parley::typing_due)
PARLEY_MESSAGE(parley::passivate)
PARLEY_MESSAGE(parley::arrived)
PARLEY_MESSAGE(parley::presence_asked)
PARLEY_MESSAGE(parley::sessions_reported)
PARLEY_MESSAGE(parley::presence_idle)
PARLEY_MESSAGE(parley::sharing_due)
PARLEY_MESSAGE(parley::watch_changed)
PARLEY_MESSAGE(parley::session_checked)
PARLEY_MESSAGE(parley::memberships_moved)
PARLEY_MESSAGE(parley::shared_found)
PARLEY_MESSAGE(parley::seen_found)
PARLEY_MESSAGE(parley::presence_tick)
PARLEY_MESSAGE(parley::presence_due)
PARLEY_MESSAGE(parley::expiry_noted)
PARLEY_MESSAGE(parley::expiry_due)
PARLEY_MESSAGE(parley::due_found)
PARLEY_MESSAGE(parley::notices_due)
PARLEY_MESSAGE(parley::notifiable_found)
PARLEY_MESSAGE(parley::recent_found)
PARLEY_MESSAGE(parley::fail_stop)
PARLEY_MESSAGE(parley::dealings_found)
PARLEY_MESSAGE(parley::profile_found)
PARLEY_MESSAGE(parley::person_changed)
PARLEY_MESSAGE(parley::trim_noted)
PARLEY_MESSAGE(parley::trim_due)
PARLEY_MESSAGE(parley::trimmable_found)
