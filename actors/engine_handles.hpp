// Who an engine consists of.
#pragma once

#include <vector>

#include "actors/courier_interface.hpp"
#include "actors/store_interfaces.hpp"

namespace parley {

/// Every actor that is there once, and all shards: made before the first connection, never changed.
struct engine_handles {
  std::vector<shard_actor> shards;
  directory_actor directory;
  presences_actor presences;
  log_writer_actor log_writer;
  applier_actor applier;
  reader_actor reader;
  indexer_actor indexer; ///< Nobody where there is no search.
  expirer_actor expirer;
  notifier_actor notifier; ///< Nobody where nobody is notified.
  supervisor_actor supervisor;
  file_sweeper_actor file_sweeper;
  courier_actor courier;      ///< Nobody where there are no webhooks.
  screener_actor screener;    ///< Nobody where messages are sent as they are.
  screening_policy screening; ///< What `screener` is given.
  trimmer_actor trimmer;
  eraser_actor eraser;
};

} // namespace parley
