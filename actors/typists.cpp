// Coalesces words about typing.
#include "actors/typists.hpp"

#include "actors/limits.hpp"

namespace parley {

bool typists::say(const user_id& user, bool active) {
  if (!active)
    return typing_.erase(user) > 0;
  const auto [found, begins] = typing_.try_emplace(user);
  if (begins && typing_.size() > limits::typists) {
    typing_.erase(found);
    return false;
  }
  found->second.said = now_;
  const bool due = begins || now_ - found->second.told >= limits::typing_repeat_ticks;
  if (due)
    found->second.told = now_;
  return due;
}

std::vector<user_id> typists::tick() {
  ++now_;
  std::vector<user_id> stopped;
  std::erase_if(typing_, [&](const auto& each) {
    const bool over = now_ - each.second.said >= limits::typing_ticks;
    if (over)
      stopped.push_back(each.first);
    return over;
  });
  return stopped;
}

} // namespace parley
