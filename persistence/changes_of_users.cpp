// What users keep for themselves, and what is kept of them: settings, hidden messages, blocks,
// bans, invitations.
#include <algorithm>

#include "persistence/changes.hpp"
#include "persistence/put_away.hpp"

namespace parley {

outcome model_changes::add_beside(const record& what, position at, changed_conversation& in) {
  switch (what.kind) {
  case record_kind::receipts:
    return add_receipts(what, at, in);
  case record_kind::set:
    return keep(what, at, in.row);
  case record_kind::hidden:
    return hide(what, at, in.row);
  case record_kind::thread_read:
    return messages_.read_thread(what);
  case record_kind::trimmed:
    return trim(what, at, in);
  case record_kind::held:
    holds_[what.conversation.str()] = hold_row{what.actor, what.at};
    return success();
  case record_kind::released:
    holds_[what.conversation.str()] = std::nullopt;
    return success();
  default:
    return success(); // nothing but a key
  }
}

// What is over goes with it, as in memory.
outcome model_changes::restrict(const record& what) {
  const std::string prefix = member_prefix(what.conversation);
  const auto see = [&](const user_id& user, restriction row) {
    row.user = user;
    restrictions_.try_emplace(member_key(what.conversation, user), std::move(row));
    return true;
  };
  auto read = for_each_row(base_, model_table::restrictions, prefix, split_member_key,
                           decode_restriction, see);
  if (!read)
    return read;
  restrictions_[member_key(what.conversation, what.restricted->user)] = what.restricted;
  for (auto& [key, row] : restrictions_)
    if (key.starts_with(prefix) && row && row->is_over(what.at))
      row.reset();
  return success();
}

// Who joins takes the invitation up; who is kept out, or has nothing left to come to, loses it.
outcome model_changes::note_invitations(const record& what, position at) {
  const conversation_id& in = what.conversation;
  for (const auto& each : what.roles)
    if (what.kind == record_kind::invited) {
      invitations_[member_key(in, each.user)] =
          invitation{each.user, each.as, what.actor, what.at, what.seq};
      invited_[membership_key(each.user, in)] = invited_row{at};
    } else if (what.kind == record_kind::uninvited) {
      end_invitation(in, each.user);
    }
  if (bans(what))
    end_invitation(in, what.restricted->user);
  for (const auto& each : what.joined) {
    const auto there = what.created ? result<bool>{false} : is_invited(in, each.user);
    if (!there)
      return there.error();
    if (*there)
      end_invitation(in, each.user);
  }
  return what.kind == record_kind::deleted ? end_all_invitations(in) : success();
}

result<bool> model_changes::is_invited(const conversation_id& conversation,
                                       const user_id& user) const {
  if (const auto known = invitations_.find(member_key(conversation, user));
      known != invitations_.end())
    return known->second.has_value();
  auto stored = base_.invitation_of(conversation, user);
  if (!stored)
    return stored.error();
  return stored->has_value();
}

void model_changes::end_invitation(const conversation_id& conversation, const user_id& user) {
  invitations_[member_key(conversation, user)] = std::nullopt;
  invited_[membership_key(user, conversation)] = std::nullopt;
}

outcome model_changes::end_all_invitations(const conversation_id& conversation) {
  const std::string prefix = member_prefix(conversation);
  std::vector<user_id> users;
  cursor at = base_.rows(model_table::invitations);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
    users.emplace_back(std::string(at.key().substr(prefix.size())));
  if (at.error())
    return *at.error();
  for (const auto& [key, row] : invitations_) // who was invited in these batches
    if (key.starts_with(prefix))
      users.emplace_back(key.substr(prefix.size()));
  for (const auto& user : users)
    end_invitation(conversation, user);
  return success();
}

result<std::optional<preference_row>*>
model_changes::preferences_of(const user_id& user, const conversation_id& conversation) {
  const auto [found, unseen] = preferences_.try_emplace(membership_key(user, conversation));
  if (unseen) {
    auto stored = base_.preferences_of(user, conversation);
    if (!stored)
      return stored.error();
    found->second = *stored;
  }
  return &found->second;
}

// Who is no member any more keeps nothing. Who wants to hear no more is told of nothing that was
// there either.
outcome model_changes::keep(const record& what, position at, const conversation_row& in) {
  auto membership = membership_of(what.actor, what.conversation);
  if (!membership)
    return membership.error();
  if (!(*membership)->active())
    return success();
  auto kept = preferences_of(what.actor, what.conversation);
  if (!kept)
    return kept.error();
  if (!**kept)
    (*kept)->emplace();
  preference_row& row = ***kept;
  if (is_back(row, in.last_message, what.at))
    row.kept.archived = false; // nothing that is set now puts it away again
  if (is_in_sight(row, in.last_message, what.at))
    row.kept.hidden = false;
  const auto take = [](auto& old, const auto& set) {
    if (set)
      old = set;
  };
  take(row.kept.archived, what.kept->archived);
  take(row.kept.muted_until, what.kept->muted_until);
  take(row.kept.pinned, what.kept->pinned);
  take(row.kept.notify, what.kept->notify);
  take(row.kept.quiet, what.kept->quiet);
  take(row.kept.hidden, what.kept->hidden);
  if (what.kept->archived)
    row.archived_at = in.head;
  if (what.kept->hidden)
    row.hidden_at = in.head;
  row.changed = at;
  return wants_nothing(row.kept, what.at) ? withdraw(what.actor, what.conversation, in.head)
                                          : success();
}

// Who is blocked again has been so since the first time.
outcome model_changes::block(const record& what) {
  add_key(what);
  const bool blocks = what.kind == record_kind::blocked;
  const std::string pair = member_key(what.conversation, what.actor);
  const std::pair listed{model_table::blocked, blocked_key(what.actor, *what.left)};
  blocks_[{model_table::pair_blocks, pair}] =
      blocks ? encode_pair_block(pair, *what.left) : std::string{};
  const auto known = blocks_.find(listed);
  auto is_listed = known == blocks_.end() ? base_.blocks(what.actor, *what.left)
                                          : result<bool>{!known->second.empty()};
  if (!is_listed)
    return is_listed.error();
  if (*is_listed != blocks) {
    blocks_[listed] = blocks ? encode_blocked_row(listed.second, what.at) : std::string{};
    blocks_[{model_table::blocked_by, blocked_key(*what.left, what.actor)}] = blocks ? "1" : "";
  }
  return success();
}

result<std::optional<notice_row>*> model_changes::notice_of(const user_id& user,
                                                            const conversation_id& conversation) {
  const auto [found, unseen] = notices_.try_emplace(membership_key(user, conversation));
  if (unseen) {
    auto stored = base_.notice_of(user, conversation);
    if (!stored)
      return stored.error();
    found->second = *stored;
  }
  return &found->second;
}

// Whoever has read it by now, wants to hear nothing, or is no member any more, is told nothing.
outcome model_changes::notify(const record& what, position at) {
  decided_ = std::max(decided_, what.told->decided);
  for (const auto& each : what.told->notices) {
    auto membership = membership_of(each.user, what.conversation);
    if (!membership)
      return membership.error();
    if (!(*membership)->active())
      continue;
    auto mine = receipts_.of(what.conversation, each.user);
    if (!mine)
      return mine.error();
    if (*mine == nullptr || (*mine)->now.read >= what.seq)
      continue;
    auto kept = preferences_of(each.user, what.conversation);
    if (!kept)
      return kept.error();
    if (**kept && wants_nothing((**kept)->kept, what.at))
      continue;
    auto told = notice_of(each.user, what.conversation);
    if (!told)
      return told.error();
    **told = notice_row{what.seq, what.at, each.quiet, false, at, each.behind, each.joined};
    ++counted_.made;
    counted_.joined += each.joined ? 1 : 0;
  }
  return success();
}

// Nothing is written where nothing was told, which is nearly always.
outcome model_changes::withdraw(const user_id& user, const conversation_id& conversation,
                                sequence read) {
  const std::string key = membership_key(user, conversation);
  const auto known = notices_.find(key);
  auto told = known == notices_.end() ? base_.notice_of(user, conversation)
                                      : result<std::optional<notice_row>>{known->second};
  if (!told)
    return told.error();
  if (*told && (*told)->seq <= read) {
    notices_[key] = std::nullopt;
    ++counted_.withdrawn;
  }
  return success();
}

outcome model_changes::settle_alone(const record& what, position at) {
  if (what.kind == record_kind::tuned)
    return tune(what);
  if (what.kind == record_kind::dismissed)
    return dismiss(what, at);
  add_key(what);
  profiles_[what.actor.str()] = *what.told->profile;
  return success();
}

// One conversation by its row, all of them by the batch in which that was said.
outcome model_changes::dismiss(const record& what, position at) {
  add_key(what);
  if (!what.told->dismissed) {
    auto row = tuning_of(what.actor);
    if (!row)
      return row.error();
    (*row)->seen = at;
    return success();
  }
  auto told = notice_of(what.actor, *what.told->dismissed);
  if (!told)
    return told.error();
  if (**told)
    (**told)->seen = true;
  return success();
}

result<tuning_row*> model_changes::tuning_of(const user_id& user) {
  const auto [found, unseen] = tunings_.try_emplace(user.str());
  if (unseen) {
    auto stored = base_.tuning_of(user);
    if (!stored)
      return stored.error();
    found->second = *stored;
  }
  return &found->second;
}

outcome model_changes::tune(const record& what) {
  add_key(what);
  auto row = tuning_of(what.actor);
  if (!row)
    return row.error();
  const auto take = [](auto& old, const auto& set) {
    if (set)
      old = set;
  };
  notification_settings& settings = (*row)->settings;
  take(settings.notify, what.told->settings.notify);
  take(settings.quiet_until, what.told->settings.quiet_until);
  take(settings.quiet, what.told->settings.quiet);
  take(settings.zone, what.told->settings.zone);
  take(settings.typing, what.told->settings.typing);
  take(settings.last_seen, what.told->settings.last_seen);
  take(settings.receipts, what.told->settings.receipts);
  return success();
}

outcome model_changes::hide(const record& what, position at, conversation_row& into) {
  auto hidden = messages_.hide(what, at);
  if (!hidden)
    return hidden.error();
  into.hidden += *hidden ? 1 : 0;
  into.hidden_at = at;
  return success();
}

// Nobody sees them from now on; their rows are many and go by and by.
outcome model_changes::trim(const record& what, position at, changed_conversation& in) {
  const sequence kept_from = what.change->message;
  if (kept_from <= first_kept(in.row) || kept_from > in.row.head.next())
    return failure{error_code::internal,
                   describe_row(model_table::conversations, what.conversation.str()) +
                       " has no such events to let go",
                   {}};
  auto gone = ordinal_at(what.conversation, kept_from.previous(), in);
  if (!gone)
    return gone.error();
  in.row.kept_from = kept_from;
  in.row.gone = *gone;
  in.row.trimmed_at = at;
  in.row.trimmed_when = what.at;
  condemned_.emplace_back(what.conversation.str(), "1");
  return success();
}

} // namespace parley
