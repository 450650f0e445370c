// Starts the actors of the store; the handles may be filled in after this, before the first
// message.
#pragma once

#include <memory>
#include <vector>

#include "actors/interfaces.hpp"
#include "actors/metrics.hpp"
#include "actors/watermarks.hpp"
#include "persistence/lane.hpp"
#include "persistence/log_store.hpp"
#include "persistence/read_model.hpp"

namespace parley {

/// What each of the three actors needs to know of the others.
struct store_surroundings {
  std::shared_ptr<const engine_handles> handles;
  watermarks_ptr marks; ///< From store::make_watermarks.
  metrics_ptr metrics = std::make_shared<engine_metrics>();
};

/// `own` must be used by nobody else. Lanes are let go before the actor system is destroyed.
log_writer_actor spawn_log_writer(caf::actor_system& system, store_surroundings around,
                                  std::shared_ptr<log_store> log, std::shared_ptr<model_room> room,
                                  lane_ptr own);

/// Replays what `log` has beyond `model`, then follows what it is told.
applier_actor spawn_applier(caf::actor_system& system, store_surroundings around,
                            std::shared_ptr<const log_store> log,
                            std::shared_ptr<model_writer> model, lane_ptr own);

/// Answers to one conversation or session come from one lane, in the order they were asked.
reader_actor spawn_reader(caf::actor_system& system, store_surroundings around,
                          std::shared_ptr<const model_reader> model, std::vector<lane_ptr> own);

} // namespace parley
