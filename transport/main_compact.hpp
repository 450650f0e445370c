// A compaction of the store that this server has open, as `parleyd compact` asks for it.
#pragma once

#include <memory>

#include "actors/context.hpp"
#include "engine/store_lanes.hpp"
#include "persistence/store.hpp"
#include "transport/main_control.hpp"

namespace parley {

/// What a compaction of a server's store needs of the server.
struct compaction_scene {
  std::shared_ptr<store> data;
  std::shared_ptr<const engine_context> context;
  const store_lanes* lanes = nullptr;
};

/// Answers `compact` with `copy`, waits for `copied`, and ends with `done` and the figures, or with
/// `failed` and why. The copying is the other side's: a view that is kept for so long would stop
/// this process from extending its mapping.
void serve_compaction(const compaction_scene& in, control_line& with);

} // namespace parley
