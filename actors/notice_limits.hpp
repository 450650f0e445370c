// How many notifications users are told of one by one: decides, time is an argument.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "actors/ids.hpp"
#include "actors/time.hpp"

namespace parley {

/// Plain object, the notifier's. A user's window begins with the first of them. Whoever it has no
/// room to remember begins a new one.
class notice_limits {
public:
  /// Whether one more of the user is told by itself, which is counted.
  bool take(const user_id& user, instant now);
  std::size_t size() const noexcept { return windows_.size(); }

private:
  struct window {
    instant since{};
    std::size_t told = 0;
  };
  void make_room(instant now);

  std::unordered_map<user_id, window> windows_;
};

} // namespace parley
