// The outbox of webhooks: which events wait for which endpoint, in a file of its own. No text of
// anybody is in it: what an event says is read from the model when it is sent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/ids.hpp"
#include "actors/time.hpp"
#include "actors/webhook_rules.hpp"
#include "persistence/read_model.hpp"
#include "persistence/sqlite.hpp"

namespace parley {

/// Where the outbox of a data directory is.
std::filesystem::path outbox_file(const std::filesystem::path& data);

/// What is read from the model, one after another.
enum class outbox_walk : std::uint8_t {
  events,       ///< Of conversations.
  notices_over, ///< Notifications that were told of and may be over.
  notices_made, ///< Notifications that are new.
};

/// How far an endpoint's part of the outbox has followed the log.
struct outbox_progress {
  position at;    ///< What was wanted of the log up to here is in it, or was delivered.
  position until; ///< The end of what is read from the model; 0 when nothing is.
  event_feed_place place = {}; ///< How far that has got.
  outbox_walk walk = outbox_walk::events;
  user_id user = {}; ///< Of a walk through notifications: behind this one in `place`.
};

struct outbox_endpoint {
  std::int64_t row = 0;
  std::string name;
  outbox_progress progress = {};
};

/// What is sent one after another: the events of one conversation, or what becomes of a user's
/// notification of it.
struct outbox_line_name {
  conversation_id conversation; ///< None: of all that a user is told of together.
  user_id user = {};            ///< Nobody's: events.
  friend auto operator<=>(const outbox_line_name&, const outbox_line_name&) = default;
};

/// What waits of such a line for one endpoint.
struct outbox_line {
  conversation_id conversation;
  timestamp due{};
  webhook_rules::trouble trouble = {};
  user_id user = {};

  outbox_line_name name() const { return {conversation, user}; }
};

struct outbox_event {
  conversation_id conversation;
  sequence seq;                            ///< Of a notification: the batch of the log.
  record_kind kind = record_kind::message; ///< Of an event.
  timestamp noted{};                       ///< When it came to the outbox.
  user_id user = {};                       ///< Whose notification it is of; nobody's: an event.
  webhook_rules::notice_news news = {};    ///< Of a notification.

  outbox_line_name line() const { return {conversation, user}; }
  bool is_notice() const noexcept { return !user.empty(); }
  /// Of all that a user is told of together.
  bool is_joined() const noexcept { return is_notice() && conversation.empty(); }
};

/// A notification that an endpoint was told of, or is about to be, and that is not over.
struct outbox_notice {
  conversation_id conversation;
  user_id user;
  sequence seq;        ///< The newest message that it tells of.
  bool joined = false; ///< It is told of together with others, which have one without a
                       ///< conversation.
};

/// Notifications that may be over, all of one conversation or of one user, behind a place.
struct outbox_look {
  conversation_id conversation = {}; ///< Nobody's: of all conversations.
  user_id user = {};                 ///< Nobody: of all users.
  std::string place = {};            ///< The user or conversation looked at last.
};

/// How many events there are of an endpoint.
struct outbox_counts {
  std::uint64_t waiting = 0;
  std::uint64_t dead = 0;
};

/// Used by one thread at a time; other processes may read and write the same file. What several
/// calls change is kept together or not at all (`in_transaction`).
class webhook_outbox {
public:
  /// Opens it, or makes it, for this life of the store. One of another life is made anew. `newest`
  /// is where the log ends: an endpoint that claims more begins there. `internal`: it is damaged or
  /// of another version of the program.
  static result<std::unique_ptr<webhook_outbox>> open(const std::filesystem::path& data,
                                                      std::string_view epoch, position newest);
  /// Opens what is there. `not_found` when nothing is.
  static result<std::unique_ptr<webhook_outbox>> open_existing(const std::filesystem::path& data);

  outcome in_transaction(const std::function<outcome()>& change);

  // --- Endpoints ---

  result<std::vector<outbox_endpoint>> endpoints();
  result<outbox_endpoint> add_endpoint(const std::string& name, position at);
  /// With everything that waits for it.
  outcome drop_endpoint(std::int64_t endpoint);
  outcome reach(std::int64_t endpoint, const outbox_progress& progress);

  // --- Events that come ---

  /// Puts an event behind those that wait. True when it is new.
  result<bool> add(std::int64_t endpoint, const outbox_event& event);
  /// The conversation is deleted: none of its events waits any more. Returns how many did.
  result<std::uint64_t> forget(std::int64_t endpoint, const conversation_id& conversation);

  // --- Notifications ---

  outcome keep_notice(std::int64_t endpoint, const outbox_notice& what);
  /// What waits of all that a user is told of together gives way to something newer. Returns how
  /// many did.
  result<std::uint64_t> gather(std::int64_t endpoint, const user_id& user);
  outcome drop_notice(std::int64_t endpoint, const outbox_notice& what);
  result<std::optional<outbox_notice>> notice_of(std::int64_t endpoint, const user_id& user,
                                                 const conversation_id& conversation);
  /// Up to `most`, by user and conversation, behind that one.
  result<std::vector<outbox_notice>> notices_behind(std::int64_t endpoint, const user_id& user,
                                                    const conversation_id& conversation,
                                                    std::size_t most);
  /// Those notifications that an endpoint was told of are to be looked at, once more if they are
  /// being looked at: of a conversation, told of messages below a number, or of a user. False when
  /// there are none.
  result<bool> note_look_in(std::int64_t endpoint, const conversation_id& conversation,
                            sequence below);
  result<bool> note_look_of(std::int64_t endpoint, const user_id& user);
  /// What is to be looked at, if anything.
  result<std::optional<outbox_look>> first_look(std::int64_t endpoint);
  /// Up to `most` of it, behind its place.
  result<std::vector<outbox_notice>> notices_of(std::int64_t endpoint, const outbox_look& look,
                                                std::size_t most);
  /// It has got to its place; or to the end, and begins anew if it was noted again meanwhile.
  outcome go_on_looking(std::int64_t endpoint, const outbox_look& look);
  outcome end_look(std::int64_t endpoint, const outbox_look& look);
  /// Whoever wants to hear of no ends needs to remember no beginnings.
  outcome drop_all_notices(std::int64_t endpoint);

  // --- Erased users ---

  /// Everybody whose name is in it.
  result<std::vector<user_id>> users();
  /// The user is erased: nothing names them any more, sent or not. A walk that has got to them
  /// begins anew.
  outcome forget_user(const user_id& user);
  /// Up to where erasures were looked at, and that they are now.
  result<position> names_looked_at();
  outcome look_at_names(position at);
  /// What was deleted is in no file any more; false while somebody reads. Not within a transaction.
  result<bool> empty_journal();

  // --- Events that go ---

  /// Up to `most` lines, the first due first.
  result<std::vector<outbox_line>> lines(std::int64_t endpoint, std::size_t most);
  /// What is due later than `latest` is due now: the clock has jumped.
  outcome bring_forward(std::int64_t endpoint, timestamp latest, timestamp now);
  /// The first event of a line, if there is one.
  result<std::optional<outbox_event>> first(std::int64_t endpoint, const outbox_line_name& line);
  /// It was accepted, or has nothing to say any more: the next one is due. False when it was not
  /// there.
  result<bool> finish(std::int64_t endpoint, const outbox_event& event, timestamp now);
  /// It is to be tried again.
  outcome postpone(std::int64_t endpoint, const outbox_event& event, timestamp due,
                   const webhook_rules::trouble& trouble);
  /// It becomes a dead letter: the next one is due, and its trouble goes on.
  result<bool> bury(std::int64_t endpoint, const outbox_event& event, timestamp now,
                    const webhook_rules::trouble& trouble);
  /// All dead letters wait again, as if they had just come. Returns how many.
  result<std::uint64_t> redeliver(std::int64_t endpoint, timestamp now);

  result<outbox_counts> count(std::int64_t endpoint);
  /// When the oldest event that waits came; nothing when none does.
  result<std::optional<timestamp>> oldest();
  /// Another number when somebody else has changed the file.
  result<std::int64_t> version();

private:
  webhook_outbox() = default;
  outcome open_file(const std::filesystem::path& file);
  outcome make_tables();
  outcome prepare_statements();
  outcome prepare_for_notices();
  outcome prepare_for_names();
  outcome adopt(std::string_view epoch, position newest);
  /// The line goes on with what is next in it, or ends.
  outcome go_on(std::int64_t endpoint, const outbox_event& event, timestamp now,
                const webhook_rules::trouble& trouble);

  std::optional<sqlite_connection> file_;
  struct statements {
    sqlite_statement endpoints, add_endpoint, drop_endpoint, reach, clamp;
    sqlite_statement add_event, add_line, forget_events, forget_line, forget_dead;
    sqlite_statement lines, bring_forward, first_event, drop_event, drop_line, move_line, bury;
    sqlite_statement revive_events, revive_lines, drop_dead;
    sqlite_statement drop_events_of, drop_lines_of, drop_notices_of;
    sqlite_statement keep_notice, gather, drop_notice, notice, notices_in, notices_of,
        notices_behind;
    sqlite_statement look_in, look_of, first_look, look_on, end_look, look_again, drop_looks_of;
    sqlite_statement users, clamp_names, names_looked_at, look_at_names, empty_journal;
    sqlite_statement forget_dead_of, forget_lines_of, forget_notices_of, forget_events_of;
    sqlite_statement forget_place_of, forget_looks_of, forget_looks_at;
    sqlite_statement count_events, count_dead, oldest, version, epoch;
  } do_;
};

} // namespace parley
