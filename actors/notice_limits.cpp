// A table of windows, cleared of those that are over when it is full.
#include "actors/notice_limits.hpp"

#include "actors/limits_of_notices.hpp"

namespace parley {

bool notice_limits::take(const user_id& user, instant now) {
  if (windows_.size() >= limits::noticed_users && !windows_.contains(user))
    make_room(now);
  const auto [found, is_new] = windows_.try_emplace(user, window{now, 0});
  window& mine = found->second;
  if (now - mine.since >= limits::notice_window)
    mine = {now, 0};
  if (mine.told >= limits::notices_one_by_one)
    return false;
  ++mine.told;
  return true;
}

void notice_limits::make_room(instant now) {
  std::erase_if(windows_,
                [&](const auto& each) { return now - each.second.since >= limits::notice_window; });
  if (windows_.size() > limits::noticed_users / 2) // else it would be gone through again and again
    windows_.clear();
}

} // namespace parley
