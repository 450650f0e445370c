// What a service manager is told of this process, after sd_notify(3).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace parley {

/// Sends the state, lines of NAME=value, to the manager that started this process; does nothing
/// where none did, and says nothing of what fails. From any thread.
void notify_systemd(std::string_view state);

/// How often the manager wants to hear that all is well; nothing when it does not.
std::optional<std::chrono::microseconds> watchdog_interval();

} // namespace parley
