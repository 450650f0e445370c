// A whole server: an engine and the edge in front of it, put together and taken apart in order.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "transport/cli.hpp"
#include "transport/edge.hpp"

namespace parley {

class control_door;
class running_webhooks;
class screening_client;
class server;

/// The program that a server is part of.
struct server_surroundings {
  /// Whose actors may take part, too; null: the server has an actor system of its own.
  caf::actor_system* actors = nullptr;
  log_sink log = {};
  /// As in engine_options.
  std::function<void(const std::string& why)> on_failure = {};
  /// A socket that is listening already, taken instead of the address in the options.
  std::optional<int> listening = {};
};

/// Everything between the operator's options and a listening port.
class running_server {
public:
  /// Opens the store, starts the actors and listens; what fails is said in the failure.
  static result<std::unique_ptr<running_server>> start(const serve_options& options,
                                                       const server_surroundings& around = {});
  ~running_server();

  /// The engine behind the sockets: where the server is part of another program, actors join it.
  engine& inside() noexcept { return *engine_; }
  /// `HOST:PORT`.
  std::string where() const;
  /// Reads certificate and key again, for new connections; what fails changes nothing.
  outcome reload_tls();
  bool has_tls() const noexcept { return !tls_files_.cert.empty(); }
  /// Likewise, of the endpoints of webhooks.
  outcome reload_webhooks();
  bool has_webhooks() const noexcept { return webhooks_ != nullptr; }
  /// Whether every I/O thread has gone on since then.
  bool is_alive_since(instant when) const;
  /// Lets operators in.
  void open_door();
  /// Says good-bye to everyone; true when all sessions ended by themselves.
  bool drain();

private:
  using admin_answers = std::function<void(const admin_question&, const told<std::string>&)>;
  struct own_system;
  struct ingredients;
  running_server(const serve_options& options, ingredients with);

  /// Where administrators ask about the server itself.
  admin_answers open_desk(const serve_options& options, const edge& shared);

  tls_options tls_files_;
  std::unique_ptr<own_system> system_; ///< Nobody's where the program has one.
  std::unique_ptr<engine> engine_;
  std::unique_ptr<running_webhooks> webhooks_;  ///< Nobody where there are none.
  std::unique_ptr<screening_client> screening_; ///< Nobody where messages are sent as they are.
  std::unique_ptr<server> edge_;
  std::unique_ptr<control_door> door_; ///< Nobody when the system gave none.
};

} // namespace parley
