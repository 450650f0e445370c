// Copies a store, in use or not, into a new one that a server can be started on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "actors/errors.hpp"
#include "actors/ids.hpp"

namespace parley {

struct backup_plan {
  std::filesystem::path from; ///< A data directory.
  std::filesystem::path to;   ///< Must not exist; its parents are made.
  /// Small files of `from` that belong to the copy, as they are, if they are there.
  std::vector<std::string> key_files;
};

/// What a backup holds.
struct backup_report {
  position applied;         ///< The copied read model has everything up to here.
  position head;            ///< The copy has everything up to here.
  std::string epoch;        ///< The copy's own.
  std::uintmax_t bytes = 0; ///< Of the read model's file.
};

/// Copies the read model in one read transaction, and of the log what the model did not have when
/// this began: so the copy has everything that was acknowledged by then, however far the model is
/// behind, and it is the same whether a server runs. The copy has an epoch and a secret of its own.
/// It is written beside `to`, synced, and renamed at the end; until then it is marked as
/// unfinished, and what a killed backup left there goes with the next one to the same name.
/// `conflict`: `to` exists. `unavailable`: no space, or another backup writes there. `internal`:
/// `from` is no store, or is damaged. Not for a process that has the store open: LMDB locks by
/// process.
result<backup_report> back_up(const backup_plan& plan);

} // namespace parley
