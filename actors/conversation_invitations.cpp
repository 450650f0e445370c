// What a conversation decides about who is invited to it, and what it lets them say.
#include <algorithm>
#include <utility>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"

namespace parley {

// --- Who need not be a member --------------------------------------------------------------------

std::optional<verdict> conversation_state::decide_for_anyone(const asker& who,
                                                             const conversation_command& what,
                                                             timestamp now) {
  if (const auto* over = std::get_if<expire_messages>(&what))
    return decide_expiry(*over, now);
  if (const auto* erased = std::get_if<erase_user>(&what))
    return decide_user_erasure(*erased, now);
  if (const auto* block = std::get_if<block_user>(&what))
    return decide_block(who, *block, now);
  if (const auto* unblock = std::get_if<unblock_user>(&what))
    return decide_block(who, *unblock, now);
  if (const auto* tuned = std::get_if<set_notifications>(&what))
    return settle_alone(who, record_kind::tuned, {{}, {}, {}, *tuned, {}}, *tuned, now);
  if (const auto* seen = std::get_if<dismiss_notifications>(&what))
    return settle_alone(who, record_kind::dismissed, {{}, {}, seen->conversation, {}, {}}, *seen,
                        now);
  if (const auto* shown = std::get_if<set_profile>(&what))
    return decide_profile(who, *shown, now);
  if (const auto* introduced = std::get_if<introduce_user>(&what))
    return decide_profile(who, *introduced, now);
  if (const auto* hold = std::get_if<hold_conversation>(&what))
    return decide_hold(who, *hold, now);
  if (const auto* trim = std::get_if<trim_events>(&what))
    return decide_trim(*trim, now);
  if (const auto* accept = std::get_if<accept_invitation>(&what))
    return decide_invited(who, *accept, now);
  if (const auto* decline = std::get_if<decline_invitation>(&what))
    return decide_invited(who, *decline, now);
  return {};
}

// Whoever is not invited is told what every stranger is told.
template <class Command>
verdict conversation_state::decide_invited(const asker& who, const Command& what, timestamp now) {
  const auto found = invitations_.find(who.user);
  if (found == invitations_.end())
    return not_found(who);
  if (!in_flight_.empty() || receipts_.gathered() > 0)
    return wait{};
  const invitation& offered = found->second;
  if constexpr (std::is_same_v<Command, decline_invitation>) {
    return put_forward(who, end_of(offered, who.user, now), what);
  } else {
    if (members_.size() >= limits::members)
      return refuse_with(who, error_code::too_large,
                         "the conversation would have too many members");
    return put_forward(who, joining({{offered.user, offered.as}}, offered.by, now), what);
  }
}

std::shared_ptr<record> conversation_state::end_of(const invitation& which, const user_id& by,
                                                   timestamp now) const {
  auto over = next_record(record_kind::uninvited, by, now);
  over->roles.push_back({which.user, which.as});
  over->event = encode_uninvited(id_, over->seq, now, which.user, by);
  return over;
}

// --- Who may invite ------------------------------------------------------------------------------

// How many invitations somebody has elsewhere the model knows.
verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const invite_users& what, timestamp now) {
  const role given = what.as.value_or(rules::role_of_added(kind_));
  if (!rules::may_add(charter(), as.as) || !rules::may_give(as.as, given))
    return refuse_with(who, error_code::forbidden, "your role may not invite these users");
  if (auto frozen = frozen_for(who, as))
    return std::move(*frozen);
  std::vector<membership> offered = outsiders(what.users, given);
  std::erase_if(offered, [&](const auto& each) { return invitations_.contains(each.user); });
  std::vector<user_id> users;
  for (const auto& each : offered)
    users.push_back(each.user);
  if (std::any_of(users.begin(), users.end(), [&](const auto& u) { return is_banned(u, now); }))
    return refuse_with(who, error_code::forbidden, "somebody of these is banned here");
  if (users.empty())
    return note(who, what, now);
  if (invitations_.size() + users.size() > limits::invitations)
    return refuse_with(who, error_code::too_large, "too many invitations would be open here");
  const auto known = std::exchange(invited_, std::nullopt);
  look_up_invited needed{std::move(users), who.user};
  if (!known || known->first != needed)
    return needed;
  const invitation_obstacle gravest = known->second.gravest;
  if (gravest == invitation_obstacle::blocked)
    return refuse_blocked(who, known->second.blocked);
  if (gravest != invitation_obstacle::none)
    return refuse_with(who, error_code::too_large,
                       gravest == invitation_obstacle::too_many
                           ? "somebody of these has too many invitations"
                           : "somebody of these has too many invitations of yours");
  auto made = next_record(record_kind::invited, who.user, now);
  made->event = encode_invited(id_, made->seq, now, offered, who.user);
  made->introduction = encode_invitation({id_, kind_, title_, {{}, given, who.user, now}});
  made->roles = std::move(offered);
  return put_forward(who, std::move(made), what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const uninvite_user& what, timestamp now) {
  if (!rules::may_add(charter(), as.as))
    return refuse_with(who, error_code::forbidden, "your role may not take invitations back");
  const auto found = invitations_.find(what.user);
  if (found == invitations_.end())
    return note(who, what, now);
  return put_forward(who, end_of(found->second, who.user, now), what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const get_invited& what, timestamp) {
  if (!rules::may_add(charter(), as.as))
    return refuse_with(who, error_code::forbidden, "your role may not see this");
  auto next = what.cursor ? invitations_.upper_bound(user_id{*what.cursor}) : invitations_.begin();
  std::vector<invitation> items;
  for (; next != invitations_.end() && items.size() < rules::page_limit(what.limit); ++next)
    items.push_back(next->second);
  std::optional<std::string> cursor;
  if (next != invitations_.end())
    cursor = items.back().user.str();
  return tell_if_asked(who, encode_invited_page(who.ref, items, cursor));
}

// --- What is on disk -----------------------------------------------------------------------------

std::vector<user_id> conversation_state::uninvited_by(const record& what) const {
  std::vector<user_id> users;
  if (invitations_.empty())
    return users;
  if (what.kind == record_kind::deleted)
    for (const auto& [user, each] : invitations_)
      users.push_back(user);
  if (what.kind == record_kind::uninvited)
    users.push_back(what.roles.front().user);
  if (bans(what) && invitations_.contains(what.restricted->user))
    users.push_back(what.restricted->user);
  return users;
}

void conversation_state::apply_invitations(const record& what) {
  if (what.kind == record_kind::invited)
    for (const auto& each : what.roles)
      invitations_.insert_or_assign(each.user,
                                    invitation{each.user, each.as, what.actor, what.at, what.seq});
  for (const auto& user : uninvited_by(what))
    invitations_.erase(user);
  for (const auto& each : what.joined)
    invitations_.erase(each.user);
}

} // namespace parley
