// Tells each session only what it was not told yet.
#include "actors/watchers.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "actors/limits.hpp"

namespace parley {

void watchers::add(const user_id& by, const session_address& session) {
  watcher& who = by_user_[by];
  who.group = static_cast<std::uint32_t>(membership_marks::group_of(by));
  const auto known = std::find_if(who.sessions.begin(), who.sessions.end(),
                                  [&](const auto& each) { return each.address == session; });
  if (known != who.sessions.end())
    known->told = 0;
  else
    who.sessions.push_back({session, 0, profile_});
  pending_.push_back(by);
}

void watchers::remove(const user_id& by, const session_address& session) {
  const auto found = by_user_.find(by);
  if (found == by_user_.end())
    return;
  std::erase_if(found->second.sessions, [&](const auto& each) { return each.address == session; });
  if (found->second.sessions.empty())
    by_user_.erase(found);
}

/// Everyone shares with themselves.
bool watchers::is_known(const user_id& user, const watcher& which,
                        const membership_marks& marks) const {
  return user == watched_ || (which.known && which.as_of >= marks.newest(group_) &&
                              which.as_of >= marks.newest(which.group));
}

watchers::question watchers::to_ask(whom which, const membership_marks& marks) const {
  question asked;
  const auto consider = [&](const user_id& user, const watcher& who) {
    if (asked.others.size() == limits::shared_per_query || is_known(user, who, marks))
      return;
    asked.others.push_back(user);
    asked.at_least = std::max(asked.at_least, marks.newest(who.group));
  };
  if (which == whom::all)
    for (const auto& [user, who] : by_user_)
      consider(user, who);
  else
    for (const auto& user : pending_)
      if (const auto who = by_user_.find(user); who != by_user_.end())
        consider(user, who->second);
  asked.at_least = std::max(asked.at_least, marks.newest(group_));
  return asked;
}

void watchers::learn(const question& asked, const shared_users& found) {
  const std::unordered_set<user_id> shared{found.shared.begin(), found.shared.end()};
  const auto end = asked.others.begin() + static_cast<std::ptrdiff_t>(found.reached);
  for (auto each = asked.others.begin(); each != end; ++each) {
    const user_id& user = *each;
    const auto who = by_user_.find(user);
    if (who == by_user_.end())
      continue;
    who->second.known = true;
    who->second.shares = shared.contains(user);
    who->second.as_of = found.as_of;
    pending_.push_back(user);
  }
}

watchers::recipients watchers::take(const news& what, whom which, const membership_marks& marks) {
  recipients to;
  std::vector<user_id> waiting;
  if (which == whom::all) {
    for (auto& [user, who] : by_user_)
      if (!take_from(user, who, what, to, marks))
        waiting.push_back(user);
  } else {
    for (auto& user : pending_)
      if (const auto who = by_user_.find(user);
          who != by_user_.end() && !take_from(user, who->second, what, to, marks))
        waiting.push_back(std::move(user));
  }
  pending_ = std::move(waiting);
  return to;
}

watchers::recipients watchers::take_profile(const membership_marks& marks) {
  recipients to;
  for (auto& [user, who] : by_user_) {
    if (!is_known(user, who, marks)) {
      const auto was_told = [&](const auto& each) { return each.profile == profile_; };
      if (!std::all_of(who.sessions.begin(), who.sessions.end(), was_told))
        to.some_unknown = true;
      continue;
    }
    for (auto& each : who.sessions)
      if (std::exchange(each.profile, profile_) != profile_ && (who.shares || user == watched_))
        to.friends.push_back(each.address);
  }
  return to;
}

bool watchers::take_from(const user_id& user, watcher& who, const news& what, recipients& to,
                         const membership_marks& marks) const {
  if (!is_known(user, who, marks)) {
    to.some_unknown = true;
    return false;
  }
  const bool friendly = who.shares || user == watched_;
  const std::uint64_t digest = friendly ? what.to_friends : what.to_strangers;
  if (digest == 0)
    return false;
  for (auto& each : who.sessions)
    if (std::exchange(each.told, digest) != digest)
      (friendly ? to.friends : to.strangers).push_back(each.address);
  return true;
}

} // namespace parley
