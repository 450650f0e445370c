// The log of parleyd itself: what the engine has to say goes where the process's own lines go.
#pragma once

#include <string>

#include "actors/log_sink.hpp"

namespace parley {

/// Hands lines to the default logger of spdlog, which the program sets up.
log_sink to_default_logger();

/// What a server does when it may not acknowledge anything any more: ends with status 2. Nothing is
/// cleaned up: what is durable is on disk, and nothing else may be promised.
void end_failed_process(const std::string& why);

/// The same when `operator new` has nothing to give (std::set_new_handler): whoever was about to
/// change something would leave it half done.
void end_without_memory();

} // namespace parley
