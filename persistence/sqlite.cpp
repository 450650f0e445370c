// Every error becomes a failure: `unavailable` for a disk that is full or busy, else `internal`.
#include "persistence/sqlite.hpp"

#include <string>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace parley {

namespace {

using namespace std::chrono_literals;

failure failed(sqlite3* connection, int code) {
  std::string why = "SQLite: ";
  why += connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  switch (code & 0xff) {
  case SQLITE_FULL:
  case SQLITE_BUSY:
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
  case SQLITE_NOMEM:
  case SQLITE_INTERRUPT:
    return {error_code::unavailable, std::move(why), 1s};
  default:
    return {error_code::internal, std::move(why), {}};
  }
}

} // namespace

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void sqlite_connection::closer::operator()(sqlite3* connection) const noexcept {
  sqlite3_close_v2(connection);
}

sqlite_statement& sqlite_statement::rewind() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
  return *this;
}

// What binding does wrong, a step tells.
sqlite_statement& sqlite_statement::bind(std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), ++bound_, number);
  return *this;
}

sqlite_statement& sqlite_statement::bind(std::string_view text) {
  sqlite3_bind_text64(statement_.get(), ++bound_, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

sqlite_statement& sqlite_statement::bind_bytes(std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

sqlite_statement& sqlite_statement::bind_pointer(void* place, const char* type) {
  sqlite3_bind_pointer(statement_.get(), ++bound_, place, type, nullptr);
  return *this;
}

result<bool> sqlite_statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  return failed(sqlite3_db_handle(statement_.get()), code);
}

outcome sqlite_statement::run() {
  for (;;) {
    auto more = step();
    if (!more) {
      auto why = more.error();
      sqlite3_reset(statement_.get());
      return why;
    }
    if (!*more)
      break;
  }
  sqlite3_reset(statement_.get());
  return success();
}

result<std::int64_t> sqlite_statement::number() {
  auto there = step();
  if (!there)
    return there.error();
  const std::int64_t found = *there ? number_at(0) : 0;
  sqlite3_reset(statement_.get());
  return found;
}

result<std::string> sqlite_statement::text() {
  auto there = step();
  if (!there)
    return there.error();
  std::string found{*there ? text_at(0) : std::string_view{}};
  sqlite3_reset(statement_.get());
  return found;
}

std::int64_t sqlite_statement::number_at(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double sqlite_statement::real_at(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view sqlite_statement::text_at(int column) const {
  const auto* text = sqlite3_column_blob(statement_.get(), column);
  const int length = sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr
             ? std::string_view{}
             : std::string_view{static_cast<const char*>(text), static_cast<std::size_t>(length)};
}

result<sqlite_connection> sqlite_connection::open(const std::filesystem::path& file, mode how) {
  const int flags =
      how == mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  if (how == mode::write) { // for its owner alone; SQLite makes what lies beside it likewise
    // Only a new one: to close a file gives up the locks that this process has on it (fcntl(2)).
    const int made = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (made >= 0)
      ::close(made);
  }
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite_connection made{opened};
  if (code != SQLITE_OK)
    return failed(opened, code);
  sqlite3_busy_timeout(opened, 5000);
  return made;
}

outcome sqlite_connection::run(const char* sql) const {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? success() : outcome{failed(connection_.get(), code)};
}

result<sqlite_statement> sqlite_connection::prepare(const char* sql) const {
  sqlite3_stmt* made = nullptr;
  const int code =
      sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  sqlite_statement prepared{made};
  if (code != SQLITE_OK)
    return failed(connection_.get(), code);
  return prepared;
}

outcome sqlite_connection::prepare_all(std::initializer_list<statement_text> all) const {
  for (const auto& each : all) {
    auto made = prepare(each.sql);
    if (!made)
      return made.error();
    each.into = std::move(*made);
  }
  return success();
}

void sqlite_connection::wait_for_locks(std::chrono::milliseconds most) const {
  sqlite3_busy_timeout(connection_.get(), static_cast<int>(most.count()));
}

void sqlite_connection::give_up_when(const std::function<bool()>& asked) const {
  constexpr int steps = 10'000; // of SQLite's machine, some hundred microseconds
  const auto ask = [](void* what) {
    return (*static_cast<const std::function<bool()>*>(what))() ? 1 : 0;
  };
  sqlite3_progress_handler(connection_.get(), steps, ask,
                           const_cast<std::function<bool()>*>(&asked));
}

std::int64_t sqlite_connection::rows_changed() const {
  return sqlite3_changes64(connection_.get());
}

} // namespace parley
