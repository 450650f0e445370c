// SQLite, as far as the search index and the webhooks need it: a connection, statements, errors as
// values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "actors/errors.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace parley {

/// A prepared statement. Texts that are bound must stay until the next `rewind`. Used by one thread
/// at a time, like its connection, which must outlive it.
class sqlite_statement {
public:
  sqlite_statement() = default;

  /// Ready to be bound and stepped again from the beginning.
  sqlite_statement& rewind();
  /// Binds the next parameter.
  sqlite_statement& bind(std::int64_t number);
  sqlite_statement& bind(std::string_view text);
  sqlite_statement& bind_bytes(std::string_view bytes);
  /// A place for SQLite to fill in, of a type that it knows by name.
  sqlite_statement& bind_pointer(void* place, const char* type);

  /// True when there is a row to look at.
  result<bool> step();
  /// Steps to the end.
  outcome run();
  /// The first column of the first row; 0 without one.
  result<std::int64_t> number();

  /// Likewise; empty without a row.
  result<std::string> text();

  std::int64_t number_at(int column) const;
  double real_at(int column) const;
  /// Valid until the next step.
  std::string_view text_at(int column) const;

private:
  friend class sqlite_connection;
  struct finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  explicit sqlite_statement(sqlite3_stmt* made) : statement_(made) {}

  std::unique_ptr<sqlite3_stmt, finalizer> statement_;
  int bound_ = 0;
};

/// A statement to be prepared, and where it goes.
struct statement_text {
  sqlite_statement& into;
  const char* sql;
};

class sqlite_connection {
public:
  enum class mode : std::uint8_t { read, write };

  /// Opens a file, or makes it when it is to be written.
  static result<sqlite_connection> open(const std::filesystem::path& file, mode how);

  outcome run(const char* sql) const;
  result<sqlite_statement> prepare(const char* sql) const;
  outcome prepare_all(std::initializer_list<statement_text> all) const;
  std::int64_t rows_changed() const;
  /// How long a statement waits for a lock.
  void wait_for_locks(std::chrono::milliseconds most) const;
  /// Asked now and then while a statement runs, which fails once it says so. It must outlive the
  /// connection's use.
  void give_up_when(const std::function<bool()>& asked) const;

private:
  struct closer {
    void operator()(sqlite3* connection) const noexcept;
  };
  explicit sqlite_connection(sqlite3* opened) : connection_(opened) {}

  std::unique_ptr<sqlite3, closer> connection_;
};

} // namespace parley
