// What every actor of one engine is given: its colleagues, the watermarks, and the outside world as
// functions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "actors/blobs.hpp"
#include "actors/engine_handles.hpp"
#include "actors/erasures.hpp"
#include "actors/file_address.hpp"
#include "actors/log_sink.hpp"
#include "actors/memory_share.hpp"
#include "actors/message_windows.hpp"
#include "actors/metrics.hpp"
#include "actors/present_users.hpp"
#include "actors/rate_limit.hpp"
#include "actors/roll_call.hpp"
#include "actors/watermarks.hpp"

namespace parley {

/// Shared by all actors of an engine; the handles are complete before the first message is sent.
/// The functions are called on scheduler threads and must be safe to call from several at once.
struct engine_context {
  std::shared_ptr<engine_handles> handles = std::make_shared<engine_handles>();
  watermarks_ptr marks = std::make_shared<watermarks>();
  metrics_ptr metrics = std::make_shared<engine_metrics>();
  /// Where log lines go.
  log_ptr log = silent_log();
  /// The engine's actors that there are, however many engines share an actor system.
  std::shared_ptr<roll_call> alive = std::make_shared<roll_call>();
  std::shared_ptr<memory_share> conversation_share = std::make_shared<memory_share>();
  /// The wall clock; its value is shown to people and orders nothing.
  std::function<timestamp()> wall_clock;
  /// The engine's monotonic time.
  std::function<instant()> steady_clock = [] { return std::chrono::steady_clock::now(); };
  std::shared_ptr<present_users> present = std::make_shared<present_users>();
  /// Who is being erased.
  std::shared_ptr<erasing_users> erasing = std::make_shared<erasing_users>();
  /// How long a message may be unread before its readers are notified; 0: they never are.
  std::chrono::milliseconds notify_after{0};
  /// What each user may ask for; null lifts the limits of users and conversations.
  std::shared_ptr<user_rates> rates;
  /// 128 random bits in hexadecimal, for ids.
  std::function<std::string()> random_id;
  /// Whose token this is: `unauthenticated` or `token_expired` when it is nobody's (any more).
  std::function<result<identity>(std::string_view token, timestamp now)> authenticate;
  /// What `fail_stop` does to the process, with the reason.
  std::function<void(const std::string&)> stop_process;
  /// Where the bytes of files are; null where there are none.
  std::shared_ptr<blobs> files;
  /// Signs addresses of files; null where there are none.
  std::shared_ptr<const file_addresses> addresses;
  /// How long all conversations' events are kept.
  retention_bounds retention = {};
  /// How long authors may edit and delete.
  message_windows windows = {};
};
using context_ptr = std::shared_ptr<const engine_context>;

/// Counts an actor of the engine, from now to its end; first calls `tell` with the reason when it
/// ends by a fault.
template <class Handle, class Tell>
void count_in(const Handle& which, const context_ptr& context, Tell tell) {
  context->alive->began();
  on_end(which, [alive = context->alive, tell = std::move(tell)](const caf::error& why) {
    if (is_fault(why))
      tell(caf::to_string(why));
    alive->ended();
  });
}
template <class Handle>
void count_in(const Handle& which, const context_ptr& context) {
  count_in(which, context, [](const std::string&) {});
}

/// Counts this actor, and has the process stopped when it ends by a fault: what it had promised
/// nobody would keep, and a restart finds everything that was acknowledged.
template <class Handle>
void stop_with(const Handle& which, const char* name, const context_ptr& context) {
  count_in(which, context, [handles = context->handles, name](const std::string& why) {
    tell_from_outside(handles->supervisor, fail_stop{std::string(name) + " ended: " + why});
  });
}

} // namespace parley
