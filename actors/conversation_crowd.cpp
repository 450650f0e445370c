// Who types in a conversation and who is there: what others are told of it, which depends on whom
// they have blocked, who has blocked them, and what each user lets others know.
#include <algorithm>
#include <utility>

#include "actors/conversation.hpp"
#include "actors/encoding.hpp"
#include "actors/limits_people.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

typing_pace conversation::pace() const {
  return state_.members().size() > limits::crowd ? typing_pace::by_tick : typing_pace::at_once;
}

// --- Typing --------------------------------------------------------------------------------------

void conversation::hear_typing(const user_id& user, bool active) {
  const auto* known = active ? dealings_.of(user, context_->marks->dealings) : nullptr;
  if (active && known == nullptr)
    return doubt(user);
  wanting_.erase(user);
  tell_typing(typists_.say(user, active && known->is_shown, pace()));
  await_typing();
}

// Nothing to look up where nobody types, which is nearly always.
void conversation::end_typing(const user_id& user, typing_pace pace) {
  if (!wanting_.empty())
    wanting_.erase(user);
  if (!typists_.empty())
    tell_typing(typists_.say(user, false, pace));
}

void conversation::tell_typing(const typing_news& news) {
  for (const auto& user : news.ended)
    tell_ended(user);
  if (news.count)
    whisper_to_others({}, encode_typing_count(id_, *news.count), nullptr);
  for (const auto& user : news.began)
    tell_began(user);
}

void conversation::tell_began(const user_id& user) {
  const auto* known = dealings_.of(user, context_->marks->dealings);
  if (known == nullptr)
    return doubt(user);
  kept_from_[user] = known->apart;
  whisper_to_others(user, encode_typing(id_, user, true), known->apart);
}

// To those who were told that it began.
void conversation::tell_ended(const user_id& user) {
  const auto told = kept_from_.extract(user);
  if (!told.empty())
    whisper_to_others(user, encode_typing(id_, user, false), told.mapped());
}

// Whoever may have many blocks elsewhere has few here.
void conversation::whisper_to_others(const user_id& except, const std::string& envelope,
                                     const user_list_ptr& apart) {
  user_list_ptr here;
  if (apart) {
    std::vector<user_id> members;
    for (const auto& each : *apart)
      if (state_.members().contains(each))
        members.push_back(each);
    if (!members.empty())
      here = std::make_shared<const std::vector<user_id>>(std::move(members));
  }
  for (const auto& shard : context_->handles->shards)
    tell(this, shard, whispered{id_, except, envelope, here});
}

void conversation::doubt(const user_id& user) {
  tell_ended(user);
  typists_.forget(user);
  wanting_.insert(user);
  ask_dealings(user);
}

void conversation::await_typing() {
  if (!typists_.empty() && !std::exchange(typing_awaited_, true))
    tell_later(this, handle_of<conversation_actor>(this), limits::typing_tick, typing_due{});
}

// A block or a switch counts at once, also for who was shown typing before.
void conversation::on_typing_due() {
  typing_awaited_ = false;
  tell_typing(typists_.tick(pace()));
  for (const auto& user : typists_.named())
    if (dealings_.of(user, context_->marks->dealings) == nullptr)
      doubt(user);
  await_typing();
}

// --- Blocks and switches -------------------------------------------------------------------------

void conversation::ask_dealings(const user_id& user) {
  if (!dealings_.ask(user))
    return;
  const auto& marks = context_->marks->dealings;
  tell(this, context_->handles->reader,
       read_dealings{user, marks.newest(membership_marks::group_of(user)),
                     handle_of<conversation_actor>(this)});
}

void conversation::on_dealings_found(const dealings_found& message) {
  const auto is_member = [&](const user_id& user) { return state_.members().contains(user); };
  if (message.found)
    dealings_.learn(message.user, *message.found);
  else
    dealings_.failed(message.user);
  const bool types = wanting_.erase(message.user) > 0;
  if (message.found && types && is_member(message.user))
    hear_typing(message.user, true);
  std::vector<request_ptr> waiting;
  std::erase_if(surveys_, [&](const request_ptr& each) {
    const bool is_theirs = each->who.user == message.user;
    if (is_theirs)
      waiting.push_back(each);
    return is_theirs;
  });
  if (!message.found)
    context_->log->warn("dealings_unread reason={}", in_quotes(message.found.error().message));
  for (const auto& each : waiting)
    if (!message.found)
      reply_to(each->who, encode_error(each->who.ref, message.found.error()));
    else if (!is_member(message.user)) // any more
      reply_to(each->who, not_found(each->who).envelope);
    else
      carry_out(each, survey{});
}

// --- Who is there --------------------------------------------------------------------------------

void conversation::carry_out(const request_ptr& asked, const survey&) {
  const auto* known = dealings_.of(asked->who.user, context_->marks->dealings);
  if (known != nullptr)
    return answer_survey(asked->who, *known);
  surveys_.push_back(asked);
  ask_dealings(asked->who.user);
}

// Who has blocked whoever asks is not there for them.
void conversation::answer_survey(const asker& who, const dealings_book::known& of) {
  const auto& members = state_.members();
  std::size_t online = 0;
  std::optional<std::vector<std::pair<user_id, shown_status>>> items;
  if (members.size() <= limits::crowd) {
    items = those_there(who.user, of);
    online = items->size();
  } else {
    online = count_there(who.user, of);
  }
  const bool is_wanted = !std::holds_alternative<std::monostate>(who.ref);
  reply_to(who, is_wanted ? encode_presences(who.ref, id_, members.size(), online, items)
                          : std::string{});
}

std::vector<std::pair<user_id, shown_status>>
conversation::those_there(const user_id& asking, const dealings_book::known& of) const {
  const auto hides = [&](const user_id& user) {
    return of.hidden && std::find(of.hidden->begin(), of.hidden->end(), user) != of.hidden->end();
  };
  std::vector<std::pair<user_id, shown_status>> found;
  for (const auto& [user, facts] : state_.members()) {
    const auto status = context_->present->shown(user);
    const bool is_seen = user == asking || (of.sees_others && !hides(user));
    if (status != shown_status::offline && is_seen)
      found.emplace_back(user, status);
  }
  return found;
}

// Looked at once a second at most, however many ask. Whoever hides from one of them is taken off
// what was seen then: otherwise they would be seen to come and go.
std::size_t conversation::count_there(const user_id& asking, const dealings_book::known& of) {
  if (!of.sees_others)
    return context_->present->shown(asking) == shown_status::offline ? 0 : 1;
  const instant now = context_->steady_clock();
  if (!counted_at_ || now - *counted_at_ >= limits::survey_age) {
    counted_at_ = now;
    online_ = context_->present->shown_among(state_.members());
  }
  const auto was_there = [&](const user_id& user) { return online_.contains(user); };
  const auto hidden =
      of.hidden ? std::count_if(of.hidden->begin(), of.hidden->end(), was_there) : 0;
  return online_.size() - static_cast<std::size_t>(hidden);
}

} // namespace parley
