// The latest wins, and an end is for good.
#include "persistence/message_changes.hpp"

#include <algorithm>

namespace parley {

outcome message_changes::add(const record& what, std::uint64_t& restated) {
  auto found = row_of(what, restated);
  if (!found)
    return found.error();
  message_row& row = **found;
  if (row.erased)
    return success(); // nothing is done to what is gone
  switch (what.kind) {
  case record_kind::edited:
    return edit(what, row);
  case record_kind::erased:
    return erase(what, row);
  default:
    return react(what, row);
  }
}

result<message_row*> message_changes::row_of(const record& what, std::uint64_t& restated) {
  const std::string key = event_key(what.conversation, what.change->message);
  if (auto known = rows_.find(key); known != rows_.end())
    return &known->second;
  auto stored = base_.message(what.conversation, what.change->message);
  if (!stored)
    return stored.error();
  restated += *stored ? 0 : 1;
  return &rows_.emplace(key, stored->value_or(message_row{})).first->second;
}

outcome message_changes::edit(const record& what, message_row& row) {
  const message_change& change = *what.change;
  if (!row.sent_with)
    row.sent_with = change.before;
  row.body = change.body;
  row.edited_at = what.at;
  row.edits.push_back({what.seq, what.actor, what.at});
  row.mentions = what.mentions;
  return corrections_.add(
      changes_of_mentioning(what.conversation, change.author, change.before, what.mentions),
      change.message);
}

outcome message_changes::erase(const record& what, message_row& row) {
  const message_change& change = *what.change;
  if (auto taken = row.reactions.empty() ? success() : take_reactions(what); !taken)
    return taken;
  message_row gone;
  gone.erased = true;
  gone.sent_with = row.sent_with.value_or(change.before);
  row = std::move(gone);
  return corrections_.add(changes_of_erasing(what.conversation, change.author, change.before),
                          change.message);
}

outcome message_changes::react(const record& what, message_row& row) {
  const message_change& change = *what.change;
  auto kind = std::find_if(row.reactions.begin(), row.reactions.end(),
                           [&](const auto& each) { return each.first == change.emoji; });
  if (kind == row.reactions.end())
    kind = row.reactions.insert(kind, {change.emoji, 0});
  kind->second += change.removed ? -1 : 1;
  if (kind->second == 0)
    row.reactions.erase(kind);
  std::string key = reaction_key(what.conversation, change.message, change.emoji, what.actor);
  reactions_[std::move(key)] = change.removed ? std::nullopt : std::optional{what.seq};
  return success();
}

outcome message_changes::take_reactions(const record& what) {
  const std::string prefix = event_key(what.conversation, what.change->message);
  for (auto& [key, event] : reactions_)
    if (key.starts_with(prefix))
      event.reset();
  cursor at = base_.rows(model_table::reactions);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
    reactions_[std::string(at.key())] = std::nullopt;
  return at.error() ? outcome{*at.error()} : success();
}

std::vector<std::pair<std::string, std::string>> message_changes::reactions() const {
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(reactions_.size());
  for (const auto& [key, event] : reactions_)
    rows.emplace_back(key, event ? encode_reaction_row(key, *event) : std::string{});
  return rows;
}

} // namespace parley
