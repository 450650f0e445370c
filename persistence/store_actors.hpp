// Starts the actors of the store; the handles may be filled in after this, before the first
// message.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/engine_handles.hpp"
#include "actors/log_sink.hpp"
#include "actors/metrics.hpp"
#include "actors/time.hpp"
#include "actors/watermarks.hpp"
#include "persistence/lane.hpp"
#include "persistence/log_store.hpp"
#include "persistence/read_model.hpp"

namespace parley {

/// What each of the actors needs to know of the others.
struct store_surroundings {
  std::shared_ptr<const engine_handles> handles;
  watermarks_ptr marks; ///< From store::make_watermarks.
  metrics_ptr metrics = std::make_shared<engine_metrics>();
  log_ptr log = silent_log();
};

/// Where the search index is, and of which life of the store.
struct search_place {
  std::filesystem::path directory;
  std::string epoch;
  std::uint64_t cursor_key = 0; ///< The store's, and nobody else's.
};

/// `own` must be used by nobody else. Lanes are let go before the actor system is destroyed.
log_writer_actor spawn_log_writer(caf::actor_system& system, store_surroundings around,
                                  std::shared_ptr<log_store> log, std::shared_ptr<model_room> room,
                                  lane_ptr own);

/// When old events are packed, and what time it is.
struct cooling_rules {
  std::chrono::milliseconds after{0}; ///< How old they must be; 0: never.
  std::function<timestamp()> wall_clock = {};
};

/// Replays what `log` has beyond `model`, then follows what it is told. Packs old events when there
/// is nothing else to do.
applier_actor spawn_applier(caf::actor_system& system, store_surroundings around,
                            std::shared_ptr<const log_store> log,
                            std::shared_ptr<model_writer> model, lane_ptr own,
                            cooling_rules cooling = {});

/// Answers to one conversation or session come from one lane, in the order they were asked.
reader_actor spawn_reader(caf::actor_system& system, store_surroundings around,
                          std::shared_ptr<const model_reader> model, std::vector<lane_ptr> own);

/// Keeps the search index in `directory` up to date and answers searches. `writing` and `reading`
/// are used by nobody else. What is wrong with the index is mended by making it anew; it never
/// stops the process.
indexer_actor spawn_indexer(caf::actor_system& system, store_surroundings around,
                            const search_place& place, std::shared_ptr<const read_model> model,
                            lane_ptr writing, lane_ptr reading);

struct dispatcher_place;
class webhook_sender;
/// Keeps the outbox of webhooks and hands out what is due, once it is told of endpoints. What is
/// wrong with the outbox never stops the process.
courier_actor spawn_courier(caf::actor_system& system, store_surroundings around,
                            dispatcher_place place, std::shared_ptr<const read_model> model,
                            std::shared_ptr<webhook_sender> sender, lane_ptr own);

} // namespace parley
