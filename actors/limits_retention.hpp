// The bounds of retention, beside those of limits.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley::limits {

using namespace std::chrono_literals;

/// Days that events may be kept at most, where that is bounded: a century.
inline constexpr std::uint64_t retention_days = 36'500;
/// Messages that may be kept at most, where that is bounded.
inline constexpr std::uint64_t retention_messages = 1'000'000;
/// Events of a conversation that go with one record, so that those who look for them, and who is
/// told of it, are soon done.
inline constexpr std::size_t trimmed_at_once = 2'000;
/// Conversations that are told to let go at a time: each has to be in memory for it.
inline constexpr std::size_t trims_at_once = 100;
/// Conversations that the trimmer looks at in one transaction of its walk through all.
inline constexpr std::size_t trim_steps = 2'000;
/// How long it waits between two looks, while there is something to look at: enough for millions of
/// conversations in an hour, and little beside everything else.
inline constexpr auto trim_pause = 250ms;
/// How long a conversation that lost its oldest events is left alone: where much is said at the
/// bound, each trim is a record, a barrier for its sends and an envelope for every member. Until
/// then it may have as many messages more than it keeps as are sent meanwhile.
inline constexpr auto trim_again = 3s;
static_assert(trim_pause < trim_again);
/// How long it waits when the store cannot say what is to go.
inline constexpr auto trim_rest = 10s;
/// How often it walks through all conversations: what is due by its age goes within an hour.
inline constexpr auto trim_round = 30min;
/// Conversations that it remembers to look at; those beyond that it finds on its walk.
inline constexpr std::size_t trims_noted = 10'000;

} // namespace parley::limits
