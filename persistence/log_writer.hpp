// The log writer actor: collects appends into batches, has them committed, tells everyone in log
// order.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "persistence/append_queue.hpp"
#include "persistence/store_actors.hpp"

namespace parley {

class log_writer : public log_writer_actor::base {
public:
  log_writer(caf::actor_config& config, store_surroundings around, std::shared_ptr<log_store> log,
             std::shared_ptr<model_room> room, lane_ptr own);

  behavior_type make_behavior() override;
  const char* name() const override { return "log_writer"; }

private:
  /// A batch of which the read model does not have everything for certain.
  struct unapplied_batch {
    position at;
    std::size_t records = 0;
    std::size_t room = 0;
    instant since{};
  };

  void on_append(append& message);
  void on_commit_due();
  void on_commit_finished(const commit_finished& message);
  void on_applied(const applied& message);

  void ask_for_commit();
  void publish(position at);
  void mark_memberships(position at);
  void tell_expirer(const committed_batch& batch);
  void refuse(const append& what, const failure& why);
  void stop_for_ever(const failure& why);
  void update_throttle();
  void measure() const;

  store_surroundings around_;
  std::shared_ptr<log_store> log_;
  std::shared_ptr<model_room> room_;
  lane_ptr own_;
  append_queue queue_;
  std::shared_ptr<committed_batch> under_way_;
  bool commit_asked_ = false;
  std::optional<failure> stopped_;
  std::deque<unapplied_batch> unapplied_;
  std::size_t unapplied_records_ = 0;
  bool throttled_ = false;
  bool full_ = false; ///< The last commit found no room.
};

} // namespace parley
