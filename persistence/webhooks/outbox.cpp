// Rows come and go by statements that are prepared once; each call is one or a few of them.
#include "persistence/webhooks/outbox.hpp"

#include <utility>

#include "actors/limits_of_notices.hpp"

namespace parley {

namespace {

std::int64_t number_in_outbox(position at) { return static_cast<std::int64_t>(at.value()); }
std::int64_t number_in_outbox(sequence seq) { return static_cast<std::int64_t>(seq.value()); }
std::int64_t number_in_outbox(std::uint64_t count) { return static_cast<std::int64_t>(count); }
/// Of one batch and line a notification's making and its end are two.
std::int64_t kind_in_outbox(const outbox_event& event) {
  return event.is_notice() ? static_cast<std::int64_t>(event.news)
                           : static_cast<std::int64_t>(event.kind);
}

timestamp moment_in_outbox(std::int64_t milliseconds) {
  return timestamp{std::chrono::milliseconds{milliseconds}};
}

/// What tells of many waits for more of them.
timestamp earliest(const outbox_event& event, timestamp now) {
  return event.is_joined() ? now + limits::notices_gathered : now;
}

outbox_endpoint endpoint_of(const sqlite_statement& row) {
  outbox_endpoint made;
  made.row = row.number_at(0);
  made.name = row.text_at(1);
  made.progress.at = position{static_cast<std::uint64_t>(row.number_at(2))};
  made.progress.until = position{static_cast<std::uint64_t>(row.number_at(3))};
  made.progress.place = {conversation_id{std::string(row.text_at(4))},
                         sequence{static_cast<std::uint64_t>(row.number_at(5))}};
  made.progress.walk = static_cast<outbox_walk>(row.number_at(6));
  made.progress.user = user_id{std::string(row.text_at(7))};
  return made;
}

outbox_notice notice_in(const sqlite_statement& row) {
  return {conversation_id{std::string(row.text_at(1))}, user_id{std::string(row.text_at(0))},
          sequence{static_cast<std::uint64_t>(row.number_at(2))}, row.number_at(3) != 0};
}

outbox_look look_in_row(const sqlite_statement& row) {
  return {conversation_id{std::string(row.text_at(0))}, user_id{std::string(row.text_at(1))},
          std::string(row.text_at(2))};
}

outbox_line line_of(const sqlite_statement& row) {
  outbox_line made;
  made.conversation = conversation_id{std::string(row.text_at(0))};
  made.due = moment_in_outbox(row.number_at(1));
  made.trouble = {static_cast<std::uint64_t>(row.number_at(2)), moment_in_outbox(row.number_at(3))};
  made.user = user_id{std::string(row.text_at(4))};
  return made;
}

/// The rows of a statement that is ready to be stepped.
template <class Row, class Make>
result<std::vector<Row>> all_rows(sqlite_statement& from, Make&& make) {
  std::vector<Row> rows;
  for (;;) {
    auto more = from.step();
    if (!more || !*more) {
      from.rewind();
      if (!more)
        return more.error();
      return rows;
    }
    rows.push_back(make(from));
  }
}

} // namespace

outcome webhook_outbox::in_transaction(const std::function<outcome()>& change) {
  if (auto begun = file_->run("BEGIN IMMEDIATE"); !begun)
    return begun;
  auto changed = change();
  if (changed)
    changed = file_->run("COMMIT");
  if (!changed)
    (void)file_->run("ROLLBACK"); // an error may have done so already
  return changed;
}

// --- Endpoints -----------------------------------------------------------------------------------

result<std::vector<outbox_endpoint>> webhook_outbox::endpoints() {
  return all_rows<outbox_endpoint>(do_.endpoints.rewind(), endpoint_of);
}

result<outbox_endpoint> webhook_outbox::add_endpoint(const std::string& name, position at) {
  auto row = do_.add_endpoint.rewind().bind(name).bind(number_in_outbox(at)).number();
  if (!row)
    return row.error();
  return outbox_endpoint{*row, name, {at, {}, {}}};
}

outcome webhook_outbox::drop_endpoint(std::int64_t endpoint) {
  for (auto* each : {&do_.drop_events_of, &do_.drop_lines_of, &do_.drop_dead, &do_.drop_notices_of,
                     &do_.drop_looks_of, &do_.drop_endpoint})
    if (auto dropped = each->rewind().bind(endpoint).run(); !dropped)
      return dropped;
  return success();
}

outcome webhook_outbox::reach(std::int64_t endpoint, const outbox_progress& progress) {
  return do_.reach.rewind()
      .bind(number_in_outbox(progress.at))
      .bind(number_in_outbox(progress.until))
      .bind(progress.place.conversation.str())
      .bind(number_in_outbox(progress.place.from))
      .bind(static_cast<std::int64_t>(progress.walk))
      .bind(progress.user.str())
      .bind(endpoint)
      .run();
}

// --- Events that come ----------------------------------------------------------------------------

result<bool> webhook_outbox::add(std::int64_t endpoint, const outbox_event& event) {
  const std::int64_t noted = to_wire(event.noted);
  auto added = do_.add_event.rewind()
                   .bind(endpoint)
                   .bind(event.conversation.str())
                   .bind(number_in_outbox(event.seq))
                   .bind(kind_in_outbox(event))
                   .bind(noted)
                   .bind(event.user.str())
                   .run();
  if (!added)
    return added.error();
  const bool is_new = file_->rows_changed() > 0;
  auto lined = do_.add_line.rewind()
                   .bind(endpoint)
                   .bind(event.conversation.str())
                   .bind(to_wire(earliest(event, event.noted)))
                   .bind(event.user.str())
                   .run();
  if (!lined)
    return lined.error();
  return is_new;
}

result<std::uint64_t> webhook_outbox::forget(std::int64_t endpoint,
                                             const conversation_id& conversation) {
  std::uint64_t forgotten = 0;
  for (auto* each : {&do_.forget_line, &do_.forget_dead, &do_.forget_events}) {
    auto done = each->rewind().bind(endpoint).bind(conversation.str()).run();
    if (!done)
      return done.error();
    forgotten = static_cast<std::uint64_t>(file_->rows_changed()); // in the end, of the events
  }
  return forgotten;
}

// --- Notifications -------------------------------------------------------------------------------

outcome webhook_outbox::keep_notice(std::int64_t endpoint, const outbox_notice& what) {
  return do_.keep_notice.rewind()
      .bind(endpoint)
      .bind(what.user.str())
      .bind(what.conversation.str())
      .bind(number_in_outbox(what.seq))
      .bind(std::int64_t{what.joined ? 1 : 0})
      .run();
}

result<std::uint64_t> webhook_outbox::gather(std::int64_t endpoint, const user_id& user) {
  auto gone = do_.gather.rewind()
                  .bind(endpoint)
                  .bind(user.str())
                  .bind(static_cast<std::int64_t>(webhook_rules::notice_news::made))
                  .run();
  if (!gone)
    return gone.error();
  return static_cast<std::uint64_t>(file_->rows_changed());
}

outcome webhook_outbox::drop_notice(std::int64_t endpoint, const outbox_notice& what) {
  return do_.drop_notice.rewind()
      .bind(endpoint)
      .bind(what.user.str())
      .bind(what.conversation.str())
      .run();
}

result<std::optional<outbox_notice>>
webhook_outbox::notice_of(std::int64_t endpoint, const user_id& user,
                          const conversation_id& conversation) {
  auto found = all_rows<outbox_notice>(
      do_.notice.rewind().bind(endpoint).bind(user.str()).bind(conversation.str()), notice_in);
  if (!found)
    return found.error();
  return found->empty() ? std::nullopt : std::optional{std::move(found->front())};
}

result<std::vector<outbox_notice>>
webhook_outbox::notices_behind(std::int64_t endpoint, const user_id& user,
                               const conversation_id& conversation, std::size_t most) {
  return all_rows<outbox_notice>(do_.notices_behind.rewind()
                                     .bind(endpoint)
                                     .bind(user.str())
                                     .bind(conversation.str())
                                     .bind(number_in_outbox(most)),
                                 notice_in);
}

outcome webhook_outbox::drop_all_notices(std::int64_t endpoint) {
  for (auto* each : {&do_.drop_looks_of, &do_.drop_notices_of})
    if (auto dropped = each->rewind().bind(endpoint).run(); !dropped)
      return dropped;
  return success();
}

// --- Notifications that may be over --------------------------------------------------------------

result<bool> webhook_outbox::note_look_in(std::int64_t endpoint,
                                          const conversation_id& conversation, sequence below) {
  auto noted = do_.look_in.rewind()
                   .bind(endpoint)
                   .bind(conversation.str())
                   .bind(number_in_outbox(below))
                   .run();
  if (!noted)
    return noted.error();
  return file_->rows_changed() > 0;
}

result<bool> webhook_outbox::note_look_of(std::int64_t endpoint, const user_id& user) {
  if (auto noted = do_.look_of.rewind().bind(endpoint).bind(user.str()).run(); !noted)
    return noted.error();
  return file_->rows_changed() > 0;
}

result<std::optional<outbox_look>> webhook_outbox::first_look(std::int64_t endpoint) {
  auto found = all_rows<outbox_look>(do_.first_look.rewind().bind(endpoint), look_in_row);
  if (!found)
    return found.error();
  return found->empty() ? std::nullopt : std::optional{std::move(found->front())};
}

result<std::vector<outbox_notice>>
webhook_outbox::notices_of(std::int64_t endpoint, const outbox_look& look, std::size_t most) {
  auto& from = look.user.empty() ? do_.notices_in : do_.notices_of;
  const auto& of = look.user.empty() ? look.conversation.str() : look.user.str();
  return all_rows<outbox_notice>(
      from.rewind().bind(endpoint).bind(of).bind(look.place).bind(number_in_outbox(most)),
      notice_in);
}

outcome webhook_outbox::go_on_looking(std::int64_t endpoint, const outbox_look& look) {
  return do_.look_on.rewind()
      .bind(look.place)
      .bind(endpoint)
      .bind(look.conversation.str())
      .bind(look.user.str())
      .run();
}

outcome webhook_outbox::end_look(std::int64_t endpoint, const outbox_look& look) {
  for (auto* each : {&do_.end_look, &do_.look_again}) {
    auto done =
        each->rewind().bind(endpoint).bind(look.conversation.str()).bind(look.user.str()).run();
    if (!done)
      return done;
    if (file_->rows_changed() > 0)
      break;
  }
  return success();
}

// --- Erased users --------------------------------------------------------------------------------

result<std::vector<user_id>> webhook_outbox::users() {
  return all_rows<user_id>(do_.users.rewind(), [](const sqlite_statement& row) {
    return user_id{std::string(row.text_at(0))};
  });
}

outcome webhook_outbox::forget_user(const user_id& user) {
  for (auto* each :
       {&do_.forget_notices_of, &do_.forget_dead_of, &do_.forget_lines_of, &do_.forget_events_of,
        &do_.forget_place_of, &do_.forget_looks_of, &do_.forget_looks_at})
    if (auto done = each->rewind().bind(user.str()).run(); !done)
      return done;
  return success();
}

result<position> webhook_outbox::names_looked_at() {
  auto at = do_.names_looked_at.rewind().number();
  if (!at)
    return at.error();
  return position{static_cast<std::uint64_t>(*at)};
}

outcome webhook_outbox::look_at_names(position at) {
  return do_.look_at_names.rewind().bind(number_in_outbox(at)).run();
}

result<bool> webhook_outbox::empty_journal() {
  auto busy = do_.empty_journal.rewind().number();
  do_.empty_journal.rewind();
  if (!busy)
    return busy.error();
  return *busy == 0;
}

// --- Events that go ------------------------------------------------------------------------------

result<std::vector<outbox_line>> webhook_outbox::lines(std::int64_t endpoint, std::size_t most) {
  return all_rows<outbox_line>(do_.lines.rewind().bind(endpoint).bind(number_in_outbox(most)),
                               line_of);
}

outcome webhook_outbox::bring_forward(std::int64_t endpoint, timestamp latest, timestamp now) {
  return do_.bring_forward.rewind().bind(to_wire(now)).bind(endpoint).bind(to_wire(latest)).run();
}

result<std::optional<outbox_event>> webhook_outbox::first(std::int64_t endpoint,
                                                          const outbox_line_name& line) {
  auto& row =
      do_.first_event.rewind().bind(endpoint).bind(line.conversation.str()).bind(line.user.str());
  auto there = row.step();
  std::optional<outbox_event> found;
  if (there && *there) {
    found = outbox_event{line.conversation, sequence{static_cast<std::uint64_t>(row.number_at(0))},
                         record_kind::message, moment_in_outbox(row.number_at(2)), line.user};
    if (found->is_notice())
      found->news = static_cast<webhook_rules::notice_news>(row.number_at(1));
    else
      found->kind = static_cast<record_kind>(row.number_at(1));
  }
  row.rewind();
  if (!there)
    return there.error();
  return found;
}

outcome webhook_outbox::go_on(std::int64_t endpoint, const outbox_event& event, timestamp now,
                              const webhook_rules::trouble& trouble) {
  auto ended = do_.drop_line.rewind()
                   .bind(endpoint)
                   .bind(event.conversation.str())
                   .bind(event.user.str())
                   .run();
  if (!ended)
    return ended;
  if (file_->rows_changed() > 0)
    return success();
  return postpone(endpoint, event, now, trouble);
}

result<bool> webhook_outbox::finish(std::int64_t endpoint, const outbox_event& event,
                                    timestamp now) {
  auto dropped = do_.drop_event.rewind()
                     .bind(endpoint)
                     .bind(event.conversation.str())
                     .bind(number_in_outbox(event.seq))
                     .bind(event.user.str())
                     .bind(kind_in_outbox(event))
                     .run();
  if (!dropped)
    return dropped.error();
  const bool was_there = file_->rows_changed() > 0;
  if (auto gone_on = go_on(endpoint, event, earliest(event, now), {}); !gone_on)
    return gone_on.error();
  return was_there;
}

outcome webhook_outbox::postpone(std::int64_t endpoint, const outbox_event& event, timestamp due,
                                 const webhook_rules::trouble& trouble) {
  return do_.move_line.rewind()
      .bind(to_wire(due))
      .bind(number_in_outbox(trouble.failures))
      .bind(to_wire(trouble.since))
      .bind(endpoint)
      .bind(event.conversation.str())
      .bind(event.user.str())
      .run();
}

result<bool> webhook_outbox::bury(std::int64_t endpoint, const outbox_event& event, timestamp now,
                                  const webhook_rules::trouble& trouble) {
  auto buried = do_.bury.rewind()
                    .bind(to_wire(now))
                    .bind(endpoint)
                    .bind(event.conversation.str())
                    .bind(number_in_outbox(event.seq))
                    .bind(event.user.str())
                    .bind(kind_in_outbox(event))
                    .run();
  if (!buried)
    return buried.error();
  auto dropped = finish(endpoint, event, now);
  if (!dropped || !*dropped)
    return dropped;
  if (auto kept = postpone(endpoint, event, now, trouble); !kept)
    return kept.error();
  return true;
}

result<std::uint64_t> webhook_outbox::redeliver(std::int64_t endpoint, timestamp now) {
  std::uint64_t revived = 0;
  for (auto* each : {&do_.revive_lines, &do_.revive_events}) {
    if (auto done = each->rewind().bind(to_wire(now)).bind(endpoint).run(); !done)
      return done.error();
    revived = static_cast<std::uint64_t>(file_->rows_changed()); // in the end, of the events
  }
  if (auto dropped = do_.drop_dead.rewind().bind(endpoint).run(); !dropped)
    return dropped.error();
  return revived;
}

// --- For people ----------------------------------------------------------------------------------

result<outbox_counts> webhook_outbox::count(std::int64_t endpoint) {
  auto waiting = do_.count_events.rewind().bind(endpoint).number();
  if (!waiting)
    return waiting.error();
  auto dead = do_.count_dead.rewind().bind(endpoint).number();
  if (!dead)
    return dead.error();
  return outbox_counts{static_cast<std::uint64_t>(*waiting), static_cast<std::uint64_t>(*dead)};
}

result<std::optional<timestamp>> webhook_outbox::oldest() {
  auto first = do_.oldest.rewind().number();
  if (!first)
    return first.error();
  return *first == 0 ? std::nullopt : std::optional{moment_in_outbox(*first)};
}

result<std::int64_t> webhook_outbox::version() { return do_.version.rewind().number(); }

} // namespace parley
