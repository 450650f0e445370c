// The newest committed events of a conversation in use, so that recent history never waits.
#pragma once

#include <vector>

#include "actors/fifo.hpp"
#include "actors/limits.hpp"
#include "actors/queries.hpp"

namespace parley {

/// Contiguous events up to the conversation's committed head. Holds at least everything the read
/// model does not have yet, and beyond that as much as the limits allow.
class event_tail {
public:
  struct page {
    std::vector<stored_event> events;
    bool more = false;
    position at; ///< Of its newest event.
    /// Whether `history` has more to say of any of them than these bytes.
    bool restated() const;
  };

  void push(stored_event event, position at);
  /// A message has another body or other reactions than its event says.
  void restate(sequence message);
  /// What stays of an event is shown instead of it from now on.
  void bury(const tombstone& what);
  /// Drops the oldest events that are applied and over the limits: in number, and in bytes.
  void trim(position applied, std::size_t most_bytes = limits::tail_bytes);
  /// Events before this one are gone.
  void forget_before(sequence kept_from);
  /// Whether every event of the page that `range` describes is here.
  bool covers(const page_range& range) const;
  /// Cuts the page; only when it is covered.
  page cut(const page_range& range) const;
  /// An event's position; none when it is not here.
  position position_of(sequence seq) const;
  /// The newest event's position.
  position last_position() const { return events_.empty() ? position{} : events_.back().at; }

private:
  struct entry {
    stored_event event;
    position at;
  };
  entry* find(sequence seq);

  fifo<entry> events_;
  std::size_t bytes_ = 0;
};

} // namespace parley
