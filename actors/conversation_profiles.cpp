// What a user shows of themselves, decided in their book.
#include <utility>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/rules.hpp"

namespace parley {

// The record has all of it, so that whoever is told needs to know nothing of before.
template <class Command>
verdict conversation_state::change_profile(const asker& who, user_profile to, const Command& what,
                                           timestamp now) {
  const bool is_first = to.at == timestamp{};
  if (to == *profile_ && !what.client && !is_first)
    return say{encode_ok(who.ref)};
  if (to != *profile_ || is_first)
    to.at = now;
  return settle_alone(who, record_kind::profiled, {{}, {}, {}, {}, std::move(to)}, what, now);
}

verdict conversation_state::decide_profile(const asker& who, const set_profile& what,
                                           timestamp now) {
  if (!in_flight_.empty())
    return wait{};
  if (!profile_)
    return look_up_profile{who.user};
  user_profile to = *profile_;
  const auto take = [](std::string& into, const std::optional<erasable_text>& given) {
    if (given)
      into = given->text;
  };
  take(to.name, what.shown_name);
  take(to.avatar, what.avatar);
  take(to.text, what.text);
  return change_profile(who, std::move(to), what, now);
}

// Who has taken their name away does not get it back.
verdict conversation_state::decide_profile(const asker& who, const introduce_user& what,
                                           timestamp now) {
  if (!in_flight_.empty())
    return wait{};
  if (!profile_)
    return look_up_profile{who.user};
  if (profile_->at != timestamp{})
    return say{};
  user_profile to;
  to.name = what.shown_name;
  return change_profile(who, std::move(to), what, now);
}

void conversation_state::settle(const record_ptr& what) {
  if (what->told->profile)
    profile_ = what->told->profile;
  settled_.push_back(what);
}

} // namespace parley
