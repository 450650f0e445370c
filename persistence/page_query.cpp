// Reads runs of events: numbers are contiguous, so one that is missing is damage, not the end.
#include <algorithm>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// Walks from one number towards another and stops where a bound would be exceeded.
class event_walk {
public:
  event_walk(const row_reader& rows, const conversation_id& conversation, std::size_t most_events,
             std::size_t most_bytes, bool at_least_one, sequence edits_from)
      : rows_(rows), conversation_(conversation), most_events_(most_events),
        most_bytes_(most_bytes), at_least_one_(at_least_one), edits_from_(edits_from) {}

  /// Messages are taken as this reader is to see them now, and passed over when they are hidden.
  outcome show_to(const user_id& reader, const conversation_row& in) {
    auto member = rows_.member(conversation_, reader);
    if (!member)
      return member.error();
    reader_ = &reader;
    sees_from_ = std::max(*member ? (*member)->sees_from : sequence{}, in.kept_from);
    restates_ = in.restated > 0;
    hides_ = in.hidden > 0 || sees_from_.value() > 0;
    return success();
  }

  /// Takes the event `seq`; false when it does not fit any more.
  result<bool> take(sequence seq) {
    auto row = rows_.required_event(conversation_, seq);
    if (!row)
      return row.error();
    if (hides_) {
      auto hidden = is_hidden(seq, *row);
      if (!hidden)
        return hidden.error();
      if (*hidden && !events_.empty() && passed_ >= limits::rows_per_page)
        return false;
      passed_ += *hidden ? 1 : 0;
      if (*hidden)
        return true;
    }
    auto shown = shown_as(seq, *row);
    if (!shown)
      return shown.error();
    if (!fits(shown->size()))
      return false;
    bytes_ += shown->size();
    events_.push_back({seq, std::move(*shown)});
    ++passed_;
    return true;
  }

  std::vector<stored_event>& events() { return events_; }
  /// Numbers that were gone through, shown or not.
  std::size_t passed() const noexcept { return passed_; }

private:
  /// A message that the reader has hidden or may not see, or an edit of one.
  result<bool> is_hidden(sequence seq, const event_row& row) const {
    if (seq < sees_from_)
      return true;
    if (row.kind == record_kind::message)
      return rows_.is_hidden(conversation_, seq, *reader_);
    if (row.kind != record_kind::edited)
      return false;
    const auto facts = facts_of(row.event);
    if (facts && facts->message < sees_from_.value())
      return true;
    return facts ? rows_.is_hidden(conversation_, sequence{facts->message}, *reader_)
                 : result<bool>{false};
  }
  result<std::string> shown_as(sequence seq, const event_row& row) const {
    if (auto left = left_of_edit(row, edits_from_))
      return std::move(*left);
    if (reader_ == nullptr)
      return std::string(row.event);
    if (row.kind != record_kind::message || (!restates_ && !may_be_reply(row.event)))
      return std::string(row.event);
    return read_restated(rows_, conversation_, seq, row.event, *reader_);
  }
  bool fits(std::size_t more) const {
    if (events_.empty() && at_least_one_)
      return true;
    return events_.size() < most_events_ && bytes_ + more <= most_bytes_;
  }

  const row_reader& rows_;
  const conversation_id& conversation_;
  std::size_t most_events_;
  std::size_t most_bytes_;
  bool at_least_one_;
  sequence edits_from_; ///< Of what is before, edits say nothing.
  const user_id* reader_ = nullptr;
  bool restates_ = false;
  bool hides_ = false;
  sequence sees_from_;
  std::size_t passed_ = 0;
  std::size_t bytes_ = 0;
  std::vector<stored_event> events_;
};

outcome walk_down(event_walk& walk, sequence first, sequence last) {
  for (std::uint64_t seq = last.value(); seq >= first.value() && seq > 0; --seq) {
    auto taken = walk.take(sequence{seq});
    if (!taken)
      return taken.error();
    if (!*taken)
      break;
  }
  std::reverse(walk.events().begin(), walk.events().end());
  return success();
}

outcome walk_up(event_walk& walk, sequence first, sequence last) {
  for (std::uint64_t seq = first.value(); seq <= last.value(); ++seq) {
    auto taken = walk.take(sequence{seq});
    if (!taken)
      return taken.error();
    if (!*taken)
      break;
  }
  return success();
}

std::size_t events_in(const page_range& range) {
  return range.limit == 0 ? limits::page : std::min(range.limit, limits::page);
}

} // namespace

result<event_page> read_events(const row_reader& rows, const conversation_id& conversation,
                               const page_range& range, const std::optional<user_id>& reader) {
  auto row = rows.conversation(conversation);
  if (!row)
    return row.error();
  const sequence head = *row && !(*row)->deleted ? (*row)->head : sequence{};
  const sequence kept_from = *row ? first_kept(**row) : sequence{1};
  const sequence first = std::max(range.first, kept_from);
  const sequence last = std::min(range.last, head);
  if (first > last)
    return event_page{};
  event_walk walk{rows,
                  conversation,
                  events_in(range),
                  limits::page_bytes,
                  true,
                  std::max(kept_from, range.sees_from)};
  if (reader)
    if (auto known = walk.show_to(*reader, **row); !known)
      return known.error();
  auto walked = range.newest_first ? walk_down(walk, first, last) : walk_up(walk, first, last);
  if (!walked)
    return walked.error();
  const bool more = walk.passed() < last.value() - first.value() + 1;
  return event_page{std::move(walk.events()), more};
}

result<std::vector<stored_event>> read_newest(const row_reader& rows,
                                              const conversation_id& conversation, sequence first,
                                              sequence last, sequence edits_from,
                                              std::size_t most_events, std::size_t most_bytes,
                                              bool at_least_one) {
  event_walk walk{rows, conversation, most_events, most_bytes, at_least_one, edits_from};
  if (auto walked = walk_down(walk, first, last); !walked)
    return walked.error();
  return std::move(walk.events());
}

} // namespace parley
