// Moves cursors; a move back takes from the journal what it passes.
#include "persistence/receipt_changes.hpp"

#include <utility>

namespace parley {

void receipt_changes::begin(const conversation_id& conversation, const user_id& user,
                            receipt_row row) {
  rows_[receipt_key(conversation, user)] = std::move(row);
}

outcome receipt_changes::end(const conversation_id& conversation, const user_id& user) {
  auto mine = of(conversation, user);
  if (!mine)
    return mine.error();
  if (*mine == nullptr)
    return success();
  for (const auto which : {cursor_kind::delivered, cursor_kind::read}) {
    cursor_moves& moves = which == cursor_kind::read ? (*mine)->read : (*mine)->delivered;
    while (moves.older.value() > 0)
      if (auto taken = take_back(conversation, user, which, moves); !taken)
        return taken;
  }
  rows_[receipt_key(conversation, user)] = std::nullopt;
  return success();
}

result<receipt_row*> receipt_changes::of(const conversation_id& conversation, const user_id& user) {
  const auto [known, unseen] = rows_.try_emplace(receipt_key(conversation, user));
  if (unseen) {
    auto stored = base_.receipt_of(conversation, user);
    if (!stored)
      return stored.error();
    known->second = std::move(*stored);
  }
  return known->second ? &*known->second : nullptr;
}

outcome receipt_changes::move(const conversation_id& conversation, const user_id& user,
                              receipt_row& row, cursor_kind which, sequence to, timestamp at) {
  sequence& cursor = which == cursor_kind::read ? row.now.shown : row.now.delivered;
  cursor_moves& moves = which == cursor_kind::read ? row.read : row.delivered;
  if (to > cursor) {
    note(conversation, user, which, moves, {to, at});
  } else if (to < cursor) {
    auto passed = cut(conversation, user, which, moves, to);
    if (!passed)
      return passed.error();
    const sequence last = moves.newest.empty() ? row.since : moves.newest.back().to;
    if (*passed && to > last)
      note(conversation, user, which, moves, {to, **passed});
  }
  cursor = to;
  return success();
}

result<std::optional<journal_row>> receipt_changes::journal_at(const std::string& key) {
  const auto known = journal_.find(key);
  return known != journal_.end() ? result<std::optional<journal_row>>{known->second}
                                 : base_.journal(key);
}

outcome receipt_changes::take_back(const conversation_id& conversation, const user_id& user,
                                   cursor_kind which, cursor_moves& moves) {
  const std::string key = journal_key(conversation, user, which, moves.older);
  auto row = journal_at(key);
  if (!row)
    return row.error();
  if (!*row)
    return failure{
        error_code::internal, describe_row(model_table::journal, key) + " is missing", {}};
  moves.older = (*row)->older;
  moves.newest = std::move((*row)->moves);
  journal_[key] = std::nullopt;
  return success();
}

result<std::optional<timestamp>> receipt_changes::cut(const conversation_id& conversation,
                                                      const user_id& user, cursor_kind which,
                                                      cursor_moves& moves, sequence to) {
  std::optional<timestamp> passed;
  while (true) {
    for (; !moves.newest.empty() && moves.newest.back().to >= to; moves.newest.pop_back())
      passed = moves.newest.back().at;
    if (!moves.newest.empty() || moves.older.value() == 0)
      return passed;
    if (auto taken = take_back(conversation, user, which, moves); !taken)
      return taken.error();
  }
}

void receipt_changes::note(const conversation_id& conversation, const user_id& user,
                           cursor_kind which, cursor_moves& moves, cursor_move what) {
  if (moves.newest.size() == moves_per_row) {
    const sequence first = moves.newest.front().to;
    journal_[journal_key(conversation, user, which, first)] =
        journal_row{moves.older, std::exchange(moves.newest, {})};
    moves.older = first;
  }
  moves.newest.push_back(what);
}

} // namespace parley
