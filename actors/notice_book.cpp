// A table by conversation, and the order in which its entries are due.
#include "actors/notice_book.hpp"

#include <algorithm>

#include "actors/limits_of_notices.hpp"

namespace parley {

void notice_book::note(const conversation_id& conversation, sequence last, position at,
                       instant due) {
  const auto [found, is_new] =
      waiting_.try_emplace(conversation, entry{{conversation, last, at, at}, due});
  if (is_new) {
    order_.emplace(due, conversation);
    return;
  }
  look& known = found->second.what;
  known.last = std::max(known.last, last);
  known.first = std::min(known.first, at);
  known.newest = std::max(known.newest, at);
}

std::optional<notice_book::look> notice_book::take(instant now) {
  if (order_.empty() || order_.begin()->first > now)
    return {};
  const auto found = waiting_.find(order_.begin()->second);
  look what = std::move(found->second.what);
  waiting_.erase(found);
  order_.erase(order_.begin());
  return what;
}

std::optional<instant> notice_book::next_due() const {
  if (order_.empty())
    return {};
  return order_.begin()->first;
}

bool notice_book::is_full() const noexcept {
  return waiting_.size() >= limits::noticed_conversations;
}

std::optional<position> notice_book::oldest() const {
  std::optional<position> oldest;
  for (const auto& [conversation, each] : waiting_)
    oldest = oldest ? std::min(*oldest, each.what.first) : each.what.first;
  return oldest;
}

} // namespace parley
