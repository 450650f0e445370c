// Reads all events since a position, conversation by conversation, each in rising order.
#include "actors/limits.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

class event_feed_query {
public:
  event_feed_query(const row_reader& rows, position since, position until)
      : rows_(rows), since_(since), until_(until) {}

  result<event_feed> run(const event_feed_place& from) {
    cursor at = rows_.rows(model_table::conversations);
    bool more = from.conversation.empty() ? at.first() : at.seek(from.conversation.str());
    for (; more; more = at.next()) {
      const conversation_id id{std::string(at.key())};
      const sequence first = id == from.conversation ? from.from : sequence{};
      if (!may_go_on()) {
        feed_.next = event_feed_place{id, first};
        return std::move(feed_);
      }
      auto row = decode_conversation(at.key(), at.value());
      if (!row)
        return row.error();
      if (auto walked = walk(id, *row, first); !walked)
        return walked.error();
      if (feed_.next)
        return std::move(feed_);
    }
    if (at.error())
      return *at.error();
    return std::move(feed_);
  }

private:
  /// A portion that has looked at so much is enough, but it is never empty-handed.
  bool may_go_on() noexcept { return steps_++ < limits::feed_steps; }

  outcome walk(const conversation_id& id, const conversation_row& row, sequence first) {
    if (row.head_position <= since_)
      return success();
    if (row.deleted) { // one that ended later is told of later
      if (row.head_position <= until_)
        feed_.items.push_back({row.head_position, id, row.head, record_kind::deleted, row.kind});
      return success();
    }
    if (row.kept_from > row.head)
      return success();
    if (first.value() == 0) {
      auto found = first_behind(rows_, id, since_, first_kept(row), row.head, steps_);
      if (!found)
        return found.error();
      first = *found;
    }
    first = std::max(first, first_kept(row));
    for (sequence seq = first; seq <= row.head; seq = seq.next()) {
      if (!may_go_on()) {
        feed_.next = event_feed_place{id, seq};
        return success();
      }
      auto event = rows_.required_event(id, seq);
      if (!event)
        return event.error();
      if (event->at > until_)
        break;
      feed_.items.push_back({event->at, id, seq, event->kind, row.kind});
    }
    return success();
  }

  const row_reader& rows_;
  position since_;
  position until_;
  event_feed feed_;
  std::size_t steps_ = 0;
};

} // namespace

result<event_feed> read_event_feed(const row_reader& rows, position since, position until,
                                   const event_feed_place& from) {
  return event_feed_query{rows, since, until}.run(from);
}

result<std::optional<stored_event>>
read_one_event(const row_reader& rows, const conversation_id& conversation, sequence seq) {
  auto in = rows.conversation(conversation);
  if (!in)
    return in.error();
  auto row = rows.event(conversation, seq);
  if (!row)
    return row.error();
  if (!*row || (*in && seq < (*in)->kept_from))
    return std::optional<stored_event>{};
  return std::optional{stored_event{seq, std::string((*row)->event)}};
}

} // namespace parley
