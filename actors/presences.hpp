// The presences actor: finds or spawns the presence of a user, and lets those go that nobody needs.
#pragma once

#include <string>
#include <unordered_map>

#include "actors/context.hpp"
#include "actors/limits.hpp"

namespace parley {

/// The only one who speaks to presences for others, so that nothing is lost when one leaves memory.
class presences : public presences_actor::base {
public:
  /// Beyond `most_in_memory` presences nobody else's is watched.
  presences(caf::actor_config& config, context_ptr context,
            std::size_t most_in_memory = limits::presences_in_memory);

  behavior_type make_behavior() override;
  void on_exit() override; ///< Ends the presences, which nobody could reach any more.
  const char* name() const override { return "presences"; }

private:
  struct entry {
    presence_actor actor;
    std::uint64_t sent = 0; ///< Messages it was sent; it counts those it handled.
  };

  void on_asked(const presence_asked& message);
  void on_reported(const sessions_reported& message);
  void on_idle(const presence_idle& message);
  void on_sharing_due();
  void on_drain();
  void on_person_changed(const person_changed& message);
  void on_forgotten(const user_forgotten& message);

  void serve(const asker& who, const watch_users& what);
  void serve(const asker& who, const unwatch_users& what);
  template <class Command>
  void serve(const asker& who, const Command& what);

  template <class Message>
  void pass_on(entry& to, Message&& message);
  entry& bring(const user_id& user);
  void reply(const asker& who, std::string envelope);
  void await_sharing();

  context_ptr context_;
  std::size_t most_in_memory_;
  std::unordered_map<user_id, entry> presences_;
  position swept_; ///< Changes of memberships up to here are known to all.
};

} // namespace parley
