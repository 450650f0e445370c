// Receipts by conversation and user.
#include "actors/recent_receipts.hpp"

namespace parley {

std::vector<receipt_facts> receipts_in(const record& what) {
  std::vector<receipt_facts> facts;
  facts.reserve(what.receipts.size());
  for (const auto& each : what.receipts)
    facts.push_back({each.user, each.now, what.at});
  return facts;
}

bool recent_receipts::add(const record& what, position at) {
  const auto [known, is_new] = table_.try_emplace(what.conversation);
  in_conversation& into = known->second;
  if (!is_new && into.is_private != what.receipts_are_private)
    return false;
  if (is_new)
    into.before = at.previous();
  into.is_private = what.receipts_are_private;
  for (auto& each : receipts_in(what)) {
    const user_id user = each.user;
    into.of.insert_or_assign(user, std::move(each));
  }
  return true;
}

} // namespace parley
