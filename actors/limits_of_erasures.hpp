// Bounds of the erasing of users, as limits.hpp has all others.
#pragma once

#include "actors/limits.hpp"

namespace parley::limits {

/// How long the eraser leaves to a conversation, or to the store, before it looks what is left.
inline constexpr auto erasure_pause = 20ms;
/// Likewise when something could not be read or written.
inline constexpr auto erasure_retry = 1s;
/// Looks after which a conversation is asked once more for what it has not done.
inline constexpr std::size_t erasure_looks = 250;
/// How long it leaves to whoever ends a hold, which takes days, before it looks again.
inline constexpr auto erasure_hold_pause = 10s;
/// How long nobody may use the name of a user who was erased: what was still to be said of them,
/// such as when they were seen last, has then been thrown away.
inline constexpr auto erased_name_stays = 15s;
static_assert(erased_name_stays > presence_grace);
/// Rows that the store looks at in one go for whom they name: some milliseconds.
inline constexpr std::size_t erasure_rows = 20'000;

} // namespace parley::limits
