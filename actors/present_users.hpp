// Who has a device at hand: kept by the presences, read by the notifier.
#pragma once

#include <mutex>
#include <unordered_set>

#include "actors/ids.hpp"

namespace parley {

/// Users with a session that is not away. Safe from any thread; a moment behind.
class present_users {
public:
  void set(const user_id& user, bool present) {
    const std::lock_guard hold{mutex_};
    if (present)
      users_.insert(user);
    else
      users_.erase(user);
  }
  bool contains(const user_id& user) const {
    const std::lock_guard hold{mutex_};
    return users_.contains(user);
  }

private:
  mutable std::mutex mutex_;
  std::unordered_set<user_id> users_;
};

} // namespace parley
