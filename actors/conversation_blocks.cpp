// What two users have settled between them: whether one has blocked the other. It is kept where
// their direct conversation is, or would be.
#include <utility>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/rules.hpp"

namespace parley {

std::optional<verdict> conversation_state::cut_off(const asker& who) const {
  if (blockers_.empty())
    return {};
  return refuse_with(who, error_code::forbidden,
                     blockers_.contains(who.user) ? "you have blocked this user"
                                                  : "this user takes no messages from you");
}

// How many invitations they have does not matter.
std::optional<verdict> conversation_state::kept_apart(const asker& who,
                                                      const std::vector<membership>& from) {
  const auto known = std::exchange(invited_, std::nullopt);
  look_up_invited needed{{}, who.user, false};
  for (const auto& each : from)
    if (each.user != who.user)
      needed.users.push_back(each.user);
  if (needed.users.empty())
    return {};
  if (!known || known->first != needed)
    return needed;
  if (known->second.blocked.empty())
    return {};
  return refuse_blocked(who, known->second.blocked);
}

// Blocking again changes nothing, but the key of a retry must be remembered.
template <class Command>
verdict conversation_state::settle_block(const asker& who, const Command& what, bool blocks,
                                         timestamp now) {
  if (!in_flight_.empty() || receipts_.gathered() > 0)
    return wait{};
  if (blockers_.contains(who.user) == blocks && !what.client)
    return say{encode_ok(who.ref)};
  auto settled = next_record(blocks ? record_kind::blocked : record_kind::unblocked, who.user, now);
  settled->left = what.user;
  settled->asked_by = who.session;
  if (what.client)
    put_key(*settled, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  return put_forward(std::move(settled), encode_ok(who.ref));
}

verdict conversation_state::decide_block(const asker& who, const block_user& what, timestamp now) {
  return settle_block(who, what, true, now);
}

verdict conversation_state::decide_block(const asker& who, const unblock_user& what,
                                         timestamp now) {
  return settle_block(who, what, false, now);
}

void conversation_state::apply_block(const record& what) {
  if (what.kind == record_kind::blocked)
    blockers_.insert(what.actor);
  else
    blockers_.erase(what.actor);
}

} // namespace parley
