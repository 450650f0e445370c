// Turns records into rows.
#include "persistence/changes.hpp"

#include <algorithm>

namespace parley {

namespace {

failure misfit(const record& what, std::string_view why) {
  return {error_code::internal,
          "the log's " + describe_row(model_table::events, event_key(what.conversation, what.seq)) +
              " " + std::string(why),
          {}};
}

using encoded_rows = std::vector<std::pair<std::string, std::string>>;

/// Sorts where the rows are, not the rows.
std::vector<const encoded_rows::value_type*> in_order(const encoded_rows& rows) {
  std::vector<const encoded_rows::value_type*> order;
  order.reserve(rows.size());
  for (const auto& each : rows)
    order.push_back(&each);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->first < b->first; });
  return order;
}

void write_sorted(write_transaction& to, model_table table, const encoded_rows& rows) {
  for (const auto* each : in_order(rows))
    to.put(index_of(table), each->first, each->second);
}

/// The first answer to a key stands for ever, so its row is only ever written once.
void write_keys(write_transaction& to, const encoded_rows& rows) {
  for (const auto* each : in_order(rows))
    to.put_new(index_of(model_table::dedupe), each->first, each->second);
}

template <class Row>
encoded_rows encoded(const std::unordered_map<std::string, Row>& overlay) {
  encoded_rows rows;
  rows.reserve(overlay.size());
  for (const auto& [key, row] : overlay)
    rows.emplace_back(key, encode_row(key, row));
  return rows;
}

/// An empty value stands for a row that is to go.
encoded_rows encoded(const std::unordered_map<std::string, std::optional<member_row>>& overlay) {
  encoded_rows rows;
  rows.reserve(overlay.size());
  for (const auto& [key, row] : overlay)
    rows.emplace_back(key, row ? encode_row(key, *row) : std::string{});
  return rows;
}

void write_members(write_transaction& to, const encoded_rows& rows) {
  for (const auto* each : in_order(rows))
    each->second.empty() ? to.erase(index_of(model_table::members), each->first)
                         : to.put(index_of(model_table::members), each->first, each->second);
}

void begin_period(membership_row& row, sequence seq, position at) {
  if (row.periods.size() == kept_periods) {
    row.periods.erase(row.periods.begin());
    row.shortened = true;
  }
  row.periods.push_back({seq, at, {}, {}});
}

} // namespace

outcome model_changes::add(const committed_batch& batch) {
  for (const auto& each : batch.records) {
    if (auto added = add(*each, batch.at); !added)
      return added;
  }
  return success();
}

outcome model_changes::add(const record& what, position at) {
  if (what.kind == record_kind::seen) {
    users_[what.actor.str()] = {what.at};
    return success();
  }
  auto found = conversation_of(what.conversation);
  if (!found)
    return found.error();
  conversation_row& row = **found;
  if (follows(what) != row.head)
    return misfit(what, "does not follow " + std::to_string(row.head.value()));
  if (!what.created && row.head.value() == 0)
    return misfit(what, "is of a conversation that was never made");
  add_key(what);
  if (!is_numbered(what.kind))
    return success();
  if (what.created) {
    if (auto opened = open_conversation(what, row); !opened)
      return opened;
  }
  for (const auto& who : what.joined) {
    if (auto joined = join(who, what, at, row); !joined)
      return joined;
  }
  if (what.left) {
    if (auto parted = part(*what.left, what, at, row); !parted)
      return parted;
  }
  for (const auto& each : what.roles) {
    if (auto changed = change_role(each, what); !changed)
      return changed;
  }
  row.title = what.settings.title.value_or(row.title);
  row.meta = what.settings.meta.value_or(row.meta);
  row.head = what.seq;
  row.head_position = at;
  row.messages = what.ordinal;
  if (what.kind == record_kind::message)
    row.last_message = what.seq;
  add_event(what, at);
  return success();
}

result<conversation_row*> model_changes::conversation_of(const conversation_id& id) {
  if (auto known = conversations_.find(id.str()); known != conversations_.end())
    return &known->second;
  auto stored = base_.conversation(id);
  if (!stored)
    return stored.error();
  return &conversations_.emplace(id.str(), stored->value_or(conversation_row{})).first->second;
}

result<membership_row*> model_changes::membership_of(const user_id& user,
                                                     const conversation_id& conversation) {
  const std::string key = membership_key(user, conversation);
  if (auto known = memberships_.find(key); known != memberships_.end())
    return &known->second;
  auto stored = base_.membership(user, conversation);
  if (!stored)
    return stored.error();
  return &memberships_.emplace(key, stored->value_or(membership_row{})).first->second;
}

outcome model_changes::open_conversation(const record& what, conversation_row& into) {
  if (into.head.value() != 0)
    return misfit(what, "makes a conversation that exists");
  into.kind = what.created->kind;
  into.title = what.created->title;
  into.creator = what.actor;
  into.created_at = what.at;
  return success();
}

outcome model_changes::join(const membership& who, const record& what, position at,
                            conversation_row& into) {
  auto found = membership_of(who.user, what.conversation);
  if (!found)
    return found.error();
  if ((*found)->active())
    return change_role(who, what);
  begin_period(**found, what.seq, at);
  members_[member_key(what.conversation, who.user)] = member_row{who.as, what.seq, what.at};
  ++into.members;
  return success();
}

outcome model_changes::change_role(const membership& who, const record& what) {
  const auto [found, unseen] = members_.try_emplace(member_key(what.conversation, who.user));
  if (unseen) {
    auto stored = base_.member(what.conversation, who.user);
    if (!stored)
      return stored.error();
    found->second = *stored;
  }
  if (found->second)
    found->second->as = who.as; // who is not there any more has no role
  return success();
}

outcome model_changes::part(const user_id& who, const record& what, position at,
                            conversation_row& into) {
  auto found = membership_of(who, what.conversation);
  if (!found)
    return found.error();
  if (!(*found)->active())
    return success(); // Who is not there cannot leave; the event stands all the same.
  (*found)->periods.back().left = what.seq;
  (*found)->periods.back().left_at = at;
  members_[member_key(what.conversation, who)] = std::nullopt;
  into.members -= std::min<std::uint64_t>(into.members, 1);
  return success();
}

void model_changes::add_event(const record& what, position at) {
  std::string key = event_key(what.conversation, what.seq);
  std::string value = encode_row(key, event_row{at, what.kind, what.ordinal, what.event});
  events_.emplace_back(std::move(key), std::move(value));
}

void model_changes::add_key(const record& what) {
  if (!what.key)
    return;
  std::string key = dedupe_key(*what.key);
  std::string value = encode_row(
      key, known_command{what.content, what.conversation, what.seq, what.at, what.answer});
  keys_.emplace_back(std::move(key), std::move(value));
}

void model_changes::write(write_transaction& to) const {
  write_sorted(to, model_table::events, events_);
  write_keys(to, keys_);
  write_members(to, encoded(members_));
  write_sorted(to, model_table::memberships, encoded(memberships_));
  write_sorted(to, model_table::conversations, encoded(conversations_));
  write_sorted(to, model_table::users, encoded(users_));
}

} // namespace parley
