// Bounds of what is asked over HTTP, with the reason for each.
#pragma once

#include <chrono>

namespace parley::limits {

/// A request waits so long for the engine, and its client for the answer's end: as long as proxies
/// in front of a server usually wait.
inline constexpr auto answer_deadline = std::chrono::seconds{60};

} // namespace parley::limits
