// The search index made anew, by hand.
#pragma once

#include <filesystem>

#include "actors/errors.hpp"
#include "actors/ids.hpp"

namespace parley {

/// Where the index is within a data directory.
std::filesystem::path search_directory(const std::filesystem::path& data);

/// Removes the index of a store that is not in use and makes it again from all that the store has.
/// Returns the position it got to. `unavailable` when the store is in use; whatever opening a store
/// says.
result<position> reindex(const std::filesystem::path& data);

} // namespace parley
