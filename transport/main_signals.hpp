// SIGTERM and SIGINT as something to wait for, and an end that comes whatever hangs.
#pragma once

#include <chrono>

namespace parley {

/// Keeps the signals from every thread that is started later; SIGPIPE is ignored for good.
void hold_signals();

/// Waits for SIGTERM or SIGINT; returns which.
int wait_for_signal();

/// From now on a second signal ends the process at once, and so does the deadline.
void end_at_the_latest_in(std::chrono::milliseconds deadline);

} // namespace parley
