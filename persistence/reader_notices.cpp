// What the reader is asked about notifications.
#include <utility>

#include "persistence/reader.hpp"

namespace parley {

namespace {

/// Messages of a portion of the feed; what was edited is looked at once more, in vain.
result<recent_messages> recent_of(const model_reader& model, const read_recent& query) {
  auto feed = model.feed(query.since, query.until, {query.from.first, query.from.second});
  if (!feed)
    return feed.error();
  recent_messages found;
  for (auto& each : feed->items)
    found.items.push_back({std::move(each.conversation), each.seq, each.at});
  if (feed->next)
    found.next.emplace(feed->next->conversation, feed->next->below);
  return found;
}

} // namespace

void reader::on_notifiable(const read_notifiable& query) {
  when(read_kind::notices, query.at_least, std::hash<conversation_id>{}(query.conversation),
       [model = model_, query] {
         tell_from_outside(query.to,
                           notifiable_found{query.conversation, query.look,
                                            model->who_has_not_read({query.conversation, query.last,
                                                                     query.behind, query.now})});
       });
}

void reader::on_recent(const read_recent& query) {
  when(read_kind::notices, query.until, 0, [model = model_, query] {
    tell_from_outside(query.to, recent_found{recent_of(*model, query)});
  });
}

} // namespace parley
