// Lets actors speak to a shard: messages cross to the I/O thread in bunches, in the order they were
// sent.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "actors/caf.hpp"
#include "actors/interfaces.hpp"

namespace parley {

class shard;

/// The shard's actor. However many messages wait, at most one hand-over is posted to the I/O
/// thread.
class bridge {
public:
  bridge(caf::actor_system& system, shard& to);
  /// The shard's thread must have ended.
  ~bridge();

  shard_actor handle() const { return guest_.as<shard_actor>(); }

private:
  void on_mail(guest_actor::mail what);
  void hand_over();

  shard& shard_;
  guest_actor guest_;
  std::mutex lock_;
  std::vector<guest_actor::mail> inbox_; ///< Guarded by `lock_`.
};

} // namespace parley
