// The expirer: has messages deleted whose time is over. What it decides is written by their
// conversations, as events like any others.
#pragma once

#include <optional>

#include "actors/context.hpp"

namespace parley {

/// Tells a wall clock that jumped from one that goes: whoever set a clock wrong must not lose
/// messages by it.
class clock_watch {
public:
  /// Whether the wall clock may be believed now. After a jump by more than limits::clock_jump it
  /// may not, until it has gone as time does for limits::clock_trust.
  bool believes(timestamp wall, instant steady);
  /// The wall clock has just been seen to jump.
  bool jumped() const noexcept { return jumped_; }

private:
  std::optional<std::pair<timestamp, instant>> last_;
  std::optional<instant> doubted_until_;
  bool jumped_ = false;
};

/// Reads from the store which messages are to go, when the next one is due, and asks again until
/// they are gone. Begins with an `expiry_due` from outside.
class expirer : public expirer_actor::base {
public:
  expirer(caf::actor_config& config, context_ptr context);

  behavior_type make_behavior() override;
  const char* name() const override { return "expirer"; }

private:
  void on_noted(const expiry_noted& message);
  void on_due(const expiry_due& message);
  void look(timestamp wall);
  void on_found(const due_found& message);
  void have_deleted(const due_messages& found);
  void wake_at(timestamp when);
  void wake_in(std::chrono::nanoseconds delay);

  context_ptr context_;
  clock_watch clock_;
  bool reading_ = false;
  bool again_ = false;            ///< Something was noted, or found, while it was being read.
  std::string behind_;            ///< Where the next portion begins.
  std::optional<instant> waking_; ///< The next `expiry_due` on its way.
};

} // namespace parley
