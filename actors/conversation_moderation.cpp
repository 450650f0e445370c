// What a conversation decides about who has to be silent, or is kept out.
#include <algorithm>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"

namespace parley {

namespace {

std::uint64_t milliseconds(timestamp at) { return static_cast<std::uint64_t>(to_wire(at)); }

} // namespace

// --- Who may say something -----------------------------------------------------------------------

std::optional<verdict> conversation_state::silenced(const asker& who, const member_facts& as,
                                                    timestamp now) const {
  if (auto cut = cut_off(who))
    return cut;
  const auto kept = restrictions_.find(who.user);
  if (kept != restrictions_.end() && kept->second.silent_until > milliseconds(now))
    return say{encode_error(who.ref, {error_code::forbidden, "you have been silenced here",
                                      std::chrono::milliseconds{static_cast<std::int64_t>(
                                          kept->second.silent_until - milliseconds(now))}})};
  return frozen_for(who, as);
}

std::optional<verdict> conversation_state::frozen_for(const asker& who,
                                                      const member_facts& as) const {
  if (!moderated_.frozen || rules::may_moderate(kind_, as.as))
    return {};
  return refuse_with(who, error_code::frozen, "the conversation is frozen");
}

std::optional<verdict> conversation_state::held_back(const asker& who, const member_facts& as,
                                                     timestamp now) const {
  if (auto quiet = silenced(who, as, now))
    return quiet;
  const auto last = posted_.find(who.user);
  if (moderated_.slow_mode == 0 || last == posted_.end() || rules::may_moderate(kind_, as.as))
    return {};
  const auto due = last->second + std::chrono::seconds{moderated_.slow_mode};
  if (now >= due || now < last->second) // a clock that was put back holds nobody up
    return {};
  return say{encode_error(
      who.ref, {error_code::slow_mode, "one message per interval is allowed here", due - now})};
}

// --- Operators -----------------------------------------------------------------------------------

// With an owner's rights, and in their own name: events say who they are. What they may not do here
// they may as little as anybody else.
std::optional<verdict> conversation_state::decide_for_operator(const asker& who,
                                                               const conversation_command& what,
                                                               timestamp now) {
  const auto* settings = std::get_if<update_conversation>(&what);
  const auto* removal = std::get_if<remove_member>(&what);
  const auto* facts = std::get_if<get_conversation>(&what);
  const auto* list = std::get_if<get_members>(&what);
  if (settings == nullptr && removal == nullptr && facts == nullptr && list == nullptr)
    return {};
  if (!exists_)
    return not_found(who);
  if (!only_reads(what) && (!in_flight_.empty() || receipts_.gathered() > 0))
    return wait{};
  const member_facts as{who.user, role::owner, {}, {}, {}};
  if (settings != nullptr)
    return decide_on(who, as, *settings, now);
  if (removal != nullptr)
    return decide_on(who, as, *removal, now);
  return facts != nullptr ? decide_on(who, as, *facts, now) : decide_on(who, as, *list, now);
}

// --- Bans and silence ----------------------------------------------------------------------------

// What is over counts as nothing.
restriction conversation_state::restriction_of(const user_id& user, timestamp now) const {
  const auto kept = restrictions_.find(user);
  restriction holds = kept == restrictions_.end() ? restriction{user, 0, 0} : kept->second;
  for (auto* until : {&holds.banned_until, &holds.silent_until})
    if (*until <= milliseconds(now))
      *until = 0;
  return holds;
}

bool conversation_state::is_banned(const user_id& user, timestamp now) const {
  return restriction_of(user, now).banned_until > 0;
}

template <class Command>
verdict conversation_state::restrict(const asker& who, restriction now_kept, const Command& what,
                                     timestamp now) {
  const bool puts_out =
      now_kept.banned_until > milliseconds(now) && member(now_kept.user) != nullptr;
  if (!puts_out && now_kept == restriction_of(now_kept.user, now))
    return note(who, what, now);
  const auto kept =
      std::count_if(restrictions_.begin(), restrictions_.end(), [&](const auto& each) {
        return each.first != now_kept.user && !each.second.is_over(now);
      });
  if (!now_kept.is_over(now) && static_cast<std::size_t>(kept) >= limits::restrictions)
    return refuse_with(who, error_code::too_large, "too many users are banned or silent here");
  if (puts_out)
    return take_out(who, now_kept.user, what, now, now_kept);
  auto changed = next_record(record_kind::changed, who.user, now);
  changed->event = encode_restricted(id_, changed->seq, now, who.user, now_kept);
  changed->restricted = std::move(now_kept);
  return put_forward(who, std::move(changed), what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const ban_user& what, timestamp now) {
  const member_facts* whom = member(what.user);
  if (!rules::may_remove(charter(), as.as, whom ? whom->as : role::reader))
    return refuse_with(who, error_code::forbidden, "your role may not ban this user");
  if (what.user == who.user)
    return refuse_with(who, error_code::bad_request, "nobody bans themselves");
  restriction kept = restriction_of(what.user, now);
  kept.banned_until = what.until.value_or(limits::for_good);
  if (kept.banned_until <= milliseconds(now))
    return refuse_with(who, error_code::bad_request, "`until` is over already");
  return restrict(who, std::move(kept), what, now);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const unban_user& what, timestamp now) {
  if (!rules::may_remove(charter(), as.as, role::reader))
    return refuse_with(who, error_code::forbidden, "your role may not end bans");
  restriction kept = restriction_of(what.user, now);
  kept.banned_until = 0;
  return restrict(who, std::move(kept), what, now);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const silence_member& what, timestamp now) {
  const member_facts* whom = member(what.user);
  if (!rules::may_remove(charter(), as.as, whom ? whom->as : role::reader))
    return refuse_with(who, error_code::forbidden, "your role may not silence this member");
  if (whom == nullptr && !restrictions_.contains(what.user))
    return refuse_with(who, error_code::not_found, "no such member");
  restriction kept = restriction_of(what.user, now);
  if (whom != nullptr)
    kept.banned_until = 0; // a ban that is over stays so, wherever the clock goes
  kept.silent_until = what.until > milliseconds(now) ? what.until : 0;
  return restrict(who, std::move(kept), what, now);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const get_restrictions&, timestamp now) {
  if (!rules::may_remove(charter(), as.as, role::reader))
    return refuse_with(who, error_code::forbidden, "your role may not see this");
  std::vector<restriction> items;
  for (const auto& [user, each] : restrictions_)
    if (!each.is_over(now))
      items.push_back(each);
  return tell_if_asked(who, encode_restrictions(who.ref, id_, items));
}

} // namespace parley
