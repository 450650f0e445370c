// Who has a device at hand, and who is shown to be there: kept by the presences, read by the
// notifier and by conversations.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "actors/ids.hpp"
#include "actors/presence_view.hpp"

namespace parley {

/// Users with a session that is not away, and users as others see them. Safe from any thread; a
/// moment behind.
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

  /// How the user appears from now on to those who share a conversation with them.
  void show(const user_id& user, shown_status status) {
    const std::lock_guard hold{mutex_};
    if (status == shown_status::offline)
      shown_.erase(user);
    else
      shown_.insert_or_assign(user, status);
  }
  shown_status shown(const user_id& user) const {
    const std::lock_guard hold{mutex_};
    const auto found = shown_.find(user);
    return found == shown_.end() ? shown_status::offline : found->second;
  }
  /// Those of the keys of a map that are not offline.
  template <class Map>
  std::unordered_set<user_id> shown_among(const Map& users) const {
    const std::lock_guard hold{mutex_};
    std::unordered_set<user_id> there;
    for (const auto& each : users)
      if (shown_.contains(each.first))
        there.insert(each.first);
    return there;
  }

private:
  mutable std::mutex mutex_;
  std::unordered_set<user_id> users_;
  std::unordered_map<user_id, shown_status> shown_; ///< But for `offline`.
};

} // namespace parley
