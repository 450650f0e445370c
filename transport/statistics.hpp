// How a server is, for who runs it: the metrics' main figures as one JSON object.
#pragma once

#include <string>

#include "transport/metrics_text.hpp"

namespace parley {

/// {type: `statistics`, version, durability, uptime_ms, sessions, connections, conversations,
/// presences, counts since the start, errors by code, log, latencies, traffic, the process}. Names
/// nobody. Counts only grow, so that rates are what was added between two looks.
std::string print_statistics(const engine_metrics& all, const metrics_moment& moment,
                             std::string_view durability, instant started);

} // namespace parley
