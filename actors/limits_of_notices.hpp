// The bounds of how many notifications users are told of one by one.
#pragma once

#include "actors/limits.hpp"

namespace parley::limits {

/// Notifications that a user is told of one by one in so much time: what somebody takes in from a
/// screen. Those of further conversations are told of together: a hundred groups that all write at
/// once, or somebody who means it, wake nobody a hundred times.
inline constexpr std::size_t notices_one_by_one = 20;
inline constexpr auto notice_window = 60s;
/// Users of whom that is counted at a time: 10 MiB.
inline constexpr std::size_t noticed_users = 100'000;
/// How long a webhook that tells of many waits for more of them.
inline constexpr auto notices_gathered = 5s;

} // namespace parley::limits
