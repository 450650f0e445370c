// Brings the read model up to date from the log itself.
#pragma once

#include "actors/errors.hpp"
#include "persistence/log_store.hpp"
#include "persistence/read_model.hpp"

namespace parley {

/// Applies some of what `log` has beyond `model`, and up to `until`: bounded in bytes, at least one
/// batch when there is one. Returns the position reached. `internal` when the log lacks a batch, or
/// a batch is damaged.
result<position> replay_some(const log_store& log, model_writer& model,
                             position until = position{UINT64_MAX});

/// Applies everything that the log has now.
outcome replay_all(const log_store& log, model_writer& model);

} // namespace parley
