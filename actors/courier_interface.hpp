// The courier of webhooks: its interface and the messages to it, one sentence each. It belongs to
// `interfaces.hpp`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/store_interfaces.hpp"
#include "actors/webhooks.hpp"

namespace parley {

/// These are the endpoints from now on.
struct webhooks_configured {
  webhook_endpoint_list endpoints;
};
/// How a delivery ended (from the sender's thread).
struct webhook_answered {
  webhook_answer how;
};
/// Somebody else has changed the outbox.
struct outbox_changed {};
/// An operator asks how far the endpoints are.
struct list_webhooks {
  told<std::vector<webhook_endpoint_state>> to;
};
/// An operator has the dead letters of an endpoint sent again, and hears how many there are.
struct redeliver_webhooks {
  std::string endpoint;
  told<std::uint64_t> to;
};
/// Time to look what is to be sent (the courier to itself).
struct courier_due {
  instant when{};
};
/// How a step of the outbox's writer ended (from its thread).
struct courier_stepped {
  /// When something is to be sent next; nothing: not before something else happens.
  result<std::optional<timestamp>> next;
  position reached = {};   ///< Batches up to here are not needed any more.
  bool steps_left = false; ///< There is more to take in.
};

using courier_actor =
    takes<committed, applied, webhooks_configured, webhook_answered, outbox_changed, courier_due,
          courier_stepped, drain, list_webhooks, redeliver_webhooks>;

} // namespace parley

PARLEY_MESSAGE(parley::webhooks_configured)
PARLEY_MESSAGE(parley::webhook_answered)
PARLEY_MESSAGE(parley::outbox_changed)
PARLEY_MESSAGE(parley::courier_due)
PARLEY_MESSAGE(parley::courier_stepped)
PARLEY_MESSAGE(parley::list_webhooks)
PARLEY_MESSAGE(parley::redeliver_webhooks)
