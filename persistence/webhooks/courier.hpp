// The courier actor: the outbox follows the read model, and what is due in it is sent.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "persistence/store_actors.hpp"
#include "persistence/webhooks/dispatcher.hpp"

namespace parley {

class courier : public courier_actor::base {
public:
  courier(caf::actor_config& config, store_surroundings around, dispatcher_place place,
          std::shared_ptr<const read_model> model, std::shared_ptr<webhook_sender> sender,
          lane_ptr own);

  behavior_type make_behavior() override;
  const char* name() const override { return "courier"; }

private:
  void on_committed(const committed& message);
  void on_stepped(const courier_stepped& message);
  void on_redeliver(const redeliver_webhooks& message);

  /// Something has come that a step is to know of.
  void hurry_up();
  void start();
  std::vector<batch_ptr> applied_batches() const;
  void wake_in(std::chrono::nanoseconds delay);
  /// By the actor system's clock, which tests turn by hand.
  instant now() const { return home_system().clock().now(); }

  store_surroundings around_;
  std::function<timestamp()> wall_clock_;
  std::shared_ptr<dispatcher> dispatcher_;
  lane_ptr own_;
  dispatcher_work next_;       ///< What the next step is told.
  position newest_;            ///< Of the log, as far as it was told.
  std::deque<batch_ptr> kept_; ///< Contiguous; what is not kept is read from the model.
  std::size_t kept_records_ = 0;
  std::size_t kept_bytes_ = 0; ///< Of events.
  instant wakes_at_{};         ///< The earliest moment at which it will be woken.
  bool is_waking_ = false;
  bool running_ = false;
  bool pressing_ = false; ///< Something came while a step was running.
  bool resting_ = false;  ///< The last step failed: the next one comes in a while.
  bool failing_ = false;  ///< The operator was told.
};

} // namespace parley
