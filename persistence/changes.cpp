// Turns records into rows.
#include "persistence/changes.hpp"

#include <algorithm>

#include "persistence/event_facts.hpp"

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
std::string encoded(const std::string& key, const Row& row) {
  return encode_row(key, row);
}

/// An empty value stands for a row that is to go.
template <class Row>
std::string encoded(const std::string& key, const std::optional<Row>& row) {
  return row ? encode_row(key, *row) : std::string{};
}

/// Whoever was never there, as others knew nobody by that name, has no row.
std::string encoded(const std::string& key, const membership_row& row) {
  return row.periods.empty() ? std::string{} : encode_row(key, row);
}

/// An empty value stands for a row that is to go.
void write_or_erase(write_transaction& to, model_table table, const encoded_rows& rows) {
  for (const auto* each : in_order(rows))
    each->second.empty() ? to.erase(index_of(table), each->first)
                         : to.put(index_of(table), each->first, each->second);
}

template <class Row>
void write_overlay(write_transaction& to, model_table table,
                   const std::unordered_map<std::string, Row>& overlay) {
  encoded_rows rows;
  rows.reserve(overlay.size());
  for (const auto& [key, row] : overlay)
    rows.emplace_back(key, encoded(key, row));
  write_or_erase(to, table, rows);
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
  for (const auto& each : batch.records)
    if (auto added = add(*each, batch.at); !added)
      return added;
  return success();
}

outcome model_changes::add_of_users(const record& what, position at) {
  if (what.kind == record_kind::user_erased || what.kind == record_kind::exported)
    return note_receipt(what, at);
  if (is_about_files(what.kind))
    return what.file ? files_.add(what) : files_.drop(what);
  if (what.kind == record_kind::notified)
    return notify(what, at);
  if (is_of_user(what.kind))
    return settle_alone(what, at);
  if (is_about_users(what.kind))
    return block(what);
  users_[what.actor.str()] = {what.at};
  return success();
}

outcome model_changes::add_as_named(const record& what, position at) {
  if (!is_of_conversation(what.kind))
    return add_of_users(what, at);
  auto found = conversation_of(what.conversation);
  if (!found)
    return found.error();
  conversation_row& row = (*found)->row;
  if (follows(what) != row.head)
    return misfit(what, "does not follow " + std::to_string(row.head.value()));
  if (!what.created && row.head.value() == 0)
    return misfit(what, "is of a conversation that was never made");
  add_key(what);
  if (!is_numbered(what.kind))
    return add_beside(what, at, **found);
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
  if (what.kind == record_kind::deleted) {
    if (auto parted = part_with_all(what, at, row); !parted)
      return parted;
  }
  if (auto noted = note_invitations(what, at); !noted)
    return noted;
  for (const auto& each : what.roles) {
    if (is_about_invitations(what.kind))
      break; // of no members
    if (auto changed = change_role(each, what); !changed)
      return changed;
  }
  row.title = what.settings.title.value_or(row.title);
  row.meta = what.settings.meta.value_or(row.meta);
  apply(what.settings, row.moderated);
  if (what.restricted)
    if (auto kept = restrict(what); !kept)
      return kept;
  row.head = what.seq;
  row.head_position = at;
  row.messages = what.ordinal;
  add_event(what, at, **found);
  if (what.kind == record_kind::pinned)
    messages_.pin(what);
  else if (what.change)
    return change_message(what, **found);
  if (auto used = files_.use(what); !used)
    return used;
  if (what.thread.value() > 0 && what.thread >= row.kept_from)
    if (auto replied = messages_.reply(what, row.restated); !replied)
      return replied;
  return what.kind == record_kind::message ? add_tallies(what, row) : success();
}

outcome model_changes::change_message(const record& what, changed_conversation& in) {
  const std::size_t before = files_.released();
  for (const auto& each : what.change->tombstones)
    if (auto buried = bury(what, each, in); !buried)
      return buried;
  return messages_.add(what, in.row.restated, files_.released() - before);
}

// Where it was, with what is left of it.
outcome model_changes::bury(const record& what, const tombstone& which,
                            const changed_conversation& in) {
  std::string key = event_key(what.conversation, which.seq);
  auto row = event_of(what.conversation, which.seq, in);
  if (!row)
    return success(); // damage, which `check` names: nobody reads what is in it
  if (!*row)
    return misfit(what, "erases an event that is not there");
  if (const auto facts = facts_of((*row)->event); facts && facts->expires_at > 0)
    expiries_[expiry_key(facts->expires_at, what.conversation, which.seq)] = false;
  if (const auto facts = facts_of((*row)->event);
      facts && facts->thread > 0 && facts->body && facts->thread >= in.row.kept_from.value())
    if (auto taken = messages_.take_reply(what.conversation, sequence{facts->thread}, which.seq);
        !taken)
      return taken;
  if (const auto facts = facts_of((*row)->event); facts)
    for (const auto& each : facts->files)
      if (auto gone = files_.release(each, what.conversation, which.seq, what.at); !gone)
        return gone;
  if ((*row)->segment)
    return cold_.replace(**row, which.seq, which.event);
  (*row)->event = which.event;
  std::string value = encode_row(key, **row);
  events_.emplace_back(std::move(key), std::move(value));
  return success();
}

// After a crash a message and its end may come in one transaction.
result<std::optional<event_row>> model_changes::event_of(const conversation_id& conversation,
                                                         sequence seq,
                                                         const changed_conversation& in) const {
  if (seq <= in.before)
    return base_.event(conversation, seq);
  const std::string key = event_key(conversation, seq);
  const auto added = std::find_if(events_.rbegin(), events_.rend(),
                                  [&](const row& each) { return each.first == key; });
  if (added == events_.rend())
    return std::optional<event_row>{};
  auto decoded = decode_event(added->first, added->second);
  if (!decoded)
    return decoded.error();
  return std::optional{*decoded};
}

result<model_changes::changed_conversation*>
model_changes::conversation_of(const conversation_id& id) {
  if (auto known = conversations_.find(id.str()); known != conversations_.end())
    return &known->second;
  auto stored = base_.conversation(id);
  if (!stored)
    return stored.error();
  conversation_row row = stored->value_or(conversation_row{});
  const sequence before = row.head;
  return &conversations_.emplace(id.str(), changed_conversation{std::move(row), before, {}})
              .first->second;
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
  if (what.key)
    into.creation_key = dedupe_key(*what.key);
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
  const sequence sees_from = into.moderated.history == shown_past::joined ? what.seq : sequence{};
  members_[member_key(what.conversation, who.user)] =
      member_row{who.as, what.seq, what.at, sees_from};
  ++into.members;
  return begin_receipt(who.user, what, into);
}

// Unread starts at the join: nothing before it counts.
outcome model_changes::begin_receipt(const user_id& user, const record& what,
                                     const conversation_row& in) {
  receipt_row row;
  row.now = {what.seq, what.seq, what.seq};
  row.since = what.seq;
  if (what.ordinal.value() > 0) {
    auto others =
        count_others(tallies_, what.conversation, user, what.seq, what.ordinal, in.mentions > 0);
    if (!others)
      return others.error();
    row.others = others->messages;
    row.mentions = others->mentions;
  }
  receipts_.begin(what.conversation, user, std::move(row));
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
  preferences_[membership_key(who, what.conversation)] = std::nullopt;
  const auto told = notice_of(who, what.conversation); // damaged or not, it goes
  counted_.withdrawn += told && (*told)->has_value() ? 1 : 0;
  notices_[membership_key(who, what.conversation)] = std::nullopt;
  into.members -= std::min<std::uint64_t>(into.members, 1);
  if (what.kind == record_kind::deleted)
    return success(); // what else there is of them goes with all the rest
  return receipts_.end(what.conversation, who);
}

// What the members see goes at once; the events and what counts them are many and go by and by.
outcome model_changes::part_with_all(const record& what, position at, conversation_row& into) {
  auto users = members_of(what.conversation);
  if (!users)
    return users.error();
  for (const auto& user : *users)
    if (auto parted = part(user, what, at, into); !parted)
      return parted;
  into.deleted = true;
  into.title.clear();
  into.meta.clear();
  into.moderated = {};
  condemned_.emplace_back(what.conversation.str(), "1");
  return success();
}

result<std::vector<user_id>> model_changes::members_of(const conversation_id& conversation) const {
  const std::string prefix = member_prefix(conversation);
  std::vector<user_id> users;
  cursor at = base_.rows(model_table::members);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
    users.emplace_back(std::string(at.key().substr(prefix.size())));
  if (at.error())
    return *at.error();
  for (const auto& [key, row] : members_) // who joined in these batches; the gone part in vain
    if (key.starts_with(prefix))
      users.emplace_back(key.substr(prefix.size()));
  return users;
}

// Nobody is mentioned by themselves.
outcome model_changes::add_tallies(const record& what, conversation_row& into) {
  const conversation_id& in = what.conversation;
  std::vector<std::string> lists{tally_prefix(in, tally::own, what.actor)};
  if (what.mentions.everyone) {
    lists.push_back(tally_prefix(in, tally::everyone, {}));
    lists.push_back(tally_prefix(in, tally::everyone_by, what.actor));
  }
  for (const auto& user : what.mentions.users)
    if (user != what.actor)
      lists.push_back(tally_prefix(in, tally::named, user));
  for (const auto& list : lists)
    if (auto added = tallies_.add(list, what.seq); !added)
      return added;
  into.last_message = what.seq;
  into.mentions += lists.size() > 1 ? 1 : 0;
  return success();
}

outcome model_changes::add_receipts(const record& what, position at, changed_conversation& into) {
  for (const auto& each : what.receipts)
    if (auto added = add_receipt(each, what, at, into); !added)
      return added;
  into.row.receipts_at = at;
  return success();
}

// Who is no member any more has no cursors.
outcome model_changes::add_receipt(const member_receipt& moved, const record& what, position at,
                                   const changed_conversation& in) {
  const conversation_id& conversation = what.conversation;
  if (moved.now.read > in.row.head || moved.now.delivered > in.row.head ||
      moved.now.shown > moved.now.read)
    return misfit(what, "moves a cursor beyond the newest event");
  auto mine = receipts_.of(conversation, moved.user);
  if (!mine)
    return mine.error();
  if (*mine == nullptr)
    return success();
  receipt_row& row = **mine;
  for (const auto& each : moved.devices)
    take_in(row.devices, {each.device, each.delivered, each.read, what.at});
  if (row.now == moved.now)
    return success();
  const bool read_moves = std::exchange(row.now.read, moved.now.read) != moved.now.read;
  if (row.now.delivered != moved.now.delivered || row.now.shown != moved.now.shown) {
    row.told = at;
    row.told_at = what.at;
  }
  for (const auto& [which, to] : {std::pair{cursor_kind::delivered, moved.now.delivered},
                                  std::pair{cursor_kind::read, moved.now.shown}})
    if (auto done = receipts_.move(conversation, moved.user, row, which, to, what.at); !done)
      return done;
  row.moved = at;
  row.moved_at = what.at;
  if (!read_moves)
    return success();
  const sequence counted = std::max(row.now.read, in.row.kept_from.previous());
  auto ordinal = ordinal_at(conversation, counted, in);
  if (!ordinal)
    return ordinal.error();
  auto others =
      count_others(tallies_, conversation, moved.user, counted, *ordinal, in.row.mentions > 0);
  if (!others)
    return others.error();
  row.others = others->messages;
  row.mentions = others->mentions;
  return withdraw(moved.user, conversation, row.now.read);
}

result<message_ordinal> model_changes::ordinal_at(const conversation_id& conversation, sequence seq,
                                                  const changed_conversation& in) const {
  if (seq == in.row.head)
    return in.row.messages;
  if (seq < in.row.kept_from)
    return in.row.gone;
  if (seq > in.before)
    return in.ordinals[seq.value() - in.before.value() - 1];
  const auto event = base_.event(conversation, seq);
  if (event && *event)
    return (*event)->ordinal;
  return count_messages(base_, conversation, seq); // it is damaged
}

void model_changes::add_event(const record& what, position at, changed_conversation& into) {
  into.ordinals.push_back(what.ordinal);
  std::string key = event_key(what.conversation, what.seq);
  std::string value = encode_row(key, event_row{at, what.kind, what.ordinal, what.event});
  events_.emplace_back(std::move(key), std::move(value));
  if (what.expires_at > 0)
    expiries_[expiry_key(what.expires_at, what.conversation, what.seq)] = true;
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
  write_overlay(to, model_table::members, members_);
  write_overlay(to, model_table::memberships, memberships_);
  write_overlay(to, model_table::receipts, receipts_.rows());
  write_overlay(to, model_table::journal, receipts_.journal());
  write_sorted(to, model_table::tallies, tallies_.encoded());
  write_overlay(to, model_table::messages, messages_.rows());
  write_or_erase(to, model_table::reactions, messages_.reactions());
  write_sorted(to, model_table::hidden, messages_.hidden());
  write_or_erase(to, model_table::pins, messages_.pins());
  write_or_erase(to, model_table::replies, messages_.replies());
  write_sorted(to, model_table::thread_reads, messages_.thread_reads());
  write_or_erase(to, model_table::corrections, messages_.corrections());
  write_sorted(to, model_table::condemned, condemned_);
  write_sorted(to, model_table::condemned, messages_.condemned());
  encoded_rows conversations;
  for (const auto& [key, each] : conversations_)
    conversations.emplace_back(key, encode_row(key, each.row));
  write_sorted(to, model_table::conversations, conversations);
  write_overlay(to, model_table::preferences, preferences_);
  write_overlay(to, model_table::users, users_);
  write_overlay(to, model_table::notices, notices_);
  write_overlay(to, model_table::tunings, tunings_);
  write_overlay(to, model_table::profiles, profiles_);
  write_overlay(to, model_table::erasures, erasures_);
  write_overlay(to, model_table::exports, exports_);
  if (decided_.value() > 0)
    to.put(index_of(model_table::meta), meta::decided,
           encode_meta(meta::decided, decided_.value()));
  write_overlay(to, model_table::restrictions, restrictions_);
  write_overlay(to, model_table::invitations, invitations_);
  write_overlay(to, model_table::invited, invited_);
  write_overlay(to, model_table::holds, holds_);
  files_.write(to);
  cold_.write(to);
  for (const auto& [place, row] : blocks_)
    row.empty() ? to.erase(index_of(place.first), place.second)
                : to.put(index_of(place.first), place.second, row);
  for (const auto& [key, is_there] : expiries_)
    is_there ? to.put(index_of(model_table::expiries), key, "1")
             : to.erase(index_of(model_table::expiries), key);
}

} // namespace parley
