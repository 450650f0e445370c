// What a conversation decides about its members, their roles, its settings and its end.
#include <algorithm>
#include <tuple>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"

namespace parley {

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const add_members& what, timestamp now) {
  const role given = what.as.value_or(rules::role_of_added(kind_));
  if (!rules::may_add(charter(), as.as) || !rules::may_give(as.as, given))
    return refuse_with(who, error_code::forbidden, "your role may not add these members");
  if (auto frozen = frozen_for(who, as))
    return std::move(*frozen);
  std::vector<membership> added = outsiders(what.users, given);
  for (const auto& each : added)
    if (is_banned(each.user, now))
      return refuse_with(who, error_code::forbidden, "somebody of these is banned here");
  if (members_.size() + added.size() > limits::members)
    return refuse_with(who, error_code::too_large, "the conversation would have too many members");
  if (added.empty())
    return note(who, what, now);
  if (auto apart = kept_apart(who, added))
    return std::move(*apart);
  return put_forward(who, joining(std::move(added), who.user, now), what);
}

std::vector<membership> conversation_state::outsiders(const std::vector<user_id>& users,
                                                      role given) const {
  std::vector<membership> found;
  for (const auto& user : users)
    if (member(user) == nullptr &&
        std::none_of(found.begin(), found.end(), [&](const auto& m) { return m.user == user; }))
      found.push_back({user, given});
  return found;
}

std::shared_ptr<record> conversation_state::joining(std::vector<membership> users,
                                                    const user_id& by, timestamp now) const {
  auto grown = next_record(record_kind::joined, by, now);
  conversation_facts introduced = facts(grown->seq);
  introduced.members.insert(introduced.members.end(), users.begin(), users.end());
  introduced.member_count += users.size();
  grown->event = encode_joined(id_, grown->seq, now, users, by);
  grown->introduction = encode_introduction(std::move(introduced));
  grown->joined = std::move(users);
  return grown;
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const remove_member& what, timestamp now) {
  const member_facts* whom = member(what.user);
  const role removed = whom ? whom->as : role::reader;
  if (!rules::may_remove(charter(), as.as, removed))
    return refuse_with(who, error_code::forbidden, "your role may not remove this member");
  if (whom == nullptr)
    return refuse_with(who, error_code::not_found, "no such member");
  return take_out(who, what.user, what, now);
}

verdict conversation_state::decide_on(const asker& who, const member_facts&, const leave& what,
                                      timestamp now) {
  if (!rules::may_leave(kind_))
    return refuse_with(who, error_code::forbidden, "a direct conversation is not left");
  return take_out(who, who.user, what, now);
}

// A direct conversation has an owner in name alone.
bool conversation_state::is_last_owner(const user_id& user) const {
  const member_facts* leaving = member(user);
  if (leaving == nullptr || leaving->as != role::owner)
    return false;
  return std::count_if(members_.begin(), members_.end(),
                       [](const auto& each) { return each.second.as == role::owner; }) == 1;
}

/// Who owns the conversation when its last owner goes: the highest role, then the longest there.
std::optional<user_id> conversation_state::heir_of(const user_id& user) const {
  const member_facts* heir = nullptr;
  for (const auto& [id, each] : members_)
    if (id != user && (heir == nullptr ||
                       std::tie(each.as, each.joined_seq) < std::tie(heir->as, heir->joined_seq)))
      heir = &each;
  return heir == nullptr ? std::nullopt : std::optional{heir->user};
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const change_role& what, timestamp now) {
  const member_facts* whom = member(what.user);
  if (!rules::may_change_role(kind_, as.as, whom ? whom->as : role::reader, what.as))
    return refuse_with(who, error_code::forbidden, "your role may not change this one");
  if (whom == nullptr)
    return refuse_with(who, error_code::not_found, "no such member");
  if (whom->as == what.as)
    return note(who, what, now);
  if (is_last_owner(what.user))
    return refuse_with(who, error_code::forbidden,
                       "the last owner stays owner; name another first");
  auto changed = next_record(record_kind::changed, who.user, now);
  changed->roles.push_back({what.user, what.as});
  changed->event = encode_role_changed(id_, changed->seq, now, who.user, changed->roles.front());
  return put_forward(who, std::move(changed), what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const update_conversation& what, timestamp now) {
  const bool moderates = what.slow_mode || what.frozen;
  const bool settles = what.rights || what.history || what.retention;
  if (!what.title && !what.meta && !moderates && !settles)
    return refuse_with(
        who, error_code::bad_request,
        "one of `title`, `meta`, `slow_mode`, `frozen`, `permissions`, `history`, `retention` is "
        "needed");
  if (((what.title || what.meta) && !rules::may_update(charter(), as.as)) ||
      (moderates && !rules::may_moderate(kind_, as.as)) ||
      (settles && !rules::may_settle(kind_, as.as)))
    return refuse_with(who, error_code::forbidden, "your role may not change this conversation");
  if (auto frozen = frozen_for(who, as))
    return std::move(*frozen);
  if (auto cut = cut_off(who))
    return std::move(*cut);
  if (what.slow_mode.value_or(0) > limits::slow_mode_seconds)
    return refuse_with(who, error_code::bad_request, "`slow_mode` is a day at most");
  if (auto valid = rules::validate(what.retention.value_or(retention_bounds{})); !valid)
    return say{encode_error(who.ref, valid.error())};
  auto changed = next_record(record_kind::changed, who.user, now);
  const auto set = [](auto& into, const auto& wanted, const auto& is) {
    if (wanted && *wanted != is)
      into = wanted;
  };
  set(changed->settings.title, what.title, title_);
  if (what.meta && what.meta->msgpack != meta_)
    changed->settings.meta = what.meta->msgpack;
  set(changed->settings.slow_mode, what.slow_mode, moderated_.slow_mode);
  set(changed->settings.frozen, what.frozen, moderated_.frozen);
  set(changed->settings.rights, what.rights, moderated_.rights);
  set(changed->settings.history, what.history, moderated_.history);
  set(changed->settings.retention, what.retention, moderated_.retention);
  if (changed->settings == settings_change{})
    return note(who, what, now);
  changed->event = encode_changed(id_, changed->seq, now, who.user, changed->settings);
  return put_forward(who, std::move(changed), what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts&,
                                      const set_preferences& what, timestamp now) {
  if (static_cast<const preferences&>(what) == preferences{})
    return refuse_with(who, error_code::bad_request,
                       "one of `archived`, `muted_until`, `pinned`, `notify`, `quiet`, `hidden` is "
                       "needed");
  if (what.quiet)
    if (auto valid = rules::validate_quiet_hours(*what.quiet); !valid)
      return say{encode_error(who.ref, valid.error())};
  auto kept = next_record(record_kind::set, who.user, now);
  kept->kept = std::make_shared<const preferences>(what);
  kept->asked_by = who.session;
  if (what.client)
    put_key(*kept, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  return put_forward(std::move(kept), encode_ok(who.ref));
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as, const erase& what,
                                      timestamp now) {
  if (what.message)
    return erase_messages(who, as, what, now);
  if (what.whom || what.through)
    return refuse_with(who, error_code::bad_request,
                       "`for` and `through` are about messages: name the first one");
  if (!rules::may_delete(kind_, as.as))
    return refuse_with(who, error_code::forbidden, "your role may not delete this conversation");
  if (held_)
    return refuse_with(who, error_code::forbidden, "the conversation is held: nothing goes");
  auto gone = next_record(record_kind::deleted, who.user, now);
  gone->event = encode_deleted(id_, gone->seq, now, who.user);
  for (const auto& [user, each] : members_)
    gone->ended.push_back(user);
  return put_forward(who, std::move(gone), what);
}

} // namespace parley
