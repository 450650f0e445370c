// What batches do to messages that were sent earlier: bodies, ends, reactions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "persistence/corrections.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// Rows of the tables `messages`, `reactions` and `corrections`, each read at most once.
class message_changes {
public:
  explicit message_changes(const row_reader& base) : base_(base), corrections_(base) {}

  /// Takes in an `edited`, `erased` or `reacted` record. `restated` counts the conversation's
  /// messages that have a row; so many files go with one that is erased.
  outcome add(const record& what, std::uint64_t& restated, std::size_t files = 0);
  /// Takes in a message that is in a thread.
  outcome reply(const record& what, std::uint64_t& restated);
  /// Takes a message out of the thread it is in.
  outcome take_reply(const conversation_id& conversation, sequence thread, sequence seq);
  /// Takes in a `thread_read` record; a cursor never moves back.
  outcome read_thread(const record& what);
  /// Takes in a `pinned` record.
  void pin(const record& what);
  /// Takes in a `hidden` record; gives whether the message was seen before.
  result<bool> hide(const record& what, position at);

  /// What became of a message by now; nothing without a row.
  result<std::optional<message_row>> known(const conversation_id& conversation,
                                           sequence message) const;

  const std::unordered_map<std::string, message_row>& rows() const noexcept { return rows_; }
  /// Keys and values; an empty value stands for a row that is to go.
  std::vector<std::pair<std::string, std::string>> reactions() const;
  std::vector<std::pair<std::string, std::string>> hidden() const {
    return {hidden_.begin(), hidden_.end()};
  }
  /// Likewise.
  std::vector<std::pair<std::string, std::string>> pins() const {
    return {pins_.begin(), pins_.end()};
  }
  std::vector<std::pair<std::string, std::string>> replies() const {
    return {replies_.begin(), replies_.end()};
  }
  std::vector<std::pair<std::string, std::string>> thread_reads() const {
    return {thread_reads_.begin(), thread_reads_.end()};
  }
  /// Messages whose reactions are still to go.
  const std::vector<std::pair<std::string, std::string>>& condemned() const noexcept {
    return condemned_;
  }
  std::vector<std::pair<std::string, std::string>> corrections() const {
    return corrections_.encoded();
  }

private:
  result<message_row*> row_of(const record& what, std::uint64_t& restated);
  result<message_row*> row_at(const conversation_id& conversation, sequence message,
                              std::uint64_t* restated);
  /// The newest reply before a number and who wrote it, in these batches or the model; 0 without
  /// one.
  result<std::pair<sequence, user_id>> reply_before(const conversation_id& conversation,
                                                    sequence thread, sequence seq) const;
  outcome correct_hidden(const record& what, const std::optional<mentioned>& now);
  outcome edit(const record& what, message_row& row);
  outcome erase(const record& what, message_row& row, std::size_t files);
  outcome react(const record& what, message_row& row);

  const row_reader& base_;
  std::unordered_map<std::string, message_row> rows_;
  std::unordered_map<std::string, std::optional<sequence>> reactions_; ///< Nothing: to be deleted.
  std::vector<std::pair<std::string, std::string>> condemned_;
  std::map<std::string, std::string> hidden_;
  std::map<std::string, std::string> pins_;
  std::map<std::string, std::string> replies_; ///< An empty value: to be deleted.
  std::map<std::string, std::string> thread_reads_;
  correction_changes corrections_;
};

} // namespace parley
