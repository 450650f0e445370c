// What batches do to files: they come, are in messages, and go.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "persistence/rows.hpp"

namespace parley {

/// Rows of the four tables of files, each file's read at most once.
class file_changes {
public:
  explicit file_changes(const row_reader& base) : base_(base) {}

  /// Takes in a `file_added` record.
  outcome add(const record& what);
  /// Takes in the files of a message; one that is not there any more is passed over.
  outcome use(const record& what);
  /// A message that has this file goes at this time.
  outcome release(const file_id& file, const conversation_id& conversation, sequence seq,
                  timestamp at);
  /// The same; a file whose row cannot be read is not told.
  void release_or_leave(const file_id& file, const conversation_id& conversation, sequence seq,
                        timestamp at);
  /// Takes in a `files_dropped` record: what is in use again stays.
  outcome drop(const record& what);

  /// Writes everything, by table and rising key.
  void write(write_transaction& to) const;
  /// Messages that lost a file.
  std::size_t released() const noexcept { return released_; }

private:
  result<std::optional<stored_file>*> row_of(const file_id& file);
  void stay(const stored_file& row);

  const row_reader& base_;
  std::unordered_map<std::string, std::optional<stored_file>> rows_;  ///< Nothing: to be erased.
  std::map<std::pair<model_table, std::string>, std::string> others_; ///< Empty: to be erased.
  std::size_t released_ = 0;
};

} // namespace parley
