// Which conversations have messages that somebody may be told of, and when to look: decides, time
// is an argument.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>

#include "actors/ids.hpp"
#include "actors/time.hpp"

namespace parley {

/// Plain object, the notifier's. A conversation is looked at once the first message that was noted
/// since the last look is old enough, whatever came after it.
class notice_book {
public:
  /// A conversation to look at.
  struct look {
    conversation_id conversation;
    sequence last;   ///< The newest message that was noted.
    position first;  ///< The batch of the oldest.
    position newest; ///< The newest batch that was noted.
  };

  /// A message was stored; its conversation is to be looked at by `due`, unless it already is.
  void note(const conversation_id& conversation, sequence last, position at, instant due);
  /// What is due, out of the book.
  std::optional<look> take(instant now);
  std::optional<instant> next_due() const;

  bool is_full() const noexcept;
  bool empty() const noexcept { return waiting_.empty(); }
  std::size_t size() const noexcept { return waiting_.size(); }
  /// The oldest batch of which something is in the book.
  std::optional<position> oldest() const;

private:
  struct entry {
    look what;
    instant due;
  };
  std::unordered_map<conversation_id, entry> waiting_;
  std::multimap<instant, conversation_id> order_;
};

} // namespace parley
