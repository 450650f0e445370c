// A list in the order of waiting, and where each key is in it.
#include "actors/soft_lane.hpp"

#include "actors/limits.hpp"

namespace parley {

namespace {

std::size_t cost_of(const std::string& key, const chunk_ptr& what) {
  return key.size() + what->msgpack().size();
}

} // namespace

void soft_lane::put(std::string key, chunk_ptr what) {
  bytes_ += cost_of(key, what);
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    bytes_ -= cost_of(key, known->second->second);
    known->second->second = std::move(what);
  } else {
    waiting_.emplace_back(key, std::move(what));
    by_key_.emplace(std::move(key), std::prev(waiting_.end()));
  }
  while (size() > limits::soft_entries || bytes_ > limits::soft_bytes)
    drop_oldest();
}

chunk_ptr soft_lane::take() {
  chunk_ptr oldest = waiting_.front().second;
  drop_oldest();
  return oldest;
}

void soft_lane::drop_oldest() {
  const auto& [key, what] = waiting_.front();
  bytes_ -= cost_of(key, what);
  by_key_.erase(key);
  waiting_.pop_front();
}

} // namespace parley
