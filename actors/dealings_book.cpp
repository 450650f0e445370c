// Remembers what was read, for a bounded number of users.
#include "actors/dealings_book.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits_people.hpp"

namespace parley {

namespace {

user_list_ptr listed(std::vector<user_id> users) {
  if (users.empty())
    return nullptr;
  return std::make_shared<const std::vector<user_id>>(std::move(users));
}

} // namespace

const dealings_book::known* dealings_book::of(const user_id& user,
                                              const membership_marks& marks) const {
  const auto found = entries_.find(user);
  const bool stands = found != entries_.end() && found->second.is_known &&
                      found->second.as_of >= marks.newest(membership_marks::group_of(user));
  return stands ? &found->second.what : nullptr;
}

bool dealings_book::ask(const user_id& user) {
  trim();
  if (std::exchange(entries_[user].is_asked, true))
    return false;
  ++asking_;
  return true;
}

void dealings_book::failed(const user_id& user) {
  if (entries_.erase(user) > 0)
    --asking_;
}

user_list_ptr sorted_apart(const dealings& found) {
  std::vector<user_id> apart = found.blocked;
  apart.insert(apart.end(), found.blockers.begin(), found.blockers.end());
  std::sort(apart.begin(), apart.end());
  return listed(std::move(apart));
}

void dealings_book::learn(const user_id& user, const dealings& found) {
  entry& kept = entries_[user];
  if (std::exchange(kept.is_asked, false))
    --asking_;
  const bool knows_blockers = found.is_complete || found.blockers.size() < limits::dealings;
  kept.what = {found.is_complete && found.types, sorted_apart(found), listed(found.blockers),
               knows_blockers};
  kept.as_of = found.as_of;
  kept.is_known = true;
}

// Whoever is forgotten is read again.
void dealings_book::trim() {
  if (entries_.size() >= limits::acquaintances)
    std::erase_if(entries_, [](const auto& each) { return !each.second.is_asked; });
}

} // namespace parley
