// Routes commands to conversations in memory, and brings into memory those that are not.
#include "actors/directory.hpp"

#include "actors/conversation.hpp"
#include "actors/limits.hpp"

namespace parley {

namespace {

constexpr std::uint64_t idle_sweeps = limits::conversation_idle / limits::idle_sweep;
static_assert(idle_sweeps > 0);

} // namespace

directory::directory(caf::actor_config& config, context_ptr context)
    : directory_actor::base(config), context_(std::move(context)) {}

directory::behavior_type directory::make_behavior() {
  schedule_sweep();
  return {
      [this](const ask& message) { on_ask(message.what); },
      [this](const went_idle& message) { on_went_idle(message); },
      [this](const passivated& message) { on_passivated(message); },
      [this](const sweep&) { on_sweep(); },
  };
}

void directory::on_exit() {
  for (const auto& [id, each] : conversations_)
    end_actor(each.actor);
  conversations_.clear();
  context_.reset();
}

void directory::schedule_sweep() {
  tell_later(this, handle_of<directory_actor>(this), limits::idle_sweep, sweep{});
}

void directory::on_ask(const request_ptr& asked) {
  entry& found = conversations_[asked->conversation];
  if (!found.actor)
    found.actor = spawn_conversation(asked->conversation);
  found.last_used = sweeps_;
  if (found.leaving)
    found.held.push_back(asked);
  else
    tell(this, found.actor, ask{asked});
}

conversation_actor directory::spawn_conversation(const conversation_id& id) {
  return spawn_actor<conversation, conversation_actor>(this, context_, id);
}

void directory::on_went_idle(const went_idle& message) {
  auto found = conversations_.find(message.conversation);
  if (found != conversations_.end())
    let_go(found->second);
}

void directory::let_go(entry& which) {
  if (which.leaving)
    return;
  which.leaving = true;
  tell(this, which.actor, passivate{});
}

void directory::on_passivated(const passivated& message) {
  auto found = conversations_.find(message.conversation);
  if (found == conversations_.end())
    return;
  entry& left = found->second;
  left.leaving = false;
  if (message.gone && left.held.empty()) {
    conversations_.erase(found);
    return;
  }
  if (message.gone)
    left.actor = spawn_conversation(message.conversation);
  for (const auto& asked : std::exchange(left.held, {}))
    tell(this, left.actor, ask{asked});
}

void directory::on_sweep() {
  ++sweeps_;
  for (auto& [id, each] : conversations_)
    if (sweeps_ - each.last_used > idle_sweeps)
      let_go(each);
  schedule_sweep();
}

} // namespace parley
