// How the outbox learns what became of notifications: what the read model has of them decides.
#pragma once

#include <span>

#include "persistence/webhooks/outbox.hpp"

namespace parley {

/// An endpoint as it is fed: how far it is, and how much waits for it.
struct fed_endpoint {
  webhook_endpoint_ptr who;
  std::int64_t row = 0;
  outbox_progress progress = {};
  std::uint64_t waiting = 0;
  bool has_looks = true; ///< Notifications are still to be looked at; or nobody knows yet.
};

/// A record only says where to look: a notification is told of when the model has it, and is over
/// when the model has it no more. What the endpoint was told of is kept beside what waits, so an
/// end is found wherever the log was left. Used within one of the outbox's transactions.
class notice_feed {
public:
  notice_feed(webhook_outbox& outbox, const read_model& model) : outbox_(outbox), model_(model) {}

  static bool is_wanted(const webhook_endpoint& who) noexcept;

  /// What follows from a record of a batch, which the model has, too.
  outcome take(fed_endpoint& to, const record& what, position at, timestamp now);
  /// Looks at some of those notifications that a record may have ended for many.
  outcome look_on(fed_endpoint& to, timestamp now);
  /// Begins a walk through what the model has up to `progress.until`.
  static void begin(fed_endpoint& to);
  /// A portion of it; in the end `progress` is where the walk was to end.
  outcome catch_up(fed_endpoint& to, timestamp now);

private:
  outcome take_end(fed_endpoint& to, const record& what, position at, timestamp now);
  outcome made(fed_endpoint& to, const user_id& user, const conversation_id& conversation,
               position at, timestamp now);
  outcome keep(fed_endpoint& to, const outbox_notice& what, position at, timestamp now);
  outcome tell_of_many(fed_endpoint& to, const user_id& user, webhook_rules::notice_news what,
                       position at, timestamp now);
  outcome look_at_many(fed_endpoint& to, const user_id& user, position at, timestamp now);
  outcome look_at(fed_endpoint& to, const outbox_notice& told, position at, timestamp now);
  outcome look_at(fed_endpoint& to, const user_id& user, const conversation_id& conversation,
                  position at, timestamp now);
  static outcome note_look(fed_endpoint& to, const result<bool>& noted);
  static outcome pass_over(const failure& why, const conversation_id& conversation);
  outcome put(fed_endpoint& to, outbox_event event);
  outcome catch_up_ends(fed_endpoint& to, timestamp now);
  outcome catch_up_news(fed_endpoint& to, timestamp now);

  webhook_outbox& outbox_;
  const read_model& model_;
};

} // namespace parley
