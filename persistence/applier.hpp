// The applier actor: the read model's only writer, a moment behind the log.
#pragma once

#include <deque>
#include <memory>

#include "persistence/store_actors.hpp"

namespace parley {

class applier : public applier_actor::base {
public:
  applier(caf::actor_config& config, store_surroundings around,
          std::shared_ptr<const log_store> log, std::shared_ptr<model_writer> model, lane_ptr own,
          cooling_rules cooling);

  behavior_type make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "applier"; }

private:
  void on_committed(const committed& message);
  void on_hurry(const hurry& message);
  void on_apply_due();
  void on_apply_finished(const apply_finished& message);
  void on_cool_due();
  void on_cool_finished(const cool_finished& message);

  /// Starts now if there is reason to, or sees to it that a later moment does.
  void consider();
  void start();
  /// Erases a portion of what was deleted; false when there is nothing, or it is not its turn.
  bool purge_some();
  /// Packs a portion of old events; false when it is not its turn.
  bool cool_some();
  void note_cold();
  void note_notices();
  void wake_in(std::chrono::nanoseconds delay);
  bool can_keep(const committed_batch& batch) const;
  std::vector<batch_ptr> next_batches() const;
  void reached(position at);

  store_surroundings around_;
  std::shared_ptr<const log_store> log_;
  std::shared_ptr<model_writer> model_;
  lane_ptr own_;
  cooling_rules cooling_;
  position applied_;
  position newest_;            ///< Of the log, as far as it was told.
  position wanted_;            ///< Somebody waits for this one.
  std::deque<batch_ptr> kept_; ///< Contiguous; what is not kept is read from the log again.
  std::size_t kept_records_ = 0;
  bool running_ = false;
  bool purging_ = false; ///< What runs is a purge.
  bool purged_ = false;  ///< A portion was erased since something was applied.
  bool waking_ = false;
  bool cooling_waits_ = false; ///< A `cool_due` is on its way, or a portion is being packed.
  bool resting_ = false;       ///< The last try found no space.
  bool stopped_ = false;
  notices_so_far counted_; ///< Of notifications, in the metrics.
};

} // namespace parley
