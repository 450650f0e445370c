// Takes what was deleted out of the files of the search index.
#pragma once

#include <filesystem>
#include <functional>

#include "actors/errors.hpp"
#include "actors/ids.hpp"
#include "persistence/store.hpp"

namespace parley {

/// How far the index in a directory is.
struct index_state {
  position at;
  std::int64_t leaving = 0; ///< Conversations that are still to be taken away.
  friend bool operator==(const index_state&, const index_state&) = default;
};
/// Called where the index is written.
result<index_state> state_of_index(const std::filesystem::path& directory);

/// Merges its words, rewrites its file and empties its journal. Called where the index is written;
/// who searches goes on. SQLite needs as much space again for a file without a name, in
/// `SQLITE_TMPDIR` or `/var/tmp`. `unavailable`: no space, it was stopped, or somebody else is at
/// the file; then it may be tried again.
outcome compact_index(const std::filesystem::path& directory,
                      const std::function<bool()>& is_stopped);

/// Brings the index of a store that this process alone has open up to date, then compacts it; fine
/// where there is none.
outcome compact_index_of(store& data);

} // namespace parley
