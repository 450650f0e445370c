// Twice as many as are wanted are kept, and now and then the smaller half of them goes.
#include "persistence/largest_conversations.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits_of_requests.hpp"

namespace parley {

namespace {

std::uint64_t measured(const sized_conversation& what, conversation_measure by) {
  switch (by) {
  case conversation_measure::members:
    return what.members;
  case conversation_measure::events:
    return what.events;
  case conversation_measure::messages:
    break;
  }
  return what.messages;
}

} // namespace

std::optional<conversation_measure> parse_measure(std::string_view text) noexcept {
  if (text == "messages")
    return conversation_measure::messages;
  if (text == "members")
    return conversation_measure::members;
  if (text == "events")
    return conversation_measure::events;
  return std::nullopt;
}

result<bool> largest_conversations::go_on(const row_reader& rows) {
  cursor at = rows.rows(model_table::conversations);
  bool more = behind_.empty() ? at.first() : at.seek(behind_);
  if (more && !behind_.empty() && at.key() == behind_)
    more = at.next();
  for (std::size_t looked_at = 0; more; more = at.next()) {
    if (looked_at++ == limits::conversations_measured_at_once)
      return true;
    behind_ = at.key();
    const auto row = decode_conversation(at.key(), at.value());
    if (row && !row->deleted)
      see(behind_, *row);
  }
  if (at.error())
    return *at.error();
  return false;
}

void largest_conversations::see(const std::string& id, const conversation_row& row) {
  ++seen_;
  sized_conversation each;
  each.conversation = conversation_id{id};
  each.kind = row.kind;
  each.messages = row.messages.value() - row.gone.value();
  each.members = row.members;
  each.events = row.head.value() - row.kept_from.previous().value();
  each.frozen = row.moderated.frozen;
  each.created_at = row.created_at;
  if (kept_.size() >= most_ && measured(each, by_) == 0)
    return;
  each.title = row.title;
  kept_.push_back(std::move(each));
  if (kept_.size() >= 2 * most_)
    keep_largest();
}

void largest_conversations::keep_largest() {
  std::sort(kept_.begin(), kept_.end(), [by = by_](const auto& a, const auto& b) {
    const auto one = measured(a, by);
    const auto other = measured(b, by);
    return one != other ? one > other : a.conversation < b.conversation;
  });
  kept_.resize(std::min(kept_.size(), most_));
}

std::vector<sized_conversation> largest_conversations::take() {
  keep_largest();
  return std::move(kept_);
}

} // namespace parley
