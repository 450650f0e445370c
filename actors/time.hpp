// Time is an argument everywhere; only those who own a clock read it.
#pragma once

#include <chrono>

namespace parley {

/// Monotonic: for what is due, and for how long something took.
using instant = std::chrono::steady_clock::time_point;

/// When the server accepted something: wall clock, UTC, milliseconds. Never orders anything.
using timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

} // namespace parley
