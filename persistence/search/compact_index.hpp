// Takes what was deleted out of the files of the search index.
#pragma once

#include <filesystem>
#include <functional>

#include "actors/errors.hpp"
#include "actors/ids.hpp"
#include "persistence/store.hpp"

namespace parley {

/// Whether the index in `directory` has everything up to a position, and nothing that is still to
/// be taken away. Called where the index is written.
result<bool> index_is_settled(const std::filesystem::path& directory, position at);

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
