// Takes away, bit by bit, what is left in the tables of deleted conversations and of events that
// fell out of others.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "persistence/rows.hpp"

namespace parley {

/// Erases up to `most` rows of conversations that were deleted; their last events stay, for those
/// who were away, and so do the keys of their deletions. Gives how many rows were erased: none when
/// nothing is left to erase. Of others the events before those that are kept. What is in `damaged`
/// stays as it is; where a row cannot be read, what it is of is put there, and the transaction is
/// to be given up.
result<std::size_t> purge(write_transaction& from, std::size_t most,
                          std::set<std::string>& damaged);

} // namespace parley
