// Keeps recent idempotency keys within bounds without ever claiming what it does not know.
#include "actors/key_memory.hpp"

#include "actors/limits.hpp"

namespace parley {

key_memory::answer key_memory::ask(const idempotency_key& key) const {
  if (known_.contains(key))
    return answer::known;
  const bool complete = complete_ && key.scope == own_;
  return complete || absent_.contains(key) ? answer::unknown : answer::look_up;
}

void key_memory::add(const idempotency_key& key, known_command what) {
  absent_.erase(key);
  known_.insert_or_assign(key, std::move(what));
}

void key_memory::committed(const idempotency_key& key, position at) { order_.push_back({key, at}); }

void key_memory::learn(const idempotency_key& key, const std::optional<known_command>& found) {
  if (found && known_.try_emplace(key, *found).second)
    order_.push_back({key, position{}});
  else if (!found && !known_.contains(key))
    absent_.insert(key);
}

void key_memory::trim(position applied) {
  while (order_.size() > limits::keys_in_memory && order_.front().at <= applied) {
    known_.erase(order_.front().key);
    order_.pop_front();
    complete_ = false;
  }
}

} // namespace parley
