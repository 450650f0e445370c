// An LMDB environment with errors as values: transactions, cursors, and disk space taken ahead of
// need.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/errors.hpp"
#include "actors/limits.hpp"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace parley {

/// A table, by its place in environment_options::tables.
using table_index = unsigned;

struct environment_options {
  std::filesystem::path directory; ///< Must exist; holds data.mdb and lock.mdb.
  std::vector<std::string> tables; ///< Made when missing. Empty: one table without a name.
  std::size_t most_bytes = std::size_t{1} << 30;  ///< The data file grows no further than this.
  std::size_t first_bytes = std::size_t{1} << 20; ///< What a new data file takes at once.
  /// How often the writer looks for readers of processes that died, which would pin their pages.
  std::chrono::nanoseconds stale_reader_check = std::chrono::seconds{10};
  bool read_only = false; ///< For looking at a store that another process may have open.
  /// How old a read transaction may become: it keeps the pages it sees from being used again. After
  /// that it reads nothing more, but says `overloaded`.
  std::chrono::nanoseconds read_age = limits::read_age;
  std::filesystem::path called = {}; ///< What messages call it; empty: the directory's name.
};

/// For looking, however long it takes, at a store that another process may have open.
environment_options looking_at(const std::filesystem::path& directory,
                               std::span<const std::string_view> tables = {});

/// Tells a read transaction when it is too old; looks at the clock at every 64th question.
class age_limit {
public:
  using clock = std::chrono::steady_clock;

  /// Without a limit.
  age_limit() = default;
  explicit age_limit(std::chrono::nanoseconds age) : until_(clock::now() + age), is_set_(true) {}
  bool is_over() noexcept { return is_set_ && ++questions_ % 64 == 0 && clock::now() >= until_; }

private:
  clock::time_point until_{};
  unsigned questions_ = 0;
  bool is_set_ = false;
};

/// Walks the rows of one table in the order of their keys. A failure ends the walk and is kept.
class cursor {
public:
  cursor(MDB_txn* transaction, unsigned handle, age_limit age);
  ~cursor();
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;

  /// Goes to the first row whose key is `key` or follows it.
  bool seek(std::string_view key);
  /// Goes to the last row whose key precedes `key`.
  bool seek_before(std::string_view key);
  bool first();
  bool last();
  bool next();
  bool previous();

  /// The row it stands on, valid until the transaction writes or ends.
  std::string_view key() const noexcept { return key_; }
  std::string_view value() const noexcept { return value_; }
  const std::optional<failure>& error() const noexcept { return error_; }

private:
  bool move(int operation, std::string_view key = {});

  MDB_cursor* cursor_ = nullptr;
  age_limit age_;
  std::string_view key_;
  std::string_view value_;
  std::optional<failure> error_;
};

class environment;

/// What reading and writing transactions have in common: one consistent view of all tables.
class transaction {
public:
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  /// The value, valid until the transaction writes or ends; nothing when there is no such row.
  result<std::optional<std::string_view>> get(table_index table, std::string_view key) const;
  cursor rows(table_index table) const;
  /// How many rows a table has.
  std::uint64_t count(table_index table) const;

protected:
  transaction(const environment& in, MDB_txn* begun, age_limit age = {})
      : environment_(&in), transaction_(begun), age_(age) {}
  ~transaction() = default;

  const environment* environment_;
  MDB_txn* transaction_;
  mutable age_limit age_;
};

/// A view that does not change. Short-lived: it holds the pages it sees, and the mapping.
class read_transaction : public transaction {
public:
  read_transaction(read_transaction&& from) noexcept;
  ~read_transaction();

private:
  friend class environment;
  read_transaction(const environment& in, MDB_txn* begun, age_limit age)
      : transaction(in, begun, age) {}
};

/// Changes that happen together or not at all. The first failure is kept and prevents the commit,
/// so writes need not be checked one by one.
class write_transaction : public transaction {
public:
  void put(table_index table, std::string_view key, std::string_view value);
  /// Writes unless there is such a row already.
  void put_new(table_index table, std::string_view key, std::string_view value);
  /// Writes behind the last row.
  void append(table_index table, std::string_view key, std::string_view value);
  void erase(table_index table, std::string_view key);

  const std::optional<failure>& error() const noexcept { return error_; }

private:
  friend class environment;
  write_transaction(const environment& in, MDB_txn* begun) : transaction(in, begun) {}
  ~write_transaction();
  MDB_cursor* writer(table_index table);
  void write(table_index table, std::string_view key, std::string_view value, unsigned flags);
  void note(int code, const char* what);

  std::vector<MDB_cursor*>
      writers_; ///< One per table, so that sorted writes find their page again.
  std::optional<failure> error_;
  bool full_ = false;
};

/// Bytes of the data file.
struct space {
  std::size_t ordinary = 0; ///< On disk, for ordinary transactions, used or not.
  std::size_t used = 0;     ///< Up to the last page that was ever used.
  std::size_t free = 0;     ///< Within `used`, in pages that hold nothing any more.
};

/// One writer, many readers. The mapping never reaches beyond what is allocated on disk, so LMDB
/// says MDB_MAP_FULL where it would otherwise meet a full disk in the middle of a commit.
class environment {
public:
  /// `internal` when it cannot be opened, `unavailable` when there is no room for it.
  static result<std::unique_ptr<environment>> open(const environment_options& options);
  ~environment();
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  /// Begins to read; waits while the mapping is being extended. One per thread at a time.
  result<read_transaction> read() const;

  /// Which room a transaction may use: deletions may go into a reserve when all else is full.
  enum class room : std::uint8_t { ordinary, reserve };
  using filling = std::function<outcome(write_transaction&)>;

  /// Runs `fill` in a transaction and commits it with sync; the file grows as needed and `fill` is
  /// then run again. A failure of `fill` aborts. `unavailable`: no space, nothing was written.
  /// `internal` from the commit itself is final: every later write is refused.
  outcome write(const filling& fill, room which = room::ordinary);

  /// Takes disk space until `total` bytes may be used by ordinary transactions. It does not touch
  /// the mapping and may be called beside a writer. `unavailable` when there is no such space.
  outcome allocate(std::size_t total);

  /// Writes one consistent view of all tables, without its free pages, to an empty file and syncs
  /// it. Writers go on meanwhile, but can use no page again that the view has.
  outcome copy_to(const std::filesystem::path& file) const;

  /// Bytes that ordinary transactions may use without more space being taken.
  std::size_t ordinary() const noexcept;
  /// Looks at the list of free pages; call it between the writes of the writer's thread.
  result<space> measure() const;
  const environment_options& options() const noexcept { return options_; }

private:
  friend class transaction;
  friend class read_transaction;
  friend class write_transaction;

  struct attempt {
    outcome result;
    bool full = false;
  };

  explicit environment(environment_options options) : options_(std::move(options)) {}
  const std::filesystem::path& name() const noexcept {
    return options_.called.empty() ? options_.directory : options_.called;
  }
  outcome open_file();
  outcome take_lock_file();
  outcome take_first_space(std::size_t present);
  outcome open_tables();
  attempt try_write(const filling& fill);
  attempt commit(write_transaction& from);
  outcome map(std::size_t bytes);
  outcome take(std::size_t total);
  /// Forgets readers of processes that died; says whether there were any.
  bool clear_stale_readers();
  void clear_stale_readers_if_due();
  std::size_t used() const;
  result<MDB_txn*> begin_read() const;
  void give_back(MDB_txn* reader) const;

  environment_options options_;
  MDB_env* env_ = nullptr;
  std::vector<unsigned> handles_;
  std::size_t page_bytes_ =
      0;                   ///< Kept, since LMDB looks it up in the mapping, which may be moving.
  std::size_t mapped_ = 0; ///< The writer's thread alone looks at it.
  std::atomic<std::size_t> allocated_{0}; ///< The file's length; all of it is on disk.
  std::mutex taking_;
  std::chrono::steady_clock::time_point readers_checked_{}; ///< Likewise.
  std::optional<failure> broken_; ///< A commit failed; the writer's thread alone looks at it.
  std::atomic<bool> unmapped_{false};

  mutable std::mutex gate_; ///< Keeps new readers from starving whoever extends the mapping.
  mutable std::shared_mutex mapping_;
  mutable std::mutex idle_mutex_;
  mutable std::vector<MDB_txn*> idle_readers_;
};

} // namespace parley
