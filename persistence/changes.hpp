// What batches of the log change in the read model: collected row by row, then written in order.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/record.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// Depends on nothing but the model and the batches: no clock, no chance. Each row is read at most
/// once and written once, however many batches touch it.
class model_changes {
public:
  /// `base` is what the model holds; it must not change before `write`.
  explicit model_changes(const transaction& base) : base_(base) {}

  /// Adds a batch; `internal` when it does not continue what is there.
  outcome add(const committed_batch& batch);

  /// Writes everything, by table and rising key.
  void write(write_transaction& to) const;

private:
  using row = std::pair<std::string, std::string>;
  template <class Row>
  using overlay = std::unordered_map<std::string, Row>;

  outcome add(const record& what, position at);
  result<conversation_row*> conversation_of(const conversation_id& id);
  result<membership_row*> membership_of(const user_id& user, const conversation_id& conversation);
  outcome open_conversation(const record& what, conversation_row& into);
  outcome join(const membership& who, const record& what, position at, conversation_row& into);
  outcome part(const user_id& who, const record& what, position at, conversation_row& into);
  outcome change_role(const membership& who, const record& what);
  void add_event(const record& what, position at);
  void add_key(const record& what);

  row_reader base_;
  std::vector<row> events_;
  std::vector<row> keys_;
  overlay<conversation_row> conversations_;
  overlay<membership_row> memberships_;
  overlay<std::optional<member_row>> members_; ///< Nothing: to be deleted.
  overlay<user_row> users_;
};

} // namespace parley
