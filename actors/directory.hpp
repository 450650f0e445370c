// The directory actor: finds or spawns the conversation a command is for, and lets idle ones go.
#pragma once

#include <deque>
#include <unordered_map>

#include "actors/context.hpp"

namespace parley {

/// The only one who sends commands to conversations, so that none is lost when one leaves memory.
class directory : public directory_actor::base {
public:
  directory(caf::actor_config& config, context_ptr context);

  behavior_type make_behavior() override;
  void on_exit() override; ///< Ends the conversations, which nobody could reach any more.
  const char* name() const override { return "directory"; }

private:
  struct entry {
    conversation_actor actor;
    std::uint64_t last_used = 0; ///< The sweep in which it was last asked.
    bool leaving = false;
    std::deque<request_ptr> held; ///< Commands that came while it was leaving.
  };

  void on_ask(const request_ptr& asked);
  void on_went_idle(const went_idle& message);
  void on_passivated(const passivated& message);
  void on_sweep();

  conversation_actor spawn_conversation(const conversation_id& id);
  void let_go(entry& which);
  void schedule_sweep();

  context_ptr context_;
  std::uint64_t sweeps_ = 0;
  std::unordered_map<conversation_id, entry> conversations_;
};

} // namespace parley
