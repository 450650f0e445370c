// The conversation actor: takes commands in order, lets its state decide, and tells the others.
#pragma once

#include <deque>
#include <vector>

#include "actors/context.hpp"
#include "actors/conversation_state.hpp"

namespace parley {

/// Spawned by the directory when a conversation is first asked for; commands wait until it is
/// loaded.
class conversation : public conversation_actor::base {
public:
  conversation(caf::actor_config& config, context_ptr context, conversation_id id);

  behavior_type make_behavior() override;
  const char* name() const override { return "conversation"; }

private:
  /// A read that waits for what was under way when it came.
  struct held_read {
    sequence until;
    request_ptr asked;
  };

  void on_ask(const request_ptr& asked);
  void on_loaded(const loaded& message);
  void on_keys_found(const keys_found& message);
  void on_appended(const appended& message);
  void on_append_failed(const append_failed& message);
  void on_passivate();

  void load();
  void advance();
  /// Carries out one command; false when it has to wait at the front.
  bool take(const request_ptr& asked);
  void start_look_up();
  void release_reads(sequence up_to);
  void offer_to_go();

  void carry_out(const request_ptr& asked, say verdict);
  void carry_out(const request_ptr& asked, propose verdict);
  void carry_out(const request_ptr& asked, const fetch& verdict);
  /// The command has had its effect, or never will.
  void settle(const conversation_request& asked);
  void reply_to(const asker& who, std::string envelope);
  void fail_waiting(const failure& why);

  context_ptr context_;
  conversation_id id_;
  conversation_state state_;
  bool loading_ = false;
  bool loaded_ = false;
  bool looking_up_ = false;
  bool offered_to_go_ = false;
  std::vector<idempotency_key> looked_up_;
  std::deque<request_ptr> waiting_;
  std::deque<held_read> held_;
  std::deque<std::pair<sequence, request_ptr>> under_way_; ///< What asked for the records.
};

} // namespace parley
