// What waits for the log: which appends are accepted, which make up a batch, which fail together.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "actors/store_interfaces.hpp"

namespace parley {

/// Plain object. At most one batch is under way; everything else waits in the order it came.
class append_queue {
public:
  /// Takes an append, or says why it is left: it does not continue what its conversation was last
  /// granted, as far as that is known here, or it could never be stored.
  std::optional<failure> push(append& what);

  bool empty() const noexcept { return waiting_.empty(); }
  bool under_way() const noexcept { return !taken_.empty(); }
  /// Records that wait or are under way.
  std::size_t records() const noexcept { return waiting_.size() + taken_.size(); }
  /// Bytes that wait or are under way.
  std::size_t bytes() const noexcept { return bytes_; }

  /// The next batch: what waits, up to limits::batch_records and limits::batch_bytes, at least one.
  const std::vector<append>& take();
  /// The batch is in the log; returns it.
  std::vector<append> committed(position at);
  /// The batch is not in the log: returns it with everything of the same conversations that waits.
  /// Each of them goes on where it was before.
  std::vector<append> failed();
  /// Gives up everything.
  std::vector<append> drop_all();
  /// Conversations whose last append is applied need not be remembered: who loads one from the read
  /// model continues it rightly.
  void forget(position applied);

private:
  void grant_again(const record& first);

  struct granted {
    sequence last;
    position at; ///< 0 until it is committed.
  };

  std::deque<append> waiting_;
  std::vector<append> taken_;
  std::size_t bytes_ = 0;
  std::unordered_map<conversation_id, granted> granted_;
  std::size_t forget_beyond_ = 16'384;
};

} // namespace parley
