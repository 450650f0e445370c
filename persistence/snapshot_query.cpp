// Reads what a conversation in memory starts from, and where old idempotency keys led.
#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"

namespace parley {

result<std::vector<member_facts>> read_members(const row_reader& rows,
                                               const conversation_id& conversation,
                                               std::size_t most_members) {
  std::vector<member_facts> members;
  const auto see = [&](user_id user, member_row row) {
    members.push_back({std::move(user), row.as, row.joined_seq, row.joined_at, row.sees_from});
    return members.size() < most_members;
  };
  auto read = for_each_row(rows, model_table::members, member_prefix(conversation),
                           split_member_key, decode_member, see);
  if (!read)
    return read.error();
  return members;
}

namespace {

conversation_snapshot snapshot_of(conversation_row&& row) {
  conversation_snapshot made;
  made.exists = !row.deleted;
  made.deleted = row.deleted;
  made.kind = row.kind;
  made.title = std::move(row.title);
  made.meta = std::move(row.meta);
  made.creator = std::move(row.creator);
  made.created_at = row.created_at;
  made.head = row.head;
  made.head_position = row.head_position;
  made.messages = row.messages;
  made.hides = row.hidden > 0;
  made.moderated = row.moderated;
  made.kept_from = row.kept_from;
  return made;
}

/// The number behind the newest segment. Events in segments are old: what is kept in memory does
/// not reach there, and a conversation with a damaged one can still be used.
result<sequence> first_with_row(const row_reader& rows, const conversation_id& conversation) {
  const std::string prefix = event_prefix(conversation);
  cursor at = rows.rows(model_table::cold);
  const bool found = at.seek_before(prefix + std::string(9, '\xff'));
  if (at.error())
    return *at.error();
  const auto place =
      found && at.key().starts_with(prefix) ? split_event_key(at.key()) : std::nullopt;
  return place ? place->second.next() : sequence{1};
}

/// When members posted last: each one's newest message, whatever became of it.
outcome note_posts(const row_reader& rows, const conversation_id& conversation,
                   conversation_snapshot& into) {
  cursor at = rows.rows(model_table::tallies);
  for (const auto& member : into.members) {
    const std::string own = tally_prefix(conversation, tally::own, member.user);
    if (!at.seek_before(own + std::string(9, '\xff')) || !at.key().starts_with(own))
      continue;
    const auto place = split_tally_key(at.key());
    const auto row = decode_tally(at.key(), at.value());
    if (!row)
      return row.error();
    const auto numbers = numbers_of(place ? place->seq : sequence{}, *row);
    auto event = rows.event(conversation, numbers.back());
    if (!event)
      return event.error();
    if (const auto facts = *event ? facts_of((*event)->event) : std::nullopt)
      into.posted.emplace_back(member.user, facts->at);
  }
  return at.error() ? outcome{*at.error()} : success();
}

result<std::vector<restriction>> read_restrictions(const row_reader& rows,
                                                   const conversation_id& conversation) {
  std::vector<restriction> all;
  const auto take = [&](user_id user, restriction row) {
    row.user = std::move(user);
    all.push_back(std::move(row));
    return true;
  };
  auto read = for_each_row(rows, model_table::restrictions, member_prefix(conversation),
                           split_member_key, decode_restriction, take);
  if (!read)
    return read.error();
  return all;
}

result<std::vector<pinned_message>> read_pins(const row_reader& rows,
                                              const conversation_id& conversation) {
  std::vector<pinned_message> pins;
  const auto take = [&](sequence message, pinned_message row) {
    row.message = message;
    pins.push_back(std::move(row));
    return true;
  };
  auto read = for_each_row(rows, model_table::pins, event_prefix(conversation), split_event_key,
                           decode_pin, take);
  if (!read)
    return read.error();
  return pins;
}

} // namespace

result<conversation_snapshot> read_snapshot(const row_reader& rows,
                                            const conversation_id& conversation) {
  auto blockers = read_blockers(rows, conversation);
  if (!blockers)
    return blockers.error();
  auto row = rows.conversation(conversation);
  if (!row)
    return row.error();
  if (!*row) {
    conversation_snapshot none;
    none.blockers = std::move(*blockers);
    return none;
  }
  const std::uint64_t expected_members = (*row)->members;
  const std::uint64_t restated = (*row)->restated;
  const sequence first = first_kept(**row);
  conversation_snapshot made = snapshot_of(std::move(**row));
  made.blockers = std::move(*blockers);
  if (made.deleted)
    return made;
  auto members = read_members(rows, conversation, SIZE_MAX);
  if (!members)
    return members.error();
  if (members->size() != expected_members)
    return failure{error_code::internal,
                   describe_row(model_table::members, conversation.str()) + " are not all there",
                   {}};
  made.members = std::move(*members);
  auto held = rows.hold(conversation);
  if (!held)
    return held.error();
  made.held = held->has_value();
  auto pins = read_pins(rows, conversation);
  if (!pins)
    return pins.error();
  made.pins = std::move(*pins);
  auto restrictions = read_restrictions(rows, conversation);
  if (!restrictions)
    return restrictions.error();
  made.restrictions = std::move(*restrictions);
  auto invitations = read_invitations(rows, conversation);
  if (!invitations)
    return invitations.error();
  made.invitations = std::move(*invitations);
  auto first_row = first_with_row(rows, conversation);
  if (!first_row)
    return first_row.error();
  auto tail = read_newest(rows, conversation, std::max(first, *first_row), made.head,
                          made.kept_from, limits::tail_events, limits::tail_bytes, true);
  if (!tail)
    return tail.error();
  if (restated > 0)
    if (auto marked = mark_restated(rows, conversation, *tail); !marked)
      return marked.error();
  made.tail = std::move(*tail);
  if (made.moderated.slow_mode > 0)
    if (auto noted = note_posts(rows, conversation, made); !noted)
      return noted.error();
  return made;
}

result<std::vector<std::optional<known_command>>>
read_keys(const row_reader& rows, const std::vector<idempotency_key>& keys) {
  std::vector<std::optional<known_command>> found;
  found.reserve(keys.size());
  for (const auto& key : keys) {
    auto row = rows.dedupe(key);
    if (!row)
      return row.error();
    found.push_back(std::move(*row));
  }
  return found;
}

} // namespace parley
