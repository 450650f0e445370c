// Keeps recent idempotency keys within bounds without ever claiming what it does not know.
#include "actors/key_memory.hpp"

#include "actors/limits.hpp"

namespace parley {

key_memory::answer key_memory::ask(const idempotency_key& key) const {
  if (known_.contains(key))
    return answer::known;
  return is_new(key) || absent_.contains(key) ? answer::unknown : answer::look_up;
}

bool key_memory::is_new(const idempotency_key& key) const {
  return complete_ && key.scope == own_ && !forgotten_.may_contain(known_.hash_function()(key));
}

void key_memory::add(const idempotency_key& key, known_command what) {
  absent_.erase(key);
  known_.insert_or_assign(key, std::move(what));
}

void key_memory::committed(const idempotency_key& key, position at) {
  if (const auto known = known_.find(key); known != known_.end())
    order_.push_back({&*known, at});
}

void key_memory::learn(const idempotency_key& key, const std::optional<known_command>& found) {
  if (!found) {
    if (!known_.contains(key))
      absent_.insert(key);
  } else if (const auto [known, is_added] = known_.try_emplace(key, *found); is_added) {
    order_.push_back({&*known, position{}});
  }
}

void key_memory::trim(position applied, std::size_t most) {
  while (order_.size() > most && order_.front().at <= applied)
    forget_oldest();
}

void key_memory::forget_oldest() {
  const auto oldest = known_.find(order_.front().what->first);
  order_.pop_front();
  if (complete_ && oldest->first.scope == own_)
    forgotten_.add(known_.hash_function()(oldest->first));
  known_.erase(oldest);
  if (forgotten_.size() < limits::keys_told_from_new)
    return;
  complete_ = false;
  forgotten_.clear();
}

} // namespace parley
