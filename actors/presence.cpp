// Messages in, words to watchers out; what is said is decided by the state and the watchers.
#include "actors/presence.hpp"

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/log.hpp"

namespace parley {

presence::presence(caf::actor_config& config, context_ptr context, user_id user)
    : presence_actor::base(config), context_(std::move(context)), user_(std::move(user)) {}

presence::behavior_type presence::make_behavior() {
  context_->metrics->presences.add(1);
  const auto counted = [this](auto&& handle) {
    ++handled_;
    handle();
    changed();
  };
  return {
      [this, counted](const arrived& it) { counted([&] { on_arrived(it); }); },
      [this, counted](const presence_asked& it) { counted([&] { on_asked(it); }); },
      [this, counted](const watch_changed& it) { counted([&] { on_watch_changed(it); }); },
      [this, counted](const session_checked& it) { counted([&] { on_session_checked(it); }); },
      [this, counted](const memberships_moved&) {
        counted([&] { ask_who_shares(watchers::whom::all); });
      },
      [this](const shared_found& it) { on_shared_found(it); },
      [this](const seen_found& it) { on_seen_found(it); },
      [this](const presence_tick&) { on_tick(); },
      [this](const presence_due& it) { on_due(it); },
      [this, counted](const drain&) { counted([&] { state_.note_seen(now()); }); },
      [this](const passivate&) { quit(); },
      [this, counted](const person_changed& it) { counted([&] { on_person_changed(it); }); },
      [this, counted](const user_forgotten&) {
        counted([&] {
          state_.forget_last_seen();
          if (audience_)
            audience_->profile.clear();
        });
      },
  };
}

void presence::on_exit() {
  context_->metrics->presences.add(-1);
  if (at_hand_)
    context_->present->set(user_, false);
  if (shown_as_ != shown_status::offline)
    context_->present->show(user_, shown_status::offline);
}

// --- Sessions ------------------------------------------------------------------------------------

void presence::on_arrived(const arrived& message) {
  const auto& shard = context_->handles->shards[message.session.shard];
  const auto entered = state_.arrive(message.session, message.who.device, now());
  if (entered)
    tell(this, shard, admit{message.session.number, message.who, message.ref, message.since});
  else
    tell(this, shard,
         refuse{message.session.number, encode_error(message.ref, entered.error()),
                entered.error().code});
}

void presence::on_watch_changed(const watch_changed& message) {
  if (!audience_)
    audience_ = std::make_unique<audience>(audience{watchers(user_), {}, {}});
  if (!message.watches)
    return audience_->who.remove(message.by, message.session);
  audience_->who.add(message.by, message.session);
  deliver(watchers::whom::pending);
}

void presence::on_session_checked(const session_checked& message) {
  if (message.device)
    state_.renew(message.session, *message.device, now());
  else
    state_.leave(message.session, now());
}

void presence::on_asked(const presence_asked& message) {
  std::visit([&](const auto& what) { serve(message.who, what); }, message.what);
}

void presence::serve(const asker& who, const set_presence& what) {
  state_.set(who.session, what, now());
  reply(who, encode_ok(who.ref));
}

void presence::serve(const asker& who, const list_sessions&) {
  state_.pass(now());
  const bool wanted = !std::holds_alternative<std::monostate>(who.ref);
  reply(who, wanted ? encode_sessions(who.ref, state_.sessions(), who.session) : std::string{});
}

void presence::serve(const asker& who, const end_session& what) {
  bool ended = what.all.value_or(false);
  for (const auto& each : state_.sessions()) {
    const bool is_meant =
        what.session ? to_text(each.session) == *what.session : each.session != who.session;
    if (!is_meant)
      continue;
    ended = true;
    state_.leave(each.session, now());
    tell(this, context_->handles->shards[each.session.shard], session_ended{each.session.number});
  }
  reply(who, ended ? encode_ok(who.ref)
                   : encode_error(who.ref, {error_code::not_found, "no such session", {}}));
}

void presence::reply(const asker& who, std::string envelope) {
  tell(this, context_->handles->shards[who.session.shard],
       answer{who.session.number, std::move(envelope), {}, {}, {}});
}

// --- After a change ------------------------------------------------------------------------------

void presence::changed() {
  write_down();
  if (std::exchange(at_hand_, state_.is_at_hand()) != state_.is_at_hand())
    context_->present->set(user_, at_hand_);
  const presence_view view = state_.view(context_->steady_clock());
  if (std::exchange(shown_as_, view.status) != view.status)
    context_->present->show(user_, view.status);
  const std::uint64_t shown = digest_of(view);
  if (std::exchange(shown_, shown) != shown && is_watched())
    await_tick();
  await_due();
  offer_to_go();
}

void presence::write_down() {
  const auto at = state_.take_seen();
  if (!at || context_->erasing->contains(user_))
    return;
  record seen;
  seen.kind = record_kind::seen;
  seen.actor = user_;
  seen.at = *at;
  tell(this, context_->handles->log_writer,
       append{{}, {}, std::make_shared<const record>(std::move(seen)), {}});
}

// Everybody's ticks fall on the same moments, so that a session that watches many users is told of
// their changes in one message.
void presence::await_tick() {
  if (std::exchange(ticking_, true))
    return;
  constexpr std::chrono::nanoseconds every = limits::presence_tick;
  const auto since = context_->steady_clock().time_since_epoch() % every;
  tell_later(this, handle_of<presence_actor>(this), every - since, presence_tick{});
}

void presence::on_tick() {
  ticking_ = false;
  deliver(watchers::whom::all);
  tell_profile();
}

void presence::await_due() {
  const auto due = state_.next_due();
  if (!due || (due_ && *due_ <= *due))
    return;
  due_ = due;
  const auto delay = std::max(*due - context_->steady_clock(), instant::duration::zero());
  tell_later(this, handle_of<presence_actor>(this), delay, presence_due{*due});
}

void presence::on_due(const presence_due& message) {
  if (due_ == message.when)
    due_.reset();
  state_.pass(now());
  changed();
}

// Not twice with the same count: by the second time somebody else may be under this name.
void presence::offer_to_go() {
  if (!state_.is_quiet() || is_watched() || asking_shared_ || asking_seen_ || offered_ == handled_)
    return;
  offered_ = handled_;
  tell(this, context_->handles->presences, presence_idle{user_, handled_});
}

// --- Watchers ------------------------------------------------------------------------------------

void presence::deliver(watchers::whom which) {
  if (!is_watched())
    return;
  const presence_view view = state_.view(context_->steady_clock());
  const bool known = view.status != shown_status::offline || state_.knows_last_seen();
  const presence_view nothing;
  const auto to = audience_->who.take({known ? digest_of(view) : 0, digest_of(nothing)}, which,
                                      context_->marks->memberships);
  if (!to.friends.empty())
    tell_sessions(to.friends, encode_presence(user_, view));
  if (!to.strangers.empty())
    tell_sessions(to.strangers, encode_presence(user_, nothing));
  if (!known)
    ask_last_seen();
  if (to.some_unknown)
    ask_who_shares(watchers::whom::pending); // those who are not known are pending now
}

void presence::tell_sessions(const std::vector<session_address>& whom, const std::string& envelope,
                             bool is_profile) {
  const auto& shards = context_->handles->shards;
  std::vector<std::vector<std::uint64_t>> numbers(shards.size());
  for (const auto& each : whom)
    numbers[each.shard].push_back(each.number);
  for (std::size_t i = 0; i < shards.size(); ++i)
    if (!numbers[i].empty())
      tell(this, shards[i],
           presence_told{std::make_shared<const std::vector<std::uint64_t>>(std::move(numbers[i])),
                         user_, envelope, is_profile});
}

void presence::ask_who_shares(watchers::whom which) {
  if (asking_shared_) {
    ask_again_ = true;
    return;
  }
  if (!is_watched())
    return;
  const auto& asked = audience_->asked = audience_->who.to_ask(which, context_->marks->memberships);
  if (asked.others.empty())
    return;
  asking_shared_ = true;
  tell(this, context_->handles->reader,
       read_shared{user_, asked.others, asked.at_least, handle_of<presence_actor>(this)});
}

// A tick asks for what is still not known.
void presence::on_shared_found(const shared_found& message) {
  asking_shared_ = false;
  const auto& asked = audience_->asked;
  const bool rest = asked.others.size() == limits::shared_per_query ||
                    (message.found && message.found->reached < asked.others.size());
  if (std::exchange(ask_again_, false) || rest || !message.found)
    await_tick();
  if (message.found) {
    audience_->who.learn(asked, *message.found);
    deliver(watchers::whom::pending);
    tell_profile();
  } else {
    context_->log->warn("presence_unread reason=\"{}\"", message.found.error().message);
  }
  changed();
}

// --- What the user shows of themselves -----------------------------------------------------------

void presence::on_person_changed(const person_changed& message) {
  if (message.last_seen)
    state_.show_last_seen(*message.last_seen);
  if (!message.profile || !is_watched())
    return;
  audience_->profile = encode_profile({}, user_, *message.profile);
  audience_->who.profile_changed();
  tell_profile();
}

// At once to those who are known to share a conversation, to the others when that is known.
void presence::tell_profile() {
  if (!audience_ || audience_->profile.empty())
    return;
  const auto to = audience_->who.take_profile(context_->marks->memberships);
  if (!to.friends.empty())
    tell_sessions(to.friends, audience_->profile, true);
  if (to.some_unknown)
    ask_who_shares(watchers::whom::all);
  else
    audience_->profile.clear();
}

void presence::ask_last_seen() {
  if (std::exchange(asking_seen_, true))
    return;
  tell(this, context_->handles->reader,
       read_seen{user_, context_->marks->committed(), handle_of<presence_actor>(this)});
}

void presence::on_seen_found(const seen_found& message) {
  asking_seen_ = false;
  if (message.found) {
    state_.learn_last_seen(message.found->at, message.found->is_shown);
    deliver(watchers::whom::all);
  } else {
    context_->log->warn("presence_unread reason=\"{}\"", message.found.error().message);
    await_tick(); // asks again
  }
  changed();
}

} // namespace parley
