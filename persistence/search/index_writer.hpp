// What runs on the index's own thread: opening it, feeding it, catching up, making it anew.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "persistence/search/index_feed.hpp"
#include "persistence/store_actors.hpp"

namespace parley {

/// One step at a time, each of a bounded length. Used by one lane.
class index_writer {
public:
  /// `newest` is where the log ends now: no index is ahead of it.
  index_writer(search_place place, std::shared_ptr<const read_model> model, position newest)
      : place_(std::move(place)), model_(std::move(model)), newest_(newest) {}

  /// Takes in batches if they follow what the index has; else goes on to catch up with the model.
  /// With nothing to do it erases some of what was forgotten. A damaged index is made anew.
  index_finished step(const std::vector<batch_ptr>& batches);
  /// Somebody found the file damaged: it is removed, and made anew by the next step.
  index_finished give_up();

private:
  result<index_finished> try_step(const std::vector<batch_ptr>& batches);
  outcome open();
  result<index_finished> catch_up();
  void start_anew();

  search_place place_;
  std::shared_ptr<const read_model> model_;
  position newest_;
  std::unique_ptr<search_index> index_;
  std::optional<index_catch_up> catching_up_;
};

} // namespace parley
