// SIGTERM, SIGINT and SIGHUP as something to wait for, and an end that comes whatever hangs.
#pragma once

#include <chrono>
#include <optional>

namespace parley {

/// What SIGHUP does.
enum class hang_up {
  ends,    ///< What it does to any process.
  reloads, ///< It is waited for like the others.
};

/// Keeps the signals from every thread that is started later; SIGPIPE is ignored for good.
void hold_signals(hang_up what);

/// Waits for SIGTERM, SIGINT or, when it reloads, SIGHUP; returns which, or nothing when none came
/// for so long.
std::optional<int> wait_for_signal(hang_up what, std::chrono::milliseconds patience);

/// From now on a second signal ends the process at once, and so does the deadline.
void end_at_the_latest_in(std::chrono::milliseconds deadline);

} // namespace parley
