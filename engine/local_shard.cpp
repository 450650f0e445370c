// Between an actor's turns nothing happens here, so each turn ends by looking at whom it concerned.
#include "engine/local_shard.hpp"

#include <utility>

#include "actors/command_form.hpp"
#include "actors/engine.hpp"
#include "actors/limits_of_participants.hpp"

namespace parley {

local_shard::local_shard(caf::actor_config& config, context_ptr context, std::uint32_t index,
                         server_facts facts, cursor_sealer cursors,
                         std::shared_ptr<roll_call> seats)
    : participants_actor::base(config), context_(std::move(context)), index_(index),
      seats_(std::move(seats)),
      state_(std::make_unique<shard_state>(index, std::move(facts), std::move(cursors),
                                           context_->marks->committed(),
                                           static_cast<shard_port&>(*this))) {
  state_->count_into(context_->metrics);
}

local_shard::behavior_type local_shard::make_behavior() {
  tell_later(this, handle_of<participants_actor>(this), limits::shard_tick, participants_due{});
  const auto then = [this](auto&& does) {
    does();
    settle();
  };
  return {
      [this, then](const committed& message) {
        then([&] { state_->commit(message.batch, now()); });
      },
      [this, then](answer& message) { then([&] { state_->answered(std::move(message), now()); }); },
      [this](const struct admit& message) { state_->admit(message); },
      [this, then](const refuse& message) { then([&] { state_->refused(message, now()); }); },
      [](const renew&) {}, // nobody's token is waited for to expire
      [this, then](const struct caught_up& message) {
        then([&] { state_->caught_up(message, now()); });
      },
      [this, then](const struct whispered& message) {
        then([&] { state_->whispered(message, now()); });
      },
      [this, then](const struct presence_told& message) {
        then([&] { state_->presence_told(message, now()); });
      },
      [this, then](const struct session_ended& message) {
        then([&] { state_->session_ended(message, now()); });
      },
      [this, then](const throttle& message) {
        then([&] {
          is_throttled_ = message.on;
          for (auto& [number, each] : attendees_)
            mark(*each);
        });
      },
      [this, then](const drain&) { then([&] { on_drain(); }); },
      [this, then](const struct user_ended& message) {
        then([&] { state_->user_ended(message, now()); });
      },
      [this, then](const participant_joined& message) { then([&] { on_joined(message); }); },
      [this, then](participant_said& message) { then([&] { on_said(message); }); },
      [this, then](const participant_took& message) { then([&] { on_took(message); }); },
      [this, then](const participant_left& message) { then([&] { on_left(message); }); },
      [this, then](const participant_ended& message) { then([&] { on_ended(message); }); },
      [this, then](const participants_due&) { then([&] { on_due(); }); },
  };
}

// Sent as from outside: an actor that ends sends nothing itself.
void local_shard::on_exit() {
  for (auto& [number, each] : attendees_) {
    tell_from_outside(each->connection, connection_closed{});
    tell_from_outside(each->to, parted{number, close_code::restart, "restart"});
    seats_->ended();
  }
  attendees_.clear();
  state_.reset();
  context_.reset();
}

// --- Who takes part ------------------------------------------------------------------------------

void local_shard::on_joined(const participant_joined& message) {
  if (is_draining_) {
    tell(this, message.to, parted{message.number, close_code::restart, "restart"});
    return seats_->ended();
  }
  auto& slot = attendees_[message.number];
  slot = std::make_unique<attendee>();
  slot->number = message.number;
  slot->to = message.to;
  slot->seat = &state_->open(encoding::msgpack, now());
  slot->seat->socket = slot.get();
  slot->connection =
      spawn_participant(home_system(), context_, {index_, slot->seat->number()}, message.who);
  if (watched_.insert(message.to.id()).second) // once, however often it comes and goes
    tell_at_end_of(message.to, handle_of<participants_actor>(this),
                   participant_ended{message.to.id()});
  hello greeting;
  if (!message.who.device.empty())
    greeting.device = message.who.device;
  greeting.since = message.since;
  state_->command(*slot->seat, {{}, std::move(greeting)});
}

void local_shard::on_said(participant_said& message) {
  attendee* who = find(message.number);
  if (who == nullptr || who->seat->end())
    return;
  mark(*who);
  const reference ref = is_reference(message.asked.ref) ? message.asked.ref : reference{};
  auto formed = take_form(message.asked.what);
  if (formed && !is_reference(message.asked.ref))
    formed = failure{error_code::bad_request, "ref is too long or no text", {}};
  if (!formed)
    return state_->reject(*who->seat, ref, formed.error(), now());
  if (who->waiting.size() >= limits::participant_commands)
    return state_->reject(
        *who->seat, ref,
        {error_code::rate_limited, "too many commands wait", limits::participant_retry}, now());
  who->waiting.push_back(std::move(message.asked)); // settle starts it
}

void local_shard::on_took(const participant_took& message) {
  attendee* who = find(message.number);
  if (who == nullptr || !std::exchange(who->is_reading, false))
    return;
  state_->progressed(*who->seat, now());
  mark(*who);
}

void local_shard::on_left(const participant_left& message) {
  if (find(message.number) != nullptr)
    forget(message.number);
}

void local_shard::on_ended(const participant_ended& message) {
  std::vector<std::uint64_t> theirs;
  for (const auto& [number, each] : attendees_)
    if (each->to.id() == message.actor)
      theirs.push_back(number);
  for (const auto number : theirs)
    forget(number);
  watched_.erase(message.actor);
}

void local_shard::on_due() {
  state_->tick(now());
  tell_later(this, handle_of<participants_actor>(this), limits::shard_tick, participants_due{});
}

void local_shard::on_drain() {
  is_draining_ = true;
  for (auto& [number, each] : attendees_)
    mark(*each);
}

// --- What the state asks for ---------------------------------------------------------------------

void local_shard::dispatch(session& from, envelope asked) {
  tell(this, static_cast<attendee*>(from.socket)->connection, command_received{std::move(asked)});
}

void local_shard::wake(session& to) {
  if (to.socket != nullptr)
    mark(*static_cast<attendee*>(to.socket));
}

void local_shard::read(read_catch_up query) {
  tell(this, context_->handles->reader, std::move(query));
}

void local_shard::report(sessions_reported what) {
  tell(this, context_->handles->presences, std::move(what));
}

// --- The end of a turn ---------------------------------------------------------------------------

local_shard::attendee* local_shard::find(std::uint64_t number) {
  const auto found = attendees_.find(number);
  return found == attendees_.end() ? nullptr : found->second.get();
}

void local_shard::mark(attendee& who) {
  if (!std::exchange(who.is_woken, true))
    woken_.push_back(who.number);
}

// To start a command may wake others, who are looked at in the next round.
void local_shard::settle() {
  while (!woken_.empty())
    for (const auto number : std::exchange(woken_, {}))
      if (attendee* who = find(number)) {
        who->is_woken = false;
        settle(*who);
      }
}

void local_shard::settle(attendee& who) {
  pump(who);
  if (is_draining_ && !who.seat->end() && who.waiting.empty() && who.seat->commands().size() == 0)
    state_->dismiss(*who.seat, "restart", close_code::restart, now());
  if (who.seat->end())
    part_with(who);
  else
    deliver(who, false);
}

bool local_shard::may_ask(attendee& who) const {
  const bool is_greeting = who.seat->phase() == session_phase::greeting;
  return who.seat->wants_commands() && (!is_throttled_ || is_greeting);
}

void local_shard::pump(attendee& who) {
  while (!who.waiting.empty() && may_ask(who)) {
    envelope next = std::move(who.waiting.front());
    who.waiting.pop_front();
    state_->command(*who.seat, std::move(next), now());
  }
}

void local_shard::deliver(attendee& who, bool all) {
  outbox& out = who.seat->out();
  if (out.empty() || (who.is_reading && !all))
    return;
  delivery next{who.number, {}};
  std::size_t bytes = 0;
  while (!out.empty() && (all || next.what.empty() ||
                          bytes + out.front()->msgpack().size() <= limits::delivery_bytes)) {
    bytes += out.front()->msgpack().size();
    next.what.push_back(out.front());
    out.pop();
  }
  who.is_reading = true;
  tell(this, who.to, std::move(next));
}

void local_shard::part_with(attendee& who) {
  deliver(who, true);
  const session_end how = *who.seat->end();
  if (how.reason == "too slow")
    context_->metrics->slow_readers_closed.add();
  tell(this, who.to, parted{who.number, how.code, how.reason});
  forget(who.number);
}

void local_shard::forget(std::uint64_t number) {
  const auto found = attendees_.find(number);
  tell(this, found->second->connection, connection_closed{});
  state_->closed(found->second->seat->number());
  attendees_.erase(found);
  seats_->ended();
}

} // namespace parley
