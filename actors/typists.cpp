// Coalesces words about typing.
#include "actors/typists.hpp"

#include <utility>

#include "actors/limits_people.hpp"

namespace parley {

typing_news typists::say(const user_id& user, bool active, typing_pace pace) {
  typing_news news;
  if (!active) {
    const auto found = typing_.find(user);
    if (found == typing_.end())
      return news;
    if (found->second.is_named)
      (pace == typing_pace::at_once ? news.ended : owed_).push_back(user);
    typing_.erase(found);
    return news;
  }
  const auto [found, begins] = typing_.try_emplace(user);
  if (begins && typing_.size() > limits::typists) {
    typing_.erase(found);
    return news;
  }
  found->second.said = now_;
  if (std::erase(owed_, user) > 0) // nobody was told that they had stopped
    found->second = {now_, now_, true};
  const bool is_crowd = counting_ || typing_.size() > limits::typists_named;
  if (!is_crowd && pace == typing_pace::at_once && begin(found->second))
    news.began.push_back(user);
  return news;
}

/// Whether the others are to be told; then they are.
bool typists::begin(state& of) const {
  if (of.is_named && now_ - of.told < limits::typing_repeat_ticks)
    return false;
  of.told = now_;
  of.is_named = true;
  return true;
}

typing_news typists::tick(typing_pace pace) {
  ++now_;
  typing_news news;
  news.ended.swap(owed_);
  end_silent(news);
  if (typing_.size() > limits::typists_named)
    count(news);
  else
    name_all(news, pace);
  return news;
}

void typists::end_silent(typing_news& news) {
  std::erase_if(typing_, [&](const auto& each) {
    const bool is_over = now_ - each.second.said >= limits::typing_ticks;
    if (is_over && each.second.is_named)
      news.ended.push_back(each.first);
    return is_over;
  });
}

// Whoever knows names alone learns that they end.
void typists::count(typing_news& news) {
  for (auto& [user, each] : typing_)
    if (std::exchange(each.is_named, false))
      news.ended.push_back(user);
  const bool begins = !std::exchange(counting_, true);
  if (!begins && counted_ == typing_.size() && now_ - counted_at_ < limits::typing_repeat_ticks)
    return;
  counted_ = typing_.size();
  counted_at_ = now_;
  news.count = counted_;
}

void typists::name_all(typing_news& news, typing_pace pace) {
  if (std::exchange(counting_, false))
    news.count = 0;
  for (auto& [user, each] : typing_) {
    const bool goes_on = pace == typing_pace::by_tick && each.said > each.told;
    if ((!each.is_named || goes_on) && begin(each))
      news.began.push_back(user);
  }
}

void typists::forget(const user_id& user) {
  typing_.erase(user);
  std::erase(owed_, user);
}

std::vector<user_id> typists::named() const {
  std::vector<user_id> users;
  for (const auto& [user, each] : typing_)
    if (each.is_named)
      users.push_back(user);
  return users;
}

} // namespace parley
