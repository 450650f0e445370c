// The outbox of webhooks: which events wait for which endpoint, in a file of its own. No text of
// anybody is in it: what an event says is read from the model when it is sent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
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

/// How far an endpoint's part of the outbox has followed the log.
struct outbox_progress {
  position at;    ///< What was wanted of the log up to here is in it, or was delivered.
  position until; ///< The end of what is read from the model; 0 when nothing is.
  event_feed_place place = {}; ///< How far that has got.
};

struct outbox_endpoint {
  std::int64_t row = 0;
  std::string name;
  outbox_progress progress = {};
};

/// The events of one conversation that wait for one endpoint: one after another.
struct outbox_line {
  conversation_id conversation;
  timestamp due{};
  webhook_rules::trouble trouble = {};
};

struct outbox_event {
  conversation_id conversation;
  sequence seq;
  record_kind kind = record_kind::message;
  timestamp noted{}; ///< When it came to the outbox.
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
  /// newer than this program.
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
  /// The conversation is deleted: nothing of it waits any more. Returns how many did.
  result<std::uint64_t> forget(std::int64_t endpoint, const conversation_id& conversation);

  // --- Events that go ---

  /// Up to `most` lines, the first due first.
  result<std::vector<outbox_line>> lines(std::int64_t endpoint, std::size_t most);
  /// What is due later than `latest` is due now: the clock has jumped.
  outcome bring_forward(std::int64_t endpoint, timestamp latest, timestamp now);
  /// The first event of a line, if there is one.
  result<std::optional<outbox_event>> first(std::int64_t endpoint,
                                            const conversation_id& conversation);
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
    sqlite_statement drop_events_of, drop_lines_of;
    sqlite_statement count_events, count_dead, oldest, version, epoch;
  } do_;
};

} // namespace parley
