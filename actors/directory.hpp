// The directory actor: finds or spawns the conversation a command is for, and lets idle ones go.
#pragma once

#include <list>
#include <unordered_map>

#include "actors/context.hpp"
#include "actors/fifo.hpp"
#include "actors/limits.hpp"

namespace parley {

/// The only one who sends commands to conversations, so that none is lost when one leaves memory.
class directory : public directory_actor::base {
public:
  /// Beyond `most_in_memory` conversations the one that was asked least recently is asked to go.
  directory(caf::actor_config& config, context_ptr context,
            std::size_t most_in_memory = limits::conversations_in_memory);

  behavior_type make_behavior() override;
  void on_exit() override; ///< Ends the conversations, which nobody could reach any more.
  const char* name() const override { return "directory"; }

private:
  struct entry {
    conversation_actor actor;
    std::uint64_t last_used = 0; ///< The sweep in which it was last asked.
    bool leaving = false;
    bool is_stale = false;                       ///< The store has something else by now.
    fifo<request_ptr> held;                      ///< Commands that came while it was leaving.
    std::list<conversation_id>::iterator in_use; ///< Its place, unless it is leaving.
  };

  void on_ask(const request_ptr& asked);
  void on_went_idle(const went_idle& message);
  void on_passivated(const passivated& message);
  void on_creation_settled(const creation_settled& message);
  void on_sweep();
  void on_forgotten();
  void have_reloaded(const conversation_id& id, const entry& which);

  void pass_on(const request_ptr& asked);
  void count();
  entry& bring(const conversation_id& id);
  conversation_actor spawn_conversation(const conversation_id& id);
  void let_go(entry& which);
  void keep(const conversation_id& id, entry& which);
  void schedule_sweep();

  context_ptr context_;
  std::size_t most_in_memory_;
  std::uint64_t sweeps_ = 0;
  std::unordered_map<conversation_id, entry> conversations_;
  std::list<conversation_id> by_use_; ///< Those that are not leaving, least recently asked first.
  /// Creations under way, by their scope, and those that wait until it is known what became of
  /// them. Bounded by the connections' credit.
  std::unordered_map<conversation_id, fifo<request_ptr>> creating_;
};

} // namespace parley
