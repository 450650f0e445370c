// How the outbox learns what happened: from batches as they are applied, or from the read model.
#pragma once

#include <span>
#include <unordered_map>

#include "persistence/webhooks/notice_feed.hpp"
#include "persistence/webhooks/outbox.hpp"

namespace parley {

/// What of the log one endpoint has not had yet, put into its part of the outbox. Used within one
/// of the outbox's transactions; what is returned holds once that is kept.
class outbox_feed {
public:
  outbox_feed(webhook_outbox& outbox, const read_model& model)
      : outbox_(outbox), model_(model), notices_(outbox, model) {}

  using fed = fed_endpoint;

  /// Whether batches, contiguous ones, go on where the endpoint is.
  static bool follows(const fed& to, std::span<const batch_ptr> batches);
  /// Takes in a portion of such batches, which the model has, too.
  outcome take(fed& to, std::span<const batch_ptr> batches, timestamp now);
  /// Takes in a portion of what the model has up to `until`: events in the order of each
  /// conversation, and then what became of notifications.
  outcome catch_up(fed& to, position until, timestamp now);

  /// Goes on with what those records began.
  outcome look_on(fed& to, timestamp now) { return notices_.look_on(to, now); }

private:
  outcome take_one(fed& to, const record& what, timestamp now);
  outcome catch_up_events(fed& to, timestamp now);
  outcome put(fed& to, const outbox_event& event);
  result<conversation_kind> kind_of(const conversation_id& conversation);

  webhook_outbox& outbox_;
  const read_model& model_;
  notice_feed notices_;
  std::unordered_map<conversation_id, conversation_kind> kinds_; ///< Bounded.
};

} // namespace parley
