// Opens the index, or makes it: anything but what this program wrote for this store is made anew.
#include <array>
#include <system_error>
#include <utility>

#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/search/index_file.hpp"
#include "persistence/search/index_note.hpp"
#include "persistence/search/search_index.hpp"
#include "persistence/search/words.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

/// Raised whenever the tables change, or what `words_of` makes of a text.
constexpr std::int64_t index_format = 2;
// A row's number rises with the log, so that newest first is an order that FTS5 has anyway. The
// words' table has no texts of its own: what is to be deleted from it is worked out again from the
// message.
constexpr const char* tables = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE conversations(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, gone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE messages(row INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, seq INTEGER NOT NULL,
                      sender INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
                      files INTEGER NOT NULL);
CREATE UNIQUE INDEX by_number ON messages(conversation, seq);
CREATE TABLE days(day INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE queue(position INTEGER, conversation TEXT, seq INTEGER,
                   PRIMARY KEY(position, conversation, seq)) WITHOUT ROWID;
CREATE INDEX leaving ON conversations(id) WHERE gone;
CREATE VIRTUAL TABLE words USING fts5(body, scope, content='', tokenize='ascii');
INSERT INTO words(words, rank) VALUES('hashsize', 16777216);
INSERT INTO words(words, rank) VALUES('automerge', 8);
)sql";

// What is in the index is in the log as well, so nothing waits for the disk: what is committed
// outlives the process, and when the machine stopped, a note beside the file tells (index_note).
// What is deleted is overwritten. Pages are copied from the WAL to their places every 16 MiB: most
// of them were written several times by then.
constexpr const char* settings = R"sql(
PRAGMA journal_mode=WAL;
PRAGMA synchronous=OFF;
PRAGMA wal_autocheckpoint=4096;
PRAGMA secure_delete=ON;
PRAGMA cache_size=-16384;
PRAGMA temp_store=MEMORY;
)sql";

// A commit that waits for the disk, so that the checkpoint behind it has something to do, and waits
// as well. A value has to change: what is the same is not written.
constexpr const char* sync = R"sql(
PRAGMA synchronous=FULL;
INSERT INTO meta (name, value) VALUES ('synced', 1)
  ON CONFLICT (name) DO UPDATE SET value = value + 1;
)sql";

outcome not_whole() {
  return failure{error_code::internal, "the machine stopped before all of it was on disk", {}};
}

} // namespace

result<std::unique_ptr<search_index>> search_index::open(const fs::path& directory,
                                                         std::string_view epoch, position newest) {
  std::unique_ptr<search_index> made{new search_index};
  if (auto there = make_directory(directory); !there)
    return there.error();
  auto whole = is_whole(directory);
  if (!whole)
    return whole.error();
  auto opened = *whole ? made->open_file(directory, epoch, newest) : not_whole();
  if (!opened && opened.error().code == error_code::internal) {
    thread_log().warn("search_index_made_anew reason={}", in_quotes(opened.error().message));
    made.reset(new search_index);
    if (auto removed = remove(directory); !removed)
      return removed.error();
    if (auto again = make_directory(directory); !again)
      return again.error();
    opened = made->open_file(directory, epoch, newest);
  }
  if (!opened)
    return opened.error();
  return made;
}

// The note goes last: without it whatever is there is believed.
outcome search_index::remove(const fs::path& directory) {
  std::error_code code;
  if (fs::remove(index_file(directory), code))
    if (auto gone = sync_directory(directory); !gone)
      return gone;
  fs::remove_all(directory, code);
  if (code)
    return failure{
        error_code::unavailable, "cannot remove the search index: " + code.message(), {}};
  return success();
}

search_index::~search_index() {
  if (!file_)
    return;
  if (in_transaction_)
    file_->run("ROLLBACK");
  if (auto synced = sync_all(); !synced)
    thread_log().warn("search_index_not_synced reason={}", in_quotes(synced.error().message));
}

// What others read is copied as well; only a writer would keep it from being all.
outcome search_index::sync_all() {
  if (auto committed = file_->run(sync); !committed)
    return committed;
  auto copy = file_->prepare("PRAGMA wal_checkpoint(PASSIVE)");
  if (!copy)
    return copy.error();
  auto there = copy->step();
  if (!there)
    return there.error();
  const bool is_all = *there && copy->number_at(0) == 0 && copy->number_at(1) == copy->number_at(2);
  if (!is_all)
    return failure{error_code::unavailable, "the search index is being read", {}};
  copy->rewind();
  return note_synced(directory_);
}

outcome search_index::open_file(const fs::path& directory, std::string_view epoch,
                                position newest) {
  const fs::path file = index_file(directory);
  directory_ = directory;
  if (auto noted = note_writing(directory); !noted)
    return noted;
  std::error_code code;
  const bool is_new = !fs::exists(file, code);
  auto opened = sqlite_connection::open(file, sqlite_connection::mode::write);
  if (!opened)
    return opened.error();
  file_ = std::move(*opened);
  if (auto set = file_->run(settings); !set)
    return set;
  if (is_new) {
    if (auto made = file_->run("BEGIN IMMEDIATE"); !made)
      return made;
    if (auto made = file_->run(tables); !made)
      return made;
    auto add = file_->prepare("INSERT INTO meta VALUES(?, ?)");
    if (!add)
      return add.error();
    for (const auto& [name, value] : std::array<std::pair<std::string_view, std::int64_t>, 2>{
             {{"format", index_format}, {"position", 0}}})
      if (auto put = add->rewind().bind(name).bind(value).run(); !put)
        return put;
    const std::string folding = folding_version();
    for (const auto& [name, value] :
         {std::pair{std::string_view{"epoch"}, epoch}, {"folding", std::string_view{folding}}})
      if (auto put = add->rewind().bind(name).bind(value).run(); !put)
        return put;
    if (auto made = file_->run("COMMIT"); !made)
      return made;
  }
  if (auto read = read_meta(epoch, newest); !read)
    return read;
  return prepare_statements();
}

// Anything but what this program wrote for this store is made again.
outcome search_index::read_meta(std::string_view epoch, position newest) {
  const auto stale = [](const char* why) { return failure{error_code::internal, why, {}}; };
  auto find = file_->prepare("SELECT value FROM meta WHERE name = ?");
  if (!find)
    return find.error();
  auto format = find->rewind().bind("format").number();
  if (!format)
    return format.error();
  auto at = find->rewind().bind("position").number();
  if (!at)
    return at.error();
  auto life = find->rewind().bind("epoch").text();
  if (!life)
    return life.error();
  auto folding = find->rewind().bind("folding").text();
  if (!folding)
    return folding.error();
  if (*format != index_format || *life != epoch)
    return stale("the search index is another's");
  if (*folding != folding_version())
    return stale("the search index was made with other tables of Unicode");
  at_ = position{static_cast<std::uint64_t>(*at)};
  if (at_ > newest)
    return stale("the search index is ahead of the log");
  auto last = file_->prepare("SELECT max(row) FROM messages");
  if (!last)
    return last.error();
  auto row = last->number();
  if (!row)
    return row.error();
  next_row_ = *row + 1;
  return success();
}

outcome search_index::prepare_statements() {
  return file_->prepare_all({
      {do_.add_conversation, "INSERT INTO conversations(name) VALUES(?)"},
      {do_.find_conversation, "SELECT id FROM conversations WHERE name = ?"},
      {do_.add_user, "INSERT INTO users(name) VALUES(?)"},
      {do_.find_user, "SELECT id FROM users WHERE name = ?"},
      {do_.add_message, "INSERT INTO messages VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {do_.find_message, "SELECT row FROM messages WHERE conversation = ? AND seq = ?"},
      {do_.read_message, "SELECT conversation, sender, body, files FROM messages WHERE row = ?"},
      {do_.change_message, "UPDATE messages SET body = ? WHERE row = ?"},
      {do_.drop_message, "DELETE FROM messages WHERE row = ?"},
      {do_.add_words, "INSERT INTO words(rowid, body, scope) VALUES(?, ?, ?)"},
      {do_.drop_words, "INSERT INTO words(words, rowid, body, scope) VALUES('delete', ?, ?, ?)"},
      {do_.widen_day, "INSERT INTO days VALUES(?1, ?2, ?2) ON CONFLICT(day) DO UPDATE"
                      " SET first = min(first, ?2), last = max(last, ?2)"},
      {do_.forget, "UPDATE conversations SET gone = 1 WHERE name = ?"},
      {do_.forget_before,
       "UPDATE conversations SET gone = max(gone, ?2) WHERE name = ?1 AND gone <> 1"},
      {do_.forgotten, "SELECT id, gone FROM conversations WHERE gone LIMIT 1"},
      {do_.messages_of, "SELECT row FROM messages WHERE conversation = ?1 AND (?2 = 1 OR seq < ?2)"
                        " LIMIT ?3"},
      {do_.keep_rest, "UPDATE conversations SET gone = 0 WHERE id = ?"},
      {do_.drop_conversation, "DELETE FROM conversations WHERE id = ?"},
      {do_.queue, "INSERT INTO queue VALUES(?, ?, ?) ON CONFLICT DO NOTHING"},
      {do_.queued, "SELECT position, conversation, seq FROM queue ORDER BY 1, 2, 3 LIMIT ?"},
      {do_.unqueue, "DELETE FROM queue WHERE position = ? AND conversation = ? AND seq = ?"},
      {do_.set_position, "UPDATE meta SET value = ? WHERE name = 'position'"},
      {do_.all_users, "SELECT id, name FROM users"},
      {do_.rename_user, "UPDATE users SET name = ? WHERE id = ?"},
  });
}

} // namespace parley
