// Routes by user; splits what is about many users.
#include "actors/presences.hpp"

#include <algorithm>

#include "actors/encoding.hpp"
#include "actors/presence.hpp"

namespace parley {

presences::presences(caf::actor_config& config, context_ptr context, std::size_t most_in_memory)
    : presences_actor::base(config), context_(std::move(context)), most_in_memory_(most_in_memory) {
}

presences::behavior_type presences::make_behavior() {
  await_sharing();
  return {
      [this](const arrived& message) { pass_on(bring(message.who.user), message); },
      [this](const presence_asked& message) { on_asked(message); },
      [this](const sessions_reported& message) { on_reported(message); },
      [this](const presence_idle& message) { on_idle(message); },
      [this](const sharing_due&) { on_sharing_due(); },
      [this](const drain&) { on_drain(); },
      [this](const person_changed& message) { on_person_changed(message); },
      [this](const user_forgotten& message) { on_forgotten(message); },
  };
}

void presences::on_exit() {
  for (const auto& [user, each] : presences_)
    end_actor(each.actor);
  presences_.clear();
  context_.reset();
}

// --- Who is in memory ----------------------------------------------------------------------------

template <class Message>
void presences::pass_on(entry& to, Message&& message) {
  ++to.sent;
  tell(this, to.actor, std::forward<Message>(message));
}

presences::entry& presences::bring(const user_id& user) {
  const auto [found, is_new] = presences_.try_emplace(user);
  if (is_new) {
    found->second.actor = spawn_actor<presence, presence_actor>(this, context_, user);
    stop_with(found->second.actor, "presence", context_);
  }
  return found->second;
}

// One that was sent something meanwhile will offer again.
void presences::on_idle(const presence_idle& message) {
  const auto found = presences_.find(message.user);
  if (found == presences_.end() || found->second.sent != message.handled)
    return;
  tell(this, found->second.actor, passivate{});
  presences_.erase(found);
}

// --- Commands ------------------------------------------------------------------------------------

void presences::on_asked(const presence_asked& message) {
  std::visit([&](const auto& what) { serve(message.who, what); }, message.what);
}

void presences::serve(const asker& who, const watch_users& what) {
  const auto others = std::count_if(what.users.begin(), what.users.end(),
                                    [&](const auto& user) { return !presences_.contains(user); });
  if (others > 0 && presences_.size() + static_cast<std::size_t>(others) > most_in_memory_)
    return reply(who, encode_error(who.ref, {error_code::overloaded, "too many users are watched",
                                             limits::retry_when_overloaded}));
  reply(who, encode_ok(who.ref));
  for (const auto& user : what.users)
    pass_on(bring(user), watch_changed{who.user, who.session});
}

void presences::serve(const asker& who, const unwatch_users& what) {
  for (const auto& user : what.users)
    if (auto found = presences_.find(user); found != presences_.end())
      pass_on(found->second, watch_changed{who.user, who.session, false});
  reply(who, encode_ok(who.ref));
}

template <class Command>
void presences::serve(const asker& who, const Command& what) {
  pass_on(bring(who.user), presence_asked{who, what});
}

void presences::reply(const asker& who, std::string envelope) {
  tell(this, context_->handles->shards[who.session.shard],
       answer{who.session.number, std::move(envelope), {}, {}, {}});
}

// --- Sessions ------------------------------------------------------------------------------------

void presences::on_reported(const sessions_reported& message) {
  for (const auto& each : message.here)
    pass_on(bring(each.user), session_checked{{message.shard, each.number}, each.device});
  for (const auto& each : message.gone)
    if (auto found = presences_.find(each.user); found != presences_.end())
      pass_on(found->second, session_checked{{message.shard, each.number}});
}

// A presence that comes into memory later reads what holds then.
void presences::on_person_changed(const person_changed& message) {
  if (auto found = presences_.find(message.user); found != presences_.end())
    pass_on(found->second, message);
}

void presences::on_forgotten(const user_forgotten& message) {
  if (auto found = presences_.find(message.user); found != presences_.end())
    pass_on(found->second, message);
}

// --- Sharing -------------------------------------------------------------------------------------

void presences::await_sharing() {
  tell_later(this, handle_of<presences_actor>(this), limits::sharing_interval, sharing_due{});
}

void presences::on_sharing_due() {
  const position newest = context_->marks->memberships.newest();
  if (newest > std::exchange(swept_, newest))
    for (auto& [user, each] : presences_)
      pass_on(each, memberships_moved{});
  await_sharing();
}

// Before the sockets close, since behind them nobody waits for the log any more.
void presences::on_drain() {
  for (auto& [user, each] : presences_)
    pass_on(each, drain{});
}

} // namespace parley
