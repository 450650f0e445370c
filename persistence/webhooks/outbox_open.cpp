// Opens the outbox, or makes it: its tables, its settings, and whose it is.
#include <system_error>
#include <utility>

#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/webhooks/outbox.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

/// Raised whenever the tables change.
constexpr std::int64_t outbox_format = 3;
// A line is what waits of one conversation, or of a user's notification of it, for one endpoint:
// only its first event is tried. `notices` has what an endpoint was told of that is not over,
// `looks` which of them, of a conversation or of a user, may be over.
constexpr const char* outbox_tables = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE endpoints(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL,
                       until INTEGER NOT NULL, place TEXT NOT NULL, place_from INTEGER NOT NULL, walk INTEGER NOT NULL,
                       place_user TEXT NOT NULL);
CREATE TABLE events(endpoint INTEGER, conversation TEXT, seq INTEGER, kind INTEGER NOT NULL, noted INTEGER NOT NULL,
                    user TEXT, PRIMARY KEY(endpoint, conversation, user, seq, kind)) WITHOUT ROWID;
CREATE INDEX events_by_age ON events(noted);
CREATE TABLE lines(endpoint INTEGER, conversation TEXT, due INTEGER NOT NULL, failures INTEGER NOT NULL,
                   failing_since INTEGER NOT NULL, user TEXT, PRIMARY KEY(endpoint, conversation, user)) WITHOUT ROWID;
CREATE INDEX lines_by_due ON lines(endpoint, due);
CREATE TABLE dead(endpoint INTEGER, conversation TEXT, seq INTEGER, kind INTEGER NOT NULL, died INTEGER NOT NULL,
                  user TEXT, PRIMARY KEY(endpoint, conversation, user, seq, kind)) WITHOUT ROWID;
CREATE TABLE notices(endpoint INTEGER, user TEXT, conversation TEXT, seq INTEGER NOT NULL, joined INTEGER NOT NULL,
                     PRIMARY KEY(endpoint, user, conversation)) WITHOUT ROWID;
CREATE INDEX notices_by_conversation ON notices(endpoint, conversation);
CREATE TABLE looks(endpoint INTEGER, conversation TEXT, user TEXT, place TEXT NOT NULL, again INTEGER NOT NULL,
                   PRIMARY KEY(endpoint, conversation, user)) WITHOUT ROWID;
)sql";

// A power cut may take back the newest commits: then the position goes back with them, and what
// was delivered since is delivered again.
constexpr const char* outbox_settings = R"sql(
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
PRAGMA secure_delete=ON;
PRAGMA temp_store=MEMORY;
)sql";

failure outbox_is_of_another_format() {
  return {
      error_code::internal,
      "the webhooks' outbox is of another version of the program; delete `webhooks/` to begin anew",
      {}};
}

} // namespace

fs::path outbox_file(const fs::path& data) { return data / "webhooks" / "outbox"; }

result<std::unique_ptr<webhook_outbox>>
webhook_outbox::open(const fs::path& data, std::string_view epoch, position newest) {
  const fs::path file = outbox_file(data);
  if (auto there = make_directory(file.parent_path()); !there)
    return there.error();
  std::unique_ptr<webhook_outbox> made{new webhook_outbox};
  if (auto opened = made->open_file(file); !opened)
    return opened.error();
  if (auto adopted = made->adopt(epoch, newest); !adopted)
    return adopted.error();
  return made;
}

result<std::unique_ptr<webhook_outbox>> webhook_outbox::open_existing(const fs::path& data) {
  std::error_code code;
  if (!fs::exists(outbox_file(data), code))
    return failure{error_code::not_found, "there are no webhooks in " + data.string(), {}};
  std::unique_ptr<webhook_outbox> made{new webhook_outbox};
  if (auto opened = made->open_file(outbox_file(data)); !opened)
    return opened.error();
  return made;
}

outcome webhook_outbox::open_file(const fs::path& file) {
  auto opened = sqlite_connection::open(file, sqlite_connection::mode::write);
  if (!opened)
    return opened.error();
  file_ = std::move(*opened);
  if (auto set = file_->run(outbox_settings); !set)
    return set;
  if (auto made = in_transaction([this] { return make_tables(); }); !made)
    return made;
  if (auto prepared = prepare_statements(); !prepared)
    return prepared;
  if (auto prepared = prepare_for_notices(); !prepared)
    return prepared;
  return prepare_for_names();
}

outcome webhook_outbox::make_tables() {
  auto version = file_->prepare("PRAGMA user_version");
  if (!version)
    return version.error();
  auto format = version->number();
  if (!format)
    return format.error();
  if (*format == outbox_format)
    return success();
  if (*format != 0)
    return outbox_is_of_another_format();
  if (auto made = file_->run(outbox_tables); !made)
    return made;
  return file_->run(("PRAGMA user_version=" + std::to_string(outbox_format)).c_str());
}

/// What another life of the store had to tell is not this one's.
outcome webhook_outbox::adopt(std::string_view epoch, position newest) {
  return in_transaction([&]() -> outcome {
    auto known = do_.epoch.rewind().text();
    if (!known)
      return known.error();
    if (*known == epoch) {
      for (auto* each : {&do_.clamp, &do_.clamp_names})
        if (auto done = each->rewind().bind(static_cast<std::int64_t>(newest.value())).run(); !done)
          return done;
      return success();
    }
    if (!known->empty())
      thread_log().warn("webhooks_outbox_made_anew reason={}", in_quotes("it is another store's"));
    for (const char* each : {"endpoints", "events", "lines", "dead", "notices", "looks", "meta"})
      if (auto emptied = file_->run((std::string("DELETE FROM ") + each).c_str()); !emptied)
        return emptied;
    auto add = file_->prepare("INSERT INTO meta VALUES('epoch', ?)");
    if (!add)
      return add.error();
    return add->bind(epoch).run();
  });
}

outcome webhook_outbox::prepare_statements() {
  return file_->prepare_all({
      {do_.endpoints, "SELECT id, name, position, until, place, place_from, walk, "
                      "place_user FROM endpoints"},
      {do_.add_endpoint, "INSERT INTO endpoints(name, position, until, place, place_from, walk, "
                         "place_user) VALUES(?, ?, 0, '', 0, 0, '') RETURNING id"},
      {do_.drop_endpoint, "DELETE FROM endpoints WHERE id = ?"},
      {do_.reach, "UPDATE endpoints SET position = ?, until = ?, place = ?, "
                  "place_from = ?, walk = ?, place_user = ? WHERE id = ?"},
      {do_.clamp, "UPDATE endpoints SET position = ?1, until = 0, place = '', "
                  "place_from = 0, walk = 0, place_user = '' WHERE position > ?1"},
      {do_.add_event, "INSERT INTO events VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {do_.add_line, "INSERT INTO lines VALUES(?, ?, ?, 0, 0, ?) ON CONFLICT DO NOTHING"},
      {do_.forget_events,
       "DELETE FROM events WHERE endpoint = ? AND conversation = ? AND user = ''"},
      {do_.forget_line, "DELETE FROM lines WHERE endpoint = ? AND conversation = ? AND user = ''"},
      {do_.forget_dead, "DELETE FROM dead WHERE endpoint = ? AND conversation = ? AND user = ''"},
      {do_.lines, "SELECT conversation, due, failures, failing_since, user FROM lines WHERE "
                  "endpoint = ? ORDER BY due LIMIT ?"},
      {do_.bring_forward, "UPDATE lines SET due = ? WHERE endpoint = ? AND due > ?"},
      {do_.first_event, "SELECT seq, kind, noted FROM events WHERE endpoint = ? AND "
                        "conversation = ? AND user = ? ORDER BY seq, kind LIMIT 1"},
      {do_.drop_event, "DELETE FROM events WHERE endpoint = ? AND conversation = ? "
                       "AND seq = ? AND user = ? AND kind = ?"},
      {do_.drop_line, "DELETE FROM lines WHERE endpoint = ?1 AND conversation = ?2 AND user = ?3 "
                      "AND NOT EXISTS (SELECT 1 FROM events WHERE endpoint = ?1 AND "
                      "conversation = ?2 AND user = ?3)"},
      {do_.move_line, "UPDATE lines SET due = ?, failures = ?, failing_since = ? "
                      "WHERE endpoint = ? AND conversation = ? AND user = ?"},
      {do_.bury, "INSERT INTO dead SELECT endpoint, conversation, seq, kind, ?, user "
                 "FROM events WHERE endpoint = ? AND conversation = ? AND seq = ? "
                 "AND user = ? AND kind = ? ON CONFLICT DO NOTHING"},
      {do_.revive_events,
       "INSERT INTO events SELECT endpoint, conversation, seq, kind, ?, user FROM "
       "dead WHERE endpoint = ? ON CONFLICT DO NOTHING"},
      {do_.revive_lines,
       "INSERT INTO lines SELECT DISTINCT endpoint, conversation, ?1, 0, 0, user FROM "
       "dead WHERE endpoint = ?2 ON CONFLICT DO UPDATE SET due = ?1, failures = 0"},
      {do_.drop_dead, "DELETE FROM dead WHERE endpoint = ?"},
      {do_.drop_events_of, "DELETE FROM events WHERE endpoint = ?"},
      {do_.drop_lines_of, "DELETE FROM lines WHERE endpoint = ?"},
      {do_.count_events, "SELECT count(*) FROM events WHERE endpoint = ?"},
      {do_.count_dead, "SELECT count(*) FROM dead WHERE endpoint = ?"},
      {do_.oldest, "SELECT min(noted) FROM events"},
      {do_.version, "PRAGMA data_version"},
      {do_.epoch, "SELECT value FROM meta WHERE name = 'epoch'"},
  });
}

/// Of notifications.
outcome webhook_outbox::prepare_for_notices() {
  return file_->prepare_all({
      {do_.drop_notices_of, "DELETE FROM notices WHERE endpoint = ?"},
      {do_.keep_notice, "INSERT OR REPLACE INTO notices VALUES(?, ?, ?, ?, ?)"},
      {do_.drop_notice, "DELETE FROM notices WHERE endpoint = ? AND user = ? AND conversation = ?"},
      {do_.notice, "SELECT user, conversation, seq, joined FROM notices WHERE endpoint = ? "
                   "AND user = ? AND conversation = ?"},
      {do_.notices_in, "SELECT user, conversation, seq, joined FROM notices WHERE endpoint = ? AND "
                       "conversation = ? AND user > ? ORDER BY user LIMIT ?"},
      {do_.notices_of, "SELECT user, conversation, seq, joined FROM notices WHERE endpoint = ? AND "
                       "user = ? AND conversation > ? ORDER BY conversation LIMIT ?"},
      {do_.notices_behind,
       "SELECT user, conversation, seq, joined FROM notices WHERE endpoint = ? AND "
       "(user, conversation) > (?, ?) ORDER BY user, conversation LIMIT ?"},
      {do_.look_in,
       "INSERT INTO looks SELECT ?1, ?2, '', '', 0 WHERE EXISTS (SELECT 1 FROM notices WHERE "
       "endpoint = ?1 AND conversation = ?2 AND seq < ?3) ON CONFLICT DO UPDATE SET again = 1"},
      {do_.look_of, "INSERT INTO looks SELECT ?1, '', ?2, '', 0 WHERE EXISTS (SELECT 1 FROM "
                    "notices WHERE endpoint = ?1 AND user = ?2) ON CONFLICT DO UPDATE SET "
                    "again = 1"},
      {do_.first_look, "SELECT conversation, user, place FROM looks WHERE endpoint = ? LIMIT 1"},
      {do_.look_on,
       "UPDATE looks SET place = ? WHERE endpoint = ? AND conversation = ? AND user = ?"},
      {do_.end_look, "DELETE FROM looks WHERE endpoint = ? AND conversation = ? AND user = ? AND "
                     "again = 0"},
      {do_.look_again, "UPDATE looks SET place = '', again = 0 WHERE endpoint = ? AND "
                       "conversation = ? AND user = ?"},
      {do_.gather, "DELETE FROM events WHERE endpoint = ? AND conversation = '' AND user = ? AND "
                   "kind = ?"},
      {do_.drop_looks_of, "DELETE FROM looks WHERE endpoint = ?"},
  });
}

/// Of users who are erased.
outcome webhook_outbox::prepare_for_names() {
  return file_->prepare_all({
      {do_.users, "SELECT user FROM notices UNION SELECT user FROM events WHERE user != '' UNION "
                  "SELECT user FROM lines WHERE user != '' UNION SELECT user FROM dead WHERE "
                  "user != '' UNION SELECT place_user FROM endpoints WHERE place_user != '' UNION "
                  "SELECT user FROM looks WHERE user != '' UNION SELECT place FROM looks WHERE "
                  "user = '' AND place != ''"},
      {do_.forget_dead_of, "DELETE FROM dead WHERE user = ?"},
      {do_.forget_lines_of, "DELETE FROM lines WHERE user = ?"},
      {do_.forget_notices_of, "DELETE FROM notices WHERE user = ?"},
      {do_.forget_events_of, "DELETE FROM events WHERE user = ?"},
      {do_.forget_place_of,
       "UPDATE endpoints SET place_user = '', place = '' WHERE place_user = ?"},
      {do_.forget_looks_of, "DELETE FROM looks WHERE user = ?"},
      {do_.forget_looks_at, "UPDATE looks SET place = '' WHERE user = '' AND place = ?"},
      {do_.names_looked_at, "SELECT value FROM meta WHERE name = 'names'"},
      {do_.clamp_names, "UPDATE meta SET value = ?1 WHERE name = 'names' AND value > ?1"},
      {do_.look_at_names, "INSERT OR REPLACE INTO meta VALUES('names', ?)"},
      {do_.empty_journal, "PRAGMA wal_checkpoint(TRUNCATE)"},
  });
}

} // namespace parley
