// Finds old events and packs them: the walk behind the cold store.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "persistence/cold_changes.hpp"
#include "persistence/read_model.hpp"

namespace parley {

/// A portion of a walk through all conversations.
struct cooled_portion {
  struct segment {
    conversation_id conversation;
    sequence first;
    sequence last;
    std::string value; ///< Of its row.
    std::size_t raw_bytes = 0;
    std::vector<std::pair<std::string, std::string>> tallies; ///< Nothing: the row is to go.
  };
  std::vector<segment> segments;
  std::string next; ///< Where in `events` the walk goes on; empty at its end.
};

/// Packs what is old from `from` on, without writing it: runs of events, and of each author's list
/// of messages the part that is in a run. Of each conversation the newest message and what came
/// behind it stay as they are: lists show them. A row that cannot be read ends its conversation's
/// turn.
result<cooled_portion> pack_old_events(const row_reader& rows, const std::string& from,
                                       const cooling_age& age);

/// Puts segments in the place of their events, in a model that did not change since.
outcome write_segments(write_transaction& to, const cooled_portion& what);

/// The rows that a segment stands for come back, since some of them are to go: first those of
/// `most_lists` authors' lists of messages, for there is little room; once no list is packed any
/// more, its events, and the segment is gone. So it is called until that. `value` is what stands at
/// `key`, copied.
outcome unpack_segment(write_transaction& to, const cold_segment& segment, const std::string& key,
                       std::string_view value, std::size_t most_lists);

} // namespace parley
