// Reads what a user missed since a position: exactly what a live session would have been shown.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "persistence/blocks_around.hpp"
#include "persistence/put_away.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// What a receipt takes of the budget, about.
constexpr std::size_t receipt_bytes = 96;

/// Numbers that were shown to members of one period.
struct shown_range {
  sequence first;
  sequence last;
  sequence edits_from = {}; ///< Of what is before, edits say nothing.
};

/// A conversation in which something happened since.
struct candidate {
  conversation_id conversation;
  membership_row membership;
  conversation_row facts;
  std::vector<shown_range> ranges; ///< Rising; empty when only receipts moved.
  bool has_lost = false;           ///< Some that were missed may be gone.
};

/// It goes out behind the messages that may have brought back what was put away. How long it is
/// muted it says itself.
preferences shown(const preference_row& row, sequence last_message) {
  preferences kept = row.kept;
  if (kept.muted_until.value_or(0) > 0)
    return kept;
  if (is_back(row, last_message, timestamp{}))
    kept.archived = false;
  if (is_in_sight(row, last_message, timestamp{}))
    kept.hidden = false;
  return kept;
}

class missed_query {
public:
  missed_query(const row_reader& rows, const user_id& user, position since)
      : rows_(rows), user_(user), since_(since), blocks_(rows, user) {}

  /// Reads what the user has set since; before anything is considered.
  outcome read_preferences();
  outcome consider(conversation_id conversation, membership_row membership);
  /// Events may have been shown that the memberships do not tell of any more.
  bool unprovable() const noexcept { return unprovable_; }
  result<std::vector<missed_conversation>> take();

private:
  result<std::vector<shown_range>> ranges_of(candidate& of) const;
  result<sequence> edits_shown_from(const candidate& of, const membership_period& period) const;
  result<missed_conversation> missed_in(const candidate& of);
  outcome take_events(const candidate& of, missed_conversation& into);
  outcome take_receipts(const candidate& of, missed_conversation& into);
  outcome take_hidden(const candidate& of, missed_conversation& into);
  result<std::string> introduction_of(const candidate& of) const;

  const row_reader& rows_;
  const user_id& user_;
  position since_;
  blocks_around blocks_;
  bool unprovable_ = false;
  std::unordered_map<conversation_id, preference_row> kept_; ///< What changed since.
  std::vector<candidate> candidates_;
  std::size_t bytes_left_ = limits::resume_bytes;
};

outcome missed_query::read_preferences() {
  const auto see = [&](conversation_id conversation, preference_row row) {
    if (row.changed > since_)
      kept_.emplace(std::move(conversation), std::move(row));
    return true;
  };
  return for_each_row(rows_, model_table::preferences, membership_prefix(user_),
                      split_membership_key, decode_preferences, see);
}

outcome missed_query::consider(conversation_id conversation, membership_row membership) {
  if (membership.periods.empty())
    return success();
  if (!membership.active() && membership.periods.back().left_at <= since_)
    return success();
  if (membership.shortened && membership.periods.front().joined_at > since_)
    unprovable_ = true;
  auto facts = rows_.required_conversation(conversation);
  if (!facts)
    return facts.error();
  const bool shows_receipts = membership.active() && facts->receipts_at > since_;
  const bool shows_kept =
      membership.active() && (kept_.contains(conversation) || facts->hidden_at > since_);
  const bool shows_trimmed = membership.active() && facts->trimmed_at > since_;
  if (facts->head_position <= since_ && !shows_receipts && !shows_kept && !shows_trimmed)
    return success();
  // That they are out is said by an event that is gone.
  if (!membership.active() && membership.periods.back().left < facts->kept_from)
    unprovable_ = true;
  // Their own last event went with the conversation: that nothing is missing cannot be shown.
  if (facts->deleted && membership.periods.back().left != facts->head)
    unprovable_ = true;
  candidate found{std::move(conversation), std::move(membership), std::move(*facts), {}};
  auto ranges = ranges_of(found);
  if (!ranges)
    return ranges.error();
  found.ranges = std::move(*ranges);
  if (!found.ranges.empty() || shows_receipts || shows_kept || shows_trimmed)
    candidates_.push_back(std::move(found));
  return success();
}

result<std::vector<shown_range>> missed_query::ranges_of(candidate& of) const {
  if (of.facts.deleted) // of all events the last alone is there
    return std::vector{shown_range{of.facts.head, of.facts.head}};
  std::vector<shown_range> ranges;
  for (const auto& period : of.membership.periods) {
    const bool ended = period.left.value() > 0;
    if (ended && period.left_at <= since_)
      continue;
    const sequence last = ended ? period.left : of.facts.head;
    sequence first = std::max(period.joined, of.facts.kept_from);
    if (first > last) { // nothing of it is left
      of.has_lost = of.has_lost || of.facts.head_position > since_;
      continue;
    }
    if (period.joined_at <= since_) {
      std::size_t looked = 0;
      auto found = first_behind(rows_, of.conversation, since_, first, last, looked);
      if (!found)
        return found.error();
      first = *found;
    }
    of.has_lost = of.has_lost || first == of.facts.kept_from;
    if (first > last)
      continue;
    auto edits_from = edits_shown_from(of, period);
    if (!edits_from)
      return edits_from.error();
    ranges.push_back({first, last, *edits_from});
  }
  return ranges;
}

// What one saw in a membership that is over nobody knows any more: what was said in it.
result<sequence> missed_query::edits_shown_from(const candidate& of,
                                                const membership_period& period) const {
  if (period.left.value() > 0)
    return std::max(of.facts.kept_from, period.joined);
  auto member = rows_.member(of.conversation, user_);
  if (!member)
    return member.error();
  return std::max(of.facts.kept_from, *member ? (*member)->sees_from : sequence{});
}

// The most recently changed conversations get the budget first.
result<std::vector<missed_conversation>> missed_query::take() {
  std::sort(candidates_.begin(), candidates_.end(), [](const candidate& a, const candidate& b) {
    return a.facts.head_position != b.facts.head_position
               ? a.facts.head_position > b.facts.head_position
               : a.conversation < b.conversation;
  });
  std::vector<missed_conversation> missed;
  for (const auto& each : candidates_) {
    auto one = missed_in(each);
    if (!one)
      return one.error();
    missed.push_back(std::move(*one));
  }
  return missed;
}

result<missed_conversation> missed_query::missed_in(const candidate& of) {
  missed_conversation made;
  made.conversation = of.conversation;
  made.ended = !of.membership.active();
  if (!made.ended && of.facts.trimmed_at > since_)
    made.trimmed = of.facts.kept_from;
  if (!made.ended && (of.membership.periods.back().joined_at > since_ || of.has_lost)) {
    auto introduction = introduction_of(of);
    if (!introduction)
      return introduction.error();
    made.introduction = std::move(*introduction);
    bytes_left_ -= std::min(bytes_left_, made.introduction.size());
  }
  if (auto taken = take_events(of, made); !taken)
    return taken.error();
  if (const auto kept = kept_.find(of.conversation); kept != kept_.end() && !made.ended)
    made.kept = shown(kept->second, of.facts.last_message);
  if (!made.ended && of.facts.hidden_at > since_)
    if (auto taken = take_hidden(of, made); !taken)
      return taken.error();
  if (!made.ended && of.facts.receipts_at > since_)
    if (auto taken = take_receipts(of, made); !taken)
      return taken.error();
  return made;
}

outcome missed_query::take_hidden(const candidate& of, missed_conversation& into) {
  const std::string prefix = event_prefix(of.conversation);
  cursor at = rows_.rows(model_table::hidden);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    const auto place = split_hidden_key(at.key());
    auto since = decode_hidden(at.key(), at.value());
    if (!since)
      return since.error();
    if (place && place->user == user_ && *since > since_)
      into.hidden.push_back(place->message);
  }
  bytes_left_ -= std::min(bytes_left_, into.hidden.size() * receipt_bytes);
  return at.error() ? outcome{*at.error()} : success();
}

// As they are shown live: in a large conversation one's own alone. So when the budget is spent.
outcome missed_query::take_receipts(const candidate& of, missed_conversation& into) {
  bool is_mine_alone = of.facts.members > limits::receipt_audience || bytes_left_ == 0;
  if (!is_mine_alone && of.facts.kind == conversation_kind::direct) {
    auto blockers = read_blockers(rows_, of.conversation);
    if (!blockers)
      return blockers.error();
    is_mine_alone = !blockers->empty();
  }
  if (is_mine_alone) {
    auto mine = rows_.receipt_of(of.conversation, user_);
    if (!mine)
      return mine.error();
    if (*mine && (*mine)->moved > since_)
      into.receipts.push_back({user_, (*mine)->now, (*mine)->moved_at});
    return success();
  }
  auto moved = read_moved_receipts(rows_, of.conversation, since_, user_, blocks_);
  if (!moved)
    return moved.error();
  into.receipts = std::move(*moved);
  bytes_left_ -= std::min(bytes_left_, into.receipts.size() * receipt_bytes);
  return success();
}

// An ended membership's `left` is sent whatever the budget: it is the last event, and nobody who is
// outside can pull it.
outcome missed_query::take_events(const candidate& of, missed_conversation& into) {
  std::size_t events_left = limits::resume_events;
  for (auto range = of.ranges.rbegin(); range != of.ranges.rend(); ++range) {
    const bool must = into.ended && range == of.ranges.rbegin();
    auto events = read_newest(rows_, of.conversation, range->first, range->last, range->edits_from,
                              events_left, bytes_left_, must);
    if (!events)
      return events.error();
    for (const auto& each : *events)
      bytes_left_ -= std::min(bytes_left_, each.bytes.size());
    events_left -= std::min(events_left, events->size());
    const bool whole = !events->empty() && events->front().seq == range->first;
    if (!whole) {
      into.gap_first = of.ranges.front().first;
      into.gap_last = events->empty() ? range->last : events->front().seq.previous();
    }
    into.events.insert(into.events.begin(), std::make_move_iterator(events->begin()),
                       std::make_move_iterator(events->end()));
    if (!whole)
      break;
  }
  return success();
}

result<std::string> missed_query::introduction_of(const candidate& of) const {
  auto members =
      read_members(rows_, of.conversation, bytes_left_ > 0 ? limits::members_introduced : 0);
  if (!members)
    return members.error();
  conversation_facts facts;
  facts.conversation = of.conversation;
  facts.kind = of.facts.kind;
  facts.title = of.facts.title;
  facts.meta = of.facts.meta;
  for (auto& each : *members)
    facts.members.push_back({std::move(each.user), each.as});
  facts.member_count = of.facts.members;
  facts.seq = of.facts.head;
  facts.created_at = of.facts.created_at;
  facts.moderated = of.facts.moderated;
  facts.kept_from = of.facts.kept_from;
  return encode_introduction(std::move(facts));
}

} // namespace

// In steps that double, until one goes too far; then between the last two.
result<sequence> first_behind(const row_reader& rows, const conversation_id& conversation,
                              position since, sequence low, sequence high, std::size_t& looked) {
  std::uint64_t from = low.value();
  std::uint64_t to = high.value() + 1;
  std::uint64_t step = 1;
  bool doubles = true;
  while (from < to) {
    const std::uint64_t at = doubles ? to - std::min(step, to - from) : from + (to - from) / 2;
    ++looked;
    auto event = rows.required_event(conversation, sequence{at});
    if (!event)
      return event.error();
    if (event->at > since)
      to = at;
    else
      from = at + 1;
    doubles = doubles && event->at > since;
    step *= 2;
  }
  return sequence{from};
}

result<catch_up> read_missed(const row_reader& rows, const user_id& user,
                             std::optional<position> since) {
  auto as_of = rows.applied();
  if (!as_of)
    return as_of.error();
  catch_up made;
  made.as_of = *as_of;
  made.unprovable = since && *since > *as_of;
  const bool resumes = since && !made.unprovable;
  missed_query missed{rows, user, since.value_or(position{})};
  outcome considered = resumes ? missed.read_preferences() : success();
  if (!considered)
    return considered.error();
  const auto see = [&](conversation_id conversation, membership_row membership) {
    if (membership.active())
      made.memberships.push_back(conversation);
    if (resumes)
      considered = missed.consider(std::move(conversation), std::move(membership));
    return considered.ok();
  };
  auto read = for_each_row(rows, model_table::memberships, membership_prefix(user),
                           split_membership_key, decode_membership, see);
  if (!read)
    return read.error();
  if (!considered)
    return considered.error();
  made.unprovable = made.unprovable || missed.unprovable();
  if (!resumes || made.unprovable)
    return made;
  auto taken = missed.take();
  if (!taken)
    return taken.error();
  made.missed = std::move(*taken);
  return made;
}

} // namespace parley
