// Opens both environments for reading, compares the log with the model, then the model with itself.
#include "persistence/check.hpp"

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "persistence/check_tables.hpp"
#include "persistence/cold_segment.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/erasures/erased_names.hpp"
#include "persistence/lmdb_log.hpp"
#include "persistence/record_codec.hpp"

namespace parley {

namespace {

/// Of what was erased since, and of edits of what fell out and reactions to it, something else
/// stands in the model.
bool is_erased(const row_reader& rows, const record& logged, check_report& report) {
  const bool edits =
      (logged.kind == record_kind::edited || logged.kind == record_kind::reacted) && logged.change;
  const auto in = rows.conversation(logged.conversation);
  if (const auto* facts = look(in, report);
      edits && facts != nullptr && logged.change->message < facts->kept_from)
    return true;
  const auto stored =
      rows.message(logged.conversation, edits ? logged.change->message : logged.seq);
  const auto* row = look(stored, report);
  return row != nullptr && row->erased;
}

void compare_event(const row_reader& rows, const erased_names& erased, const record& logged,
                   position at, check_report& report) {
  const std::string key = event_key(logged.conversation, logged.seq);
  const auto stored = rows.event(logged.conversation, logged.seq);
  const auto* event = look(stored, report);
  if (event == nullptr)
    return report.problem(model_table::events, key, "is in the log but not in the model");
  if (event->at != at || event->kind != logged.kind ||
      (!erased.are_same(event->event, logged.event) && !is_erased(rows, logged, report)))
    report.problem(model_table::events, key, "differs from what the log has");
}

void compare_key(const row_reader& rows, const erased_names& erased, const record& logged,
                 check_report& report) {
  auto stored = rows.dedupe(*logged.key);
  for (const auto& pseudonym : erased.pseudonyms_of(logged.key->sender))
    if (stored && !*stored)
      stored = rows.dedupe({logged.key->scope, pseudonym, logged.key->client});
  const auto* known = look(stored, report);
  const std::string key = dedupe_key(*logged.key);
  if (known == nullptr)
    return report.problem(model_table::dedupe, key, "is in the log but not in the model");
  if (known->content != logged.content || known->conversation != logged.conversation ||
      known->seq != logged.seq || !erased.are_same(known->answer, logged.answer))
    report.problem(model_table::dedupe, key, "differs from what the log has");
}

void compare_hidden(const row_reader& rows, const erased_names& erased, const record& logged,
                    check_report& report) {
  const auto hidden = rows.is_hidden(logged.conversation, logged.change->message, logged.actor);
  if (!hidden)
    report.problem(hidden.error());
  else if (!*hidden && erased.pseudonyms_of(logged.actor).empty())
    report.problem(model_table::hidden,
                   hidden_key(logged.conversation, logged.change->message, logged.actor),
                   "is in the log but not in the model");
}

/// What is left of a deleted conversation is its last event.
bool is_gone(const row_reader& rows, const record& logged, check_report& report) {
  const auto stored = rows.conversation(logged.conversation);
  const auto* facts = look(stored, report);
  return facts != nullptr && facts->deleted && logged.seq < facts->head;
}

/// What the log says last of each user.
using last_seen_map = std::map<user_id, timestamp>;

void compare_seen(const row_reader& rows, const erased_names& erased, const last_seen_map& logged,
                  check_report& report) {
  for (const auto& [id, at] : logged) {
    if (!erased.pseudonyms_of(id).empty())
      continue;
    const auto stored = rows.user(id);
    const auto* user = look(stored, report);
    if (user == nullptr)
      report.problem(model_table::users, id.str(), "is in the log but not in the model");
    else if (user->last_seen != at)
      report.problem(model_table::users, id.str(), "differs from what the log has");
  }
}

/// What it says last of what each user shows of themselves.
using last_profile_map = std::map<user_id, user_profile>;

void compare_profiles(const row_reader& rows, const erased_names& erased,
                      const last_profile_map& logged, check_report& report) {
  for (const auto& [id, what] : logged) {
    if (!erased.pseudonyms_of(id).empty())
      continue;
    const auto stored = rows.profile_of(id);
    const auto* shown = look(stored, report);
    if (shown == nullptr)
      report.problem(model_table::profiles, id.str(), "is in the log but not in the model");
    else if (*shown != what)
      report.problem(model_table::profiles, id.str(), "differs from what the log has");
  }
}

/// What the log says last of users.
struct last_words {
  last_seen_map seen;
  last_profile_map profiles;
};

void compare(const row_reader& rows, const erased_names& erased, const record& logged, position at,
             check_report& report) {
  if (!is_of_conversation(logged.kind) || is_gone(rows, logged, report))
    return;
  const sequence kept = kept_from(rows, logged.conversation, report);
  if (is_numbered(logged.kind) && logged.seq >= kept)
    compare_event(rows, erased, logged, at, report);
  if (logged.kind == record_kind::hidden && logged.change->message >= kept)
    compare_hidden(rows, erased, logged, report);
  if (logged.key)
    compare_key(rows, erased, logged, report);
}

void check_batch(const row_reader& rows, const erased_names& erased, position at,
                 std::string_view bytes, last_words& last, check_report& report) {
  const auto records = decode_batch(bytes);
  if (!records)
    return report.problem("log " + std::to_string(at.value()) + ": " + records.error().message);
  if (at > report.applied)
    return;
  for (const auto& each : *records) {
    compare(rows, erased, *each, at, report);
    if (each->kind == record_kind::seen)
      last.seen[each->actor] = each->at;
    if (each->kind == record_kind::profiled)
      last.profiles[each->actor] = *each->told->profile;
  }
}

/// Every batch of the log; those that are applied, record by record.
void check_log(const read_transaction& log, position base, const row_reader& rows,
               check_report& report) {
  position before = base;
  last_words last;
  const erased_names erased{rows};
  cursor batches = log.rows(0);
  for (bool more = batches.first(); more; more = batches.next()) {
    const auto at = lmdb_log::position_of(batches.key());
    if (!at) {
      report.problem("log: a row has a bad key");
      continue;
    }
    if (at->value() == 0)
      continue; // The header; opening the log has read it.
    if (before > base && *at != before.next())
      report.problem("log " + std::to_string(at->value()) + " does not follow " +
                     std::to_string(before.value()));
    check_batch(rows, erased, *at, batches.value(), last, report);
    before = *at;
    ++report.batches;
    report.saw_row();
  }
  if (batches.error())
    report.problem(*batches.error());
  compare_seen(rows, erased, last.seen, report);
  compare_profiles(rows, erased, last.profiles, report);
  if (before < report.applied)
    report.problem("log: it ends at " + std::to_string(before.value()) +
                   ", before what is applied");
}

/// A part of the model's check, and whose rows it walks through: what makes it take its time.
struct check_part {
  std::string_view name;
  std::vector<model_table> tables;
  std::function<void(const row_reader&, check_report&)> look;
};

/// Events in a full segment.
constexpr std::uint64_t segment_events = 128;

std::uint64_t rows_of(const check_part& part, const row_reader& rows) {
  std::uint64_t count = 0;
  for (const model_table each : part.tables)
    count += rows.count(each) * (each == model_table::cold ? segment_events : 1);
  return count;
}

std::vector<check_part> parts_of_model(std::uint64_t& listed) {
  using enum model_table;
  return {
      {"events",
       {events, cold},
       [&](const auto& rows, auto& report) { listed = check_events(rows, report); }},
      {"keys", {dedupe}, check_keys},
      {"conversations", {conversations}, check_conversations},
      {"members", {members}, check_members},
      {"memberships", {memberships}, check_memberships},
      {"blocks", {pair_blocks, blocked}, check_blocks},
      {"receipts", {receipts, members, journal}, check_receipts},
      {"tallies",
       {tallies},
       [&](const auto& rows, auto& report) { check_tallies(rows, listed, report); }},
      {"messages", {messages, conversations, reactions, replies}, check_messages},
      {"preferences", {preferences}, check_preferences},
      {"restrictions", {restrictions}, check_restrictions},
      {"notifications", {notices, tunings}, check_notices},
      {"invitations", {invitations, invited}, check_invitations},
      {"profiles", {profiles}, check_profiles},
      {"users", {users}, check_users},
      {"erasures", {erasures}, check_erasures},
      {"exports", {exports}, check_exports},
      {"files", {files, unsent_files}, check_files},
      {"retention", {tallies, conversations, holds}, check_retention},
  };
}

void check_model(const std::vector<check_part>& parts, const row_reader& rows,
                 check_report& report) {
  for (const auto& each : parts) {
    report.begin(each.name, rows_of(each, rows));
    each.look(rows, report);
  }
}

outcome read_meta(const row_reader& rows, check_report& report, std::string& epoch) {
  if (auto known = rows.known_format(); !known)
    return known;
  auto named = rows.meta_text(meta::epoch);
  if (!named)
    return named.error();
  epoch = std::move(*named);
  auto applied = rows.applied();
  if (!applied)
    return applied.error();
  report.applied = *applied;
  return success();
}

// The log's view is the older one: whatever it holds, the model's has applied or will say it has
// not.
outcome check_parts(const std::filesystem::path& data, check_report& report) {
  if (auto whole = refuse_unfinished(data); !whole)
    return whole;
  auto log = environment::open(looking_at(data / "log"));
  if (!log)
    return log.error();
  auto log_view = (*log)->read();
  if (!log_view)
    return log_view.error();
  auto model = environment::open(looking_at(data / "model", model_table_names));
  if (!model)
    return model.error();
  auto model_view = (*model)->read();
  if (!model_view)
    return model_view.error();
  const row_reader rows{*model_view};
  segment_cache::of_thread().keep(limits::cold_check_bytes);
  std::string epoch;
  if (auto read = read_meta(rows, report, epoch); !read)
    return read;
  const auto base = lmdb_log::read_base(*log_view, epoch);
  if (!base)
    report.problem(base.error());
  std::uint64_t listed = 0;
  const auto parts = parts_of_model(listed);
  report.expect(log_view->count(0));
  for (const auto& each : parts)
    report.expect(rows_of(each, rows));
  report.begin("log", log_view->count(0));
  check_log(*log_view, base ? *base : position{}, rows, report);
  check_model(parts, rows, report);
  return success();
}

/// What the model says of files, in a view of this moment. A server unlinks bytes only behind it.
template <class See>
outcome with_files(const std::filesystem::path& data, See&& see) {
  auto model = environment::open(looking_at(data / "model", model_table_names));
  if (!model)
    return model.error();
  auto view = (*model)->read();
  if (!view)
    return view.error();
  see(row_reader{*view});
  return success();
}

outcome check_bytes(const std::filesystem::path& data, check_report& report) {
  std::vector<file_id> missing;
  auto seen =
      with_files(data, [&](const row_reader& rows) { missing = files_without_bytes(rows, data); });
  if (!seen || missing.empty())
    return seen;
  return with_files(
      data, [&](const row_reader& rows) { check_bytes_again(rows, data, missing, report); });
}

} // namespace

check_figures check(const std::filesystem::path& data, const check_listener& tell) {
  check_report report{tell};
  if (auto done = check_parts(data, report); !done)
    report.problem(done.error());
  else if (auto read = check_bytes(data, report); !read)
    report.problem(read.error());
  report.finish();
  return report;
}

void print_summary(const check_figures& figures, std::ostream& out) {
  out << "checked " << figures.conversations << " conversations, " << figures.events << " events, "
      << figures.keys << " idempotency keys, " << figures.memberships << " memberships, "
      << figures.receipts << " members' unread counts, " << figures.batches
      << " batches of the log; applied up to " << figures.applied.value() << ": ";
  if (figures.problems == 0)
    out << "no problems\n";
  else
    out << figures.problems << (figures.problems == 1 ? " problem\n" : " problems\n");
}

std::size_t check(const std::filesystem::path& data, std::ostream& out) {
  check_listener tell;
  tell.problem = [&out](std::string_view what) { out << what << '\n'; };
  const auto figures = check(data, tell);
  print_summary(figures, out);
  return figures.problems;
}

} // namespace parley
