// What administrators ask of the server itself: its log, its webhooks, its sessions, what is large.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/context.hpp"
#include "persistence/lane.hpp"
#include "persistence/store.hpp"
#include "transport/cli.hpp"
#include "transport/connected.hpp"
#include "transport/edge.hpp"
#include "transport/main_census.hpp"

namespace parley {

/// Who has come in through the operators' socket.
identity operator_identity(timestamp now);

/// Bytes that the process has in memory; 0 where the system does not say.
std::uint64_t resident_bytes();
/// The time that all its threads have computed.
std::chrono::milliseconds cpu_time();

/// What the desk needs of the server.
struct admin_scene {
  std::shared_ptr<const engine_context> context;
  std::shared_ptr<store> data;
  lane_ptr lane; ///< For what takes its time.
  serve_options options;
  std::function<std::string()> statistics;
  std::function<void(connected_question, told<connected_list>)> connected;
};

/// Answers with one JSON object each. Safe from any thread; answers come on threads that are
/// nobody's.
class admin_desk {
public:
  explicit admin_desk(admin_scene scene);

  void answer(const admin_question& asked, const told<std::string>& to);

private:
  void tell_level(const admin_question& asked, const told<std::string>& to);
  void set_level(const admin_question& asked, const told<std::string>& to);
  void tell_retention(const admin_question& asked, const told<std::string>& to);
  void tell_statistics(const admin_question& asked, const told<std::string>& to);
  void list_connected(const admin_question& asked, const told<std::string>& to);
  void list_largest(const admin_question& asked, const told<std::string>& to);
  void list_endpoints(const admin_question& asked, const told<std::string>& to);
  void redeliver(const admin_question& asked, const told<std::string>& to);

  admin_scene scene_;
  std::shared_ptr<conversation_census> census_;
};

} // namespace parley
