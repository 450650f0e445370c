// Transactions and cursors of an LMDB environment: each call a thin layer, each error a value.
#include <utility>

#include <lmdb.h>

#include "actors/fault.hpp"
#include "persistence/environment.hpp"

namespace parley {

namespace {

MDB_val to_lmdb(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())}; // LMDB does not write through it.
}

std::string_view from_lmdb(const MDB_val& bytes) {
  return {static_cast<const char*>(bytes.mv_data), bytes.mv_size};
}

failure too_old() {
  return {error_code::overloaded, "reading took too long", limits::retry_when_overloaded};
}

failure store_failure(std::string_view what, int code) {
  return {error_code::internal, std::string(what) + ": " + mdb_strerror(code), {}};
}

} // namespace

// --- Cursors -------------------------------------------------------------------------------------

cursor::cursor(MDB_txn* transaction, unsigned handle, age_limit age) : age_(age) {
  if (int code = mdb_cursor_open(transaction, handle, &cursor_); code != 0)
    error_ = store_failure("cannot walk a table", code);
}

cursor::~cursor() {
  if (cursor_ != nullptr)
    mdb_cursor_close(cursor_);
}

bool cursor::move(int operation, std::string_view key) {
  key_ = value_ = {};
  if (!error_ && age_.is_over())
    error_ = too_old();
  if (error_)
    return false;
  MDB_val found_key = to_lmdb(key);
  MDB_val found_value{};
  const int code =
      mdb_cursor_get(cursor_, &found_key, &found_value, static_cast<MDB_cursor_op>(operation));
  if (code == 0) {
    key_ = from_lmdb(found_key);
    value_ = from_lmdb(found_value);
    return true;
  }
  if (code != MDB_NOTFOUND)
    error_ = store_failure("cannot walk a table", code);
  return false;
}

bool cursor::seek(std::string_view key) { return move(MDB_SET_RANGE, key); }
bool cursor::first() { return move(MDB_FIRST); }
bool cursor::last() { return move(MDB_LAST); }
bool cursor::next() { return move(MDB_NEXT); }
bool cursor::previous() { return move(MDB_PREV); }

bool cursor::seek_before(std::string_view key) { return seek(key) ? previous() : last(); }

// --- Reading -------------------------------------------------------------------------------------

result<std::optional<std::string_view>> transaction::get(table_index table,
                                                         std::string_view key) const {
  if (age_.is_over())
    return too_old();
  MDB_val wanted = to_lmdb(key);
  MDB_val found{};
  const int code = mdb_get(transaction_, environment_->handles_[table], &wanted, &found);
  if (code == 0)
    return std::optional{from_lmdb(found)};
  if (code == MDB_NOTFOUND)
    return std::optional<std::string_view>{};
  return store_failure("cannot read a row", code);
}

cursor transaction::rows(table_index table) const {
  return cursor{transaction_, environment_->handles_[table], age_};
}

std::uint64_t transaction::count(table_index table) const {
  MDB_stat facts{};
  mdb_stat(transaction_, environment_->handles_[table], &facts);
  return facts.ms_entries;
}

read_transaction::read_transaction(read_transaction&& from) noexcept
    : transaction(*from.environment_, std::exchange(from.transaction_, nullptr), from.age_) {}

read_transaction::~read_transaction() {
  if (transaction_ != nullptr)
    environment_->give_back(transaction_);
}

// --- Writing -------------------------------------------------------------------------------------

write_transaction::~write_transaction() {
  if (transaction_ != nullptr)
    mdb_txn_abort(transaction_);
}

void write_transaction::note(int code, const char* what) {
  if (code == 0 || error_)
    return;
  error_ = store_failure(what, code);
  full_ = code == MDB_MAP_FULL;
}

MDB_cursor* write_transaction::writer(table_index table) {
  writers_.resize(environment_->handles_.size(), nullptr);
  MDB_cursor*& found = writers_[table];
  if (found == nullptr)
    note(mdb_cursor_open(transaction_, environment_->handles_[table], &found), "cannot write");
  return found; // LMDB closes it with the transaction.
}

void write_transaction::write(table_index table, std::string_view key, std::string_view value,
                              unsigned flags) {
  MDB_cursor* const at = error_ ? nullptr : writer(table);
  if (at == nullptr)
    return;
  MDB_val wanted = to_lmdb(key);
  MDB_val given = to_lmdb(value);
  const int code = mdb_cursor_put(at, &wanted, &given, flags);
  failpoint("transaction.after_put");
  note(code == MDB_KEYEXIST && flags == MDB_NOOVERWRITE ? 0 : code, "cannot write a row");
}

void write_transaction::put(table_index table, std::string_view key, std::string_view value) {
  write(table, key, value, 0);
}

void write_transaction::put_new(table_index table, std::string_view key, std::string_view value) {
  failpoint("transaction.before_put_new");
  if (!mutant("forget_idempotency"))
    write(table, key, value, MDB_NOOVERWRITE);
  failpoint("transaction.after_put_new");
}

void write_transaction::append(table_index table, std::string_view key, std::string_view value) {
  write(table, key, value, MDB_APPEND);
}

void write_transaction::erase(table_index table, std::string_view key) {
  if (error_)
    return;
  MDB_val wanted = to_lmdb(key);
  const int code = mdb_del(transaction_, environment_->handles_[table], &wanted, nullptr);
  failpoint("transaction.after_erase");
  note(code == MDB_NOTFOUND ? 0 : code, "cannot delete a row");
}

} // namespace parley
