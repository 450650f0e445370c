// The threads of one engine.
#pragma once

#include <memory>
#include <vector>

#include "persistence/lane.hpp"

namespace parley {

/// Threads of the store's actors, and of files; some only where there is search or there are
/// webhooks.
struct store_lanes {
  std::shared_ptr<thread_lane> log, applier;
  std::vector<std::shared_ptr<thread_lane>> readers;
  std::shared_ptr<thread_lane> indexer, searcher, outbox;
  std::vector<std::shared_ptr<thread_lane>> files;
  std::shared_ptr<thread_lane> exports = {};

  std::vector<std::shared_ptr<thread_lane>> all() const {
    auto every = readers;
    for (const auto& each : {log, applier, indexer, searcher, outbox, exports})
      if (each)
        every.push_back(each);
    every.insert(every.end(), files.begin(), files.end()); // last: the others have work for them
    return every;
  }
};

} // namespace parley
