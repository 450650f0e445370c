// Receipts by conversation and user, in the order in which they are due.
#include "actors/recent_receipts.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"

namespace parley {

bool is_told(const user_id& reader, const receipt_facts& of) {
  return reader == of.user ||
         (!of.is_private &&
          !(of.apart && std::binary_search(of.apart->begin(), of.apart->end(), reader)));
}

std::vector<receipt_facts> receipts_in(const record& what) {
  std::vector<receipt_facts> facts;
  facts.reserve(what.receipts.size());
  for (const auto& each : what.receipts)
    if (each.told != receipt_audience::nobody)
      facts.push_back(
          {each.user, each.now, what.at, each.told == receipt_audience::own_devices, each.apart});
  return facts;
}

bool recent_receipts::has_other_audience(const record& what) const {
  const in_conversation* waiting = find(what.conversation);
  return waiting != nullptr && waiting->is_private != what.receipts_are_private;
}

// Where nothing was shown lately it is due at once, so it comes first.
void recent_receipts::add(const record& what, position at, instant now) {
  auto known = by_conversation_.find(what.conversation);
  if (known == by_conversation_.end()) {
    by_due_.push_front({what.conversation, false, {}, {}, now, at.previous()});
    known = by_conversation_.emplace(what.conversation, by_due_.begin()).first;
  }
  in_conversation& into = *known->second;
  if (into.of.empty())
    into.before = at.previous();
  into.is_private = what.receipts_are_private;
  for (auto& each : receipts_in(what)) {
    const auto [waiting, is_first] = into.of.try_emplace(each.user, each);
    if (is_first)
      continue;
    each.is_private = each.is_private && waiting->second.is_private;
    waiting->second = std::move(each);
  }
}

const recent_receipts::in_conversation*
recent_receipts::find(const conversation_id& conversation) const {
  const auto known = by_conversation_.find(conversation);
  return known == by_conversation_.end() || known->second->of.empty() ? nullptr : &*known->second;
}

const recent_receipts::in_conversation* recent_receipts::due(instant now) {
  while (!by_due_.empty() && by_due_.front().due <= now) {
    if (!by_due_.front().of.empty())
      return &by_due_.front();
    by_conversation_.erase(by_due_.front().conversation);
    by_due_.pop_front();
  }
  return nullptr;
}

void recent_receipts::shown(const in_conversation& which, position up_to, instant now) {
  const auto known = by_conversation_.find(which.conversation)->second;
  known->of.clear();
  known->due = now + limits::receipt_interval;
  known->shown_up_to = up_to;
  by_due_.splice(by_due_.end(), by_due_, known);
}

// The others were shown later.
position recent_receipts::shown_up_to(position otherwise) const {
  return by_due_.empty() ? otherwise : by_due_.front().shown_up_to;
}

} // namespace parley
