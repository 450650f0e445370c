// How the index learns what happened: from batches as they are committed, or from the read model.
#pragma once

#include <optional>
#include <span>

#include "persistence/progress.hpp"
#include "persistence/read_model.hpp"
#include "persistence/search/search_index.hpp"

namespace parley {

/// Takes in batches, which follow the index's position, and commits.
outcome feed(search_index& index, std::span<const batch_ptr> batches);

/// Brings an index up to where the read model was when it began, in portions: first it notes which
/// messages changed, then it takes them in in the order of the log. One that is given up has
/// changed nothing that a new one would not do again.
class index_catch_up {
public:
  index_catch_up(search_index& index, const read_model& model);

  /// One portion; true when the index has got there.
  result<bool> step();
  /// How far it is: how many messages there are is known once all were found.
  work_progress progress() const {
    return place_ ? work_progress{"finding", found_, 0, "messages"}
                  : work_progress{"indexing", taken_, found_, "messages"};
  }

private:
  outcome rename();
  outcome collect();
  result<bool> take();
  outcome take_one(const message_place& which);

  search_index& index_;
  const read_model& model_;
  position since_;
  position until_;
  std::optional<feed_place> place_; ///< Nothing once all is collected.
  std::size_t portions_ = 0;        ///< Taken in.
  std::uint64_t found_ = 0;         ///< Messages.
  std::uint64_t taken_ = 0;         ///< Of these.
  bool begun_ = false;
};

} // namespace parley
