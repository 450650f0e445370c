// What an engine is told by the program that it is part of.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "actors/errors.hpp"
#include "actors/identity.hpp"
#include "actors/interfaces.hpp"
#include "actors/log_sink.hpp"
#include "actors/message_windows.hpp"
#include "actors/permissions.hpp"
#include "actors/screening.hpp"
#include "actors/time.hpp"

namespace parley {

/// Everything that an engine knows of the world. The functions are called on any thread, also on
/// several at once.
struct engine_options {
  /// The data directory; made, for its owner alone, when it is not there. One engine at a time has
  /// it.
  std::filesystem::path data = {};
  /// Where log lines go; null: nobody reads them.
  log_sink log = {};
  /// What time it is; null: what the system says. Shown to people, and orders nothing.
  std::function<timestamp()> wall_clock = {};
  /// What the engine takes for passing time; null: the system's monotonic clock.
  std::function<instant()> steady_clock = {};
  /// Called once a promise can be kept no longer, as when the disk has failed: from then on nothing
  /// is acknowledged until the engine is started again. Null: the process ends with status 2, and a
  /// restart finds everything that was acknowledged.
  std::function<void(const std::string& why)> on_failure = {};
  /// Whose token this is, for those who come with one; null: nobody's. Participants need none.
  std::function<result<identity>(std::string_view token, timestamp now)> authenticate = {};
  /// Whether users and conversations may only ask for so much (`rate_limited`).
  bool rate_limit = true;
  /// Whether an index of what messages say is kept; without it nothing is found.
  bool search = true;
  /// How long a message may be unread before its readers are notified; 0: they never are.
  std::chrono::milliseconds notify_after = std::chrono::seconds{10};
  /// How old messages are when they are kept compressed; 0: they stay as they are.
  std::chrono::seconds cold_after = std::chrono::hours{24 * 30};
  /// How much is kept of every conversation.
  retention_bounds retention = {};
  /// How long authors may edit and delete.
  message_windows windows = {};
  /// An actor that looks at messages before they are sent; nobody: they are sent as they are.
  screener_actor screener = {};
  /// How long it has for each, and what becomes of a message when it does not answer.
  screening_policy screening = {};
};

} // namespace parley
