// The webhooks of a running server: their file, their sender, and the courier between them and the
// store.
#pragma once

#include <memory>
#include <string>

#include "actors/context.hpp"
#include "persistence/lane.hpp"
#include "persistence/store.hpp"
#include "transport/cli.hpp"
#include "transport/webhook_client.hpp"

namespace parley {

class running_webhooks {
public:
  /// Reads the file; nothing is sent yet. Null when none is named.
  static result<std::unique_ptr<running_webhooks>> open(const serve_options& options);

  /// Spawns the courier, which begins at once; `own` is used by nobody else.
  void start(caf::actor_system& actors, const std::shared_ptr<engine_context>& context, store& data,
             lane_ptr own);
  /// Reads the file again; what fails changes nothing.
  outcome reload();
  /// Somebody else has changed the outbox.
  void look();
  /// Makes no new attempts.
  void drain();
  /// Waits a moment for what is under way, and ends.
  void stop();

private:
  running_webhooks() = default;

  std::string file_;
  webhook_endpoint_list first_; ///< As the file was when the server started.
  std::shared_ptr<webhook_client> client_;
  std::shared_ptr<courier_actor> courier_ = std::make_shared<courier_actor>();
};

} // namespace parley
