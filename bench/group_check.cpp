// Conversations by their id, and in each its followers by their connection.
#include "bench/group_check.hpp"

#include <algorithm>

namespace parley::bench {

std::size_t GroupCheck::add(std::string id, std::uint64_t head,
                            std::span<const std::size_t> followers) {
  const auto place = groups_.size();
  if (!places_.emplace(id, place).second)
    fail("the server gave two conversations the id ", id);
  groups_.push_back({std::move(id), head, head, 0, {}});
  auto& list = groups_.back().followers;
  list.reserve(followers.size());
  for (const auto connection : followers)
    list.push_back({connection, head});
  std::sort(list.begin(), list.end(),
            [](const Follower& a, const Follower& b) { return a.connection < b.connection; });
  return place;
}

std::size_t GroupCheck::find(const Connection& connection, const Envelope& envelope) const {
  const auto at = places_.find(envelope.conversation);
  if (at == places_.end())
    connection.fail_here("got `", envelope.type, "` of the unknown conversation ",
                         envelope.conversation);
  return at->second;
}

std::size_t GroupCheck::acknowledged(const Connection& connection, const Envelope& sent) {
  const auto place = find(connection, sent);
  Group& group = groups_[place];
  group.head = std::max(group.head, sent.seq);
  ++group.acknowledged;
  expected_ += group.followers.size();
  return place;
}

std::size_t GroupCheck::received(const Connection& connection, const Envelope& event) {
  const auto place = find(connection, event);
  auto& list = groups_[place].followers;
  const auto at = std::lower_bound(
      list.begin(), list.end(), connection.index(),
      [](const Follower& each, std::size_t index) { return each.connection < index; });
  if (at == list.end() || at->connection != connection.index())
    connection.fail_here("got `", event.type,
                         "` of a conversation it is not to get: ", event.conversation);
  if (event.type != "message" || event.seq != at->last_seq + 1)
    connection.fail_here("got `", event.type, "` ", event.conversation, " seq ", event.seq,
                         ", expected `message` seq ", at->last_seq + 1);
  ++at->last_seq;
  ++deliveries_;
  return place;
}

void GroupCheck::verify() const {
  for (const auto& group : groups_) {
    if (group.head != group.head_at_start + group.acknowledged)
      fail("conversation ", group.id, " went from seq ", group.head_at_start, " to ", group.head,
           " with ", group.acknowledged, " acknowledged messages");
    for (const auto& each : group.followers)
      if (each.last_seq != group.head)
        fail("connection ", each.connection, " stands at seq ", each.last_seq, ", conversation ",
             group.id, " at ", group.head);
  }
}

} // namespace parley::bench
