// Old events under other names: their segments are made anew.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "persistence/erasures/row_change.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// What an event says from now on; nothing when it stays. `key` is the one that its row would have.
using event_change =
    std::function<result<std::optional<std::string>>(const std::string& key, const event_row& row)>;

/// Every segment of a conversation in which an event changes, as a whole and in the place of the
/// one before, and what all segments take then. One that is unpacked at a time is in memory. Each
/// event counts as a row that was looked at. A damaged segment stays as it is; gives whether there
/// was one.
result<bool> change_segments(const row_reader& rows, const conversation_id& conversation,
                             const event_change& change, std::vector<row_change>& changes,
                             std::size_t& looked_at);

} // namespace parley
