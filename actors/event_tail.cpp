// Cuts pages out of the events in memory by the same rules as the read model.
#include "actors/event_tail.hpp"

#include <algorithm>

#include "actors/limits.hpp"

namespace parley {

void event_tail::push(stored_event event, position at) {
  bytes_ += event.bytes.size();
  events_.push_back({std::move(event), at});
}

void event_tail::trim(position applied, std::size_t most_bytes) {
  while (!events_.empty() && events_.front().at <= applied &&
         (events_.size() > limits::tail_events || bytes_ > most_bytes)) {
    bytes_ -= events_.front().event.bytes.size();
    events_.pop_front();
  }
}

void event_tail::forget_before(sequence kept_from) {
  while (!events_.empty() && events_.front().event.seq < kept_from) {
    bytes_ -= events_.front().event.bytes.size();
    events_.pop_front();
  }
}

event_tail::entry* event_tail::find(sequence seq) {
  if (events_.empty() || seq < events_.front().event.seq || seq > events_.back().event.seq)
    return nullptr;
  return &events_[seq.value() - events_.front().event.seq.value()];
}

position event_tail::position_of(sequence seq) const {
  if (events_.empty() || seq < events_.front().event.seq || seq > events_.back().event.seq)
    return {};
  return events_[seq.value() - events_.front().event.seq.value()].at;
}

void event_tail::restate(sequence message) {
  if (entry* here = find(message))
    here->event.restated = true;
}

void event_tail::bury(const tombstone& what) {
  entry* here = find(what.seq);
  if (here == nullptr)
    return;
  bytes_ -= here->event.bytes.size();
  here->event = {what.seq, what.event};
  bytes_ += here->event.bytes.size();
}

bool event_tail::page::restated() const {
  return std::any_of(events.begin(), events.end(),
                     [](const stored_event& each) { return each.restated; });
}

bool event_tail::covers(const page_range& range) const {
  if (range.first > range.last)
    return true;
  if (events_.empty())
    return false;
  const std::uint64_t wanted =
      std::min<std::uint64_t>(range.limit, range.last.value() - range.first.value() + 1);
  const std::uint64_t lowest =
      range.newest_first ? range.last.value() - wanted + 1 : range.first.value();
  return events_.front().event.seq.value() <= lowest;
}

event_tail::page event_tail::cut(const page_range& range) const {
  page cut;
  cut.more = range.more_outside;
  if (range.first > range.last)
    return cut;
  const std::uint64_t floor = events_.front().event.seq.value();
  std::uint64_t next = range.newest_first ? range.last.value() : range.first.value();
  std::size_t bytes = 0;
  while (next >= range.first.value() && next <= range.last.value()) {
    if (next < floor || cut.events.size() == range.limit || bytes > limits::page_bytes) {
      cut.more = true;
      break;
    }
    const stored_event& event = events_[next - floor].event;
    cut.at = std::max(cut.at, events_[next - floor].at);
    bytes += event.bytes.size();
    cut.events.push_back(event);
    next += range.newest_first ? -1 : 1;
  }
  if (range.newest_first)
    std::reverse(cut.events.begin(), cut.events.end());
  return cut;
}

} // namespace parley
