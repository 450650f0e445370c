// The search index made anew, by hand.
#pragma once

#include <filesystem>

#include "actors/errors.hpp"
#include "actors/ids.hpp"
#include "persistence/progress.hpp"
#include "persistence/store.hpp"
#include "persistence/store_actors.hpp"

namespace parley {

/// Where the index is within a data directory.
std::filesystem::path search_directory(const std::filesystem::path& data);

/// Where a store's index is, and what it needs to know of the store.
search_place search_place_of(const store& data, const std::filesystem::path& directory);

/// Removes the index of a store that is not in use and makes it again from all that the store has.
/// Returns the position it got to. `unavailable` when the store is in use; whatever opening a store
/// says.
result<position> reindex(const std::filesystem::path& data, const progress_listener& tell = {});

} // namespace parley
