// The queue of places to be looked up: written by the walk through the store, taken in the log's
// order.
#include <utility>

#include "persistence/search/search_index.hpp"

namespace parley {

outcome search_index::queue(const std::vector<message_place>& places) {
  if (auto begun = begin(); !begun)
    return begun;
  for (const auto& each : places) {
    auto put = do_.queue.rewind()
                   .bind(static_cast<std::int64_t>(each.at.value()))
                   .bind(each.conversation.str())
                   .bind(static_cast<std::int64_t>(each.seq.value()))
                   .run();
    if (!put)
      return kept(put);
  }
  return success();
}

result<std::vector<message_place>> search_index::take_queued(std::size_t most) {
  if (auto begun = begin(); !begun)
    return begun.error();
  std::vector<message_place> taken;
  do_.queued.rewind().bind(static_cast<std::int64_t>(most));
  for (;;) {
    auto more = do_.queued.step();
    if (!more)
      return kept(more.error()).error();
    if (!*more)
      break;
    taken.push_back({position{static_cast<std::uint64_t>(do_.queued.number_at(0))},
                     conversation_id{std::string(do_.queued.text_at(1))},
                     sequence{static_cast<std::uint64_t>(do_.queued.number_at(2))}});
  }
  do_.queued.rewind();
  for (const auto& each : taken) {
    auto removed = do_.unqueue.rewind()
                       .bind(static_cast<std::int64_t>(each.at.value()))
                       .bind(each.conversation.str())
                       .bind(static_cast<std::int64_t>(each.seq.value()))
                       .run();
    if (!removed)
      return kept(removed).error();
  }
  return taken;
}

outcome search_index::clear_queue() {
  if (auto begun = begin(); !begun)
    return begun;
  return kept(file_->run("DELETE FROM queue"));
}

} // namespace parley
