// The whole server in one object: store, actors and edge, put together and taken apart in order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/engine.hpp"
#include "persistence/lane.hpp"
#include "persistence/store.hpp"
#include "transport/cli.hpp"
#include "transport/main_control.hpp"
#include "transport/main_page.hpp"
#include "transport/main_screening.hpp"
#include "transport/main_tokens.hpp"
#include "transport/main_webhooks.hpp"
#include "transport/server.hpp"

namespace parley {

/// Threads of the store's actors, and of files; some only where there is search or there are
/// webhooks.
struct store_lanes {
  std::shared_ptr<thread_lane> log, applier;
  std::vector<std::shared_ptr<thread_lane>> readers;
  std::shared_ptr<thread_lane> indexer, searcher, outbox;
  std::vector<std::shared_ptr<thread_lane>> files;
  std::shared_ptr<thread_lane> exports = {};

  std::vector<std::shared_ptr<thread_lane>> all() const {
    auto every = readers;
    for (const auto& each : {log, applier, indexer, searcher, outbox, exports})
      if (each)
        every.push_back(each);
    every.insert(every.end(), files.begin(), files.end()); // last: the others have work for them
    return every;
  }
};

/// Everything between the operator's options and a listening port.
class running_server {
public:
  /// Opens the store, starts the actors and listens; what fails is said in the failure.
  static result<std::unique_ptr<running_server>> start(const serve_options& options);
  ~running_server();

  /// `HOST:PORT`.
  std::string where() const { return edge_->where(); }
  /// Reads certificate and key again, for new connections; what fails changes nothing.
  outcome reload_tls();
  bool has_tls() const noexcept { return !tls_files_.cert.empty(); }
  /// Likewise, of the endpoints of webhooks.
  outcome reload_webhooks() { return webhooks_->reload(); }
  bool has_webhooks() const noexcept { return webhooks_ != nullptr; }
  /// Whether every I/O thread has gone on since then.
  bool is_alive_since(instant when) const { return edge_->is_alive_since(when); }
  /// Lets operators in.
  void open_door();
  /// Says good-bye to everyone; true when all sessions ended by themselves.
  bool drain();

private:
  running_server(const serve_options& options, std::shared_ptr<store> data,
                 authenticator authenticate, const tls_ptr& tls,
                 std::unique_ptr<running_webhooks> webhooks,
                 std::shared_ptr<const built_page> page);

  tls_options tls_files_;
  std::shared_ptr<store> data_;
  engine_config config_;
  caf::actor_system actors_;
  std::shared_ptr<engine_context> context_;
  store_lanes lanes_;
  std::unique_ptr<running_webhooks> webhooks_;  ///< Nobody where there are none.
  std::unique_ptr<screening_client> screening_; ///< Nobody where messages are sent as they are.
  std::unique_ptr<server> edge_;
  std::unique_ptr<control_door> door_; ///< Nobody when the system gave none.
};

} // namespace parley
