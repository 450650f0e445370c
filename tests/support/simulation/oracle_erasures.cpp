// What the judge of a simulated run knows of users who are erased.
#include <algorithm>

#include "persistence/schema.hpp"
#include "tests/support/simulation/oracle.hpp"
#include "tests/support/unpack.hpp"

namespace parley::test {

// The name is forgotten from the moment on when the user is nowhere any more.
void truth::note_erasures(const record& what) {
  if (what.kind != record_kind::user_erased)
    return note_names(what);
  const user_erasure step = erasure_step_in(what.event).value();
  if (step.phase == erasure_phase::begun) {
    erasing_[step.id] = step;
    pseudonyms_.emplace(step.pseudonym.str(), step.user);
    return;
  }
  const user_erasure& whom = erasing_.at(step.id);
  if (step.phase == erasure_phase::forgetting && conversations_of(whom.user).empty())
    forget(whom);
  if (step.phase != erasure_phase::done)
    return;
  forgetting_.erase(whom.user);
  erased_.insert(whom.user);
  ++erasures_;
}

void truth::forget(const user_erasure& whom) {
  const user_id& user = whom.user;
  forgetting_.insert(user);
  std::erase_if(blocks_,
                [&](const auto& each) { return each.first == user || each.second == user; });
  for (auto& [place, is_open] : invited_)
    is_open = is_open && place.first != user;
  if (whom.policy == erasure_policy::remove)
    for (auto& [conversation, events] : events_)
      for (auto& each : events)
        for (auto& [emoji, users] : each.reactions)
          users.erase(user);
}

// Whoever is meant by the name now has nothing to do with who was erased.
void truth::note_names(const record& what) {
  if (erased_.empty())
    return;
  for (const auto& each : what.mentions.users)
    erased_.erase(each);
  for (const auto& each : what.joined)
    erased_.erase(each.user);
  for (const auto& each : what.roles)
    erased_.erase(each.user);
  if (what.left)
    erased_.erase(*what.left);
  if (what.restricted)
    erased_.erase(what.restricted->user);
}

nlohmann::json truth::as_known(nlohmann::json what) const {
  if (pseudonyms_.empty())
    return what;
  if (what.is_string()) {
    const auto known = pseudonyms_.find(what.get<std::string>());
    return known == pseudonyms_.end() ? what : nlohmann::json(known->second.str());
  }
  if (what.is_structured())
    for (auto& each : what)
      each = as_known(std::move(each));
  return what;
}

user_id truth::as_known(const user_id& user) const {
  const auto known = pseudonyms_.find(user.str());
  return known == pseudonyms_.end() ? user : known->second;
}

std::string truth::as_said(const std::string& event) const {
  return as_known(unpack(event)).dump();
}

} // namespace parley::test
