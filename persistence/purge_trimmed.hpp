// Takes away the rows of events that fell out of a conversation, a portion at a time.
#pragma once

#include "persistence/environment.hpp"
#include "persistence/schema.hpp"

namespace parley {

/// Erases rows of events before `row.kept_from`, about `most` of them, the oldest event's first.
/// Gives how many, and `most` as long as there are more. What counts them is exact all the while.
result<std::size_t> purge_trimmed(write_transaction& from, const conversation_id& conversation,
                                  conversation_row row, std::size_t most);

} // namespace parley
