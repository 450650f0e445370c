// What batches change in members' cursors and in the journal of their moves.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "persistence/rows.hpp"

namespace parley {

/// Each row is read at most once, and is in memory until it is written.
class receipt_changes {
public:
  explicit receipt_changes(const row_reader& base) : base_(base) {}

  /// A membership begins: cursors from `row`, an empty journal.
  void begin(const conversation_id& conversation, const user_id& user, receipt_row row);
  /// A membership ends: everything of it goes.
  outcome end(const conversation_id& conversation, const user_id& user);
  /// The member's row, or nullptr; good until the next call.
  result<receipt_row*> of(const conversation_id& conversation, const user_id& user);
  /// Moves one cursor of `row`, forward or back. The journal follows.
  outcome move(const conversation_id& conversation, const user_id& user, receipt_row& row,
               cursor_kind which, sequence to, timestamp at);

  template <class Row>
  using overlay = std::unordered_map<std::string, std::optional<Row>>; ///< Nothing: to be deleted.
  const overlay<receipt_row>& rows() const noexcept { return rows_; }
  const overlay<journal_row>& journal() const noexcept { return journal_; }

private:
  result<std::optional<journal_row>> journal_at(const std::string& key);
  /// Puts the newest row of the journal back into `moves` and deletes it.
  outcome take_back(const conversation_id& conversation, const user_id& user, cursor_kind which,
                    cursor_moves& moves);
  /// Takes away the moves past `to`; gives back when `to` was first passed, if it was.
  result<std::optional<timestamp>> cut(const conversation_id& conversation, const user_id& user,
                                       cursor_kind which, cursor_moves& moves, sequence to);
  void note(const conversation_id& conversation, const user_id& user, cursor_kind which,
            cursor_moves& moves, cursor_move what);

  const row_reader& base_;
  overlay<receipt_row> rows_;
  overlay<journal_row> journal_;
};

} // namespace parley
