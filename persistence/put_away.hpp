// What follows from what a user keeps of a conversation: whether it is silent, away, or back.
#pragma once

#include "persistence/schema.hpp"

namespace parley {

inline bool is_muted(const preferences& kept, timestamp now) noexcept {
  return kept.muted_until.value_or(0) > static_cast<std::uint64_t>(to_wire(now));
}
/// Whether nothing of the conversation is told to who keeps this of it.
inline bool wants_nothing(const preferences& kept, timestamp now) noexcept {
  return kept.notify == notify_level::none || is_muted(kept, now);
}
/// Whether what was put away has come back: somebody wrote since, and it is not muted.
inline bool is_back(const preference_row& row, sequence last_message, timestamp now) noexcept {
  return row.kept.archived.value_or(false) && !is_muted(row.kept, now) &&
         last_message > row.archived_at;
}
/// Likewise of what was hidden.
inline bool is_in_sight(const preference_row& row, sequence last_message, timestamp now) noexcept {
  return row.kept.hidden.value_or(false) && !is_muted(row.kept, now) &&
         last_message > row.hidden_at;
}

} // namespace parley
