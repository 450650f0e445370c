// Webhooks: who is told of what over HTTP, and the port through which that is sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/time.hpp"

namespace parley {

/// A URL, taken apart.
struct webhook_target {
  bool secure = true;
  std::string host; ///< A name or an address, without brackets.
  std::uint16_t port = 443;
  std::string path; ///< With the query; begins with a slash.
  friend bool operator==(const webhook_target&, const webhook_target&) = default;
};

/// Somebody who is told.
struct webhook_endpoint {
  std::string id;
  webhook_target target = {};
  std::vector<std::string> secrets = {};             ///< Their bytes: one signature for each.
  std::vector<std::string> events = {};              ///< Types, `message.*`, or `*`.
  std::vector<conversation_kind> conversations = {}; ///< None: all kinds.
};
using webhook_endpoint_ptr = std::shared_ptr<const webhook_endpoint>;
using webhook_endpoint_list = std::vector<webhook_endpoint_ptr>;

/// One event on its way to one endpoint.
struct webhook_delivery {
  std::uint64_t number = 0; ///< Of this attempt.
  webhook_endpoint_ptr to = {};
  std::string id;    ///< The same for every attempt.
  std::string type;  ///< As `message.created`.
  timestamp at{};    ///< When it happened.
  std::string event; ///< The MessagePack map as delivered.
};

/// What became of an attempt.
enum class webhook_result : std::uint8_t {
  accepted,    ///< Answered with 2xx.
  refused,     ///< Answered with something else.
  unreachable, ///< Not answered, or not asked.
  gone,        ///< 410: the endpoint wants nothing any more.
};
inline constexpr std::size_t webhook_results = 4;

struct webhook_answer {
  std::uint64_t number = 0;
  webhook_result what = webhook_result::unreachable;
  std::optional<std::chrono::seconds> retry_after = {}; ///< What the endpoint asked for.
  std::string reason = {};                              ///< For the operator; no body, no secret.
};

/// How far an endpoint is.
struct webhook_endpoint_state {
  std::string id;
  position at = {};          ///< Of the log: what was wanted up to here was taken in.
  std::uint64_t waiting = 0; ///< Events that are still to be accepted.
  std::uint64_t dead = 0;    ///< Given up.
  bool is_failing = false;   ///< The last attempt was not accepted.
  bool is_gone = false;      ///< It answered 410, and is told nothing until it is named anew.
  bool is_full = false;      ///< So much waits that no more is taken in.
};

/// Sends, on threads of its own.
class webhook_sender {
public:
  virtual ~webhook_sender() = default;
  /// Makes one attempt; what becomes of it is told to the courier. Safe from any thread.
  virtual void send(webhook_delivery what) = 0;
};

} // namespace parley
