// What all shards of a server share: the configuration, the way to the engine, the condition.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/address_rates.hpp"
#include "actors/erasure_desk.hpp"
#include "actors/export_desk.hpp"
#include "actors/file_desk.hpp"
#include "actors/metrics.hpp"
#include "actors/store_interfaces.hpp"
#include "transport/http_rules.hpp"

namespace parley {

/// What an administrator asks of the server itself, and not of the engine.
struct admin_question {
  rest_request asked;
  std::string body;
  user_id by;
};

/// Complete before the first connection; the functions are called on every shard's thread.
struct edge {
  edge_config config;
  /// Makes the actor of a socket that became a session; the bearer token, if the upgrade had one.
  std::function<connection_actor(session_address, std::optional<std::string>)> spawn_connection;
  /// Makes the actor of a session that only asks.
  std::function<connection_actor(session_address, identity)> spawn_visitor;
  /// Hands a question to the reader of the store.
  std::function<void(read_catch_up)> read;
  /// Says which sessions are there, or are gone.
  std::function<void(sessions_reported)> report;
  metrics_ptr metrics = std::make_shared<engine_metrics>();
  /// All metrics as text, for `/metrics`.
  std::function<std::string()> print_metrics;
  /// Answers what administrators ask of the server itself, with one JSON object.
  std::function<void(admin_question, told<std::string>)> ask_server;
  /// Whose token this is.
  std::function<result<identity>(std::string_view)> authenticate;
  /// Where files are handed in and out; null where there are none.
  std::shared_ptr<file_desk> files;
  /// Whether a signed address of a file is good now; with `files`.
  std::function<bool(const file_download&)> is_good_address;
  /// Where archives are handed out; null where there are none.
  std::shared_ptr<export_desk> exports = {};
  /// Where users are erased; null where they are not.
  std::shared_ptr<erasure_desk> erasures = {};
  /// What is the Authorization of requests through the operators' socket that bring none.
  std::string operators_bearer = {};
  /// How often each address may connect; null lifts that.
  std::shared_ptr<address_rates> addresses;
  /// The server takes work: false before it started and once it stops.
  std::atomic<bool> ready{false};
  /// WebSocket sessions of all shards.
  std::atomic<std::size_t> sessions{0};

  edge_condition condition() const {
    return {ready.load(std::memory_order_relaxed),
            sessions.load(std::memory_order_relaxed) >= config.most_sessions};
  }
};
using edge_ptr = std::shared_ptr<edge>;

} // namespace parley
