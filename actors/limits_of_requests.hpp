// Bounds of what is asked over HTTP, with the reason for each.
#pragma once

#include <chrono>
#include <cstddef>

namespace parley::limits {

/// A request waits so long for the engine, and its client for the answer's end: as long as proxies
/// in front of a server usually wait.
inline constexpr auto answer_deadline = std::chrono::seconds{60};

/// Rows that are looked at in one transaction to find the largest conversations: some milliseconds,
/// in which the pages that it sees stay.
inline constexpr std::size_t conversations_measured_at_once = 5000;
/// Conversations, or sessions, that an operator is shown at a time: what still fits on a page.
inline constexpr std::size_t shown_to_operators = 1000;
/// How many they are shown unless they say.
inline constexpr std::size_t usually_shown_to_operators = 100;
/// What was found out about all conversations is told again for so long: charts that are drawn
/// every second are no reason to look at all of them each time.
inline constexpr auto measures_told_again = std::chrono::seconds{10};
/// What all files take is counted again after so long: a million of them take seconds.
inline constexpr auto files_counted_again = std::chrono::minutes{10};

} // namespace parley::limits
