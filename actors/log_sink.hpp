// Where an engine's log lines go: to a sink that whoever runs it gives, and nowhere else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace parley {

/// How much a line matters.
enum class log_level : std::uint8_t { debug, info, warning, error, critical };

/// Takes one line: `event key=value key="value with anything in it"`, without a time and without a
/// line feed. No line has anybody's message or token. Called from any thread, also from several at
/// once; what it throws is lost.
using log_sink = std::function<void(log_level level, std::string_view line)>;

class engine_log;
using log_ptr = std::shared_ptr<const engine_log>;

/// Tells the sink; without one, nobody.
log_ptr make_log(log_sink to);
/// Tells nobody.
log_ptr silent_log();

} // namespace parley
