// Routes commands to conversations in memory, and brings into memory those that are not.
#include "actors/directory.hpp"

#include "actors/conversation.hpp"
#include "actors/limits.hpp"

namespace parley {

namespace {

constexpr std::uint64_t idle_sweeps = limits::conversation_idle / limits::idle_sweep;
static_assert(idle_sweeps > 0);

} // namespace

directory::directory(caf::actor_config& config, context_ptr context, std::size_t most_in_memory)
    : directory_actor::base(config), context_(std::move(context)), most_in_memory_(most_in_memory) {
}

directory::behavior_type directory::make_behavior() {
  schedule_sweep();
  return {
      [this](const ask& message) { on_ask(message.what); },
      [this](const went_idle& message) { on_went_idle(message); },
      [this](const passivated& message) { on_passivated(message); },
      [this](const creation_settled& message) { on_creation_settled(message); },
      [this](const sweep&) { on_sweep(); },
      [this](const user_forgotten&) { on_forgotten(); },
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

// --- Commands ------------------------------------------------------------------------------------

// Two creations with one client_id may name different conversations: the second is decided when it
// can find out what became of the first.
void directory::on_ask(const request_ptr& asked) {
  if (asked->creation_scope) {
    const auto [others, first] = creating_.try_emplace(*asked->creation_scope);
    if (!first)
      return others->second.push_back(asked);
  }
  pass_on(asked);
}

void directory::on_creation_settled(const creation_settled& message) {
  auto found = creating_.find(message.scope);
  if (found == creating_.end())
    return;
  if (found->second.empty()) {
    creating_.erase(found);
    return;
  }
  const request_ptr next = std::move(found->second.front());
  found->second.pop_front();
  pass_on(next);
}

void directory::pass_on(const request_ptr& asked) {
  entry& found = bring(asked->conversation);
  if (found.leaving)
    found.held.push_back(asked);
  else
    tell(this, found.actor, ask{asked});
}

directory::entry& directory::bring(const conversation_id& id) {
  const auto [found, is_new] = conversations_.try_emplace(id);
  entry& brought = found->second;
  brought.last_used = sweeps_;
  if (is_new) {
    count();
    brought.actor = spawn_conversation(id);
    keep(id, brought);
  } else if (!brought.leaving) {
    by_use_.splice(by_use_.end(), by_use_, brought.in_use);
  }
  return brought;
}

void directory::count() {
  context_->metrics->conversations.set(static_cast<std::int64_t>(conversations_.size()));
  context_->conversation_share->divide_among(conversations_.size());
}

/// As the one that was asked last; the one that was asked least recently may have to make room.
void directory::keep(const conversation_id& id, entry& which) {
  if (by_use_.size() >= most_in_memory_)
    let_go(conversations_.at(by_use_.front()));
  which.in_use = by_use_.insert(by_use_.end(), id);
}

conversation_actor directory::spawn_conversation(const conversation_id& id) {
  auto made = spawn_actor<conversation, conversation_actor>(this, context_, id);
  stop_with(made, "conversation", context_);
  return made;
}

// Who has nothing under way leaves memory, and comes back when somebody asks.
void directory::on_forgotten() {
  for (auto& [id, each] : conversations_) {
    each.is_stale = true;
    let_go(each);
  }
}

// --- Leaving -------------------------------------------------------------------------------------

void directory::on_went_idle(const went_idle& message) {
  auto found = conversations_.find(message.conversation);
  if (found != conversations_.end())
    let_go(found->second);
}

void directory::let_go(entry& which) {
  if (which.leaving)
    return;
  which.leaving = true;
  by_use_.erase(which.in_use);
  tell(this, which.actor, passivate{});
}

void directory::on_passivated(const passivated& message) {
  auto found = conversations_.find(message.conversation);
  if (found == conversations_.end())
    return;
  entry& left = found->second;
  if (message.gone && left.held.empty()) {
    conversations_.erase(found);
    count();
    return;
  }
  left.leaving = false;
  left.last_used = sweeps_;
  keep(message.conversation, left);
  if (message.gone)
    left.actor = spawn_conversation(message.conversation);
  else if (left.is_stale)
    have_reloaded(message.conversation, left);
  left.is_stale = false;
  for (const auto& asked : std::exchange(left.held, {}))
    tell(this, left.actor, ask{asked});
}

void directory::have_reloaded(const conversation_id& id, const entry& which) {
  auto asked = std::make_shared<conversation_request>();
  asked->conversation = id;
  asked->what = reload_conversation{};
  tell(this, which.actor, ask{std::move(asked)});
}

// One that would not go was moved to the end, so the walk ends.
void directory::on_sweep() {
  ++sweeps_;
  while (!by_use_.empty()) {
    entry& oldest = conversations_.at(by_use_.front());
    if (sweeps_ - oldest.last_used <= idle_sweeps)
      break;
    let_go(oldest);
  }
  schedule_sweep();
}

} // namespace parley
