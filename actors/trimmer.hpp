// The trimmer: has the oldest events of conversations removed when there is more than is to be
// kept. What it finds is decided by their conversations.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "actors/context.hpp"
#include "actors/expirer.hpp"

namespace parley {

/// Walks through all conversations every now and then, a portion at a time, and looks sooner at
/// those that it was told of. Begins with a `trim_due` from outside.
class trimmer : public trimmer_actor::base {
public:
  trimmer(caf::actor_config& config, context_ptr context);

  behavior_type make_behavior() override;
  const char* name() const override { return "trimmer"; }

private:
  void on_noted(const trim_noted& message);
  void on_due(const trim_due& message);
  void on_found(const trimmable_found& message);
  void look(bool by_time);
  void note(const conversation_id& conversation);
  void have_trimmed(const trimmable_conversation& which);
  void wake_in(std::chrono::nanoseconds delay);

  context_ptr context_;
  clock_watch clock_;
  bool reading_ = false;
  bool walking_ = false;            ///< What is being read is a portion of the walk.
  std::string behind_;              ///< Where the walk goes on, while there is one.
  std::optional<instant> walk_at_;  ///< When the walk goes on, or the next one begins.
  instant round_began_{};           ///< When the last walk began.
  std::set<conversation_id> noted_; ///< To be looked at.
  std::optional<instant> waking_;   ///< The next `trim_due` on its way.
};

} // namespace parley
