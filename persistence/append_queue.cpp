// Group commit's book-keeping.
#include "persistence/append_queue.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "actors/limits.hpp"
#include "persistence/record_codec.hpp"

namespace parley {

namespace {

std::size_t cost_of(const append& what) {
  std::size_t bytes = encoded_bound(*what.what);
  for (const auto& ack : what.acks)
    bytes += sizeof(reply) + ack.envelope.size();
  return bytes;
}

} // namespace

std::optional<failure> append_queue::push(append& what) {
  const record& entry = *what.what;
  if (!is_storable(entry))
    return failure{error_code::internal, "this cannot be stored", {}};
  if (is_of_conversation(entry.kind)) {
    const auto known = granted_.find(entry.conversation);
    if (known != granted_.end() && follows(entry) != known->second.last)
      return failure{
          error_code::unavailable, "what came before could not be stored; try again", {}};
    granted_[entry.conversation] = {entry.seq, {}};
  }
  bytes_ += cost_of(what);
  waiting_.push_back(std::move(what));
  return {};
}

const std::vector<append>& append_queue::take() {
  std::size_t bytes = 0;
  while (!waiting_.empty() && taken_.size() < limits::batch_records) {
    bytes += encoded_bound(*waiting_.front().what);
    if (!taken_.empty() && bytes > limits::batch_bytes)
      break;
    taken_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken_;
}

std::vector<append> append_queue::committed(position at) {
  for (const auto& each : taken_) {
    bytes_ -= cost_of(each);
    if (!is_of_conversation(each.what->kind))
      continue;
    auto& known = granted_[each.what->conversation];
    if (known.last == each.what->seq)
      known.at = at;
  }
  return std::exchange(taken_, {});
}

std::vector<append> append_queue::failed() {
  std::unordered_set<conversation_id> broken;
  for (const auto& each : taken_) {
    const record& entry = *each.what;
    if (is_of_conversation(entry.kind) && broken.insert(entry.conversation).second)
      grant_again(entry);
  }
  const auto stays = [&](const append& each) { return !broken.contains(each.what->conversation); };
  const auto behind = std::stable_partition(waiting_.begin(), waiting_.end(), stays);
  std::vector<append> all = std::exchange(taken_, {});
  all.insert(all.end(), std::make_move_iterator(behind), std::make_move_iterator(waiting_.end()));
  waiting_.erase(behind, waiting_.end());
  for (const auto& each : all)
    bytes_ -= cost_of(each);
  return all;
}

// Nothing waits behind a creation, so one that failed leaves nothing to remember.
void append_queue::grant_again(const record& first) {
  if (follows(first).value() == 0)
    granted_.erase(first.conversation);
  else
    granted_[first.conversation] = {follows(first), {}};
}

std::vector<append> append_queue::drop_all() {
  std::vector<append> all = std::exchange(taken_, {});
  all.insert(all.end(), std::make_move_iterator(waiting_.begin()),
             std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  bytes_ = 0;
  return all;
}

// The scan is paid for by the conversations that came since the last one.
void append_queue::forget(position applied) {
  if (granted_.size() <= forget_beyond_)
    return;
  std::erase_if(granted_, [&](const auto& each) {
    return each.second.at.value() > 0 && each.second.at <= applied;
  });
  forget_beyond_ = std::max<std::size_t>(16'384, 2 * granted_.size());
}

} // namespace parley
