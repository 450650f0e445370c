// A function for FTS5: how much a message has of what is looked for.
#pragma once

#include "actors/errors.hpp"
#include "persistence/sqlite.hpp"

namespace parley {

/// Adds `score(words, weights)`: the smaller, the better. `weights` is a blob of doubles, one for
/// each phrase of the query, from the first on; phrases without one do not count. Each word counts
/// the less the more often it comes, and in long messages less (BM25, but that the usual length is
/// a constant, and that weights are given: FTS5's own reads all messages with a word to know them).
outcome add_score_function(const sqlite_connection& file);

} // namespace parley
