// Nothing to repair in process: what failed is on disk or not, and a restart finds out which.
#include "actors/supervisor.hpp"

#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

supervisor::supervisor(caf::actor_config& config, context_ptr context)
    : supervisor_actor::base(config), context_(std::move(context)) {}

supervisor::behavior_type supervisor::make_behavior() {
  return {
      [this](const fail_stop& message) {
        context_->log->critical("fail_stop reason={}", in_quotes(message.why));
        context_->stop_process(message.why);
      },
  };
}

} // namespace parley
