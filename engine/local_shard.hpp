// The shard of participants: what a shard of sockets is to clients, an actor is to actors.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/context.hpp"
#include "actors/fifo.hpp"
#include "actors/shard_state.hpp"
#include "engine/participant.hpp"

namespace parley {

/// Owns a shard_state and what sessions have for sockets: who is told, one delivery at a time. A
/// participant that takes nothing is left behind like a reader that reads nothing: its events
/// become gaps, and in the end it is parted with.
class local_shard : public participants_actor::base, private shard_port {
public:
  /// `seats` counts those who take part: up by who joins, down here.
  local_shard(caf::actor_config& config, context_ptr context, std::uint32_t index,
              server_facts facts, cursor_sealer cursors, std::shared_ptr<roll_call> seats);

  behavior_type make_behavior() override;
  void on_exit() override; ///< Parts with everybody.
  const char* name() const override { return "local_shard"; }

private:
  struct attendee {
    std::uint64_t number = 0;
    participant_actor to;
    connection_actor connection;
    session* seat = nullptr;
    fifo<envelope> waiting;  ///< Bounded by limits::participant_commands.
    bool is_reading = false; ///< It has not taken the last delivery.
    bool is_woken = false;   ///< It is among `woken_`.
  };

  void on_joined(const participant_joined& message);
  void on_said(participant_said& message);
  void on_took(const participant_took& message);
  void on_left(const participant_left& message);
  void on_ended(const participant_ended& message);
  void on_due();
  void on_drain();

  // --- shard_port ---
  void dispatch(session& from, envelope asked) override;
  void wake(session& to) override;
  void read(read_catch_up query) override;
  void report(sessions_reported what) override;

  attendee* find(std::uint64_t number);
  void mark(attendee& who);
  /// Looks at everybody for whom something has changed.
  void settle();
  void settle(attendee& who);
  /// Starts commands that waited, as far as the session wants any.
  void pump(attendee& who);
  bool may_ask(attendee& who) const;
  /// Sends the next delivery, unless the last one was not taken; `all` leaves nothing behind.
  void deliver(attendee& who, bool all);
  /// Sends what there is still to say, and the end.
  void part_with(attendee& who);
  void forget(std::uint64_t number);
  instant now() const { return context_->steady_clock(); }

  context_ptr context_;
  std::uint32_t index_;
  std::shared_ptr<roll_call> seats_;
  std::unique_ptr<shard_state> state_;
  std::unordered_map<std::uint64_t, std::unique_ptr<attendee>> attendees_; ///< By number.
  std::vector<std::uint64_t> woken_;
  std::unordered_set<std::uint64_t> watched_; ///< Actors whose end is told.
  bool is_throttled_ = false;
  bool is_draining_ = false;
};

} // namespace parley
