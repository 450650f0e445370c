// What a service manager is told of this process, and what it has handed down.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "actors/errors.hpp"

namespace parley {

/// Sends the state, lines of NAME=value, to the manager that started this process; does nothing
/// where none did, and says nothing of what fails. From any thread.
void notify_systemd(std::string_view state);

/// The listening socket that the manager has handed down, after sd_listen_fds(3); nothing when it
/// has not, a failure when there are several.
result<std::optional<int>> inherited_socket();

/// How often the manager wants to hear that all is well; nothing when it does not.
std::optional<std::chrono::microseconds> watchdog_interval();

} // namespace parley
