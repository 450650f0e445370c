// The behaviour of a shard, minus the network. Clients act between the actor's turns, so what it
// sends always takes the way from outside.
#include "tests/support/simulation/memory_shard.hpp"

namespace parley::test {

memory_shard::memory_shard(caf::actor_config& config, context_ptr context, std::uint32_t index,
                           cursor_sealer cursors, std::function<instant()> clock, connect spawn)
    : shard_actor::base(config), context_(std::move(context)), index_(index),
      clock_(std::move(clock)), spawn_(std::move(spawn)),
      state_(index, {"parley", "simulated", "local-fsync", 0, context_->windows},
             std::move(cursors), context_->marks->committed(), *this) {}

memory_shard::behavior_type memory_shard::make_behavior() {
  return {
      [this](const committed& message) { state_.commit(message.batch, clock_()); },
      [this](const answer& message) { state_.answered(answer{message}, clock_()); },
      [this](const admit& message) { state_.admit(message); },
      [this](const refuse& message) { state_.refused(message, clock_()); },
      [](const renew&) {},
      [this](const caught_up& message) { state_.caught_up(message, clock_()); },
      [this](const whispered& message) { state_.whispered(message, clock_()); },
      [this](const presence_told& message) { state_.presence_told(message, clock_()); },
      [this](const session_ended& message) { state_.session_ended(message, clock_()); },
      [this](const throttle& message) { throttled_ = message.on; },
      [](const drain&) {},
      [this](const user_ended& message) { state_.user_ended(message, clock_()); },
  };
}

void memory_shard::dispatch(session& from, envelope asked) {
  tell_from_outside(connections_[from.number()], command_received{std::move(asked)});
}

void memory_shard::read(read_catch_up query) {
  tell_from_outside(context_->handles->reader, std::move(query));
}

void memory_shard::report(sessions_reported what) {
  if (!silent)
    tell_from_outside(context_->handles->presences, std::move(what));
}

std::uint64_t memory_shard::open() {
  session& made = state_.open(encoding::msgpack, clock_());
  connections_[made.number()] = spawn_({index_, made.number()});
  return made.number();
}

void memory_shard::say(std::uint64_t session, envelope asked) {
  if (auto* from = state_.find(session); from && from->wants_commands())
    state_.command(*from, std::move(asked));
}

std::vector<std::string> memory_shard::take(std::uint64_t session, std::size_t most) {
  std::vector<std::string> taken;
  auto* of = state_.find(session);
  while (of && !of->out().empty() && taken.size() < most) {
    taken.push_back(of->out().front()->msgpack());
    of->out().pop();
    state_.progressed(*of, clock_());
  }
  return taken;
}

bool memory_shard::has_ended(std::uint64_t session) {
  auto* of = state_.find(session);
  return of == nullptr || (of->end() && of->out().empty());
}

void memory_shard::close(std::uint64_t session) {
  if (auto found = connections_.find(session); found != connections_.end()) {
    tell_from_outside(found->second, connection_closed{});
    connections_.erase(found);
  }
  state_.closed(session);
}

} // namespace parley::test
