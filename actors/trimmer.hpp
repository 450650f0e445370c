// The trimmer: has the oldest events of conversations removed when there is more than is to be
// kept. What it finds is decided by their conversations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/context.hpp"
#include "actors/expirer.hpp"
#include "actors/fifo.hpp"

namespace parley {

/// Walks through all conversations every now and then, a portion at a time, and looks sooner at
/// those that it was told of, in that order; at one that lost something not again for some seconds.
/// Begins with a `trim_due` from outside.
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
  void ask_about_noted(retention_question& to);
  void note(const conversation_id& conversation);
  void note_rested();
  void take_in(const trimmable_events& found);
  void end_asking();
  std::chrono::nanoseconds until_next_look() const;
  void have_trimmed(const trimmable_conversation& which);
  void wake_in(std::chrono::nanoseconds delay);

  /// What becomes of a conversation that is known here.
  enum class standing : std::uint8_t {
    noted,       ///< To be looked at; in `noted_`.
    asked,       ///< The store is asked about it; in `asked_`.
    noted_again, ///< Likewise, and something came meanwhile.
    resting,     ///< It lost something and is looked at later; in `resting_`.
  };
  struct rest {
    conversation_id conversation;
    instant until;
  };

  context_ptr context_;
  clock_watch clock_;
  bool reading_ = false;
  bool walking_ = false;           ///< What is being read is a portion of the walk.
  std::string behind_;             ///< Where the walk goes on, while there is one.
  std::optional<instant> walk_at_; ///< When the walk goes on, or the next one begins.
  instant round_began_{};          ///< When the last walk began.
  instant not_before_{};           ///< When to look again after a failure.
  std::unordered_map<conversation_id, standing> known_;
  fifo<conversation_id> noted_;
  std::vector<conversation_id> asked_;
  fifo<rest> resting_;            ///< Rising.
  std::optional<instant> waking_; ///< The next `trim_due` on its way.
};

} // namespace parley
